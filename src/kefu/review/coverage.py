"""How much of what was said somebody or something has judged, and who did the work (QA6). Every number opens to its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs, TruncDate

from kefu.conversations import access as conversation_access
from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.people import queries as people
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission
from kefu.quality import access as quality_access
from kefu.review.assigning import ABLE
from kefu.review.models import Task
from kefu.review.vocabulary import OPEN, State

BY = ("day", "team", "agent")


@dataclass(slots=True)
class CoverageRow:
    """Of one day, team (0: none) or agent (0: nobody's): conversations, judged by the machine, scored by a person."""

    key: Any
    title: str
    conversations: int = 0
    automatic: int = 0
    scored: int = 0

    @property
    def automatic_share(self) -> float | None:
        """Judged by the machine of all; ``None`` without conversations."""
        return min(1.0, self.automatic / self.conversations) if self.conversations else None

    @property
    def scored_share(self) -> float | None:
        """Scored by a person of all."""
        return min(1.0, self.scored / self.conversations) if self.conversations else None


def coverage(actor: Actor, *, by: str, since: date, until: date, site_id: int | None = None) -> list[CoverageRow]:
    """Coverage over these days by ``day``, ``team`` or ``agent``; three queries and the names."""
    require(actor, Permission.QUALITY_VIEW)
    talks = conversation_access.visible_to(actor).filter(**on_days("started_at", since, until))
    judged = quality_access.visible_inspections(actor).filter(subject_kind="conversation", current=True, day__gte=since, day__lte=until)
    scored = in_reach(Task.objects.filter(state=State.DONE, day__gte=since, day__lte=until), actor)
    if site_id is not None:
        talks, judged, scored = talks.filter(site_id=site_id), judged.filter(site_id=site_id), scored.filter(site_id=site_id)
    found: dict[Any, CoverageRow] = {}
    _count(found, talks, by, "conversations", day=TruncDate("started_at"))
    _count(found, judged, by, "automatic", day=F("day"))
    _count(found, scored, by, "scored", day=F("day"), of="conversation_id")
    titles = _titles(actor, by, found)
    for key, row in found.items():
        row.title = titles.get(key, "") if by != "day" else key.isoformat()
    ordered = sorted(found.values(), key=lambda row: (row.title == "", row.title))
    return ordered[::-1] if by == "day" else ordered


def _count(found: dict[Any, CoverageRow], rows: QuerySet[Any], by: str, what: str, *, day: Any, of: str = "pk") -> None:
    key = {"day": day, "team": F("staff__team_id"), "agent": F("staff_id")}[by]
    for row in rows.order_by().annotate(group=key).values("group").annotate(n=Count(of, distinct=of != "pk")):
        one = found.setdefault(row["group"] or 0, CoverageRow(row["group"] or 0, ""))
        setattr(one, what, row["n"])


def _titles(actor: Actor, by: str, found: Mapping[Any, Any]) -> dict[Any, str]:
    if by == "team":
        return {one.pk: f"{one.site.name} {one.name}" for one in people.teams(actor)}
    return {pk: f"{one.name} {one.staff_no}" for pk, one in people.of_ids({pk for pk in found if pk}).items()} if by == "agent" else {}


@dataclass(frozen=True, slots=True)
class Workload:
    """An inspector's work: in hand, of it overdue; scored in the span, minutes each, items judged otherwise than the machine, mean gap."""

    inspector_id: int
    name: str
    in_hand: int
    late: int
    scored: int
    minutes: float | None
    changed_share: float | None
    mean_gap: Decimal | None


def workload(actor: Actor, *, since: date, until: date, now: datetime) -> list[Workload]:
    """By inspector, who has most in hand first; those with neither tasks nor scores are shown too."""
    require(actor, Permission.PERFORMANCE_VIEW)
    done = Q(state=State.DONE) & Q(**on_days("done_at", since, until))
    gap = Avg(Abs(F("score") - F("auto_score")), filter=done)
    rows = in_reach(Task.objects.exclude(inspector=None), actor).order_by().values("inspector_id", "inspector__name").annotate(
        in_hand=Count("pk", filter=Q(state=State.ASSIGNED)),
        late=Count("pk", filter=Q(state__in=OPEN, due_at__lte=now)),
        scored=Count("pk", filter=done),
        seconds=Avg("seconds", filter=done),
        changed=Sum("changed_items", filter=done),
        judged=Sum("judged_items", filter=done),
        gap=gap,
    )  # fmt: skip
    found = {row["inspector_id"]: _load(row) for row in rows}
    for one in people.staff_rows(actor, role=ABLE[0], state="active").order_by("pk"):
        found.setdefault(one.pk, Workload(one.pk, one.name, 0, 0, 0, None, None, None))
    return sorted(found.values(), key=lambda one: (-one.in_hand, one.name))


def _load(row: Mapping[str, Any]) -> Workload:
    gap = None if row["gap"] is None else Decimal(row["gap"]).quantize(Decimal("0.1"))
    return Workload(
        row["inspector_id"], row["inspector__name"], row["in_hand"], row["late"], row["scored"],
        None if row["seconds"] is None else round(row["seconds"] / 60, 1), row["changed"] / row["judged"] if row["judged"] else None, gap,
    )  # fmt: skip
