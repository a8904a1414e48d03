"""Lists as files over the API: asked for, made by the worker, fetched by who asked."""

from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from django.http import HttpResponse
from ninja import Query, Router
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.exports import access, actions, queries
from kefu.exports.actions import ExportRequest

router = Router(tags=["exports"])


class Export(Schema):
    """A file. ``state`` is queued, running, done, failed, cancelled or expired; it is kept until ``expires_at``."""

    id: int
    source: str
    title: str
    format: str
    state: str
    failure: str
    rows: int
    name: str
    size: int
    sha256: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


class NewExport(Schema):
    """Which list, by which filter (names of the list's page), what for (`work`, `report`, `dispute`, `check`, `regulator`)."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(
        max_length=40,
        description="cases, conversations, findings, scorecards, people, audit, clauses, batch, or the key of a list of `GET /lists`",
    )
    format: Literal["xlsx", "csv"] = "xlsx"
    filter: dict[str, str] = Field(default_factory=dict)
    reason: str = Field("", max_length=20)
    clear: bool = Field(False, description="Personal data unmasked, where the list allows it and the caller may.")


class ExportsWanted(Paged):
    """Which part of one's files."""


def _export(row: Any) -> Export:
    return Export(
        id=row.pk,
        source=row.source,
        title=queries.title(row),
        format=row.format,
        state=row.state,
        failure=queries.failure(row),
        rows=row.rows,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        created_at=row.created_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
    )


@router.get("/exports", response=PageOf[Export])
def list_exports(request: ApiRequest, wanted: Query[ExportsWanted]) -> PageOf[Export]:
    """The caller's own files, newest first (PLAT2)."""
    return shown(queries.page(request.actor, cursor=wanted.cursor, size=wanted.size), _export)


@router.post("/exports", response={201: Export})
def create_export(request: ApiRequest, body: NewExport) -> Status[Export]:
    """Order a list as a file, at most 200,000 rows; ask for its state, then fetch it (PLAT2, SEC3)."""
    wanted = ExportRequest(body.source, body.format, body.filter, body.reason, body.clear)
    return Status(201, _export(actions.queue(actor=request.actor, request=wanted, now=moment.now())))


@router.get("/exports/{int:export_id}", response=Export)
def read_export(request: ApiRequest, export_id: int) -> Export:
    """How far a file is (PLAT2)."""
    return _export(access.get_for(request.actor, export_id))


@router.get("/exports/{int:export_id}/file", response={200: None})
def download_export(request: ApiRequest, export_id: int) -> HttpResponse:
    """The file; each download is audited (SEC3)."""
    ready = actions.fetch(actor=request.actor, export_id=export_id, now=moment.now())
    response = HttpResponse(ready.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(ready.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@router.delete("/exports/{int:export_id}", response=Export)
def delete_export(request: ApiRequest, export_id: int) -> Export:
    """Stop a file in the making, or drop a finished one before its time (SEC1)."""
    return _export(actions.cancel(actor=request.actor, export_id=export_id, now=moment.now()))
