"""Findings and scorecards: who sees whose, every number opens what it counts."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.console.tests.test_shell import Inline
from kefu.console.views import inspection_words as words
from kefu.performance import facts
from kefu.quality import queries as quality
from kefu.quality.models import Finding
from kefu.quality.wording import CODES

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire, enter, store = whole_house.hire, talks.enter, talks.store
BAD, GOOD = talks.BAD, talks.GOOD
DAY = date(2026, 11, 22)
PERIOD = "since=2026-11-01&until=2026-11-30"


def figures(ground: Ground) -> None:
    """What the worker does some seconds after every event."""
    for site in (ground.station, ground.other_station):
        for back in range(4):
            facts.refresh(site.pk, DAY - timedelta(days=back))


def found(client: Client, query: str = "") -> set[int]:
    answer = client.get(f"/findings?{query}")
    assert answer.status_code == 200
    return set(map(int, re.findall(r"#finding-(\d+)", answer.content.decode())))


@pytest.mark.parametrize("code", sorted(CODES))
def test_words_survive_missing_parameters_in_both_languages(code: str) -> None:
    for language in ("zh-hans", "en"):
        with override(language):
            assert words.said("best@1#scorecards.service.items.opening", code, {})
    assert words.said("nowhere@9#x.y", code, {"term": "<b>", "missing": ["x"], "script": "scripts.x", "seconds": 3})


def test_words_of_findings(handbooks: None) -> None:
    ref = "best@1#scorecards.service.items.opening"
    assert words.said(ref, "slots_missing", {"script": "scripts.opening", "missing": ["hello", "site"]}) == "“开场白”缺少：您好、站点名称"
    assert words.said(ref, "answer_slow", {"seconds": 200.0, "limit": 180.0, "answer_line": 1}).startswith("应答用了 3 分钟 20 秒")
    assert words.said(ref, "asked_again", {"first_line": 0}).endswith("第 1 句")
    assert words.said(ref, "brand_new", {}) == "brand new"


@pytest.mark.parametrize(
    ("part", "path", "status"),
    [
        *((part, "/findings", 200) for part in ("agent", "lead", "inspector", "trainer", "manager", "admin", "outsider")),
        ("clerk", "/findings", 403), ("clerk", "/scorecards", 403), ("clerk", "/scorecards/me", 403),
        ("agent", "/scorecards", 302), ("outsider", "/scorecards", 302), ("lead", "/scorecards", 200), ("trainer", "/scorecards", 200),
        ("agent", "/scorecards/me", 200), ("lead", "/scorecards/me", 200),
    ],
)  # fmt: skip
def test_doors(part: str, path: str, status: int, cast: Cast, enter: Any) -> None:
    assert enter(getattr(cast, part)).get(path).status_code == status


def test_agents_see_their_own_findings_alone(cast: Cast, store: Any, enter: Any) -> None:
    store(BAD)
    store(BAD, agent=cast.second_agent)
    mine = set(Finding.objects.filter(staff_id=cast.agent.id, current=True).values_list("pk", flat=True))
    others = set(Finding.objects.filter(staff_id=cast.second_agent.id, current=True).values_list("pk", flat=True))
    assert mine
    assert others
    assert found(enter(cast.agent)) == mine
    assert found(enter(cast.agent), f"staff={cast.second_agent.id}") == mine
    assert found(enter(cast.lead)) == mine | others
    assert found(enter(cast.outsider)) == set()


def test_filters_of_findings(cast: Cast, store: Any, enter: Any) -> None:
    store(BAD)
    store(BAD, agent=cast.second_agent, at=NOW - timedelta(days=3))
    client = enter(cast.lead)
    rows = Finding.objects.filter(current=True)

    def wanted(**exact: Any) -> set[int]:
        return set(rows.filter(**exact).values_list("pk", flat=True))

    assert found(client, "item=taboo") == wanted(item_key="taboo")
    assert found(client, "mode=review") == wanted(mode="review")
    assert found(client, f"staff={cast.second_agent.id}&mode=auto") == wanted(staff_id=cast.second_agent.id, mode="auto")
    assert found(client, "since=2026-11-19&until=2026-11-19") == wanted(day=date(2026, 11, 19))
    for nonsense in ("item=%27--", "mode=x", "staff=x", "site=1e9", "since=yesterday", "state=%00"):
        assert found(client, nonsense) == wanted(), nonsense
    assert client.get("/findings?cursor=x").status_code == 422


def test_a_finding_opens_its_sentence(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    client = enter(cast.agent)
    html = client.get("/findings?item=taboo").content.decode()
    target = re.search(r'class="row-link" href="(/conversations/\d+)#(finding-\d+)"', html)
    assert target is not None
    assert target[1] == f"/conversations/{pk}"
    assert f'id="{target[2]}"' in client.get(target[1]).content.decode()
    assert "13812345678" not in html


@pytest.mark.parametrize(
    ("part", "status"),
    [("lead", 200), ("inspector", 200), ("admin", 200), ("second_agent", 404), ("outsider", 404), ("clerk", 403)],
)  # fmt: skip
def test_whose_card_opens_for_whom(part: str, status: int, cast: Cast, store: Any, enter: Any) -> None:
    store(BAD)
    assert enter(getattr(cast, part)).get(f"/scorecards/{cast.agent.id}?{PERIOD}").status_code == status


def test_cards_of_nobody_are_not_found(cast: Cast, enter: Any) -> None:
    for pk in (0, 999_999, 2**70):
        assert enter(cast.lead).get(f"/scorecards/{pk}").status_code == 404
        assert enter(cast.agent).get(f"/scorecards/{pk}").status_code == 404


def test_numbers_of_a_card_open_what_they_count(cast: Cast, store: Any, enter: Any) -> None:
    store(BAD, BAD, GOOD)
    client = enter(cast.agent)
    html = client.get(f"/scorecards/me?{PERIOD}").content.decode()
    row = re.search(r">服务禁语</a>.*?</tr>", html, re.S)
    assert row is not None
    links = [unescape(link) for link in re.findall(r'href="(/findings\?[^"]+)"', row[0])]
    assert links
    for link in links:
        opened = found(client, link.partition("?")[2])
        assert opened == set(Finding.objects.filter(item_key="taboo", mode="auto", current=True).values_list("pk", flat=True))
    assert "团队平均" in html
    assert "data-chart" in html


def test_a_card_shows_the_newest_evidence_of_each_item(cast: Cast, store: Any, enter: Any) -> None:
    store(*[BAD] * 5)
    store(BAD, agent=cast.second_agent)
    html = enter(cast.lead).get(f"/scorecards/{cast.agent.id}?{PERIOD}").content.decode()
    cells = dict(re.findall(r'<td class="lead"><span title="[^"]*"><a[^>]*>([^<]+)</a></span>(.*?)</td>', html, re.S))
    found = list(map(int, re.findall(r"#finding-(\d+)", cells["服务禁语"])))
    newest = (
        Finding.objects.filter(item_key="taboo", staff_id=cast.agent.id, current=True).order_by("-at", "-pk").values_list("pk", flat=True)
    )
    assert found == list(newest[:3])
    assert "说了“喂”" in cells["服务禁语"] or "说了“不知道”" in cells["服务禁语"]


def test_the_trend_is_set_beside_the_team(cast: Cast, store: Any, enter: Any) -> None:
    store(BAD, BAD)
    store(GOOD, GOOD, agent=cast.second_agent)
    found = quality.scorecard_of(cast.lead, cast.agent.id, since=date(2026, 11, 1), until=date(2026, 11, 30))
    taboo = next(item for item in found.items if item.key == "taboo")
    (week,) = taboo.weeks
    assert (taboo.weeks[week].rate, taboo.team_weeks[week].rate) == (1.0, 0.5)
    html = enter(cast.lead).get(f"/scorecards/{cast.agent.id}?{PERIOD}").content.decode()
    assert "团队平均未达标率" in html
    assert re.search(r"11/16 起的一周 \d+ 次（[\d.]+%，团队 [\d.]+%）", html)


def test_the_list_of_agents_agrees_with_their_cards(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    store(BAD, GOOD)
    store(GOOD, agent=cast.second_agent)
    store(BAD, agent=cast.outsider, site=ground.other_station)
    figures(ground)
    html = enter(cast.lead).get(f"/scorecards?{PERIOD}").content.decode()
    assert f'href="/scorecards/{cast.agent.id}?' in html
    assert f'href="/scorecards/{cast.second_agent.id}?' in html
    assert f"/scorecards/{cast.outsider.id}" not in html
    assert f"/scorecards/{cast.outsider.id}" in enter(cast.manager).get(f"/scorecards?{PERIOD}").content.decode()
    auto = Finding.objects.filter(staff_id=cast.agent.id, mode="auto", current=True)
    link = f'href="/findings?staff={cast.agent.id}&amp;since=2026-11-01&amp;until=2026-11-30&amp;mode=auto"'
    assert link in html
    assert f"{100 * auto.count() / 2:,.1f}</a>" in html
    for sort in ("score", "-score", "money", "-coverage", "staff_no", "x", "-"):
        assert enter(cast.lead).get(f"/scorecards?{PERIOD}&sort={sort}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["since=2026-11-30&until=2026-11-01", "since=0001-01-01", "until=9999-12-31", "since=x&until=y", "since=2020-01-01&until=2026-11-30"],
)  # fmt: skip
def test_odd_periods(query: str, cast: Cast, store: Any, enter: Any) -> None:
    store(BAD)
    client = enter(cast.lead)
    for path in ("/scorecards", f"/scorecards/{cast.agent.id}"):
        assert client.get(f"{path}?{query}").status_code == 200


def test_lists_cost_the_same_at_any_size(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    counts: dict[str, list[int]] = {}
    client = enter(cast.lead)
    paths = ("/findings", f"/scorecards?{PERIOD}", f"/scorecards/{cast.agent.id}?{PERIOD}")
    for size in (1, 25):
        store(*[BAD] * size)
        store(*[GOOD] * size, agent=cast.second_agent)
        figures(ground)
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path).status_code == 200
            counts.setdefault(path, []).append(len(seen))
    for path, (small, large) in counts.items():
        assert large <= small <= 14, (path, small, large)


def test_pages_keep_the_policy_and_name_nothing_twice(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    figures(ground)
    client = enter(cast.admin)
    paths = (
        "/conversations", f"/conversations/{pk}", "/findings", f"/scorecards?{PERIOD}", f"/scorecards/{cast.agent.id}?{PERIOD}",
        "/handbooks", "/handbooks/best@1", "/handbooks/best@1?section=lexicons", "/handbooks/best@1?section=scorecards",
        "/handbooks/best@1/clauses/procedures.delay", "/handbooks/best@1?q=回电", "/handbooks/drafts/new", f"/day?{PERIOD}", "/people",
        "/people/new", "/people/sites", "/people/tokens", f"/people/{cast.agent.id}", "/audit", "/imports",
    )  # fmt: skip
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        seen = Inline()
        seen.feed(answer.content.decode())
        assert seen.bad == [], path
        twice = {name for name in seen.ids if seen.ids.count(name) > 1}
        assert not twice, (path, twice)
        assert len(answer.content) < 200_000, (path, len(answer.content))
