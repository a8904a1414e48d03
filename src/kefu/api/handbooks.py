"""Handbooks over the API: versions, contents, clauses by reference, checking, comparing, preview, putting in force."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ninja import Query, Router
from ninja.responses import Status
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.handbook import actions, queries
from kefu.handbook.problems import Problem
from kefu.handbook.queries import keys as handbook_keys
from kefu.handbook.schema import Handbook
from kefu.quality.preview import preview

router = Router(tags=["handbooks"])
MOST_PREVIEWED = 2000
_TEXT_LIMIT = 1_500_000


class HandbookKey(Schema):
    """A handbook that has been in force."""

    key: str
    title: str


class Version(Schema):
    """A version without its text; ``status`` is draft, scheduled, in_force or ended."""

    id: int
    name: str
    key: str
    number: int
    title: str
    status: str
    effective_from: datetime | None
    effective_until: datetime | None
    builtin: bool
    note: str
    created_by: str
    created_at: datetime
    row_version: int


class VersionText(Schema):
    """The text as written."""

    id: int
    text: str


class Place(Schema):
    """One thing to mend and where it stands; line and column count from 1."""

    path: str
    code: str
    message: str
    file: str
    line: int
    column: int


class Checked(Schema):
    """What reading a text gave."""

    ok: bool
    key: str
    problems: list[Place]


class Entry(Schema):
    """A clause in the contents."""

    id: str
    title: str
    title_en: str
    source: str
    origin: str
    level: int
    group: str


class Section(Schema):
    """A section and its clauses."""

    id: str
    title: str
    entries: list[Entry]


class Contents(Schema):
    """The contents of one version."""

    name: str
    sections: list[Section]


class Row(Schema):
    """A label and its lines; ``links`` are ids of clauses."""

    label: str
    lines: list[str]
    links: list[str]


class Clause(Schema):
    """A clause as people read it; ``ref`` is what decisions store."""

    ref: str
    id: str
    title: str
    title_en: str
    source: str
    note: str
    origin: str
    rows: list[Row]
    parts: list[str]


class FieldChange(Schema):
    """A field with its values in words."""

    field: str
    old: str
    new: str


class Change(Schema):
    """A clause that came, went or is different."""

    clause: str
    kind: str
    title: str
    title_en: str
    fields: list[FieldChange]


def _book(name: str) -> Handbook:
    """``best`` is the version in force now, ``best@3`` that one."""
    return queries.book(name) if "@" in name else queries.book_at(name, moment.now())


def _place(one: Problem) -> Place:
    return Place(path=one.path, code=one.code, message=one.text, file=one.file, line=one.line, column=one.column)


def _version(one: Any) -> Version:
    return Version.model_validate(one, from_attributes=True)


@router.get("/handbooks", response=list[HandbookKey])
def list_handbooks(request: ApiRequest) -> list[HandbookKey]:  # noqa: ARG001
    """Handbooks that have been in force (HB1)."""
    return [HandbookKey(key=key, title=title) for key, title in handbook_keys()]


class VersionsWanted(Schema):
    """Of which handbook; all without one."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field("", max_length=60)


@router.get("/handbooks/versions", response=list[Version])
def list_versions(request: ApiRequest, wanted: Query[VersionsWanted]) -> list[Version]:
    """Versions, newest first; drafts only for who edits (HB2)."""
    return [_version(one) for one in queries.versions(request.actor, wanted.key, now=moment.now())]


@router.get("/handbooks/versions/{int:version_id}/text", response=VersionText)
def read_version_text(request: ApiRequest, version_id: int) -> VersionText:
    """The text of a version as written (HB4)."""
    return VersionText(id=version_id, text=queries.text_of(request.actor, version_id))


class CompareWanted(Schema):
    """Ids of the two versions."""

    model_config = ConfigDict(extra="forbid")
    old: Id
    new: Id


@router.get("/handbooks/diff", response=list[Change])
def compare_versions(request: ApiRequest, wanted: Query[CompareWanted]) -> list[Change]:
    """Clauses that differ between two versions, with old and new values (HB3)."""
    found = queries.compare(request.actor, wanted.old, wanted.new, now=moment.now())
    return [Change.model_validate(one, from_attributes=True) for one in found]


@router.get("/handbooks/{str:name}/contents", response=Contents)
def read_contents(request: ApiRequest, name: str) -> Contents:  # noqa: ARG001
    """Sections and clauses of `best` (in force now) or `best@3` (HB4)."""
    book = _book(name)
    sections = [Section.model_validate(one, from_attributes=True) for one in queries.toc(book)]
    return Contents(name=f"{book.handbook}@{book.version}", sections=sections)


class ClauseWanted(Schema):
    """A reference as decisions store it, for example ``best@3#clocks.call_back``."""

    model_config = ConfigDict(extra="forbid")
    ref: str = Field(min_length=5, max_length=200)


