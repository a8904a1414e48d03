"""``kefu bench``: scores, a draft tried, rules of another house (QA10)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from kefu.commands.bench import bench
from kefu.conftest import Cast, Ground
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.handbook import builtin
from kefu.quality.tests.dialogues import lines


@pytest.mark.usefixtures("handbooks")
def test_a_draft_is_tried_and_scored(cast: Cast, ground: Ground, tmp_path: Path) -> None:
    talk = ConversationDraft("t", "1", "chat", ground.station.pk, timezone.now() - timedelta(days=1), lines("您好 | C: 到哪了 | 不知道"))
    conversations.store(actor=cast.system, drafts=[talk], now=timezone.now())
    draft = tmp_path / "best.yaml"
    text = builtin.text("best") or ""
    draft.write_text(text.replace("id: taboo\n", "id: taboo\n            mode: review\n", 1), encoding="utf-8")
    done = CliRunner().invoke(bench, ["try", str(draft)])
    assert done.exit_code == 0, done.output
    assert "taboo\t+0\t-1" in done.output
    assert CliRunner().invoke(bench, ["scores"]).exit_code == 0
    (tmp_path / "bad.yaml").write_text("handbook: x\n", encoding="utf-8")
    assert CliRunner().invoke(bench, ["try", str(tmp_path / "bad.yaml")]).exit_code == 1


def test_rules_of_another_house(tmp_path: Path, db: Any) -> None:
    raw = {"name": "退款", "conditions": [{"cid": "a", "operators": [{"oid": "1", "type": "keyword", "param": {"keywords": ["退款"]}}]}]}
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(raw), encoding="utf-8")
    done = CliRunner().invoke(bench, ["import-rule", str(file)])
    assert done.exit_code == 0
    assert "kind: rule" in done.output
    file.write_text("{", encoding="utf-8")
    assert CliRunner().invoke(bench, ["import-rule", str(file)]).exit_code == 1
