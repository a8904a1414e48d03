"""The page of figures: for whom, that every number opens exactly the rows it counts, both languages, what it costs (SHOP8, PERF1)."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.performance.rates import ABOUT, BY
from kefu.performance.tests import figures_world
from kefu.performance.tests.figures_world import DAY, SINCE, UNTIL
from kefu.shop.tests import conftest as shops

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter, shop = whole_house.hire, talks.enter, shops.shop
SPAN = f"since={SINCE - timedelta(days=3)}&until={UNTIL}"
ROWS = {
    "/cases": r'class="row-link" href="/cases/(\d+)',
    "/day/clocks": r'class="row-link" href="/cases/(\d+)',
    "/claims": r'href="/claims/(\d+)"',
    "/parcels": r'href="/parcels/(BT\w+)"',
    "/shop/orders": r'href="/shop/orders/(\d+)"',
}


@pytest.mark.parametrize(
    ("part", "status"), [("agent", 403), ("clerk", 403), ("lead", 200), ("inspector", 200), ("manager", 200), ("admin", 200)]
)
def test_who_sees_figures(part: str, status: int, cast: Cast, enter: Any) -> None:
    assert enter(getattr(cast, part)).get("/figures").status_code == status


def opened(client: Any, href: str) -> int:
    """How many rows the list behind a number shows."""
    answer = client.get(href)
    assert answer.status_code == 200, href
    return len(set(re.findall(ROWS[href.partition("?")[0]], answer.content.decode())))


def numbers(html: str) -> list[tuple[str, str]]:
    """Every number of the table and every bar with its address."""
    found = re.findall(r'<a class="num-link" href="([^"]+)">([\d,.¥]+)<', html)
    bars = json.loads(re.search(r'<div hidden id="rates-options">(.*?)</div>', html, re.S)[1])  # type: ignore[index]
    found += [(bar["href"], str(bar["value"])) for bar in bars["series"][0]["data"] if bar["value"]]
    return [(unescape(href), value.replace(",", "")) for href, value in found]


def busy(cast: Cast, ground: Ground, shop: Any) -> None:
    figures_world.build(cast, ground)
    orders = [shop.order("finished") for _ in range(3)]
    for order in orders:
        type(order).objects.filter(pk=order.pk).update(shipped_at=NOW)
    shop.refund(orders[0], "return", "done", reason="质量问题")
    shop.refund(orders[1], "shipped", "done", reason="")


@pytest.mark.parametrize(("about", "by"), [(about, by) for about in ABOUT for by in BY[about]])
def test_every_number_opens_the_rows_it_counts(about: str, by: str, cast: Cast, ground: Ground, shop: Any, enter: Any) -> None:
    busy(cast, ground, shop)
    client = enter(cast.admin)
    found = numbers(client.get(f"/figures?about={about}&by={by}&{SPAN}").content.decode())
    counted = [(href, value) for href, value in found if "¥" not in value]
    assert len(counted) >= 3
    for href, value in counted:
        assert opened(client, href) == int(value), (href, value)


def test_of_one_site_and_within_reach(cast: Cast, ground: Ground, shop: Any, enter: Any) -> None:
    busy(cast, ground, shop)
    html = enter(cast.manager).get(f"/figures?about=complaints&by=kind&site={ground.other_station.pk}&{SPAN}").content.decode()
    assert "10,000.00" in html
    html = enter(cast.lead).get(f"/figures?about=complaints&by=kind&site={ground.other_station.pk}&{SPAN}").content.decode()
    assert "3,750.00" in html  # a site out of reach is no choice: their own is shown


def test_an_empty_period_says_so_and_shows_no_rate(cast: Cast, enter: Any) -> None:
    html = enter(cast.manager).get("/figures?since=2026-01-01&until=2026-01-02").content.decode()
    assert "这段时间没有可统计的数据" in html
    assert re.search(r'投诉率（万分之）</span><span class="value">—<', html)


def test_what_cannot_be_falls_back(cast: Cast, enter: Any) -> None:
    assert enter(cast.manager).get("/figures?about=x&by=y&site=z&since=q&until=").status_code == 200


def test_in_english(cast: Cast, ground: Ground, enter: Any) -> None:
    figures_world.build(cast, ground)
    html = enter(cast.manager).get(f"/figures?{SPAN}", headers={"accept-language": "en"}).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    said = re.sub(r"<[^>]+>", " ", main)
    assert "Complaints per 10,000 parcels" in said
    for word in ("投诉率", "理赔", "合计", "统计"):
        assert word not in said


def test_the_day_page_leads_here_and_the_day_back(cast: Cast, enter: Any) -> None:
    client = enter(cast.manager)
    assert 'href="/figures' in client.get("/day").content.decode()
    assert 'href="/day' in client.get("/figures").content.decode()


def test_it_costs_the_same_of_few_rows_and_many(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.manager)

    def cost() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/figures?about=complaints&by=kind&{SPAN}").status_code == 200
        return len(queries)

    figures_world.build(cast, ground)
    cost()
    few = cost()
    for offset in (1, 2):
        figures_world.build(cast, ground, offset=offset)
    assert cost() == few


def test_the_file_holds_the_lines_and_the_whole(cast: Cast, ground: Ground) -> None:
    from kefu.exports import catalogue
    from kefu.lists.definition import Ask

    figures_world.build(cast, ground)
    source = catalogue.named("figures-complaints")
    wanted = source.clean({"by": "kind", "since": DAY.isoformat(), "until": DAY.isoformat()})
    with translation.override("zh-hans"):
        rows = [row for rows in source.pages(Ask(cast.manager, wanted, NOW)) for row in rows]
    assert [row[1] for row in rows] == [4, 1, 5]
    assert rows[-1][0] == "合计"
