"""Imports from the console: preview first, nothing twice, refused rows to be fetched, files that are none."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.console.views import imports
from kefu.conversations.models import Conversation
from kefu.kernel.models import AuditEntry, ImportRun

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]

hire, enter = whole_house.hire, talks.enter

HEAD = "会话编号,渠道,站点,开始时间,角色,内容,工号\n"
ROWS = (
    "a1,电话,NS01,2026-11-20 09:00:00,客服,您好,1001\n"
    "a1,电话,NS01,2026-11-20 09:00:00,客户,我的电话13812345678 <script>alert(1)</script>,1001\n"
    "a2,电话,NOPE,2026-11-20 10:00:00,客服,您好,1001\n"
)


def file(text: str | bytes = HEAD + ROWS, name: str = "talks.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def preview(client: Any, given: SimpleUploadedFile, **more: Any) -> Any:
    return client.post("/imports", {"file": given, "channel": "chat", "source": "pbx", **more})


def ticket(html: str) -> str:
    found = re.search(r'name="ticket" value="([^"]+)"', html)
    assert found is not None
    return found[1]


@pytest.fixture(autouse=True)
def no_uploads_left() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.KEFU_HOME) / "imports" / "uploads", ignore_errors=True)


@pytest.mark.parametrize(
    ("part", "status"),
    [("agent", 403), ("lead", 403), ("trainer", 403), ("clerk", 403), ("inspector", 200), ("manager", 200), ("admin", 200)],
)
def test_who_imports(part: str, status: int, cast: Cast, enter: Any) -> None:
    client = enter(getattr(cast, part))
    assert client.get("/imports").status_code == status
    if status == 403:
        assert preview(client, file()).status_code == 403
        assert client.post("/imports/run", {"ticket": "x"}).status_code == 403
        assert client.get("/imports/1/refused").status_code == 403
        assert not Conversation.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_look_first_then_take_in_once(encoding: str, cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.inspector)
    seen = preview(client, file((HEAD + ROWS).encode(encoding)))
    html = seen.content.decode()
    assert seen.status_code == 200
    assert not Conversation.objects.exists()
    assert "站点不存在" in html
    assert "南市分部" in html
    assert "13812345678" not in html
    assert "<script>alert" not in html
    done = client.post("/imports/run", {"ticket": ticket(html), "channel": "chat", "source": "pbx"}, follow=True).content.decode()
    assert "读到 2 通，存入 1 通，已有 0 通，拒收 1 通" in done
    assert Conversation.objects.get().source == "pbx"
    assert not list((Path(settings.KEFU_HOME) / "imports" / "uploads").glob("*/*"))
    again = client.post("/imports/run", {"ticket": ticket(html)})
    assert again.status_code == 422
    html = preview(client, file((HEAD + ROWS).encode(encoding))).content.decode()
    done = client.post("/imports/run", {"ticket": ticket(html), "channel": "chat", "source": "pbx"}, follow=True).content.decode()
    assert "存入 0 通，已有 1 通" in done
    assert Conversation.objects.count() == 1


def test_refused_rows_are_fetched_by_their_owner_and_written_down(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.inspector)
    html = preview(client, file()).content.decode()
    client.post("/imports/run", {"ticket": ticket(html), "source": "pbx"})
    run = ImportRun.objects.get()
    answer = client.get(f"/imports/{run.pk}/refused")
    assert "NOPE" in b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(action="import.refused_read", actor_id=cast.inspector.id, subject_id=run.pk).exists()
    assert "talks.csv" in client.get("/imports").content.decode()
    other = enter(cast.manager)
    assert "talks.csv" not in other.get("/imports").content.decode()
    assert other.get(f"/imports/{run.pk}/refused").status_code == 404
    assert "talks.csv" in enter(cast.admin).get("/imports").content.decode()
    assert client.get("/imports/999999/refused").status_code == 404


def test_a_ticket_is_its_owners(cast: Cast, ground: Ground, enter: Any) -> None:
    html = preview(enter(cast.inspector), file()).content.decode()
    other = enter(cast.manager)
    assert other.post("/imports/run", {"ticket": ticket(html)}).status_code == 404
    for forged in ("", "x", ticket(html) + "x", "WzEsICIuLi8uLi8iLCAiYSJd:x:y"):
        assert other.post("/imports/run", {"ticket": forged}).status_code == 422
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 422), (b"\x00\x01\x02", 422), ("<html></html>", 422), (b"PK\x03\x04broken", 422), ("a,b\n1,2\n", 422), ("\ufeff", 422)],
)
def test_files_that_are_none(text: str | bytes, status: int, cast: Cast, ground: Ground, enter: Any) -> None:
    answer = preview(enter(cast.inspector), file(text))
    assert answer.status_code == status
    assert 'role="alert"' in answer.content.decode()
    assert not list((Path(settings.KEFU_HOME) / "imports" / "uploads").glob("*/*"))
    assert not ImportRun.objects.exists()


def test_large_files_are_sent_to_the_command_line(cast: Cast, enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports.uploads, "MOST_BYTES", 10)
    answer = preview(enter(cast.inspector), file())
    assert answer.status_code == 413
    assert "kefu import" in answer.content.decode()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\b\\c.csv", "<img src=x>.csv", "名字 很长" * 60 + ".csv", "....", "a\n.csv"])
def test_names_of_files_stay_names(name: str, cast: Cast, ground: Ground, enter: Any) -> None:
    answer = preview(enter(cast.inspector), file(name=name))
    assert answer.status_code == 200
    assert "<img src=x" not in answer.content.decode()
    kept = list((Path(settings.KEFU_HOME) / "imports" / "uploads").glob("*/*"))
    assert kept
    assert all(path.parent.parent == Path(settings.KEFU_HOME) / "imports" / "uploads" for path in kept)
    assert all(oct(path.stat().st_mode & 0o777) == "0o600" for path in kept)


def test_a_run_says_who_ran_it_and_for_which_site(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.inspector)
    html = preview(client, file()).content.decode()
    client.post("/imports/run", {"ticket": ticket(html), "source": "pbx", "site": ground.station.pk})
    run = ImportRun.objects.get()
    assert (run.actor_kind, run.actor_id, run.site_id) == ("staff", cast.inspector.id, ground.station.pk)
    shown = client.get("/imports").content.decode()
    assert f'href="/people/{cast.inspector.id}"' in shown
    assert 'data-label="站点">南市分部<' in shown
    # Run again by somebody else, without a site of its own.
    other = enter(cast.manager)
    html = preview(other, file()).content.decode()
    other.post("/imports/run", {"ticket": ticket(html), "source": "pbx"})
    run.refresh_from_db()
    assert (run.actor_id, run.site_id) == (cast.manager.id, None)
    assert 'data-label="站点">按文件<' in other.get("/imports").content.decode()


def _runs(count: int, actor_id: int, site_id: int) -> None:
    ImportRun.objects.bulk_create(
        ImportRun(
            kind="conversations", file_name=f"f{n}.csv", file_hash=f"{count}-{n}", state="done", started_at=NOW,
            actor_kind="staff", actor_id=actor_id, actor_name="甲", site_id=site_id,
        )
        for n in range(count)
    )  # fmt: skip


def test_the_page_costs_the_same_however_many_runs(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.inspector)
    client.get("/imports")
    costs = []
    for count in (2, 40):
        _runs(count, cast.inspector.id, ground.station.pk)
        with CaptureQueriesContext(connection) as seen:
            html = client.get("/imports").content.decode()
        assert f"f{count - 1}.csv" in html
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6
