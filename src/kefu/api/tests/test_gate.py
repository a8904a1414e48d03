"""Who gets past the gate, and how refusals look (SEC2, PLAT2)."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from kefu.api.tests.conftest import BASE, Caller, Story
from kefu.conftest import NOW, Cast, Ground
from kefu.people.models import ApiToken, Staff

pytestmark = pytest.mark.django_db


def test_health_needs_nobody_and_tells_nothing(anonymous: Caller) -> None:
    assert anonymous.ok("GET", "/health") == {"status": "ok"}


def test_nobody_is_asked_to_sign_in(anonymous: Caller) -> None:
    response = anonymous.call("GET", "/cases")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert json.loads(response.content)["error"]["code"] == "sign_in_needed"


@pytest.mark.parametrize("shown", ["Bearer", "Bearer nonsense", "Bearer kefu_AAAA_BBBB", "Basic dXNlcjpwdw==", "Token x"])
def test_wrong_token_is_refused_even_with_a_session(signed_in: Callable[..., Caller], cast: Cast, shown: str) -> None:
    assert signed_in(cast.lead).refused(401, "GET", "/cases", Authorization=shown)["code"] == "sign_in_needed"


def test_revoked_and_expired_tokens_are_refused(erp: Caller, story: Story) -> None:
    ApiToken.objects.update(expires_at=NOW + timedelta(hours=1))
    erp.ok("GET", "/me")
    story.after(hours=1)
    erp.refused(401, "GET", "/me")
    ApiToken.objects.update(expires_at=None, revoked_at=NOW)
    erp.refused(401, "GET", "/me")


def test_use_of_a_token_is_noted_at_most_once_a_minute(erp: Caller, story: Story) -> None:
    erp.ok("GET", "/me")
    story.after(seconds=30)
    erp.ok("GET", "/me")
    assert ApiToken.objects.get().used_at == NOW
    story.after(seconds=30)
    erp.ok("GET", "/me")
    assert ApiToken.objects.get().used_at == NOW + timedelta(minutes=1)


def test_a_session_needs_the_csrf_token_for_writes_only(signed_in: Callable[..., Caller], cast: Cast) -> None:
    caller = signed_in(cast.agent, enforce_csrf=True)
    caller.ok("GET", "/me")
    assert caller.refused(403, "POST", "/notices/seen")["code"] == "csrf"
    caller.client.cookies["csrftoken"] = "a" * 32
    assert caller.ok("POST", "/notices/seen", **{"X-CSRFToken": "a" * 32}) == {"seen": 0}


def test_a_token_needs_no_csrf(by_token: Callable[..., Caller]) -> None:
    caller = by_token()
    caller.client = Client(enforce_csrf_checks=True)
    assert caller.ok("POST", "/notices/seen") == {"seen": 0}


def test_permission_is_asked_before_the_body_is_read(signed_in: Callable[..., Caller], cast: Cast) -> None:
    error = signed_in(cast.trainer).refused(403, "POST", "/cases", {"nonsense": 1})
    assert error["code"] == "missing_permission"
    assert error["params"] == {"permission": "case.open"}


def test_unknown_addresses_and_methods_have_the_same_shape(erp: Caller) -> None:
    assert erp.refused(404, "GET", "/nowhere")["code"] == "not_found"
    response = erp.call("DELETE", "/cases")
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}
    assert json.loads(response.content)["error"]["code"] == "method_not_allowed"


def test_unknown_filters_and_too_large_pages_are_refused(erp: Caller) -> None:
    assert erp.refused(422, "GET", "/cases?statuss=open")["fields"] == {"statuss": "不认识的名称。"}
    assert erp.refused(422, "GET", "/cases?size=201")["fields"] == {"size": "不能大于 200。"}
    assert erp.refused(422, "GET", "/cases?size=0")["fields"] == {"size": "不能小于 1。"}
    assert erp.refused(422, "GET", "/cases?view=everything")["fields"].keys() == {"view"}
    assert erp.refused(422, "GET", "/cases?cursor=%21%21")["code"] == "bad_cursor"


def test_words_follow_the_readers_language(erp: Caller, ground: Ground) -> None:
    body = {"site": ground.station.pk, "kind": "delay", "channel": "pigeon", "extra": 1}
    error = erp.refused(422, "POST", "/cases", body)
    assert error["code"] == "invalid_request"
    assert error["fields"] == {"channel": error["fields"]["channel"], "extra": "不认识的名称。"}
    assert "call" in error["fields"]["channel"]
    english = erp.refused(422, "POST", "/cases", body, **{"Accept-Language": "en"})
    assert english["fields"].keys() == error["fields"].keys()


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b'{"site": NaN}', b"[]", b"", "站".encode("gbk")])
def test_bodies_that_cannot_be_read(erp: Caller, raw: bytes) -> None:
    response = erp.client.post(f"{BASE}/cases", data=raw, content_type="application/json", headers=erp.headers)
    assert response.status_code in (400, 422)
    assert json.loads(response.content)["error"]["code"] in ("bad_request", "invalid_request")


def test_large_bodies_are_refused_before_they_are_read(erp: Caller) -> None:
    response = erp.client.post(f"{BASE}/cases", data=b" " * (2 * 1024 * 1024 + 1), content_type="application/json", headers=erp.headers)
    assert response.status_code == 413
    assert json.loads(response.content)["error"]["params"] == {"limit": 2}


def test_me(erp: Caller, signed_in: Callable[..., Caller], cast: Cast, ground: Ground) -> None:
    assert erp.ok("GET", "/me")["sites"] == [ground.station.pk]
    found = signed_in(cast.agent).ok("GET", "/me")
    assert (found["kind"], found["name"], found["role"]) == ("staff", "李晓", "agent")


def test_a_token_acts_for_a_person_with_what_both_may(
    by_token: Callable[..., Caller], cast: Cast, ground: Ground, hire: Callable[..., Staff]
) -> None:
    lead = hire("lead", name="周组长")
    caller = by_token(["case.view", "case.work"], sites=[ground.station.pk])
    caller.headers["X-Kefu-On-Behalf-Of"] = lead.staff_no
    found = caller.ok("GET", "/me")
    assert (found["kind"], found["id"], found["role"], found["name"]) == ("staff", lead.pk, "lead", "周组长（ERP）")
    assert (found["permissions"], found["sites"]) == (["case.view", "case.work"], [ground.station.pk])
    assert caller.refused(403, "POST", "/cases", {})["params"] == {"permission": "case.open"}


def test_a_token_acts_for_nobody_unknown_out_of_reach_gone_or_administrator(
    by_token: Callable[..., Caller], cast: Cast, ground: Ground, hire: Callable[..., Staff]
) -> None:
    caller = by_token(sites=[ground.station.pk])
    gone = hire("agent")
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    others = [gone, hire("agent", ground.other_station), hire("admin")]
    refusals = [caller.refused(422, "GET", "/me", **{"X-Kefu-On-Behalf-Of": one}) for one in (*(s.staff_no for s in others), "9999", "x y")]
    assert {error["code"] for error in refusals} == {"on_behalf_of"}
    assert len({str(error) for error in refusals}) == 1


def test_a_session_cannot_stand_in(signed_in: Callable[..., Caller], cast: Cast, hire: Callable[..., Staff]) -> None:
    found = signed_in(cast.agent).ok("GET", "/me", **{"X-Kefu-On-Behalf-Of": hire("lead").staff_no})
    assert found["role"] == "agent"
