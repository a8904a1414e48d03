"""What happens by itself: follow-ups close when scans settle them, missing parcels are warned of, days are counted for the trend."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from kefu.kernel import audit, moment, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.models import OutboxEvent
from kefu.parcels.tables import PARCELS
from kefu.station.monitors import reading
from kefu.station.monitors.actions import difference_ref, new
from kefu.station.monitors.events import DifferencesWorked, LossSuspected
from kefu.station.monitors.models import DayCount, DayMark, Difference, LossNotice
from kefu.station.monitors.phrasing import among, sql
from kefu.station.monitors.queries import span_of
from kefu.station.monitors.reading import Key, Narrow, Standing
from kefu.station.monitors.rules import MOST_DAYS
from kefu.station.monitors.sets import SETS, DifferenceSet
from kefu.station.monitors.statement import Span
from kefu.station.monitors.terms import Ground, grounds

_CLOSER = Actor.system("differences")
_PART = 500
# How far back of the limit the missing are looked for: older ones were warned of when they were younger.
_LOST_WINDOW = timedelta(days=14)


def look_through(*, now: datetime) -> None:
    """What hours bring without a scan: follow-ups that are settled, parcels that count as lost now, days with more that is late."""
    close_settled(now=now)
    warn_of_losses(now=now)
    recount_recent(now=now)


def close_settled(*, now: datetime, rows: Sequence[Difference] | None = None) -> int:
    """Close follow-ups whose difference no longer stands; all open ones, or those given. Returns how many."""
    if rows is None:
        rows = list(Difference.objects.filter(closed_at=None).order_by("kind", "pk")[:20_000])
    by_kind: dict[str, list[Difference]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    closed: list[Difference] = []
    for kind, found in by_kind.items():
        keys = [Key(row.site_id, row.waybill, row.piece) for row in found]
        since = min(row.expected_at for row in found) - timedelta(hours=1)
        left = reading.still_standing(kind, keys, now=now, since=since) if kind in SETS else {}
        closed += [row for row, key in zip(found, keys, strict=True) if key not in left]
    for start in range(0, len(closed), _PART):
        _close(closed[start : start + _PART], now)
    return len(closed)


def _close(rows: Sequence[Difference], now: datetime) -> None:
    with transaction.atomic():
        keys = [row.pk for row in rows]
        Difference.objects.filter(pk__in=keys, closed_at=None).update(closed_at=now, changed_at=now, version=F("version") + 1)
        entries = [
            audit.entry(_CLOSER, "difference.closed", difference_ref(row), now=now, site_id=row.site_id, data={"kind": row.kind})
            for row in rows
        ]
        audit.record_many(entries)
        sites = sorted({row.site_id for row in rows})
        told = [DifferencesWorked(site_id=site, ids=tuple(row.pk for row in rows if row.site_id == site), what="closed") for site in sites]
        outbox.emit_many(told, now=now)


def close_moved(parcel_ids: Collection[int], *, now: datetime) -> int:
    """Parcels moved: look again at what is open on their waybills."""
    table = Difference._meta.db_table
    keys: list[int] = []
    ids = sorted(parcel_ids)
    for start in range(0, len(ids), _PART):
        text = sql(
            f"SELECT f.id FROM {PARCELS} p JOIN {table} f ON f.waybill = p.waybill AND f.closed_at IS NULL WHERE {{}}",
            among("p.id", ids[start : start + _PART]),
        )
        with connection.cursor() as cursor:
            cursor.execute(text.text, list(text.values))
            keys += [row[0] for row in cursor.fetchall()]
    return close_settled(now=now, rows=list(Difference.objects.filter(pk__in=keys))) if keys else 0


def warn_of_losses(*, now: datetime) -> int:
    """Mark what is missing as long as its site's handbook says, and tell it once (O5). Returns how many were new."""
    total = 0
    for one in (one for one in SETS.values() if one.lost_after):
        for ground in grounds(one, None, now):
            if ground.terms.lost is not None:
                total += _warn(one, ground, now, ground.terms.lost)
    return total


def _warn(one: DifferenceSet, ground: Ground, now: datetime, limit: timedelta) -> int:
    until = now - limit
    span = Span(until - _LOST_WINDOW, until + timedelta(microseconds=1), now)
    found = [row for row in reading.standing(one, [ground], span, Narrow(), size=20_000) if row.key.site_id in ground.sites]
    warned = set(
        Difference.objects.filter(kind=one.key, closed_at=None, site_id__in={row.key.site_id for row in found})
        .exclude(lost_at=None)
        .values_list("site_id", "waybill", "piece")
    )
    fresh = [row for row in found if tuple(row.key) not in warned]
    by_site: dict[int, list[Standing]] = {}
    for row in fresh:
        by_site.setdefault(row.key.site_id, []).append(row)
    for site_id, rows in sorted(by_site.items()):
        for start in range(0, len(rows), _PART):
            _mark_lost(one.key, site_id, rows[start : start + _PART], ground.terms.clause, now)
    return len(fresh)


