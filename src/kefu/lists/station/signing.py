"""Sign-offs, and signatures that look false (OPS3, O10)."""

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.people.permissions import Permission
from kefu.station.signing import queries
from kefu.station.signing.patterns import BY_CODE, PATTERNS
from kefu.station.signing.queries import SignFilter, SignRow, Suspicion, SuspicionFilter
from kefu.station.signing.words import Consent, Signer, Situation, Stage

STAGE_TONES = {Stage.STORED.value: "accent", Stage.SIGNED.value: "good", Stage.UNDONE.value: "quiet"}


def _wanted(ask: Ask) -> SignFilter:
    return SignFilter(
        waybill=ask.get("q"),
        stage=ask.get("stage"),
        signer=ask.get("signer"),
        situation=ask.get("situation"),
        courier=ask.get("courier"),
        entered_id=ask.id("entered_by"),
        site_id=ask.id("site"),
        since=ask.day("since"),
        until=ask.day("until"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[SignRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size, clear=ask.clear)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _how(row: SignRow) -> Message:
    return Consent(row.consent_how).label if row.consent_how else "—"


def _page_of(row: SignRow) -> Place:
    return Place("station-signing-one", {"key": row.id})


SIGN_OFFS: List[SignRow] = List(
    key="sign-offs",
    title=_("签收查询"),
    route="station-signing-list",
    permissions=(Permission.PARCEL_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("since", _("签收从"), "day"),
        Filter("until", _("到"), "day"),
        Filter("signer", _("签收人类型"), "choice", Signer.choices),
        Filter("stage", _("状态"), "choice", Stage.choices),
        Filter("situation", _("签收情况"), "choice", Situation.choices, main=False),
        Filter("courier", _("派件员工号"), "code", main=False),
        Filter("entered_by", _("录入人"), "staff", main=False),
        Filter("site", _("站点"), "site", main=False),
    ),
    columns=(
        ListColumn(
            "waybill", _("运单号"), lambda row: row.waybill, "code", opens=lambda row: Place("station-signing-one", {"key": row.id})
        ),
        ListColumn(
            "stage",
            _("状态"),
            lambda row: row.stage,
            words=lambda row: Stage(row.stage).label,
            tone=lambda row: STAGE_TONES[row.stage],
            width=12,
        ),
        ListColumn("signed_at", _("签收时间"), lambda row: row.signed_at, "moment"),
        ListColumn("signer", _("签收人类型"), lambda row: row.signer, words=lambda row: Signer(row.signer).label, width=12),
        ListColumn("signer_name", _("签收人"), lambda row: row.signer_name, width=12),
        ListColumn(
            "situation",
            _("签收情况"),
            lambda row: row.situation,
            words=lambda row: Situation(row.situation).label,
            tone=lambda row: "quiet" if row.situation == Situation.NORMAL else "warn",
            width=14,
        ),
        ListColumn("courier", _("派件员"), lambda row: row.courier, "code"),
        ListColumn("place", _("代收点"), lambda row: row.place, width=16),
        ListColumn("consent_how", _("同意方式"), lambda row: row.consent_how, words=_how, usual=False),
        ListColumn("consent_by", _("同意人"), lambda row: row.consent_by, usual=False),
        ListColumn("cod", _("代收货款实收"), lambda row: row.cod_collected, "money", usual=False),
        ListColumn("freight", _("到付实收"), lambda row: row.freight_collected, "money", usual=False),
        ListColumn("pieces", _("签收件数"), lambda row: row.pieces or None, "number", usual=False),
        ListColumn("out_at", _("出库时间"), lambda row: row.out_at, "moment", usual=False),
        ListColumn("entered_by", _("录入人"), lambda row: row.entered_by, usual=False),
        ListColumn("entered_at", _("录入时间"), lambda row: row.entered_at, "moment", usual=False),
        ListColumn("undone_why", _("撤销原因"), lambda row: row.undone_why, usual=False),
        ListColumn("site", _("签收网点"), lambda row: row.site, usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda row: row.id,
    views=(
        ReadyView("stored", _("入库待取"), {"stage": "stored"}),
        ReadyView("damaged", _("破损"), {"situation": "damaged"}),
        ReadyView("partial", _("部分签收"), {"situation": "partial"}),
        ReadyView("undone", _("已撤销"), {"stage": "undone"}),
    ),
    clearable=True,
    empty=_("录入或导入签收后，会出现在这里。"),
)


def evidence_of(row: Suspicion) -> str:
    """What a pattern found, in the reader's language."""
    found = BY_CODE.get(row.pattern)
    return str(found.evidence) % row.evidence if found else row.pattern


def _pattern(row: Suspicion) -> Message:
    return BY_CODE[row.pattern].title if row.pattern in BY_CODE else row.pattern


def _suspected(ask: Ask) -> SuspicionFilter:
    return SuspicionFilter(
        waybill=ask.get("q"),
        pattern=ask.get("pattern"),
        courier=ask.get("courier"),
        site_id=ask.id("site"),
        since=ask.day("since"),
        until=ask.day("until"),
        cleared=ask.get("cleared"),
    )


def _suspicions(ask: Ask, cursor: str | None, size: int) -> Page[Suspicion]:
    return queries.suspicions(ask.actor, _suspected(ask), cursor=cursor, size=size)


def _suspicion_count(ask: Ask) -> CappedCount:
    return queries.count_suspicions(ask.actor, _suspected(ask))


FALSE_SIGNS: List[Suspicion] = List(
    key="false-signs",
    title=_("疑似虚假签收"),
    route="station-signing-checks",
    permissions=(Permission.MONITOR_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("pattern", _("迹象"), "choice", tuple((one.code, one.title) for one in PATTERNS)),
        Filter("cleared", _("核查"), "choice", (("no", _("待核查")), ("yes", _("已核查")))),
        Filter("since", _("从"), "day"),
        Filter("until", _("到"), "day"),
        Filter("courier", _("派件员"), "code", main=False),
        Filter("site", _("站点"), "site", main=False),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda row: row.waybill, "code", opens=lambda row: Place("parcel", {"waybill": row.waybill})),
        ListColumn("pattern", _("迹象"), lambda row: row.pattern, words=_pattern, tone=lambda _row: "warn", width=16),
        ListColumn("evidence", _("依据"), evidence_of, width=40),
        ListColumn("day", _("日期"), lambda row: row.day, "day"),
        ListColumn("courier", _("派件员"), lambda row: row.courier, "code"),
        ListColumn(
            "cleared",
            _("核查"),
            lambda row: "yes" if row.cleared_at else "no",
            words=lambda row: row.cleared_why if row.cleared_at else _("待核查"),
            tone=lambda row: "good" if row.cleared_at else "accent",
            width=20,
        ),
        ListColumn("cleared_by", _("核查人"), lambda row: row.cleared_by, usual=False),
        ListColumn("clause", _("条款"), lambda row: row.clause, usual=False),
        ListColumn("site", _("站点"), lambda row: row.site.name, usual=False),
    ),
    page=_suspicions,
    count=_suspicion_count,
    row_key=lambda row: row.pk,
    views=(ReadyView("open", _("待核查"), {"cleared": "no"}),),
    personal=False,
    empty=_("选一天点“查这一天”，有疑点的签收会列在这里。"),
)
