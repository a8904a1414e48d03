"""The list of conversations: what is asked for, the rows with their scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import ExtractHour
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import Asked, Filter, address, site_choices, staff_choices, team_choices
from kefu.conversations import access, queries
from kefu.conversations.queries import Filters
from kefu.customers import queries as customers
from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import queries as people
from kefu.quality import access as quality_access

_ORDER = (Order("started_at", descending=True), Order("pk", descending=True))
SIZE = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """The current card of a conversation in short."""

    score: Decimal
    passed: bool
    fatal: bool
    findings: int
    reviews: int

    @property
    def tone(self) -> str:
        """How the score is drawn."""
        return "good" if self.passed else "bad"


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list."""

    conversation: Any
    address: str
    channel: str
    icon: str
    customer: str
    seconds: float | None
    verdict: Verdict | None


def asked(request: HttpRequest, actor: Actor) -> Asked:
    """What the address asks for."""
    results = [("done", _("已质检")), ("findings", _("有扣分项")), ("review", _("有待复核")), ("clean", _("无问题")), ("none", _("未质检"))]
    found: list[Filter] = [
        Filter("q", _("说过")),
        Filter("waybill", _("运单号")),
        Filter("channel", _("渠道"), [(key, str(title)) for key, title in words.CHANNELS.items()]),
        Filter("result", _("质检结果"), results),
        Filter("site", _("站点"), site_choices(actor)),
        Filter("staff", _("客服"), [] if actor.own_only else staff_choices(actor)),
        Filter("team", _("班组"), [] if actor.own_only else team_choices(actor)),
        Filter("customer", _("客户"), kind="id"),
        Filter("hour", _("几点"), [(str(hour), f"{hour}:00") for hour in range(24)]),
        Filter("since", _("从"), kind="day"),
        Filter("until", _("到"), kind="day"),
    ]
    return Asked.of(request, reverse("console:conversations"), found)


def _filters(wanted: Asked) -> Filters:
    return Filters(
        site_id=wanted.id("site"),
        staff_id=wanted.id("staff"),
        customer_id=wanted.id("customer"),
        channel=wanted.get("channel"),
        waybill=wanted.get("waybill")[:40],
        day_from=wanted.day("since"),
        day_to=wanted.day("until"),
        text=wanted.get("q"),
    )


def _exact(actor: Actor, wanted: Filters) -> Any:
    """The same narrowing as the module's own list; the result of the inspection is known one floor above it only."""
    rows = access.visible_to(actor)
    exact = {
        "site_id": wanted.site_id,
        "staff_id": wanted.staff_id,
        "customer_id": wanted.customer_id,
        "channel": wanted.channel,
        "waybill": clean_waybill(wanted.waybill),
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    return rows.filter(**on_days("started_at", wanted.day_from, wanted.day_to))


def _with_result(actor: Actor, rows: Any, result: str) -> Any:
    cards = quality_access.visible_inspections(actor).filter(subject_kind="conversation", subject_id=OuterRef("pk"), current=True)
    if result == "none":
        return rows.filter(~Exists(cards))
    narrowed = {
        "done": cards,
        "findings": cards.filter(states__contains="b"),
        "review": cards.filter(review_count__gt=0),
        "clean": cards.filter(finding_count=0),
    }
    return rows.filter(Exists(narrowed[result]))


def _narrowed(actor: Actor, rows: Any, wanted: Asked) -> Any:
    """What the module's own list does not know: results, teams, hours of the day."""
    if wanted.get("result"):
        rows = _with_result(actor, rows, wanted.get("result"))
    if team := wanted.id("team"):
        rows = rows.filter(staff_id__in=people.members(team).values("pk"))
    if hour := wanted.get("hour"):
        rows = rows.annotate(hour=ExtractHour("started_at", tzinfo=timezone.get_current_timezone())).filter(hour=int(hour))
    return rows


def page(actor: Actor, wanted: Asked, cursor: str | None) -> tuple[Page[Any], CappedCount | None]:
    """One page, newest first, and how many there are; with a text only the rows, for they are searched."""
    filters, more = _filters(wanted), any(wanted.get(name) for name in ("result", "team", "hour"))
    if filters.text:
        found = queries.page(actor, filters, cursor=cursor, size=SIZE)
        if more:
            matching = _narrowed(actor, access.visible_to(actor), wanted).filter(pk__in=[row.pk for row in found.rows])
            kept = set(matching.values_list("pk", flat=True))
            found = Page([row for row in found.rows if row.pk in kept], found.next, found.previous)
        return found, None
    if not more:
        return queries.page(actor, filters, cursor=cursor, size=SIZE), queries.count(actor, filters)
    rows = _narrowed(actor, _exact(actor, filters), wanted)
    return keyset_page(rows.select_related("site", "staff"), _ORDER, size=SIZE, cursor=cursor), capped_count(rows)


def verdicts(actor: Actor, ids: Sequence[int]) -> Mapping[int, Verdict]:
    """Current cards by conversation, one query."""
    cards = quality_access.visible_inspections(actor).filter(subject_kind="conversation", subject_id__in=list(ids), current=True)
    names = ("subject_id", "score", "passed", "fatal", "finding_count", "review_count")
    return {
        pk: Verdict(score, passed, fatal, found - review, review) for pk, score, passed, fatal, found, review in cards.values_list(*names)
    }


def rows(actor: Actor, found: Sequence[Any]) -> list[Row]:
    """Conversations with customer and verdict; two queries whatever their number."""
    owners = customers.labels({row.customer_id for row in found if row.customer_id})
    judged = verdicts(actor, [row.pk for row in found])
    return [
        Row(
            conversation=row,
            address=address("conversation", actor, conversation_id=row.pk),
            channel=str(words.CHANNELS.get(row.channel, row.channel)),
            icon=words.CHANNEL_ICONS.get(row.channel, "chat"),
            customer=owners.get(row.customer_id, ""),
            seconds=seconds_of(row),
            verdict=judged.get(row.pk),
        )
        for row in found
    ]


def seconds_of(conversation: Any) -> float | None:
    """How long it took, if somebody noted its end."""
    if conversation.ended_at is None:
        return None
    return max(0.0, float((conversation.ended_at - conversation.started_at).total_seconds()))
