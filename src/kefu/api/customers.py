"""Customers over the API; everything personal leaves masked."""

from datetime import datetime
from typing import Any, Literal

from ninja import Query, Router
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.customers import actions, queries

router = Router(tags=["customers"])


class CustomerRow(Schema):
    """A customer in a list: name and main contact masked."""

    id: int
    site_id: int
    name: str
    contact: str
    tier: str
    created_at: datetime


class Contact(Schema):
    """A way to reach somebody, masked."""

    id: int
    kind: str
    value: str
    label: str
    is_primary: bool


class Customer(Schema):
    """A customer's card, masked; `unmask` shows one value for a reason."""

    id: int
    site_id: int
    name: str
    tier: str
    tier_reason: str
    note: str
    contacts: list[Contact]
    created_at: datetime
    version: int


class CustomersWanted(Paged):
    """What a list of customers shows. Phone numbers are asked for by `POST /customers/by-phone`, so that they stay out of access logs."""

    q: str = Field("", max_length=60, description="A name, or the last four digits of a number.")
    tier: str = Field("", max_length=40)
    site: Id | None = None


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class Phone(_Body):
    """A phone number, however it is written."""

    phone: str = Field(min_length=3, max_length=40)


class NewCustomer(_Body):
    """Somebody to remember; the same phone at the same site is the same customer."""

    site: Id
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)


class CustomerChanges(_Body):
    """What to change; ``version`` is the one the caller saw."""

    version: int = Field(ge=0)
    name: str | None = Field(None, max_length=60)
    note: str | None = Field(None, max_length=5000)


class NewContact(_Body):
    """One more way to reach a customer."""

    kind: Literal["phone", "wechat", "email", "platform_id"]
    value: str = Field(min_length=1, max_length=200)
    label: str = Field("", max_length=40)


class Unmask(_Body):
    """Which value (``name``, ``note`` or ``contact:<id>``) and why; the reason is logged."""

    field: str = Field(min_length=1, max_length=40)
    reason: str = Field(min_length=1, max_length=200)


class Unmasked(Schema):
    """One personal value in the clear."""

    field: str
    value: str


def _row(found: Any) -> CustomerRow:
    return CustomerRow.model_validate(found, from_attributes=True)


def _card(request: ApiRequest, customer_id: int) -> Customer:
    return Customer.model_validate(queries.card(request.actor, customer_id), from_attributes=True)


@router.get("/customers", response=PageOf[CustomerRow])
def list_customers(request: ApiRequest, wanted: Query[CustomersWanted]) -> PageOf[CustomerRow]:
    """Customers in reach, newest first (CRM1, SEC2)."""
    page = queries.page(request.actor, query=wanted.q, tier=wanted.tier, site_id=wanted.site, cursor=wanted.cursor, size=wanted.size)
    return shown(page, _row)


@router.post("/customers/by-phone", response=list[CustomerRow])
def find_customers(request: ApiRequest, body: Phone) -> list[CustomerRow]:
    """Customers in reach with this number, found by its blind index (CRM1, SEC1)."""
    return [_row(found) for found in queries.by_phone(request.actor, body.phone)]


@router.post("/customers", response={201: Customer})
def create_customer(request: ApiRequest, body: NewCustomer) -> Status[Customer]:
    """The site's customer with this phone, made if there is none; safe when two callers do it at once (CRM1)."""
    made = actions.find_or_create(actor=request.actor, site_id=body.site, name=body.name, phone=body.phone, now=moment.now())
    return Status(201, _card(request, made.pk))


@router.get("/customers/{int:customer_id}", response=Customer)
def read_customer(request: ApiRequest, customer_id: int) -> Customer:
    """One customer with every contact, masked (CRM1, SEC1)."""
    return _card(request, customer_id)


@router.patch("/customers/{int:customer_id}", response=Customer)
def edit_customer(request: ApiRequest, customer_id: int, body: CustomerChanges) -> Customer:
    """Change name or note; a save made on an older sight answers 409 `stale` (CRM1)."""
    actions.update(actor=request.actor, customer_id=customer_id, version=body.version, name=body.name, note=body.note, now=moment.now())
    return _card(request, customer_id)


@router.post("/customers/{int:customer_id}/contacts", response={201: Customer})
def add_contact(request: ApiRequest, customer_id: int, body: NewContact) -> Status[Customer]:
    """One more way to reach a customer (CRM1)."""
    actions.add_contact(actor=request.actor, customer_id=customer_id, kind=body.kind, value=body.value, label=body.label, now=moment.now())
    return Status(201, _card(request, customer_id))


@router.post("/customers/{int:customer_id}/unmask", response=Unmasked)
def unmask_customer(request: ApiRequest, customer_id: int, body: Unmask) -> Unmasked:
    """One personal value in the clear; needs a reason and is logged every time (SEC1, SEC3)."""
    value = actions.unmask(actor=request.actor, customer_id=customer_id, field=body.field, reason=body.reason, now=moment.now())
    return Unmasked(field=body.field, value=value)
