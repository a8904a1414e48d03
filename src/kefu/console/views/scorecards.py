"""Inspections by agent: everybody in reach, and one person's card with its trend (QA1, QA5). Every number opens what it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection import tabs
from kefu.console.views.inspection_filters import Asked, Filter, Period, address, period, site_choices, text
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.wording import listed
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.performance import queries as performance
from kefu.quality import queries as quality

DAYS = 30
SORTS = ("staff_no", "score", "inspected", "breaches", "coverage", "money")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent's figures of a period. ``breaches`` are automatic findings per 100 inspected conversations."""

    staff: Any
    conversations: int
    inspected: int
    score: Decimal | None
    findings: int
    breaches: Decimal | None
    reviews: int
    coverage: Decimal | None
    points: Decimal
    money: Decimal


def _agent(staff: Any, sums: Mapping[str, Decimal]) -> AgentRow:
    inspected, talks = sums.get("inspected", _NOTHING), sums.get("conversations", _NOTHING)
    findings = sums.get("findings", _NOTHING)
    return AgentRow(
        staff=staff,
        conversations=int(talks),
        inspected=int(inspected),
        score=sums.get("score", _NOTHING) / inspected if inspected else None,
        findings=int(findings),
        breaches=100 * findings / inspected if inspected else None,
        reviews=int(sums.get("reviews", _NOTHING)),
        coverage=min(Decimal(1), inspected / talks) if talks else None,
        points=sums.get("points", _NOTHING),
        money=sums.get("money", _NOTHING),
    )


def _key(row: AgentRow, sort: str) -> Any:
    if sort == "staff_no":
        return row.staff.staff_no
    value = getattr(row, sort)
    # Who was not inspected stands at the end whatever the direction.
    return (value is None, value or _NOTHING)


@page("scorecards", "scorecards", permission=(Permission.QUALITY_VIEW, Permission.QUALITY_OWN))
def scorecards(request: ConsoleRequest) -> HttpResponse:
    """Agents of one's reach; whoever sees only their own is led there."""
    actor = request.actor
    if not actor.may(Permission.QUALITY_VIEW):
        return HttpResponseRedirect(reverse("console:scorecard-own"))
    span = period(request, days=DAYS)
    wanted = Asked.of(
        request,
        reverse("console:scorecards"),
        [Filter("site", _("站点"), site_choices(actor)), Filter("since", _("从"), kind="day"), Filter("until", _("到"), kind="day")],
    )
    figures = performance.figures(actor, since=span.since, until=span.until, site_id=wanted.id("site"))
    staff = {one.pk: one for one in people.visible_staff(actor).filter(pk__in=figures.by_staff)}
    rows = [_agent(staff[pk], sums) for pk, sums in figures.by_staff.items() if pk in staff and _judged(sums)]
    sort = text(request.GET.get("sort"))
    sort = sort if sort.removeprefix("-") in SORTS else "score"
    rows.sort(key=lambda row: row.staff.staff_no)
    rows.sort(key=lambda row: _key(row, sort.removeprefix("-")), reverse=sort.startswith("-"))
    context = {
        "asked": wanted,
        "span": span,
        "rows": rows,
        "totals": _agent(None, figures.totals),
        "columns": _columns(wanted, sort),
        "presets": presets(wanted, span),
        "tabs": tabs(actor, "scorecards"),
        "findings": lambda row, **more: findings_of(actor, row.staff.pk if row.staff else None, span, site=wanted.get("site"), **more),
        "talks": lambda row, **more: _talks(actor, row.staff.pk, span, **more),
        "card": lambda row: address("scorecard", actor, span.query, staff_id=row.staff.pk),
    }
    return render(request, "inspection/agents.jinja", context)


def _judged(sums: Mapping[str, Decimal]) -> bool:
    return bool(sums.get("inspected") or sums.get("conversations"))


def _columns(wanted: Asked, sort: str) -> list[dict[str, Any]]:
    titles = {
        "staff_no": _("客服"),
        "score": _("平均分"),
        "inspected": _("已质检"),
        "coverage": _("覆盖率"),
        "breaches": _("每百通扣分项"),
        "reviews": _("待复核"),
        "points": _("扣分"),
        "money": _("金额"),
    }
    out: list[dict[str, Any]] = []
    for key, title in titles.items():
        column: dict[str, Any] = {"label": title, "num": key != "staff_no"}
        if key in SORTS:
            down = sort == key
            column["sort"] = wanted.address(sort=f"-{key}" if down else key)
            column["sorted"] = {key: "ascending", f"-{key}": "descending"}.get(sort)
        out.append(column)
    return out


