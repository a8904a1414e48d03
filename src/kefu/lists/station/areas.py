"""Area tables: what each site does for a place, now, later, before (R19, R47)."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.station.areas import queries
from kefu.station.areas.access import READERS
from kefu.station.areas.queries import Area, AreaFilter
from kefu.station.areas.vocabulary import TONES, AreaKind

_KINDS = dict(AreaKind.choices)


def _wanted(ask: Ask) -> AreaFilter:
    today = timezone.localdate(ask.now)
    time = ask.get("time")
    return AreaFilter(
        site_id=ask.id("site"),
        kind=ask.get("kind"),
        on=ask.day("on") or (today if time == "now" else None),
        coming=today if time == "coming" else None,
        text=ask.get("q"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Area]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _until(one: Area) -> Message:
    return f"{one.valid_to}" if one.valid_to else _("长期")


def _tone(one: Area) -> str:
    return TONES[one.kind]


AREAS: List[Area] = List(
    key="areas",
    title=_("派送范围"),
    route="station-areas",
    permissions=READERS,
    filters=(
        Filter("q", _("地名、路段、备注"), "text"),
        Filter("site", _("网点"), "site"),
        Filter("kind", _("派送方式"), "choice", AreaKind.choices),
        Filter("time", _("时间"), "choice", (("now", _("现在有效")), ("coming", _("将要变更")))),
        Filter("on", _("某日有效"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "region",
            _("区划"),
            lambda one: one.region,
            words=lambda one: one.region.replace("/", " "),
            opens=lambda one: Place("station-area", {"area_id": one.id}),
            width=36,
        ),
        ListColumn("kind", _("派送方式"), lambda one: one.kind, words=lambda one: _KINDS[one.kind], tone=_tone),
        ListColumn("places", _("路段小区"), lambda one: one.places, width=24),
        ListColumn("site", _("网点"), lambda one: one.site),
        ListColumn("surcharge", _("加收费用"), lambda one: one.surcharge or None, "money"),
        ListColumn("valid_from", _("生效日期"), lambda one: one.valid_from, "day"),
        ListColumn("valid_to", _("截止日期"), lambda one: one.valid_to, "day", words=_until),
        ListColumn("published_on", _("公布日期"), lambda one: one.published_on, "day"),
        ListColumn("note", _("备注"), lambda one: one.note, width=30, usual=False),
        ListColumn("entered_by", _("录入人"), lambda one: one.entered_by, usual=False),
        ListColumn("entered_at", _("录入时间"), lambda one: one.entered_at, "moment", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.id,
    views=(
        ReadyView("now", _("现在有效"), {"time": "now"}),
        ReadyView("coming", _("将要变更"), {"time": "coming"}),
        ReadyView("none", _("不派送"), {"time": "now", "kind": "none"}),
        ReadyView("suspended", _("暂停派送"), {"time": "now", "kind": "suspended"}),
        ReadyView("all", _("全部"), {}),
    ),
    personal=False,
    empty=_("没有派送范围记录。由管理员新增，或从“导入”上传整张表。"),
)
