"""Calibration sessions: open, mark blind, show the marks, agree, close (QA7, Q19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.calibration import access, agreement
from kefu.calibration.errors import AlreadyHandedIn, NotAMember, PersonOnly, SessionClosed, TooFew
from kefu.calibration.events import CalibrationChanged
from kefu.calibration.models import Agreed, ItemAgreement, Mark, Member, Session, Talk
from kefu.calibration.vocabulary import State
from kefu.conversations import access as conversation_access
from kefu.handbook import queries as handbooks
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import Invalid, Message, NotFound, Stale
from kefu.kernel.moment import midnight
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission, Role
from kefu.quality import queries as quality

VERDICTS = ("breached", "passed", "not_applicable")
MOST_TALKS, MOST_MEMBERS = 20, 20
_REASON = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody marks of an item; an empty verdict is none."""

    verdict: str
    reason: str = ""


def ref(row: Session) -> Ref:
    """How other records point at a session."""
    return Ref("calibration", row.pk, row.title)


def _tell(actor: Actor, row: Session, what: str, now: datetime, **data: object) -> None:
    audit.record(actor, f"calibration.{what}", ref(row), now=now, site_id=row.site_id, data=data)
    outbox.emit(CalibrationChanged(session_id=row.pk, site_id=row.site_id, what=what), now=now)


def open_session(
    *, actor: Actor, title: str, conversation_ids: Sequence[int], staff_ids: Sequence[int], days: int, now: datetime
) -> Session:
    """Have these inspectors mark these conversations, blind. Agents never mark their own. Raises ``Invalid`` per field, ``NotFound``."""
    require(actor, Permission.CALIBRATION_LEAD)
    talk_ids, member_ids = list(dict.fromkeys(conversation_ids)), list(dict.fromkeys(staff_ids))
    wrong: dict[str, Message] = {}
    if not 1 <= len(title.strip()) <= 80:
        wrong["title"] = _("请填写标题（80 字以内）。")
    if not 1 <= len(talk_ids) <= MOST_TALKS:
        wrong["conversations"] = _("请选择 1 到 %(most)s 段会话。") % {"most": MOST_TALKS}
    if not 2 <= len(member_ids) <= MOST_MEMBERS:
        wrong["members"] = _("请选择 2 到 %(most)s 名质检员。") % {"most": MOST_MEMBERS}
    if not 1 <= days <= 60:
        wrong["days"] = _("请填写 1 到 60 之间的天数。")
    if wrong:
        raise Invalid(fields=wrong)
    if actor.staff_id is None:
        raise PersonOnly
    talks = [_talk(actor, pk) for pk in talk_ids]
    site = people_access.visible_sites(actor).order_by("path").first()
    if site is None:
        raise NotFound
    known = {one.pk for one in able(actor)}
    if any(pk not in known for pk in member_ids):
        raise Invalid(fields={"members": _("请选择在职的质检员。")}, code="no_inspector")
    with transaction.atomic():
        row = Session.objects.create(
            site_id=site.pk, title=title.strip(), leader_id=actor.staff_id, opened_at=now,
            due_at=midnight(timezone.localtime(now).date() + timedelta(days=days + 1)),
        )  # fmt: skip
        for talk in talks:
            talk.session = row
        Talk.objects.bulk_create(talks)
        Member.objects.bulk_create([Member(session=row, staff_id=pk) for pk in member_ids])
        _tell(actor, row, "opened", now, talks=len(talks), members=len(member_ids))
    return row


def able(actor: Actor) -> list[Any]:
    """Inspectors and managers in reach who may be asked to mark."""
    return [one for role in (Role.INSPECTOR, Role.MANAGER) for one in people.staff_rows(actor, role=role.value, state="active")]


def _talk(actor: Actor, conversation_id: int) -> Talk:
    found = conversation_access.visible_to(actor).filter(pk=conversation_id).first()
    card = quality.findings_of(actor, conversation_id) if found else None
    if card is None:
        message = _("会话 %(number)s 找不到，或没有评分表。") % {"number": conversation_id}
        raise Invalid(fields={"conversations": message}, code="no_conversation")
    one = card.inspection
    return Talk(conversation_id=conversation_id, handbook=one.handbook, version_judged=one.version, scorecard=one.scorecard)


def items_of(talk: Talk) -> list[str]:
    """Items of the card a conversation is marked by, in order."""
    return [item.id for item in handbooks.book(f"{talk.handbook}@{talk.version_judged}").scorecards[talk.scorecard].items()]


def _member(actor: Actor, row: Session) -> Member:
    found = Member.objects.filter(session=row, staff_id=actor.own_id).first()
    if found is None:
        raise NotAMember
    return found


def _in(row: Session, state: State, expected_version: int | None = None) -> None:
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state != state:
        raise SessionClosed(state=State(row.state).label)


def mark(*, actor: Actor, session_id: int, talk_id: int, said: Mapping[str, Said], now: datetime) -> None:
    """Keep one's own marks of one conversation, in place of those before, until one hands in. Items without a verdict are not marked."""
    require(actor, Permission.REVIEW_WORK)
    row = access.get_for(actor, session_id)
    member = _member(actor, row)
    _in(row, State.OPEN)
    if member.done_at is not None:
        raise AlreadyHandedIn
    talk = Talk.objects.filter(session=row, pk=talk_id).first()
    if talk is None:
        raise NotFound
    known = set(items_of(talk))
    wrong = {f"verdict-{key}": _("没有这个选项。") for key, one in said.items() if key not in known or one.verdict not in ("", *VERDICTS)}
    if wrong:
        raise Invalid(fields=dict(wrong))
    kept = [
        Mark(talk=talk, staff_id=actor.own_id, item_key=key, verdict=one.verdict, reason=one.reason.strip()[:_REASON], at=now)
        for key, one in said.items()
        if one.verdict
    ]
    with transaction.atomic():
        Mark.objects.filter(talk=talk, staff_id=actor.own_id).delete()
        Mark.objects.bulk_create(kept)


