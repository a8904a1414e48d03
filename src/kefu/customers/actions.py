"""Every write of customers (CRM1), and the logged reading of their personal data (SEC1, SEC3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.customers import access, queries
from kefu.customers.errors import ContactTaken, NotAContact, ReasonTooShort
from kefu.customers.events import CustomerTierChanged
from kefu.customers.models import Contact, Customer
from kefu.customers.rules import REASON_LENGTH, TIERS, ContactKey, contact_key
from kefu.kernel import audit, outbox, search
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.chinese import normalise
from kefu.kernel.claims import save_claimed
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Invalid, NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission

_TRIES = 4
# Who writes a case asks for the tier in the same breath as for the customer.
tier_of = queries.tier_of


@dataclass(frozen=True, slots=True)
class CustomerDraft:
    """Somebody by one way to reach them; ``kind`` is that of a ``Contact``."""

    value: str
    kind: str = "phone"
    name: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Ids in the order of the drafts (``None``: the contact cannot be read) and how many were new."""

    ids: list[int | None]
    created: int


def name_key(name: str) -> str:
    """Blind index of an exact name; empty for no name."""
    plain = normalise(name).text.replace(" ", "")
    return keyring().index("name", plain) if plain else ""


def customer_ref(customer: Customer) -> Ref:
    """How other records point at a customer; without the name, which is personal data."""
    return Ref("customer", customer.pk, f"C{customer.pk}")


def find_or_create(*, actor: Actor, site_id: int, now: datetime, name: str = "", phone: str = "") -> Customer:
    """The site's customer with this phone, made if there is none; safe when two callers do it at once.

    Without a phone there is nothing to find by, so a customer of that name is made.
    """
    if not phone.strip():
        return _create_named(actor, site_id, name, now)
    found = find_or_create_many(actor=actor, site_id=site_id, drafts=[CustomerDraft(phone, name=name)], now=now).ids[0]
    if found is None:
        raise NotAContact(fields={"phone": _("请填写有效的电话号码。")})
    return Customer.objects.get(pk=found)


def _create_named(actor: Actor, site_id: int, name: str, now: datetime) -> Customer:
    access.require_remember(actor)
    people.require_site(actor, site_id)
    if not name.strip():
        raise NotAContact(fields={"phone": _("请填写客户的电话或姓名。")})
    with transaction.atomic():
        customer = Customer.objects.create(site_id=site_id, name=name.strip(), name_index=name_key(name), created_at=now)
        _index([customer])
        audit.record(actor, "customer.created", customer_ref(customer), now=now, site_id=site_id, data={"contact": ""})
    return customer


def find_or_create_many(*, actor: Actor, site_id: int, drafts: Sequence[CustomerDraft], now: datetime) -> Remembered:
    """Customers of one site for many contacts; the same contact twice is one customer. A fixed number of statements."""
    access.require_remember(actor)
    people.require_site(actor, site_id)
    keys = [contact_key(draft.kind, draft.value) for draft in drafts]
    wanted = {_indexed(key): (draft, key) for draft, key in reversed(list(zip(drafts, keys, strict=True))) if key is not None}
    known, created = _known(site_id, list(wanted)), 0
    for _try in range(_TRIES):
        missing = {index: wanted[index] for index in sorted(wanted) if index not in known}
        if not missing:
            break
        try:
            with transaction.atomic():
                created = _create(actor, site_id, missing, now)
        except IntegrityError:
            created = 0  # somebody else was first with one of them: look again
        known = _known(site_id, list(wanted))
    return Remembered([None if key is None else known[_indexed(key)] for key in keys], created)


_Index = tuple[str, str]


def _indexed(key: ContactKey) -> _Index:
    return key.kind, keyring().index(key.kind, key.key)


def _known(site_id: int, wanted: list[_Index]) -> dict[_Index, int]:
    rows = Contact.objects.filter(site_id=site_id, value_index__in=[value for _kind, value in wanted])
    return {(kind, value): customer for kind, value, customer in rows.values_list("kind", "value_index", "customer_id")}


def _contact(customer: Customer, key: ContactKey, *, label: str, primary: bool) -> Contact:
    return Contact(
        customer=customer,
        site_id=customer.site_id,
        kind=key.kind,
        value=key.value,
        value_index=_indexed(key)[1],
        last4_index=keyring().index("last4", key.last4) if key.last4 else "",
        label=label[:40],
        is_primary=primary,
    )


