"""The API put together: every router behind the one gate."""

from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from kefu.api import (
    appeals,
    arbitrations,
    audit,
    batches,
    bench,
    calibrations,
    claims,
    coaching,
    conversations,
    customer_notices,
    customers,
    disputes,
    events,
    exports,
    figures,
    handbooks,
    health,
    imports,
    inspection_board,
    ledgers,
    lists,
    openapi,
    parcels,
    penalties,
    people,
    quality,
    receptions,
    recordings,
    refusals,
    review,
    search,
    shop,
    watch,
)
from kefu.api.bodies import BodyParser
from kefu.api.cases import clocks, departments, files, reading, tasks, work
from kefu.api.cases.router import router as cases
from kefu.api.desk import attention, handover, macros, phrases, taking, views, writing
from kefu.api.desk.router import router as desk
from kefu.api.gate import gate, operation_name
from kefu.api.station import areas, entry, fees, forwarding, monitors, pickups, problems, receipts, scanning, signing, tracking

# Files whose operations are on the router of cases, and of the desk.
CASE_FILES = (reading, work, clocks, tasks, departments, files)
DESK_FILES = (writing, taking, attention, phrases, macros, views, handover)
described = Router(tags=["health"])
ROUTERS: tuple[Router, ...] = (
    health.router,
    described,
    cases,
    desk,
    batches.router,
    claims.router,
    shop.router,
    ledgers.router,
    figures.router,
    exports.router,
    imports.router,
    lists.router,
    conversations.router,
    receptions.router,
    recordings.router,
    quality.router,
    bench.router,
    review.router,
    disputes.router,
    calibrations.router,
    handbooks.router,
    parcels.router,
    arbitrations.router,
    appeals.router,
    areas.router,
    entry.router,
    problems.router,
    tracking.router,
    monitors.router,
    scanning.router,
    signing.router,
    pickups.router,
    fees.router,
    receipts.router,
    forwarding.router,
    customers.router,
    customer_notices.router,
    penalties.router,
    watch.router,
    coaching.router,
    inspection_board.router,
    people.router,
    search.router,
    audit.router,
    events.router,
)


class Renderer(JSONRenderer):
    """JSON with Chinese as it is, not escaped."""

    json_dumps_params = {"ensure_ascii": False}


class KefuApi(NinjaAPI):
    """Names operations by their functions, which are unique, so that clients and the table of permissions share one name."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name."""
        return operation_name(operation)

    def set_default_exception_handlers(self) -> None:
        """One handler for all: every failure has the same shape."""
        self.add_exception_handler(Exception, refusals.respond)


@described.get("/openapi.json", response=dict[str, Any])
def read_openapi(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """This description (PLAT2)."""
    return description()


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """OpenAPI of the whole API, worked out once."""
    return openapi.description(api)


def build() -> KefuApi:
    """A fresh API with all routers."""
    made = KefuApi(
        title="Kefu 客服 API",
        version="1",
        description="Cases, conversations, inspection, parcels, customers and handbooks of a customer-service centre (PLAT2).",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
        renderer=Renderer(),
        parser=BodyParser(),
    )
    made.add_decorator(gate, mode="view")
    for router in ROUTERS:
        made.add_router("", router)
    return made


api = build()
