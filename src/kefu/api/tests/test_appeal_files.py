"""An answer to the authority handed in with its proofs over the API: all kept, or nothing (R26, SEC1)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kefu.api.tests.conftest import BASE, Caller, Story
from kefu.conftest import NOW, Cast, Ground
from kefu.regulator import actions
from kefu.regulator.drafts import AppealDraft

pytestmark = pytest.mark.django_db


@pytest.fixture
def appeal(cast: Cast, ground: Ground, handbooks: None, story: Story) -> int:
    draft = AppealDraft("SS9", "557000000000850", "delay", "王女士", "太慢", NOW - timedelta(days=1), site_id=ground.station.pk)
    return actions.file_appeal(actor=cast.manager, draft=draft, now=NOW).pk


def _hand_in(caller: Caller, appeal: int, files: list[tuple[str, bytes]], **fields: Any) -> Any:
    data = {**fields, "file": [SimpleUploadedFile(name, content) for name, content in files]}
    return caller.client.post(f"{BASE}/appeals/{appeal}/answers/with-files", data, headers=caller.headers)


def test_files_come_with_the_answer_and_are_given_out_again(appeal: int, cast: Cast, signed_in: Callable[..., Caller]) -> None:
    manager = signed_in(cast.manager)
    response = _hand_in(manager, appeal, [("签收单.pdf", b"proof"), ("轨迹.txt", b"trace")], text="已查实并赔付")
    answer = json.loads(response.content)["answers"][0]
    assert (answer["text"], [one["name"] for one in answer["files"]]) == ("已查实并赔付", ["签收单.pdf", "轨迹.txt"])
    got = manager.call("GET", f"/appeals/{appeal}/files/{answer['files'][0]['id']}")
    assert (got.content, got.headers["Content-Disposition"].startswith("attachment")) == (b"proof", True)


def test_nothing_is_kept_of_what_is_refused(appeal: int, cast: Cast, signed_in: Callable[..., Caller]) -> None:
    manager = signed_in(cast.manager)
    refused = {
        "file_refused": _hand_in(manager, appeal, [("空.pdf", b"")], text="已查实"),
        "many_files": _hand_in(manager, appeal, [(f"{one}.txt", b"x") for one in range(11)], text="已查实"),
        "stale": _hand_in(manager, appeal, [("a.txt", b"x")], text="已查实", version=7),
    }
    assert {code: json.loads(one.content)["error"]["code"] for code, one in refused.items()} == {code: code for code in refused}
    assert manager.ok("GET", f"/appeals/{appeal}")["answers"] == []
    assert _hand_in(signed_in(cast.agent), appeal, [("a.txt", b"x")], text="已查实").status_code == 403
    assert _hand_in(signed_in(cast.outsider), appeal, [("a.txt", b"x")], text="已查实").status_code == 403
