"""The pages of the rule bench: scores that open to conversations, drafts tried, labels by hand (QA10, SEC2)."""

from typing import Any

import pytest
from django.utils import timezone

from kefu import conftest as whole_house
from kefu.bench import actions, work
from kefu.bench.models import Label
from kefu.bench.tests.test_bench import BAD, DRAFT, GOOD
from kefu.conftest import Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality.tests.dialogues import lines

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter = whole_house.hire, talks.enter


def test_from_a_label_to_the_cell_and_from_a_draft_to_its_changes(cast: Cast, ground: Ground, enter: Any) -> None:
    now = timezone.now()
    no = Staff.objects.get(pk=cast.agent.id).staff_no
    drafts = [ConversationDraft("test", f"p{n}", "chat", ground.station.pk, now, lines(t), staff_no=no) for n, t in enumerate((BAD, GOOD))]
    bad, good = conversations.store(actor=cast.system, drafts=drafts, now=now).ids
    quality.inspect(actor=cast.system, conversation_ids=[bad, good], now=now)
    inspector = enter(cast.inspector)
    answer = inspector.post("/bench/labels", {"conversation": bad, "item": "taboo", "breached": "0", "line": "3"}, follow=True)
    assert f"已标注会话 {bad}" in answer.content.decode()
    assert Label.objects.get().line == 2
    page = inspector.get("/bench").content.decode()
    assert "cell=hit_wrong" in page
    cell = inspector.get("/bench/cell?item=taboo&version=best%401&cell=hit_wrong").content.decode()
    assert f"/conversations/{bad}" in cell
    assert "不知道" in cell
    assert inspector.get("/bench/cell?item=taboo&version=best%401&cell=nothing").status_code == 404
    assert inspector.post("/bench/labels", {"conversation": bad, "item": "nothing", "breached": "1"}, follow=True).status_code == 200

    trial = actions.begin(actor=cast.manager, text=DRAFT, title="草稿", since=now - actions.LONGEST / 2, until=timezone.now(), now=now)
    manager = enter(cast.manager)
    assert "停止" in manager.get(f"/bench/trials/{trial.pk}").content.decode()
    work.run_due(now=now)
    page = manager.get(f"/bench/trials/{trial.pk}").content.decode()
    assert "马上为您查询" in page
    assert f"/conversations/{good}" in page
    assert "草稿" in manager.get("/bench/trials").content.decode()
    table = b"".join(manager.get(f"/bench/trials/{trial.pk}/csv")).decode()
    assert table.count("\n") == 3
    assert enter(cast.outsider).get(f"/bench/trials/{trial.pk}").status_code in (403, 404)
    assert enter(cast.agent).get("/bench").status_code == 403