def _create(actor: Actor, site_id: int, missing: dict[_Index, tuple[CustomerDraft, ContactKey]], now: datetime) -> int:
    pairs = [
        (Customer(site_id=site_id, name=draft.name.strip(), name_index=name_key(draft.name), created_at=now), draft, key)
        for draft, key in missing.values()
    ]
    Customer.objects.bulk_create([customer for customer, _draft, _key in pairs])
    Contact.objects.bulk_create([_contact(customer, key, label=draft.label, primary=True) for customer, draft, key in pairs])
    _index([customer for customer, _draft, _key in pairs if customer.name])
    audit.record_many(
        [
            audit.entry(actor, "customer.created", customer_ref(customer), now=now, site_id=site_id, data={"contact": key.kind})
            for customer, _draft, key in pairs
        ]
    )
    return len(pairs)


def _index(customers: Sequence[Customer]) -> None:
    """Names only: phone numbers are found by their blind index and never stand in the clear."""
    search.index("customer", [search.Document(customer.pk, customer.site_id, customer.name) for customer in customers])


def add_contact(*, actor: Actor, customer_id: int, kind: str, value: str, now: datetime, label: str = "") -> Contact:
    """One more way to reach a customer."""
    customer = access.get_for(actor, customer_id)
    people.require(actor, Permission.CUSTOMER_EDIT)
    key = contact_key(kind, value)
    if key is None:
        raise NotAContact(fields={"value": _("请填写有效的电话、邮箱或账号。")})
    try:
        with transaction.atomic():
            contact = _contact(customer, key, label=label, primary=False)
            contact.save(force_insert=True)
            audit.record(actor, "customer.contact_added", customer_ref(customer), now=now, site_id=customer.site_id, data={"contact": kind})
    except IntegrityError as error:
        raise ContactTaken from error
    return contact


def update(*, actor: Actor, customer_id: int, version: int, now: datetime, name: str | None = None, note: str | None = None) -> Customer:
    """Change name or note; ``version`` is the one the writer saw."""
    customer = access.get_for(actor, customer_id)
    people.require(actor, Permission.CUSTOMER_EDIT)
    changes: dict[str, str] = {}
    if name is not None and name.strip() != customer.name:
        changes |= {"name": name.strip(), "name_index": name_key(name)}
    if note is not None and note != customer.note:
        changes["note"] = note
    if not changes:
        return customer
    customer.version = version
    with transaction.atomic():
        save_claimed(customer, **changes)
        if "name" in changes:
            _index([customer])
        fields = sorted(changes.keys() - {"name_index"})
        audit.record(actor, "customer.updated", customer_ref(customer), now=now, site_id=customer.site_id, data={"fields": fields})
    return customer


def set_tier(
    *, actor: Actor, customer_id: int, tier: str, reason: str, now: datetime, tiers: Sequence[str] = TIERS, clause: str = ""
) -> Customer:
    """Move a customer to a tier of the handbook in force (``tiers``: its keys), saying why; ``clause`` when a rule decided it."""
    customer = access.get_for(actor, customer_id)
    people.require(actor, Permission.CUSTOMER_EDIT)
    if tier not in tiers:
        raise Invalid(fields={"tier": _("请选择手册中的客户等级。")})
    if not reason.strip():
        raise Invalid(fields={"reason": _("请填写调整等级的原因。")})
    if tier == customer.tier:
        return customer
    previous = customer.tier
    with transaction.atomic():
        save_claimed(customer, tier=tier, tier_reason=reason.strip()[:200])
        audit.record(
            actor,
            "customer.tier_set",
            customer_ref(customer),
            now=now,
            site_id=customer.site_id,
            clause=clause,
            data={"tier": tier, "previous": previous, "reason": reason.strip()[:200]},
        )
        outbox.emit(CustomerTierChanged(customer_id=customer.pk, site_id=customer.site_id, tier=tier, previous=previous), now=now)
    return customer


def unmask(*, actor: Actor, customer_id: int, field: str, reason: str, now: datetime) -> str:
    """One personal value in the clear: ``name``, ``note`` or ``contact:<id>``. Needs a reason; every time is logged."""
    customer = access.get_for(actor, customer_id)
    people.require(actor, Permission.PERSONAL_UNMASK)
    if len(reason.strip()) < REASON_LENGTH:
        raise ReasonTooShort(fields={"reason": _("请写明查看原因。")}, length=REASON_LENGTH)
    value = _clear(customer, field)
    audit.record(
        actor,
        "customer.unmasked",
        customer_ref(customer),
        now=now,
        site_id=customer.site_id,
        data={"field": field, "reason": reason.strip()[:200]},
    )
    return value


def _clear(customer: Customer, field: str) -> str:
    if field in ("name", "note"):
        return str(getattr(customer, field))
    kind, _colon, number = field.partition(":")
    contact = customer.contacts.filter(pk=int(number)).first() if kind == "contact" and number.isdecimal() else None
    if contact is None:
        raise NotFound
    return contact.value
