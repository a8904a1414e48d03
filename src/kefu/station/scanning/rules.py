"""What a gun answers to one number. Pure: plain values in, notices out (O8, R9, R10)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from kefu.handbook.settings import Setting
from kefu.parcels.known import Known, Seen
from kefu.parcels.vocabulary import ScanCode, ScanReason, StateCode
from kefu.parcels.waybills import is_waybill
from kefu.station.scanning.limits import Limits
from kefu.station.scanning.modes import BARRED, REASONS, SCANS, UNSTOPPED, WITH_COURIER, Mode
from kefu.station.scanning.notices import Notice

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_FINDS_ARRIVED = (ScanCode.ARRIVE, ScanCode.UNBAG, ScanCode.COLLECT)
_ENDS_ATTEMPT = (ScanCode.PROBLEM, ScanCode.HOLD, ScanCode.REFUSE, ScanCode.ARRIVE, ScanCode.IN_STORE, ScanCode.OUT_STORE)


@dataclass(frozen=True, slots=True)
class Gun:
    """How a gun is set. ``courier`` is the 工号; ``courier_problem`` a code when nobody fits what was given."""

    mode: str
    site_id: int
    courier: str = ""
    courier_name: str = ""
    courier_problem: str = ""
    operator: str = ""
    reason: str = ""
    next_site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When: of the scan, and now; both with a zone. ``zone`` is the one people read times in."""

    at: datetime
    now: datetime
    zone: tzinfo

    def shown(self, at: datetime) -> str:
        """A time for an answer."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        return local.strftime("%H:%M" if local.date() == today.date() else "%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class Load:
    """How much the courier has in hand today; ``people`` names a 工号, ``sites`` a site."""

    count: int = 0
    people: Callable[[str], str] = field(default=str)
    sites: Callable[[int], str] = field(default=str)


def judge(known: Known, gun: Gun, moment: Moment, limits: Limits, load: Load) -> list[Notice]:
    """Everything to say about a number, a refusal alone if there is one. What a setting forbids carries its clause."""
    refused = next(_refusals(known, gun, moment, limits, load), None)
    if refused is not None:
        return [refused]
    if gun.mode == Mode.ARRIVE:
        return [*_arrival(known, gun, load), *_about(known, gun)]
    if gun.mode not in WITH_COURIER:
        return [*_before(known, gun, limits), *_about(known, gun)]
    warnings = [*_place(known, gun, load), *_again(known, gun, moment, limits, load), *_hours(moment, limits)]
    return [*warnings, *_burden(gun, limits, load), *_about(known, gun)]


def _refusals(known: Known, gun: Gun, moment: Moment, limits: Limits, load: Load) -> Iterator[Notice]:
    if gun.mode in WITH_COURIER and gun.courier_problem:
        yield Notice(gun.courier_problem, {"courier": gun.courier})
    if gun.mode in REASONS and not gun.reason:
        yield Notice("reason_missing")
    if gun.mode == Mode.SEND and gun.next_site_id is None:
        yield Notice("next_missing")
    if not is_waybill(known.asked):
        yield Notice("bad_waybill")
    yield from _clock(moment, limits)
    if known.in_bag and gun.mode in WITH_COURIER | set(REASONS):
        yield Notice("bag_number", {"count": known.in_bag})
    if known.cancelled:
        yield Notice("cancelled")
    if known.state in BARRED.get(_base(gun.mode), {}):
        signed = known.signed_at
        yield Notice(BARRED[_base(gun.mode)][known.state], {"time": moment.shown(signed)} if signed else {"time": ""})
    yield from _repeats(known, gun, moment, limits, load)
    if gun.mode not in UNSTOPPED:
        yield from _stopped(known, SCANS[gun.mode][-1])


def _stopped(known: Known, code: str) -> Iterator[Notice]:
    """Open problems whose type does not allow this scan (O15); their clause says which ones it does."""
    for bar in known.bars:
        if code not in bar.allowed:
            yield Notice("not_allowed", {"title": bar.title, "title_en": bar.title_en}, bar.clause)


def _base(mode: str) -> str:
    return Mode.DELIVER.value if mode == Mode.ARRIVE_DELIVER else mode


def _clock(moment: Moment, limits: Limits) -> Iterator[Notice]:
    """Devices with wrong clocks."""
    ahead, old = limits.future_minutes, limits.oldest_hours
    if ahead is not None and moment.at > moment.now + ahead.span(_MINUTE):
        yield Notice("future", {"minutes": _shown(ahead)}, ahead.clause)
    if old is not None and moment.at < moment.now - old.span(_HOUR):
        yield Notice("too_old", {"hours": _shown(old)}, old.clause)


def _repeats(known: Known, gun: Gun, moment: Moment, limits: Limits, load: Load) -> Iterator[Notice]:
    window = limits.repeat_minutes
    if window is None:
        return
    piece = known.asked if known.asked != known.waybill else ""
    for seen in reversed(known.of(SCANS[gun.mode][-1], site_id=gun.site_id)):
        if seen.piece == piece and abs(moment.at - seen.at) < window.span(_MINUTE):
            yield repeat(seen.operator, seen.at, gun, moment, window, load)


def repeat(operator: str, at: datetime, gun: Gun, moment: Moment, window: Setting, load: Load) -> Notice:
    """The refusal of a number scanned just now: by this gun, or by another one."""
    if operator and operator != gun.operator:
        return Notice("other_gun", {"operator": load.people(operator), "time": moment.shown(at)}, window.clause)
    return Notice("repeat", {"minutes": _shown(window), "time": moment.shown(at)}, window.clause)


def _arrival(known: Known, gun: Gun, load: Load) -> Iterator[Notice]:
    if known.state == StateCode.SIGNED:
        yield Notice("arrived_signed")
    yield from _whose(known, gun, load)


def _whose(known: Known, gun: Gun, load: Load) -> Iterator[Notice]:
    if known.parcel_id is None and not known.in_bag:
        yield Notice("not_registered")
    elif known.site_id not in (None, gun.site_id):
        yield Notice("misrouted", {"site": load.sites(known.site_id or 0)})


def _place(known: Known, gun: Gun, load: Load) -> Iterator[Notice]:
    """Whether it is here at all, ours, and ready to go out."""
    arrived = bool(known.of(*_FINDS_ARRIVED, site_id=gun.site_id))
    if gun.mode == Mode.DELIVER and not arrived:
        yield Notice("not_arrived")
    yield from _whose(known, gun, load)
    if known.problem_open:
        yield Notice("problem_open")
    if known.state == StateCode.REFUSED:
        yield Notice("was_refused")
    if known.state == StateCode.STORED:
        yield Notice("stored")


def _again(known: Known, gun: Gun, moment: Moment, limits: Limits, load: Load) -> Iterator[Notice]:
    """A parcel that went out before: handed on between couriers, or a further attempt (R9, R10)."""
    last = _open_delivery(known, gun, moment)
    if last is not None and last.courier and last.courier != gun.courier:
        yield Notice("passed_on", {"courier": load.people(last.courier)})
        return
    before = attempts(known)
    if not before or last is not None:
        return
    pause = limits.second_attempt_hours
    if pause is not None and before == 1 and moment.at - known.of(ScanCode.DELIVER)[-1].at < pause.span(_HOUR):
        yield Notice("too_soon", {"hours": _shown(pause)}, pause.clause)
    yield Notice("attempt", {"number": before + 1})


def _open_delivery(known: Known, gun: Gun, moment: Moment) -> Seen | None:
    """The delivery scan of today nothing came of yet."""
    for seen in reversed(known.scans):
        if seen.code in _ENDS_ATTEMPT:
            return None
        if seen.code == ScanCode.DELIVER and seen.site_id == gun.site_id:
            same_day = seen.at.astimezone(moment.zone).date() == moment.at.astimezone(moment.zone).date()
            return seen if same_day else None
    return None


def attempts(known: Known) -> int:
    """How often it went out: scans in a row without an outcome between them, on one day, are one attempt (R9)."""
    count, running = 0, None
    for seen in known.scans:
        if seen.code == ScanCode.DELIVER:
            if running is None or seen.at - running > timedelta(hours=12):
                count += 1
            running = seen.at
        elif seen.code in _ENDS_ATTEMPT:
            running = None
    return count


def _before(known: Known, gun: Gun, limits: Limits) -> Iterator[Notice]:
    """What ought to have come before a refusal or a return: it was out for delivery, and as often as is owed (R9, R15)."""
    out = attempts(known)
    if gun.mode == Mode.REFUSE and not out:
        yield Notice("not_out")
    least = limits.attempts_least
    if gun.mode == Mode.RETURN and gun.reason == ScanReason.UNDELIVERED and least is not None and out < least.number:
        yield Notice("few_attempts", {"number": out, "least": _shown(least)}, least.clause)


def _hours(moment: Moment, limits: Limits) -> Iterator[Notice]:
    first, last = limits.hours_from, limits.hours_to
    if first is None or last is None:
        return
    hour = moment.at.astimezone(moment.zone).hour
    if not first.number <= hour < last.number:
        yield Notice("night", {"from": _shown(first), "to": _shown(last)}, first.clause)


def _burden(gun: Gun, limits: Limits, load: Load) -> Iterator[Notice]:
    most = limits.daily_load_most
    if most is not None and load.count + 1 > most.number:
        yield Notice("load", {"courier": gun.courier_name or gun.courier, "count": load.count + 1, "most": _shown(most)}, most.clause)


def _about(known: Known, gun: Gun) -> Iterator[Notice]:
    """What whoever holds the gun wants to know besides."""
    if known.in_bag:
        yield Notice("bag", {"count": known.in_bag})
    if known.asked != known.waybill:
        yield Notice("piece", {"waybill": known.waybill})
    elif known.pieces > 1:
        yield Notice("pieces", {"count": known.pieces})
    if gun.mode in WITH_COURIER and (owed := known.cod_amount + known.freight_amount) > Decimal(0):
        yield Notice("collect", {"amount": f"{owed:.2f}"})
    if gun.mode == Mode.ARRIVE_DELIVER and not known.of(*_FINDS_ARRIVED, site_id=gun.site_id):
        yield Notice("also_arrived")


def scans_of(known: Known, gun: Gun) -> tuple[ScanCode, ...]:
    """The scans an accepted number makes: 到派一体 leaves out an arrival that is there."""
    codes = SCANS[gun.mode]
    if gun.mode == Mode.ARRIVE_DELIVER and known.of(*_FINDS_ARRIVED, site_id=gun.site_id):
        return codes[1:]
    return codes


def may_undo(*, at: datetime, now: datetime, own: bool, may_others: bool, minutes: Setting | None, zone: tzinfo) -> str:
    """Empty when a scan may be taken back, else the code of the refusal: own ones for some minutes, any of the day for who may."""
    if may_others:
        return "" if at.astimezone(zone).date() == now.astimezone(zone).date() else "undo_other_day"
    if not own:
        return "undo_not_own"
    return "" if minutes is not None and now - at <= minutes.span(_MINUTE) else "undo_too_late"


def _shown(one: Setting) -> str:
    return f"{one.number:g}"
