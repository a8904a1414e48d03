"""The API put together: every router behind the one gate."""

from ninja import NinjaAPI, Router
from ninja.operation import Operation

from kefu.api import health, refusals
from kefu.api.cases import clocks, files, reading, tasks, work
from kefu.api.gate import gate, operation_name

ROUTERS: tuple[Router, ...] = (
    health.router,
    reading.router,
    work.router,
    clocks.router,
    tasks.router,
    files.router,
)


class KefuApi(NinjaAPI):
    """Names operations by their functions, which are unique, so that clients and the table of permissions share one name."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name."""
        return operation_name(operation)

    def set_default_exception_handlers(self) -> None:
        """One handler for all: every failure has the same shape."""
        self.add_exception_handler(Exception, refusals.respond)


def build() -> KefuApi:
    """A fresh API with all routers."""
    made = KefuApi(
        title="Kefu 客服 API",
        version="1",
        description="Cases, conversations, inspection, parcels, customers and handbooks of a customer-service centre (PLAT2).",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
    )
    made.add_decorator(gate, mode="view")
    for router in ROUTERS:
        made.add_router("", router)
    return made


api = build()
