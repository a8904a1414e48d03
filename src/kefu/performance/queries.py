"""Figures for screens and API: sums over daily facts, each with the list that opens it (PERF1; working rule 7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel.actor import Actor
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission
from kefu.performance.models import DayFact


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure counts; ``opens`` is the list behind it and its fixed filters."""

    key: str
    title: Promise
    opens: str
    filters: tuple[tuple[str, str], ...] = ()


MEASURES: tuple[Measure, ...] = (
    Measure("cases_opened", pgettext_lazy("figure", "新建工单"), "cases", (("view", "all"),)),
    Measure("cases_closed", _("结案工单"), "cases", (("view", "closed"), ("status", "closed"))),
    Measure("cases_repeat", _("重复投诉"), "cases", (("view", "all"), ("repeat", "1"))),
    Measure("clocks_met", _("时限达成"), "clocks", (("outcome", "met"),)),
    Measure("clocks_breached", _("时限超时"), "clocks", (("outcome", "breached"),)),
    Measure("conversations", _("通话与会话"), "conversations"),
    Measure("inspected", _("已质检"), "conversations"),
    Measure("findings", _("质检扣分项"), "findings", (("mode", "auto"),)),
    Measure("reviews", _("待复核项"), "findings", (("mode", "review"),)),
    Measure("points", _("扣分"), "findings", (("mode", "auto"),)),
    Measure("money", _("扣款（元）"), "findings", (("mode", "auto"),)),
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with its printed formula."""

    key: str
    title: Promise
    formula: Promise
    part: str
    whole: tuple[str, ...]


RATIOS: tuple[Ratio, ...] = (
    Ratio("clock_rate", _("时限达成率"), _("时限达成 ÷（时限达成 + 时限超时）"), "clocks_met", ("clocks_met", "clocks_breached")),
    Ratio("coverage", _("质检覆盖率"), _("已质检 ÷ 通话与会话"), "inspected", ("conversations",)),
    Ratio("mean_score", _("平均质检分"), _("质检分合计 ÷ 已质检"), "score", ("inspected",)),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of a period: in all, by day, by site and by person."""

    since: date
    until: date
    totals: dict[str, Decimal]
    ratios: dict[str, Decimal | None]
    by_day: dict[date, dict[str, Decimal]]
    by_site: dict[int, dict[str, Decimal]]
    by_staff: dict[int, dict[str, Decimal]]


def figures(actor: Actor, *, since: date, until: date, site_id: int | None = None, staff_ids: Collection[int] | None = None) -> Figures:
    """Figures of the days ``since`` to ``until`` (both counted) for the sites in reach, or for these people only; one query."""
    require(actor, Permission.PERFORMANCE_VIEW)
    rows = in_reach(DayFact.objects.filter(day__gte=since, day__lte=until), actor)
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    if staff_ids is not None:
        rows = rows.filter(staff_id__in=list(staff_ids))
    totals: dict[str, Decimal] = {measure.key: Decimal(0) for measure in MEASURES}
    by_day: dict[date, dict[str, Decimal]] = {since + timedelta(days=n): {} for n in range((until - since).days + 1)}
    by_site: dict[int, dict[str, Decimal]] = {}
    by_staff: dict[int, dict[str, Decimal]] = {}
    grouped = rows.order_by().values_list("day", "site_id", "staff_id", "measure").annotate(total=Sum("value"))
    for day, site, staff, measure, value in grouped:
        totals[measure] = totals.get(measure, Decimal(0)) + value
        places = [by_day.setdefault(day, {}), by_site.setdefault(site, {})] + ([by_staff.setdefault(staff, {})] if staff else [])
        for place in places:
            place[measure] = place.get(measure, Decimal(0)) + value
    ratios = {ratio.key: _share(totals, ratio) for ratio in RATIOS}
    return Figures(since, until, totals, ratios, by_day, by_site, by_staff)


def _share(totals: dict[str, Decimal], ratio: Ratio) -> Decimal | None:
    whole = sum((totals.get(key, Decimal(0)) for key in ratio.whole), Decimal(0))
    return (totals.get(ratio.part, Decimal(0)) / whole).quantize(Decimal("0.0001")) if whole else None
