"""Handbooks for screens and decisions: what was in force when, clauses by reference, versions (HB2, HB4)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from kefu.handbook import access, builtin, diff, loader, reader
from kefu.handbook.errors import HandbookInvalid, HandbookNotFound, NotInForce
from kefu.handbook.loader import Reading
from kefu.handbook.models import HandbookVersion
from kefu.handbook.problems import Problem
from kefu.handbook.refs import Cited, ClauseRef
from kefu.handbook.rules import Status, status_at
from kefu.handbook.schema import Handbook
from kefu.kernel import prepared
from kefu.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version without its text. ``status``: draft, scheduled, in_force or ended, at the moment asked."""

    id: int
    key: str
    number: int
    title: str
    status: Status
    effective_from: datetime | None
    effective_until: datetime | None
    builtin: bool
    note: str
    created_by: str
    created_at: datetime
    row_version: int

    @property
    def name(self) -> str:
        """As decisions write it: ``best@3``."""
        return f"{self.key}@{self.number}"


def _info(row: HandbookVersion, now: datetime) -> VersionInfo:
    return VersionInfo(
        id=row.pk,
        key=row.key,
        number=row.number,
        title=row.title,
        status=status_at(row.effective_from, row.effective_until, now),
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        builtin=row.builtin,
        note=row.note,
        created_by=row.created_by_name,
        created_at=row.created_at,
        row_version=row.version,
    )


def _number_at(key: str, when: datetime) -> tuple[int, str] | None:
    return prepared.first(_in_force, key=key, when=when)


def _in_force(*, key: str, when: datetime) -> QuerySet[HandbookVersion, tuple[int, str]]:
    rows = HandbookVersion.objects.filter(key=key, effective_from__lte=when).exclude(state=HandbookVersion.State.DRAFT)
    open_ = rows.filter(Q(effective_until=None) | Q(effective_until__gt=when))
    return open_.order_by("-effective_from").values_list("number", "digest")[:1]


@lru_cache(maxsize=64)
def _compiled(key: str, number: int, digest: str) -> Handbook:
    resolved = HandbookVersion.objects.filter(key=key, number=number).values_list("resolved", flat=True).get()
    return loader.compiled(resolved, version=number, digest=digest)


def book_at(key: str, when: datetime) -> Handbook:
    """The handbook in force at the moment. One small query; the compiled handbook is kept in the process by its digest."""
    found = _number_at(key, when)
    if found is None:
        raise NotInForce(key=key)
    return _compiled(key, *found)


def books_at(keys: Iterable[str], when: datetime) -> list[Handbook]:
    """The handbooks of these keys in force at the moment, in the order of their keys, in one query; keys without one are left out."""
    newest = {key: (number, digest) for key, number, digest in prepared.rows(_all_in_force, keys=set(keys), when=when)}
    return [_compiled(key, *found) for key, found in newest.items()]


def _all_in_force(*, keys: Collection[str], when: datetime) -> QuerySet[HandbookVersion, tuple[str, int, str]]:
    rows = HandbookVersion.objects.filter(key__in=keys, effective_from__lte=when).exclude(state=HandbookVersion.State.DRAFT)
    open_ = rows.filter(Q(effective_until=None) | Q(effective_until__gt=when)).order_by("key", "effective_from")
    return open_.values_list("key", "number", "digest")


def clause_at(path: str, key: str, when: datetime) -> Cited:
    """The clause of the handbook in force at the moment, with the reference to store."""
    book = book_at(key, when)
    return _cited(book, path)


def _cited(book: Handbook, path: str) -> Cited:
    value = book.clause(path)
    if value is None:
        raise HandbookNotFound(name=str(book.ref(path)))
    return Cited(book.ref(path), value)


# A version that was ever in force never changes: looked up once in the life of the process.
_named: dict[str, Handbook] = {}
_MOST_NAMED = 64


def forget_books() -> None:
    """Look names up anew; for tests and tools that change databases under a running process."""
    _named.clear()


def book(name: str) -> Handbook:
    """The handbook of a stored decision, by ``best@3``; drafts are not found."""
    found = _named.get(name)
    if found is None:
        found = _find(name)
        if len(_named) >= _MOST_NAMED:
            _named.clear()
        _named[name] = found
    return found


