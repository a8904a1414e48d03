"""The gun's writes: scanning one number or many, and taking scans back (OPS1, O8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.rows import insert, insert_all
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.known import Known, courier_scans, known_of
from kefu.parcels.vocabulary import StateCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.scanning import claims, couriers, sessions
from kefu.station.scanning.errors import UndoRefused
from kefu.station.scanning.limits import Limits, limits_of
from kefu.station.scanning.models import Answer
from kefu.station.scanning.modes import REASONS, SCANS, WITH_COURIER, WITH_NEXT, Mode
from kefu.station.scanning.notices import REFUSALS, Notice, stored, tone_of
from kefu.station.scanning.rules import Gun, Load, Moment, judge, may_undo, repeat, scans_of
from kefu.station.scanning.sessions import Setup

MOST_AT_ONCE = 1000
_LONGEST = 60


class Shot(NamedTuple):
    """A number as the gun gave it, and when: by the device's clock, or now."""

    text: str
    at: datetime | None = None


@dataclass(slots=True)
class _Turn:
    """One number on its way through."""

    shot: Shot
    number: str
    moment: Moment
    known: Known
    notices: list[Notice]
    codes: Sequence[str] = ()

    @property
    def refused(self) -> bool:
        return tone_of(self.notices) == "refused"

    def refuse(self, notice: Notice) -> None:
        self.notices, self.codes = [notice], ()


