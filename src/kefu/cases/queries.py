"""Reads of cases for screens, API and the modules above."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from kefu.cases import access, facts, families, filters, rules
from kefu.cases.actions import book_of
from kefu.cases.filters import CaseFilter
from kefu.cases.models import Attachment, Case, Entry, Link, Notice, Task
from kefu.clocks import queries as clocks
from kefu.clocks.queries import ClockView
from kefu.handbook.schema import Handbook, Procedure
from kefu.kernel import prepared, search
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.paging import COUNT_CAP, CappedCount, Order, Page, capped, capped_count, counting, keyset_page, names, page_of
from kefu.people.permissions import Permission

# A search through a filter that drops nearly everything ends with a short page and a mark to go on from.
_SEARCH_ROUNDS = 20


B = TypeVar("B", Task, Link)

# The encrypted columns are long and not shown in lists; of site and assignee a list shows what they are called.
_LISTED = (
    *(field.name for field in Case._meta.concrete_fields if field.name not in ("description", "data")),
    "site__name",
    "site__code",
    "assignee__name",
    "assignee__staff_no",
)


# What people wrote in words: internal notes, what was sent to the customer, what the customer said.
_WRITTEN = (Entry.Kind.NOTE, Entry.Kind.REPLY, Entry.Kind.SAID)
_RECORDED = (*_WRITTEN, Entry.Kind.STEP)
GROUPS: Mapping[str, tuple[str, ...]] = {
    "talk": (Entry.Kind.REPLY, Entry.Kind.SAID, Entry.Kind.URGED),
    "notes": (Entry.Kind.NOTE,),
    "steps": (Entry.Kind.OPENED, Entry.Kind.STEP, Entry.Kind.MATTER, Entry.Kind.REOPENED),
    "clocks": (Entry.Kind.CLOCK, Entry.Kind.LEVEL),
}
"""Parts of a timeline somebody may look at alone."""


def page(actor: Actor, wanted: CaseFilter, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[Case]:
    """One page of cases. With a text it is the newest matches (numbers, waybills and words alike)."""
    wanted = filters.with_kinds(wanted, now)
    if not wanted.text.strip() and not cursor:
        found = prepared.rows(_newest, actor.as_reader(), wanted, size + 1, own=actor.own_id, now=now)
        return page_of(found, wanted.order(), size=size)
    if wanted.text.strip():
        return _found(actor, wanted, now=now, cursor=cursor, size=size)
    return keyset_page(_listed(actor, wanted, now), wanted.order(), size=size, cursor=cursor)


def _listed(actor: Actor, wanted: CaseFilter, now: datetime) -> QuerySet[Case]:
    return filters.matching(actor, wanted, now).select_related("site", "assignee").only(*_LISTED)


def _newest(reader: Actor, wanted: CaseFilter, size: int, *, own: int, now: datetime) -> QuerySet[Case]:
    return _listed(reader.as_reader(own), wanted, now).order_by(*names(wanted.order()))[:size]


def with_ids(actor: Actor, ids: Iterable[int]) -> list[Case]:
    """Cases in reach by their keys, as lists show them, in no order."""
    return list(access.visible_to(actor).filter(pk__in=list(ids)).select_related("site", "assignee").only(*_LISTED))


def matching_ids(actor: Actor, wanted: CaseFilter, *, now: datetime, limit: int) -> list[int]:
    """Keys of everything the choice holds in the list's order, at most ``limit`` ("select all matching", CASE8)."""
    if not wanted.text.strip():
        return list(filters.matching(actor, wanted, now).order_by(*names(wanted.order())).values_list("pk", flat=True)[:limit])
    found: list[int] = []
    cursor: str | None = None
    while len(found) < limit:
        part = page(actor, wanted, now=now, cursor=cursor, size=min(200, limit - len(found)))
        found.extend(case.pk for case in part.rows)
        cursor = part.next
        if cursor is None:
            break
    return found


def matching_count(actor: Actor, wanted: CaseFilter, *, now: datetime) -> CappedCount:
    """How many cases the choice holds, counted up to 1000."""
    if wanted.text.strip():
        found = len(matching_ids(actor, wanted, now=now, limit=COUNT_CAP + 1))
        return CappedCount(min(found, COUNT_CAP), found > COUNT_CAP)
    return capped_count(filters.matching(actor, wanted, now))


def _number(text: str) -> int | None:
    """Key of a case number somebody typed (``K0001234``)."""
    body = text.strip().upper().removeprefix("K")
    return int(body) if text.strip().upper().startswith("K") and body.isdigit() and len(body) < 15 else None


