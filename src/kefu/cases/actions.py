"""Opening cases and walking them through their procedure. Every other write is in a file named for what it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, facts, rules, timeline
from kefu.cases.errors import CaseClosed, KindUnknown, LikelyDuplicate, StepRefused
from kefu.cases.events import CaseEnded, CaseOpened
from kefu.cases.models import NO_DEADLINE, Case, Entry, Link
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.clocks import queries as clock_queries
from kefu.conversations import access as conversation_access
from kefu.customers import access as customer_access
from kefu.customers import actions as customers
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Clock as ClockClause
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed, save_plain
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.rows import insert, insert_all
from kefu.parcels.waybills import topic
from kefu.people import queries as people
from kefu.people.access import get_site, require
from kefu.people.permissions import Permission, Role

CHANNELS = ("call", "chat", "email", "form", "platform", "hq", "regulator", "walk_in")
REPEAT_WITHIN = timedelta(days=365)
DESCRIPTION_LIMIT = 20000


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What is said when a case is opened. Customer: an id, or a name with a phone number."""

    site_id: int
    kind: str
    channel: str
    description: str = ""
    title: str = ""
    waybill: str = ""
    order_no: str = ""
    customer_id: int | None = None
    customer_name: str = ""
    customer_phone: str = ""
    assignee_id: int | None = None
    conversation_id: int | None = None
    external_id: str | None = None
    even_if_duplicate: bool = False
    # When it reached us, where that was before it was written down: its clocks count from then.
    since: datetime | None = None


def book_of(case: Case) -> Handbook:
    """The handbook version the case was opened under; it stays with the case."""
    return handbooks.book(case.handbook)


def subject_of(case: Case) -> clocks.Subject:
    """The case as a subject of clocks."""
    return clocks.Subject("case", case.pk, case.site_id)


def clock_clauses(case: Case, book: Handbook) -> Mapping[str, ClockClause]:
    """Clocks the case is under."""
    return book.clocks_for(case.kind, level=case.level, tier=case.tier)


def _checked(request: CaseRequest) -> None:
    wrong: dict[str, Any] = {}
    if request.channel not in CHANNELS:
        wrong["channel"] = _("请选择来源渠道。")
    if not request.description.strip() and not request.title.strip():
        wrong["description"] = _("请写明客户反映的情况。")
    if len(request.description) > DESCRIPTION_LIMIT:
        wrong["description"] = _("情况说明过长，请控制在 20000 字以内。")
    if request.external_id is not None and not request.external_id.strip():
        wrong["external_id"] = _("外部编号不能为空。")
    if request.assignee_id is not None and not people.active_staff(request.site_id, list(Role)).filter(pk=request.assignee_id).exists():
        wrong["assignee"] = _("请选择本站点的在岗人员。")
    if wrong:
        raise Invalid(fields=wrong)


def _in_reach(actor: Actor, request: CaseRequest) -> None:
    """Things the request names must be the actor's to see; others are not found (SEC2)."""
    if request.customer_id is not None:
        customer_access.get_for(actor, request.customer_id)
    if request.conversation_id is not None:
        conversation_access.get_for(actor, request.conversation_id)


class _Kin(NamedTuple):
    """A case of the same kind on the same waybill."""

    pk: int
    is_open: bool
    status: str
    opened_at: datetime
    repeat_count: int


def _kin(request: CaseRequest) -> list[_Kin]:
    """Cases of this kind on this waybill, the oldest first."""
    if not request.waybill:
        return []
    rows = Case.objects.filter(site_id=request.site_id, waybill=request.waybill, kind=request.kind).order_by("pk")
    return [_Kin(*row) for row in rows.values_list(*_Kin._fields)]


def _earlier(kin: Sequence[_Kin], now: datetime) -> _Kin | None:
    """The last of them that has ended: a new complaint repeats it (R24: within a year)."""
    ended = [one for one in kin if not one.is_open and one.status != Case.Status.MERGED and one.opened_at > now - REPEAT_WITHIN]
    return ended[-1] if ended else None


