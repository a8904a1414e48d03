"""Reads of customers for screens; every value comes out masked (SEC1)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.customers import access
from kefu.customers.models import Contact, Customer
from kefu.customers.rules import contact_key, masked_contact
from kefu.kernel import prepared, search
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Invalid
from kefu.kernel.masking import mask_name, mask_text, phone_key
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.people import access as people
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact, masked."""

    id: int
    kind: str
    value: str
    label: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list: name and main contact masked."""

    id: int
    site_id: int
    name: str
    contact: str
    tier: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A customer's page: everything personal masked; ``unmask`` in ``actions`` shows one value for a reason."""

    id: int
    site_id: int
    name: str
    tier: str
    tier_reason: str
    note: str
    contacts: list[ContactLine]
    created_at: datetime
    version: int


def _row(customer: Customer, *, clear: bool = False) -> CustomerRow:
    contacts = sorted(customer.contacts.all(), key=lambda contact: (not contact.is_primary, contact.pk))
    shown = ""
    if contacts:
        shown = contacts[0].value if clear else masked_contact(contacts[0].kind, contacts[0].value)
    name = customer.name if clear else mask_name(customer.name)
    return CustomerRow(customer.pk, customer.site_id, name, shown, customer.tier, customer.created_at)


def page(
    actor: Actor,
    *,
    query: str = "",
    tier: str = "",
    site_id: int | None = None,
    cursor: str | None = None,
    size: int = 50,
    clear: bool = False,
) -> Page[CustomerRow]:
    """Customers in reach, newest first. ``query`` is a name, a whole phone number or its last four digits.

    ``clear``: nothing is masked; the caller must hold the right and writes to the audit log what leaves (exports).
    """
    people.require(actor, Permission.CUSTOMER_VIEW)
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    rows = access.visible_to(actor).prefetch_related("contacts")
    if tier:
        rows = rows.filter(tier=tier)
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    text = query.strip()
    if text and _is_number(text):
        rows = rows.filter(pk__in=_with_number(text))
    elif text:
        return _named(actor, rows, text, cursor, size, clear=clear)
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page([_row(customer, clear=clear) for customer in found.rows], found.next, found.previous)


def _is_number(text: str) -> bool:
    return (len(text) == 4 and text.isdecimal()) or phone_key(text) is not None


def _with_number(text: str) -> QuerySet[Contact, int]:
    if len(text) == 4 and text.isdecimal():
        found = Contact.objects.filter(last4_index=keyring().index("last4", text))
    else:
        found = Contact.objects.filter(kind=Contact.Kind.PHONE, value_index=keyring().index("phone", phone_key(text) or ""))
    return found.values_list("customer_id", flat=True)


def _named(actor: Actor, rows: QuerySet[Customer], text: str, cursor: str | None, size: int, *, clear: bool = False) -> Page[CustomerRow]:
    if cursor and not cursor.isdecimal():
        raise Invalid(_("页码标记已失效，请回到第一页。"), code="bad_cursor")
    found = search.find("customer", text, sites=actor.sites, limit=size, before=int(cursor) if cursor else None)
    customers = {customer.pk: customer for customer in rows.filter(pk__in=found.ids)}
    shown = [_row(customers[pk], clear=clear) for pk in found.ids if pk in customers]
    return Page(shown, None if found.before is None else str(found.before), None)


def by_phone(actor: Actor, phone: str) -> list[CustomerRow]:
    """Customers in reach with this number, however it is written."""
    if phone_key(phone) is None:
        return []
    return _listed(access.visible_to(actor).filter(pk__in=_with_number(phone)))


def by_last4(actor: Actor, digits: str) -> list[CustomerRow]:
    """Customers in reach whose number ends so; at most 50, newest first."""
    if len(digits) != 4 or not digits.isdecimal():
        return []
    return _listed(access.visible_to(actor).filter(pk__in=_with_number(digits)))


def _listed(rows: QuerySet[Customer]) -> list[CustomerRow]:
    return [_row(customer) for customer in rows.prefetch_related("contacts").order_by("-pk")[:50]]


def card(actor: Actor, customer_id: int) -> Card:
    """One customer with every contact, masked."""
    customer = access.get_for(actor, customer_id)
    lines = [
        ContactLine(contact.pk, contact.kind, masked_contact(contact.kind, contact.value), contact.label, contact.is_primary)
        for contact in prepared.rows(_contacts, customer_id=customer_id)
    ]
    return Card(
        id=customer.pk,
        site_id=customer.site_id,
        name=mask_name(customer.name),
        tier=customer.tier,
        tier_reason=customer.tier_reason,
        note=mask_text(customer.note),
        contacts=lines,
        created_at=customer.created_at,
        version=customer.version,
    )


def _contacts(*, customer_id: int) -> QuerySet[Contact]:
    return Contact.objects.filter(customer_id=customer_id).order_by("-is_primary", "pk")


def labels(customer_ids: Iterable[int]) -> dict[int, str]:
    """Masked names by id, for lists of other modules whose rows the actor already sees."""
    return {pk: mask_name(name) or f"C{pk}" for pk, name in prepared.rows(_names, ids=set(customer_ids))}


def _names(*, ids: Collection[int]) -> QuerySet[Customer, tuple[int, str]]:
    return Customer.objects.filter(pk__in=ids).values_list("pk", "name")


def tier_of(customer_id: int) -> str:
    """Key of the customer's tier; empty for an unknown customer."""
    return Customer.objects.filter(pk=customer_id).values_list("tier", flat=True).first() or ""


def facts(customer_id: int, *, now: datetime) -> dict[str, object]:  # noqa: ARG001 (figures of the last days need it)
    """Facts that conditions may ask about (``customer.*``), as far as this module knows them."""
    tier = tier_of(customer_id)
    return {"customer.known": tier != "", "customer.marked_vip": tier == "vip"}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a customer is addressed and reached, in the clear: the main contact of each kind. Never for a screen."""

    name: str
    contacts: Mapping[str, str]


def reach_of(customer_ids: Collection[int]) -> dict[int, Reach]:
    """Names and main contacts in the clear, for messages that are sent to the customers themselves; two statements."""
    names = dict(Customer.objects.filter(pk__in=customer_ids).values_list("pk", "name"))
    contacts: dict[int, dict[str, str]] = {pk: {} for pk in names}
    rows = Contact.objects.filter(customer_id__in=names).order_by("-is_primary", "pk").values_list("customer_id", "kind", "value")
    for customer_id, kind, value in rows:
        contacts[customer_id].setdefault(kind, value)
    return {pk: Reach(name, contacts[pk]) for pk, name in names.items()}


def ids_by_contact(site_id: int, kind: str, values: Sequence[str]) -> dict[str, int]:
    """Ids of the site's customers by contact value as given; for jobs."""
    keys = {value: contact_key(kind, value) for value in values}
    indexes = {value: keyring().index(kind, key.key) for value, key in keys.items() if key is not None}
    rows = Contact.objects.filter(site_id=site_id, kind=kind, value_index__in=set(indexes.values()))
    owners = dict(rows.values_list("value_index", "customer_id"))
    return {value: owners[index] for value, index in indexes.items() if index in owners}
