"""A score item and its rule in a manager's hand: form, YAML, trial, import; without script (QA10, HB3)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.handbook import queries
from kefu.handbook.models import HandbookVersion
from kefu.quality.tests.dialogues import lines

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter = whole_house.hire, talks.enter
FORM = {
    "do": "save",
    "title": "马上",
    "definition": "不说马上。",
    "points": "4",
    "money": "40",
    "mode": "auto",
    "line": "a && !b",
    "required": "0",
    "c0.name": "a",
    "c0.operator": "words",
    "c0.side": "agent",
    "c0.value": "马上、立刻",
    "c1.name": "b",
    "c1.operator": "words",
    "c1.side": "customer",
    "c1.value": "谢谢",
    "c1.relation": "after",
    "c1.anchor_name": "a",
    "c1.within_lines": "2",
}


@pytest.fixture
def manager(cast: Cast, enter: Any) -> Client:
    client: Client = enter(cast.manager)
    return client


@pytest.fixture
def draft(manager: Client) -> int:
    """A copy of best, to be changed."""
    best = HandbookVersion.objects.get(key="best", number=1)
    manager.post(f"/handbooks/{best.pk}/copy")
    return HandbookVersion.objects.get(key="best", state="draft").pk


def item(cast: Cast, draft: int, key: str) -> Any:
    book = queries.draft_book(cast.manager, draft, now=timezone.now())
    return book.scorecards["service"].item(key)


def add(manager: Client, draft: int) -> str:
    manager.post(f"/handbooks/drafts/{draft}/rules", {"do": "new", "card": "service", "title": "马上", "key": "at_once"})
    return f"/handbooks/drafts/{draft}/rules/service/at_once"


def test_an_item_is_begun_changed_and_saved(manager: Client, draft: int, cast: Cast) -> None:
    address = add(manager, draft)
    page = manager.get(address).content.decode()
    assert 'name="c0.name" value="c1"' in page
    assert "至少" in page
    answer = manager.post(address, FORM)
    assert answer.status_code == 302
    found = item(cast, draft, "at_once")
    assert found.detector.params == {
        "let": {"a": {"words": ["马上", "立刻"]}, "b": {"words": ["谢谢"], "side": "customer", "after": "a", "within_lines": 2}},
        "when": "a && !b",
    }
    assert (int(found.penalty.points), int(found.penalty.money), found.mode) == (4, 40, "auto")


def test_rows_come_and_go_without_script_and_nothing_is_saved(manager: Client, draft: int) -> None:
    address = add(manager, draft)
    before = HandbookVersion.objects.get(pk=draft).version
    more = manager.post(address, {**FORM, "do": "add"}).content.decode()
    assert 'name="c2.name"' in more
    fewer = manager.post(address, {**FORM, "do": "remove.0"}).content.decode()
    assert 'name="c0.name" value="b"' in fewer
    assert 'name="c1.name"' not in fewer
    assert HandbookVersion.objects.get(pk=draft).version == before


def test_what_is_wrong_stands_beside_its_condition(manager: Client, draft: int) -> None:
    address = add(manager, draft)
    page = manager.post(address, {**FORM, "do": "check", "c1.operator": "pattern", "c1.value": "(?=a)b"}).content.decode()
    assert 'id="c1-problem"' in page
    assert "RE2" in page
    page = manager.post(address, {**FORM, "do": "check", "line": "a && z"}).content.decode()
    assert "没有名为“z”的条件" in page


def test_a_rule_is_tried_on_stored_conversations(manager: Client, draft: int, cast: Cast, ground: Ground) -> None:
    said = ["您好 | C: 到哪了 | 我马上查，电话13812345678", "您好 | C: 到哪了 | 马上查 | C: 谢谢"]
    drafts = [
        ConversationDraft("test", f"r{n}", "chat", ground.station.pk, NOW - timedelta(days=n), lines(text)) for n, text in enumerate(said)
    ]
    stored = conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids
    address = add(manager, draft)
    page = manager.post(address, {**FORM, "do": "try"}).content.decode()
    assert "在最新的 2 通会话上" in page
    assert "<mark>马上</mark>" in page
    assert f"/conversations/{stored[0]}" in page
    assert f"/conversations/{stored[1]}" not in page
    assert "13812345678" not in page


def test_the_yaml_beside_it(manager: Client, draft: int, cast: Cast) -> None:
    address = add(manager, draft)
    body = "id: at_once\ntitle: 立刻\nsource: B\ndefinition: 立刻。\ndetector:\n  kind: rule\n  when: {word: [好]}\n"
    page = manager.post(address, {"yaml": body, "do": "check"}).content.decode()
    assert ">7:" in page
    assert "是不是 words" in page
    assert manager.post(address, {"yaml": body.replace("at_once", "other"), "do": "save"}).status_code == 422
    assert manager.post(address, {"yaml": body.replace("word:", "words:"), "do": "save"}).status_code == 302
    assert item(cast, draft, "at_once").title == "立刻"


def test_a_rule_of_aliyun_becomes_a_draft_item(manager: Client, draft: int, cast: Cast) -> None:
    raw = {
        "rules": [{"name": "退款", "triggers": ["a"]}],
        "conditions": [
            {
                "cid": "a",
                "lambda": "1",
                "operators": [{"oid": "1", "type": "keyword", "param": {"keywords": ["退款"]}}, {"oid": "2", "type": "nlu", "param": {}}],
            }
        ],
    }
    address = f"/handbooks/drafts/{draft}/rules"
    page = manager.post(
        address, {"do": "import", "card": "service", "key": "refund", "json": json.dumps(raw)}, follow=True
    ).content.decode()
    assert "未导入 a/2" in page
    found = item(cast, draft, "refund")
    assert (found.title, found.mode) == ("退款", "review")
    wrong = manager.post(address, {"do": "import", "card": "service", "key": "again", "json": "{"})
    assert wrong.status_code == 422
    assert "读不出阿里云规则" in wrong.content.decode()


def test_who_may(draft: int, cast: Cast, enter: Any) -> None:
    for nobody in (cast.agent, cast.inspector, cast.lead):
        assert enter(nobody).get(f"/handbooks/drafts/{draft}/rules").status_code == 403
