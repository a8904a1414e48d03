"""What stands beside a case: customer, parcel, other cases, conversations. Each only as far as the reader's own rights go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from kefu.cases import access as case_access
from kefu.cases import queries
from kefu.cases.actions import book_of
from kefu.console.views import cases_rows
from kefu.console.views import cases_words as words
from kefu.console.views.cases_rows import CaseRow
from kefu.console.views.cases_words import Badge
from kefu.console.views.parcels_held import judgements
from kefu.console.views.parcels_trace import Tracked, Verdict, tracked
from kefu.conversations import queries as conversations
from kefu.customers import queries as customers
from kefu.customers.queries import Card
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels.waybills import topic
from kefu.people.permissions import Permission

# Cases in one list of the column.
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Linked:
    """A case tied to this one."""

    row: CaseRow
    kind: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in a list; ``url`` is empty where there is no page for it."""

    title: str
    url: str
    who: str
    at: datetime


def talk(actor: Actor, row: Any) -> Talk:
    """A conversation as a line."""
    titles = {"call": _("通话"), "chat": _("聊天"), "email": _("邮件"), "form": _("表单")}
    title = f"{titles.get(row.channel, row.channel)} #{row.pk}"
    return Talk(title, words.page_url(actor, "conversation", conversation_id=row.pk), row.staff.name if row.staff else "", row.started_at)


@dataclass(frozen=True, slots=True)
class Context:
    """The right-hand column."""

    customer: Card | None = None
    customer_name: str = ""
    tier: Badge | None = None
    parcel: Tracked | None = None
    judgements: list[Verdict] = field(default_factory=list)
    on_waybill: list[CaseRow] = field(default_factory=list)
    of_customer: list[CaseRow] = field(default_factory=list)
    linked: list[Linked] = field(default_factory=list)
    conversations: list[Talk] = field(default_factory=list)

    def mark(self) -> str:
        """Stands for all the column shows: another mark, another column."""
        parcel = self.parcel and (self.parcel.state, self.parcel.stops, self.parcel.events, self.parcel.verdict)
        shown = (
            self.customer,
            self.customer_name,
            self.tier,
            parcel,
            self.judgements,
            self.on_waybill,
            self.of_customer,
            self.linked,
            self.conversations,
        )
        return sha256(repr(shown).encode()).hexdigest()[:16]

    def topics(self, case: Any) -> str:
        """What the column is about, for ``data-live``: what stands beside the case, and whatever may come to stand there."""
        header = self.parcel.trace.header if self.parcel else None
        named = [
            ("beside", case.pk),
            ("customer", case.customer_id),
            ("waybill", topic(case.waybill)),
            ("parcel", header.id if header else None),
            *(("case", row.id) for row in (*self.on_waybill, *self.of_customer, *(one.row for one in self.linked))),
        ]
        return " ".join(dict.fromkeys(f"{kind}:{id_}" for kind, id_ in named if id_))


def context(actor: Actor, case: Any, links: Sequence[Any], *, now: datetime, follows: bool = False) -> Context:
    """Gather it. Looking at the parcel is written to its log of queries, but not when an open page only ``follows`` (R21)."""
    card = _customer(actor, case.customer_id)
    own = {case.pk}
    on_waybill = [one for one in queries.of_waybill(actor, case.waybill, size=_SHOWN + 1) if one.pk not in own] if case.waybill else []
    seen = own | {one.pk for one in on_waybill}
    known = queries.of_customer(actor, case.customer_id, size=_SHOWN + len(seen)) if case.customer_id else []
    of_customer = [one for one in known if one.pk not in seen][:_SHOWN]
    parcel = _parcel(actor, case.waybill, now, follows=follows)
    beside = cases_rows.rows([*on_waybill, *of_customer], with_customers=False)
    return Context(
        customer=card,
        customer_name=card.name if card else customers.labels([case.customer_id]).get(case.customer_id, "") if case.customer_id else "",
        tier=words.tier_badge(book_of(case), card.tier if card else case.tier),
        parcel=parcel,
        judgements=judgements(parcel.trace, book_of(case), actor) if parcel else [],
        on_waybill=beside[: len(on_waybill)],
        of_customer=beside[len(on_waybill) :],
        linked=_linked(actor, links),
        conversations=_conversations(actor, links, case.waybill),
    )


def _customer(actor: Actor, customer_id: int | None) -> Card | None:
    if customer_id is None or not actor.may(Permission.CUSTOMER_VIEW):
        return None
    try:
        return customers.card(actor, customer_id)
    except NotFound:
        return None


def _parcel(actor: Actor, waybill: str, now: datetime, *, follows: bool) -> Tracked | None:
    if not waybill or not actor.may(Permission.PARCEL_VIEW):
        return None
    try:
        return tracked(actor, waybill, now=now, follows=follows)
    except NotFound:
        return None


def _linked(actor: Actor, links: Iterable[Any]) -> list[Linked]:
    kinds = {link.target_id: link.kind for link in links if link.target_kind == "case"}
    if not kinds:
        return []
    found = case_access.visible_to(actor).filter(pk__in=list(kinds)).select_related("assignee").order_by("-pk")
    rows = cases_rows.rows(found, with_customers=False)
    return [Linked(row, str(words.LINK_TITLES.get(kinds[row.id], kinds[row.id]))) for row in rows]


def _conversations(actor: Actor, links: Iterable[Any], waybill: str) -> list[Talk]:
    if not actor.may(Permission.CONVERSATION_VIEW):
        return []
    ids = [link.target_id for link in links if link.target_kind == "conversation"]
    found = conversations.with_ids(actor, ids)
    known = {one.pk for one in found}
    if waybill:
        found += [one for one in conversations.of_waybill(actor, waybill, limit=6) if one.pk not in known]
    return [talk(actor, one) for one in found[:8]]