@router.get("/clauses", response=Clause)
def read_clause(request: ApiRequest, wanted: Query[ClauseWanted]) -> Clause:  # noqa: ARG001
    """The clause a decision was made by, a year later too (HB2, HB4)."""
    cited = queries.clause(wanted.ref)
    page = queries.page(queries.book_of(cited.ref), cited.ref.clause)
    assert page is not None
    return Clause(
        ref=str(cited.ref),
        id=page.id,
        title=page.title,
        title_en=page.title_en,
        source=page.source,
        note=page.note,
        origin=page.origin,
        rows=[Row(label=row.label, lines=list(row.lines), links=list(row.links)) for row in page.rows],
        parts=[part for part, _title in page.parts],
    )


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class TextToCheck(_Body):
    """A handbook text, YAML."""

    text: str = Field(min_length=1, max_length=_TEXT_LIMIT)


class Draft(TextToCheck):
    """A text to store as a new draft."""

    note: str = Field("", max_length=300)


class DraftSaved(Schema):
    """A stored draft and what is wrong with it so far."""

    id: int
    name: str
    row_version: int
    problems: list[Place]


class Start(_Body):
    """From when a draft applies; now without one."""

    effective_from: AwareDatetime | None = None


class PreviewWanted(_Body):
    """Which version to try, on conversations of which time."""

    version: Id
    since: AwareDatetime | None = Field(None, description="30 days before `until` when not given.")
    until: AwareDatetime | None = Field(None, description="Now when not given.")
    limit: int = Field(500, ge=1, le=MOST_PREVIEWED)


class ItemChange(Schema):
    """One item before and after: conversations that breach it or ask for review."""

    item: str
    breached_before: int
    breached_after: int
    review_before: int
    review_after: int


class StaffChange(Schema):
    """One agent before and after; ``staff_id`` is ``null`` for conversations without one."""

    staff_id: int | None
    conversations: int
    points_before: Decimal
    points_after: Decimal
    money_before: Decimal
    money_after: Decimal


class Changed(Schema):
    """A conversation whose item comes out otherwise."""

    conversation_id: int
    item: str
    before: str
    after: str


class Preview(Schema):
    """What would change; ``more`` when not all conversations of the time were looked at."""

    read: int
    changed: int
    more: bool
    items: list[ItemChange]
    staff: list[StaffChange]
    samples: list[Changed]


@router.post("/handbooks/check", response=Checked)
def check_handbook(request: ApiRequest, body: TextToCheck) -> Checked:  # noqa: ARG001
    """Read and check a text against the handbooks in force; every problem with line and column, nothing is stored (HB3)."""
    found = queries.read_text(body.text, when=moment.now())
    return Checked(ok=found.ok, key=found.key, problems=[_place(one) for one in found.problems])


@router.post("/handbooks/drafts", response={201: DraftSaved})
def save_draft(request: ApiRequest, body: Draft) -> Status[DraftSaved]:
    """Store a text as a draft; its problems do not keep it from being stored, only from being put in force (HB2, HB3)."""
    saved = actions.save_draft(actor=request.actor, text=body.text, note=body.note, now=moment.now())
    problems = [_place(one) for one in saved.problems]
    return Status(201, DraftSaved(id=saved.id, name=saved.name, row_version=saved.row_version, problems=problems))


@router.post("/handbooks/versions/{int:version_id}/force", response=Version)
def force_version(request: ApiRequest, version_id: int, body: Start) -> Version:
    """Let a draft apply from a moment on; decisions before it keep their version (HB2)."""
    now = moment.now()
    row = actions.put_in_force(actor=request.actor, version_id=version_id, from_=body.effective_from, now=now)
    return _version(queries.version(request.actor, row.pk, now=now))


@router.post("/handbooks/preview", response=Preview)
def preview_handbook(request: ApiRequest, body: PreviewWanted) -> Preview:
    """Judge past conversations by a version and by what is in force; nothing is written (HB3)."""
    now = moment.now()
    until = body.until or now
    since = body.since or until - timedelta(days=30)
    draft = queries.draft_book(request.actor, body.version, now=now)
    found = preview(actor=request.actor, draft=draft, since=since, until=until, limit=body.limit)
    return Preview(
        read=found.read,
        changed=found.changed,
        more=found.more,
        items=[ItemChange(item=item, **_slots(change)) for item, change in sorted(found.items.items())],
        staff=[StaffChange(staff_id=staff, **_slots(change)) for staff, change in found.staff.items()],
        samples=[Changed.model_validate(one, from_attributes=True) for one in found.samples],
    )


def _slots(change: Any) -> dict[str, Any]:
    return {name: getattr(change, name) for name in change.__slots__}
