"""Taking the next case."""

from kefu.api import moment
from kefu.api.desk.router import router
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.desk import taking


class Taken(Schema):
    """The case that is one's own now."""

    id: int


@router.post("/cases/next", response=Taken)
def take_next_case(request: ApiRequest) -> Taken:
    """Take the unassigned case of one's own site whose deadline is nearest; 409 `desk.nothing_left` when there is none (CASE8)."""
    return Taken(id=taking.take_next(actor=request.actor, now=moment.now()))
