"""The statement of a difference set, built from its declaration for PostgreSQL and SQLite alike (O12).

In three steps: *expected* reads the scans of the sites in the time asked; *standing* takes away what is settled, which is where the
millions go; only the few that are left are then looked at more closely (all pieces of a waybill scanned one by one, the same scan done
again). Times are given as constants too, so that PostgreSQL looks into the months concerned and no others.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from kefu.parcels.tables import PARCELS, SCANS, SUB_WAYBILLS, VOIDS
from kefu.parcels.vocabulary import ScanCode
from kefu.station.monitors.phrasing import Sql, among, both, moved, sql
from kefu.station.monitors.sets import DifferenceSet
from kefu.station.monitors.terms import Ground

COLUMNS = (
    "id", "waybill", "piece", "owner_id", "site_id", "previous_site_id", "next_site_id", "at", "code", "bag", "truck", "courier",
    "operator",
)  # fmt: skip
_DRIFT = timedelta(minutes=10)
_DAY = timedelta(days=1)
_LONG = timedelta(days=7)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Expected scans from ``since`` on and before ``until``, looked at ``now``."""

    since: datetime
    until: datetime
    now: datetime


class Statement:
    """What the parts of a statement share: the set, the sites with their terms, the time."""

    def __init__(self, one: DifferenceSet, ground: Ground, span: Span, waybills: Collection[str] = ()) -> None:
        self.one, self.terms, self.span = one, ground.terms, span
        self._ground, self._waybills = ground, waybills
        # A scan shortly before the time asked may be the first of a pair.
        self._again = ground.terms.back if one.once and ground.terms.back is not None else ground.terms.repeat
        self._since = span.since - self._again
        self._until = min(span.until, span.now - ground.terms.tolerance + timedelta(microseconds=1))

    def rows(self) -> Sql:
        """``WITH`` clause whose ``found`` holds the differences, one row each."""
        found = both([
            self._asked(),
            self._first(),
            self._no_bag("o"),
            self._misdirected() if self.one.misdirected else None,
            self._pieces(),
        ])  # fmt: skip
        return sql(
            "WITH standing AS MATERIALIZED (SELECT e.* FROM ({}) e WHERE {}), found AS (SELECT o.* FROM standing o WHERE {})",
            self._expected(self._since), self._unsettled("e", both([]) if self.one.settled.entered else self._piece("e")), found,
        )  # fmt: skip

    def expected(self) -> Sql:
        """``WITH`` clause whose ``found`` holds everything expected in the time asked and due by now, settled or not."""
        return sql("WITH found AS (SELECT o.* FROM ({}) o WHERE {})", self._expected(self.span.since), self._no_bag("o"))

    def _expected(self, since: datetime) -> Sql:
        if self.one.expected.entered:
            return self._entered(since)
        owner = f"e.{self.one.expected.owner}_id"
        names = self.one.expected.names
        conditions = both([
            among("e.code", self.one.expected.codes),
            self._owned(owner),
            among("e.waybill", self._waybills) if self._waybills else None,
            sql("e.scanned_at >= {} AND e.scanned_at < {}", since, self._until),
            Sql(f"e.{names}_id IS NOT NULL") if names else None,
            self._live("e"),
        ])  # fmt: skip
        return sql(
            f"SELECT e.id, e.waybill, e.piece, {owner} AS owner_id, e.site_id, e.previous_site_id, e.next_site_id, e.scanned_at AS at,"
            f" e.code, e.bag, e.truck, e.courier, e.operator FROM {SCANS} e WHERE {{}}",
            conditions,
        )

    def _owned(self, owner: str) -> Sql:
        """The row is one of these sites. Many days of most sites are read through, not looked up site by site."""
        others = self._ground.others
        if others is None or self.span.until - self.span.since < _LONG or self._waybills:
            return among(owner, self._ground.sites)
        return both([Sql(f"{owner} IS NOT NULL"), sql("NOT ({})", among(owner, others)) if others else None])

    def _entered(self, since: datetime) -> Sql:
        conditions = both([
            self._owned("p.origin_site_id"),
            among("p.waybill", self._waybills) if self._waybills else None,
            sql("p.created_at >= {} AND p.created_at < {}", since, self._until),
            Sql("p.cancelled_at IS NULL"),
        ])  # fmt: skip
        return sql(
            "SELECT p.id, p.waybill, '' AS piece, p.origin_site_id AS owner_id, NULL AS site_id, NULL AS previous_site_id,"
            " NULL AS next_site_id, p.created_at AS at, 'entered' AS code, '' AS bag, '' AS truck, '' AS courier, p.entered_by AS operator"
            f" FROM {PARCELS} p WHERE {{}}",
            conditions,
        )

    def _unsettled(self, of: str, piece: Sql) -> Sql:
        """Nothing settles the row ``of``."""
        if self.one.settled.entered:
            return Sql(f"NOT EXISTS (SELECT 1 FROM {PARCELS} p WHERE p.waybill = {of}.waybill)")
        return sql(f"NOT EXISTS (SELECT 1 FROM {SCANS} s WHERE {{}} AND {{}})", self._settling(of), piece)

    def _piece(self, of: str) -> Sql:
        """The scan of the whole waybill counts for each of its pieces."""
        return Sql(f"(s.piece = {of}.piece OR s.piece = '')")

    def _settling(self, of: str) -> Sql:
        """What makes a scan ``s`` settle the row ``of``, whatever the piece."""
        settled = self.one.settled
        place = {
            "own": Sql(f"s.site_id = {of}.owner_id"),
            "next": Sql(f"s.site_id = {of}.next_site_id"),
            "previous": Sql(f"s.site_id = {of}.previous_site_id"),
            "toward": Sql(f"s.next_site_id = {of}.owner_id"),
            "any": None,
        }[settled.where]
        codes = tuple(dict.fromkeys((*settled.codes, *self.terms.also)))
        return both([Sql(f"s.waybill = {of}.waybill"), among("s.code", codes), place, self._when(of), self._live("s")])

    def _when(self, of: str) -> Sql:
        """The time a settling scan may have, seen from the row, and as constants."""
        terms, when = self.terms, self.one.settled.when
        conditions: list[Sql | None] = []
        if when == "after":
            conditions = [
                Sql(f"s.scanned_at >= {moved(f'{of}.at', -terms.clock)}"),
                sql("s.scanned_at >= {}", self._since - terms.clock),
            ]
        elif terms.back is not None:
            conditions = [
                Sql(f"s.scanned_at >= {moved(f'{of}.at', -terms.back)}"),
                sql("s.scanned_at >= {}", self._since - terms.back - _SECOND),
            ]
        if when == "before":
            conditions.append(Sql(f"s.scanned_at <= {moved(f'{of}.at', terms.clock)}"))
            conditions.append(sql("s.scanned_at <= {}", self._until + terms.clock))
        else:
            conditions.append(sql("s.scanned_at <= {}", self.span.now + _DRIFT))
        return both(conditions)

    def _asked(self) -> Sql:
        return sql("o.at >= {}", self.span.since)

    def _first(self) -> Sql:
        """The same scan again within the time for it is the same difference: the first one stands, whichever days are asked for."""
        again = "EXISTS (SELECT 1 FROM standing d WHERE d.waybill = o.waybill AND d.piece = o.piece AND d.owner_id = o.owner_id AND {})"
        earlier = Sql("(d.at < o.at OR (d.at = o.at AND d.id < o.id))")
        return sql(f"NOT {again}", both([earlier, Sql(f"d.at >= {moved('o.at', -self._again)}")]))

    def _no_bag(self, of: str) -> Sql | None:
        """The number of a bag whose pieces are known is no parcel: each piece stands for itself."""
        if self.one.expected.entered:
            return None
        since = [sql("g.scanned_at >= {}", self._since - self.terms.back)] if self.terms.back is not None else []
        bag = both(
            [
                sql(f"g.bag = {of}.waybill AND g.bag <> '' AND g.code = {{}} AND g.scanned_at <= {{}}", ScanCode.BAG.value, self._until),
                *since,
            ]
        )
        return sql(f"NOT EXISTS (SELECT 1 FROM {SCANS} g WHERE {{}})", bag)

    def _pieces(self) -> Sql | None:
        """A whole waybill is settled too when every one of its pieces is."""
        if self.one.settled.entered:
            return None
        missing = sql(
            f"EXISTS (SELECT 1 FROM {SUB_WAYBILLS} b WHERE b.parcel_id = p.id AND"
            f" NOT EXISTS (SELECT 1 FROM {SCANS} s WHERE {{}} AND s.piece = b.number))",
            self._settling("o"),
        )
        has = f"EXISTS (SELECT 1 FROM {SUB_WAYBILLS} b WHERE b.parcel_id = p.id)"
        return sql(
            f"NOT EXISTS (SELECT 1 FROM {PARCELS} p WHERE p.waybill = o.waybill AND o.piece = '' AND {has} AND NOT {{}})",
            missing,
        )

    def _misdirected(self) -> Sql:
        """The last dispatch of another site before it names a third one."""
        terms, send = self.terms, ScanCode.SEND.value
        low: list[Sql] = []
        if terms.back is not None:
            low = [Sql(f"m.scanned_at >= {moved('o.at', -terms.back)}"), sql("m.scanned_at >= {}", self._since - terms.back - _SECOND)]
        until = moved("o.at", terms.clock)
        elsewhere = both([
            sql("m.waybill = o.waybill AND m.code = {} AND m.next_site_id <> o.owner_id AND m.site_id <> o.owner_id", send),
            Sql("(m.piece = o.piece OR m.piece = '')"),
            Sql(f"m.scanned_at <= {until}"),
            *low,
            self._live("m"),
        ])  # fmt: skip
        right = both([
            sql("t.waybill = o.waybill AND t.code = {} AND t.next_site_id = o.owner_id", send),
            Sql("(t.piece = o.piece OR t.piece = '')"),
            Sql(f"t.scanned_at >= m.scanned_at AND t.scanned_at <= {until}"),
            self._live("t"),
        ])  # fmt: skip
        return sql(
            f"EXISTS (SELECT 1 FROM {SCANS} m WHERE {{}} AND NOT EXISTS (SELECT 1 FROM {SCANS} t WHERE {{}}))",
            elsewhere, right,
        )  # fmt: skip

    def _live(self, scan: str) -> Sql:
        """Scans that were declared void do not count; nobody declares one void before it happened."""
        back = self.terms.back if self.terms.back is not None and self.one.settled.when != "after" else timedelta(0)
        since = self._since - max(back, self.terms.clock) - _DAY
        return sql(f"{scan}.id NOT IN (SELECT scan_id FROM {VOIDS} WHERE voided_at >= {{}})", since)
