"""Conversations: who sees which, findings at the exact words, personal data hidden until somebody says why."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.conftest import NOW, PASSWORD, Cast, Ground
from kefu.console.views.conversations_talk import Shift, Span, Waits, pieces, rows
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line
from kefu.kernel.masking import mask_text
from kefu.kernel.models import AuditEntry
from kefu.people import access
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality.models import Finding

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire = whole_house.hire  # the cast's own, not the console's

BAD = [
    ("agent", "喂"),
    ("customer", "我的快递呢，电话13812345678，<script>alert(1)</script>"),
    ("agent", "😀不知道，你打13987654321转分机12345问，脑残"),
    ("customer", "谢谢"),
]
GOOD = [("agent", "您好"), ("customer", "到哪了"), ("agent", "在南京，请您稍等")]


def lines(talk: list[tuple[str, str]]) -> list[Line]:
    return [Line(index, side, text, index * 20.0, index * 20.0 + 2) for index, (side, text) in enumerate(talk)]  # type: ignore[arg-type]


@pytest.fixture
def enter() -> Callable[[Any], Client]:
    """A browser signed in as an actor of the cast."""

    def sign_in(actor: Any) -> Client:
        client = Client()
        answer = client.post("/sign-in", {"username": Staff.objects.get(pk=actor.id).username, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    return sign_in


@pytest.fixture
def store(cast: Cast, ground: Ground) -> Callable[..., list[int]]:
    count = 0

    def make(*talks: Any, agent: Any = None, site: Any = None, at: datetime = NOW, inspected: bool = True, **more: Any) -> list[int]:
        nonlocal count
        drafts = []
        for talk in talks:
            count += 1
            number = Staff.objects.get(pk=(agent or cast.agent).id).staff_no
            draft = ConversationDraft("test", f"t{count}", "call", (site or ground.station).pk, at, lines(talk), staff_no=number)
            drafts.append(replace(draft, **more))
        ids = list(conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids)
        if inspected:
            quality.inspect(actor=cast.system, conversation_ids=ids, now=NOW)
        return ids

    return make


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def marked(html: str) -> list[str]:
    return [text_of(found) for found in re.findall(r"<mark>(.*?)</mark>", html, re.S)]


def bubble(html: str, number: int) -> str:
    found = re.search(rf'id="line-{number}">.*?<div class="bubble-text" dir="auto">(.*?)</div>', html, re.S)
    assert found is not None
    return found[1]


# ── Text and marks ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "start", "end", "wanted"),
    [
        ("喂，你好", 0, 1, "喂"),
        ("你好😀不知道吧", 3, 6, "不知道"),
        ("é不知道", 1, 4, "不知道"),
        ("e\u0301不知道", 2, 5, "不知道"),
        ("不知道\u0301吧", 0, 3, "不知道\u0301"),
        ("👩\u200d👩\u200d👧 喂", 6, 7, "喂"),
        ("好👍🏽的", 1, 2, "👍🏽"),
        ("a\u0301", 1, 2, "a\u0301"),
        ("短", 0, 99, "短"),
        ("𠮷野家不知道", 3, 6, "不知道"),
    ],
)
def test_a_mark_covers_exactly_the_words(text: str, start: int, end: int, wanted: str) -> None:
    found = pieces(text, [Span(1, start, end, "bad")])
    assert "".join(piece.text for piece in found) == text
    assert "".join(piece.text for piece in found if piece.keys) == wanted


def test_marks_that_overlap_are_cut_at_their_edges() -> None:
    found = pieces("一二三四五", [Span(1, 0, 3, "bad"), Span(2, 2, 5, "warn")])
    assert [(piece.text, piece.keys, piece.first, piece.tone) for piece in found] == [
        ("一二", (1,), (1,), "bad"),
        ("三", (1, 2), (2,), "bad"),
        ("四五", (2,), (), "warn"),
    ]


def test_a_mark_of_nothing_draws_nothing() -> None:
    assert [piece.text for piece in pieces("你好", [Span(1, 1, 1, "bad")])] == ["你好"]
    assert pieces("", [Span(1, 0, 0, "bad")]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("不知道，打13812345678问", "不知道"),
        ("打13812345678吧，不知道", "不知道"),
        ("打13812345678或13987654321，不知道呀", "不知道"),
        ("微信 abcdef12 加我，喂", "喂"),
        ("喂13812345678喂喂", "喂13812345678喂"),
    ],
)
def test_places_are_led_over_masks(text: str, words: str) -> None:
    masked = mask_text(text)
    assert masked != text
    start = text.index(words)
    low, high = Shift(text, masked).span(start, start + len(words))
    assert masked[low:high] == mask_text(words)


def test_a_mark_inside_of_a_mask_covers_the_mask_and_tells_nothing() -> None:
    text = "打13812345678吧"
    masked = mask_text(text)
    low, high = Shift(text, masked).span(6, 8)
    assert "*" in masked[low:high]
    assert masked[low:high] in "13812345678******138******78"


def test_silence_is_marked_where_it_counts() -> None:
    talk = [Line(0, "customer", "在吗", 0.0), Line(1, "agent", "在", 200.0), Line(2, "customer", "好", 210.0), Line(3, "agent", "嗯")]
    found = rows(talk, NOW, "chat", {}, Waits({1: 60.0}))
    assert [(row.gap.seconds, row.gap.limit) if row.gap else None for row in found] == [None, (200.0, 60.0), None, None]
    assert found[3].at is None


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_findings_stand_beside_their_lines_with_the_words_marked(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    html = enter(cast.inspector).get(f"/conversations/{pk}").content.decode()
    assert marked(bubble(html, 1)) == ["喂"]
    said = bubble(html, 3)
    assert "脑残" in marked(said)
    assert "不知道" in marked(said)
    assert text_of(said) == "😀不知道，你打139******21-****问，脑残"  # the mask is shorter than what it hides
    ids = set(re.findall(r'id="finding-(\d+)"', html))
    assert ids == {str(found) for found in Finding.objects.filter(current=True).values_list("pk", flat=True)}
    for target in re.findall(r'href="#((?:finding|line)-\d+)"', html):
        assert f'id="{target}"' in html
    assert "/handbooks/best@" in html
    assert "服务禁语" in html


def test_words_of_the_customer_cannot_become_markup(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD, external_id='"><img src=x>', waybill="")
    html = enter(cast.inspector).get(f"/conversations/{pk}").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img src=x" not in html


def test_numbers_are_hidden_until_somebody_says_why(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    client = enter(cast.agent)
    assert "13812345678" not in client.get(f"/conversations/{pk}").content.decode()
    short = client.post(f"/conversations/{pk}/clear", {"reason": "看"})
    assert short.status_code == 422
    assert "13812345678" not in short.content.decode()
    assert "至少 4 个字" in short.content.decode()
    assert not AuditEntry.objects.filter(action="conversation.unmasked").exists()
    clear = client.post(f"/conversations/{pk}/clear", {"reason": "客户要求核对电话"})
    assert "13812345678" in clear.content.decode()
    assert clear["Cache-Control"] == "no-store"
    assert "脑残" in marked(bubble(clear.content.decode(), 3))
    entry = AuditEntry.objects.get(action="conversation.unmasked")
    assert (entry.actor_id, entry.subject_id, entry.data["reason"]) == (cast.agent.id, pk, "客户要求核对电话")
    assert client.get(f"/conversations/{pk}/clear").status_code == 405


def test_who_may_not_see_numbers_is_refused(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    answer = enter(cast.inspector).post(f"/conversations/{pk}/clear", {"reason": "想看一看号码"})
    assert answer.status_code == 403
    assert "13812345678" not in answer.content.decode()
    assert not AuditEntry.objects.filter(action="conversation.unmasked").exists()


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("agent", 200), ("second_agent", 404), ("lead", 200), ("inspector", 200), ("trainer", 200), ("manager", 200), ("admin", 200),
        ("clerk", 403), ("outsider", 404),
    ],
)  # fmt: skip
def test_who_opens_a_conversation(part: str, status: int, cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(GOOD)
    assert enter(getattr(cast, part)).get(f"/conversations/{pk}").status_code == status


@pytest.mark.parametrize("pk", [0, 999_999, 2**70])
def test_conversations_that_are_not_there(pk: int, cast: Cast, enter: Any) -> None:
    assert enter(cast.admin).get(f"/conversations/{pk}").status_code == 404


def test_agents_list_their_own_outsiders_nothing(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    mine, other = *store(GOOD), *store(GOOD, agent=cast.second_agent)
    seen = {
        name: set(map(int, re.findall(r'href="/conversations/(\d+)"', enter(getattr(cast, name)).get("/conversations").content.decode())))
        for name in ("agent", "second_agent", "lead", "outsider")
    }
    assert seen == {"agent": {mine}, "second_agent": {other}, "lead": {mine, other}, "outsider": set()}
    assert enter(cast.clerk).get("/conversations").status_code == 403


def listed(client: Client, query: str) -> set[int]:
    answer = client.get(f"/conversations?{query}")
    assert answer.status_code == 200
    return set(map(int, re.findall(r'href="/conversations/(\d+)"', answer.content.decode())))


def test_filters_narrow_the_list(cast: Cast, ground: Ground, store: Any, enter: Any) -> None:
    bad, late = *store(BAD, waybill="YT123456789"), *store(GOOD, at=NOW - timedelta(days=3), channel="chat")
    other, fresh = *store(GOOD, agent=cast.second_agent), *store(GOOD, inspected=False)
    client = enter(cast.lead)
    everything = {bad, late, other, fresh}
    assert listed(client, "") == everything
    assert listed(client, "waybill=yt+123456789") == {bad}
    assert listed(client, "channel=chat") == {late}
    assert listed(client, f"staff={cast.second_agent.id}") == {other}
    assert listed(client, "result=none") == {fresh}
    assert listed(client, "result=done") == everything - {fresh}
    assert bad in listed(client, "result=findings")
    assert listed(client, "result=findings&waybill=YT123456789") == {bad}
    assert listed(client, "since=2026-11-19&until=2026-11-19") == {late}
    assert listed(client, "q=脑残") == {bad} or listed(client, "q=脑残") == set()  # the index is filled by a reaction
    for nonsense in ("staff=abc", "site=-1", "since=2026-99-99", "channel=smoke", "result=x", "customer=99999999999999999999", "q=%00"):
        assert listed(client, nonsense) == everything, nonsense
    assert client.get("/conversations?cursor=nonsense").status_code == 422


def test_the_list_pages_without_losing_one(cast: Cast, store: Any, enter: Any) -> None:
    ids = set(store(*[GOOD] * 60, inspected=False))
    client, seen, address = enter(cast.lead), set[int](), "/conversations"
    for _ in range(3):
        html = client.get(address).content.decode()
        seen |= set(map(int, re.findall(r'href="/conversations/(\d+)"', html)))
        forward = re.search(r'rel="next"[^>]*href="(\?[^"]+)"', html)
        if forward is None:
            break
        address = "/conversations" + unescape(forward[1])
    assert seen == ids


def test_lists_and_pages_cost_the_same_at_any_size(cast: Cast, store: Any, enter: Any) -> None:
    counts: dict[str, list[int]] = {"list": [], "filtered": [], "page": []}
    client = enter(cast.inspector)
    for size in (2, 40):
        store(*[GOOD] * size)
        (pk,) = store(BAD * size)
        for name, path in (("list", "/conversations"), ("filtered", "/conversations?result=findings"), ("page", f"/conversations/{pk}")):
            client.get(path)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path).status_code == 200
            counts[name].append(len(seen))
    for name, (small, large) in counts.items():
        assert large <= small <= 17, (name, small, large)


def test_inspection_on_demand(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD, inspected=False)
    client = enter(cast.inspector)
    assert "还没有质检" in client.get(f"/conversations/{pk}").content.decode()
    assert enter(cast.agent).post(f"/conversations/{pk}/inspect").status_code == 403
    assert not Finding.objects.exists()
    answer = client.post(f"/conversations/{pk}/inspect", follow=True)
    assert "质检完成" in answer.content.decode()
    assert Finding.objects.filter(subject_id=pk, current=True).exists()
    old = store(GOOD, inspected=False, at=datetime(2020, 1, 1, tzinfo=UTC))[0]
    assert "没有适用的评分表" in client.post(f"/conversations/{old}/inspect", follow=True).content.decode()


def test_inspecting_what_is_out_of_reach_is_not_found(cast: Cast, ground: Ground, store: Any, enter: Any, hire: Any) -> None:
    (pk,) = store(BAD, agent=cast.outsider, site=ground.other_station, inspected=False)
    narrow = hire("inspector", ground.station)
    assert enter(access.actor_for(narrow)).post(f"/conversations/{pk}/inspect").status_code == 404
    assert not Finding.objects.exists()


def test_an_empty_list_says_what_to_do(cast: Cast, enter: Any) -> None:
    html = enter(cast.inspector).get("/conversations").content.decode()
    assert "还没有会话" in html
    assert 'href="/imports"' in html
    assert 'href="/imports"' not in enter(cast.agent).get("/conversations").content.decode()


def test_htmx_gets_the_rows_alone(cast: Cast, store: Any, enter: Any) -> None:
    store(GOOD)
    part = enter(cast.lead).get("/conversations", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "row-link" in part


def test_findings_are_narrowed_to_one_item(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    client = enter(cast.inspector)
    every = client.get(f"/conversations/{pk}").content.decode()
    taboo = set(Finding.objects.filter(subject_id=pk, current=True, item_key="taboo").values_list("pk", flat=True))
    assert 0 < len(taboo) < Finding.objects.filter(subject_id=pk, current=True).count()
    chosen = client.get(f"/conversations/{pk}?item=taboo").content.decode()
    assert set(map(int, re.findall(r'data-hit="(\d+)"', chosen))) == taboo
    assert f'aria-current="true" href="/conversations/{pk}?item=taboo">服务禁语 <span class="figures">{len(taboo)}</span>' in chosen
    assert f'hx-get="/conversations/{pk}?item=taboo"' in chosen
    for nonsense in ("nothing", "%00", "<script>"):
        answer = client.get(f"/conversations/{pk}", {"item": nonsense}).content.decode()
        assert re.findall(r'data-hit="\d+"', answer) == re.findall(r'data-hit="\d+"', every)


def test_a_clause_stands_beside_its_finding_without_script(cast: Cast, store: Any, enter: Any) -> None:
    (pk,) = store(BAD)
    html = enter(cast.agent).get(f"/conversations/{pk}").content.decode()
    shown = re.findall(
        r'aria-describedby="(clause-\d+)">条款</a><span class="peek-body" role="tooltip" id="(clause-\d+)"><b>[^<]+</b>[^<]+<', html
    )
    assert shown
    assert all(one == other for one, other in shown)