def open_case(*, actor: Actor, request: CaseRequest, now: datetime) -> Case:
    """Open a case on the procedure of the site's handbook in force now, and start its clocks (CASE1, CASE4).

    The same ``external_id`` gives the case opened before.
    Raises ``KindUnknown``, ``LikelyDuplicate``, ``Invalid``, ``Denied``, ``NotFound``.
    """
    require(actor, Permission.CASE_OPEN)
    site = get_site(actor, request.site_id)
    if (known := _known(request)) is not None:
        return known
    _checked(request)
    _in_reach(actor, request)
    book = handbooks.book_at(site.handbook, now)
    found = book.procedure_for(request.kind)
    if found is None:
        raise KindUnknown(kind=request.kind)
    request = replace(request, waybill="".join(request.waybill.split()).upper())
    kin = _kin(request)
    twin = next((one.pk for one in kin if one.is_open), None)
    if twin is not None and not request.even_if_duplicate:
        raise LikelyDuplicate(waybill=request.waybill, number=Case(pk=twin).number, case_id=twin)
    try:
        with transaction.atomic():
            return _opened(actor, request, book, found[0], _earlier(kin, now), now)
    except IntegrityError:
        # Somebody else brought in the same external id between our look and our write.
        if (known := _known(request)) is not None:
            return known
        raise


def _known(request: CaseRequest) -> Case | None:
    if not request.external_id:
        return None
    return Case.objects.filter(site_id=request.site_id, external_id=request.external_id).first()


def _opened(actor: Actor, request: CaseRequest, book: Handbook, procedure: str, earlier: _Kin | None, now: datetime) -> Case:
    """Write the case with its level, ties, clocks and record; in the caller's transaction."""
    customer_id, tier = _customer(actor, request, now)
    case = Case(
        site_id=request.site_id,
        handbook=f"{book.handbook}@{book.version}",
        kind=request.kind,
        procedure=procedure,
        channel=request.channel,
        title=(request.title.strip() or request.description.strip())[:120],
        description=request.description.strip(),
        waybill=request.waybill,
        order_no=request.order_no.strip(),
        customer_id=customer_id,
        tier=book.tier_for(tier) if customer_id else "",
        assignee_id=request.assignee_id,
        previous_id=earlier.pk if earlier else None,
        repeat_count=earlier.repeat_count + 1 if earlier else 0,
        opened_by=actor.name,
        opened_at=now,
        updated_at=now,
        external_id=request.external_id,
    )
    _place_level(case, book, now)
    moves = _foreseen(case, book, _opening_events(case), request.since or now, fresh=True)
    case.next_due_at = nearest(moves.open)
    insert(case)
    clocks.carry_out(moves, subject_id=case.pk)
    _links(case, request)
    _record_opening(actor, case, str(book.ref(f"procedures.{procedure}")), now)
    return case


def _opening_events(case: Case) -> list[str]:
    assigned = ["case.assigned"] if case.assignee_id else []
    return ["case.opened", *assigned, *(["regulator.received"] if case.channel == "regulator" else [])]


def _record_opening(actor: Actor, case: Case, clause: str, now: datetime) -> None:
    data = {"kind": case.kind, "channel": case.channel, "level": case.level, "previous": case.previous_id}
    insert(timeline.entry(actor, case, Happening(Entry.Kind.OPENED, data=data, clause=clause), now=now))
    audit.record(actor, "case.opened", timeline.ref(case), now=now, site_id=case.site_id, clause=clause, data=data)
    opened = CaseOpened(
        case_id=case.pk,
        site_id=case.site_id,
        kind=case.kind,
        previous_id=case.previous_id,
        customer_id=case.customer_id,
        waybill_topic=topic(case.waybill),
    )
    outbox.emit(opened, now=now)


def _customer(actor: Actor, request: CaseRequest, now: datetime) -> tuple[int | None, str]:
    """Id and tier of the customer the request names, who is made when they are new."""
    if request.customer_id is not None:
        return request.customer_id, customers.tier_of(request.customer_id)
    if not (request.customer_name.strip() or request.customer_phone.strip()):
        return None, ""
    system = Actor.system(f"case-intake for {actor.name}"[:80])
    found = customers.find_or_create(
        actor=system, site_id=request.site_id, name=request.customer_name, phone=request.customer_phone, now=now
    )
    return found.pk, found.tier


def _links(case: Case, request: CaseRequest) -> None:
    rows = []
    if case.previous_id:
        rows.append(Link(case=case, kind=Link.Kind.REPEAT, target_kind="case", target_id=case.previous_id))
    if request.conversation_id:
        rows.append(Link(case=case, kind=Link.Kind.CONVERSATION, target_kind="conversation", target_id=request.conversation_id))
    insert_all(rows)


def _place_level(case: Case, book: Handbook, now: datetime) -> None:
    """The level the handbook gives a new case: the highest whose condition holds, else the lowest there is."""
    base = min(((level.rank, key) for key, level in book.levels.items()), default=(0, ""))
    case.level_rank, case.level = base
    raised = facts.highest_level(case, book, now=now)
    if raised:
        case.level, case.level_rank = raised


