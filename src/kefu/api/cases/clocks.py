"""Clocks of a case by hand, and why they are due when they are."""

from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.cases import queries, upkeep


class Pause(Schema):
    """One of the handbook's reasons (``pause_reasons`` of the clock)."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=60)


@router.get("/cases/{int:case_id}/clocks/{int:clock_id}", response=shapes.ClockExplanation)
def explain_clock(request: ApiRequest, case_id: int, clock_id: int) -> shapes.ClockExplanation:
    """Why the clock is due then: working windows, holidays, make-up days and pauses line by line (CASE4)."""
    return showing.explanation(queries.clock_explanation(request.actor, case_id, clock_id, now=moment.now()))


@router.post("/cases/{int:case_id}/clocks/{int:clock_id}/pause", response=shapes.Case)
def pause_clock(request: ApiRequest, case_id: int, clock_id: int, body: Pause) -> shapes.Case:
    """Let one clock stand still, for a reason the handbook allows, by whom it allows, up to its cap (CASE4)."""
    upkeep.pause_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, reason=body.reason, now=moment.now())
    return showing.case(queries.detail(request.actor, case_id, now=moment.now()))


@router.post("/cases/{int:case_id}/clocks/{int:clock_id}/resume", response=shapes.Case)
def resume_clock(request: ApiRequest, case_id: int, clock_id: int) -> shapes.Case:
    """Let a paused clock run on (CASE4)."""
    upkeep.resume_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, now=moment.now())
    return showing.case(queries.detail(request.actor, case_id, now=moment.now()))