def _mark_lost(kind: str, site_id: int, rows: Sequence[Standing], clause: str, now: datetime) -> None:
    with transaction.atomic():
        Difference.objects.bulk_create([new(kind, row, now) for row in rows], ignore_conflicts=True)
        waybills = [row.key.waybill for row in rows]
        open_ = Difference.objects.filter(kind=kind, site_id=site_id, waybill__in=waybills, closed_at=None, lost_at=None)
        ids = sorted(open_.values_list("pk", flat=True))
        if not ids:
            return
        Difference.objects.filter(pk__in=ids, lost_at=None).update(lost_at=now, changed_at=now, version=F("version") + 1)
        marked = Difference.objects.filter(pk__in=ids)
        audit.record_many([
            audit.entry(_CLOSER, "difference.warned", difference_ref(row), now=now, site_id=site_id, clause=clause) for row in marked
        ])  # fmt: skip
        outbox.emit(LossSuspected(site_id=site_id, ids=tuple(ids), clause=clause), now=now)


def tell_leads(events: Sequence[OutboxEvent], *, now: datetime) -> None:
    """A notice for the leads of the site, one for each event however often it is handled."""
    found = [(event, LossSuspected.model_validate(event.payload)) for event in events]
    LossNotice.objects.bulk_create(
        [
            LossNotice(site_id=loss.site_id, seq=event.pk, count=len(loss.ids), clause=loss.clause[:120], made_at=now)
            for event, loss in found
        ],
        ignore_conflicts=True,
    )


def mark_days(site_ids: Collection[int], *, now: datetime, clock: Callable[[], datetime] = moment.now) -> None:
    """Scans of these sites came: today's counts are made again, and those of the days that still have differences.

    ``clock`` tells one mark from the next: a day marked while it is counted is counted once more.
    """
    today = timezone.localtime(now).date()
    days = DayCount.objects.filter(site_id__in=site_ids, standing__gt=0, day__gt=today - timedelta(days=MOST_DAYS))
    wanted = {(site, day) for site, day in days.values_list("site_id", "day").distinct()} | {(site, today) for site in site_ids}
    rows = [DayMark(site_id=site, day=day, marked_at=clock()) for site, day in sorted(wanted)]
    DayMark.objects.bulk_create(rows, update_conflicts=True, unique_fields=["site", "day"], update_fields=["marked_at"])


def recount_marked(*, now: datetime, limit: int = 20) -> int:
    """Count marked days again, site by site; a day marked again meanwhile stays marked. Returns how many sites.

    Counting holds no lock: a mark falls away behind it, so that nobody who writes waits, and a worker killed half-way counts again.
    """
    sites = list(DayMark.objects.order_by("site_id").values_list("site_id", flat=True).distinct()[:limit])
    for site_id in sites:
        marks = list(DayMark.objects.filter(site_id=site_id))
        days = [mark.day for mark in marks]
        if not days:
            continue
        recount(now=now, sites=[site_id], since=min(days), until=max(days))
        counted = Q()
        for mark in marks:
            counted |= Q(pk=mark.pk, marked_at=mark.marked_at)
        DayMark.objects.filter(counted).delete()
    return len(sites)


def recount_recent(*, now: datetime, days: int = 3) -> None:
    """Count the last days of all sites again: hours pass, and what was not late is."""
    today = timezone.localtime(now).date()
    recount(now=now, sites=None, since=today - timedelta(days=days - 1), until=today)


def recount(*, now: datetime, sites: Collection[int] | None, since: date, until: date) -> None:
    """Put the counts of some days in place of the old ones: two statements for each set and its terms, whatever the sites and days.

    Two workers may do it at once: each count is written over the old one, and what is counted no more falls away.
    """
    first = max(since, until - timedelta(days=MOST_DAYS - 1))
    span = span_of(first, until, now)
    for one in SETS.values():
        for ground in grounds(one, sites, now):
            found = reading.by_day(one, ground, span)
            rows = [
                DayCount(site_id=site_id, day=day, kind=one.key, expected=whole, standing=left, counted_at=now)
                for (site_id, day), (whole, left) in found.items()
            ]
            with transaction.atomic():
                DayCount.objects.bulk_create(
                    rows,
                    batch_size=1000,
                    update_conflicts=True,
                    unique_fields=["site", "day", "kind"],
                    update_fields=["expected", "standing", "counted_at"],
                )
                old = DayCount.objects.filter(site_id__in=ground.sites, kind=one.key, day__gte=first, day__lte=until)
                old.filter(counted_at__lt=now).delete()