def scan(*, actor: Actor, setup: Setup, shots: Sequence[Shot], now: datetime) -> list[Answer]:
    """Scan numbers, each for itself: what is wrong with one does not stop the others. The answers stand in the order given.

    Raises ``NotFound`` for a site out of reach, ``Denied`` without the permission, ``Invalid`` for more than a thousand at once or an
    unknown mode. The number of statements does not grow with the numbers.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    site = people.get_site(actor, setup.site_id)
    if setup.mode not in Mode.values:
        raise Invalid(code="unknown_mode")
    if not 0 < len(shots) <= MOST_AT_ONCE:
        raise Invalid(code="too_many_numbers")
    setup = setup if setup.session_id or setup.operator else replace(setup, operator=_number_of(actor))
    limits = limits_of(handbooks.book_at(site.handbook, now))
    if setup.source == "import":
        limits = replace(limits, oldest_hours=None)
    gun, load = _gun(setup), _load(setup, limits, now)
    turns = _turns(gun, shots, now, limits, load)
    with transaction.atomic():
        _claim(turns, gun, limits, load)
        _record(actor, setup, gun, turns, now)
        answers = [_answer(actor, setup, gun, turn, now) for turn in turns]
        insert(answers[0]) if len(answers) == 1 else insert_all(answers)
        if setup.session_id is not None:
            sessions.count(setup.session_id, [answer.tone for answer in answers])
    return answers


def _number_of(actor: Actor) -> str:
    me = people_queries.me(actor) if actor.own_id else None
    return me.staff_no if me else ""


def _gun(setup: Setup) -> Gun:
    courier = couriers.courier_of(setup.courier, setup.site_id) if setup.mode in WITH_COURIER else couriers.Courier("")
    return Gun(
        mode=setup.mode,
        site_id=setup.site_id,
        courier=courier.number,
        courier_name=courier.name,
        courier_problem=courier.problem,
        operator=setup.operator[:20],
        reason=setup.reason,
        next_site_id=setup.next_site_id,
    )


def _load(setup: Setup, limits: Limits, now: datetime) -> Load:
    most, count = limits.daily_load_most, 0
    if most is not None and setup.mode in WITH_COURIER and setup.courier:
        start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        courier = couriers.courier_of(setup.courier, setup.site_id).number
        count = courier_scans(setup.site_id, courier, start, start + timedelta(days=1), most=int(most.number) + 200)
    return Load(count, couriers.name_of, _site_name)


def _site_name(site_id: int) -> str:
    site = people_queries.sites_by_id().get(site_id)
    return site.name if site else ""


def _turns(gun: Gun, shots: Sequence[Shot], now: datetime, limits: Limits, load: Load) -> list[_Turn]:
    zone = timezone.get_current_timezone()
    numbers = [clean_waybill(shot.text[: 4 * _LONGEST])[:40] for shot in shots]
    found = known_of([number for number in numbers if number])
    turns: list[_Turn] = []
    seen: dict[str, datetime] = {}
    for shot, number in zip(shots, numbers, strict=True):
        at = shot.at or now
        known = found.get(number) or Known(number, number)
        if at.tzinfo is None:
            turns.append(_Turn(shot, number, Moment(now, now, zone), known, [Notice("no_time")]))
            continue
        moment = Moment(at, now, zone)
        notices = judge(known, gun, moment, limits, load)
        window = limits.repeat_minutes
        if window is not None and number in seen and tone_of(notices) != "refused":
            notices = [repeat(gun.operator, seen[number], gun, moment, window, load)]
        turn = _Turn(shot, number, moment, known, notices)
        if not turn.refused:
            turn.codes = [code.value for code in scans_of(known, gun)]
            seen[number] = at
            load = replace(load, count=load.count + 1)
        turns.append(turn)
    return turns


def _claim(turns: Sequence[_Turn], gun: Gun, limits: Limits, load: Load) -> None:
    """Those another gun took meanwhile are refused."""
    window = limits.repeat_minutes
    wanted = {turn.number: turn for turn in turns if turn.codes}
    if window is None or not wanted:
        return
    times = {number: turn.moment.at for number, turn in wanted.items()}
    span = window.span(timedelta(minutes=1))
    lost = claims.take(times, code=SCANS[gun.mode][-1], site_id=gun.site_id, operator=gun.operator, window=span)
    for number, holder in lost.items():
        turn = wanted[number]
        turn.refuse(repeat(holder.operator, holder.at, gun, turn.moment, window, load))


def _record(actor: Actor, setup: Setup, gun: Gun, turns: Sequence[_Turn], now: datetime) -> None:
    places: list[_Turn] = []
    drafts: list[ScanDraft] = []
    for turn in turns:
        for step, code in enumerate(turn.codes):
            places.append(turn)
            drafts.append(_draft(setup, gun, turn, code, step - len(turn.codes) + 1))
    if not drafts:
        return
    done = parcels.record_scans(actor=actor, batch=drafts, now=now)
    gone = {places[refusal.place].number: refusal.reason for refusal in done.refused}
    for turn in places:
        if turn.number in gone:
            turn.refuse(Notice(gone[turn.number] if gone[turn.number] in REFUSALS else "stale"))
    if gone:
        claims.release(sorted(gone), code=SCANS[gun.mode][-1], site_id=gun.site_id)


def _draft(setup: Setup, gun: Gun, turn: _Turn, code: str, seconds: int) -> ScanDraft:
    """到派一体: the arrival is a second before the delivery."""
    last = code == SCANS[gun.mode][-1]
    return ScanDraft(
        waybill=turn.number,
        code=code,
        site_id=setup.site_id,
        scanned_at=turn.moment.at + timedelta(seconds=seconds),
        operator=gun.operator,
        courier=gun.courier if last and setup.mode in WITH_COURIER else "",
        previous_site_id=setup.previous_site_id,
        next_site_id=setup.next_site_id if setup.mode in WITH_NEXT else None,
        device=setup.device,
        reason=setup.reason if setup.mode in REASONS else "",
        note=setup.note,
        truck=setup.truck,
        source=setup.source,
    )


def _answer(actor: Actor, setup: Setup, gun: Gun, turn: _Turn, now: datetime) -> Answer:
    return Answer(
        site_id=setup.site_id,
        session_id=setup.session_id,
        given=turn.shot.text.replace("\0", "").strip()[:_LONGEST],
        waybill=turn.known.waybill[:40],
        piece=turn.number if turn.known.waybill != turn.number else "",
        mode=setup.mode,
        tone=tone_of(turn.notices),
        reason=turn.notices[0].code if turn.notices else "",
        notices=stored(turn.notices),
        codes=" ".join(turn.codes),
        scanned_at=turn.moment.at,
        answered_at=now,
        actor_id=actor.own_id,
        operator=gun.operator,
        courier=gun.courier,
        device=setup.device,
    )


def undo(*, actor: Actor, answer_id: int, reason: str, now: datetime) -> Answer:
    """Take back the scans of an answer (O8): own ones within the minutes of the handbook, any of the day for who may undo signatures.

    Raises ``UndoRefused`` with the reason as code, ``NotFound`` out of reach. The number can be scanned again at once.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    answer = people.in_reach(Answer.objects.filter(pk=answer_id).select_related("site"), actor).first()
    if answer is None:
        raise NotFound
    if refusal := _stays(actor, answer, now):
        raise UndoRefused(refusal)
    known = known_of([answer.piece or answer.waybill])[answer.piece or answer.waybill]
    if known.state == StateCode.SIGNED and answer.mode in WITH_COURIER:
        raise UndoRefused("undo_signed")
    with transaction.atomic():
        why = reason.replace("\0", "").strip()[:200]
        words = {"undone_at": now, "undone_by": actor.name[:80], "undone_why": why}
        if Answer.objects.filter(pk=answer.pk, undone_at=None).update(**words) != 1:
            raise UndoRefused("undo_done")
        parcels.void_scans(actor=actor, scan_ids=_scan_ids(answer, known), reason=why or "gun", now=now)
        claims.release([answer.piece or answer.waybill], code=SCANS[answer.mode][-1], site_id=answer.site_id)
        data = {"mode": answer.mode, "answer": answer.pk}
        audit.record(actor, "scan.undone", Ref("answer", answer.pk, answer.waybill), now=now, site_id=answer.site_id, data=data)
    for name, value in words.items():
        setattr(answer, name, value)
    return answer


def _stays(actor: Actor, answer: Answer, now: datetime) -> str:
    if answer.undone_at is not None:
        return "undo_done"
    if not answer.codes:
        return "undo_none"
    limits = limits_of(handbooks.book_at(answer.site.handbook, now))
    return may_undo(
        at=answer.answered_at,
        now=now,
        own=actor.own_id != 0 and answer.actor_id == actor.own_id,
        may_others=actor.may(Permission.SIGN_UNDO),
        minutes=limits.undo_minutes,
        zone=timezone.get_current_timezone(),
    )


def _scan_ids(answer: Answer, known: Known) -> list[int]:
    """The scans this answer made: same place, gun and piece, at its time (the arrival of 到派一体 a second before)."""
    span = timedelta(seconds=1)
    return [
        seen.id
        for seen in known.of(*answer.codes.split(), site_id=answer.site_id)
        if seen.operator == answer.operator and seen.piece == answer.piece and answer.scanned_at - span <= seen.at <= answer.scanned_at
    ]
