"""Requests to forward from tables (CSV, TSV, Excel), a row each (docs/forwarding.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, flag_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.forwarding import requesting
from kefu.station.forwarding.drafts import ForwardDraft
from kefu.station.forwarding.errors import REASONS as FORWARD_REASONS

REASONS: Mapping[str, Message] = {**CELL_REASONS, **FORWARD_REASONS}
_UNKNOWN_SITE = 0
_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("原运单号"), "原运单号 运单号 快递单号 单号 tracking_no"),
    ("reason", _("转件原因"), "转件原因 原因 原因代码"),
    ("way", _("转件类型"), "转件类型 类型 方式"),
    ("site", _("申请网点"), "申请网点 申报网点 网点编号 site_code"),
    ("to_site", _("承接网点"), "承接网点 接收网点"),
    ("company", _("承接公司"), "承接公司 外部快递 快递公司"),
    ("address", _("收件地址"), "收件地址 地址"),
    ("fee", _("转件费"), "转件费 费用"),
    ("payer", _("付费方"), "付费方 付款方"),
    ("sender_told", _("已告知寄件人"), "已告知寄件人 收寄时已告知"),
    ("confirmed_at", _("收件人确认时间"), "收件人确认时间 确认时间"),
    ("contact", _("确认方式"), "确认方式 收件人确认方式"),
    ("note", _("备注"), "备注 说明"),
    ("external_id", _("外部编号"), "外部编号 流水号"),
)
COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("waybill", "reason", "way")) for f, title, names in _NAMES)
_REASON_WORDS = {
    "1": "out_of_area", "超区": "out_of_area", "2": "address_changed", "改地址": "address_changed", "收件人改地址": "address_changed",
    "3": "missent", "错发": "missent", "4": "site_closed", "网点停业": "site_closed", "5": "receiver_asked", "收件人要求": "receiver_asked",
    "9": "other", "其他": "other",
}  # fmt: skip
_WAY_WORDS = {
    "转网内网点": "site", "网内": "site", "转外部快递": "outside", "外部快递": "outside", "外部": "outside",
    "收件人自提": "self", "自提": "self",
}  # fmt: skip
_PAYER_WORDS = {
    "": "own", "本网点": "own", "申请网点": "own", "发件网点": "origin", "始发网点": "origin", "寄件人": "sender", "收件人": "receiver",
}  # fmt: skip
_CONTACT_WORDS = {"电话": "call", "短信": "message", "在线": "chat", "在线沟通": "chat", "当面": "in_person"}


@dataclass(frozen=True, slots=True)
class _Context:
    """Sites by code and name, and the site of rows that name none."""

    sites: Mapping[str, int]
    site_id: int | None
    zone: tzinfo

    def site(self, cell: Cell) -> int | None:
        name = code_of(cell)
        return self.sites.get(name, _UNKNOWN_SITE) if name else None


def _draft(row: Mapping[str, Cell], context: _Context) -> ForwardDraft:
    """The request a row speaks of; raises ``BadCell``. Words that mean nothing are refused later, by the row's place."""

    def word(name: str, words: Mapping[str, str]) -> str:
        text = text_of(row.get(name)).strip()
        return words.get(text, text)

    site = context.site(row.get("site"))
    return ForwardDraft(
        waybill=code_of(row.get("waybill")),
        reason=word("reason", _REASON_WORDS),
        way=word("way", _WAY_WORDS),
        site_id=site if site is not None else context.site_id,
        to_site_id=context.site(row.get("to_site")),
        company=text_of(row.get("company")).strip(),
        address=text_of(row.get("address")).strip(),
        note=text_of(row.get("note")).strip(),
        fee=amount_of(row.get("fee")) or Decimal(0),
        payer=word("payer", _PAYER_WORDS),
        sender_told=flag_of(row.get("sender_told")),
        confirmed_at=moment_of(row.get("confirmed_at"), context.zone),
        confirmed_by_way=word("contact", _CONTACT_WORDS),
        external_id=code_of(row.get("external_id")) or None,
    )


def open_forwards(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ForwardDraft]:
    """A table of requests to preview or run; ``site_id`` asks for those that name no site. Sites are named by code or by name."""
    require(actor, Permission.FORWARD_REQUEST)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    names = {name: pk for pk, site in people.sites_by_id().items() for name in (site.name, site.code)}
    context = _Context(names, site_id, timezone.get_default_timezone())

    def records() -> Iterator[Item[ForwardDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(
        "forwards", path, records, _store(actor, now), REASONS, headings=table.headings, columns=places, options={"site_id": site_id}
    )


def _store(actor: Actor, now: datetime) -> Callable[[Sequence[ForwardDraft], int], Outcome]:
    def store(batch: Sequence[ForwardDraft], _run_id: int) -> Outcome:
        done = requesting.request_many(actor=actor, drafts=batch, now=now)
        # The same file again finds its requests open: they are there already.
        again = {place for place, reason in done.refused.items() if reason == "open_already"}
        refused = [(place, reason) for place, reason in done.refused.items() if place not in again]
        return Outcome(len(done.stored), len(done.present) + len(again), refused)

    return store
