"""Reads of delivery fees for screens: the query of O11, statements that open down to waybills, the comparison, the board's figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.fees import access, limits, statements
from kefu.station.fees.models import DeliveryFee, FeeDispute, FeeRevision, FeeStatement, NetworkFee
from kefu.station.fees.vocabulary import Compared, FeeState, StatementState, Trouble

MOST_NUMBERS = 200
_NEWEST = [Order("signed_on", descending=True), Order("pk", descending=True)]


@dataclass(frozen=True, slots=True)
class FeeWanted:
    """A choice of fees. ``numbers``: waybills; days are those of the signature; weights in kilograms, both ends included.

    ``origin``: code or part of the name of the sending site. ``difference``: ``weight``, or a code of ``Compared``.
    """

    numbers: Sequence[str] = ()
    site_id: int | None = None
    origin: str = ""
    first: date | None = None
    last: date | None = None
    lightest: Decimal | None = None
    heaviest: Decimal | None = None
    state: str = ""
    trouble: str = ""
    difference: str = ""
    statement_id: int | None = None


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee in a list."""

    id: int
    waybill: str
    sequence: int
    site_id: int
    site: str
    origin: str
    signed_on: date
    signed_at: datetime
    own_weight: Decimal | None
    hub_weight: Decimal | None
    billed_weight: Decimal | None
    weight_differs: bool
    base: Decimal
    heavy: Decimal
    other: Decimal
    total: Decimal
    state: str
    trouble: str
    settled_on: date | None
    network_total: Decimal | None
    compared: str
    version: int


def rows(actor: Actor, wanted: FeeWanted) -> QuerySet[DeliveryFee]:
    """Fees in reach, narrowed."""
    found = access.visible_to(actor)
    exact: dict[str, Any] = {"site_id": wanted.site_id, "statement_id": wanted.statement_id}
    exact |= {"state": wanted.state or None, "trouble": wanted.trouble or None}
    ranges: dict[str, Any] = {"signed_on__gte": wanted.first, "signed_on__lte": wanted.last}
    ranges |= {"billed_weight__gte": wanted.lightest, "billed_weight__lte": wanted.heaviest}
    found = found.filter(**{name: value for name, value in (exact | ranges).items() if value is not None})
    if wanted.origin:
        found = found.filter(origin_site_id__in=people_queries.site_ids_called(wanted.origin))
    if wanted.numbers:
        found = found.filter(waybill__in=[clean_waybill(number) for number in wanted.numbers[:MOST_NUMBERS]])
    return _differing(found, wanted.difference) if wanted.difference else found


def _differing(found: QuerySet[DeliveryFee], difference: str) -> QuerySet[DeliveryFee]:
    if difference == "weight":
        return found.filter(weight_differs=True)
    mine = found.filter(sequence=0).exclude(state=FeeState.VOID)
    if difference == Compared.THEIRS_MISSING:
        # Only where their statement of that month is there at all.
        months = NetworkFee.objects.filter(site_id=OuterRef("site_id"), month=OuterRef("of_month"))
        return mine.filter(network_total=None).annotate(of_month=TruncMonth("signed_on")).filter(Exists(months))
    tests = {
        Compared.SAME.value: Q(network_total=F("total")),
        Compared.MORE.value: Q(network_total__lt=F("total")),
        Compared.LESS.value: Q(network_total__gt=F("total")),
    }
    return mine.filter(tests[difference]) if difference in tests else mine.none()


