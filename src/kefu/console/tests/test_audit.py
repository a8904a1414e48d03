"""The audit trail: words, reach, filters, the chain."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import kefu
from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.console.views import audit_words
from kefu.kernel import audit
from kefu.kernel.actor import Ref
from kefu.kernel.models import AuditEntry

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]

hire, enter = whole_house.hire, talks.enter


def test_every_action_has_words() -> None:
    found: set[str] = set()
    for path in Path(kefu.__file__).parent.rglob("*.py"):
        if "tests" not in path.parts and "console" not in path.parts:
            found |= set(re.findall(r'audit\.(?:record|entry)\(\s*\w+,\s*"([a-z_]+\.[a-z_]+)"', path.read_text()))
    assert len(found) > 20
    assert found <= audit_words.ACTIONS.keys()


@pytest.mark.parametrize(("part", "status"), [("agent", 403), ("lead", 403), ("inspector", 403), ("manager", 200), ("admin", 200)])
def test_who_reads_the_trail(part: str, status: int, cast: Cast, enter: Any) -> None:
    assert enter(getattr(cast, part)).get("/audit").status_code == status


def record(cast: Cast, action: str = "case.opened", *, site: int | None, subject: Ref | None = None, **data: Any) -> None:
    audit.record(cast.agent, action, subject or Ref("case", 7, "K0000007"), now=NOW, site_id=site, data=data)


def test_reach_and_filters(cast: Cast, ground: Ground, enter: Any) -> None:
    AuditEntry.objects.all().delete()
    record(cast, site=ground.station.pk, kind="here")
    record(cast, site=ground.shop.pk, kind="shop")
    record(cast, site=None, kind="nowhere")
    record(cast, "conversation.unmasked", site=ground.station.pk, subject=Ref("conversation", 9, "<b>x</b>"), reason="核对 <script>")
    client, everywhere = enter(cast.manager), enter(cast.admin)
    html = client.get("/audit").content.decode()
    assert "类型：here" in html
    assert "类型：shop" not in html
    assert "类型：nowhere" not in html
    assert {"类型：here", "类型：shop", "类型：nowhere"} <= set(re.findall(r"类型：\w+", everywhere.get("/audit").content.decode()))
    assert "<script>" not in re.sub(r'<script type="(module|application/json)"', "", html)
    assert "<b>x</b>" not in html
    assert "查看会话明文" in html
    only = client.get("/audit?action=conversation.unmasked").content.decode()
    assert "类型：here" not in only
    assert "类型：here" in client.get(f"/audit?actor={cast.agent.id}&kind=case&id=7&since=2026-11-22&until=2026-11-22").content.decode()
    assert "没有符合条件的记录" in client.get("/audit?since=2020-01-01&until=2020-01-02").content.decode()
    for nonsense in ("action=x", "actor=x", "kind=x", "id=x", "id=99999999999999999999", "since=x"):
        assert "类型：here" in client.get(f"/audit?{nonsense}").content.decode(), nonsense
    assert client.get("/audit?cursor=x").status_code == 422


def test_the_chain_is_checked_on_demand(cast: Cast, ground: Ground, enter: Any) -> None:
    heads = audit.heads_file()
    heads.unlink(missing_ok=True)
    client = enter(cast.admin)
    AuditEntry.objects.all().delete()
    record(cast, site=None)
    record(cast, site=None, note="second")
    assert "链完整" in client.post("/audit/verify").content.decode()
    assert "链头相符" in client.get("/audit").content.decode()
    AuditEntry.objects.filter(data__note="second").update(actor_name="someone else")
    html = client.post("/audit/verify").content.decode()
    assert "链有断点" in html
    assert "内容被改动" in html
    assert enter(cast.manager).post("/audit/verify").status_code == 404
    assert enter(cast.agent).post("/audit/verify").status_code == 403
    heads.unlink(missing_ok=True)


def test_a_broken_heads_file_breaks_nothing(cast: Cast, enter: Any) -> None:
    client = enter(cast.admin)
    for text in ("", "x", "99999999999 abc\n", "\x00\n"):
        audit.heads_file().write_text(text)
        assert client.get("/audit").status_code == 200
    audit.heads_file().unlink()


def test_the_list_costs_the_same_at_any_size(cast: Cast, ground: Ground, enter: Any) -> None:
    client, counts = enter(cast.manager), []
    for size in (2, 60):
        for _ in range(size):
            record(cast, site=ground.station.pk)
        client.get("/audit")
        with CaptureQueriesContext(connection) as seen:
            client.get("/audit")
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 8, counts
