"""Is it alive: without a sign-in; tells no data."""

from typing import Literal

from django.db import connection
from django.http import HttpRequest
from ninja import Router

from kefu.api.schema import Schema

router = Router(tags=["health"])


class Health(Schema):
    """Alive, and the database answers."""

    status: Literal["ok"]


@router.get("/health", response=Health)
def read_health(request: HttpRequest) -> Health:  # noqa: ARG001
    """Whether the server and its database answer; 503 `database_away` when the database does not (PLAT1)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Health(status="ok")
