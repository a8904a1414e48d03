"""Customers from tables (CSV, TSV, Excel), a row each (docs/import.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.customers import actions
from kefu.customers.actions import CustomerDraft
from kefu.customers.rules import contact_key
from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people
from kefu.people.permissions import Permission

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("phone", _("电话"), "电话 手机 手机号 客户电话 联系电话"),
    ("name", _("姓名"), "姓名 客户姓名 客户名称 名称"),
    ("platform_id", _("平台账号"), "平台账号 客户编号 会员名 旺旺 买家昵称"),
    ("label", _("备注名"), "备注名 标签"),
)
COLUMNS = tuple(Column(field, title, tuple(names.split())) for field, title, names in _NAMES)
REASONS: dict[str, Message] = {**CELL_REASONS, "no_contact": _("没有可识别的电话或平台账号。")}


def _draft(row: Mapping[str, Cell]) -> CustomerDraft:
    phone, account = code_of(row.get("phone")), code_of(row.get("platform_id"))
    value, kind = (phone, "phone") if phone else (account, "platform_id")
    return CustomerDraft(value, kind, text_of(row.get("name")).strip(), text_of(row.get("label")).strip())


def _check(draft: CustomerDraft) -> str | None:
    return None if contact_key(draft.kind, draft.value) else "no_contact"


def open_customers(*, actor: Actor, path: Path, now: datetime, site_id: int) -> Source[CustomerDraft]:
    """A table of customers of one site, to preview or run."""
    people.require(actor, Permission.CUSTOMER_EDIT)
    people.require_site(actor, site_id)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)

    def records() -> Iterator[Item[CustomerDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places)), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[CustomerDraft], _run_id: int) -> Outcome:
        done = actions.find_or_create_many(actor=actor, site_id=site_id, drafts=batch, now=now)
        refused = [(place, "no_contact") for place, customer in enumerate(done.ids) if customer is None]
        return Outcome(done.created, len(batch) - len(refused) - done.created, refused)

    return Source(
        "customers",
        path,
        records,
        store,
        REASONS,
        headings=table.headings,
        columns=places,
        check=_check,
        options={"site_id": site_id},
    )


def run_import(
    *, actor: Actor, path: Path, now: datetime, site_id: int, progress: Callable[[int], None] = lambda _: None, batch: int = imports.BATCH
) -> ImportRun:
    """Import a table of customers, or go on where a run of it stopped."""
    source = open_customers(actor=actor, path=path, now=now, site_id=site_id)
    return imports.run(actor=actor, source=source, now=now, progress=progress, batch=batch)
