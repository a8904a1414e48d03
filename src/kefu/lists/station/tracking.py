"""The one box of numbers, and the questions put to carriers (OPS7)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.paging import CappedCount, Page
from kefu.kernel.wording import listed
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, whole
from kefu.lists.parcel_words import CARRIERS, carrier_title, state_title, state_tone
from kefu.parcels.vocabulary import StateCode
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.tracking import boxes, queries
from kefu.station.tracking.books import books_at
from kefu.station.tracking.boxes import BoxRow
from kefu.station.tracking.carriers import carriers
from kefu.station.tracking.faults import advice
from kefu.station.tracking.numbers import pasted
from kefu.station.tracking.queries import ASK_KINDS, ASK_STATES, AskRow
from kefu.station.tracking.vocabulary import code_title

UNKNOWN = "unknown"
_VERDICTS: Mapping[str, tuple[Message, str]] = {
    "not_collected": (_("未收件"), "quiet"),
    "no_limit": (_("未规定时限"), "quiet"),
    "on_time": (_("时限内"), "good"),
    "attempted_on_time": (_("按时派送"), "good"),
    "attempted_late": (_("派送超时"), "warn"),
    "late": (_("已延误"), "bad"),
    "presumed_lost": (_("视同遗失"), "bad"),
}


def _boxes(actor: Actor) -> Choices:
    return [(str(box.pk), f"{timezone.localtime(box.made_at):%m-%d %H:%M} {box.name}".strip()) for box in boxes.recent(actor, limit=20)]


def _rows(ask: Ask) -> list[BoxRow]:
    """The rows of the box, or of the numbers in the search; both: those of the box that are searched for."""
    numbers = pasted(ask.get("q")).numbers
    book_of = books_at(ask.now)
    box_id = ask.id("box")
    if box_id is not None:
        _box, rows = boxes.box_rows(ask.actor, box_id, now=ask.now, book_of=book_of)
        wanted = set(numbers)
        rows = [row for row in rows if not wanted or row.number in wanted]
    elif numbers:
        rows = boxes.look_up(ask.actor, numbers[: boxes.MOST], now=ask.now, book_of=book_of)
    else:
        rows = []
    return [row for row in rows if _fits(ask, row)]


def _fits(ask: Ask, row: BoxRow) -> bool:
    state = ask.get("state")
    verdict = row.judgement
    return (
        (not state or (row.state == state if state != UNKNOWN else not row.known))
        and (not ask.flag("late") or (verdict is not None and verdict.late))
        and (not ask.flag("lost") or (verdict is not None and verdict.presumed_lost))
        and (not ask.flag("quiet") or row.quiet is not None)
        and (not ask.get("carrier") or _carrier(row) == ask.get("carrier"))
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[BoxRow]:
    """Rows stand in the order the numbers were given; a cursor is a place among them."""
    start = whole(cursor.removeprefix("at-")) if cursor else 0
    if start is None:
        raise Invalid(_("页码标记已失效，请回到第一页。"), code="bad_cursor")
    rows = _rows(ask)
    following = f"at-{start + size}" if start + size < len(rows) else None
    return Page(rows[start : start + size], following, f"at-{max(start - size, 0)}" if start else None)


def _count(ask: Ask) -> CappedCount:
    """Of a box that is not filtered its numbers; else none is said rather than all worked out twice."""
    box = boxes.box_of(ask.actor, ask.id("box"))
    return CappedCount(len(box.numbers) if box else len(pasted(ask.get("q")).numbers), capped=False)


def _carrier(row: BoxRow) -> str:
    return row.carrier or (row.guesses[0].carrier if row.guesses else "")


def _carrier_words(row: BoxRow) -> Message:
    """The carrier it is registered with, else the likeliest ones with their weights (V7)."""
    if row.carrier:
        return carrier_title(row.carrier)
    return listed(f"{carrier_title(one.carrier)} {one.weight:.0%}" for one in row.guesses[:3]) or "—"


def _verdict(row: BoxRow) -> str:
    return row.judgement.verdict.value if row.judgement else ""


def _verdict_words(row: BoxRow) -> Message:
    return _VERDICTS[_verdict(row)][0] if row.judgement else ""


def _clauses(row: BoxRow) -> str:
    found = [*(row.judgement.clauses if row.judgement else ()), row.quiet_clause]
    return " ".join(one for one in found if one)


def age_words(span: timedelta) -> Message:
    """How long ago, in the largest unit."""
    hours = int(span.total_seconds() // 3600)
    return _("%(n)s 小时") % {"n": max(hours, 0)} if hours < 48 else _("%(n)s 天") % {"n": hours // 24}


def _quiet_words(row: BoxRow) -> Message:
    return age_words(row.quiet) if row.quiet else ""


def _sources(row: BoxRow) -> Message:
    if row.own and row.carriers:
        return _("本站和快递公司")
    return _("快递公司") if row.carriers else _("本站") if row.own else _("仅录单") if row.registered else ""


def _source_codes(row: BoxRow) -> str:
    return " ".join(name for name, told in (("own", row.own), ("carrier", row.carriers)) if told)


def _last_words(row: BoxRow) -> Message:
    return code_title(row.last_code) if row.last_code else ""


def _asking(row: BoxRow) -> Message:
    if row.asking:
        return _("排队中")
    return advice(row.fault) if row.fault else ""


TRACKING: List[BoxRow] = List(
    key="tracking",
    title=_("快件跟踪"),
    route="station-tracking",
    permissions=(Permission.PARCEL_VIEW,),
    filters=(
        Filter("q", _("扫描或输入单号"), "code"),
        Filter("box", _("查询批次"), "choice", _boxes),
        Filter("state", _("状态"), "choice", (*StateCode.choices, (UNKNOWN, _("查不到")))),
        Filter("carrier", _("快递公司"), "choice", tuple(CARRIERS.items()), main=False),
        Filter("late", _("超时的"), "flag", main=False),
        Filter("lost", _("视同遗失的"), "flag", main=False),
        Filter("quiet", _("久无轨迹的"), "flag", main=False),
    ),
    columns=(
        ListColumn(
            "number",
            _("运单号"),
            lambda one: one.number,
            "code",
            opens=lambda one: Place("parcel", {"waybill": one.waybill}) if one.known else None,
        ),
        ListColumn(
            "state",
            _("状态"),
            lambda one: one.state if one.known else UNKNOWN,
            words=lambda one: state_title(one.state) if one.known else _("查不到"),
            tone=lambda one: state_tone(one.state) if one.known else "warn",
            width=14,
        ),
        ListColumn("last_code", _("最后轨迹"), lambda one: one.last_code, words=_last_words),
        ListColumn("last_at", _("最后轨迹时间"), lambda one: one.last_at, "moment"),
        ListColumn("holder", _("现在何处"), lambda one: one.holder),
        ListColumn(
            "verdict",
            _("时限"),
            _verdict,
            words=_verdict_words,
            tone=lambda one: _VERDICTS[_verdict(one)][1] if one.judgement else "",
            width=12,
        ),
        ListColumn("due_at", _("应于何时前派送"), lambda one: one.judgement.due_at if one.judgement else None, "moment", usual=False),
        ListColumn("clause", _("依据条款"), _clauses, "code"),
        ListColumn(
            "quiet", _("无轨迹"), lambda one: int(one.quiet.total_seconds() // 3600) if one.quiet else None, "number",
            words=_quiet_words, tone=lambda one: "warn" if one.quiet else "",
        ),
        ListColumn("carrier", _("快递公司"), _carrier, words=_carrier_words, width=22),
        ListColumn("sources", _("来源"), _source_codes, words=_sources, usual=False),
        ListColumn("ask", _("快递公司查询"), lambda one: "due" if one.asking else one.fault, words=_asking, width=20),
        ListColumn("ask_due", _("最早再查"), lambda one: one.ask_due, "moment", usual=False),
        ListColumn("waybill", _("主单号"), lambda one: one.waybill, "code", usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda one: one.number,
    views=(),
    personal=False,
    empty=_("粘贴单号或上传表格后点“查询”。"),
)  # fmt: skip


def _vendors(_actor: Actor) -> Choices:
    return [(one.vendor, one.title) for one in carriers().adapters.values()]


_ASK_TONES: Mapping[str, str] = {"due": "quiet", "sending": "accent", "answered": "good", "failed": "bad", "ended": "quiet"}


def _asked(ask: Ask) -> dict[str, object]:
    return {
        "state": ask.get("state"),
        "kind": ask.get("kind"),
        "vendor": ask.get("vendor"),
        "waybill": ask.get("q"),
        "site_id": ask.id("site"),
    }


def _asks_page(ask: Ask, cursor: str | None, size: int) -> Page[AskRow]:
    return queries.asks_page(ask.actor, **_asked(ask), cursor=cursor, size=size)  # type: ignore[arg-type]


def _asks_count(ask: Ask) -> CappedCount:
    return queries.asks_count(ask.actor, **_asked(ask))  # type: ignore[arg-type]


def _site(row: AskRow) -> str:
    site = people.sites_by_id().get(row.site_id)
    return site.name if site else ""


def _result(row: AskRow) -> Message:
    if row.fault:
        return advice(row.fault)
    return _("新轨迹 %(fresh)s 条") % {"fresh": row.fresh} if row.state == "answered" and row.kind == "query" else ""


def _views() -> Sequence[ReadyView]:
    return (
        ReadyView("waiting", _("排队中"), {"state": "due"}),
        ReadyView("failed", _("未成功"), {"state": "failed"}),
        ReadyView("subscriptions", _("订阅"), {"kind": "subscribe"}),
        ReadyView("all", _("全部"), {}),
    )


TRACKING_ASKS: List[AskRow] = List(
    key="tracking-asks",
    title=_("快递公司查询记录"),
    route="station-tracking-asks",
    permissions=(Permission.PARCEL_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("state", _("状态"), "choice", ASK_STATES),
        Filter("kind", _("类型"), "choice", ASK_KINDS),
        Filter("vendor", _("接口"), "choice", _vendors, main=False),
        Filter("site", _("网点"), "site", main=False),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda one: one.waybill, "code", opens=lambda one: Place("parcel", {"waybill": one.waybill})),
        ListColumn(
            "state", _("状态"), lambda one: one.state, words=lambda one: dict(ASK_STATES)[one.state],
            tone=lambda one: _ASK_TONES[one.state], width=12,
        ),
        ListColumn("kind", _("类型"), lambda one: one.kind, words=lambda one: dict(ASK_KINDS)[one.kind], width=8),
        ListColumn("vendor", _("接口"), lambda one: one.vendor, words=lambda one: vendor_title(one.vendor), width=14),
        ListColumn("carrier", _("快递公司"), lambda one: one.carrier, words=lambda one: carrier_title(one.carrier), usual=False),
        ListColumn("result", _("结果"), lambda one: one.fault or str(one.fresh), words=_result, width=36),
        ListColumn("said", _("对方原话"), lambda one: one.said, usual=False),
        ListColumn("tries", _("次数"), lambda one: one.tries, "number", usual=False),
        ListColumn("asked_by", _("查询人"), lambda one: one.asked_by),
        ListColumn("asked_at", _("提出时间"), lambda one: one.asked_at, "moment"),
        ListColumn("due_at", _("最早发出"), lambda one: one.due_at, "moment"),
        ListColumn("sent_at", _("发出时间"), lambda one: one.sent_at, "moment", usual=False),
        ListColumn("done_at", _("完成时间"), lambda one: one.done_at, "moment", usual=False),
        ListColumn("site", _("网点"), _site, usual=False),
    ),
    page=_asks_page,
    count=_asks_count,
    views=_views(),
    personal=False,
    empty=_("在快件跟踪里勾选单号，点“问快递公司”。"),
)  # fmt: skip


def vendor_title(vendor: str) -> Message:
    """Name of an interface."""
    adapter = carriers().adapters.get(vendor)
    return adapter.title if adapter else vendor
