"""Reads of problem parcels for screens, files and figures (OPS8, O15)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from kefu.handbook import queries as handbooks
from kefu.handbook.settings import setting
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_account, mask_phone, mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.journeys import in_sight, journeys
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.problems import access, limits, rules
from kefu.station.problems.kinds import Kind, kind_of, kinds_of
from kefu.station.problems.models import Line, Picture, Problem
from kefu.station.problems.vocabulary import OPEN_STATES, State

_NEWEST = [Order("pk", descending=True)]
_OLDEST_ALARM = [Order("alarm_at"), Order("pk")]
_UNREAD_FIRST = [Order("has_unread", descending=True), Order("pk", descending=True)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which problems. ``box``: ``in`` reported to the reader's sites, ``out`` by them. ``late``: aged or unanswered beyond the limit.

    ``waiting``: open ones the reader's own site has to answer or to read, those with unread lines first.
    """

    box: str = ""
    state: str = ""
    open_only: bool = False
    kind: str = ""
    group: str = ""
    site_id: int | None = None
    waybills: Sequence[str] = ()
    unread: bool = False
    waiting: bool = False
    late: bool = False
    alarm: str = ""
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A problem in a list. ``mine``: side of the reader's own site, ``in`` or ``out``; ``unread`` is that side's."""

    id: int
    waybill: str
    kind: str
    kind_code: str
    kind_title: str
    group_title: str
    clause: str
    reporter_site: str
    receiver_site: str
    reporter_site_id: int
    receiver_site_id: int
    state: str
    mine: str
    unread: int
    messages: int
    reported_by: str
    reported_at: datetime
    last_at: datetime
    answer_late: bool
    alarm: str
    alarm_at: datetime | None
    age: timedelta
    result: str
    closed_at: datetime | None
    description: str
    way: str
    version: int


def rows(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[Problem]:
    """Problems in reach, narrowed."""
    found = access.visible_to(actor)
    if wanted.box in ("in", "out"):
        found = _reach(found, actor, "receiver_site_id" if wanted.box == "in" else "reporter_site_id")
    exact = {"state": wanted.state, "kind": wanted.kind, "group": wanted.group}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.open_only:
        found = found.filter(state__in=OPEN_STATES)
    if wanted.site_id is not None:
        found = found.filter(Q(receiver_site_id=wanted.site_id) | Q(reporter_site_id=wanted.site_id))
    if wanted.waybills:
        found = found.filter(waybill__in=[clean_waybill(one) for one in wanted.waybills])
    if wanted.unread:
        found = found.filter(_unread(actor))
    if wanted.waiting:
        found = _waiting(found, actor)
    if wanted.late:
        found = found.filter(state__in=OPEN_STATES).filter(Q(alarm_at__lte=now) | Q(answer_due_at__lte=now))
    if wanted.alarm:
        found = found.filter(state__in=OPEN_STATES, alarm=wanted.alarm, alarm_at__lte=now)
    return found.filter(**on_days("reported_at", wanted.day_from, wanted.day_to))


def _reach(found: QuerySet[Problem], actor: Actor, column: str) -> QuerySet[Problem]:
    """One side of the thread is a site in reach; who reaches the whole centre sees both."""
    return people_access.in_reach(found, actor, column)


def _unread(actor: Actor) -> Q:
    """Lines the reader's sites have not seen."""
    if actor.sites is None:
        return Q(receiver_unread__gt=0) | Q(reporter_unread__gt=0)
    sites = sorted(actor.sites)
    return Q(receiver_site_id__in=sites, receiver_unread__gt=0) | Q(reporter_site_id__in=sites, reporter_unread__gt=0)


def _waiting(found: QuerySet[Problem], actor: Actor) -> QuerySet[Problem]:
    """What the own site has before it; who has none (the whole centre) is waited for by nobody."""
    unread = Q(receiver_site_id=actor.site_id, receiver_unread__gt=0) | Q(reporter_site_id=actor.site_id, reporter_unread__gt=0)
    found = found.filter(state__in=OPEN_STATES).filter(unread | Q(receiver_site_id=actor.site_id, state=State.OPEN))
    return found.annotate(has_unread=Case(When(unread, then=Value(1)), default=Value(0), output_field=IntegerField()))


