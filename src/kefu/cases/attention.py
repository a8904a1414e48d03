"""Following cases, what one has seen of them, being reminded, and being mentioned (CASE8). One's own marks: no audit, no event."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.cases import access
from kefu.cases.models import Attention, Case, Entry, Notice
from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid
from kefu.people import queries as people
from kefu.people.access import actor_for
from kefu.people.permissions import Permission

MOST_MENTIONS = 20
_FARTHEST = timedelta(days=90)
_MENTION = re.compile(r"@([\w·]{2,24})")
_NAME = range(6, 1, -1)


def _person(actor: Actor) -> int:
    if actor.staff_id is None:
        raise Denied(_("只有登录的人员可以关注工单。"), code="person_only")
    return actor.staff_id


def _mark(actor: Actor, case_id: int, **changes: datetime | None) -> Attention:
    case = access.get_for(actor, case_id)
    staff_id = _person(actor)
    row, _made = Attention.objects.update_or_create(staff_id=staff_id, case_id=case.pk, defaults=changes)
    return row


def follow(*, actor: Actor, case_id: int, now: datetime) -> Attention:
    """Follow the case 关注: one is told when the customer says something."""
    return _mark(actor, case_id, followed_at=now)


def unfollow(*, actor: Actor, case_id: int) -> Attention:
    """Follow it no more."""
    return _mark(actor, case_id, followed_at=None)


def snooze(*, actor: Actor, case_id: int, until: datetime | None, now: datetime) -> Attention:
    """Be reminded of the case at a moment within 90 days, or (``None``) not any more."""
    if until is not None and not now < until <= now + _FARTHEST:
        raise Invalid(fields={"until": _("请选择 90 天以内的将来时间。")})
    return _mark(actor, case_id, wake_at=until)


def wake(*, now: datetime, batch: int = 500) -> int:
    """Put a notice for everybody whose moment has come; returns how many."""
    rows = list(Attention.objects.filter(wake_at__lte=now).order_by("wake_at")[:batch])
    with transaction.atomic():
        Notice.objects.bulk_create(
            [Notice(staff_id=row.staff_id, case_id=row.case_id, what="wake", at=row.wake_at) for row in rows if row.wake_at],
            ignore_conflicts=True,
        )
        Attention.objects.filter(pk__in=[row.pk for row in rows], wake_at__lte=now).update(wake_at=None)
    return len(rows)


def see_row(actor: Actor, case_id: int, entry_id: int) -> None:
    """Move one's place forward, never back; the case is known to be in sight."""
    if actor.staff_id is None:
        return
    rows = Attention.objects.filter(staff_id=actor.staff_id, case_id=case_id)
    if rows.filter(seen_entry__lt=entry_id).update(seen_entry=entry_id) or rows.exists():
        return
    Attention.objects.bulk_create([Attention(staff_id=actor.staff_id, case_id=case_id, seen_entry=entry_id)], ignore_conflicts=True)


def see(*, actor: Actor, case_id: int, entry_id: int, now: datetime) -> int:
    """Note that one has read the case up to an entry (what does not exist yet is not seen); its notices are seen with it.

    Returns the entry it is seen up to.
    """
    case = access.get_for(actor, case_id)
    _person(actor)
    last = Entry.objects.filter(case=case, pk__lte=min(entry_id, 2**63 - 1)).aggregate(last=Max("pk"))["last"] or 0
    see_row(actor, case.pk, last)
    Notice.objects.filter(staff_id=actor.own_id, case=case, seen_at=None).update(seen_at=now)
    return last


def of(actor: Actor, case_id: int) -> Attention:
    """One's marks on a case; an unsaved empty row when there are none."""
    return marks(actor, access.get_for(actor, case_id))


def marks(actor: Actor, case: Case) -> Attention:
    """The same for a case that is in sight already; one query."""
    found = prepared.first(_mine, staff_id=actor.own_id, case_id=case.pk) or Attention(staff_id=actor.own_id)
    found.case = case
    return found


def _mine(**equal: Any) -> QuerySet[Attention]:
    return Attention.objects.filter(**equal)[:1]


def unread(actor: Actor, cases: Iterable[Case]) -> set[int]:
    """Keys of those of the given cases where the customer said something one has not seen; one query."""
    said = {case.pk: case.last_said for case in cases if case.last_said is not None}
    if not said:
        return set()
    rows = Attention.objects.filter(staff_id=actor.own_id, case_id__in=said)
    seen = dict(rows.values_list("case_id", "seen_entry"))
    return {pk for pk, entry in said.items() if seen.get(pk, 0) < entry}


def followers(case_id: int) -> list[int]:
    """Staff who follow a case."""
    return list(Attention.objects.filter(case_id=case_id, followed_at__isnull=False).values_list("staff_id", flat=True))


def tell(case: Case, what: str, *, now: datetime, but: int = 0) -> None:
    """Put a notice for the assignee and the followers, in the caller's transaction."""
    receivers = {*followers(case.pk), *([case.assignee_id] if case.assignee_id else [])} - {but}
    Notice.objects.bulk_create([Notice(staff_id=staff, case=case, what=what, at=now) for staff in sorted(receivers)], ignore_conflicts=True)


def mentioned(case: Case, text: str) -> list[int]:
    """Staff named ``@工号`` or ``@姓名`` who may see the case; of people of one name those of the case's own site come first."""
    tokens = list(dict.fromkeys(_MENTION.findall(text)))[:MOST_MENTIONS]
    if not tokens:
        return []
    # Nothing separates a name from the words behind it: every beginning is asked for, and the longest known one counts.
    wanted = {token: list(dict.fromkeys([token, *(token[:size] for size in _NAME)])) for token in tokens}
    found: dict[str, list[tuple[int, int]]] = {}
    for staff in people.active_called({one for names in wanted.values() for one in names}):
        actor = actor_for(staff)
        if actor.may(Permission.CASE_VIEW) and actor.reaches(case.site_id):
            for key in {staff.staff_no, staff.name}:
                found.setdefault(key, []).append((staff.pk, staff.site_id))
    chosen: dict[int, None] = {}
    for names in wanted.values():
        people_ = next((found[name] for name in names if name in found), [])
        near = [pk for pk, site in people_ if site == case.site_id]
        chosen |= dict.fromkeys(near or [pk for pk, _site in people_])
    return list(chosen)


def mention(actor: Actor, case: Case, text: str, *, now: datetime) -> list[int]:
    """Tell those a text names; in the caller's transaction. Returns who."""
    found = [pk for pk in mentioned(case, text) if pk != actor.own_id] if "@" in text else []
    Notice.objects.bulk_create([Notice(staff_id=pk, case=case, what="mention", at=now) for pk in found], ignore_conflicts=True)
    return found


def mentionable(actor: Actor, case_id: int, text: str = "", *, limit: int = 20) -> list[tuple[int, str, str]]:
    """People of the case's site to mention, by beginning of 工号 or part of the name: id, name, 工号."""
    case = access.get_for(actor, case_id)
    rows = people.active_matching(case.site_id, text.strip()[:24])
    return [(staff.pk, staff.name, staff.staff_no) for staff in rows if actor_for(staff).may(Permission.CASE_VIEW)][:limit]


def mentions(actor: Actor, *, limit: int = 30) -> list[Notice]:
    """Where one was mentioned and has not looked yet, newest first."""
    rows = Notice.objects.filter(staff_id=actor.own_id, seen_at=None, what="mention").select_related("case")
    return list(rows.order_by(F("pk").desc())[:limit])
