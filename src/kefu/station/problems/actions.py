"""Every write of problem parcels: reporting, answering, ending, reading (OPS8, O15). Reporting stands in ``reporting``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.journeys import numbers_of
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.problems import access, rules
from kefu.station.problems.drafts import Upload
from kefu.station.problems.errors import REASONS, Ended, NotTheirs
from kefu.station.problems.kinds import kind_of
from kefu.station.problems.models import Line, Problem
from kefu.station.problems.pictures import is_image, keep_pictures
from kefu.station.problems.reporting import ref, report, report_many, told
from kefu.station.problems.vocabulary import OPEN_STATES, SCAN_OF_STATE, Result, State, Told

__all__ = ["cancel", "close", "follow_moves", "mark_read", "note_case", "pass_on", "reply", "report", "report_many"]

LONGEST_REPLY = 2000
MOST_IMAGES = 8
_TRIES = 3


def _open(actor: Actor, problem_id: int, expected_version: int | None) -> Problem:
    require(actor, Permission.PROBLEM_WORK)
    row = access.get_for(actor, problem_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in OPEN_STATES:
        raise Ended
    return row


def _author(actor: Actor) -> dict[str, str]:
    me = people.me(actor) if actor.kind == "staff" else None
    return {"author": actor.name[:80], "author_no": me.staff_no if me else ""}


def _unread(row: Problem, by_site: int | None) -> dict[str, Any]:
    """Counters after a line of one of the sites (of neither: news for both)."""
    return {
        "reporter_unread": row.reporter_unread + (row.reporter_site_id != by_site),
        "receiver_unread": row.receiver_unread + (row.receiver_site_id != by_site),
    }


def _write(actor: Actor, row: Problem, line: Line, changes: Mapping[str, Any], what: str, now: datetime) -> Line:
    """The row claimed, the line, the audit entry and the events, in the caller's transaction."""
    save_claimed(row, last_at=now, messages=row.messages + 1, **_unread(row, line.site_id), **changes)
    line.save(force_insert=True)
    audit.record(actor, f"problem.{what}", ref(row), now=now, site_id=line.site_id or row.receiver_site_id, data=dict(line.data))
    outbox.emit_many(told(row, what, line.site_id or 0), now=now)
    return line


def reply(
    *, actor: Actor, problem_id: int, text: str, now: datetime, expected_version: int | None = None, images: Sequence[Upload] = ()
) -> Line:
    """Write into the thread for one's own site; the receiver's first answer takes the problem up (处理中).

    Raises ``Ended``, ``Stale`` when somebody wrote since ``expected_version``, ``Invalid``, ``NotFound``.
    """
    row = _open(actor, problem_id, expected_version)
    text = text.strip()
    if not text and not images:
        raise Invalid(fields={"text": _("请填写回复内容。")}, code="no_text")
    if len(text) > LONGEST_REPLY:
        raise Invalid(fields={"text": _("回复过长，请控制在 2000 字以内。")}, code="long_text")
    if len(images) > MOST_IMAGES or not all(is_image(one.content) for one in images):
        reason = "many_images" if len(images) > MOST_IMAGES else "not_image"
        raise Invalid(fields={"images": REASONS[reason]}, code=reason)
    side = access.side_of(actor, row)
    changes: dict[str, Any] = {}
    if side == row.receiver_site_id:
        changes = {"state": State.WORKING, "answer_due_at": None, "receiver_read_at": now}
    with transaction.atomic():
        line = Line(problem=row, site_id=side, text=text, at=now, **_author(actor))
        _write(actor, row, line, changes, "answered", now)
        keep_pictures(row, line, images, now)
    return line


def close(*, actor: Actor, problem_id: int, result: str, text: str, now: datetime, expected_version: int | None = None) -> Problem:
    """End a problem with its result; either site may. A granted intercept records the 拦截 scan of the delivering side.

    Raises ``Invalid`` without a result, ``Ended``, ``Stale``.
    """
    row = _open(actor, problem_id, expected_version)
    if result not in Result.values or result == Result.SIGNED:
        raise Invalid(fields={"result": _("请选择处理结果，有结果才能完成。")}, code="no_result")
    if result in (Result.INTERCEPTED, Result.NOT_INTERCEPTED) and not row.way:
        raise Invalid(fields={"result": _("只有拦截申请才能选拦截结果。")}, code="not_intercept")
    if result == Result.OTHER and not text.strip():
        raise Invalid(fields={"text": _("结果选“其他”时，请写明怎样处理的。")}, code="no_text")
    side = access.side_of(actor, row)
    with transaction.atomic():
        line = Line(
            problem=row,
            told=Told.CLOSED,
            site_id=side,
            text=text.strip()[:LONGEST_REPLY],
            data={"result": result},
            at=now,
            **_author(actor),
        )
        changes = {"state": State.DONE, "result": result, "closed_at": now, "closed_by": actor.name[:80], "answer_due_at": None}
        _write(actor, row, line, changes, "closed", now)
        if result == Result.INTERCEPTED:
            scan = ScanDraft(row.waybill, ScanCode.INTERCEPT, row.receiver_site_id, now, operator=line.author_no, reason=f"W{row.way}")
            parcels.record_scans(actor=Actor.system("problem-desk"), batch=[scan], now=now)
    return row


