"""Check before sending, hear a talk in progress, see and mute alarms (QA9). What is only typed is never stored."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim
from kefu.kernel.errors import Invalid, NotFound
from kefu.people import queries as people
from kefu.people.access import get_staff, require, require_site
from kefu.people.permissions import Permission
from kefu.watch import access, checking, rules, terms
from kefu.watch.checking import Checked, Heard
from kefu.watch.errors import AlarmDone, TextBlocked, TextHeld
from kefu.watch.events import AlarmRaised
from kefu.watch.models import Alarm, Confirmed, Mute
from kefu.watch.vocabulary import AlarmState, Measure

LONGEST_REASON = 300
MOST_LINES = 200
MUTES = (15, 60, 240, 1440)
"""Minutes an alarm may be muted for."""


def check(*, actor: Actor, text: str, channel: str, now: datetime, site_id: int | None = None, note: bool = False) -> Checked:
    """What the handbook in force at the site says of a text; nothing is written. One small query."""
    book = _book(actor, site_id, now)
    return checking.checker_of(book, channel, note=note).check(text) if book else Checked((), Measure.OFF, "")


def _book(actor: Actor, site_id: int | None, now: datetime) -> Handbook | None:
    wanted = site_id if site_id is not None and actor.reaches(site_id) else actor.site_id
    site = people.sites_by_id().get(wanted or 0)
    if site is None:
        return None
    try:
        return handbooks.book_at(site.handbook, now)
    except NotInForce:
        return None


@contextmanager
def passing(
    *, actor: Actor, text: str, channel: str, subject: Ref, site_id: int, now: datetime, reason: str = "", note: bool = False
) -> Iterator[Checked]:
    """Around sending: refuses what the handbook blocks, asks for a reason for what it holds, and records that it was given.

    What is inside counts only together with the record. Raises ``TextBlocked``, ``TextHeld``.
    """
    found = check(actor=actor, text=text, channel=channel, now=now, site_id=site_id, note=note)
    said = reason.strip()[:LONGEST_REASON]
    if found.measure == Measure.BLOCK:
        raise TextBlocked(fields={"text": TextBlocked.message % {"words": found.words}}, words=found.words)
    if found.measure == Measure.HOLD and len(said) < 2:
        raise TextHeld(
            fields={"text": TextHeld.message % {"words": found.words}, "confirm": _("请写明为什么仍要这样说。")}, words=found.words
        )
    with transaction.atomic():
        yield found
        if found.measure == Measure.HOLD:
            _confirm(actor, found, subject, site_id, said, now)


def _confirm(actor: Actor, found: Checked, subject: Ref, site_id: int, reason: str, now: datetime) -> None:
    items = [one.item for one in found.warnings if one.measure == Measure.HOLD]
    Confirmed.objects.create(
        site_id=site_id, staff_id=actor.staff_id, subject_kind=subject.kind, subject_id=subject.id, items=items, clause=found.clause,
        reason=reason, at=now,
    )  # fmt: skip
    audit.record(actor, "watch.confirmed", subject, now=now, site_id=site_id, clause=found.clause, data={"items": items})


@dataclass(frozen=True, slots=True)
class Said:
    """A line of a talk in progress: ``agent`` or ``customer``."""

    side: str
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """Which talk: a thing of the product, or the caller's own name of it (``ref``), and whose it is."""

    site_id: int
    staff_id: int | None = None
    kind: str = "talk"
    id: int = 0
    ref: str = ""


def hear(*, actor: Actor, talk: Talk, lines: Sequence[Said], now: datetime) -> list[Alarm]:
    """Listen to new lines of a talk in progress. Returns the alarms raised; muted ones and those over the limit are not among them."""
    book = _book(actor, talk.site_id, now)
    if book is None:
        return []
    listener = checking.listener_of(book)
    raised = []
    for line in lines[:MOST_LINES]:
        heard = listener.hear(line.side, line.text)
        if heard is not None and (alarm := _raise(actor, talk, heard, terms.alarm_terms(book), now)) is not None:
            raised.append(alarm)
    return raised


