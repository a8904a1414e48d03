"""The monitors over the API: sets, figures, trend, differences, and work on many at once (OPS5, O12)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.escalations import differences as escalations
from kefu.kernel.errors import Message, NotFound
from kefu.people import queries as people
from kefu.station.monitors import actions, queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.reading import Key
from kefu.station.monitors.sets import FIRST, SETS, sets_for
from kefu.station.monitors.showing import Row
from kefu.station.monitors.terms import books_of, terms_of

router = Router(tags=["station: monitors (OPS5)"])


class DifferenceSet(Schema):
    """A set: what is in it, what to do, and the terms in force at the site asked, with their clause. Times in hours."""

    key: str
    title: str
    formula: str
    advice: str
    tolerance_hours: float
    also_settled_by: list[str]
    loss_days: float | None
    clause: str


class DifferencesWanted(Paged):
    """Which differences: a set, and what narrows it. Names that are not here are refused."""

    set: str = Field(FIRST, max_length=30)
    site: Id | None = None
    since: date | None = None
    until: date | None = None
    other: Id | None = Field(None, description="The station before (or after, where that one is asked).")
    truck: str = Field("", max_length=40)
    age: Literal["", "0", "1", "2", "3"] = Field("", description="Whole days; 3 is three and more.")
    work: Literal["", "new", "taken", "done", "mine", "lost"] = ""
    waybill: str = Field("", max_length=4000)


class DifferenceRow(Schema):
    """A difference with its follow-up; ``version`` 0 when nobody has worked on it."""

    key: str
    set: str
    site_id: int
    waybill: str
    piece: str
    pieces: str
    bag: str
    truck: str
    other_id: int | None
    other: str
    at: datetime
    sent_at: datetime | None
    due_at: datetime
    arrived_at: datetime | None
    days: int
    lost: bool
    last_code: str
    last_site: str
    last_at: datetime | None
    difference_id: int | None
    handler: str
    result: str
    note: str
    urged_at: datetime | None
    reported_at: datetime | None
    problem_id: int | None
    version: int
    clause: str


class DifferenceTotals(Schema):
    """Figures of what is asked: ``ages`` by whole days 0, 1, 2, 3 and more."""

    expected: int
    count: int
    ages: list[int]
    taken: int
    explained: int
    lost: int
    since: date
    until: date
    clauses: list[str]


class MatrixCell(Schema):
    """A number of the table site by set."""

    site_id: int
    set: str
    count: int


class DifferenceMatrix(Schema):
    """The table site by set, as last counted."""

    counted_at: datetime | None
    cells: list[MatrixCell]


class TrendDay(Schema):
    """A day of a set."""

    day: date
    expected: int
    standing: int


class Body(Schema):
    """A request body; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Picked(Body):
    """Differences of one set by their keys, at most 500."""

    set: str = Field(max_length=30)
    keys: list[str] = Field(min_length=1, max_length=500)


class Take(Picked):
    """``over``: also those somebody else has in hand."""

    over: bool = False


class Conclude(Picked):
    """What came of it: found, on_way, resent, forwarded, problem, entered, lost, other (with a note)."""

    result: str = Field(max_length=12)
    note: str = Field("", max_length=500)


class EditDifference(Body):
    """Result and note of one, with the version they were read at."""

    result: str = Field("", max_length=12)
    note: str = Field("", max_length=500)
    version: int = Field(ge=0)


class Report(Picked):
    """``problem``: as problem parcels; ``urge``: the station before is urged (催)."""

    way: Literal["problem", "urge"]


class OpenCases(Picked):
    """Kind of the cases, of those the site's handbook has."""

    case_kind: Literal["enquiry", "delay", "loss"]


class Worked(Schema):
    """Outcome by key: what was done (with the follow-up, or the case), and refusals in words."""

    done: dict[str, int]
    refused: dict[str, str]


def _key(text: str) -> Key:
    site, _colon, rest = text.partition(":")
    waybill, _colon, piece = rest.partition(":")
    if not site.isascii() or not site.isdecimal() or len(site) > 17 or not waybill or len(rest) > 81:
        raise NotFound
    return Key(int(site), waybill, piece)


def _keys(texts: Sequence[str]) -> list[Key]:
    return [_key(text) for text in texts]


def _wanted(asked: DifferencesWanted) -> Wanted:
    return Wanted(
        asked.set, asked.site, asked.since, asked.until, asked.other, asked.truck, asked.age, asked.work, asked.waybill
    )  # fmt: skip


def _row(row: Row) -> DifferenceRow:
    follow = row.follow
    return DifferenceRow(
        key=str(row.key), set=row.kind, site_id=row.key.site_id, waybill=row.waybill, piece=row.piece, pieces=row.pieces, bag=row.bag,
        truck=row.truck, other_id=row.other_id, other=row.other, at=row.at, sent_at=row.sent_at, due_at=row.due_at,
        arrived_at=row.arrived_at, days=row.days, lost=row.lost, last_code=row.last_code, last_site=row.last_site, last_at=row.last_at,
        difference_id=follow.id, handler=follow.handler, result=follow.result, note=follow.note, urged_at=follow.urged_at,
        reported_at=follow.reported_at, problem_id=follow.problem_id, version=follow.version, clause=row.clause,
    )  # fmt: skip