def cancel(*, actor: Actor, problem_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Problem:
    """Take a report back; only the site that made it, with a reason. Raises ``NotTheirs``, ``Invalid``, ``Ended``, ``Stale``."""
    row = _open(actor, problem_id, expected_version)
    if not actor.reaches(row.reporter_site_id):
        raise NotTheirs
    if not reason.strip():
        raise Invalid(fields={"text": _("请填写撤销原因。")}, code="no_reason")
    with transaction.atomic():
        line = Line(
            problem=row, told=Told.CANCELLED, site_id=row.reporter_site_id, text=reason.strip()[:LONGEST_REPLY], at=now, **_author(actor)
        )
        changes = {"state": State.CANCELLED, "closed_at": now, "closed_by": actor.name[:80], "answer_due_at": None}
        _write(actor, row, line, changes, "cancelled", now)
    return row


def pass_on(
    *, actor: Actor, problem_id: int, receiver_site_id: int, reason: str, now: datetime, expected_version: int | None = None
) -> Problem:
    """Give the problem to the site it is really for; either site may, with a reason. The former receiver no longer sees it."""
    row = _open(actor, problem_id, expected_version)
    site = people.sites_by_id().get(receiver_site_id)
    if site is None or not site.is_active:
        raise Invalid(fields={"receiver": REASONS["closed_receiver"]}, code="closed_receiver")
    if receiver_site_id in (row.reporter_site_id, row.receiver_site_id):
        raise Invalid(fields={"receiver": REASONS["own_receiver"]}, code="own_receiver")
    if not reason.strip():
        raise Invalid(fields={"text": _("请填写改派原因。")}, code="no_reason")
    side, former = access.side_of(actor, row), row.receiver_site_id
    with transaction.atomic():
        line = Line(
            problem=row,
            told=Told.PASSED,
            site_id=side,
            text=reason.strip()[:LONGEST_REPLY],
            data={"from": former, "to": receiver_site_id},
            at=now,
            **_author(actor),
        )
        row.receiver_unread = row.messages + (side == former)
        _write(actor, row, line, {"receiver_site_id": receiver_site_id, "state": State.OPEN, "receiver_read_at": None}, "passed", now)
    return row


def mark_read(*, actor: Actor, problem_id: int, now: datetime) -> None:
    """The person's own site has seen the thread (网点已读). Someone of neither site reads without a mark."""
    row = access.get_for(actor, problem_id)
    for side in ("reporter", "receiver"):
        if getattr(row, f"{side}_site_id") == actor.site_id and (getattr(row, f"{side}_unread") or getattr(row, f"{side}_read_at") is None):
            Problem.objects.filter(pk=row.pk).update(**{f"{side}_unread": 0, f"{side}_read_at": now})


def note_case(*, actor: Actor, problem_id: int, case_id: int, now: datetime) -> None:
    """Write into the thread that a case was opened; once."""
    row = access.get_for(actor, problem_id)
    with transaction.atomic():
        if Line.objects.filter(problem=row, told=Told.CASE).exists():
            return
        side = access.side_of(actor, row)
        _write(
            actor,
            row,
            Line(problem=row, told=Told.CASE, site_id=side, data={"case": case_id}, at=now, **_author(actor)),
            {},
            "escalated",
            now,
        )


def follow_moves(*, actor: Actor, moves: Sequence[tuple[int, str]], now: datetime) -> int:
    """What moving parcels means for open problems; ``moves`` are parcel and new state. Returns how many problems ended.

    A signature ends them with a note (O15), but for types that say otherwise; a scan the type does not allow is noted in the thread.
    """
    if not actor.may("*"):
        raise NotFound
    numbers = numbers_of([parcel_id for parcel_id, _state in moves])
    states = {numbers[parcel_id]: state for parcel_id, state in moves if parcel_id in numbers}
    rows = Problem.objects.filter(waybill__in=sorted(states), state__in=OPEN_STATES).order_by("pk")
    return sum(_follow_again(actor, row, states[row.waybill], now) for row in rows)


def _follow_again(actor: Actor, row: Problem, state: str, now: datetime) -> bool:
    """Once more when somebody writes into the thread at the same moment."""
    for _try in range(_TRIES):
        try:
            return _follow(actor, row, state, now)
        except Stale:
            row.refresh_from_db()
            if row.state not in OPEN_STATES:
                return False
    raise Stale


def _follow(actor: Actor, row: Problem, state: str, now: datetime) -> bool:
    kind = kind_of(row.clause)
    if state == StateCode.SIGNED and kind is not None and kind.sign_closes:
        changes = {"state": State.DONE, "result": Result.SIGNED, "closed_at": now, "closed_by": "", "answer_due_at": None}
        with transaction.atomic():
            _write(actor, row, Line(problem=row, told=Told.SIGNED, author="", at=now), changes, "closed", now)
        return True
    scan = SCAN_OF_STATE.get(state, "")
    if kind is not None and scan and rules.barred(kind, scan):
        seen = Line.objects.filter(problem=row, told=Told.BARRED, data__scan=scan)
        if not seen.exists():
            with transaction.atomic():
                _write(actor, row, Line(problem=row, told=Told.BARRED, author="", data={"scan": scan}, at=now), {}, "barred", now)
    return False
