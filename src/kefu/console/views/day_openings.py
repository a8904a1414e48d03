"""From a figure to the rows it counts: every number of the day page opens (working rule 7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kefu.console import times
from kefu.console.views.inspection_filters import Period, address
from kefu.kernel.actor import Actor
from kefu.performance import queries as performance

_MEASURES = {measure.key: measure for measure in performance.MEASURES}
# How each list names the people it is narrowed to, and the days.
_PEOPLE = {"cases": "assignee"}
_DAYS = {"cases_closed": ("closed_since", "closed_until")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, in words, and where it leads."""

    value: Decimal
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose figures are shown: a site, a team, or all in reach."""

    site: int | None = None
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Openings:
    """Addresses of the lists behind the numbers of some days."""

    actor: Actor
    span: Period
    choice: Choice

    def of(
        self,
        key: str,
        *,
        site: int | None = None,
        staff: int | None = None,
        span: Period | None = None,
        hour: int | None = None,
        **more: str,
    ) -> str:
        """The rows a measure counts: of a site or a person instead of all that is chosen, of one day, of one hour of it."""
        measure = _MEASURES[key]
        query = {
            **dict(measure.filters),
            **self._days(key, span or self.span, hour),
            "site": str(site or self.choice.site or ""),
            "team": str(self.choice.team or "") if staff is None else "",
            _PEOPLE.get(measure.opens, "staff"): str(staff or ""),
        }
        if key == "inspected":
            query["result"] = "done"
        return address(measure.opens, self.actor, {**query, **more})

    def _days(self, key: str, span: Period, hour: int | None) -> dict[str, str]:
        since, until = _DAYS.get(key, ("since", "until"))
        if hour is None:
            return {since: span.since.isoformat(), until: span.until.isoformat()}
        if _MEASURES[key].opens != "cases":
            return {**span.query, "hour": str(hour)}
        start = span.start().replace(hour=hour)
        return {since: _moment(start), until: _moment(start + timedelta(hours=1))}

    def cell(self, key: str, value: Decimal, *, site: int | None = None, staff: int | None = None) -> Cell:
        """A figure with its list; nothing opens nothing."""
        return Cell(value, worded(key, value), self.of(key, site=site, staff=staff) if value else "")


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def worded(key: str, value: Decimal) -> str:
    """A figure as it is printed."""
    return times.money(value) if key == "money" else times.number(value, 0 if value == value.to_integral_value() else 1)
