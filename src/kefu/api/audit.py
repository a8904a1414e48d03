"""The audit trail over the API: who did what to which thing, when."""

from datetime import datetime
from typing import Any

from ninja import Query, Router
from pydantic import AwareDatetime, Field

from kefu.api.identity import ApiRequest
from kefu.api.paging import Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.kernel.models import AuditEntry
from kefu.kernel.paging import Order, keyset_page
from kefu.people.access import in_reach

router = Router(tags=["audit"])


class AuditLine(Schema):
    """One entry; ``chain`` is its place in the hash chain, ``null`` for the last second's."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: int
    actor_name: str
    actor_ip: str
    action: str
    subject_kind: str
    subject_id: int
    subject_text: str
    site_id: int | None
    clause: str
    data: dict[str, Any]
    chain: int | None
    hash: str


class AuditWanted(Paged):
    """Which entries. Names that are not here are refused."""

    action: str = Field("", max_length=60)
    subject_kind: str = Field("", max_length=30)
    subject_id: int | None = Field(None, ge=0)
    actor_kind: str = Field("", max_length=12)
    actor_id: int | None = Field(None, ge=0)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@router.get("/audit", response=PageOf[AuditLine])
def list_audit(request: ApiRequest, wanted: Query[AuditWanted]) -> PageOf[AuditLine]:
    """Entries of the sites in reach, newest first; those of no site are for who reaches all (SEC3)."""
    rows = in_reach(AuditEntry.objects.all(), request.actor)
    plain = {
        "action": wanted.action,
        "subject_kind": wanted.subject_kind,
        "subject_id": wanted.subject_id,
        "actor_kind": wanted.actor_kind,
        "actor_id": wanted.actor_id,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value not in ("", None)})
    page = keyset_page(rows, [Order("pk", descending=True)], size=wanted.size, cursor=wanted.cursor)
    return shown(page, lambda entry: AuditLine.model_validate(entry, from_attributes=True))
