"""Reads of this room: the merged trace of a number, the queue, the accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kefu.handbook.schema import Handbook
from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels.delay import Judgement
from kefu.parcels.limits import limits_of
from kefu.parcels.lookup import looked_up
from kefu.parcels.queries import TraceLine
from kefu.parcels.waybills import clean_waybill
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.tracking import access
from kefu.station.tracking.boxes import judged, moments_of, moments_told
from kefu.station.tracking.merging import OWN, Line, Moments, merged, together
from kefu.station.tracking.models import CarrierAccount, CarrierAsk, CarrierStanding, CarrierTrace
from kefu.station.tracking.public_view import PublicLine, public_lines
from kefu.station.tracking.settings import rules_of

MOST_LINES = 500
ASK_STATES, ASK_KINDS = CarrierAsk.State.choices, CarrierAsk.Kind.choices


@dataclass(frozen=True, slots=True)
class Merged:
    """A number's one trace, oldest first, and where it stands by all sources. ``carrier_lines`` counts what carriers told."""

    waybill: str
    lines: tuple[Line, ...]
    moments: Moments | None
    judgement: Judgement | None
    carrier_lines: int
    carrier: str = ""


def merged_trace(
    actor: Actor,
    waybill: str,
    own: Sequence[TraceLine],
    *,
    now: datetime,
    book: Handbook | None,
    clear: bool = False,
    seen: bool = False,
) -> Merged:
    """Own scans, as ``parcels.queries.trace`` gave them, with what carriers told of the number. The caller has logged the query.

    Carriers' words are masked unless ``clear``, which needs the permission for personal data. ``seen``: the caller knows that the number
    is in sight. What no carrier told of costs one statement.
    """
    require(actor, Permission.PARCEL_VIEW)
    if clear:
        require(actor, Permission.PERSONAL_UNMASK)
    number = clean_waybill(waybill)
    told = prepared.rows(_traces, waybill=number)
    if told and not seen and number not in access.in_sight(actor, [number]):
        told = []
    rules = rules_of(book)
    lines = [Line(line.at, line.code, OWN, line.site, line.note, place) for place, line in enumerate(own)]
    lines += [Line(row.at, row.code, row.vendor, row.place, row.text if clear else mask_text(row.text)) for row in told]
    found = tuple(merged(lines, rules.within))
    if not told:
        return Merged(number, found, None, None, 0)
    standing = CarrierStanding.objects.filter(waybill=number).first()
    looked = looked_up(actor, [number]).get(number)
    both = together(moments_of(looked), moments_told(standing), rules.within)
    judgement = judged(looked, both, limits_of(book) if book else None, now) if both is not None else None
    return Merged(number, found, both, judgement, len(told), standing.carrier if standing else "")


def _traces(*, waybill: str) -> QuerySet[CarrierTrace]:
    return CarrierTrace.objects.filter(waybill=waybill).order_by("at", "pk")[:MOST_LINES]


def customer_trace(waybill: str, own: Sequence[TraceLine], *, book: Handbook | None) -> list[PublicLine]:
    """What a customer may be told of a number; whoever calls has made sure that it is theirs (R21, O1)."""
    number = clean_waybill(waybill)
    rules = rules_of(book)
    lines = [Line(line.at, line.code, OWN, line.site) for line in own]
    told = CarrierTrace.objects.filter(waybill=number).defer("text").order_by("at", "pk").values_list("at", "code", "vendor", "place")
    lines += [Line(*row) for row in told[:MOST_LINES]]
    return public_lines(merged(lines, rules.within))


@dataclass(frozen=True, slots=True)
class AskRow:
    """A question to a carrier in a list."""

    id: int
    waybill: str
    vendor: str
    carrier: str
    kind: str
    state: str
    site_id: int
    asked_at: datetime
    asked_by: str
    due_at: datetime
    sent_at: datetime | None
    done_at: datetime | None
    tries: int
    fault: str
    said: str
    fresh: int


_ASK = (
    "pk", "waybill", "vendor", "carrier", "kind", "state", "site_id", "asked_at", "asked_by", "due_at", "sent_at", "done_at", "tries",
    "fault", "said", "fresh",
)  # fmt: skip
_NEWEST = [Order("pk", descending=True)]


def asks_page(
    actor: Actor,
    *,
    state: str = "",
    kind: str = "",
    vendor: str = "",
    fault: str = "",
    waybill: str = "",
    site_id: int | None = None,
    cursor: str | None = None,
    size: int = 50,
) -> Page[AskRow]:
    """Questions of sites in reach, newest first."""
    found = keyset_page(_asks(actor, state, kind, vendor, fault, waybill, site_id), _NEWEST, size=size, cursor=cursor)
    return Page([_ask(row) for row in found.rows], found.next, found.previous)


def asks_count(
    actor: Actor, *, state: str = "", kind: str = "", vendor: str = "", fault: str = "", waybill: str = "", site_id: int | None = None
) -> CappedCount:
    """How many there are, capped."""
    return capped_count(_asks(actor, state, kind, vendor, fault, waybill, site_id))


def _asks(actor: Actor, state: str, kind: str, vendor: str, fault: str, waybill: str, site_id: int | None) -> QuerySet[CarrierAsk]:
    rows = access.asks_visible_to(actor)
    equal = {"state": state, "kind": kind, "vendor": vendor, "fault": fault, "waybill": clean_waybill(waybill), "site_id": site_id}
    return rows.filter(**{name: value for name, value in equal.items() if value})


def _ask(row: CarrierAsk) -> AskRow:
    return AskRow(*(getattr(row, name) for name in _ASK))


def asks_of(actor: Actor, waybill: str) -> list[AskRow]:
    """The last questions about a number, newest first."""
    return [_ask(row) for row in prepared.rows(_asks_about, actor.as_reader(), waybill=clean_waybill(waybill))]


def _asks_about(reader: Actor, *, waybill: str) -> QuerySet[CarrierAsk]:
    return access.asks_visible_to(reader).filter(waybill=waybill).order_by("-pk")[:20]


def accounts(actor: Actor) -> list[CarrierAccount]:
    """Accounts in reach. Their secrets are for adapters; no screen shows them."""
    return list(access.accounts_visible_to(actor).defer("secret", "salt").select_related("site").order_by("vendor", "name", "pk"))


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """Questions waiting, and those that failed lately, of sites in reach."""

    waiting: CappedCount
    failed: CappedCount


def figures(actor: Actor) -> QueueFigures:
    """For the board; two capped counts."""
    rows = access.asks_visible_to(actor)
    waiting = rows.filter(state__in=(CarrierAsk.State.DUE, CarrierAsk.State.SENDING))
    return QueueFigures(capped_count(waiting), capped_count(rows.filter(state=CarrierAsk.State.FAILED)))