def _foreseen(case: Case, book: Handbook, events: Sequence[str], now: datetime, *, fresh: bool = False, ends: bool = False) -> clocks.Moves:
    return clocks.foresee(
        subject=subject_of(case), events=events, clauses=clock_clauses(case, book), book=book, at=now, fresh=fresh, ends=ends
    )


def move_clocks(case: Case, book: Handbook, events: Sequence[str], now: datetime) -> None:
    """Let events of the case act on its clocks and keep its nearest deadline in its row."""
    moves = _foreseen(case, book, events, now)
    clocks.carry_out(moves)
    due = nearest(moves.open)
    if due != case.next_due_at:  # a write of it moves every index of the row
        save_plain(case, next_due_at=due)


def nearest(rows: Sequence[Any]) -> datetime:
    """Soonest deadline among running clocks; far future when none runs."""
    return min((row.due_at for row in rows if row.state == "running"), default=NO_DEADLINE)


def require_open(case: Case) -> None:
    """Refuse changes to a closed or merged case."""
    if not case.is_open:
        raise CaseClosed(number=case.number, status=case.get_status_display())


def require_version(case: Case, expected: int | None) -> None:
    """Refuse a save made on an older sight of the case."""
    if expected is not None and expected != case.version:
        raise Stale


def take_step(
    *, actor: Actor, case_id: int, step: str, answers: Mapping[str, Any], now: datetime, expected_version: int | None = None
) -> Case:
    """Take a step of the procedure. All reasons against it come back at once in ``StepRefused``; nothing is half-written (CASE1)."""
    case = access.get_to_change(actor, case_id)
    require(actor, Permission.CASE_WORK)
    require_open(case)
    require_version(case, expected_version)
    book = book_of(case)
    known = facts.of_case(case, book, now=now, asked=facts.asked_by_step(book.procedures[case.procedure], case.step, step))
    cleaned, refusals = rules.check_step(book, case.procedure, case.step, step, answers=answers, facts=known, role=actor.role)
    wanted = book.procedures[case.procedure].step(step)
    if refusals or wanted is None:
        raise StepRefused(wanted.title if wanted else step, refusals)
    data = {**facts.answers(case), **cleaned}
    closing, solving = wanted.status == "closed", wanted.status == "solved"
    with transaction.atomic():
        # Without an event the clocks stay as they are; they are looked at before the case is written, so that it is written once.
        moves = _foreseen(case, book, wanted.events, now, ends=closing) if wanted.events or closing else None
        save_claimed(
            case,
            step=step,
            status=wanted.status,
            is_open=not closing,
            data=timeline.as_text(data),
            waybill=case.waybill or str(cleaned.get("waybill", "")),
            solved_at=case.solved_at or (now if solving or closing else None),
            closed_at=now if closing else None,
            updated_at=now,
            **({"next_due_at": nearest(moves.open)} if moves else {}),
        )
        if moves is not None:
            clocks.carry_out(moves)
        clause = str(book.ref(f"procedures.{case.procedure}.steps.{step}"))
        timeline.write(
            actor,
            case,
            Happening(Entry.Kind.STEP, text=timeline.as_text(cleaned), data={"step": step, "status": wanted.status}, clause=clause),
            now=now,
        )
        if closing:
            outbox.emit(CaseEnded(case_id=case.pk, site_id=case.site_id), now=now)
        else:
            raise_level_if_due(actor, case, book, now)
    return case


def raise_level_if_due(actor: Actor, case: Case, book: Handbook, now: datetime) -> bool:
    """Move the case up if the handbook's condition for a higher level now holds (CASE8: repeats and urging raise it)."""
    raised = facts.highest_level(case, book, now=now)
    if raised is None:
        return False
    set_level(actor, case, book, raised[0], now=now, why="rule")
    return True


def set_level(actor: Actor, case: Case, book: Handbook, level: str, *, now: datetime, why: str) -> None:
    """Put the case on a level and start the clocks that come with it; in the caller's transaction."""
    before = case.level
    save_claimed(case, level=level, level_rank=book.levels[level].rank, updated_at=now)
    move_clocks(case, book, ["case.escalated"], now)
    data = {"from": before, "to": level, "why": why}
    timeline.write(actor, case, Happening(Entry.Kind.LEVEL, data=data, clause=str(book.ref(f"levels.{level}"))), now=now)


def refresh_due(case: Case, now: datetime) -> None:
    """Keep the nearest deadline in the case's row after one of its clocks was changed by hand."""
    save_plain(case, next_due_at=clock_queries.nearest_due("case", [case.pk]).get(case.pk, NO_DEADLINE), updated_at=now)
