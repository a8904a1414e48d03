"""Pages of arbitration: list, filing from a case, both sides, the verdict's form, statement, division of work (CASE7)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kefu.arbitration.models import Arbiter, Evidence, Filing, Move
from kefu.arbitration.tests.conftest import WAYBILL, desk, taken_to  # noqa: F401
from kefu.cases.models import Case
from kefu.conftest import NOW, hire  # noqa: F401 (of whom the cast is made, not the sign-in tests' own)
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.people.models import Staff

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, cast, monkeypatch):
    """Browsers of the rooms' own cast: who judges sits at the hub, as the desk of the rooms' tests does."""
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    people = {role: Staff.objects.get(pk=getattr(cast, role).id) for role in ("agent", "lead", "manager", "admin", "outsider")}
    return World(ground, people)


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


def test_filing_from_a_case_keeps_what_was_typed(desk, world):  # noqa: F811
    client = world.client("lead")
    page = client.get(at("arbitration-new") + f"?case={desk.case.pk}").content.decode()
    assert WAYBILL in page
    assert desk.case.number in page
    sent = {
        "waybill": WAYBILL, "kind": "loss", "site": desk.ground.station.pk, "case": desk.case.pk, "reason": "查无下落", "claimed": "300",
        "proof": "订单截图", "proof_amount": "200", "complainant": "王先生", "phone": "13800138000", "abnormal": "1",
        "accused": [desk.ground.other_station.pk],
    }  # fmt: skip
    refused = client.post(at("arbitration-new"), sent)
    assert refused.status_code == 422
    assert "索赔金额超过价值证明的金额" in refused.content.decode()
    assert "查无下落" in refused.content.decode()
    done = client.post(at("arbitration-new"), {**sent, "proof_amount": "300"})
    row = Filing.objects.get()
    assert done["Location"] == at("arbitration", filing_id=row.pk)
    assert row.case_id == desk.case.pk
    assert row.number in client.get(at("case", case_id=Case.objects.get(pk=desk.case.pk).pk)).content.decode()


def test_from_acceptance_to_the_appeal(desk, world):  # noqa: F811
    row = taken_to(desk, "filed")
    page = at("arbitration", filing_id=row.pk)

    def step(client, name, **sent):
        row.refresh_from_db()
        return client.post(at("arbitration-step", filing_id=row.pk, step=name), {"version": row.version, **sent})

    manager, admin, accused = world.client("manager"), world.client("admin"), world.client("outsider")
    assert accused.get(page).status_code == 404
    assert step(manager, "refuse", text=" ").status_code == 422
    step(manager, "accept")
    shown = accused.get(page).content.decode()
    assert "提交举证" in shown
    assert "13800138000" not in shown
    step(accused, "reply", text="没有收到", files=SimpleUploadedFile("录像.txt", b"b"))
    evidence = Evidence.objects.get()
    answer = accused.get(at("arbitration-evidence", filing_id=row.pk, evidence_id=evidence.pk))
    assert (answer.content, answer["Content-Type"]) == (b"b", "application/octet-stream")
    other = desk.ground.other_station.pk
    wrong = step(manager, "rule", outcome="accused", awarded="300", reason="底单为证", **{f"percent-{other}": "90"})
    assert wrong.status_code == 422
    assert "100%" in wrong.content.decode()
    assert "底单为证" in wrong.content.decode()
    step(manager, "rule", outcome="accused", awarded="300", reason="底单为证", **{f"percent-{other}": "100", f"fine-{other}": "50"})
    assert "底单为证" not in accused.get(page).content.decode()
    assert "请另一位仲裁员复核" in manager.get(page).content.decode()
    step(admin, "confirm")
    assert "底单为证" in accused.get(page).content.decode()
    step(accused, "appeal", text="有新证据")
    row.refresh_from_db()
    assert row.state == "appealed"
    assert step(manager, "unknown").status_code == 404


def test_the_statement_and_its_lock(desk, world, monkeypatch):  # noqa: F811
    taken_to(desk, "final")
    client = world.client("manager")
    address = at("arbitration-moves") + f"?site={desk.ground.station.pk}&month=2026-11"
    page = client.get(address).content.decode()
    assert "150.00" in page
    assert "锁定本月账单" not in page
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(days=12))
    assert "锁定本月账单" in client.get(address).content.decode()
    done = client.post(at("arbitration-lock"), {"site": desk.ground.station.pk, "month": "2026-11"}, follow=True)
    assert "已锁账" in done.content.decode()
    assert client.post(at("arbitration-lock"), {"site": "x", "month": ""}).status_code == 404
    assert Move.objects.count() == 4


def test_the_division_of_work(desk, world):  # noqa: F811
    client = world.client("manager")
    person = Staff.objects.get(pk=desk.second.id)
    sent = {"staff": person.pk, "region": desk.ground.hub.pk, "weight": "2", "kinds": ["loss"]}
    assert client.post(at("arbitration-arbiters"), {**sent, "weight": "0"}).status_code == 422
    assert person.name in client.post(at("arbitration-arbiters"), sent, follow=True).content.decode()
    row = Arbiter.objects.get()
    client.post(at("arbitration-arbiter-drop", arbiter_id=row.pk))
    assert "还没有分工" in client.get(at("arbitration-arbiters")).content.decode()


def test_the_list_opens_a_filing_and_offers_to_file(desk, world):  # noqa: F811
    row = taken_to(desk, "filed")
    page = world.client("manager").get(at("arbitrations") + "?waits=desk").content.decode()
    assert row.number in page
    assert at("arbitration-new") in page
    assert row.number not in world.client("outsider").get(at("arbitrations")).content.decode()
