"""The shelf of the case list: its columns, the views the product brings by role, and how many cases a view holds (CASE8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kefu.cases import filters
from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.desk.shelves import ReadyView, Shelf
from kefu.desk.views import View
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount
from kefu.people.permissions import Permission, Role

COLUMNS: Mapping[str, Promise] = {
    "number": _("工单号"),
    "title": _("标题"),
    "kind": _("类型"),
    "status": _("状态"),
    "level": _("级别"),
    "due": _("时限"),
    "assignee": _("负责人"),
    "site": _("站点"),
    "customer": _("客户"),
    "waybill": _("运单号"),
    "channel": _("来源渠道"),
    "urged": _("催单"),
    "opened": _("受理时间"),
    "updated": _("更新时间"),
}
"""Columns the list can show, in their usual order."""

_WORKERS = (Role.AGENT, Role.CLERK, Role.LEAD, Role.MANAGER, Role.ADMIN)
_LEADERS = (Role.LEAD, Role.MANAGER, Role.ADMIN)
_ALL = (*_WORKERS, Role.INSPECTOR)

READY = (
    ReadyView("to-do", _("待我处理"), {"assignee": "me", "ball": "us"}, _WORKERS),
    ReadyView("unread", _("未读回复"), {"assignee": "me", "unread": "1"}, _WORKERS),
    ReadyView("waiting-customer", _("等待客户"), {"assignee": "me", "ball": "customer"}, _WORKERS),
    ReadyView("waiting-others", _("等待其他站点"), {"assignee": "me", "ball": "others"}, _WORKERS),
    ReadyView("unassigned", _("待领取"), {"view": "unassigned"}, _WORKERS),
    ReadyView("due-soon", _("即将超时"), {"due": "1h"}, _ALL),
    ReadyView("late", _("已超时"), {"view": "breached"}, _ALL),
    ReadyView("today", _("今天新建"), {"view": "all", "opened": "today"}, _ALL),
    ReadyView("followed", _("我关注的"), {"view": "all", "followed": "1"}, _ALL),
    ReadyView("urged", _("催单两次以上"), {"urged": "2"}, _LEADERS),
)
"""Views everybody of these roles has."""

CASES = Shelf("cases", (Permission.CASE_VIEW,), filters.check, filters.clean, COLUMNS, READY)


def filter_of(view: View) -> CaseFilter:
    """A view's filter as the queries of cases take it."""
    return CaseFilter.of(view.values)


def counts(actor: Actor, wanted: Sequence[View], *, now: datetime) -> list[CappedCount | None]:
    """How many cases each view holds, up to 1000, one bounded query each; none for views that search words."""
    asked = [filter_of(view) for view in wanted]
    return [None if one.text else cases.matching_count(actor, one, now=now) for one in asked]
