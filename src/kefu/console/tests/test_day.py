"""Figures of the day: for whom, of which sites, and that numbers lead to what they count."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.cases import actions as cases
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.performance import facts

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire, enter, store = whole_house.hire, talks.enter, talks.store
DAY = date(2026, 11, 22)
ONE = "since=2026-11-22&until=2026-11-22"


def refresh(ground: Ground) -> None:
    for site in (ground.station, ground.other_station, ground.shop):
        for back in range(3):
            facts.refresh(site.pk, DAY - timedelta(days=back))


@pytest.mark.parametrize(
    ("part", "status"),
    [("agent", 403), ("clerk", 403), ("lead", 200), ("inspector", 200), ("trainer", 200), ("manager", 200), ("admin", 200)],
)
def test_who_sees_figures(part: str, status: int, cast: Cast, enter: Any) -> None:
    assert enter(getattr(cast, part)).get("/day").status_code == status


def test_numbers_open_the_rows_they_count(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    store(talks.BAD, talks.GOOD)
    store(talks.GOOD, agent=cast.second_agent, inspected=False)
    store(talks.BAD, agent=cast.outsider, site=ground.other_station)
    for _ in range(2):
        request = cases.CaseRequest(site_id=ground.station.pk, kind="delay", channel="call", description="三天没有物流更新")
        cases.open_case(actor=cast.agent, request=request, now=NOW)
    refresh(ground)
    client = enter(cast.lead)
    html = client.get(f"/day?{ONE}").content.decode()
    figures = {
        name: (int(value.replace(",", "")), unescape(href))
        for href, name, value in re.findall(
            r'<a class="figure-card"[^>]*href="([^"]+)"><span class="label">([^<]+)</span><span class="value">([\d,]+)<', html
        )
    }
    assert figures["通话与会话"][0] == 3
    assert figures["已质检"][0] == 2
    assert figures["新建工单"][0] == 2
    rows = {"conversations": r'href="/conversations/(\d+)"', "findings": r"#finding-(\d+)", "cases": r'class="row-link" href="/cases/(\d+)'}
    for name, (value, href) in figures.items():
        answer = client.get(href)
        assert answer.status_code == 200, name
        pattern = rows[href.split("?")[0].strip("/")]
        assert len(set(re.findall(pattern, answer.content.decode()))) == value, (name, href)


def test_shares_print_their_formula(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    store(talks.GOOD)
    store(talks.GOOD, inspected=False)
    refresh(ground)
    html = enter(cast.lead).get(f"/day?{ONE}").content.decode()
    assert "已质检 ÷ 通话与会话" in html
    assert "50.0%" in html
    assert "1 ÷ 2" in html


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
            client.get(f"/day?{query}")
            with CaptureQueriesContext(connection) as seen:
                client.get(f"/day?{query}")
            counts.append(len(seen))
        assert counts[1] <= counts[0] <= 14, counts