def page(
    actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50, clear: bool = False
) -> Page[ProblemRow]:
    """A page of problems: newest first, aged ones by their limit. ``clear``: descriptions unmasked (exports, who may)."""
    people_access.require(actor, Permission.PROBLEM_VIEW)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    order = _UNREAD_FIRST if wanted.waiting else _OLDEST_ALARM if wanted.alarm else _NEWEST
    found = keyset_page(rows(actor, wanted, now), order, size=size, cursor=cursor)
    sites = people.sites_by_id()
    shown = [_row(actor, row, now, {pk: site.name for pk, site in sites.items()}, clear=clear) for row in found.rows]
    return Page(shown, found.next, found.previous)


def count(actor: Actor, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted, now))


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits at the reader's sites."""

    to_answer: CappedCount
    unread: CappedCount
    late: CappedCount
    open: CappedCount


def counts(actor: Actor, *, now: datetime) -> Counts:
    """Figures of the board, in one statement."""
    asked = (Wanted(box="in", state=State.OPEN), Wanted(unread=True), Wanted(late=True), Wanted(open_only=True))
    return Counts(*capped_counts([rows(actor, one, now) for one in asked]))


def side(actor: Actor, row: Problem) -> str:
    """Which of the two the reader is: ``in`` the one it was reported to, ``out`` the one that reported."""
    return "in" if access.side_of(actor, row) == row.receiver_site_id else "out"