def _of_keys(reader: Actor, wanted: CaseFilter, *, own: int, now: datetime, keys: Sequence[int]) -> QuerySet[Case]:
    return _listed(reader.as_reader(own), wanted, now).filter(pk__in=keys)


def _of_number(reader: Actor, wanted: CaseFilter, size: int, *, own: int, now: datetime, waybill: str) -> QuerySet[Case]:
    return _listed(reader.as_reader(own), wanted, now).filter(waybill=waybill).order_by("-pk")[:size]


def _found(actor: Actor, wanted: CaseFilter, *, now: datetime, cursor: str | None, size: int) -> Page[Case]:
    text = wanted.text.strip()
    # What is searched for decides nothing about the statements that read the rows.
    reader, wanted = actor.as_reader(), replace(wanted, text="")
    about: dict[str, int | datetime] = {"own": actor.own_id, "now": now}
    if (number := _number(text)) is not None:
        return Page(prepared.rows(_of_keys, reader, wanted, keys=[number], **about), None, None)
    waybill = "".join(text.split()).upper()
    exact = prepared.rows(_of_number, reader, wanted, size, waybill=waybill, **about) if text.isascii() else []
    if exact:
        return Page(exact, None, None)
    before = int(cursor) if cursor and cursor.isdigit() else None
    kept: list[tuple[Case, int]] = []
    # Filters may drop some of what is found; each round goes on where the last one ended, so nothing is passed over.
    for _round in range(_SEARCH_ROUNDS):
        found = search.find("case", text, sites=actor.sites, limit=size, before=before)
        by_id = {case.pk: case for case in prepared.rows(_of_keys, reader, wanted, keys=found.ids, **about)} if found.ids else {}
        kept.extend((by_id[pk], mark) for pk, mark in zip(found.ids, found.marks, strict=True) if pk in by_id)
        before = found.before
        if before is None or len(kept) >= size:
            break
    shown = kept[:size]
    further = shown[-1][1] if len(kept) > size else before
    return Page([case for case, _mark in shown], str(further) if further is not None else None, None)


def counts(actor: Actor, *, now: datetime, views: tuple[str, ...] = ("open", "mine", "unassigned", "breached")) -> dict[str, CappedCount]:
    """How many cases each view holds, counted up to 1000."""
    found = capped(prepared.fetch(_counted, actor.as_reader(), views, own=actor.own_id, now=now)[0])
    return dict(zip(views, found, strict=True))


def _counted(reader: Actor, views: tuple[str, ...], *, own: int, now: datetime) -> tuple[str, list[Any]]:
    actor = reader.as_reader(own)
    return counting([filters.in_view(access.visible_to(actor), view, actor, now) for view in views])


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """An entry with its text and, for a step, its answers; ``from_case`` when it comes from a merged case."""

    entry: Entry
    text: str
    answers: Mapping[str, Any]
    from_case: str = ""


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """Everything a case page shows. ``told``: rooms above have told it something, so they may hold something of it (``matters``)."""

    case: Case
    book: Handbook
    procedure: Procedure
    drawing: rules.Drawing
    options: list[rules.Option]
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    clocks: list[ClockView]
    timeline: list[TimelineRow]
    more_before: int | None
    tasks: list[Task]
    links: list[Link]
    attachments: list[Attachment]
    merged: list[Case] = field(default_factory=list)
    told: bool = False


def detail(actor: Actor, case_id: int, *, now: datetime, entries: int = 50) -> CaseDetail:
    """The whole of one case, in a fixed number of queries whatever its length."""
    case = access.get_for(actor, case_id)
    book = book_of(case)
    procedure = book.procedures[case.procedure]
    beside = _beside(case)
    views = clocks.of_subject("case", case.pk, now=now)
    attachments = list(case.attachments.order_by("pk")) if beside.attachments else []
    tasks = _of_case(case, prepared.rows(_tasks, case_id=case.pk)) if beside.tasks else []
    merged = list(case.merged_cases.all()) if beside.merged else []
    levels = {view.key: view.level for view in sorted(views, key=lambda view: view.id)}  # of a clock that ran twice the later run counts
    known = facts.Known(levels, bool(attachments), sum(task.state == Task.State.OPEN for task in tasks))
    asked = facts.asked_by_options(procedure, rules.reachable(procedure, case.step)) if case.is_open else frozenset()
    found = facts.of_case(case, book, now=now, known=known, asked=asked)
    rows, more = timeline(case, merged, before=None, size=entries)
    return CaseDetail(
        case=case,
        book=book,
        procedure=procedure,
        drawing=rules.draw(procedure, _taken(case, rows, more)),
        options=rules.options(book, case.procedure, case.step, facts=found, role=actor.role) if case.is_open else [],
        facts=found,
        answers=facts.answers(case),
        clocks=views,
        timeline=rows,
        more_before=more,
        tasks=tasks,
        links=_of_case(case, prepared.rows(_links, case_id=case.pk)) if beside.links else [],
        attachments=attachments,
        merged=merged,
        told=beside.told,
    )


