"""Reads of labels and trials (QA10)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from kefu.bench.access import get_trial, require, visible_labels, visible_trials
from kefu.bench.models import Change, Label, Total, Trial
from kefu.kernel.actor import Actor
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.people.access import in_reach
from kefu.people.permissions import Permission

_NEWEST = (Order("pk", descending=True),)


def labels_page(actor: Actor, *, item: str = "", cursor: str | None = None, size: int = 50) -> Page[Label]:
    """Labels in reach, newest first."""
    rows = visible_labels(actor)
    if item:
        rows = rows.filter(item_key=item)
    return keyset_page(rows, (Order("at", descending=True), Order("pk", descending=True)), size=size, cursor=cursor)


def trials_page(actor: Actor, *, cursor: str | None = None, size: int = 50) -> Page[Trial]:
    """Trials in reach, newest first, without their texts."""
    require(actor, Permission.BENCH_VIEW)
    return keyset_page(visible_trials(actor).defer("text"), _NEWEST, size=size, cursor=cursor)


@dataclass(frozen=True, slots=True)
class ItemChange:
    """How often an item would come out as what, where it changes, and what that costs."""

    item: str
    more: int
    fewer: int
    other: int
    points: Decimal
    money: Decimal


@dataclass(frozen=True, slots=True)
class StaffChange:
    """An agent's sums before and after."""

    staff_id: int | None
    name: str
    staff_no: str
    conversations: int
    points_before: Decimal
    points_after: Decimal
    money_before: Decimal
    money_after: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """A trial, how far it is, and what it found so far."""

    trial: Trial
    done: int
    read: int
    changed: int
    items: list[ItemChange]
    staff: list[StaffChange]
    money_before: Decimal
    money_after: Decimal

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return self.trial.state != Trial.State.RUNNING


def standing(actor: Actor, trial_id: int) -> Standing:
    """One trial with its sums, the greatest change first. Rows of sites out of the reader's reach are left out."""
    trial = get_trial(actor, trial_id)
    far = trial.chunks.filter(done=True).aggregate(size=Sum("size"), read=Sum("read"), changed=Sum("changed"))
    staff = _staff(actor, trial)
    return Standing(
        trial,
        far["size"] or 0,
        far["read"] or 0,
        far["changed"] or 0,
        _items(actor, trial),
        staff,
        sum((one.money_before for one in staff), Decimal(0)),
        sum((one.money_after for one in staff), Decimal(0)),
    )


def _items(actor: Actor, trial: Trial) -> list[ItemChange]:
    rows = changes_of(actor, trial).values("item_key").order_by()
    found = rows.annotate(
        more=Count("pk", filter=Q(after="b")),
        fewer=Count("pk", filter=Q(before="b")),
        n=Count("pk"),
        points=Sum("points"),
        money=Sum("money"),
    )
    items = [ItemChange(r["item_key"], r["more"], r["fewer"], r["n"] - r["more"] - r["fewer"], r["points"], r["money"]) for r in found]
    return sorted(items, key=lambda one: (-abs(one.money), -(one.more + one.fewer), one.item))


def _staff(actor: Actor, trial: Trial) -> list[StaffChange]:
    rows = in_reach(Total.objects.filter(trial=trial), actor).values("staff_id", "staff__name", "staff__staff_no").order_by()
    names = ("conversations", "points_before", "points_after", "money_before", "money_after")
    found: Iterable[Mapping[str, Any]] = rows.annotate(**{f"sum_{name}": Sum(name) for name in names})
    staff = [
        StaffChange(r["staff_id"], r["staff__name"] or "", r["staff__staff_no"] or "", *(r[f"sum_{name}"] for name in names)) for r in found
    ]
    return sorted(
        staff, key=lambda one: (-abs(one.money_after - one.money_before), -abs(one.points_after - one.points_before), one.staff_no)
    )


def changes_of(actor: Actor, trial: Trial, *, item: str = "", staff_id: int | None = None) -> QuerySet[Change]:
    """Changes of a trial at sites in reach."""
    rows = in_reach(Change.objects.filter(trial=trial), actor)
    if item:
        rows = rows.filter(item_key=item)
    return rows.filter(staff_id=staff_id) if staff_id is not None else rows


def changes_page(
    actor: Actor, trial_id: int, *, item: str = "", staff_id: int | None = None, cursor: str | None = None, size: int = 50
) -> Page[Change]:
    """One page of changes."""
    rows = changes_of(actor, get_trial(actor, trial_id), item=item, staff_id=staff_id)
    return keyset_page(rows.select_related("staff", "site"), (Order("pk"),), size=size, cursor=cursor)


def examples(actor: Actor, trial: Trial, *, each: int = 3, items: int = 8) -> list[Change]:
    """The first changes with a sentence, ``each`` of every item that changes most."""
    out: list[Change] = []
    for one in _items(actor, trial)[:items]:
        rows = changes_of(actor, trial, item=one.item).exclude(sentence="").select_related("staff")
        out.extend(rows.order_by("pk")[:each])
    return out


def export_rows(actor: Actor, trial_id: int) -> Iterator[Change]:
    """Every change of a trial in reach, read piece by piece."""
    require(actor, Permission.EXPORT)
    rows = changes_of(actor, get_trial(actor, trial_id)).select_related("staff", "site").order_by("pk")
    yield from rows.iterator(chunk_size=1000)