def presets(wanted: Asked, span: Period) -> list[dict[str, Any]]:
    """Periods people ask for, as links."""
    today = timezone.localdate()
    month = today.replace(day=1)
    last = (month - timedelta(days=1)).replace(day=1)
    found = [
        (_("今天"), today, today),
        (_("近 7 天"), today - timedelta(days=6), today),
        (_("近 30 天"), today - timedelta(days=29), today),
        (_("本月"), month, today),
        (_("上月"), last, month - timedelta(days=1)),
    ]
    return [
        {
            "label": title,
            "href": wanted.address(since=since.isoformat(), until=until.isoformat()),
            "current": (since, until) == (span.since, span.until),
        }
        for title, since, until in found
    ]


def findings_of(actor: Actor, staff_id: int | None, span: Period, **more: str) -> str:
    """The list of findings behind a number."""
    query = {"staff": str(staff_id or ""), "since": span.since.isoformat(), "until": span.until.isoformat(), **more}
    return address("findings", actor, query)


def _talks(actor: Actor, staff_id: int, span: Period, **more: str) -> str:
    query = {"staff": str(staff_id), "since": span.since.isoformat(), "until": span.until.isoformat(), **more}
    return address("conversations", actor, query)


@page("scorecards/me", "scorecard-own", permission=Permission.QUALITY_OWN)
def own(request: ConsoleRequest) -> HttpResponse:
    """One's own card."""
    if request.actor.staff_id is None:
        raise NotFound
    return _card(request, request.actor.staff_id, own=True)


