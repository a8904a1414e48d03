"""Writes: install the built-in handbooks, save drafts, put in force, retire (HB1, HB2, HB3)."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import Max

from kefu.handbook import access, builtin, loader, queries
from kefu.handbook.errors import AbstractHandbook, HandbookInvalid, NotADraft, StartsTooEarly
from kefu.handbook.events import HandbookPutInForce, HandbookRetired
from kefu.handbook.loader import Reading
from kefu.handbook.models import HandbookVersion
from kefu.handbook.problems import Problem
from kefu.handbook.rules import digest_of, earliest_start
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.moment import midnight

_State = HandbookVersion.State


@dataclass(frozen=True, slots=True)
class Saved:
    """A stored draft and what is wrong with it so far."""

    id: int
    name: str
    row_version: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """What installing did with a built-in handbook: installed, unchanged, updated, or offered as a draft."""

    key: str
    outcome: str
    number: int


def ref_of(row: HandbookVersion) -> Ref:
    """The version as audit and links know it."""
    return Ref("handbook", row.pk, str(row))


@lru_cache(maxsize=16)
def _builtin(key: str) -> Reading:
    found = loader.read(builtin.text(key) or "", file=f"{key}.yaml", bases=builtin.text)
    if not found.ok:
        raise HandbookInvalid(found.problems)
    return found


def _next_number(key: str) -> int:
    return (HandbookVersion.objects.filter(key=key).aggregate(last=Max("number"))["last"] or 0) + 1


def _new_row(actor: Actor, key: str, found: Reading, text: str, now: datetime) -> HandbookVersion:
    title = found.handbook.title if found.handbook else str(found.resolved.get("tree", {}).get("title") or key)
    return HandbookVersion(
        key=key,
        number=_next_number(key),
        title=title[:200],
        text=text,
        created_by_kind=actor.kind,
        created_by_id=actor.id,
        created_by_name=actor.name[:80],
        created_at=now,
        updated_at=now,
    )


def _start_of(handbook: Handbook, now: datetime) -> datetime:
    return min(midnight(handbook.effective_from), now)


def install_builtin(*, actor: Actor, now: datetime) -> list[Installed]:
    """Bring in the built-in handbooks, or their new editions. Running it again changes nothing.

    The first edition is in force from its own date. A new edition follows an unchanged one at once; where people have put their
    own version in force it is stored as a draft for them to look at.
    """
    access.require(actor, access.FORCE)
    with transaction.atomic():
        return [_install(actor, key, now) for key in builtin.KEYS]


def _install(actor: Actor, key: str, now: datetime) -> Installed:
    found = _builtin(key)
    digest = digest_of(found.resolved)
    rows = HandbookVersion.objects.filter(key=key).defer("text", "resolved")
    present = rows.filter(builtin=True, digest=digest).order_by("-number").first()
    if present is not None:
        return Installed(key, "unchanged", present.number)
    current = rows.exclude(state=_State.DRAFT).order_by("-effective_from").first()
    row = _new_row(actor, key, found, builtin.text(key) or "", now)
    row.builtin = True
    row.based_on = current
    _resolve(row, found, digest)
    assert found.handbook is not None
    if current is not None and not current.builtin:
        row.save(force_insert=True)
        audit.record(actor, "handbook.offered", ref_of(row), now=now)
        return Installed(key, "offered", row.number)
    row.save(force_insert=True)
    _start(actor, row, current, _start_of(found.handbook, now) if current is None else now, now)
    return Installed(key, "installed" if current is None else "updated", row.number)


def _resolve(row: HandbookVersion, found: Reading, digest: str) -> None:
    row.resolved = found.resolved
    row.digest = digest
    known = HandbookVersion.objects.filter(key__in=found.bases).exclude(state=_State.DRAFT).order_by("number")
    latest = {base.key: base for base in known.defer("text", "resolved")}
    row.bases = [{"key": key, "number": latest[key].number, "digest": latest[key].digest} for key in found.bases if key in latest]


def save_draft(
    *, actor: Actor, text: str | bytes, now: datetime, draft_id: int | None = None, row_version: int | None = None, note: str = ""
) -> Saved:
    """Store a text as a new draft, or over a draft; problems do not keep it from being stored, only from being put in force.

    A text that is no YAML mapping with a ``handbook`` key is refused with its problems.
    """
    access.require(actor, access.EDIT)
    found = queries.read_text(text, when=now)
    if not found.key or any(problem.path == "handbook" for problem in found.problems):
        raise HandbookInvalid(found.problems)
    written = loader.text_of(text)
    with transaction.atomic():
        if draft_id is None:
            row = _new_row(actor, found.key, found, written, now)
            row.note = note[:300]
            row.based_on = _current(found.key)
            row.save(force_insert=True)
        else:
            row = _rewritten(actor, draft_id, row_version, found, written, note, now)
        audit.record(actor, "handbook.draft_saved", ref_of(row), now=now, data={"problems": len(found.problems)})
    return Saved(row.pk, str(row), row.version, found.problems)


def _current(key: str) -> HandbookVersion | None:
    return HandbookVersion.objects.filter(key=key).exclude(state=_State.DRAFT).order_by("-effective_from").first()


def _rewritten(
    actor: Actor, draft_id: int, row_version: int | None, found: Reading, text: str, note: str, now: datetime
) -> HandbookVersion:
    row = access.get_for(actor, draft_id)
    if row.state != _State.DRAFT or row.key != found.key:
        raise NotADraft(version=str(row))
    if row_version is not None:
        row.version = row_version
    title = found.handbook.title if found.handbook else row.title
    save_claimed(row, text=text, title=title[:200], note=note[:300] or row.note, updated_at=now)
    return row


def put_in_force(*, actor: Actor, version_id: int, now: datetime, from_: datetime | None = None) -> HandbookVersion:
    """Let a draft apply from the moment on, now without one.

    It is checked first and merged for good with the handbooks in force then.
    """
    access.require(actor, access.FORCE)
    row = access.get_for(actor, version_id)
    if row.state != _State.DRAFT:
        raise NotADraft(version=str(row))
    start = from_ or now
    current = _current(row.key)
    after = earliest_start(now, current.effective_from if current is not None else None)
    if start < after:
        raise StartsTooEarly(after=after.isoformat(timespec="minutes"))
    found = queries.read_text(row.text, when=start, file=f"{row.key}.yaml")
    if found.handbook is None or found.problems:
        raise HandbookInvalid(found.problems)
    with transaction.atomic():
        _resolve(row, found, digest_of(found.resolved))
        save_claimed(row, resolved=row.resolved, digest=row.digest, bases=row.bases, title=found.handbook.title[:200], updated_at=now)
        _start(actor, row, current, start, now)
    return row


def _start(actor: Actor, row: HandbookVersion, current: HandbookVersion | None, start: datetime, now: datetime) -> None:
    if current is not None and current.state == _State.IN_FORCE:
        until = max(start, current.effective_from) if current.effective_from else start
        save_claimed(current, state=_State.RETIRED, effective_until=until)
    save_claimed(row, state=_State.IN_FORCE, effective_from=start)
    audit.record(actor, "handbook.put_in_force", ref_of(row), now=now, data={"from": start.isoformat(), "digest": row.digest})
    outbox.emit(HandbookPutInForce(version_id=row.pk, key=row.key, number=row.number, effective_from=start), now=now)


def retire(*, actor: Actor, version_id: int, now: datetime, until: datetime | None = None) -> HandbookVersion:
    """End a version without one to follow; a draft is thrown away instead by ``discard``."""
    access.require(actor, access.FORCE)
    row = access.get_for(actor, version_id)
    end = until or now
    if row.state != _State.IN_FORCE or row.effective_from is None:
        raise NotADraft(version=str(row))
    if end < now or end < row.effective_from:
        raise StartsTooEarly(after=max(now, row.effective_from).isoformat(timespec="minutes"))
    with transaction.atomic():
        save_claimed(row, state=_State.RETIRED, effective_until=end)
        audit.record(actor, "handbook.retired", ref_of(row), now=now, data={"until": end.isoformat()})
        outbox.emit(HandbookRetired(version_id=row.pk, key=row.key, number=row.number, effective_until=end), now=now)
    return row


def discard(*, actor: Actor, version_id: int, now: datetime) -> None:
    """Throw a draft away; it never decided anything."""
    access.require(actor, access.EDIT)
    row = access.get_for(actor, version_id)
    if row.state != _State.DRAFT:
        raise NotADraft(version=str(row))
    with transaction.atomic():
        audit.record(actor, "handbook.discarded", ref_of(row), now=now)
        row.delete()


def require_usable(key: str, when: datetime) -> Handbook:
    """The handbook in force, refused when it is written to be extended only: for sites that choose theirs."""
    book = queries.book_at(key, when)
    if book.abstract:
        raise AbstractHandbook(key=key)
    return book