def push_lines(*, actor: Actor, talk: Talk, lines: Sequence[Said], now: datetime) -> list[Alarm]:
    """New lines of a live transcript, from a phone system or a chat. Raises ``NotFound`` for a site or person out of reach."""
    require(actor, Permission.CONVERSATION_IMPORT)
    require_site(actor, talk.site_id)
    if talk.staff_id is not None and get_staff(Actor.system("watch"), talk.staff_id).site_id != talk.site_id:
        raise NotFound
    return hear(actor=actor, talk=talk, lines=lines, now=now)


def _raise(actor: Actor, talk: Talk, heard: Heard, limits: terms.AlarmTerms, now: datetime) -> Alarm | None:
    hour = now - max(timedelta(hours=1), limits.apart)
    same = Alarm.objects.filter(
        subject_kind=talk.kind, subject_id=talk.id, talk=talk.ref, kind=heard.kind, site_id=talk.site_id, at__gt=hour
    ).order_by("-at", "-pk")
    of_agent = Alarm.objects.filter(staff_id=talk.staff_id, at__gt=hour) if talk.staff_id else Alarm.objects.none()
    last = same.first()
    times = list(of_agent.values_list("at", flat=True)[: limits.most + 1])
    if rules.held_back([last.at] if last else [], times, now, apart=limits.apart, most=limits.most):
        kept = last or of_agent.order_by("-at").first()
        if kept is not None:
            Alarm.objects.filter(pk=kept.pk).update(more=F("more") + 1)
        return None
    muted = _muted(talk, now)
    with transaction.atomic():
        alarm = Alarm.objects.create(
            site_id=talk.site_id, staff_id=talk.staff_id, kind=heard.kind, subject_kind=talk.kind, subject_id=talk.id, talk=talk.ref,
            clause=heard.clause, matched=heard.matched, at=now, state=AlarmState.MUTED if muted else AlarmState.NEW,
        )  # fmt: skip
        data = {"kind": alarm.kind, "muted": muted}
        audit.record(actor, "watch.alarmed", _ref(alarm), now=now, site_id=alarm.site_id, clause=alarm.clause, data=data)
        if not muted:
            outbox.emit(AlarmRaised(alarm_id=alarm.pk, site_id=alarm.site_id, what="raised"), now=now)
    return None if muted else alarm


def _muted(talk: Talk, now: datetime) -> bool:
    wanted = Q(about="staff", about_id=talk.staff_id or 0) | Q(about=talk.kind, about_id=talk.id or -1)
    return Mute.objects.filter(wanted, site_id=talk.site_id, until__gt=now).exists()


def _ref(alarm: Alarm) -> Ref:
    return Ref("alarm", alarm.pk)


def see(*, actor: Actor, alarm_id: int, now: datetime) -> Alarm:
    """Somebody looks after it. Raises ``AlarmDone`` when somebody did before."""
    row = access.get_alarm(actor, alarm_id)
    with transaction.atomic():
        waiting = Alarm.objects.filter(pk=row.pk, version=row.version).exclude(state=AlarmState.SEEN)
        if not claim(waiting, state=AlarmState.SEEN, seen_by=actor.name[:80], seen_at=now, version=row.version + 1):
            raise AlarmDone
        row.refresh_from_db()
        audit.record(actor, "watch.seen", _ref(row), now=now, site_id=row.site_id, clause=row.clause)
        outbox.emit(AlarmRaised(alarm_id=row.pk, site_id=row.site_id, what="seen"), now=now)
    return row


def mute(*, actor: Actor, alarm_id: int, about: str, minutes: int, now: datetime) -> Mute:
    """Keep further alarms quiet: ``about`` the ``staff`` of this alarm, or the ``case`` it is of, for so many minutes (``MUTES``)."""
    row = access.get_alarm(actor, alarm_id)
    about_id = row.staff_id if about == "staff" else row.subject_id if about == row.subject_kind == "case" else None
    if not about_id or minutes not in MUTES:
        raise Invalid(fields={"minutes": _("请选择静音对象和时长。")}, code="bad_mute")
    until = now + timedelta(minutes=minutes)
    with transaction.atomic():
        made, _new = Mute.objects.update_or_create(
            site_id=row.site_id, about=about, about_id=about_id, defaults={"until": until, "by": actor.name[:80]}
        )
        data = {"about": about, "minutes": minutes}
        audit.record(actor, "watch.muted", _ref(row), now=now, site_id=row.site_id, data=data)
        outbox.emit(AlarmRaised(alarm_id=row.pk, site_id=row.site_id, what="muted"), now=now)
    return made
