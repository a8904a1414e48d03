"""The same request sent twice is carried out once (PLAT2)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from kefu.api import idempotency
from kefu.api.errors import KeyInFlight
from kefu.api.tests.conftest import Caller, Story
from kefu.conftest import NOW, Ground
from kefu.kernel.errors import Stale
from kefu.kernel.idempotency import forget_old
from kefu.kernel.models import AuditEntry, IdempotencyKey
from kefu.kernel.tests.own_databases import OwnDatabases

pytestmark = pytest.mark.django_db


def _customer(ground: Ground, phone: str = "13800138000") -> dict[str, Any]:
    return {"site": ground.station.pk, "name": "张三", "phone": phone}


def test_the_same_request_is_answered_from_store(erp: Caller, ground: Ground, story: Story) -> None:
    first = erp.call("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k-1"})
    before = AuditEntry.objects.count()
    again = erp.call("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotent-Replay"] == "true"
    assert "Idempotent-Replay" not in first
    assert AuditEntry.objects.count() == before


def test_what_is_stored_is_encrypted(erp: Caller, ground: Ground, story: Story) -> None:
    made = erp.ok("POST", "/customers", _customer(ground))
    body = {"field": f"contact:{made['contacts'][0]['id']}", "reason": "回拨客户"}
    found = erp.ok("POST", f"/customers/{made['id']}/unmask", body, **{"Idempotency-Key": "u"})
    assert found["value"] == "13800138000"
    assert "13800138000" not in IdempotencyKey.objects.get().body
    logged = AuditEntry.objects.filter(action="customer.unmasked").count()
    assert erp.ok("POST", f"/customers/{made['id']}/unmask", body, **{"Idempotency-Key": "u"}) == found
    assert AuditEntry.objects.filter(action="customer.unmasked").count() == logged == 1


def test_another_request_under_the_key_is_refused(erp: Caller, ground: Ground) -> None:
    erp.ok("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k"})
    error = erp.refused(422, "POST", "/customers", _customer(ground, "13900139000"), **{"Idempotency-Key": "k"})
    assert error["code"] == "idempotency_mismatch"
    assert erp.ok("POST", "/customers/by-phone", {"phone": "13900139000"}) == []


def test_keys_of_two_callers_do_not_meet(by_token: Callable[..., Caller], ground: Ground) -> None:
    one, other = by_token(), by_token()
    one.ok("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k"})
    other.ok("POST", "/customers", _customer(ground, "13900139000"), **{"Idempotency-Key": "k"})


def test_a_refused_request_gives_its_key_back(erp: Caller, ground: Ground) -> None:
    nobody = {"site": ground.station.pk}
    assert erp.refused(422, "POST", "/customers", nobody, **{"Idempotency-Key": "k"})["code"] == "not_a_contact"
    assert not IdempotencyKey.objects.exists()
    erp.ok("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k"})


@pytest.mark.parametrize("key", [" ", "x" * 101, "键"])
def test_keys_that_cannot_be_kept(erp: Caller, ground: Ground, key: str) -> None:
    shown = key.encode().decode("latin-1")
    assert erp.refused(422, "POST", "/customers", _customer(ground), **{"Idempotency-Key": shown})["code"] == "idempotency_key"


def _request() -> Any:
    return RequestFactory().post("/x", data=b"{}", content_type="application/json", headers={"Idempotency-Key": "k"})


def test_a_request_in_flight_is_not_started_again() -> None:
    request = _request()

    def work() -> HttpResponse:
        with pytest.raises(KeyInFlight):
            idempotency.answer_once(request, "staff:1", lambda: pytest.fail("carried out twice"), now=NOW + timedelta(seconds=5))
        return HttpResponse("done")

    assert idempotency.answer_once(request, "staff:1", work, now=NOW).content == b"done"


def test_a_claim_without_an_answer_is_taken_over_and_its_first_bearer_takes_all_back() -> None:
    request = _request()
    done: list[str] = []

    def slow() -> HttpResponse:
        later = NOW + idempotency.ABANDONED
        assert idempotency.answer_once(request, "staff:1", lambda: HttpResponse("second"), now=later).content == b"second"
        done.append("first")
        return HttpResponse("first")

    with pytest.raises(Stale):
        idempotency.answer_once(request, "staff:1", slow, now=NOW)
    assert done == ["first"]


def test_a_failure_leaves_neither_work_nor_claim() -> None:
    def work() -> HttpResponse:
        AuditEntry.objects.create(at=NOW, actor_kind="x", actor_id=0, actor_name="x", action="x", subject_kind="x", subject_id=0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        idempotency.answer_once(_request(), "staff:1", work, now=NOW)
    assert not AuditEntry.objects.filter(action="x").exists()
    assert not IdempotencyKey.objects.exists()


def test_what_a_refused_request_wrote_is_taken_back() -> None:
    def work() -> HttpResponse:
        AuditEntry.objects.create(at=NOW, actor_kind="x", actor_id=0, actor_name="x", action="x", subject_kind="x", subject_id=0)
        return HttpResponse(status=409)

    assert idempotency.answer_once(_request(), "staff:1", work, now=NOW).status_code == 409
    assert not AuditEntry.objects.filter(action="x").exists()


def test_a_multipart_request_is_the_same_under_another_boundary() -> None:
    def upload(boundary: str, content: str) -> str:
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n{content}\r\n--{boundary}--\r\n'
        made = RequestFactory().post("/x", data=body.encode(), content_type=f"multipart/form-data; boundary={boundary}")
        return idempotency.fingerprint(made)

    assert upload("one", "照片") == upload("two", "照片")
    assert upload("one", "照片") != upload("one", "图片")


def test_old_keys_are_forgotten(erp: Caller, ground: Ground, story: Story) -> None:
    erp.ok("POST", "/customers", _customer(ground), **{"Idempotency-Key": "k"})
    assert forget_old(now=NOW + timedelta(days=2)) == 0
    assert forget_old(now=NOW + timedelta(days=4)) == 1


def test_many_at_once_make_one(tmp_path: Path, own_databases: OwnDatabases) -> None:
    address = own_databases.migrated()
    environment = {**os.environ, "KEFU_HOME": str(tmp_path), "KEFU_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}
    script = "import django; django.setup(); from kefu.api.tests import race; race.main()"
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["customers"] == 1
    carried_out = [answer for answer in found["answers"] if answer[0] == 201 and not answer[2]]
    assert len(carried_out) == 1
    made = carried_out[0][1]
    others = [answer for answer in found["answers"] if answer is not carried_out[0]]
    assert all(answer in ([201, made, True], [409, "idempotency_in_flight", False]) for answer in others), found
