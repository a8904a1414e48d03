"""Calibration sessions (QA7)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.calibration import queries
from kefu.calibration.agreement import reading
from kefu.calibration.queries import Wanted
from kefu.calibration.vocabulary import READINGS, State
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.people.permissions import Permission

TONES: Mapping[str, str] = {"open": "accent", "talk": "warn", "closed": "quiet"}
READING_TONES: Mapping[str, str] = {"good": "good", "fair": "accent", "talk": "warn", "poor": "bad", "none": "quiet"}
STATES = dict(State.choices)


def _wanted(ask: Ask) -> Wanted:
    return Wanted(ask.get("state"), ask.flag("todo"))


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Any]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def _opens(one: Any) -> Place:
    return Place("calibration", {"session_id": one.pk})


def said(value: float | None) -> str:
    """An alpha or kappa with how it reads: "0.62：尚可，需讨论"."""
    words = str(READINGS[reading(value)])
    return words if value is None else _("%(value)s：%(words)s") % {"value": f"{value:.2f}", "words": words}


CALIBRATIONS: List[Any] = List(
    key="calibrations",
    title=_("评分校准"),
    route="calibrations",
    permissions=(Permission.REVIEW_WORK, Permission.CALIBRATION_LEAD),
    filters=(Filter("state", _("状态"), "choice", State.choices), Filter("todo", _("待我评分"), "flag", main=False)),
    columns=(
        ListColumn(
            "title", pgettext_lazy("calibration", "标题"), lambda one: one.title, opens=_opens
        ),
        ListColumn("state", _("状态"), lambda one: one.state, words=lambda one: STATES[one.state], tone=lambda one: TONES[one.state]),
        ListColumn("conversations", _("会话数"), lambda one: one.conversations, "number"),
        ListColumn("done", _("已提交"), lambda one: f"{one.done} / {one.people}"),
        ListColumn(
            "alpha", _("一致性 α"), lambda one: one.alpha, words=lambda one: said(one.alpha) if one.revealed_at else "",
            tone=lambda one: READING_TONES[reading(one.alpha)] if one.revealed_at else "",
        ),
        ListColumn("leader", _("主持人"), lambda one: one.leader.name),
        ListColumn("opened_at", _("发起时间"), lambda one: one.opened_at, "moment"),
        ListColumn("due_at", _("评分截止"), lambda one: one.due_at, "moment"),
        ListColumn("site", _("站点"), lambda one: one.site.name, usual=False),
    ),
    page=_page,
    count=_count,
    views=(ReadyView("todo", _("待我评分"), {"todo": "1"}), ReadyView("all", _("全部"), {})),
    empty=_("没有校准。经理发起后，参加的质检员各自评同样的会话，公布前互相看不到。"),
)  # fmt: skip
