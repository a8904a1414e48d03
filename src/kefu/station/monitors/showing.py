"""Rows of a list: a difference with the scans around it, its follow-up, and names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from kefu.parcels.tables import PARCELS, SCANS, SUB_WAYBILLS, VOIDS
from kefu.parcels.vocabulary import ScanCode
from kefu.people import queries as people
from kefu.station.monitors.models import Difference
from kefu.station.monitors.phrasing import among, moment, sql
from kefu.station.monitors.reading import Key, Standing
from kefu.station.monitors.rules import days_old, is_lost
from kefu.station.monitors.sets import DifferenceSet


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What somebody does about a difference; version 0 when nobody has."""

    id: int | None = None
    handler_id: int | None = None
    handler: str = ""
    result: str = ""
    note: str = ""
    urged_at: datetime | None = None
    reported_at: datetime | None = None
    problem_id: int | None = None
    refusal: str = ""
    warned_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A difference of a list (the fields of O12). ``piece`` is the number of a piece (子单); ``pieces`` how many of it did come (2/3).

    ``sent_at`` when the other station sent it, ``due_at`` when it should have been settled, ``arrived_at`` when it arrived here, ``last_*``
    the last scan anywhere: where to look for it.
    """

    key: Key
    kind: str
    site: str
    waybill: str
    piece: str
    pieces: str
    bag: str
    truck: str
    other_id: int | None
    other: str
    at: datetime
    code: str
    sent_at: datetime | None
    due_at: datetime
    arrived_at: datetime | None
    days: int
    lost: bool
    courier: str
    operator: str
    last_code: str
    last_site: str
    last_at: datetime | None
    follow: FollowUp
    clause: str


class _Scan(NamedTuple):
    piece: str
    code: str
    site_id: int
    next_id: int | None
    at: datetime


def rows(one: DifferenceSet, found: Sequence[Standing], now: datetime) -> list[Row]:
    """Rows of a page: scans, pieces and follow-ups in three statements, whatever the page's size."""
    waybills = sorted({row.key.waybill for row in found})
    scans = _scans(waybills)
    pieces = _pieces(waybills)
    follow = follow_ups(one.key, [row.key for row in found])
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    return [_row(one, row, scans.get(row.key.waybill, []), pieces, follow.get(row.key, FollowUp()), names, now) for row in found]


def _row(
    one: DifferenceSet,
    row: Standing,
    scans: Sequence[_Scan],
    pieces: Mapping[str, int],
    follow: FollowUp,
    names: Mapping[int, str],
    now: datetime,
) -> Row:
    here, mine = row.key.site_id, [scan for scan in scans if not row.key.piece or scan.piece in ("", row.key.piece)]
    sent = [scan for scan in mine if scan.code == ScanCode.SEND and scan.next_id == here]
    arrived = [scan.at for scan in mine if scan.code == ScanCode.ARRIVE and scan.site_id == here]
    other = row.other_id if row.other_id is not None else (sent[-1].site_id if sent else None)
    last = mine[-1] if mine else None
    return Row(
        key=row.key,
        kind=one.key,
        site=names.get(here, ""),
        waybill=row.key.waybill,
        piece=row.key.piece,
        pieces=_share(one, scans, here, pieces.get(row.key.waybill, 0)),
        bag=row.bag,
        truck=row.truck,
        other_id=other,
        other=names.get(other, "") if other is not None else "",
        at=row.at,
        code=row.code,
        sent_at=row.at if row.code == ScanCode.SEND else (sent[-1].at if sent else None),
        due_at=row.at + row.ground.terms.tolerance,
        arrived_at=row.at if row.code == ScanCode.ARRIVE else (arrived[-1] if arrived else None),
        days=days_old(row.at, now),
        lost=is_lost(row.at, now, row.ground.terms.lost),
        courier=row.courier,
        operator=row.operator,
        last_code=last.code if last else "",
        last_site=names.get(last.site_id, "") if last else "",
        last_at=last.at if last else None,
        follow=follow,
        clause=row.ground.terms.clause,
    )


def _share(one: DifferenceSet, scans: Sequence[_Scan], site_id: int, pieces: int) -> str:
    """How many of the pieces had the scan that settles the set."""
    if not pieces:
        return ""
    came = {scan.piece for scan in scans if scan.piece and scan.site_id == site_id and scan.code in one.settled.codes}
    return f"{len(came)}/{pieces}"


def _scans(waybills: Sequence[str]) -> dict[str, list[_Scan]]:
    if not waybills:
        return {}
    text = sql(
        f"SELECT waybill, piece, code, site_id, next_site_id, scanned_at FROM {SCANS} s WHERE {{}}"
        f" AND NOT EXISTS (SELECT 1 FROM {VOIDS} v WHERE v.scan_id = s.id) ORDER BY scanned_at, id",
        among("s.waybill", waybills),
    )
    found: dict[str, list[_Scan]] = {}
    with connection.cursor() as cursor:
        cursor.execute(text.text, list(text.values))
        for waybill, piece, code, site_id, next_id, at in cursor.fetchall():
            found.setdefault(waybill, []).append(_Scan(piece, code, site_id, next_id, moment(at)))
    return found


def _pieces(waybills: Sequence[str]) -> dict[str, int]:
    if not waybills:
        return {}
    text = sql(
        f"SELECT p.waybill, COUNT(*) FROM {SUB_WAYBILLS} b JOIN {PARCELS} p ON p.id = b.parcel_id WHERE {{}} GROUP BY p.waybill",
        among("p.waybill", waybills),
    )
    with connection.cursor() as cursor:
        cursor.execute(text.text, list(text.values))
        return dict(cursor.fetchall())


def follow_ups(kind: str, keys: Sequence[Key]) -> dict[Key, FollowUp]:
    """Open follow-ups of these differences."""
    wanted, sites = set(keys), {key.site_id for key in keys}
    rows = Difference.objects.filter(kind=kind, site_id__in=sites, waybill__in={key.waybill for key in keys}, closed_at=None)
    found = {Key(one.site_id, one.waybill, one.piece): one for one in rows.select_related("handler")}
    return {key: shown(one) for key, one in found.items() if key in wanted}


def shown(one: Difference) -> FollowUp:
    """A follow-up as a row shows it."""
    return FollowUp(
        one.pk,
        one.handler_id,
        one.handler.name if one.handler else "",
        one.result,
        one.note,
        one.urged_at,
        one.reported_at,
        one.problem_id,
        one.refusal,
        one.lost_at,
        one.version,
    )
