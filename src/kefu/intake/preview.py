"""A look at a file before anything is stored: columns understood, rows that would be refused, people's data masked (PLAT2, SEC1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kefu.intake import catalogue, uploads
from kefu.intake.catalogue import Given, IntakeKind
from kefu.intake.errors import EncodingUnknown, SiteNeeded
from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.imports import Change, Problem, Source
from kefu.kernel.masking import mask_address, mask_name, mask_phone, mask_text
from kefu.people.access import require, require_site

_ROWS = 8
_MASKS: Mapping[str, Callable[[str], str]] = {"name": mask_name, "phone": mask_phone, "mobile": mask_phone, "address": mask_address}


@dataclass(frozen=True, slots=True)
class Look:
    """What a file would give. ``columns`` are field and heading, ``titles`` what a field is called; ``rows`` the first lines, masked;
    ``ticket`` starts the run. ``changed``: rows that change something that is there, and how; ``None`` for kinds that only add.
    """

    kind: IntakeKind
    site_id: int | None
    name: str
    size: int
    ticket: str
    headings: Sequence[str]
    columns: Mapping[str, str]
    titles: Mapping[str, Message]
    unknown: Sequence[str]
    rows: Sequence[Sequence[str]]
    problems: Sequence[Problem]
    read: int
    good: int
    complete: bool
    changed: Sequence[tuple[int, Sequence[Change]]] | None = None


def opened(actor: Actor, kind: IntakeKind, path: Path, site_id: int | None, now: datetime) -> Source[Any]:
    """The file as something to preview or run. Raises ``MissingPermission``, ``SiteNeeded``, ``NotFound``, ``Invalid``."""
    require(actor, kind.permission)
    if site_id is not None:
        require_site(actor, site_id)
    elif kind.needs_site:
        raise SiteNeeded(fields={"site": SiteNeeded.message})
    try:
        return kind.open(Given(actor, path, now, site_id))
    except UnicodeError:
        raise EncodingUnknown from None


def look(*, actor: Actor, kind: str, path: Path, site_id: int | None, now: datetime) -> Look:
    """The beginning of a kept file as it would be understood; a file that cannot be is forgotten again."""
    try:
        chosen = catalogue.named(kind)
        source = opened(actor, chosen, path, site_id, now)
        found = imports.preview(source, show=_ROWS)
    except UnicodeError:
        uploads.forget(path)
        raise EncodingUnknown from None
    except Exception:
        uploads.forget(path)
        raise
    return Look(
        kind=chosen,
        site_id=site_id,
        name=path.name,
        size=path.stat().st_size,
        ticket=uploads.ticket(actor, path, kind=kind, site=site_id),
        headings=found.headings,
        columns=found.columns,
        titles=found.titles,
        unknown=found.unknown,
        rows=_masked(found.rows, found.headings, found.columns),
        problems=found.problems,
        read=found.read,
        good=found.good,
        complete=found.complete,
        changed=found.changed if source.changes else None,
    )


def _masked(rows: Sequence[Sequence[str]], headings: Sequence[str], columns: Mapping[str, str]) -> list[list[str]]:
    """The first rows; a screen is seen by others than who holds the file."""
    fields = {heading: field for field, heading in columns.items()}
    masks = [_MASKS.get(fields.get(heading, "").rpartition("_")[2], mask_text) for heading in headings]
    return [[mask(cell) if cell else "" for mask, cell in zip(masks, [*row, *[""] * len(masks)], strict=False)] for row in rows]
