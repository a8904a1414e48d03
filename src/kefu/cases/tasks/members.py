"""Who answers for which department of which site, and where a case's question goes (CASE9)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.cases.models import Member
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Department, Handbook
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, NotFound
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission


def book_at(site_id: int, now: datetime) -> Handbook | None:
    """The handbook in force at a site; a question is asked by today's, whatever the case was opened under."""
    site = people.sites_by_id().get(site_id)
    try:
        return handbooks.book_at(site.handbook, now) if site else None
    except NotInForce:
        return None


def departments(site_id: int, now: datetime) -> dict[str, Department]:
    """Departments the handbook of a site knows, by key."""
    book = book_at(site_id, now)
    return book.departments if book else {}


def place_of(site_id: int, department: str) -> int | None:
    """The site whose department answers for a case's site: the nearest on the way up that has members."""
    line = people.line_of(site_id)
    manned = set(Member.objects.filter(site_id__in=line, department=department).values_list("site_id", flat=True))
    return next((one for one in reversed(line) if one in manned), None)


def staff_of(site_id: int, department: str) -> list[int]:
    """Members who still work here, by id."""
    rows = Member.objects.filter(site_id=site_id, department=department, staff__is_active=True)
    return list(rows.order_by("staff_id").values_list("staff_id", flat=True))


def staff_of_many(places: Iterable[tuple[int, str]]) -> dict[tuple[int, str], list[int]]:
    """The same for several departments in one query."""
    wanted = set(places)
    found: dict[tuple[int, str], list[int]] = {place: [] for place in wanted}
    rows = Member.objects.filter(site_id__in={site for site, _key in wanted}, staff__is_active=True).order_by("staff_id")
    for site, key, staff in rows.values_list("site_id", "department", "staff_id"):
        if (site, key) in found:
            found[site, key].append(staff)
    return found


def places_of(actor: Actor) -> list[tuple[int, str]]:
    """Departments one is a member of: site and key. Nobody without the permission is of any."""
    if not actor.may(Permission.TASK_ANSWER) or actor.staff_id is None:
        return []
    return list(Member.objects.filter(staff_id=actor.staff_id).order_by("pk").values_list("site_id", "department"))


def visible(actor: Actor) -> QuerySet[Member]:
    """Members at the sites in reach, for who sees people."""
    if not actor.may(Permission.PEOPLE_VIEW):
        return Member.objects.none()
    return in_reach(Member.objects.select_related("site", "staff"), actor).order_by("site_id", "department", "staff__staff_no")


def join(*, actor: Actor, site_id: int, department: str, staff_id: int, now: datetime) -> Member:
    """Make somebody a member of a site's department; doing it twice changes nothing.

    They may work at another site: a warehouse answers for several. Raises ``Invalid`` for a department the site's handbook does not know.
    """
    require(actor, Permission.PEOPLE_EDIT)
    site = people_access.get_site(actor, site_id)
    staff = people_access.get_staff(actor, staff_id)
    wrong = {}
    if department not in departments(site_id, now):
        wrong["department"] = _("该站点的手册没有这个部门，请选择列表中的部门。")
    if not staff.is_active or Permission.TASK_ANSWER not in people_access.actor_for(staff).permissions | {"*"}:
        wrong["staff"] = _("请选择在岗人员。")
    if wrong:
        raise Invalid(fields=wrong)
    known = Member.objects.filter(site_id=site_id, department=department, staff_id=staff_id).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            row = Member.objects.create(site=site, department=department, staff=staff, since=now, added_by=actor.name)
            _record(actor, "department.joined", row, now)
    except IntegrityError:  # somebody else did it in the same moment
        return Member.objects.get(site_id=site_id, department=department, staff_id=staff_id)
    return row


def leave(*, actor: Actor, member_id: int, now: datetime) -> None:
    """Let a member go; what they took goes back to their colleagues."""
    from kefu.cases.tasks.working import put_back_all

    require(actor, Permission.PEOPLE_EDIT)
    row = in_reach(Member.objects.select_related("site", "staff"), actor).filter(pk=member_id).first()
    if row is None:
        raise NotFound
    with transaction.atomic():
        put_back_all(row.site_id, row.department, row.staff_id)
        _record(actor, "department.left", row, now)
        row.delete()


def _record(actor: Actor, action: str, row: Member, now: datetime) -> None:
    data = {"department": row.department, "staff": row.staff_id}
    audit.record(actor, action, Ref("member", row.pk, f"{row.staff.name} {row.staff.staff_no}"), now=now, site_id=row.site_id, data=data)
