"""Attachments of cases: taken in, and given out only as downloads."""

from urllib.parse import quote

from django.http import HttpResponse
from ninja import File
from ninja.files import UploadedFile
from ninja.responses import Status

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.cases import files


@router.post("/cases/{int:case_id}/attachments", response={201: shapes.CaseAttachment})
def upload_attachment(request: ApiRequest, case_id: int, file: File[UploadedFile]) -> Status[shapes.CaseAttachment]:
    """Keep a file of up to 20 MB with the case, encrypted; the same file under the same name is kept once (CASE8, SEC1)."""
    row = files.attach(
        actor=request.actor,
        case_id=case_id,
        name=file.name or "",
        content=file.read(files.SIZE_LIMIT + 1),
        content_type=file.content_type or "",
        now=moment.now(),
    )
    return Status(201, showing.attachment(row))


@router.get("/cases/{int:case_id}/attachments/{int:attachment_id}", response={200: None})
def download_attachment(request: ApiRequest, case_id: int, attachment_id: int) -> HttpResponse:
    """The file, as a download; the read is audited (SEC2, SEC3)."""
    found = files.download(actor=request.actor, case_id=case_id, attachment_id=attachment_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
