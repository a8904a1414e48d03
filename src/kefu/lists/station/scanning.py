"""What guns answered: every number scanned, taken or refused (OPS1, O8)."""

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.people.permissions import Permission
from kefu.station.scanning import queries
from kefu.station.scanning.modes import Mode, Tone
from kefu.station.scanning.notices import read
from kefu.station.scanning.queries import Answer, AnswerFilter

_TONES = {Tone.OK.value: "good", Tone.WARN.value: "warn", Tone.REFUSED.value: "bad"}
# Reasons that are looked for most; all others are in the column.
_REASONS = ("not_arrived", "repeat", "other_gun", "signed", "intercepted", "courier_elsewhere", "load", "misrouted", "not_registered")


def words_of(row: Answer) -> str:
    """Everything that was said about a number, in the reader's language."""
    return " ".join(one.words for one in read(row.notices))


def _wanted(ask: Ask) -> AnswerFilter:
    return AnswerFilter(
        waybill=ask.get("q"),
        tone=ask.get("tone"),
        mode=ask.get("mode"),
        reason=ask.get("reason"),
        courier=ask.get("courier"),
        operator=ask.get("operator"),
        site_id=ask.id("site"),
        since=ask.day("since"),
        until=ask.day("until"),
        undone=ask.flag("undone"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Answer]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _opens(row: Answer) -> Place | None:
    return Place("parcel", {"waybill": row.waybill}) if row.codes else None


_TITLES: dict[str, Message] = {
    "not_arrived": _("漏做到件"),
    "repeat": _("重复扫描"),
    "other_gun": _("别的巴枪已扫"),
    "signed": _("已签收"),
    "intercepted": _("已拦截"),
    "courier_elsewhere": _("派件员不是本网点"),
    "load": _("派件员超量"),
    "misrouted": _("可能错分"),
    "not_registered": _("没有录单"),
}

GUN_ANSWERS: List[Answer] = List(
    key="gun-answers",
    title=_("扫描记录"),
    route="station-scanning-answers",
    permissions=(Permission.PARCEL_SCAN, Permission.MONITOR_VIEW),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("tone", _("结果"), "choice", Tone.choices),
        Filter("mode", _("扫描方式"), "choice", Mode.choices),
        Filter("since", _("从"), "day"),
        Filter("until", _("到"), "day"),
        Filter("reason", _("提示"), "choice", tuple((code, _TITLES[code]) for code in _REASONS), main=False),
        Filter("courier", _("派件员工号"), "code", main=False),
        Filter("operator", _("扫描员工号"), "code", main=False),
        Filter("site", _("站点"), "site", main=False),
        Filter("undone", _("已撤销的"), "flag", main=False),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda row: row.waybill or row.given, "code", opens=_opens),
        ListColumn("mode", _("扫描方式"), lambda row: row.mode, words=lambda row: Mode(row.mode).label, width=10),
        ListColumn(
            "tone", _("结果"), lambda row: row.tone, words=lambda row: Tone(row.tone).label, tone=lambda row: _TONES[row.tone], width=12
        ),
        ListColumn("reason", _("提示"), lambda row: row.reason, words=lambda row: words_of(row) or "—", width=40),
        ListColumn("scanned_at", _("扫描时间"), lambda row: row.scanned_at, "moment"),
        ListColumn("courier", _("派件员"), lambda row: row.courier, "code"),
        ListColumn("operator", _("扫描员"), lambda row: row.operator, "code"),
        ListColumn("piece", _("子单号"), lambda row: row.piece, "code", usual=False),
        ListColumn("device", _("设备号"), lambda row: row.device, "code", usual=False),
        ListColumn("site", _("站点"), lambda row: row.site.name, usual=False),
        ListColumn("undone_at", _("撤销时间"), lambda row: row.undone_at, "moment", usual=False),
        ListColumn("undone_by", _("撤销人"), lambda row: row.undone_by, usual=False),
    ),
    page=_page,
    count=_count,
    views=(
        ReadyView("refused", _("未录的"), {"tone": "refused"}),
        ReadyView("not-arrived", _("漏做到件"), {"reason": "not_arrived"}),
        ReadyView("undone", _("已撤销的"), {"undone": "1"}),
    ),
    personal=False,
    empty=_("扫描后，每一票的结果会出现在这里。"),
)

__all__ = ["GUN_ANSWERS", "words_of"]
