"""Which courier is meant, and whether parcels may be given to them (O8)."""

from dataclasses import dataclass

from kefu.people import queries as people


@dataclass(frozen=True, slots=True)
class Courier:
    """By 工号 and name; ``problem`` is a code when parcels may not be given to them."""

    number: str
    name: str = ""
    problem: str = ""


def courier_of(given: str, site_id: int) -> Courier:
    """By 工号, or by a name only one active person of the site bears."""
    text = given.strip()
    if not text:
        return Courier("", problem="courier_missing")
    staff = people.staff_by_number(text)
    if staff is None:
        named = [one for one in people.active_called({text}) if one.site_id == site_id]
        staff = named[0] if len(named) == 1 else None
    if staff is None:
        return Courier(text[:20], problem="courier_unknown")
    if not staff.is_active:
        return Courier(staff.staff_no, staff.name, "courier_inactive")
    problem = "" if staff.site_id == site_id else "courier_elsewhere"
    return Courier(staff.staff_no, staff.name, problem)


def name_of(number: str) -> str:
    """The name behind a 工号, or what was written."""
    staff = people.staff_by_number(number) if number else None
    return f"{staff.name} {number}" if staff else number
