"""The dashboard of inspection over the API: the same numbers as the page (QA2, QA6, QA7)."""

from datetime import date
from decimal import Decimal

from ninja import Query, Router
from pydantic import ConfigDict

from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.performance import hits

router = Router(tags=["quality"])


class BoardWanted(Schema):
    """A period, both days included, and a site; all in reach without one."""

    model_config = ConfigDict(extra="forbid")
    since: date
    until: date
    site: Id | None = None


class BoardLine(Schema):
    """One line of a side: `key` is the item, team (0: none), person, local hour or handbook version."""

    key: str
    count: int
    waiting: int
    points: Decimal
    money: Decimal


class InspectionBoard(Schema):
    """Findings by side, and shares of 1: coverage, passed when first judged, overturned of decided disputes, agreement with people."""

    since: date
    until: date
    conversations: int
    inspected: int
    first_pass: int
    ruled: int
    changed: int
    disputed: int
    overturned: int
    coverage: Decimal | None
    first_pass_rate: Decimal | None
    overturn_rate: Decimal | None
    agreement: Decimal | None
    sides: dict[str, list[BoardLine]]


@router.get("/inspection-board", response=InspectionBoard)
def read_inspection_board(request: ApiRequest, wanted: Query[BoardWanted]) -> InspectionBoard:
    """Hits by item, team, person, hour and handbook version over a period (QA2, QA6, QA7)."""
    return InspectionBoard.model_validate(hits.board(request.actor, since=wanted.since, until=wanted.until, site_id=wanted.site))
