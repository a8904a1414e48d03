"""Every write about differences: taking them, results and notes, taking them up with other sites (OPS5, O12).

Each step takes rows by their key, many at once: those it cannot be done to are refused one by one with the reason, the others are done, in
one transaction whose number of statements does not grow with the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import update_rows
from kefu.kernel.errors import Denied, KefuError, Message, NotFound, Stale
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.monitors import reading
from kefu.station.monitors.errors import AlreadyReported, NobodyToUrge, NothingPicked, Settled, TakenBy, TooManyPicked
from kefu.station.monitors.events import DifferencesReported, DifferencesWorked
from kefu.station.monitors.models import Difference, LossNotice
from kefu.station.monitors.queries import set_of
from kefu.station.monitors.reading import Key, Standing
from kefu.station.monitors.rules import checked_result
from kefu.station.monitors.vocabulary import Way

MOST = 500
"""Rows one step takes."""
_Change = Callable[[Difference], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Done:
    """Outcome of a step: follow-ups by key of what was done, refusals in words by key of the rest."""

    done: Mapping[Key, int] = field(default_factory=dict)
    refused: Mapping[Key, Message] = field(default_factory=dict)


def difference_ref(row: Difference) -> Ref:
    """How other records point at a follow-up."""
    return Ref("difference", row.pk, row.waybill)


def take(*, actor: Actor, kind: str, keys: Sequence[Key], now: datetime, over: bool = False) -> Done:
    """Take differences in hand; those of somebody else only when ``over`` says so."""
    if actor.staff_id is None:
        raise Denied(code="person_only")

    def change(row: Difference) -> Mapping[str, Any]:
        if row.handler_id is not None and row.handler_id != actor.staff_id and not over:
            raise TakenBy(name=row.handler.name if row.handler else "")
        return {"handler_id": actor.staff_id}

    return _work(actor, kind, keys, "taken", change, now)


def release(*, actor: Actor, kind: str, keys: Sequence[Key], now: datetime) -> Done:
    """Give differences back: nobody has them in hand any more."""
    return _work(actor, kind, keys, "released", lambda _row: {"handler_id": None}, now)


def conclude(*, actor: Actor, kind: str, keys: Sequence[Key], result: str, note: str = "", now: datetime) -> Done:
    """Write down what came of looking into them. An empty note leaves what is there. Raises ``NoResult``, ``NoteTooLong``."""
    result, note = checked_result(result, note)

    def change(row: Difference) -> Mapping[str, Any]:
        return {"result": result, "note": note or row.note, "handler_id": row.handler_id or actor.staff_id}

    return _work(actor, kind, keys, "concluded", change, now, data={"result": result})


def edit(*, actor: Actor, kind: str, key: Key, result: str, note: str, version: int, now: datetime) -> Done:
    """Result and note of one, as the form showed it: refused with ``Stale`` when somebody saved since. An empty result reopens it."""
    people.require(actor, Permission.MONITOR_WORK)
    people.require_site(actor, key.site_id)
    if result:
        result, note = checked_result(result, note)
    else:
        note = checked_result("found", note)[1]

    def change(row: Difference) -> Mapping[str, Any]:
        if row.version != version:
            raise Stale
        return {"result": result, "note": note, "handler_id": row.handler_id or actor.staff_id}

    return _work(actor, kind, [key], "concluded", change, now, data={"result": result}, strict=True)


def report(*, actor: Actor, kind: str, keys: Sequence[Key], way: str, now: datetime) -> Done:
    """Take differences up with another site: as problem parcels, or by urging the site before (催). The event does it, once committed."""
    urging = Way(way) is Way.URGE

    def change(row: Difference) -> Mapping[str, Any]:
        if urging and row.previous_site_id is None:
            raise NobodyToUrge
        if not urging and row.reported_at is not None:
            raise AlreadyReported
        mine = {"handler_id": row.handler_id or actor.staff_id}
        return {**mine, "urged_at" if urging else "reported_at": now, "refusal": ""}

    def tell(rows: Sequence[Difference]) -> None:
        by_site: dict[int, list[tuple[int, str, str, int]]] = {}
        for row in rows:
            by_site.setdefault(row.site_id, []).append((row.pk, row.kind, row.waybill, row.previous_site_id or 0))
        for site_id, items in sorted(by_site.items()):
            event = DifferencesReported(site_id=site_id, way=way, items=tuple(items), actor_kind=actor.kind, actor_id=actor.id)
            outbox.emit(event, now=now)

    return _work(actor, kind, keys, "urged" if urging else "reported", change, now, then=tell)


def taken_up(*, actor: Actor, kind: str, keys: Sequence[Key], now: datetime) -> tuple[list[Difference], Mapping[Key, Message]]:
    """Follow-ups for differences that become cases, made where there are none, and refusals by key."""
    found = _work(actor, kind, keys, "taken_up", lambda row: {"handler_id": row.handler_id or actor.staff_id}, now)
    rows = Difference.objects.filter(pk__in=found.done.values()).select_related("site", "previous_site").order_by("pk")
    return list(rows), found.refused


def note_problems(*, actor: Actor, way: str, made: Mapping[int, int], refused: Mapping[int, str], now: datetime) -> None:
    """What became of differences that were reported: problem parcels by follow-up, and codes of refusals, which may be tried again."""
    people.require(actor, Permission.MONITOR_WORK)
    with transaction.atomic():
        for key, problem_id in made.items():
            Difference.objects.filter(pk=key).update(problem_id=problem_id, refusal="", changed_at=now, version=F("version") + 1)
        undone = {"urged_at" if Way(way) is Way.URGE else "reported_at": None}
        for key, code in refused.items():
            Difference.objects.filter(pk=key).update(refusal=code[:40], changed_at=now, version=F("version") + 1, **undone)
        _tell(list(Difference.objects.filter(pk__in=[*made, *refused])), "reported", now)


def see_notice(*, actor: Actor, notice_id: int, now: datetime) -> LossNotice:
    """A lead takes note of a warning."""
    notice = LossNotice.objects.filter(pk=notice_id).first()
    if notice is None or not actor.reaches(notice.site_id):
        raise NotFound
    people.require(actor, Permission.MONITOR_WORK)
    people.require(actor, Permission.SIGN_UNDO)
    with transaction.atomic():
        if LossNotice.objects.filter(pk=notice_id, seen_at=None).update(seen_at=now, seen_by=actor.name[:80]):
            ref = Ref("loss_notice", notice.pk)
            audit.record(actor, "difference.notice_seen", ref, now=now, site_id=notice.site_id, data={"count": notice.count})
    notice.refresh_from_db()
    return notice


def _work(
    actor: Actor,
    kind: str,
    keys: Sequence[Key],
    what: str,
    change: _Change,
    now: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    then: Callable[[Sequence[Difference]], None] | None = None,
    strict: bool = False,
) -> Done:
    """Do one step to many. ``strict``: the first refusal is raised instead of told, and nothing is changed."""
    people.require(actor, Permission.MONITOR_WORK)
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        raise NothingPicked
    if len(wanted) > MOST:
        raise TooManyPicked(most=MOST)
    if not any(actor.reaches(key.site_id) for key in wanted):
        raise NotFound
    refused: dict[Key, Message] = {}
    with transaction.atomic():
        rows = _rows(actor, kind, wanted, refused, now)
        changes: list[tuple[Difference, Mapping[str, Any]]] = []
        for row in rows:
            try:
                changes.append((row, change(row)))
            except KefuError as error:
                if strict:
                    raise
                refused[_key(row)] = str(error)
        if strict and refused:
            raise Settled
        _save(changes, now)
        done = [row for row, _values in changes]
        _record(actor, f"difference.{what}", done, data or {}, now)
        if then and done:
            then(done)
        _tell(done, what, now)
    return Done({_key(row): row.pk for row in done}, refused)


def _save(changes: Sequence[tuple[Difference, Mapping[str, Any]]], now: datetime) -> None:
    """Write all in one statement; raises ``Stale``, and nothing is changed, when somebody saved one of them at this moment."""
    if not changes:
        return
    names = list(changes[0][1])
    by_name = {field.attname: field for field in Difference._meta.concrete_fields}
    fields = [by_name[name] for name in (*names, "changed_at")]
    rows = [
        (
            row.pk,
            row.version,
            *(field.get_db_prep_save(value, connection) for field, value in zip(fields, (*values.values(), now), strict=True)),
        )
        for row, values in changes
    ]
    if update_rows(Difference, [field.name for field in fields], rows, guard="version", count="version") != len(rows):
        raise Stale


def _key(row: Difference) -> Key:
    return Key(row.site_id, row.waybill, row.piece)


def _rows(actor: Actor, kind: str, keys: Sequence[Key], refused: dict[Key, Message], now: datetime) -> list[Difference]:
    """The follow-ups of what stands at this moment, made where there are none; the rest is refused."""
    set_of(kind)
    reached = [key for key in keys if actor.reaches(key.site_id)]
    refused.update({key: str(NotFound()) for key in keys if not actor.reaches(key.site_id)})
    found = reading.still_standing(kind, reached, now=now) if reached else {}
    refused.update({key: str(Settled()) for key in reached if key not in found})
    known = _known(kind, found)
    fresh = [new(kind, row, now) for key, row in found.items() if key not in known]
    if fresh:
        Difference.objects.bulk_create(fresh, ignore_conflicts=True)  # somebody may have made one at the same moment
        known = _known(kind, found)
    return [known[key] for key in reached if key in known]


def _known(kind: str, found: Mapping[Key, Standing]) -> dict[Key, Difference]:
    rows = Difference.objects.filter(
        kind=kind, site_id__in={key.site_id for key in found}, waybill__in={key.waybill for key in found}, closed_at=None
    )
    return {key: row for row in rows.select_related("handler") if (key := _key(row)) in found}


def new(kind: str, row: Standing, now: datetime) -> Difference:
    """The follow-up of a difference nobody has worked on."""
    return Difference(
        kind=kind,
        site_id=row.key.site_id,
        waybill=row.key.waybill,
        piece=row.key.piece,
        expected_at=row.at,
        previous_site_id=row.other_id,
        made_at=now,
        changed_at=now,
    )


def _record(actor: Actor, action: str, rows: Sequence[Difference], data: Mapping[str, Any], now: datetime) -> None:
    audit.record_many([
        audit.entry(actor, action, difference_ref(row), now=now, site_id=row.site_id, data={"kind": row.kind, **data}) for row in rows
    ])  # fmt: skip


def _tell(rows: Sequence[Difference], what: str, now: datetime) -> None:
    by_site: dict[int, list[int]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row.pk)
    events = [DifferencesWorked(site_id=site_id, ids=tuple(ids), what=what) for site_id, ids in sorted(by_site.items())]
    if events:
        outbox.emit_many(events, now=now)
