"""Files taken in over the API: looked at first, then run, one's own only (PLAT2)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import FileResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.intake import access, actions, preview, queries, uploads

router = Router(tags=["imports"])


class ImportKind(Schema):
    """A kind of table the caller may send."""

    kind: str
    title: str
    about: str
    needs_site: bool


class ImportWanted(Schema):
    """What is sent: the kind (`GET /imports/kinds`), and the site of rows that name none."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(min_length=1, max_length=40)
    site: Id | None = None


class RefusedLine(Schema):
    """A record that would be refused: its row in the file, a stable code, and what to do."""

    row: int
    code: str
    message: str


class ChangedCell(Schema):
    """A value that differs from what is there; ``refused`` says why it cannot be taken in, empty when it can."""

    title: str
    before: str
    after: str
    refused: str


class ChangedRow(Schema):
    """A row of the file that changes something."""

    row: int
    cells: list[ChangedCell]


class ImportPreview(Schema):
    """How a file would be understood; nothing is stored. ``columns``: field → heading; ``rows``: the first lines, masked.

    ``ticket`` starts the run and is good for a day. ``complete``: the look reached the end of the file.
    """

    ticket: str
    kind: str
    name: str
    size: int
    columns: dict[str, str]
    unknown: list[str]
    rows: list[list[str]]
    read: int
    good: int
    refused: list[RefusedLine]
    complete: bool
    changed: list[ChangedRow] | None = None


class ImportState(Schema):
    """A file on its way. ``state`` is queued, running, done, failed or stopped; ``total`` is 0 until its records are counted."""

    id: int
    kind: str
    title: str
    file_name: str
    state: str
    failure: str
    total: int
    read: int
    stored: int
    present: int
    refused: int
    has_refused_file: bool
    created_at: datetime
    finished_at: datetime | None


def _state(row: Any) -> ImportState:
    plain = ("kind", "file_name", "state", "total", "read", "stored", "present", "refused", "created_at", "finished_at")
    return ImportState(
        id=row.pk,
        title=queries.title(row),
        failure=queries.failure(row),
        has_refused_file=queries.has_refused(row),
        **{name: getattr(row, name) for name in plain},
    )


@router.get("/imports/kinds", response=list[ImportKind])
def list_import_kinds(request: ApiRequest) -> list[ImportKind]:
    """The kinds of tables the caller may send (PLAT2)."""
    return [
        ImportKind(kind=one.key, title=str(one.title), about=str(one.about), needs_site=one.needs_site)
        for one in queries.kinds(request.actor)
    ]


@router.post("/imports", response={201: ImportPreview})
def preview_import(request: ApiRequest, wanted: Query[ImportWanted], file: File[UploadedFile]) -> Status[ImportPreview]:
    """Send a table of up to 20 MB (CSV, TSV, Excel) and see how it would be understood; nothing is stored yet (PLAT2, SEC1)."""
    path = uploads.receive(file)
    found = preview.look(actor=request.actor, kind=wanted.kind, path=path, site_id=wanted.site, now=moment.now())
    return Status(
        201,
        ImportPreview(
            ticket=found.ticket,
            kind=found.kind.key,
            name=found.name,
            size=found.size,
            columns=dict(found.columns),
            unknown=list(found.unknown),
            rows=[list(row) for row in found.rows],
            read=found.read,
            good=found.good,
            refused=[RefusedLine(row=one.row, code=one.reason, message=one.message) for one in found.problems],
            complete=found.complete,
            changed=None
            if found.changed is None
            else [ChangedRow(row=row, cells=[ChangedCell(**asdict(one)) for one in changes]) for row, changes in found.changed],
        ),
    )


@router.post("/imports/{str:ticket}/run", response={202: ImportState})
def run_import(request: ApiRequest, ticket: str) -> Status[ImportState]:
    """Take the previewed file in: a short one at once, a long one by the worker; the same ticket again is the same import (PLAT2)."""
    return Status(202, _state(actions.start(actor=request.actor, ticket=ticket, now=moment.now())))


class ImportsWanted(Paged):
    """Which part of one's files."""


@router.get("/imports", response=PageOf[ImportState])
def list_imports(request: ApiRequest, wanted: Query[ImportsWanted]) -> PageOf[ImportState]:
    """The caller's own files, newest first (PLAT2)."""
    return shown(queries.page(request.actor, cursor=wanted.cursor, size=wanted.size), _state)


@router.get("/imports/{int:import_id}", response=ImportState)
def read_import(request: ApiRequest, import_id: int) -> ImportState:
    """How far one's own file is, and what came of it (PLAT2)."""
    return _state(access.get_for(request.actor, import_id))


@router.post("/imports/{int:import_id}/stop", response=ImportState)
def stop_import(request: ApiRequest, import_id: int) -> ImportState:
    """Stop a file on its way; what is stored stays (PLAT2)."""
    return _state(actions.stop(actor=request.actor, intake_id=import_id, now=moment.now()))


@router.post("/imports/{int:import_id}/resume", response={202: ImportState})
def resume_import(request: ApiRequest, import_id: int) -> Status[ImportState]:
    """Go on behind the last batch that was stored (PLAT2)."""
    return Status(202, _state(actions.resume(actor=request.actor, intake_id=import_id)))


@router.get("/imports/{int:import_id}/refused", response={200: None})
def download_refused(request: ApiRequest, import_id: int) -> FileResponse:
    """The rows that were refused, with row number, code and reason, as CSV; the download is audited (PLAT2, SEC3)."""
    path = queries.refused_file(actor=request.actor, intake_id=import_id, now=moment.now())
    name = f"refused-{import_id}.csv"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
