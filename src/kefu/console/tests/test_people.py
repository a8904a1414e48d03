"""People, sites and keys: who may, what is refused, secrets shown once."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kefu import conftest as whole_house
from kefu.conftest import PASSWORD, Cast, Ground
from kefu.console.tests import test_conversations as talks
from kefu.kernel.models import AuditEntry
from kefu.people import access
from kefu.people.models import ApiToken, Site, Staff, Team

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]

hire, enter = whole_house.hire, talks.enter


def form(ground: Ground, **changes: Any) -> dict[str, Any]:
    return {
        "username": "zhang.san", "staff_no": "8001", "name": "张三", "role": "agent", "site": ground.station.pk,
        "team": ground.team.pk, "hired_on": "2026-11-01", "password": "Long-enough-2026", **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/people", {"lead", "inspector", "trainer", "manager", "admin"}),
        ("/people/sites", {"lead", "inspector", "trainer", "manager", "admin"}),
        ("/people/new", {"manager", "admin"}),
        ("/people/tokens", {"admin"}),
    ],
)
def test_doors(path: str, allowed: set[str], cast: Cast, enter: Any) -> None:
    for part in ("agent", "clerk", "lead", "inspector", "trainer", "manager", "admin", "outsider"):
        assert enter(getattr(cast, part)).get(path).status_code == (200 if part in allowed else 403), part


def test_the_list_shows_those_in_reach(cast: Cast, ground: Ground, enter: Any) -> None:
    assert "外站客服" not in enter(cast.lead).get("/people").content.decode()
    assert "外站客服" in enter(cast.manager).get("/people").content.decode()
    html = enter(cast.manager).get("/people?role=lead").content.decode()
    assert "王芳" in html
    assert "周敏" not in html
    assert "周敏" in enter(cast.manager).get("/people?q=周").content.decode()
    for nonsense in ("role=x", "site=x", "state=x", "q=%00"):
        assert "周敏" in enter(cast.manager).get(f"/people?{nonsense}").content.decode()


def test_somebody_is_taken_on_and_can_sign_in(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.manager)
    answer = client.post("/people/new", form(ground))
    assert answer.status_code == 302
    staff = Staff.objects.get(staff_no="8001")
    assert (staff.name, staff.role, staff.site_id, staff.team_id) == ("张三", "agent", ground.station.pk, ground.team.pk)
    assert Client().post("/sign-in", {"username": "zhang.san", "password": "Long-enough-2026"}).status_code == 302
    assert AuditEntry.objects.filter(action="staff.created", subject_id=staff.pk, actor_id=cast.manager.id).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"), ({"staff_no": "x" * 21}, "staff_no"), ({"role": "king"}, "role"), ({"role": "admin"}, "role"),
        ({"password": "short"}, "password"), ({"password": ""}, "password"), ({"hired_on": "soon"}, "hired_on"),
        ({"team": "999999"}, "team"),
        ({"site": ""}, "site"), ({"username": "x" * 61}, "username"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken(changes: dict[str, Any], field: str, cast: Cast, ground: Ground, enter: Any) -> None:
    before = Staff.objects.count()
    answer = enter(cast.manager).post("/people/new", form(ground, **changes))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert "Long-enough-2026" not in answer.content.decode()
    assert Staff.objects.count() == before


def test_numbers_in_use_and_sites_out_of_reach(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.manager)
    taken = client.post("/people/new", form(ground, staff_no=Staff.objects.get(pk=cast.agent.id).staff_no))
    assert taken.status_code == 409
    assert "已存在" in taken.content.decode()
    assert client.post("/people/new", form(ground, site=ground.shop.pk, team="")).status_code == 404
    assert not Staff.objects.filter(staff_no="8001").exists()


def test_shutting_out_ends_sessions_at_once(cast: Cast, enter: Any) -> None:
    agent, manager = enter(cast.agent), enter(cast.manager)
    assert agent.get("/account").status_code == 200
    assert manager.post(f"/people/{cast.agent.id}/active", {"active": "0"}).status_code == 302
    assert agent.get("/account").status_code == 302
    assert not Staff.objects.get(pk=cast.agent.id).is_active
    manager.post(f"/people/{cast.agent.id}/active", {"active": "1"})
    assert Staff.objects.get(pk=cast.agent.id).is_active
    assert manager.post(f"/people/{cast.manager.id}/active", {"active": "0"}).status_code == 409
    assert enter(cast.lead).post(f"/people/{cast.agent.id}/active", {"active": "0"}).status_code == 403
    assert Staff.objects.get(pk=cast.agent.id).is_active


def test_a_forgotten_password_is_replaced_for_one_sign_in(cast: Cast, enter: Any) -> None:
    manager, staff = enter(cast.manager), Staff.objects.get(pk=cast.agent.id)
    for _try in range(10):
        Client().post("/sign-in", {"username": staff.username, "password": "wrong"})
    assert "unlock" in manager.get(f"/people/{staff.pk}").content.decode()
    refused = manager.post(f"/people/{staff.pk}/password", {"password": "short"})
    assert refused.status_code == 422
    assert 'id="password-error"' in refused.content.decode()
    assert manager.post(f"/people/{staff.pk}/password", {"password": "Brand-new-2026"}).status_code == 302
    assert "unlock" not in manager.get(f"/people/{staff.pk}").content.decode()
    client = Client()
    assert client.post("/sign-in", {"username": staff.username, "password": "Brand-new-2026"}).status_code == 302
    assert client.get("/cases").status_code == 302
    assert enter(cast.lead).post(f"/people/{staff.pk}/password", {"password": "Brand-new-2026"}).status_code == 403
    assert enter(cast.lead).post(f"/people/{staff.pk}/unlock").status_code == 403


def test_people_out_of_reach_are_not_found(cast: Cast, ground: Ground, enter: Any, hire: Any) -> None:
    narrow = enter(access.actor_for(hire("manager", ground.station)))
    for path in (f"/people/{cast.outsider.id}", "/people/999999"):
        assert narrow.get(path).status_code == 404
    assert narrow.post(f"/people/{cast.outsider.id}/active", {"active": "0"}).status_code == 404
    assert narrow.post(f"/people/{cast.outsider.id}/second-step").status_code == 404
    assert enter(cast.lead).get(f"/people/{cast.agent.id}").status_code == 200


def test_names_cannot_become_markup(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.manager)
    client.post("/people/new", form(ground, name='<img src=x onerror=alert(1)>"'))
    for path in ("/people", f"/people/{Staff.objects.get(staff_no='8001').pk}", "/scorecards", "/findings"):
        html = client.get(path).content.decode()
        assert "<img src=x" not in html
        assert "onerror=alert(1)>" not in re.sub(r"&[a-z#0-9]+;", "", html) or "&lt;img" in html


def test_sites_and_teams(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.manager)
    new = {"code": "JN01", "name": "江宁网点", "kind": "station", "handbook": "best", "parent": ground.hub.pk, "city": "南京"}
    assert client.post("/people/sites", new).status_code == 302
    site = Site.objects.get(code="JN01")
    assert site.path.startswith(ground.hub.path)
    assert client.post("/people/sites", new).status_code == 409
    for wrong in ({"handbook": "x"}, {"parent": ""}, {"kind": "castle"}, {"name": ""}, {"code": "y" * 21}):
        assert client.post("/people/sites", {**new, "code": "JN02", **wrong}).status_code == 422, wrong
    assert client.post("/people/sites", {**new, "code": "JN02", "parent": ground.shop.pk}).status_code == 404
    assert not Site.objects.filter(code="JN02").exists()
    cache.clear()  # who reaches what is looked up twice a minute
    assert client.post("/people/teams", {"site": site.pk, "team": "夜班"}).status_code == 302
    assert client.post("/people/teams", {"site": site.pk, "team": "夜班"}).status_code == 422
    assert client.post("/people/teams", {"site": site.pk, "team": ""}).status_code == 422
    assert client.post("/people/teams", {"site": ground.shop.pk, "team": "白班"}).status_code == 404
    assert Team.objects.filter(site=site).count() == 1
    for part in ("lead", "inspector", "agent"):
        other = enter(getattr(cast, part))
        assert other.post("/people/sites", {**new, "code": "JN03"}).status_code == 403
        assert other.post("/people/teams", {"site": ground.station.pk, "team": "x"}).status_code == 403


def test_a_secret_is_shown_once(cast: Cast, ground: Ground, enter: Any) -> None:
    client = enter(cast.admin)
    made = client.post("/people/tokens", {"name": "呼叫平台", "permissions": ["conversation.import"], "sites": [ground.station.pk]})
    assert made["Cache-Control"] == "no-store"
    secret = re.search(r"<code>(kefu_\w+_\w{20,})</code>", made.content.decode())
    assert secret is not None
    token = ApiToken.objects.get()
    assert (token.permissions, token.site_ids) == (["conversation.import"], [ground.station.pk])
    html = client.get("/people/tokens").content.decode()
    assert "呼叫平台" in html
    assert secret[1] not in html
    assert client.post(f"/people/tokens/{token.pk}/revoke").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
    assert client.post("/people/tokens/999999/revoke").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"permissions": []}, {"permissions": ["everything"]}, {"expires": "2001-01-01"}, {"expires": "x"},
     {"sites": ["999999"]}],
)  # fmt: skip
def test_keys_that_are_not_made(changes: dict[str, Any], cast: Cast, enter: Any) -> None:
    given = {"name": "x", "permissions": ["case.view"], **changes}
    answer = enter(cast.admin).post("/people/tokens", given)
    if "sites" in changes:  # the administrator reaches every site, so an unknown one only opens nothing
        assert answer.status_code in (200, 422)
        return
    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_only_the_administrator_makes_keys(cast: Cast, enter: Any) -> None:
    for part in ("manager", "lead", "agent"):
        client = enter(getattr(cast, part))
        assert client.post("/people/tokens", {"name": "x", "permissions": ["case.view"]}).status_code == 403
        assert client.post("/people/tokens/1/revoke").status_code == 403
    assert PASSWORD  # the cast's own, nobody's secret
    assert not ApiToken.objects.exists()


def test_the_list_costs_the_same_however_many_people(cast: Cast, ground: Ground, hire: Any, enter: Any) -> None:
    client = enter(cast.manager)
    client.get("/people")
    costs = []
    for count in (2, 30):
        for _one in range(count):
            hire("agent", ground.other_station)
        with CaptureQueriesContext(connection) as seen:
            html = client.get("/people?state=active").content.decode()
        assert html.count("<tr>") > count
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 7


def test_keys_are_given_by_words(cast: Cast, enter: Any) -> None:
    html = enter(cast.admin).get("/people/tokens").content.decode()
    assert "查看未掩码的个人信息" in html
    assert "personal.unmask" in html
