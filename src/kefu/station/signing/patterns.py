"""Signs of a false signature (虚假签收), each a pure function over what was signed at one site on one day (O10, R45).

They show evidence and accuse nobody: a locker's batch can look like a burst. Every number is a setting of the handbook; a pattern whose
setting is not stated is not looked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.station.signing.limits import Signs


class Signed(NamedTuple):
    """A signature of the day: when it was, when it was entered, by whom; ``delivered_at`` the last delivery scan here before it.

    ``behalf``: somebody else than the receiver; ``consented``: ``None`` when nobody entered more than the scan; ``in_store``: put into a
    locker or station, many of which at once mean nothing.
    """

    waybill: str
    courier: str
    signed_at: datetime
    entered_at: datetime
    delivered_at: datetime | None
    behalf: bool
    consented: bool | None
    sign_off_id: int | None = None
    in_store: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """All signatures of one site on one day, and how many parcels each courier took out."""

    rows: Sequence[Signed]
    loads: Mapping[str, int]
    zone: tzinfo

    @property
    def handed(self) -> list[Signed]:
        """Those handed to somebody."""
        return [row for row in self.rows if not row.in_store]


class Hit(NamedTuple):
    """A signature a pattern speaks of, with its evidence: codes and values."""

    waybill: str
    courier: str
    evidence: Mapping[str, Any]
    clause: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: its name, what its evidence says, and the function that finds it."""

    code: str
    title: Message
    evidence: Message
    find: Callable[[Day, Signs], Iterator[Hit]] = field(repr=False)


def no_delivery(day: Day, signs: Signs) -> Iterator[Hit]:
    """Signed although no courier took it out (有签未派)."""
    if signs.no_delivery is None:
        return
    for row in day.rows:
        if row.delivered_at is None:
            yield Hit(row.waybill, row.courier, {"time": _clock(row.signed_at, day)}, signs.no_delivery.clause)


def night_batch(day: Day, signs: Signs) -> Iterator[Hit]:
    """Many entered in the night by one courier: nobody hands out parcels then."""
    first, last, least = signs.night_from, signs.night_to, signs.night_least
    if first is None or last is None or least is None:
        return
    by_courier: dict[str, list[Signed]] = defaultdict(list)
    for row in day.handed:
        if _at_night(row.signed_at.astimezone(day.zone).hour, first.number, last.number):
            by_courier[row.courier].append(row)
    for courier, rows in by_courier.items():
        if len(rows) >= least.number:
            yield from (Hit(row.waybill, courier, {"time": _clock(row.signed_at, day), "count": len(rows)}, least.clause) for row in rows)


def _at_night(hour: int, first: float, last: float) -> bool:
    return first <= hour < last if first <= last else hour >= first or hour < last


def typed_back(day: Day, signs: Signs) -> Iterator[Hit]:
    """Entered long after the time it claims."""
    most = signs.typed_back_hours
    if most is None:
        return
    for row in day.handed:
        late = row.entered_at - row.signed_at
        if late >= most.span(timedelta(hours=1)):
            evidence = {"hours": round(late / timedelta(hours=1), 1), "entered": _clock(row.entered_at, day)}
            yield Hit(row.waybill, row.courier, evidence, most.clause)


def burst(day: Day, signs: Signs) -> Iterator[Hit]:
    """More in a few minutes than one courier can hand over."""
    minutes, least = signs.burst_minutes, signs.burst_least
    if minutes is None or least is None:
        return
    by_courier: dict[str, list[Signed]] = defaultdict(list)
    for row in day.handed:
        by_courier[row.courier].append(row)
    for courier, rows in by_courier.items():
        for row, count in _crowded(sorted(rows, key=lambda one: one.signed_at), minutes.span(timedelta(minutes=1)), int(least.number)):
            yield Hit(row.waybill, courier, {"count": count, "minutes": f"{minutes.number:g}"}, least.clause)


def _crowded(rows: Sequence[Signed], span: timedelta, least: int) -> Iterator[tuple[Signed, int]]:
    """Rows within a span that holds at least so many, with the largest such number; one walk along the day."""
    most = [0] * len(rows)
    start = 0
    for end, row in enumerate(rows):
        while row.signed_at - rows[start].signed_at > span:
            start += 1
        if (count := end - start + 1) >= least:
            for place in range(end, start - 1, -1):
                if most[place] >= count:
                    break
                most[place] = count
    return ((row, count) for row, count in zip(rows, most, strict=True) if count)


def far_load(day: Day, signs: Signs) -> Iterator[Hit]:
    """More signatures on one day than one courier can carry out."""
    most = signs.load_most
    if most is None:
        return
    counts: dict[str, int] = defaultdict(int)
    for row in day.handed:
        counts[row.courier] += 1
    for row in day.handed:
        if row.courier and counts[row.courier] > most.number:
            evidence = {"count": counts[row.courier], "most": f"{most.number:g}", "taken": day.loads.get(row.courier, 0)}
            yield Hit(row.waybill, row.courier, evidence, most.clause)


def no_consent(day: Day, signs: Signs) -> Iterator[Hit]:
    """Somebody else, a locker or a station, and nobody wrote down who agreed (R11, R45)."""
    if signs.consent is None:
        return
    for row in day.rows:
        if row.behalf and not row.consented:
            yield Hit(row.waybill, row.courier, {"time": _clock(row.signed_at, day)}, signs.consent.clause)


def _clock(at: datetime, day: Day) -> str:
    return at.astimezone(day.zone).strftime("%m-%d %H:%M")


PATTERNS: Sequence[Pattern] = (
    Pattern("no_delivery", _("没有派件就签收"), _("%(time)s 签收，之前没有本站派件扫描。"), no_delivery),
    Pattern("night_batch", _("深夜批量签收"), _("%(time)s 签收，该派件员夜间共签 %(count)s 票。"), night_batch),
    Pattern("typed_back", _("事后补录"), _("%(entered)s 才录入，比签收时间晚 %(hours)s 小时。"), typed_back),
    Pattern("burst", _("短时间大量签收"), _("%(minutes)s 分钟内同一派件员签收 %(count)s 票。"), burst),
    Pattern("far_load", _("派件员签收过多"), _("该派件员当天签收 %(count)s 票，超过 %(most)s 票；派件扫描 %(taken)s 票。"), far_load),
    Pattern("no_consent", _("代签没有同意记录"), _("%(time)s 由他人签收或入柜入站，没有记录谁同意。"), no_consent),
)
BY_CODE = {one.code: one for one in PATTERNS}


def find(day: Day, signs: Signs) -> Iterator[tuple[str, Hit]]:
    """Every pattern over the day: code and hit."""
    for pattern in PATTERNS:
        for hit in pattern.find(day, signs):
            yield pattern.code, hit