def _tasks(*, case_id: int) -> QuerySet[Task]:
    return Task.objects.filter(case_id=case_id).select_related("site", "team", "assignee").order_by("pk")


def _links(*, case_id: int) -> QuerySet[Link]:
    return Link.objects.filter(case_id=case_id).order_by("pk")


def links(actor: Actor, case_id: int) -> tuple[Case, list[Link]]:
    """A case and what it is tied to: all that things beside it hang on."""
    case = access.get_for(actor, case_id)
    return case, prepared.rows(_links, case_id=case.pk)


def _of_case(case: Case, found: list[B]) -> list[B]:
    """The same, knowing the case they belong to."""
    for one in found:
        one.case = case
    return found


@dataclass(frozen=True, slots=True)
class _Beside:
    """Whether anything hangs on a case: most have none of it, and one look costs less than four empty queries."""

    attachments: bool
    tasks: bool
    links: bool
    merged: bool
    told: bool


def _beside(case: Case) -> _Beside:
    columns = ((Attachment, "case_id"), (Task, "case_id"), (Link, "case_id"), (Case, "merged_into_id"))
    looks = [f"EXISTS(SELECT 1 FROM {model._meta.db_table} WHERE {column} = %s)" for model, column in columns]
    looks.append(f"EXISTS(SELECT 1 FROM {Entry._meta.db_table} WHERE case_id = %s AND kind = '{Entry.Kind.MATTER.value}')")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(looks)}", [case.pk] * len(looks))
        return _Beside(*map(bool, cursor.fetchone()))


def _taken(case: Case, rows: list[TimelineRow], more: int | None) -> list[str]:
    """Steps taken, in order; of a long timeline they are asked for."""
    if more is None:
        return [row.entry.data["step"] for row in rows if row.entry.kind == Entry.Kind.STEP and row.entry.case_id == case.pk]
    return list(Entry.objects.filter(case=case, kind=Entry.Kind.STEP).order_by("pk").values_list("data__step", flat=True))


def timeline(case: Case, merged: list[Case], *, before: int | None, size: int, group: str = "") -> tuple[list[TimelineRow], int | None]:
    """Newest entries of the case and of those merged into it, oldest of them first; and where older ones go on.

    ``group``: one of ``GROUPS``; anything else is all of it.
    """
    numbers = {one.pk: one.number for one in merged}
    since = {} if before is None else {"pk__lt": before}
    found = prepared.rows(_entries, group, size + 1, case_id__in=[case.pk, *numbers], **since)
    more = found[size - 1].pk if len(found) > size else None
    return [_row(entry, numbers) for entry in reversed(found[:size])], more


def _entries(group: str, size: int, **compared: Any) -> QuerySet[Entry]:
    rows = Entry.objects.filter(**compared)
    if group in GROUPS:
        rows = rows.filter(kind__in=GROUPS[group])
    return rows.order_by("-pk")[:size]


def _row(entry: Entry, numbers: Mapping[int, str]) -> TimelineRow:
    is_step = entry.kind == Entry.Kind.STEP
    answers = json.loads(entry.text) if is_step and entry.text else {}
    return TimelineRow(entry, "" if is_step else entry.text, answers, numbers.get(entry.case_id, ""))


def older(actor: Actor, case_id: int, *, before: int, size: int = 50, group: str = "") -> tuple[list[TimelineRow], int | None]:
    """Earlier part of a case's timeline, or of one group of its entries."""
    case = access.get_for(actor, case_id)
    return timeline(case, list(case.merged_cases.all()), before=before, size=size, group=group)


def clock_explanation(actor: Actor, case_id: int, clock_id: int, *, now: datetime) -> clocks.Explanation:
    """Why a clock of the case is due when it is."""
    case = access.get_for(actor, case_id)
    found = clocks.explain("case", case.pk, clock_id, now=now)
    if found is None:
        raise NotFound
    return found


