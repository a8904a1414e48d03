"""Conversations with their results, findings, scorecards."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kefu.conversations import access as conversation_access
from kefu.conversations import queries as conversations
from kefu.customers import queries as customers
from kefu.exports.source import CHUNK, Rows, Source
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.kernel.errors import Message
from kefu.kernel.exporting import Column
from kefu.kernel.masking import mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import Order, keyset_page
from kefu.lists.definition import Ask, walk
from kefu.parcels.waybills import clean_waybill
from kefu.people.permissions import Permission
from kefu.quality import access, wording
from kefu.quality import queries as quality

_NEWEST = (Order("started_at", descending=True), Order("pk", descending=True))
_AT = (Order("at", descending=True), Order("pk", descending=True))
_DAYS: dict[str, Message] = {"since": _("从"), "until": _("到")}
_WHO: dict[str, Message] = {"site": _("站点"), "staff": _("客服")}


def asked_days(ask: Ask, column: str) -> dict[str, datetime]:
    """The days of the usual two filters, for a query."""
    return on_days(column, ask.day("since"), ask.day("until"))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "")}


# ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

_CONVERSATIONS = (
    Column(_("开始时间"), "moment"),
    Column(_("渠道"), width=10),
    Column(_("站点")),
    Column(_("客服"), width=12),
    Column(_("工号"), "code", 9),
    Column(_("客户"), width=12),
    Column(_("运单号"), "code"),
    Column(_("时长（秒）"), "number"),
    Column(_("句数"), "number"),
    Column(_("客服句数"), "number"),
    Column(_("客户句数"), "number"),
    Column(_("服务小结")),
    Column(_("质检得分"), "number"),
    Column(_("达标"), width=8),
    Column(_("扣分项"), "number"),
    Column(_("待复核"), "number"),
)
_RESULTS: Mapping[str, Mapping[str, Any]] = {
    "done": {},
    "findings": {"states__contains": "b"},
    "review": {"review_count__gt": 0},
    "clean": {"finding_count": 0},
}


def _talks(ask: Ask) -> Iterator[list[Any]]:
    if text := ask.get("q"):
        wanted = conversations.Filters(text=text, **_exact(ask), day_from=ask.day("since"), day_to=ask.day("until"))
        for found in walk(lambda cursor: conversations.page(ask.actor, wanted, cursor=cursor, size=CHUNK)):
            kept = set(
                _judged(ask, conversation_access.visible_to(ask.actor).filter(pk__in=[one.pk for one in found])).values_list(
                    "pk", flat=True
                )
            )
            yield [one for one in found if one.pk in kept]
        return
    rows = conversation_access.visible_to(ask.actor).filter(**_plain(_exact(ask)))
    rows = rows.filter(**asked_days(ask, "started_at"))
    rows = _judged(ask, rows).select_related("site", "staff")
    yield from walk(lambda cursor: keyset_page(rows, _NEWEST, size=CHUNK, cursor=cursor))


def _exact(ask: Ask) -> dict[str, Any]:
    return {
        "site_id": ask.id("site"),
        "staff_id": ask.id("staff"),
        "customer_id": ask.id("customer"),
        "channel": ask.get("channel"),
        "waybill": clean_waybill(ask.get("waybill")),
    }


def _judged(ask: Ask, rows: QuerySet[Any]) -> QuerySet[Any]:
    result = ask.get("result")
    if not result:
        return rows
    cards = access.visible_inspections(ask.actor).filter(subject_kind="conversation", subject_id=OuterRef("pk"), current=True)
    if result == "none":
        return rows.filter(~Exists(cards))
    return rows.filter(Exists(cards.filter(**_RESULTS.get(result, {"pk": None}))))


def _conversation_pages(ask: Ask) -> Iterator[Rows]:
    for found in _talks(ask):
        owners = customers.labels({one.customer_id for one in found if one.customer_id})
        cards = access.visible_inspections(ask.actor).filter(
            subject_kind="conversation", current=True, subject_id__in=[one.pk for one in found]
        )
        columns = ("subject_id", "score", "passed", "finding_count", "review_count")
        judged = {pk: rest for pk, *rest in cards.values_list(*columns)}
        yield [_talk(one, owners, judged.get(one.pk)) for one in found]


def _talk(one: Any, owners: Mapping[int, str], card: Sequence[Any] | None) -> Sequence[Any]:
    score, passed, found, review = card or (None, None, None, None)
    seconds = (one.ended_at - one.started_at).total_seconds() if one.ended_at else None
    return (
        one.started_at,
        one.get_channel_display(),
        one.site.name,
        one.staff.name if one.staff else "",
        one.staff.staff_no if one.staff else one.staff_no,
        owners.get(one.customer_id, ""),
        one.waybill,
        None if seconds is None else max(0, int(seconds)),
        one.line_count,
        one.agent_lines,
        one.customer_lines,
        one.disposition,
        score,
        passed,
        None if found is None else found - (review or 0),
        review,
    )


CONVERSATIONS = Source(
    "conversations",
    _("会话"),
    (Permission.CONVERSATION_VIEW,),
    lambda _ask: _CONVERSATIONS,
    _conversation_pages,
    {"q": _("说过"), "waybill": _("运单号"), "channel": _("渠道"), "result": _("质检结果"), "customer": _("客户"), **_WHO, **_DAYS},
)


# ── Findings ────────────────────────────────────────────────────────────────────────────────────────────────────────

_FINDINGS = (
    Column(_("时间"), "moment"),
    Column(_("站点")),
    Column(_("客服"), width=12),
    Column(_("工号"), "code", 9),
    Column(_("对象"), width=10),
    Column(_("对象编号"), "code", 12),
    Column(_("检查项"), width=24),
    Column(_("发现"), width=40),
    Column(_("命中"), width=20),
    Column(_("第几句"), "number"),
    Column(_("判定"), width=10),
    Column(_("处理"), width=10),
    Column(_("扣分"), "number"),
    Column(_("扣款"), "money"),
    Column(_("条款"), width=36),
)


def _english() -> bool:
    return (get_language() or "zh").startswith("en")


class _Clauses:
    """Titles of clauses, looked up once per file."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}

    def title(self, reference: str) -> str:
        """Title of an item; its last part when the version is gone."""
        if reference not in self._titles:
            try:
                value = handbooks.clause(reference).value
            except HandbookNotFound:
                self._titles[reference] = reference.rpartition(".")[2]
            else:
                self._titles[reference] = str(value.name("en" if _english() else "zh"))
        return self._titles[reference]

    def said(self, one: Any) -> str:
        """What a finding saw, in a sentence."""
        try:
            book = handbooks.book_of(one.item) if one.code in wording.NAMES_CLAUSES else None
        except HandbookNotFound:
            book = None
        return wording.explain(one.code, one.detail, book)