@page("scorecards/<int:staff_id>", "scorecard", permission=(Permission.QUALITY_VIEW, Permission.QUALITY_OWN))
def card(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """An agent's card. Somebody else's is not there for whoever sees only their own."""
    if staff_id != request.actor.staff_id and not request.actor.may(Permission.QUALITY_VIEW):
        raise NotFound
    return _card(request, staff_id, own=staff_id == request.actor.staff_id)


def _card(request: ConsoleRequest, staff_id: int, *, own: bool) -> HttpResponse:
    actor = request.actor
    span = period(request, days=DAYS)
    name, arguments = ("scorecard-own", {}) if own else ("scorecard", {"staff_id": staff_id})
    wanted = Asked.of(
        request,
        reverse(f"console:{name}", kwargs=arguments),
        [Filter("since", _("从"), kind="day"), Filter("until", _("到"), kind="day")],
    )
    found = quality.scorecard_of(actor, staff_id, since=span.since, until=span.until)
    staff = people.get_staff(actor, staff_id)
    proof = quality.evidence_of(actor, staff_id, since=span.since, until=span.until)
    items = [_item(actor, found.staff_id, span, item, proof.get(item.key, ())) for item in found.items]
    context = {
        "own": own,
        "asked": wanted,
        "span": span,
        "presets": presets(wanted, span),
        "card": found,
        "staff": staff,
        "items": items,
        "judged": [one for one in items if one.item.total.applicable],
        "rest": [one for one in items if not one.item.total.applicable],
        "chart": _chart(actor, found, span),
        "trend": _trend_words(found),
        "tabs": tabs(actor, "scorecard-own") if own and not actor.may(Permission.QUALITY_VIEW) else [],
        "all_findings": findings_of(actor, staff_id, span, mode="auto"),
        "all_reviews": findings_of(actor, staff_id, span, mode="review"),
        "talks": _talks(actor, staff_id, span, result="done"),
    }
    return render(request, "inspection/card.jinja", context)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of the card with where its numbers lead. ``worse``: breached clearly more often than in the team."""

    item: quality.ItemFigures
    title: str
    clause: str
    definition: str
    findings: str
    reviews: str
    bars: tuple[tuple[str, int], ...]
    worse: bool
    evidence: tuple["Evidence", ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was heard, in words, and where: the line of the conversation, or the case."""

    words: str
    matched: str
    at: Any
    address: str
    review: bool


def _evidence(actor: Actor, one: Any) -> Evidence:
    if one.subject_kind == "case":
        to = address("case", actor, case_id=one.subject_id)
    else:
        to = address("conversation", actor, conversation_id=one.subject_id)
        to += f"#finding-{one.pk}" if to else ""
    return Evidence(words.said(one.item, one.code, one.detail), one.matched, one.at, to, one.mode == "review")


def _item(actor: Actor, staff_id: int, span: Period, item: quality.ItemFigures, found: Sequence[Any]) -> ItemRow:
    rate, team = item.total.rate, item.team.rate
    return ItemRow(
        item=item,
        title=words.either(item.title, item.title_en),
        clause=words.clause_address(item.ref, actor),
        definition=words.definition_of(item.ref),
        findings=findings_of(actor, staff_id, span, item=item.key, mode="auto"),
        reviews=findings_of(actor, staff_id, span, item=item.key, mode="review"),
        bars=tuple((week.isoformat(), round(100 * (tally.rate or 0))) for week, tally in sorted(item.weeks.items())),
        worse=rate is not None and team is not None and rate > team * 1.2 and item.total.breached >= 2,
        evidence=tuple(_evidence(actor, one) for one in found),
    )


def _weeks(card: quality.StaffCard, *, team: bool = False) -> dict[Any, quality.Tally]:
    """All items together by week, of the agent or of their team."""
    weeks: dict[Any, quality.Tally] = {}
    for item in card.items:
        for week, tally in (item.team_weeks if team else item.weeks).items():
            one = weeks.setdefault(week, quality.Tally())
            for letter, count in (("p", tally.passed), ("b", tally.breached), ("r", tally.review)):
                one.add(letter, count)
    return dict(sorted(weeks.items()))


def _chart(actor: Actor, card: quality.StaffCard, span: Period) -> dict[str, Any]:
    """Items breached or waiting for review by week; a bar opens its findings."""
    weeks, team = _weeks(card), _weeks(card, team=True)
    breached, review = [], []
    for week, tally in weeks.items():
        days = Period(max(week, span.since), min(week + timedelta(days=6), span.until))
        breached.append({"value": tally.breached, "href": findings_of(actor, card.staff_id, days, mode="auto")})
        review.append({"value": tally.review, "href": findings_of(actor, card.staff_id, days, mode="review")})
    return {
        "xAxis": {"type": "category", "data": [f"{week.month}/{week.day}" for week in weeks]},
        "yAxis": [
            {"type": "value", "minInterval": 1},
            {"type": "value", "position": "right", "splitLine": {"show": False}, "axisLabel": {"formatter": "{value}%"}},
        ],
        "legend": {},
        "series": [
            {"name": _("未达标"), "type": "bar", "stack": "week", "barMaxWidth": 30, "data": breached, "color": "@bad-fill"},
            {"name": _("待复核"), "type": "bar", "stack": "week", "barMaxWidth": 30, "data": review, "color": "@warn-fill"},
            _line(_("未达标率"), [weeks[week] for week in weeks], "@accent-fill", "solid"),
            _line(_("团队平均未达标率"), [team.get(week, quality.Tally()) for week in weeks], "@quiet-fill", "dashed"),
        ],
    }


def _line(name: str, tallies: Sequence[quality.Tally], colour: str, stroke: str) -> dict[str, Any]:
    """A share of breaches by week, in per cent on the right axis; a week without judgement is a gap."""
    data = [None if tally.rate is None else round(100 * tally.rate, 1) for tally in tallies]
    return {
        "name": name, "type": "line", "yAxisIndex": 1, "symbolSize": 6, "data": data, "color": colour, "lineStyle": {"type": stroke},
    }  # fmt: skip


def _trend_words(card: quality.StaffCard) -> str:
    team = _weeks(card, team=True)
    weeks = [
        _("%(week)s 起的一周 %(count)s 次（%(rate)s，团队 %(team)s）")
        % {
            "week": f"{week.month}/{week.day}",
            "count": tally.breached,
            "rate": times.percent(tally.rate),
            "team": times.percent(team.get(week, quality.Tally()).rate),
        }
        for week, tally in _weeks(card).items()
    ]
    return _("未达标次数：%(weeks)s。") % {"weeks": listed(weeks)} if weeks else _("这段时间没有质检。")