def _worked(done: Mapping[Key, Any], refused: Mapping[Key, Message]) -> Worked:
    ids = {str(key): one if isinstance(one, int) else one.case_id for key, one in done.items()}
    return Worked(done=ids, refused={str(key): str(words) for key, words in refused.items()})


@router.get("/monitors/sets", response=list[DifferenceSet])
def list_difference_sets(request: ApiRequest, site: Id) -> list[DifferenceSet]:
    """The sets of a site with the terms its handbook states."""
    known = {one.pk: one for one in people.sites(request.actor)}
    if site not in known:
        raise NotFound
    book = books_of([known[site].handbook], moment.now()).get(known[site].handbook)
    found = []
    for one in sets_for(known[site].kind):
        terms = terms_of(book, one)
        found.append(
            DifferenceSet(
                key=one.key,
                title=str(one.title),
                formula=str(one.formula),
                advice=str(one.advice),
                tolerance_hours=terms.tolerance.total_seconds() / 3600,
                also_settled_by=list(terms.also),
                loss_days=terms.lost.total_seconds() / 86400 if terms.lost else None,
                clause=terms.clause,
            )
        )
    return found


@router.get("/monitors/differences", response=PageOf[DifferenceRow])
def list_differences(request: ApiRequest, wanted: Query[DifferencesWanted]) -> PageOf[DifferenceRow]:
    """Differences of a set, oldest first; the days asked are 31 at most, 14 when not said."""
    return shown(queries.page(request.actor, _wanted(wanted), now=moment.now(), cursor=wanted.cursor, size=wanted.size), _row)


@router.get("/monitors/totals", response=DifferenceTotals)
def total_differences(request: ApiRequest, wanted: Query[DifferencesWanted]) -> DifferenceTotals:
    """Figures of what is asked; ``expected`` is 0 when it is narrowed to less than a site and days."""
    found = queries.summary(request.actor, _wanted(wanted), now=moment.now())
    whole = found.totals
    return DifferenceTotals(
        expected=found.expected, count=whole.count, ages=list(whole.ages), taken=whole.taken, explained=whole.explained, lost=whole.lost,
        since=found.days[0], until=found.days[1], clauses=list(found.clauses),
    )  # fmt: skip


@router.get("/monitors/matrix", response=DifferenceMatrix)
def read_difference_matrix(request: ApiRequest, since: date | None = None, until: date | None = None) -> DifferenceMatrix:
    """Numbers by site and set, as last counted."""
    found = queries.matrix(request.actor, now=moment.now(), since=since, until=until)
    cells = [MatrixCell(site_id=site, set=kind, count=count) for (site, kind), count in sorted(found.counts.items())]
    return DifferenceMatrix(counted_at=found.counted_at, cells=cells)


@router.get("/monitors/trend", response=list[TrendDay])
def read_difference_trend(request: ApiRequest, set: str = FIRST, site: Id | None = None) -> list[TrendDay]:
    """The last thirty days of a set."""
    days = queries.trend(request.actor, set, now=moment.now(), site_id=site)
    return [TrendDay(day=one.day, expected=one.expected, standing=one.standing) for one in days]


@router.post("/monitors/take", response=Worked)
def take_differences(request: ApiRequest, body: Take) -> Worked:
    """Take differences in hand."""
    done = actions.take(actor=request.actor, kind=body.set, keys=_keys(body.keys), now=moment.now(), over=body.over)
    return _worked(done.done, done.refused)


@router.post("/monitors/release", response=Worked)
def release_differences(request: ApiRequest, body: Picked) -> Worked:
    """Give differences back."""
    done = actions.release(actor=request.actor, kind=body.set, keys=_keys(body.keys), now=moment.now())
    return _worked(done.done, done.refused)


@router.post("/monitors/conclude", response=Worked)
def conclude_differences(request: ApiRequest, body: Conclude) -> Worked:
    """Write down what came of looking into them."""
    done = actions.conclude(
        actor=request.actor, kind=body.set, keys=_keys(body.keys), result=body.result, note=body.note, now=moment.now()
    )  # fmt: skip
    return _worked(done.done, done.refused)


@router.patch("/monitors/differences/{kind}/{key}", response=Worked)
def edit_difference(request: ApiRequest, kind: str, key: str, body: EditDifference) -> Worked:
    """Result and note of one; refused (409) when somebody saved since the version."""
    if kind not in SETS:
        raise NotFound
    done = actions.edit(
        actor=request.actor, kind=kind, key=_key(key), result=body.result, note=body.note, version=body.version, now=moment.now()
    )  # fmt: skip
    return _worked(done.done, done.refused)


@router.post("/monitors/report", response=Worked)
def report_differences(request: ApiRequest, body: Report) -> Worked:
    """Take differences up with another site; the problem parcels follow at once, in the caller's name."""
    done = actions.report(actor=request.actor, kind=body.set, keys=_keys(body.keys), way=body.way, now=moment.now())
    return _worked(done.done, done.refused)


@router.post("/monitors/cases", response=Worked)
def open_difference_cases(request: ApiRequest, body: OpenCases) -> Worked:
    """A case for each difference, or the one it has; ``done`` holds the cases."""
    done = escalations.open_cases(actor=request.actor, kind=body.set, keys=_keys(body.keys), case_kind=body.case_kind, now=moment.now())
    return _worked(done.done, done.refused)
