"""Problem parcels from tables (CSV, TSV, Excel), a row each (docs/problems.md)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.problems import reporting
from kefu.station.problems.drafts import ProblemDraft
from kefu.station.problems.errors import REASONS as PROBLEM_REASONS
from kefu.station.problems.rules import phones_in

REASONS: Mapping[str, Message] = {**CELL_REASONS, **PROBLEM_REASONS}
_UNKNOWN_SITE = 0
_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 tracking_no"),
    ("kind", _("问题类型"), "问题类型 问题小类 小类 类型 问题代码 类型代码"),
    ("description", _("描述"), "描述 问题描述 说明 内容 备注"),
    ("site", _("登记网点"), "登记网点 上报网点 登记站点 网点编号 site_code"),
    ("receiver", _("接收网点"), "接收网点 接收组织 接收站点"),
    ("phones", _("电话"), "电话 联系电话 手机"),
    ("account", _("收款账号"), "收款账号 账号"),
    ("courier", _("业务员"), "业务员 推送业务员 派件员 快递员"),
    ("way", _("拦截方式"), "拦截方式 退回方式"),
    ("external_id", _("外部编号"), "外部编号 流水号"),
)
COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("waybill", "kind", "description")) for f, title, names in _NAMES)


def _draft(row: Mapping[str, Cell], sites: Mapping[str, int], site_id: int | None) -> ProblemDraft:
    """The problem a row speaks of; raises ``BadCell``. A site named by a code nobody knows is refused later, by its place."""
    site, receiver = code_of(row.get("site")), code_of(row.get("receiver"))
    return ProblemDraft(
        waybill=code_of(row.get("waybill")),
        kind=text_of(row.get("kind")).strip(),
        site_id=sites.get(site, _UNKNOWN_SITE) if site else site_id,
        receiver_site_id=sites.get(receiver, _UNKNOWN_SITE) if receiver else None,
        description=text_of(row.get("description")).strip(),
        phones=phones_in(code_of(row.get("phones"))),
        account=code_of(row.get("account")),
        courier=code_of(row.get("courier")),
        way=text_of(row.get("way")).strip(),
        external_id=code_of(row.get("external_id")) or None,
    )


def open_problems(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[ProblemDraft]:
    """A table of problems to preview or run; ``site_id`` reports those that name no site. Sites are named by code or by name."""
    require(actor, Permission.PROBLEM_WORK)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    sites = {name: pk for pk, site in people.sites_by_id().items() for name in (site.name, site.code)}

    def records() -> Iterator[Item[ProblemDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places), sites, site_id), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(
        "problems", path, records, _store(actor, now), REASONS, headings=table.headings, columns=places, options={"site_id": site_id}
    )


def _store(actor: Actor, now: datetime) -> Callable[[Sequence[ProblemDraft], int], Outcome]:
    def store(batch: Sequence[ProblemDraft], _run_id: int) -> Outcome:
        done = reporting.report_many(actor=actor, drafts=batch, now=now)
        # The same file again finds its rows open: they are there already.
        again = {place for place, reason in done.refused.items() if reason == "open_already"}
        refused = [(place, reason) for place, reason in done.refused.items() if place not in again]
        return Outcome(len(done.stored), len(done.present) + len(again), refused)

    return store