def _finding_pages(ask: Ask) -> Iterator[Rows]:
    clauses = _Clauses()
    wanted = quality.Filters(
        item=ask.get("item"),
        staff_id=ask.id("staff"),
        site_id=ask.id("site"),
        day_from=ask.day("since"),
        day_to=ask.day("until"),
        mode=ask.get("mode"),
        state=ask.get("state"),
    )
    for found in walk(lambda cursor: quality.findings_page(ask.actor, wanted, cursor=cursor, size=CHUNK)):
        yield [
            (
                one.at,
                one.site.name,
                one.staff.name if one.staff else "",
                one.staff.staff_no if one.staff else "",
                one.get_subject_kind_display(),
                f"K{one.subject_id:07d}" if one.subject_kind == "case" else str(one.subject_id),
                clauses.title(one.item),
                mask_text(clauses.said(one)),
                mask_text(one.matched),
                None if one.line is None else one.line + 1,
                one.get_mode_display(),
                one.get_state_display(),
                one.points,
                one.money,
                one.item,
            )
            for one in found
        ]


FINDINGS = Source(
    "findings",
    _("质检发现"),
    (Permission.QUALITY_VIEW, Permission.QUALITY_OWN),
    lambda _ask: _FINDINGS,
    _finding_pages,
    {"item": _("检查项"), "mode": _("判定"), "state": _("处理"), **_WHO, **_DAYS},
)


# ── Scorecards: one row for each inspection ─────────────────────────────────────────────────────────────────────────

_CARDS = (
    Column(_("时间"), "moment"),
    Column(_("站点")),
    Column(_("客服"), width=12),
    Column(_("工号"), "code", 9),
    Column(_("对象"), width=10),
    Column(_("对象编号"), "code", 12),
    Column(_("评分表"), width=24),
    Column(_("得分"), "number"),
    Column(_("达标"), width=8),
    Column(_("致命项"), width=8),
    Column(_("扣分"), "number"),
    Column(_("扣款"), "money"),
    Column(_("扣分项"), "number"),
    Column(_("待复核"), "number"),
    Column(_("质检时间"), "moment"),
)


def _card_pages(ask: Ask) -> Iterator[Rows]:
    clauses = _Clauses()
    exact = {
        "site_id": ask.id("site"),
        "staff_id": ask.id("staff"),
    }
    rows = access.visible_inspections(ask.actor).filter(current=True, **_plain(exact), **asked_days(ask, "at"))
    rows = rows.select_related("staff", "site")
    for found in walk(lambda cursor: keyset_page(rows, _AT, size=CHUNK, cursor=cursor)):
        yield [
            (
                one.at,
                one.site.name,
                one.staff.name if one.staff else "",
                one.staff.staff_no if one.staff else "",
                one.get_subject_kind_display(),
                f"K{one.subject_id:07d}" if one.subject_kind == "case" else str(one.subject_id),
                clauses.title(f"{one.handbook}@{one.version}#scorecards.{one.scorecard}"),
                one.score,
                one.passed,
                one.fatal,
                one.points or Decimal(0),
                one.money or Decimal(0),
                one.finding_count - one.review_count,
                one.review_count,
                one.inspected_at,
            )
            for one in found
        ]


SCORECARDS = Source(
    "scorecards",
    _("质检成绩"),
    (Permission.QUALITY_VIEW, Permission.QUALITY_OWN),
    lambda _ask: _CARDS,
    _card_pages,
    {**_WHO, **_DAYS},
)