def _find(name: str) -> Handbook:
    key, _at, number = name.partition("@")
    if not number.isdigit():
        raise HandbookNotFound(name=name)
    rows = HandbookVersion.objects.filter(key=key, number=int(number)).exclude(state=HandbookVersion.State.DRAFT)
    digest = rows.values_list("digest", flat=True).first()
    if digest is None:
        raise HandbookNotFound(name=name)
    return _compiled(key, int(number), str(digest))


@lru_cache(maxsize=2048)
def _read(ref: str) -> ClauseRef | None:
    try:
        return ClauseRef.parse(ref)
    except ValueError:
        return None


def _parsed(ref: ClauseRef | str) -> ClauseRef:
    if isinstance(ref, ClauseRef):
        return ref
    found = _read(ref)
    if found is None:
        raise HandbookNotFound(name=ref)
    return found


def book_of(ref: ClauseRef | str) -> Handbook:
    """The handbook that a stored reference points into."""
    parsed = _parsed(ref)
    return book(f"{parsed.handbook}@{parsed.version}")


def clause(ref: ClauseRef | str) -> Cited:
    """The clause a decision was made by, a year later too."""
    parsed = _parsed(ref)
    return _cited(book_of(parsed), parsed.clause)


clause_text = clause


def keys() -> list[tuple[str, str]]:
    """Handbooks that have been in force: key and the newest title."""
    rows = HandbookVersion.objects.exclude(state=HandbookVersion.State.DRAFT).order_by("key", "number").values_list("key", "title")
    return sorted(dict(rows).items())


def versions(actor: Actor, key: str = "", *, now: datetime) -> list[VersionInfo]:
    """Versions of a handbook (of all without a key), newest first, without their texts."""
    rows = access.visible_to(actor).defer("text", "resolved")
    if key:
        rows = rows.filter(key=key)
    return [_info(row, now) for row in rows.order_by("key", "-number")[:500]]


def version(actor: Actor, version_id: int, *, now: datetime) -> VersionInfo:
    """One version."""
    return _info(access.get_for(actor, version_id), now)


def text_of(actor: Actor, version_id: int) -> str:
    """The text as written, for editing and download."""
    return access.get_for(actor, version_id).text


def bases_at(when: datetime) -> Callable[[str], str | None]:
    """Texts of handbooks in force at the moment, to merge others with; built-in ones before they are installed."""

    def text(key: str) -> str | None:
        found = _number_at(key, when)
        if found is None:
            return builtin.text(key)
        return HandbookVersion.objects.filter(key=key, number=found[0]).values_list("text", flat=True).get()

    return text


def read_text(text: bytes | str, *, when: datetime, file: str = "handbook.yaml") -> Reading:
    """Read and check a text against the handbooks in force; nothing is stored."""
    return loader.read(text, file=file, bases=bases_at(when))


def problems_of(actor: Actor, version_id: int, *, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with a stored version today, with line and column."""
    row = access.get_for(actor, version_id)
    return read_text(row.text, when=now, file=f"{row.key}.yaml").problems


def draft_book(actor: Actor, version_id: int, *, now: datetime) -> Handbook:
    """The compiled handbook of any version, drafts too, to preview decisions under it (HB3)."""
    row = access.get_for(actor, version_id)
    if row.state != HandbookVersion.State.DRAFT:
        return _compiled(row.key, row.number, row.digest)
    found = read_text(row.text, when=now, file=f"{row.key}.yaml")
    if found.handbook is None or found.problems:
        raise HandbookInvalid(found.problems)
    return loader.compiled(found.resolved, version=row.number)


def compare(actor: Actor, old_id: int, new_id: int, *, now: datetime) -> tuple[diff.Change, ...]:
    """Clauses that differ between two versions."""
    return diff.changes(draft_book(actor, old_id, now=now), draft_book(actor, new_id, now=now))


def newer_bases(actor: Actor, version_id: int, *, now: datetime) -> list[str]:
    """Handbooks this version extends that have changed since: a hint to put it in force again."""
    row = access.get_for(actor, version_id)
    stored: list[Mapping[str, Any]] = row.bases
    current = ((base["key"], base["number"], _number_at(base["key"], now)) for base in stored)
    return [key for key, number, found in current if found is not None and found[0] != number]


toc = reader.toc
page = reader.page
search = reader.search
