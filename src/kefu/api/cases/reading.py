"""Lists and pages of cases."""

from typing import Literal

from ninja import Query
from pydantic import AwareDatetime, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, Size, shown
from kefu.cases import filters, queries, upkeep
from kefu.cases.filters import CaseFilter


class CasesWanted(Paged):
    """What a list of cases shows. Names that are not here are refused."""

    view: Literal["open", "mine", "unassigned", "breached", "waiting_customer", "closed", "all"] = "open"
    kind: str = Field("", max_length=60)
    status: Literal["", "open", "waiting_customer", "waiting_other", "solved", "closed", "merged"] = ""
    level: str = Field("", max_length=30)
    site: Id | None = None
    assignee: str = Field("", max_length=18, description="Key of a person; `me` for oneself, `none` for cases nobody has.")
    channel: str = Field("", max_length=12)
    waybill: str = Field("", max_length=40)
    q: str = Field("", max_length=200, description="Words, a case number or a waybill; newest matches first.")
    since: AwareDatetime | None = Field(None, description="Opened at or after.")
    until: AwareDatetime | None = Field(None, description="Opened before.")
    closed_since: AwareDatetime | None = Field(None, description="Closed at or after.")
    closed_until: AwareDatetime | None = Field(None, description="Closed before.")
    opened: Literal["", "today", "7d", "30d"] = ""
    due: Literal["", "late", "1h", "4h", "24h"] = Field("", description="Nearest deadline past, or running out within so long.")
    urged: int | None = Field(None, ge=1, le=999, description="Reminded at least so often.")
    repeat: Literal["", "1"] = Field("", description="The customer complained again.")
    team: Id | None = Field(None, description="Team of the assignee.")
    ball: Literal["", "us", "customer", "others"] = Field("", description="Whom the open case waits for.")
    followed: Literal["", "1"] = Field("", description="Followed by oneself.")
    unread: Literal["", "1"] = Field("", description="The customer wrote something one has not seen.")
    family: Literal["", "enquiry", "complaint", "service", "internal"] = Field("", description="Family of the kind in the handbook.")
    sort: Literal["", "due", "newest"] = ""

    def filter(self) -> CaseFilter:
        """As the query takes it; refused when something does not fit."""
        plain = self.model_dump(exclude={"cursor", "size"}, exclude_none=True)
        plain |= {name: plain[name].isoformat() for name in ("since", "until", "closed_since", "closed_until") if name in plain}
        return CaseFilter.of(filters.check(plain))


@router.get("/cases", response=PageOf[shapes.CaseRow])
def list_cases(request: ApiRequest, wanted: Query[CasesWanted]) -> PageOf[shapes.CaseRow]:
    """Cases in reach, one page (CASE8, SEC2). Open ones by deadline, others newest first; `q` searches in Chinese."""
    return shown(queries.page(request.actor, wanted.filter(), now=moment.now(), cursor=wanted.cursor, size=wanted.size), showing.row)


@router.get("/cases/counts", response=list[shapes.ViewCount])
def count_cases(request: ApiRequest) -> list[shapes.ViewCount]:
    """How many cases each view holds, counted up to 1000."""
    found = queries.counts(request.actor, now=moment.now())
    return [shapes.ViewCount(view=view, value=count.value, capped=count.capped) for view, count in found.items()]


@router.get("/cases/{int:case_id}", response=shapes.Case)
def read_case(request: ApiRequest, case_id: int) -> shapes.Case:
    """One case with its procedure, options, clocks and timeline (CASE1, CASE4, CASE8). Out of reach is *not found*."""
    return showing.case(queries.detail(request.actor, case_id, now=moment.now()))


class TimelineWanted(Paged):
    """Which part of a timeline."""

    cursor: None = None
    size: Size = 50
    before: int = Field(ge=1, description="`more_before` of the later part.")


@router.get("/cases/{int:case_id}/timeline", response=shapes.Timeline)
def read_timeline(request: ApiRequest, case_id: int, wanted: Query[TimelineWanted]) -> shapes.Timeline:
    """An earlier part of a case's timeline (CASE8)."""
    return showing.timeline(*queries.older(request.actor, case_id, before=wanted.before, size=wanted.size))


@router.get("/notices", response=list[shapes.Notice])
def list_notices(request: ApiRequest) -> list[shapes.Notice]:
    """One's own unseen notices, newest first (CASE4: warnings and breaches along the ladder)."""
    return [showing.notice(one) for one in queries.notices(request.actor)]


@router.post("/notices/seen", response=shapes.Seen)
def see_notices(request: ApiRequest) -> shapes.Seen:
    """Mark one's own notices as seen."""
    return shapes.Seen(seen=upkeep.see_notices(actor=request.actor, now=moment.now()))