def page(actor: Actor, wanted: FeeWanted, *, cursor: str | None = None, size: int = 50) -> Page[FeeRow]:
    """Fees, the newest signature first: two queries whatever the depth."""
    people.require(actor, Permission.FEE_VIEW)
    found = keyset_page(rows(actor, wanted).select_related("statement"), _NEWEST, size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page([fee_row(row, names) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: FeeWanted) -> CappedCount:
    """How many, at most a thousand."""
    return capped_count(rows(actor, wanted))


def sums(actor: Actor, wanted: FeeWanted) -> Mapping[str, Any]:
    """Number, base, heavy and total of a choice, one query."""
    return statements.totals(rows(actor, wanted))


def compared(row: DeliveryFee) -> str:
    """Our amount against theirs; empty while theirs is not there."""
    if row.network_total is None or row.state == FeeState.VOID or row.sequence:
        return ""
    if row.total == row.network_total:
        return Compared.SAME.value
    return Compared.MORE.value if row.total > row.network_total else Compared.LESS.value


def fee_row(row: DeliveryFee, names: Mapping[int, str]) -> FeeRow:
    """A kept fee for a list."""
    settled = row.statement.settled_at if row.statement is not None else None
    return FeeRow(
        id=row.pk,
        waybill=row.waybill,
        sequence=row.sequence,
        site_id=row.site_id,
        site=names.get(row.site_id, ""),
        origin=names.get(row.origin_site_id, "") if row.origin_site_id else "",
        signed_on=row.signed_on,
        signed_at=row.signed_at,
        own_weight=row.own_weight,
        hub_weight=row.hub_weight,
        billed_weight=row.billed_weight,
        weight_differs=row.weight_differs,
        base=row.base,
        heavy=row.heavy,
        other=row.total - row.base - row.heavy,
        total=row.total,
        state=row.state,
        trouble=row.trouble,
        settled_on=timezone.localdate(settled) if settled else None,
        network_total=row.network_total,
        compared=compared(row),
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class FeeDetail:
    """A fee with everything it came from: kept lines, revisions and disputes newest first, corrections of the same parcel."""

    row: FeeRow
    pieces: int
    product: str
    floors: int
    round_trip: bool
    fixed: bool
    card_id: int | None
    card_title: str
    card_source: str
    statement_id: int | None
    lines: Sequence[Mapping[str, Any]]
    revisions: Sequence[FeeRevision]
    disputes: Sequence[FeeDispute]
    others: Sequence[FeeRow]


def detail(actor: Actor, fee_id: int) -> FeeDetail:
    """One fee in reach, or ``NotFound``."""
    row = access.get_for(actor, fee_id)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    others = access.visible_to(actor).select_related("statement").filter(parcel_id=row.parcel_id).exclude(pk=row.pk).order_by("sequence")
    return FeeDetail(
        row=fee_row(row, names),
        pieces=row.pieces,
        product=row.product,
        floors=row.floors,
        round_trip=row.round_trip,
        fixed=row.fixed,
        card_id=row.card_id,
        card_title=row.card.title if row.card else "",
        card_source=row.card.source if row.card else "",
        statement_id=row.statement_id,
        lines=row.lines,
        revisions=list(row.revisions.order_by("-pk")[:50]),
        disputes=list(row.disputes.order_by("-pk")[:20]),
        others=[fee_row(one, names) for one in others],
    )


@dataclass(frozen=True, slots=True)
class Statement:
    """A monthly statement. Sums of a draft are as of now; ``held`` are disputed fees of these months, ``troubled`` those without amount."""

    id: int
    site_id: int
    site: str
    month: date
    state: str
    count: int
    base: Decimal
    heavy: Decimal
    total: Decimal
    made_at: datetime
    settled_at: datetime | None
    settled_by: str
    paid_at: datetime | None
    paid_by: str
    version: int
    held: CappedCount | None = None
    troubled: CappedCount | None = None
    waiting: CappedCount | None = None


def _statement(row: FeeStatement, sums_now: Mapping[str, Any] | None = None, **more: Any) -> Statement:
    values = sums_now or {name: getattr(row, name) for name in ("count", "base", "heavy", "total")}
    return Statement(
        id=row.pk,
        site_id=row.site_id,
        site=row.site.name,
        month=row.month,
        state=row.state,
        made_at=row.made_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        paid_at=row.paid_at,
        paid_by=row.paid_by,
        version=row.version,
        **values,
        **more,
    )


def statement_page(
    actor: Actor, *, site_id: int | None = None, state: str = "", cursor: str | None = None, size: int = 50
) -> Page[Statement]:
    """Statements in reach, the newest first."""
    people.require(actor, Permission.FEE_VIEW)
    found = access.statements(actor)
    wanted = {"site_id": site_id, "state": state or None}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    order = [Order("month", descending=True), Order("pk", descending=True)]
    rows_ = keyset_page(found, order, size=size, cursor=cursor)
    return Page([_statement(row) for row in rows_.rows], rows_.next, rows_.previous)


def statement(actor: Actor, statement_id: int) -> Statement:
    """One statement in reach with what stays out of it, or ``NotFound``."""
    row = access.statement_for(actor, statement_id)
    if row.state != StatementState.DRAFT:
        return _statement(row)
    until = DeliveryFee.objects.filter(site_id=row.site_id, signed_on__lte=statements.last_of(row.month))
    open_ = until.filter(state=FeeState.OPEN)
    held, troubled, waiting = capped_counts([until.filter(state=FeeState.DISPUTED), open_.exclude(trouble=""), open_.filter(trouble="")])
    inside = statements.totals(DeliveryFee.objects.filter(statement=row, state=FeeState.COUNTED))
    return _statement(row, inside, held=held, troubled=troubled, waiting=waiting)


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A line of theirs beside ours; ``compared`` is a code of ``Compared``."""

    id: int
    waybill: str
    site: str
    month: date
    weight: Decimal | None
    total: Decimal
    fee_id: int | None
    our_total: Decimal | None
    compared: str

    @property
    def difference(self) -> Decimal:
        """Ours minus theirs, yuan."""
        return (self.our_total or Decimal(0)) - self.total


def network_rows(
    actor: Actor, *, site_id: int | None = None, month: date | None = None, comparison: str = "", numbers: Sequence[str] = ()
) -> QuerySet[NetworkFee]:
    """Lines of their statements in reach, narrowed."""
    found = access.network_fees(actor)
    wanted = {"site_id": site_id, "month": statements.first_of(month) if month else None}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if numbers:
        found = found.filter(waybill__in=[clean_waybill(number) for number in numbers[:MOST_NUMBERS]])
    ours = DeliveryFee.objects.filter(waybill=OuterRef("waybill"), site_id=OuterRef("site_id"), sequence=0).exclude(state=FeeState.VOID)
    tests = {
        Compared.OURS_MISSING.value: ~Exists(ours),
        Compared.SAME.value: Exists(ours.filter(total=OuterRef("total"))),
        Compared.MORE.value: Exists(ours.filter(total__gt=OuterRef("total"))),
        Compared.LESS.value: Exists(ours.filter(total__lt=OuterRef("total"))),
    }
    return found.filter(tests[comparison]) if comparison in tests else found


def network_page(found: QuerySet[NetworkFee], *, cursor: str | None = None, size: int = 50) -> Page[NetworkRow]:
    """A page of them beside ours: three queries."""
    page_ = keyset_page(found, [Order("month", descending=True), Order("pk", descending=True)], size=size, cursor=cursor)
    ours = DeliveryFee.objects.filter(waybill__in=[row.waybill for row in page_.rows], sequence=0).exclude(state=FeeState.VOID)
    fees = {(row.site_id, row.waybill): row for row in ours}
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page([_network_row(row, fees.get((row.site_id, row.waybill)), names) for row in page_.rows], page_.next, page_.previous)


def _network_row(row: NetworkFee, fee: DeliveryFee | None, names: Mapping[int, str]) -> NetworkRow:
    code = Compared.OURS_MISSING.value
    if fee is not None:
        same, more = Compared.SAME.value, Compared.MORE.value
        code = same if fee.total == row.total else more if fee.total > row.total else Compared.LESS.value
    return NetworkRow(
        id=row.pk,
        waybill=row.waybill,
        site=names.get(row.site_id, ""),
        month=row.month,
        weight=row.weight,
        total=row.total,
        fee_id=fee.pk if fee else None,
        our_total=fee.total if fee else None,
        compared=code,
    )


@dataclass(frozen=True, slots=True)
class Today:
    """Figures of the board: fees no card applies to, disputes open, drafts to settle."""

    troubled: CappedCount
    disputed: CappedCount
    drafts: CappedCount


def today(actor: Actor, now: datetime) -> Today:
    """One query; the last hundred days."""
    since = timezone.localdate(now) - timedelta(days=100)
    fees = access.visible_to(actor).filter(signed_on__gte=since)
    troubled = fees.filter(state=FeeState.OPEN, trouble=Trouble.NO_CARD)
    drafts = access.statements(actor).filter(state=StatementState.DRAFT)
    return Today(*capped_counts([troubled, fees.filter(state=FeeState.DISPUTED), drafts]))


def book_of(site_id: int, now: datetime) -> Handbook | None:
    """The handbook in force at a site, if one is."""
    site = people_queries.sites_by_id().get(site_id)
    try:
        return handbooks.book_at(site.handbook, now) if site else None
    except NotInForce:
        return None


def case_kind(site_id: int, now: datetime) -> tuple[str, str]:
    """Kind of case a dispute becomes and the clause that says so; both empty when the handbook knows none."""
    book = book_of(site_id, now)
    kinds = limits.case_kinds(book) if book else ()
    kind = next((one for one in kinds if book and book.procedure_for(one) is not None), "")
    return kind, str(book.ref(f"texts.{limits.KEY}")) if book and kind else ""
