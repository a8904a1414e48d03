"""First run: setup by code, the checklist, people from a table, a password of one's own, sample data away."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.conftest import NOW, PASSWORD
from kefu.console import sample_data
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.models import AuditEntry
from kefu.people import founding, imports
from kefu.people.models import Staff

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
FORM = {
    "site_name": "杭州总部", "site_code": "HQ", "handbook": "best", "city": "杭州", "name": "陈总", "staff_no": "1000", "username": "chen",
    "password": PASSWORD, "again": PASSWORD,
}  # fmt: skip
TABLE = "工号,姓名,站点,班组,岗位,手机\n2001,王小丽,NS01,一组,客服,13812345678\n2002,,NS01,,客服,\n"


@pytest.fixture(autouse=True)
def _no_code():
    founding.code_path().unlink(missing_ok=True)
    yield
    founding.code_path().unlink(missing_ok=True)


@pytest.fixture
def world(ground: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def test_an_empty_product_leads_to_its_setup_and_on(client: Client) -> None:
    assert 'href="/setup"' in client.get("/sign-in").content.decode()
    page = client.get("/setup").content.decode()
    code = founding.code_path().read_text()
    assert code not in page
    answer = client.post("/setup", {**FORM, "code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/getting-started")
    page = client.get("/getting-started").content.decode()
    assert "导入人员" in page
    assert 'href="/people/sites"' in page
    assert client.get("/setup")["Location"] == "/sign-in"
    assert client.post("/setup", {**FORM, "code": code, "username": "other"})["Location"] == "/sign-in"
    assert Staff.objects.count() == 1


WRONG = [
    ({"code": "x"}, "code"),
    ({"again": "other"}, "again"),
    ({"handbook": "no"}, "handbook"),
    ({"name": ""}, "name"),
    ({"password": "a", "again": "a"}, "password"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_setup_says_what_is_wrong_and_makes_nobody(client: Client, change: dict[str, str], field: str) -> None:
    client.get("/setup")
    answer = client.post("/setup", {**FORM, "code": founding.code_path().read_text(), **change})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()
    assert not Staff.objects.exists()


def test_the_checklist_follows_what_is_there(world: World) -> None:
    client = world.client("admin")
    assert client.get("/getting-started").content.decode().count("is-done") == 2  # sites and handbooks of the tests' ground
    world.case("agent")
    assert client.get("/getting-started").content.decode().count("is-done") == 4  # people and a case too


def test_people_from_a_table_page_by_page(world: World) -> None:
    client = world.client("manager")
    assert client.get("/people/import/template").content.decode("utf-8-sig").startswith("工号,姓名")
    page = client.post("/people/import", {"file": SimpleUploadedFile("staff.csv", TABLE.encode()), "site": ""}).content.decode()
    assert "没有姓名" in page
    assert "没有用到的列：手机" in page
    assert not Staff.objects.filter(staff_no="2001").exists()
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    other = world.client("admin").post("/people/import/run", {"ticket": ticket, "site": ""})
    assert other.status_code == 404
    assert client.post("/people/import/run", {"ticket": ticket, "site": ""})["Location"] == "/people/import"
    assert Staff.objects.filter(staff_no="2001", must_set_password=True).exists()
    page = client.get("/people/import").content.decode()
    run = page.split("/passwords")[0].rpartition("/people/import/")[2]
    refused = b"".join(client.get(f"/people/import/{run}/refused").streaming_content).decode()
    assert "no_name" in refused
    first = client.post(f"/people/import/{run}/passwords")
    assert "2001" in first.content.decode()
    assert first["Cache-Control"] == "no-store"
    assert client.post(f"/people/import/{run}/passwords").status_code == 404
    assert not imports.handed_path(int(run)).exists()
    assert AuditEntry.objects.filter(action="staff.passwords_handed").count() == 1


def test_what_others_imported_is_not_found(world: World) -> None:
    client = world.client("manager")
    page = client.post("/people/import", {"file": SimpleUploadedFile("staff.csv", TABLE.encode()), "site": ""}).content.decode()
    client.post("/people/import/run", {"ticket": page.split('name="ticket" value="')[1].split('"')[0], "site": ""})
    run = client.get("/people/import").content.decode().split("/passwords")[0].rpartition("/people/import/")[2]
    world.staff.pop("manager")
    Staff.objects.filter(username="u-manager").update(username="u-former", staff_no="former")
    other = world.client("manager")
    for path in (f"/people/import/{run}/refused", f"/people/import/{run}/passwords"):
        assert (other.post if path.endswith("passwords") else other.get)(path).status_code == 404
    assert imports.handed_path(int(run)).exists()


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b""), ("a.csv", b"\xff\xfe\x00"), ("a.xlsx", b"PK\x03\x04broken"), ("a.csv", b"x,y\n1,2\n")]
)
def test_files_that_cannot_be_read_are_refused_in_words(world: World, name: str, content: bytes) -> None:
    answer = world.client("manager").post("/people/import", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_a_password_somebody_else_chose_opens_nothing_but_its_change(world: World) -> None:
    client = world.client("agent")
    Staff.objects.filter(pk=world.person("agent").pk).update(must_set_password=True)
    assert client.get("/cases")["Location"] == "/account/password"
    assert client.get("/cases", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/password"
    assert client.get("/cases", headers={"Accept": "application/json"}).status_code == 403
    assert "别人设置的" in client.get("/account/password").content.decode()
    same = client.post("/account/password", {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD})
    assert same.status_code == 422
    own = {"old": PASSWORD, "new": "My-own-pass-77", "again": "My-own-pass-77"}
    assert client.post("/account/password", own).status_code == 302
    assert client.get("/cases").status_code == 200


class _Sample:
    """Stands for the demo, which the console does not know."""

    def __init__(self, *, here: bool) -> None:
        self.here = here

    def present(self) -> bool:
        return self.here

    def remove(self) -> None:
        Staff.objects.all().delete()
        self.here = False


@pytest.fixture
def sample() -> Any:
    before = list(sample_data._offered)
    data = _Sample(here=True)
    sample_data.offered(data)
    yield data
    sample_data._offered[:] = before


def test_sample_data_go_only_when_meant_and_only_by_the_administrator(world: World, sample: _Sample) -> None:
    admin = world.client("admin")
    assert "清除演示数据" in admin.get("/getting-started").content.decode()
    assert "清除演示数据" not in world.client("manager").get("/getting-started").content.decode()
    assert world.client("manager").post("/getting-started/sample-data/remove", {"sure": "yes"}).status_code == 404
    admin.post("/getting-started/sample-data/remove")
    assert sample.here


def test_real_data_are_never_offered_for_removal(world: World, sample: _Sample) -> None:
    sample.here = False
    admin = world.client("admin")
    assert "清除演示数据" not in admin.get("/getting-started").content.decode()
    assert admin.post("/getting-started/sample-data/remove", {"sure": "yes"}).status_code == 404
