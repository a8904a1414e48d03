"""Scans into the table: those already there are left alone, and it is told which ones are new."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TypeAlias

from django.db import connection

from kefu.kernel.bulk import insert_missing
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.models import Scan, ScanVoid
from kefu.parcels.rules import Event
from kefu.parcels.states import among, parts

Fresh = list[tuple[str, Event]]
# Waybill, moment, code, site, operator, piece: what makes a scan the same.
Key: TypeAlias = tuple[str, datetime, str, int, str, str]
# As in a draft and in the table.
_GIVEN = (
    "waybill",
    "code",
    "operator",
    "courier",
    "site_id",
    "previous_site_id",
    "next_site_id",
    "device",
    "reason",
    "note",
    "source",
    "external_id",
    "piece",
    "bag",
    "truck",
)
KEY = ("waybill", "scanned_at", "code", "site_id", "operator", "piece")
_values = attrgetter(*_GIVEN)
key_of = attrgetter(*KEY)


def store_scans(drafts: Sequence[ScanDraft], now: datetime) -> Fresh:
    """Write the scans that are not there yet, and tell which those were. Call inside a transaction.

    A scan that so far only followed from its bag, and now comes of itself, becomes a scan of its own.
    """
    adapt = connection.ops.adapt_datetimefield_value
    received = adapt(now)
    rows = [(adapt(draft.scanned_at), received, *_values(draft)) for draft in drafts]
    fresh = insert_missing(Scan, ("scanned_at", "received_at", *_GIVEN), rows, told=KEY)
    if len(fresh) < len(rows):
        take_over({key_of(draft): draft for draft in drafts if draft.source != Scan.Source.BAG})
    return [(waybill, Event(at, code, site_id, operator, piece)) for waybill, at, code, site_id, operator, piece in fresh]


def voided_among(keys: Collection[Key]) -> set[Key]:
    """Those of the scans, which are there already, that were made void: sent again they stay so (O8)."""
    found: set[Key] = set()
    for voids in among(ScanVoid.objects.all(), "waybill", {key[0] for key in keys}):
        for part in parts(list(voids.values_list("scan_id", flat=True))):
            found.update(Scan.objects.filter(pk__in=part).values_list(*KEY))
    return found & set(keys)


def take_over(wanted: Mapping[tuple[object, ...], ScanDraft]) -> None:
    """Scans of pieces that so far followed from a bag's, and now are said to have been made themselves."""
    for rows in among(Scan.objects.filter(source=Scan.Source.BAG), "waybill", {str(key[0]) for key in wanted}):
        for pk, *key in rows.values_list("pk", *KEY):
            if draft := wanted.get(tuple(key)):
                own = {"source": draft.source, "courier": draft.courier, "device": draft.device, "note": draft.note, "bag": draft.bag}
                Scan.objects.filter(pk=pk).update(**own)
