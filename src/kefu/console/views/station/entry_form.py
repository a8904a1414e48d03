"""The form of a waybill: its fields, reading them, filling it again (OPS2). No rule; those are the room's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.routes import ConsoleRequest
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS, BadCell, amount_of
from kefu.lists.definition import day, whole
from kefu.lists.parcel_words import CARRIERS
from kefu.parcels.drafts import Party
from kefu.parcels.vocabulary import Payment, ReceiptKind, Scope
from kefu.people import queries as people
from kefu.station.areas.blocks import Block, read_block
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.rules import piece_numbers

_PARTY = ("name", "phone", "company", "address")
TEXTS = (
    "waybill", "site", "deliver_site", "sent_on", "collector", "carrier", "scope", "goods", "packaging", "payment", "receipt_kind",
    "receipt_no", "sub_waybills", "product", "remark", *(f"{side}_{name}" for side in ("sender", "receiver") for name in _PARTY),
)  # fmt: skip
NUMBERS = (
    "pieces", "weight", "length", "width", "height", "fee_amount", "freight_amount", "cod_amount", "insured_amount", "insurance_fee",
)  # fmt: skip
FLAGS = ("id_verified", "told", "postal")
# What the next waybill begins with: whoever hands in one parcel hands in more.
KEPT = ("site", "sent_on", "collector", "carrier", "scope", "packaging", "payment", "product", *(f"sender_{name}" for name in _PARTY))
PACKAGINGS = ("袋", "箱", "文件封", "木架", "裸件")
_LONGEST = {"sender_address": 300, "receiver_address": 300, "sub_waybills": 9000, "remark": 200}


class Errors(dict[str, str]):
    """Sentences by field; a field without one has none."""

    def __missing__(self, key: str) -> str:
        return ""


def values_of(request: ConsoleRequest) -> dict[str, str]:
    """What the form holds, as text."""
    given = request.POST
    found = {name: given.get(name, "").replace("\0", "").strip()[: _LONGEST.get(name, 100)] for name in (*TEXTS, *NUMBERS)}
    return found | {name: "1" if given.get(name) == "1" else "" for name in FLAGS}


def fresh(actor: Actor, now: datetime) -> dict[str, str]:
    """An empty form."""
    usual = {"site": str(actor.site_id or ""), "sent_on": f"{timezone.localdate(now)}", "pieces": "1", "payment": Payment.SENDER.value}
    return dict.fromkeys((*TEXTS, *NUMBERS, *FLAGS), "") | {"scope": Scope.DOMESTIC.value} | usual


def after(values: Mapping[str, str], *, all_of_it: bool, now: datetime) -> dict[str, str]:
    """The next form after a saved one: the sender and the site stay, with ``all_of_it`` everything but the numbers."""
    kept = dict(values) if all_of_it else {name: values[name] for name in KEPT}
    blank = dict.fromkeys((*TEXTS, *NUMBERS, *FLAGS), "") | {"pieces": "1"}
    return blank | kept | {"waybill": "", "sub_waybills": "", "receipt_no": "", "sent_on": f"{timezone.localdate(now)}"}


def of_draft(draft: EntryDraft) -> dict[str, str]:
    """The form of a waybill that is entered."""
    plain = {name: getattr(draft, name) for name in (*TEXTS, *NUMBERS, *FLAGS) if hasattr(draft, name)}
    found = {name: _shown(value) for name, value in plain.items()}
    parties = {f"{side}_{name}": getattr(getattr(draft, side), name) for side in ("sender", "receiver") for name in _PARTY}
    own = {
        "site": str(draft.site_id),
        "deliver_site": str(draft.deliver_site_id or ""),
        "sent_on": f"{draft.sent_on}",
        "sub_waybills": " ".join(draft.sub_waybills),
    }
    return found | parties | own


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else ""
    return "" if value is None else str(value)


def draft_from(values: Mapping[str, str]) -> tuple[EntryDraft, dict[str, str]]:
    """The waybill a form holds, and what could not be read, by field."""
    errors: dict[str, str] = {}
    numbers: dict[str, Decimal | None] = {}
    for name in NUMBERS:
        try:
            numbers[name] = amount_of(values[name])
        except BadCell as bad:
            errors[name] = str(REASONS[bad.reason])
            numbers[name] = None
    if any(value is not None and value < 0 for value in numbers.values()):
        errors |= {name: _("不能为负数。") for name, value in numbers.items() if value is not None and value < 0}
    on = day(values["sent_on"])
    if on is None:
        errors["sent_on"] = _("请填写日期，如 2026-01-31。")
    pieces = numbers["pieces"] or Decimal(1)
    zero = Decimal(0)
    draft = EntryDraft(
        waybill=values["waybill"],
        site_id=whole(values["site"]) or 0,
        sent_on=on or date(2000, 1, 1),
        collector=values["collector"],
        sender=_party(values, "sender"),
        receiver=_party(values, "receiver"),
        deliver_site_id=whole(values["deliver_site"]),
        carrier=values["carrier"],
        scope=values["scope"] or Scope.DOMESTIC.value,
        goods=values["goods"],
        pieces=int(min(pieces, Decimal(100_001))),
        weight=numbers["weight"],
        length=numbers["length"],
        width=numbers["width"],
        height=numbers["height"],
        packaging=values["packaging"],
        payment=values["payment"] or Payment.SENDER.value,
        fee_amount=numbers["fee_amount"] or zero,
        freight_amount=numbers["freight_amount"] or zero,
        cod_amount=numbers["cod_amount"] or zero,
        insured_amount=numbers["insured_amount"] or zero,
        insurance_fee=numbers["insurance_fee"],
        receipt_kind=values["receipt_kind"],
        receipt_no=values["receipt_no"],
        sub_waybills=piece_numbers(values["sub_waybills"]),
        product=values["product"],
        id_verified=values["id_verified"] == "1",
        told=values["told"] == "1",
        postal=values["postal"] == "1",
        remark=values["remark"],
    )
    return draft, errors


def _party(values: Mapping[str, str], side: str) -> Party:
    return Party(values[f"{side}_name"], values[f"{side}_phone"], values[f"{side}_address"], values[f"{side}_company"])


def split_into(values: dict[str, str], side: str, text: str, near: str) -> dict[str, str]:
    """The form with a pasted block taken apart into one side's fields; what the block does not say stays."""
    block: Block = read_block(text, near=near)
    told = {f"{side}_{name}": getattr(block, name) for name in _PARTY}
    return values | {name: value for name, value in told.items() if value}


def kept_promise(draft: EntryDraft, known: EntryDraft) -> EntryDraft:
    """A changed draft with what the form does not show."""
    return replace(draft, promised_at=known.promised_at)


def choices(actor: Actor) -> dict[str, Any]:
    """What the form's menus offer."""
    sites = [(str(site.pk), site.name) for site in people.sites(actor) if site.is_active]
    everywhere = [(str(pk), site.name) for pk, site in people.sites_by_id().items() if site.is_active]
    return {
        "sites": sites,
        "all_sites": sorted(everywhere, key=lambda one: one[1]),
        "payments": [(code, str(label)) for code, label in Payment.choices],
        "scopes": [(code, str(label)) for code, label in Scope.choices],
        "receipts": [(code, str(label)) for code, label in ReceiptKind.choices],
        "carriers": [(code, str(title)) for code, title in CARRIERS.items()],
        "packagings": PACKAGINGS,
    }