def hand_in(*, actor: Actor, session_id: int, now: datetime) -> None:
    """Say that one is done; marks cannot be changed any more. Raises ``Invalid`` when nothing was marked."""
    require(actor, Permission.REVIEW_WORK)
    row = access.get_for(actor, session_id)
    member = _member(actor, row)
    _in(row, State.OPEN)
    if not Mark.objects.filter(talk__session=row, staff_id=actor.own_id).exists():
        raise Invalid(_("还没有评分，不能提交。"), code="nothing_marked")
    with transaction.atomic():
        if not claim(Member.objects.filter(pk=member.pk, done_at=None), done_at=now):
            raise AlreadyHandedIn
        _tell(actor, row, "handed_in", now)


def reveal(*, actor: Actor, session_id: int, now: datetime, expected_version: int | None = None) -> Session:
    """End the scoring: the marks of those who handed in are shown and agreement is reckoned; others' are thrown away unseen.

    Raises ``TooFew`` below two, ``SessionClosed``, ``Stale``.
    """
    require(actor, Permission.CALIBRATION_LEAD)
    row = access.get_for(actor, session_id)
    _in(row, State.OPEN, expected_version)
    done = list(row.members.exclude(done_at=None).values_list("staff_id", flat=True))
    if len(done) < 2:
        raise TooFew
    with transaction.atomic():
        save_claimed(row, state=State.TALK, revealed_at=now)
        Mark.objects.filter(talk__session=row).exclude(staff_id__in=done).delete()
        _reckon(row)
        _tell(actor, row, "revealed", now, alpha=row.alpha, members=len(done))
    return row


def units_of(row: Session) -> dict[str, list[dict[int, str]]]:
    """Marks by item: one unit per conversation, by person."""
    found: dict[str, dict[int, dict[int, str]]] = {}
    for one in Mark.objects.filter(talk__session=row).order_by("talk_id", "pk"):
        found.setdefault(one.item_key, {}).setdefault(one.talk_id, {})[one.staff_id] = one.verdict
    return {key: list(by_talk.values()) for key, by_talk in found.items()}


def _reckon(row: Session) -> None:
    units, clauses = units_of(row), dict[str, str]()
    for talk in row.talks.all():
        base = f"{talk.handbook}@{talk.version_judged}#scorecards.{talk.scorecard}.items."
        clauses |= {key: base + key for key in items_of(talk)}
    ItemAgreement.objects.bulk_create(
        ItemAgreement(
            session=row, item_key=key, clause=clauses[key], alpha=agreement.alpha(found), kappa=agreement.mean_kappa(found),
            agreed=agreement.agreed(found), unlike=sum(map(agreement.unlike, found)),
        )
        for key, found in units.items()
    )  # fmt: skip
    every = [unit for found in units.values() for unit in found]
    row.alpha, row.kappa, row.agreed = agreement.alpha(every), agreement.mean_kappa(every), agreement.agreed(every)
    Session.objects.filter(pk=row.pk).update(alpha=row.alpha, kappa=row.kappa, agreed=row.agreed)


def agree(*, actor: Actor, session_id: int, talk_id: int, item_key: str, verdict: str, note: str, now: datetime) -> Agreed:
    """Write down what was agreed on an item, and what was said about it; the last word counts. The cards themselves are not changed."""
    require(actor, Permission.CALIBRATION_LEAD)
    row = access.get_for(actor, session_id)
    _in(row, State.TALK)
    talk = Talk.objects.filter(session=row, pk=talk_id).first()
    if talk is None or item_key not in items_of(talk):
        raise NotFound
    if verdict not in VERDICTS:
        raise Invalid(fields={"verdict": _("请选择一致同意的结论。")}, code="no_verdict")
    if len(note) > 2000:
        raise Invalid(fields={"note": _("内容过长。")})
    with transaction.atomic():
        made, _new = Agreed.objects.update_or_create(
            talk=talk, item_key=item_key, defaults={"verdict": verdict, "note": note.strip(), "by": actor.name[:80], "at": now}
        )
        _tell(actor, row, "agreed", now, item=item_key, verdict=verdict, talk=talk.pk)
    return made


def close(*, actor: Actor, session_id: int, now: datetime, expected_version: int | None = None) -> Session:
    """End the session. Raises ``Invalid`` while something people differed on has no agreed mark."""
    require(actor, Permission.CALIBRATION_LEAD)
    row = access.get_for(actor, session_id)
    _in(row, State.TALK, expected_version)
    left = len(unsettled(row))
    if left:
        raise Invalid(_("还有 %(count)s 处不同意见没有写明一致同意的结论。") % {"count": left}, code="not_agreed")
    with transaction.atomic():
        save_claimed(row, state=State.CLOSED, closed_at=now)
        _tell(actor, row, "closed", now)
    return row


def unsettled(row: Session) -> set[tuple[int, str]]:
    """Conversation and item on which people differed and nothing is agreed yet."""
    said: dict[tuple[int, str], set[str]] = {}
    for talk_id, key, verdict in Mark.objects.filter(talk__session=row).values_list("talk_id", "item_key", "verdict"):
        said.setdefault((talk_id, key), set()).add(verdict)
    settled = set(Agreed.objects.filter(talk__session=row).values_list("talk_id", "item_key"))
    return {place for place, found in said.items() if len(found) > 1} - settled
