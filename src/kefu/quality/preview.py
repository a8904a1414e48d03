"""What a draft handbook would change: past conversations judged by it and by what is in force, nothing written (HB3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kefu.conversations import access as conversation_access
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission
from kefu.quality import subjects
from kefu.quality.access import require
from kefu.quality.inspector import Inspectors
from kefu.quality.results import Inspected

_BATCH = 200
_SAMPLES = 200


@dataclass(slots=True)
class ItemChange:
    """One item before and after: how many conversations breach it or ask for review."""

    breached_before: int = 0
    breached_after: int = 0
    review_before: int = 0
    review_after: int = 0


@dataclass(slots=True)
class StaffChange:
    """One agent before and after."""

    conversations: int = 0
    points_before: Decimal = Decimal(0)
    points_after: Decimal = Decimal(0)
    money_before: Decimal = Decimal(0)
    money_after: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Changed:
    """A conversation whose item comes out otherwise; an item that is not on a card has the state ``absent``."""

    conversation_id: int
    item: str
    before: str
    after: str


@dataclass(slots=True)
class Preview:
    """The whole comparison. ``changed`` counts conversations, ``samples`` are the first of them, ``more`` when not all were looked at."""

    read: int = 0
    changed: int = 0
    more: bool = False
    items: dict[str, ItemChange] = field(default_factory=dict)
    staff: dict[int | None, StaffChange] = field(default_factory=dict)
    samples: list[Changed] = field(default_factory=list)


def preview(
    *,
    actor: Actor,
    draft: Handbook,
    since: datetime,
    until: datetime,
    limit: int = 5_000,
    progress: Callable[[int], None] = lambda _: None,
) -> Preview:
    """Judge the newest ``limit`` conversations in reach of sites on this handbook, begun in ``since..until``, by the draft."""
    require(actor, Permission.HANDBOOK_EDIT)
    rows = conversation_access.visible_to(actor).filter(started_at__gte=since, started_at__lt=until, site__handbook=draft.handbook)
    ids = list(rows.order_by("-started_at", "-pk").values_list("pk", flat=True)[: limit + 1])
    out = Preview(more=len(ids) > limit)
    books, inspectors = subjects.Books(), Inspectors()
    for start in range(0, min(len(ids), limit), _BATCH):
        part = ids[start : min(start + _BATCH, limit)]
        for subject in subjects.conversations(actor, part, books):
            _compare(out, subject, _judged(inspectors, subject.book, subject), _judged(inspectors, draft, subject))
        progress(len(part))
    return out


def _compare(out: Preview, subject: subjects.Subject, before: Inspected | None, after: Inspected | None) -> None:
    if before is None and after is None:
        return
    out.read += 1
    one = out.staff.setdefault(subject.staff_id, StaffChange())
    one.conversations += 1
    if before is not None:
        one.points_before += before.points
        one.money_before += before.money
    if after is not None:
        one.points_after += after.points
        one.money_after += after.money
    old, new = _states(before), _states(after)
    different = [item for item in {**old, **new} if old.get(item, "absent") != new.get(item, "absent")]
    for item, state in old.items():
        change = out.items.setdefault(item, ItemChange())
        change.breached_before += state == "breached"
        change.review_before += state == "review"
    for item, state in new.items():
        change = out.items.setdefault(item, ItemChange())
        change.breached_after += state == "breached"
        change.review_after += state == "review"
    out.changed += bool(different)
    for item in different[: max(0, _SAMPLES - len(out.samples))]:
        out.samples.append(Changed(subject.id, item, old.get(item, "absent"), new.get(item, "absent")))


def _judged(inspectors: Inspectors, book: Handbook | None, subject: subjects.Subject) -> Inspected | None:
    inspector = inspectors.of(book, subject.channel)
    return inspector.inspect(subject.dialogue) if inspector is not None else None


def _states(result: Inspected | None) -> dict[str, str]:
    return {item.item: item.state for item in result.items} if result is not None else {}