def mark(actor: Actor, case_id: int) -> tuple[int, int]:
    """Version and newest entry of a case: both move with everything its page shows. ``NotFound`` as ever; one query."""
    newest = Entry.objects.filter(case=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    rows = access.visible_to(actor).filter(pk=case_id)
    found = rows.annotate(newest=Subquery(newest)).values_list("version", "newest").first()
    if found is None:
        raise NotFound
    return found[0], found[1] or 0


def of_waybill(actor: Actor, waybill: str, *, size: int = 20) -> list[Case]:
    """Cases on a waybill, newest first."""
    return prepared.rows(_with, actor.as_reader(), size, waybill=waybill)


def _with(reader: Actor, size: int, **equal: Any) -> QuerySet[Case]:
    return access.visible_to(reader).filter(**equal).select_related("assignee").defer("description", "data").order_by("-pk")[:size]


def of_customer(actor: Actor, customer_id: int, *, size: int = 20) -> list[Case]:
    """Cases of a customer, newest first."""
    return prepared.rows(_with, actor.as_reader(), size, customer_id=customer_id)


def of_conversation(actor: Actor, conversation_id: int) -> list[Case]:
    """Cases tied to a conversation."""
    ids = Link.objects.filter(target_kind="conversation", target_id=conversation_id).values("case_id")
    return list(access.visible_to(actor).filter(pk__in=ids).order_by("-pk")[:20])


def conversations_with_case(conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations that are tied to any case; for mechanisms (R53)."""
    links = Link.objects.filter(target_kind="conversation", target_id__in=list(conversation_ids))
    return set(links.values_list("target_id", flat=True))


def complained_of(conversation_ids: Collection[int], *, now: datetime) -> set[int]:
    """Those of these conversations that are tied to a complaint; for mechanisms."""
    links = Link.objects.filter(
        target_kind="conversation", target_id__in=list(conversation_ids), case__kind__in=families.kinds_of(families.COMPLAINT, now)
    )
    return set(links.values_list("target_id", flat=True))


def notices(actor: Actor, *, size: int = 30) -> list[Notice]:
    """One's own unseen notices, newest first."""
    return list(Notice.objects.filter(staff_id=actor.own_id, seen_at=None).select_related("case", "task").order_by("-pk")[:size])


def open_tasks(actor: Actor, *, cursor: str | None = None, size: int = 50, of_sites: bool = False) -> Page[Task]:
    """Open tasks of one's departments and of the sites in reach, soonest first; ``of_sites`` leaves those of departments out."""
    rows = access.visible_tasks(actor).filter(state=Task.State.OPEN).select_related("case", "site", "team")
    rows = rows.filter(department="") if of_sites else rows
    return keyset_page(rows, [Order("due_at"), Order("id")], size=size, cursor=cursor)


def kinds(actor: Actor, book: Handbook) -> list[tuple[str, str, str]]:
    """Kinds of case that can be opened under a handbook: key, 中文, English."""
    if not actor.may(Permission.CASE_OPEN):
        return []
    usable = {kind for procedure in book.procedures.values() for kind in procedure.kinds}
    return [(key, kind.title, kind.title_en) for key, kind in book.kinds.items() if key in usable]


def inspection_facts(case_id: int, *, now: datetime) -> dict[str, Any]:
    """What case-based inspection items are decided from (QA4): record, clocks, repeats."""
    case = Case.objects.select_related("site").get(pk=case_id)
    texts, written = [case.description], [case.opened_at]
    for entry in case.entries.filter(kind__in=_RECORDED).order_by("pk"):
        written.append(entry.at)
        if entry.kind != Entry.Kind.STEP:
            texts.append(entry.text)
        else:
            texts.extend(str(value) for value in json.loads(entry.text or "{}").values() if isinstance(value, str))
    known: dict[str, Any] = facts.own_facts(case, book_of(case), now=now)
    known.update({f"case.clock.{key}": level for key, level in clocks.facts_of("case", case.pk, now=now).items()})
    known["case.record_texts"] = [text for text in texts if text]
    known["case.record_chars"] = sum(len(text) for text in texts)
    known["case.closed"] = case.closed_at is not None
    if (delay := facts.record_delay(case, written, now=now)) is not None:
        known["case.record_delay_seconds"] = delay
    return known


def search_documents(case_ids: list[int]) -> list[search.Document]:
    """What search should know of cases: title, description, notes, waybill, order number (no phone numbers)."""
    from kefu.kernel.masking import mask_text

    rows = Case.objects.filter(pk__in=case_ids)
    notes: dict[int, list[str]] = {}
    for case_id, text in Entry.objects.filter(case_id__in=case_ids, kind__in=_WRITTEN).order_by("pk").values_list("case_id", "text"):
        notes.setdefault(case_id, []).append(text)
    return [
        search.Document(
            case.pk,
            case.site_id,
            mask_text("\n".join([case.title, case.description, *notes.get(case.pk, [])]))
            + f"\n{case.waybill} {case.order_no} {case.number}",
        )
        for case in rows
    ]
