"""Reads of conversations: lists and pages for people (masked), transcripts for the inspector."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.conversations import access
from kefu.conversations.lines import Line, unpack
from kefu.conversations.models import Conversation, Transcript
from kefu.customers import queries as customers
from kefu.kernel import prepared, search
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.masking import mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

_ORDER = (Order("started_at", descending=True), Order("pk", descending=True))
# Characters of a conversation that search looks at; the index keeps fewer tokens than that.
_INDEXED = 12_000
# Matches looked through for one page when filters or permissions hide some of them.
_SEARCH_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list may be narrowed by. Days are local and both included; ``text`` is searched in what was said."""

    site_id: int | None = None
    staff_id: int | None = None
    customer_id: int | None = None
    channel: str = ""
    waybill: str = ""
    source: str = ""
    day_from: date | None = None
    day_to: date | None = None
    text: str = ""


def _filtered(actor: Actor, wanted: Filters) -> QuerySet[Conversation]:
    rows = access.visible_to(actor)
    exact = {
        "site_id": wanted.site_id,
        "staff_id": wanted.staff_id,
        "customer_id": wanted.customer_id,
        "channel": wanted.channel,
        "waybill": clean_waybill(wanted.waybill),
        "source": wanted.source,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    return rows.filter(**on_days("started_at", wanted.day_from, wanted.day_to))


def page(actor: Actor, wanted: Filters | None = None, *, cursor: str | None = None, size: int = 50) -> Page[Conversation]:
    """One page, newest first, with site and agent; with a text the newest stored matches."""
    people.require(actor, Permission.CONVERSATION_VIEW)
    wanted = wanted or Filters()
    rows = _filtered(actor, wanted).select_related("site", "staff")
    if wanted.text.strip():
        return _found(actor, rows, wanted.text, cursor, size)
    return keyset_page(rows, _ORDER, size=size, cursor=cursor)


def _found(actor: Actor, rows: QuerySet[Conversation], text: str, cursor: str | None, size: int) -> Page[Conversation]:
    if cursor and not cursor.isdecimal():
        raise Invalid(_("页码标记已失效，请回到第一页。"), code="bad_cursor")
    before = int(cursor) if cursor else None
    shown: list[Conversation] = []
    for _round in range(_SEARCH_ROUNDS):
        match = search.find("conversation", text, sites=actor.sites, limit=size - len(shown), before=before)
        kept = {row.pk: row for row in rows.filter(pk__in=match.ids)}
        shown += [kept[pk] for pk in match.ids if pk in kept]
        before = match.before
        if before is None or len(shown) >= size:
            break
    return Page(shown, None if before is None else str(before), None)


def count(actor: Actor, wanted: Filters | None = None) -> CappedCount:
    """How many the filters leave, counted up to a cap; the text is not looked at."""
    people.require(actor, Permission.CONVERSATION_VIEW)
    return capped_count(_filtered(actor, wanted or Filters()))


@dataclass(frozen=True, slots=True)
class Detail:
    """A conversation's page: every line, with numbers and addresses of people masked."""

    conversation: Conversation
    lines: tuple[Line, ...]
    customer: str


def detail(actor: Actor, conversation_id: int) -> Detail:
    """One conversation in reach, masked; ``actions.read_unmasked`` shows all of it for a reason."""
    row = access.visible_to(actor).select_related("site", "staff", "run").filter(pk=conversation_id).first()
    if row is None:
        raise NotFound
    lines = tuple(replace(line, text=mask_text(line.text)) for line in transcript(row.pk))
    owner = customers.labels([row.customer_id]).get(row.customer_id, "") if row.customer_id else ""
    return Detail(row, lines, owner)


def transcript(conversation_id: int) -> tuple[Line, ...]:
    """The lines as they were said; for the inspector and other mechanisms, never for a page."""
    return transcripts([conversation_id]).get(conversation_id, ())


def transcripts(conversation_ids: Iterable[int]) -> dict[int, tuple[Line, ...]]:
    """Lines of many conversations in one query."""
    rows = Transcript.objects.filter(pk__in=list(conversation_ids)).values_list("pk", "codec", "body")
    ring = keyring()
    return {pk: unpack(codec, ring.decrypt_bytes(bytes(body))) for pk, codec, body in rows}


def by_ids(conversation_ids: Sequence[int]) -> dict[int, Conversation]:
    """Conversations with site and agent, and the customer's tier as ``tier``, for mechanisms that work on many."""
    rows = Conversation.objects.filter(pk__in=list(conversation_ids)).select_related("site", "staff")
    return {row.pk: row for row in rows.annotate(tier=F("customer__tier"))}


def id_of(source: str, external_id: str) -> int | None:
    """A conversation by its id at its source; for mechanisms."""
    return Conversation.objects.filter(source=source, external_id=external_id).values_list("pk", flat=True).first()


def ids_after(after: int, *, limit: int = 500, site_id: int | None = None, run_id: int | None = None) -> list[int]:
    """Ids in the order of storing, for jobs that walk all of them."""
    rows = Conversation.objects.filter(pk__gt=after)
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    if run_id is not None:
        rows = rows.filter(run_id=run_id)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def of_customer(actor: Actor, customer_id: int, *, limit: int = 20) -> list[Conversation]:
    """Conversations of a customer in reach, newest first."""
    rows = access.visible_to(actor).filter(customer_id=customer_id).select_related("staff")
    return list(rows.order_by("-started_at", "-pk")[:limit])


@dataclass(frozen=True, slots=True)
class Asking:
    """A customer who wrote to a site; for mechanisms that work on many."""

    id: int
    customer_id: int
    staff_id: int | None
    started_at: datetime


def asking(site_id: int, since: datetime, until: datetime) -> list[Asking]:
    """Chats of known customers that began in a span, the oldest first (E19)."""
    rows = Conversation.objects.filter(site_id=site_id, channel=Conversation.Channel.CHAT, started_at__gte=since, started_at__lt=until)
    rows = rows.exclude(customer=None).order_by("started_at", "pk")
    return [Asking(*row) for row in rows.values_list("pk", "customer_id", "staff_id", "started_at")]


def of_waybill(actor: Actor, waybill: str, *, limit: int = 20) -> list[Conversation]:
    """Conversations about a waybill in reach, newest first."""
    number = clean_waybill(waybill)
    if not number:
        return []
    own = {"own": actor.own_id} if actor.own_only else {}
    return prepared.rows(_about, actor.as_reader(), limit, waybill=number, **own)


def with_ids(actor: Actor, ids: Collection[int]) -> list[Conversation]:
    """Those of these conversations that are in reach, newest first."""
    own = {"own": actor.own_id} if actor.own_only else {}
    return prepared.rows(_with_ids, actor.as_reader(), ids=ids, **own) if ids else []


def _with_ids(reader: Actor, *, ids: Collection[int], own: int = 0) -> QuerySet[Conversation]:
    return access.visible_to(reader.as_reader(own)).filter(pk__in=ids).select_related("staff").order_by("-started_at")


def _about(reader: Actor, limit: int, *, waybill: str, own: int = 0) -> QuerySet[Conversation]:
    rows = access.visible_to(reader.as_reader(own)).filter(waybill=waybill)
    return rows.select_related("staff").order_by("-started_at", "-pk")[:limit]


def search_documents(conversation_ids: Sequence[int]) -> list[search.Document]:
    """What search should know: what was said with people's numbers masked, the waybill, the id at the source."""
    rows = Conversation.objects.filter(pk__in=list(conversation_ids)).values_list("pk", "site_id", "waybill", "external_id")
    said = transcripts(conversation_ids)
    return [
        search.Document(pk, site_id, f"{waybill} {external_id}\n{_searchable(said.get(pk, ()))}")
        for pk, site_id, waybill, external_id in rows
    ]


def _searchable(lines: Sequence[Line]) -> str:
    parts, left = [], _INDEXED
    for line in lines:
        if left <= 0:
            break
        parts.append(mask_text(line.text[:left]))
        left -= len(line.text)
    return "\n".join(parts)
