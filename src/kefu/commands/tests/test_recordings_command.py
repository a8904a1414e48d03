"""``kefu recordings``: folder, work, retention; each ends in its counts (CONV4)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from kefu.commands.tests.conftest import last
from kefu.conftest import Ground
from kefu.recordings.models import Recording
from kefu.recordings.tests.calls import STARTED, content

pytestmark = pytest.mark.usefixtures("handbooks")
Run = Callable[..., Result]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two calls and one that cannot be used."""
    for number, site in enumerate(("NS01", "NS01", "nowhere")):
        told = {"site": site, "external_id": f"c{number}", "started_at": STARTED.isoformat()}
        (tmp_path / f"call-{number}.wav").write_bytes(content(number + 20))
        (tmp_path / f"call-{number}.json").write_text(json.dumps(told))
    return tmp_path


def test_from_the_folder_to_measured(run: Run, ground: Ground, inbox: Path, settings: Any) -> None:
    done = run("recordings", "watch", inbox, "--once", code=1)
    assert last(done) == "入库 2 · 已存在 0 · 拒收 1 · 等待 0"
    assert "call-2.wav" in done.stderr
    assert last(run("recordings", "watch", inbox, "--once")) == "入库 0 · 已存在 0 · 拒收 0 · 等待 0"
    assert last(run("recordings", "process")) == "分析 2 · 转写 0 · 失败 0"
    assert last(run("recordings", "process")) == "分析 0 · 转写 0 · 失败 0"
    assert set(Recording.objects.values_list("state", flat=True)) == {"measured"}
    settings.KEFU_SPEECH_ENGINE = "kefu.recordings.tests.engines:Exact"
    assert last(run("recordings", "process", "--site", "NS01")) == "分析 0 · 转写 2 · 失败 0"
    assert last(run("recordings", "retention")) == "已删除 0 · 因工单延长 0 · 正在留存 0"


def test_no_folder_is_said(run: Run, ground: Ground) -> None:
    assert "KEFU_RECORDINGS_INBOX" in run("recordings", "watch", code=1).output
    assert "没有编号为" in run("recordings", "process", "--site", "XX", code=1).output


def test_a_new_key_rewrites_recordings(run: Run, ground: Ground, inbox: Path) -> None:
    from kefu.kernel.encryption import keyring
    from kefu.recordings import queries, store

    run("recordings", "watch", inbox, "--once", code=1)
    run("keys", "rotate")
    files = list(store.folder().glob("*/*.kv"))
    assert files
    assert all(f" {keyring().current} " in path.read_bytes()[:80].decode("ascii", "replace") for path in files)
    with queries.sound(Recording.objects.order_by("pk")[0]) as file:
        assert file.read() == content(20)
