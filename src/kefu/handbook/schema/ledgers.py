"""Ledgers 台账: which register of the product each one shows, its columns, and who may change which (SHOP7, E13).

A column either shows a field of its register or keeps words of its own (``kept``). What a register offers is listed here, so that a
handbook is checked without the rooms that read the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from kefu.handbook.schema.base import Clause, Key, Model, Words
from kefu.kernel.errors import Message

CellType: TypeAlias = Literal["text", "long_text", "number", "money", "datetime", "bool", "waybill"]
RegisterKey: TypeAlias = Literal["open_cases", "payments", "shares", "sales", "urges", "reminders"]


@dataclass(frozen=True, slots=True)
class LedgerField:
    """A field a column may show. ``editable``: a change of the cell is a piece of work on the thing behind it."""

    type: CellType = "text"
    editable: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRegister:
    """What a ledger may be kept over; ``only``: how its rows may be narrowed, with the values each takes."""

    title: Message
    fields: Mapping[str, LedgerField]
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_TEXT, _CODE, _MONEY, _NUMBER, _WHEN = (LedgerField(one) for one in ("text", "waybill", "money", "number", "datetime"))
_PARTIES = ("A", "B", "C", "D", "E", "F", "G", "H", "I", "S", "X")
LEDGER_REGISTERS: Mapping[str, LedgerRegister] = {
    "open_cases": LedgerRegister(
        _("未完结的工单"),
        {
            "case_no": _CODE,
            "opened_at": _WHEN,
            "order_no": _CODE,
            "waybill": _CODE,
            "matter": _TEXT,
            "status": _TEXT,
            "promised_time": _WHEN,
            "progress": LedgerField("long_text", editable=True),
            "handed_to": LedgerField("text", editable=True),
        },
    ),
    "payments": LedgerRegister(
        _("赔款支付"),
        {
            "payment_no": _CODE,
            "claim_no": _CODE,
            "case_no": _CODE,
            "order_no": _CODE,
            "waybill": _CODE,
            "reason": _TEXT,
            "amount": _MONEY,
            "channel": _TEXT,
            "account": _CODE,
            "approved_by": _TEXT,
            "made_at": _WHEN,
            "paid_at": _WHEN,
            "state": _TEXT,
            "serial": _CODE,
        },
        {"channel": ("alipay", "wechat", "bank", "cash", "platform", "offset")},
    ),
    "shares": LedgerRegister(
        _("赔款的责任分摊"),
        {
            "claim_no": _CODE,
            "case_no": _CODE,
            "order_no": _CODE,
            "waybill": _CODE,
            "carrier": _TEXT,
            "type": _TEXT,
            "cause": _TEXT,
            "party": _TEXT,
            "share": _NUMBER,
            "amount": _MONEY,
            "made_at": _WHEN,
        },
        {"party": _PARTIES},
    ),
    "sales": LedgerRegister(
        _("售后退款"),
        {
            "refund_no": _CODE,
            "order_no": _CODE,
            "shop": _TEXT,
            "product": _TEXT,
            "agreed": _TEXT,
            "fault": _TEXT,
            "amount": _MONEY,
            "return_no": _CODE,
            "in_at": _WHEN,
            "condition": _TEXT,
            "liable": _TEXT,
            "state": _TEXT,
        },
        {"agreed": ("refund", "return", "exchange", "repair", "resend", "difference", "nothing", "not_agreed")},
    ),
    "urges": LedgerRegister(
        _("催单登记"),
        {
            "day": _WHEN,
            "order_no": _CODE,
            "shop": _TEXT,
            "carrier": _TEXT,
            "agent": _TEXT,
            "reason": _TEXT,
            "note": _TEXT,
            "result": LedgerField("text", editable=True),
        },
    ),
    "reminders": LedgerRegister(
        _("催付登记"),
        {
            "day": _WHEN,
            "order_no": _CODE,
            "shop": _TEXT,
            "agent": _TEXT,
            "said": _TEXT,
            "reply": LedgerField("text", editable=True),
            "paid_at": _WHEN,
        },
    ),
}


class Column(Model):
    """A column of a ledger. It shows the field ``shows`` of the register (its own id unless named), or with ``kept`` holds what people
    write into it, of the ``type``. ``edit``: posts (or sign-in roles) that may change its cells; nobody when empty.
    """

    id: Key
    label: str = Field(min_length=1, max_length=60)
    label_en: str = Field(default="", max_length=60)
    type: CellType = "text"
    shows: str = ""
    kept: bool = False
    edit: tuple[Key, ...] = ()

    @property
    def field(self) -> str:
        """The field it shows."""
        return self.shows or self.id

    def name(self, language: str) -> str:
        """Its heading in the reader's language."""
        return self.label_en if language.startswith("en") and self.label_en else self.label


class Ledger(Clause):
    """A ledger: the register it is kept ``over``, the ``kinds`` of cases, ``only`` rows with these values, its columns (SHOP7)."""

    text: Words
    over: RegisterKey
    kinds: tuple[Key, ...] = ()
    only: dict[Key, tuple[str, ...]] = {}
    columns: tuple[Column, ...] = Field(min_length=1, max_length=30)
