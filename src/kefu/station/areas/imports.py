"""Area tables from files (CSV, Excel), a row each (docs/areas.md)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.areas import actions
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.rules import REASONS as AREA_REASONS
from kefu.station.areas.rules import draft_problem
from kefu.station.areas.vocabulary import AreaKind

REASONS: dict[str, Message] = {
    **CELL_REASONS,
    **AREA_REASONS,
    "unknown_site": _("站点不存在，或不在您的权限范围内。"),
    "no_day": _("缺少生效日期或公布日期。"),
}
_NAMES: tuple[tuple[str, Message, str, bool], ...] = (
    ("site", _("网点"), "网点 站点 网点编号 站点编号 派件网点 site_code", False),
    ("region", _("区划"), "区划 地区 派送区域 区域 服务区域 地址 region", False),
    ("province", _("省"), "省 省份 省级", False),
    ("city", _("市"), "市 城市 地市", False),
    ("district", _("区县"), "区县 区 县 县区 区/县", False),
    ("street", _("街道乡镇"), "街道乡镇 街道 乡镇 镇 街道/乡镇", False),
    ("village", _("村社区"), "村社区 村 社区 建制村 行政村 村/社区", False),
    ("places", _("路段小区"), "路段小区 路段 小区 范围 路段/小区", False),
    ("kind", _("派送方式"), "派送方式 服务方式 方式 类型 kind", True),
    ("valid_from", _("生效日期"), "生效日期 生效 开始日期 valid_from", True),
    ("valid_to", _("截止日期"), "截止日期 截止 结束日期 valid_to", False),
    ("published_on", _("公布日期"), "公布日期 公布 公告日期 published_on", True),
    ("surcharge", _("加收费用"), "加收费用 加收 附加费 surcharge", False),
    ("note", _("备注"), "备注 说明 原因 note", False),
)
COLUMNS = tuple(Column(name, title, tuple(names.split()), required) for name, title, names, required in _NAMES)
_KIND_WORDS: dict[str, str] = {
    **{str(word): kind.value for kind in AreaKind for word in (kind.value,)},
    **dict.fromkeys(("送货上门", "派送", "上门", "全境派送", "可派送", "派送区"), AreaKind.HOME.value),
    **dict.fromkeys(("到站自提", "自提", "站点自提", "不上门", "仅自提"), AreaKind.STATION.value),
    **dict.fromkeys(("不派送", "超区", "不派", "非派送区", "不到"), AreaKind.NONE.value),
    **dict.fromkeys(("暂停派送", "暂停", "停派"), AreaKind.SUSPENDED.value),
}


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A row of a file: whose table it belongs to, and what it says."""

    site_id: int
    draft: AreaDraft


@dataclass(frozen=True)
class _Context:
    site_id: int | None
    zone: tzinfo = field(default_factory=timezone.get_default_timezone)
    sites: Mapping[str, int] = field(default_factory=lambda: {site.code: pk for pk, site in people_queries.sites_by_id().items()})

    def day(self, cell: Cell) -> date | None:
        at = moment_of(cell, self.zone)
        return at.astimezone(self.zone).date() if at else None


def area_of(row: Mapping[str, Cell], context: _Context) -> AreaRow:
    """The row of a table; raises ``BadCell``."""
    code = code_of(row.get("site"))
    site_id = context.sites.get(code) if code else context.site_id
    if site_id is None:
        raise BadCell("unknown_site")
    start, published = context.day(row.get("valid_from")), context.day(row.get("published_on"))
    if start is None or published is None:
        raise BadCell("no_day")
    parts = [text_of(row.get(name)).strip() for name in ("province", "city", "district", "street", "village")]
    kind = normalize("NFKC", text_of(row.get("kind"))).strip()
    draft = AreaDraft(
        region=text_of(row.get("region")).strip() or "".join(parts),
        kind=_KIND_WORDS.get(kind, kind),
        valid_from=start,
        valid_to=context.day(row.get("valid_to")),
        published_on=published,
        places=text_of(row.get("places")).strip(),
        surcharge=amount_of(row.get("surcharge")) or Decimal(0),
        note=text_of(row.get("note")).strip(),
    )
    return AreaRow(site_id, draft)


def open_areas(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[AreaRow]:
    """An area table to preview or run; ``site_id`` is for rows that name no site."""
    people.require(actor, Permission.AREA_EDIT)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    context = _Context(site_id)

    def records() -> Iterator[Item[AreaRow] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(area_of(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def check(row: AreaRow) -> str | None:
        if not actor.reaches(row.site_id):
            return "unknown_site"
        return draft_problem(row.draft, today=timezone.localdate(now))

    def store(batch: Sequence[AreaRow], _run_id: int) -> Outcome:
        return _store(actor, batch, now)

    return Source("areas", path, records, store, REASONS, table.headings, places, check, {"site_id": site_id})


def _store(actor: Actor, batch: Sequence[AreaRow], now: datetime) -> Outcome:
    """Site by site; places are those in the batch."""
    total = Outcome(0, 0, [(place, "unknown_site") for place, row in enumerate(batch) if not actor.reaches(row.site_id)])
    for site_id in dict.fromkeys(row.site_id for row in batch if actor.reaches(row.site_id)):
        places = [place for place, row in enumerate(batch) if row.site_id == site_id]
        done = actions.add_areas(actor=actor, site_id=site_id, drafts=[batch[place].draft for place in places], now=now)
        refused = [*total.refused, *((places[at], reason) for at, reason in done.refused)]
        total = replace(total, stored=total.stored + done.stored, present=total.present + done.present, refused=refused)
    return total
