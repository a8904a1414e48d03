"""Figures of the day: for whom, of which sites, and that numbers lead to what they count."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.cases import actions as cases
from kefu.cases.models import Case
from kefu.clocks import actions as clocks
from kefu.clocks.models import Alarm, Clock
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.console.views.day_wall import judged
from kefu.people import access
from kefu.people.models import Staff, Team
from kefu.performance import facts
from kefu.quality.models import Finding

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire, enter, store = whole_house.hire, talks.enter, talks.store
CASE_NUMBER = r"\bK\d{7}\b"
DAY = date(2026, 11, 22)
ONE = "since=2026-11-22&until=2026-11-22"


def refresh(ground: Ground) -> None:
    for site in (ground.station, ground.other_station, ground.shop):
        for back in range(-1, 3):
            facts.refresh(site.pk, DAY - timedelta(days=back))


@pytest.mark.parametrize(
    ("part", "status"),
    [("agent", 403), ("clerk", 403), ("lead", 200), ("inspector", 200), ("trainer", 200), ("manager", 200), ("admin", 200)],
)
def test_who_sees_figures(part: str, status: int, cast: Cast, enter: Any) -> None:
    assert enter(getattr(cast, part)).get("/day").status_code == status


ROWS = {
    "/conversations": r'class="row-link[^"]*" href="/conversations/(\d+)',
    "/findings": r"#finding-(\d+)",
    "/cases": r'class="row-link" href="/cases/(\d+)',
    "/day/clocks": r'class="row-link" href="/cases/(\d+)',
}


def opened(client: Any, href: str) -> int:
    """How many rows the list behind a number shows."""
    answer = client.get(href)
    assert answer.status_code == 200, href
    return len(re.findall(ROWS[href.partition("?")[0]], answer.content.decode()))


def numbers(html: str) -> list[tuple[str, str]]:
    """Every number of the page with its address: figures, tables, formulas, ranks, bars."""
    found = re.findall(r'<a class="figure-card"[^>]*href="([^"]+)"><span class="label">[^<]+</span><span class="value">([\d,.¥]+)<', html)
    found += re.findall(r'<a class="(?:above )?num-link" href="([^"]+)">([\d,.¥]+)<', html)
    found += re.findall(r'<td class="(?:load-\d|strong)"><a href="([^"]+)"[^>]*>([\d,]+)<', html)
    bars = json.loads(re.search(r'<div hidden id="load-options">(.*?)</div>', html, re.S)[1])  # type: ignore[index]
    found += [(bar["href"], str(bar["value"])) for series in bars["series"] for bar in series["data"] if bar["value"]]
    return [(unescape(href), value.replace(",", "")) for href, value in found]


def busy_day(cast: Cast, ground: Ground, store: Any) -> None:
    """Talks at two hours, cases opened, closed, taken and left, clocks met and broken, another site."""
    store(talks.BAD, talks.GOOD)
    store(talks.GOOD, agent=cast.second_agent, inspected=False, at=NOW + timedelta(hours=2))
    store(talks.BAD, agent=cast.outsider, site=ground.other_station)
    made = []
    for after in (0, 0, 2):
        request = cases.CaseRequest(ground.station.pk, "delay", "call", "三天没有物流更新", waybill="", assignee_id=cast.agent.id)
        made.append(cases.open_case(actor=cast.agent, request=request, now=NOW + timedelta(hours=after)))
    request = cases.CaseRequest(ground.station.pk, "damage", "call", "外包装破损", assignee_id=cast.second_agent.id)
    cases.open_case(actor=cast.lead, request=request, now=NOW)
    met = Clock.objects.filter(subject_id=made[0].pk).order_by("due_at").first()
    Clock.objects.filter(pk=met.pk).update(state="met", met_at=NOW + timedelta(minutes=5))
    Alarm.objects.filter(pk=met.pk).delete()
    clocks.sweep(now=NOW + timedelta(hours=4))
    Case.objects.filter(pk=made[1].pk).update(status="closed", is_open=False, closed_at=NOW + timedelta(hours=3))
    Case.objects.filter(pk=made[2].pk).update(status="closed", is_open=False, closed_at=NOW + timedelta(days=1))
    refresh(ground)


@pytest.mark.parametrize("part", ["lead", "manager"])
@pytest.mark.parametrize("query", [ONE, "since=2026-11-20&until=2026-11-23", f"{ONE}&site=station", f"{ONE}&team=team"])
def test_every_number_opens_the_rows_it_counts(part: str, query: str, cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    busy_day(cast, ground, store)
    Team.objects.create(site=ground.station, name="二组")
    query = query.replace("site=station", f"site={ground.station.pk}").replace("team=team", f"team={ground.team.pk}")
    client = enter(getattr(cast, part))
    html = client.get(f"/day?{query}").content.decode()
    found = numbers(html)
    assert {href.partition("?")[0] for href, _value in found} == set(ROWS)
    for href, value in found:
        if "¥" in value or "points" in href:
            continue
        assert opened(client, href) == Decimal(value) or _sums(client, href, Decimal(value)), (href, value)


def _sums(client: Any, href: str, value: Decimal) -> bool:
    """Points and money are sums over the findings behind them."""
    found = Finding.objects.filter(pk__in=re.findall(r"#finding-(\d+)", client.get(href).content.decode()), current=True)
    return value in (sum(one.points for one in found), sum(one.money for one in found))


def test_no_number_stands_without_its_rows(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    busy_day(cast, ground, store)
    html = enter(cast.manager).get(f"/day?{ONE}").content.decode()
    assert re.findall(r'<div class="figure-card"[^>]*><span class="label">[^<]+</span><span class="value">[1-9]', html) == []
    assert re.findall(r'<td class="num[^"]*" data-label="[^"]*">[1-9]', html) == []


def test_shares_print_their_formula(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    store(talks.GOOD)
    store(talks.GOOD, inspected=False)
    refresh(ground)
    html = enter(cast.lead).get(f"/day?{ONE}").content.decode()
    assert "已质检 ÷ 通话与会话" in html
    assert "50.0%" in html
    formulas = re.findall(r'<p class="small figures">(.*?)</p>', html)
    assert "1 ÷ 2" in [re.sub(r"<[^>]+>", "", one) for one in formulas]


def test_sites_out_of_reach_do_not_count(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    store(talks.BAD, agent=cast.outsider, site=ground.other_station)
    refresh(ground)
    assert "这段时间还没有数字" in enter(cast.lead).get(f"/day?{ONE}").content.decode()
    assert "这段时间还没有数字" in enter(cast.lead).get(f"/day?{ONE}&site={ground.other_station.pk}").content.decode()
    html = enter(cast.manager).get(f"/day?{ONE}").content.decode()
    assert "城北网点" in html
    assert "外站客服" in html


@pytest.mark.parametrize("query", ["", "since=x", "site=abc", "since=2026-11-30&until=2026-10-01", "until=9999-12-31", "since=0001-01-01"])
def test_odd_questions(query: str, cast: Cast, store: Any, enter: Any) -> None:
    store(talks.BAD)
    assert enter(cast.manager).get(f"/day?{query}").status_code == 200


def test_the_page_costs_the_same_at_any_size(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    client = enter(cast.manager)
    for query in (ONE, "since=2026-11-20&until=2026-11-22"):
        counts = []
        for size in (1, 25):
            store(*[talks.BAD] * size)
            store(*[talks.GOOD] * size, agent=cast.second_agent)
            refresh(ground)
            # What is known for half a minute must not end between the two looks.
            cache.clear()
            client.get(f"/day?{query}")
            with CaptureQueriesContext(connection) as seen:
                client.get(f"/day?{query}")
            counts.append(len(seen))
        assert counts[1] <= counts[0] <= 16, counts


def test_a_team_has_the_figures_of_its_people(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    other = Team.objects.create(site=ground.station, name="二组")
    Staff.objects.filter(pk=cast.second_agent.id).update(team=other)
    store(talks.BAD)
    store(talks.GOOD, talks.GOOD, agent=cast.second_agent)
    refresh(ground)
    client = enter(cast.lead)
    for team, count in ((ground.team, 1), (other, 2)):
        html = client.get(f"/day?{ONE}&team={team.pk}").content.decode()
        assert f'<span class="label">通话与会话</span><span class="value">{count}<' in html, team.name
    assert "一组" in html


def test_clocks_are_listed_with_their_cases(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    busy_day(cast, ground, store)
    html = enter(cast.lead).get(f"/day/clocks?{ONE}&outcome=breached").content.decode()
    assert "2 小时回电" in html
    assert "时限超时" in html
    assert "没有完成" in html
    assert re.search(CASE_NUMBER, html)
    trainer = enter(cast.trainer).get(f"/day/clocks?{ONE}&outcome=breached").content.decode()
    assert "2 小时回电" in trainer
    assert not re.search(CASE_NUMBER, trainer)
    assert "2 小时回电" not in enter(access.actor_for(Staff.objects.get(pk=cast.outsider.id))).get("/").content.decode()
    for nonsense in ("outcome=x", "site=x", "staff=x", "team=0", "since=0001-01-01", "cursor=x"):
        assert enter(cast.lead).get(f"/day/clocks?{nonsense}").status_code in (200, 422), nonsense


def test_the_list_of_clocks_costs_the_same_at_any_size(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.lead)
    counts = []
    for size in (2, 20):
        for _one in range(size):
            request = cases.CaseRequest(ground.station.pk, "delay", "call", "三天没有物流更新", assignee_id=cast.agent.id)
            cases.open_case(actor=cast.agent, request=request, now=NOW)
        clocks.sweep(now=NOW + timedelta(hours=4))
        client.get(f"/day/clocks?{ONE}")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/day/clocks?{ONE}").content.decode().count("row-link") >= size
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 14, counts


@pytest.mark.parametrize(
    ("points", "aim", "tone", "word"),
    [("95", "95", "good", "达标"), ("94.9", "95", "warn", "接近目标"), ("90", "95", "warn", "接近目标"), ("89.9", "95", "bad", "低于目标")],
)
def test_a_share_is_judged_in_colour_and_words(points: str, aim: str, tone: str, word: str) -> None:
    assert judged(Decimal(points), Decimal(aim)) == (tone, word)
    assert judged(None, Decimal(aim)) == judged(Decimal(points), None) == ("", "")


def test_the_wall_shows_few_figures_without_navigation(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    busy_day(cast, ground, store)
    client = enter(cast.manager)
    html = client.get(f"/day?{ONE}&wall=1").content.decode()
    assert 'data-theme="dark"' in html
    assert "<nav" not in html
    assert "低于目标" in html
    assert "目标 95%" in html
    assert f'hx-get="/day?{ONE.replace("&", "&amp;")}&amp;wall=1"' in html
    part = client.get(f"/day?{ONE}&wall=1", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "wall-head" in part
    assert client.get(f"/day?{ONE}&wall=1&site={ground.station.pk}").content.decode().count("<h1>南市分部</h1>") == 1