def _row(actor: Actor, row: Problem, now: datetime, sites: Mapping[int, str], *, clear: bool) -> ProblemRow:
    kind, mine = kind_of(row.clause), side(actor, row)
    is_open = row.state in OPEN_STATES
    return ProblemRow(
        id=row.pk,
        waybill=row.waybill,
        kind=row.kind,
        kind_code=kind.code if kind else row.kind,
        kind_title=kind.name() if kind else row.kind,
        group_title=kind.group_name() if kind else row.group,
        clause=row.clause,
        reporter_site=sites.get(row.reporter_site_id, ""),
        receiver_site=sites.get(row.receiver_site_id, ""),
        reporter_site_id=row.reporter_site_id,
        receiver_site_id=row.receiver_site_id,
        state=row.state,
        mine=mine,
        unread=row.receiver_unread if mine == "in" else row.reporter_unread,
        messages=row.messages,
        reported_by=row.reported_by,
        reported_at=row.reported_at,
        last_at=row.last_at,
        answer_late=is_open and row.answer_due_at is not None and row.answer_due_at <= now,
        alarm=row.alarm if rules.alarmed(row.state, row.alarm_at, now) else "",
        alarm_at=row.alarm_at,
        age=(row.closed_at or now) - row.reported_at,
        result=row.result,
        closed_at=row.closed_at,
        description=row.description if clear else mask_text(row.description),
        way=row.way,
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture of a thread."""

    id: int
    name: str
    line_id: int | None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the thread. ``own``: of the side the reader speaks for. ``told`` with ``data`` is put into words by the screen."""

    id: int
    told: str
    site: str
    own: bool
    author: str
    author_no: str
    text: str
    data: Mapping[str, Any]
    at: datetime
    seen: bool
    pictures: Sequence[PictureRow] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A problem with everything said about it. ``speaks_for`` is the site the reader's answers go out for."""

    row: ProblemRow
    lines: Sequence[LineRow]
    pictures: Sequence[PictureRow]
    phones: Sequence[str]
    account: str
    courier: str
    speaks_for: int
    follow: str
    answer_due_at: datetime | None
    reporter_read_at: datetime | None
    receiver_read_at: datetime | None
    before: int | None = None
    after: int | None = None
    replies: Sequence[str] = field(default_factory=tuple)


def thread(actor: Actor, problem_id: int, *, now: datetime, clear: bool = False) -> Thread:
    """One problem in reach. Phones and account are masked unless ``clear`` (who may)."""
    row = access.get_for(actor, problem_id)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    pictures = [PictureRow(one.pk, one.name, one.line_id) for one in Picture.objects.filter(problem=row).order_by("pk")]
    mine = access.side_of(actor, row)
    lines = list(Line.objects.filter(problem=row).order_by("pk"))
    kind = kind_of(row.clause)
    head = _row(actor, row, now, names, clear=True)
    book = limits.book_at(people.sites_by_id()[mine].handbook, now)
    values = limits.values_for(actor, mine, now)
    around = access.visible_to(actor).filter(state__in=OPEN_STATES)
    return Thread(
        row=head,
        lines=[_line(row, line, mine, names, [one for one in pictures if one.line_id == line.pk]) for line in lines],
        pictures=[one for one in pictures if one.line_id is None],
        phones=[one if clear else mask_phone(one) for one in row.phones.split()],
        account=row.account if clear else mask_account(row.account),
        courier=row.courier,
        speaks_for=mine,
        follow=kind.follow if kind else "",
        answer_due_at=row.answer_due_at,
        reporter_read_at=row.reporter_read_at,
        receiver_read_at=row.receiver_read_at,
        before=around.filter(pk__gt=row.pk).order_by("pk").values_list("pk", flat=True).first(),
        after=around.filter(pk__lt=row.pk).order_by("-pk").values_list("pk", flat=True).first(),
        replies=[rules.filled(one, values) for one in limits.phrases(book, "station_problem_replies")] if book else (),
    )


def _line(row: Problem, line: Line, mine: int, names: Mapping[int, str], pictures: Sequence[PictureRow]) -> LineRow:
    read = row.receiver_read_at if line.site_id == row.reporter_site_id else row.reporter_read_at
    data = dict(line.data)
    for name in ("from", "to"):
        if name in data:
            data[f"{name}_site"] = names.get(int(data[name]), "")
    return LineRow(
        line.pk, line.told, names.get(line.site_id or 0, ""), line.site_id == mine, line.author, line.author_no, line.text, data, line.at,
        read is not None and read >= line.at, tuple(pictures),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form of a site offers."""

    kinds: Sequence[Kind]
    phrases: Sequence[str]
    limits: rules.Limits


def choices(actor: Actor, site_id: int, *, now: datetime) -> Choices:
    """Types, filled phrases and limits for reports of a site in reach."""
    people_access.require_site(actor, site_id)
    book = limits.book_at(people.sites_by_id()[site_id].handbook, now)
    if book is None:
        return Choices((), (), rules.Limits())
    values = limits.values_for(actor, site_id, now)
    return Choices(kinds_of(book), [rules.filled(one, values) for one in limits.phrases(book)], limits.limits_of(book))


def case_kind(row: ProblemRow, now: datetime) -> str:
    """The kind of case the problem becomes: its group's clause names it; empty when the handbook of the reporting site does not."""
    site = people.sites_by_id().get(row.reporter_site_id)
    book = limits.book_at(site.handbook, now) if site else None
    found = setting(book, f"problem_group_{kind.group}", "case") if book and (kind := kind_of(row.clause)) else None
    return str(found.value) if found else ""


def kinds_here(actor: Actor, *, now: datetime) -> Sequence[Kind]:
    """Types the handbooks of the sites in reach state now, for filters."""
    keys = {site.handbook for pk, site in people.sites_by_id().items() if actor.reaches(pk)}
    found = {kind.key: kind for book in handbooks.books_at(keys, now) for kind in kinds_of(book)}
    return sorted(found.values(), key=lambda kind: kind.place)


def receiver_for(actor: Actor, waybill: str, site_id: int) -> int | None:
    """The default receiver (O15) of a waybill in the reader's sight; ``None``: it must be chosen."""
    people_access.require(actor, Permission.PROBLEM_WORK)
    people_access.require_site(actor, site_id)
    number = clean_waybill(waybill)
    if not is_waybill(number) or number not in in_sight(actor, [number]):
        return None
    journey = journeys([number])[number]
    return rules.default_receiver(journey.nodes, site_id, journey.site_id)


def open_by_waybill(waybills: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    """Open problems of waybills as id and type, for rooms and reactions that must know of them; not for screens."""
    found: dict[str, list[tuple[int, str]]] = {}
    rows_ = Problem.objects.filter(waybill__in=sorted(set(waybills)), state__in=OPEN_STATES).order_by("pk")
    for waybill, pk, kind in rows_.values_list("waybill", "pk", "kind"):
        found.setdefault(waybill, []).append((pk, kind))
    return found
