"""One search over everything the caller may see."""

from collections.abc import Callable
from typing import Annotated, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.conversations import queries as conversations
from kefu.customers import queries as customers
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.parcels import queries as parcels
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people.permissions import Permission

router = Router(tags=["search"])
Kind = Literal["case", "conversation", "customer", "parcel"]


class Hit(Schema):
    """A thing found: kind and id to open it by, and a masked line to know it by."""

    kind: Kind
    id: int
    number: str
    text: str


class Hits(Schema):
    """Newest first within each kind; ``more`` are the kinds that have more than were asked for."""

    hits: list[Hit]
    more: list[Kind]


class SearchWanted(Schema):
    """What to look for, in which kinds."""

    model_config = ConfigDict(extra="forbid")
    q: str = Field(min_length=1, max_length=200)
    kind: list[Annotated[Kind, Field()]] = Field(default_factory=list, max_length=4, description="Repeatable; none means all.")
    size: int = Field(10, ge=1, le=50, description="Most hits of each kind.")


@router.get("/search", response=Hits)
def search(request: ApiRequest, wanted: Query[SearchWanted]) -> Hits:
    """Cases, conversations, customers and parcels in reach by words, numbers or names, in Chinese (CASE8, CONV3, CRM1, OPS7)."""
    hits: list[Hit] = []
    more: list[Kind] = []
    for kind in wanted.kind or list(_FINDERS):
        permission, find = _FINDERS[kind]
        if not request.actor.may(permission):
            continue
        found, goes_on = find(request.actor, wanted.q, wanted.size)
        hits.extend(found)
        if goes_on:
            more.append(kind)
    return Hits(hits=hits, more=more)


def _cases(actor: Actor, text: str, size: int) -> tuple[list[Hit], bool]:
    page = cases.page(actor, CaseFilter(view="all", text=text), now=moment.now(), size=size)
    return [Hit(kind="case", id=one.pk, number=one.number, text=mask_text(one.title)) for one in page.rows], page.next is not None


def _conversations(actor: Actor, text: str, size: int) -> tuple[list[Hit], bool]:
    page = conversations.page(actor, conversations.Filters(text=text), size=size)
    hits = [
        Hit(kind="conversation", id=one.pk, number=one.external_id, text=f"{one.started_at:%Y-%m-%d %H:%M} {one.site.name} {one.channel}")
        for one in page.rows
    ]
    return hits, page.next is not None


def _customers(actor: Actor, text: str, size: int) -> tuple[list[Hit], bool]:
    page = customers.page(actor, query=text, size=size)
    return [Hit(kind="customer", id=one.id, number=f"C{one.id}", text=f"{one.name} {one.contact}".strip()) for one in page.rows], (
        page.next is not None
    )


def _parcels(actor: Actor, text: str, size: int) -> tuple[list[Hit], bool]:
    number = clean_waybill(text)
    if not is_waybill(number):
        return [], False
    page = parcels.page(actor, waybill=number, size=size)
    return [Hit(kind="parcel", id=one.id, number=one.waybill, text=f"{one.state} {one.receiver_name}".strip()) for one in page.rows], False


_Finder = Callable[[Actor, str, int], tuple[list[Hit], bool]]
_FINDERS: dict[Kind, tuple[Permission, _Finder]] = {
    "case": (Permission.CASE_VIEW, _cases),
    "conversation": (Permission.CONVERSATION_VIEW, _conversations),
    "customer": (Permission.CUSTOMER_VIEW, _customers),
    "parcel": (Permission.PARCEL_VIEW, _parcels),
}
