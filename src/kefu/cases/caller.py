"""Who is calling, in one look (CRM1): customer, parcels, cases with clocks, last talks, and what to be careful about.

A fixed number of statements whatever there is: the agent hears the phone ring while this is read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.cases import access
from kefu.cases.models import Case
from kefu.clocks import queries as clocks
from kefu.clocks.queries import Nearest
from kefu.conversations import in_hand
from kefu.conversations import queries as conversations
from kefu.customers import queries as customers
from kefu.customers.queries import Card
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message, NotFound
from kefu.parcels import queries as parcels
from kefu.parcels.queries import ParcelRow
from kefu.people.permissions import Permission

_PARCELS = 6
_CASES = 12
_TALKS = 5
_SOON_AGAIN = timedelta(hours=24)
_TROUBLED = ("problem", "refused", "held", "intercepted")

CAUTIONS: Mapping[str, Message] = {
    "tier": _("重要客户，请优先办理"),
    "breached": _("工单 %(number)s 已超时，先致歉并给出时间"),
    "due": _("工单 %(number)s 即将超时"),
    "repeat": _("重复投诉：同一问题不是第一次"),
    "urged": _("工单 %(number)s 已催 %(count)s 次"),
    "again": _("24 小时内第 %(count)s 次来电"),
    "parcel": _("运单 %(waybill)s 是问题件"),
    "unknown": _("查不到运单 %(waybill)s，请再核对一遍"),
}
_GRAVE = frozenset({"breached", "repeat"})


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to be careful about: a code of ``CAUTIONS`` with its values. ``tone``: bad or warn."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def tone(self) -> str:
        """How grave it is."""
        return "bad" if self.code in _GRAVE else "warn"

    def __str__(self) -> str:
        return str(CAUTIONS[self.code]) % self.values


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known. Personal data is masked; ``clocks`` holds the nearest one of each open case."""

    customer: Card | None
    parcels: list[ParcelRow]
    open_cases: list[Case]
    ended_cases: list[Case]
    clocks: Mapping[int, Nearest]
    talks: list[object]
    conversations: list[object]
    cautions: list[Caution]


@dataclass(frozen=True, slots=True)
class Asked:
    """By what somebody is looked for. ``reception_id`` is the talk in hand, which is not one of the last."""

    phone: str = ""
    waybill: str = ""
    customer_id: int | None = None
    reception_id: int = 0


def caller(actor: Actor, asked: Asked, *, now: datetime) -> Caller:
    """Everything about who calls, as far as the actor's own rights go."""
    card = _customer(actor, asked)
    boxes = _parcels(actor, asked)
    open_cases, ended = _cases(actor, asked, card, boxes)
    nearest = clocks.nearest_clocks("case", [case.pk for case in open_cases]) if open_cases else {}
    open_cases.sort(key=lambda case: (case.next_due_at, -case.pk))
    talks = in_hand.earlier(actor, phone=asked.phone, waybill=asked.waybill, but=asked.reception_id, limit=_TALKS)
    heard = conversations.of_customer(actor, card.id, limit=_TALKS) if card and actor.may(Permission.CONVERSATION_VIEW) else []
    found = _cautions(asked, card, boxes, open_cases, ended, nearest, now) if actor.may(Permission.CASE_VIEW) else []
    recent = sum(talk.started_at > now - _SOON_AGAIN for talk in talks)
    if recent:
        found.append(Caution("again", {"count": recent + 1}))
    return Caller(card, boxes, open_cases, ended, nearest, list(talks), list(heard), found)


def _customer(actor: Actor, asked: Asked) -> Card | None:
    if not actor.may(Permission.CUSTOMER_VIEW):
        return None
    if asked.customer_id is not None:
        try:
            return customers.card(actor, asked.customer_id)
        except NotFound:
            return None
    rows = customers.by_phone(actor, asked.phone) if asked.phone else []
    own = [row for row in rows if row.site_id == actor.site_id] or rows
    return customers.card(actor, own[0].id) if own else None


def _parcels(actor: Actor, asked: Asked) -> list[ParcelRow]:
    if not actor.may(Permission.PARCEL_VIEW):
        return []
    found = list(parcels.page(actor, waybill=asked.waybill, size=1).rows) if asked.waybill else []
    known = {row.waybill for row in found}
    if asked.phone:
        found += [row for row in parcels.page(actor, phone=asked.phone, size=_PARCELS).rows if row.waybill not in known]
    return found[:_PARCELS]


def _cases(actor: Actor, asked: Asked, card: Card | None, boxes: Iterable[ParcelRow]) -> tuple[list[Case], list[Case]]:
    """On the customer and on the waybills, each by its own index; what is open does not hide behind what ended."""
    numbers = {row.waybill for row in boxes} | ({asked.waybill} if asked.waybill else set())
    wanted: list[QuerySet[Case]] = []
    if card is not None:
        wanted.append(access.visible_to(actor).filter(customer_id=card.id))
    if numbers:
        wanted.append(access.visible_to(actor).filter(waybill__in=sorted(numbers)))
    rows: dict[int, Case] = {}
    for query in wanted:
        for case in query.select_related("assignee").defer("description", "data").order_by("-is_open", "-pk")[:_CASES]:
            rows[case.pk] = case
    newest = sorted(rows.values(), key=lambda case: -case.pk)
    return [case for case in newest if case.is_open], [case for case in newest if not case.is_open][:_TALKS]


def _cautions(
    asked: Asked,
    card: Card | None,
    boxes: list[ParcelRow],
    open_cases: list[Case],
    ended: list[Case],
    nearest: Mapping[int, Nearest],
    now: datetime,
) -> list[Caution]:
    found: list[Caution] = []
    if card is not None and card.tier not in ("", "ordinary", "normal"):
        found.append(Caution("tier", {"tier": card.tier}))
    for case in open_cases:
        clock = nearest.get(case.pk)
        if clock is not None and clock.due_at <= now:
            found.append(Caution("breached", {"number": case.number, "case_id": case.pk}))
        elif clock is not None and clock.warn_at is not None and clock.warn_at <= now:
            found.append(Caution("due", {"number": case.number, "case_id": case.pk}))
        if case.urge_count:
            found.append(Caution("urged", {"number": case.number, "count": case.urge_count, "case_id": case.pk}))
    if _repeated([*open_cases, *ended]):
        found.append(Caution("repeat"))
    found += [Caution("parcel", {"waybill": row.waybill}) for row in boxes if row.state in _TROUBLED]
    if asked.waybill and asked.waybill not in {row.waybill for row in boxes}:
        found.append(Caution("unknown", {"waybill": asked.waybill}))
    return sorted(found, key=lambda one: one.tone != "bad")[:6]


def _repeated(cases: list[Case]) -> bool:
    """A case that repeats another, or two complaints about one waybill."""
    if any(case.repeat_count or case.reopen_count for case in cases):
        return True
    complaints = [case.waybill for case in cases if case.waybill and case.status != Case.Status.MERGED and _is_complaint(case)]
    return len(complaints) > len(set(complaints))


def _is_complaint(case: Case) -> bool:
    kind = handbooks.book(case.handbook).kinds.get(case.kind)
    return kind is not None and kind.family == "complaint"
