"""Pages of telling customers and of appeals to the authority: lists, one thing, its steps, who may not (CASE5, R27)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest, book_of
from kefu.conftest import NOW, hire  # noqa: F401 (of whom the cast is made, not the sign-in tests' own)
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.models import AuditEntry
from kefu.notices.models import Notice, Preference
from kefu.people.models import Staff
from kefu.reactions import run as reactions
from kefu.regulator.models import Appeal

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, cast, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    people = {role: Staff.objects.get(pk=getattr(cast, role).id) for role in ("agent", "lead", "manager", "admin", "outsider", "inspector")}
    return World(ground, people)


@pytest.fixture
def told(cast, ground):
    request = CaseRequest(
        ground.station.pk, "delay", "call", "快件没有动", waybill="50004090806901", customer_name="王小明", customer_phone="13800138000"
    )
    case = cases.open_case(actor=cast.agent, request=request, now=NOW)
    reactions.run_all(now=NOW)
    return case


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


def test_a_notice_from_the_list_to_told_by_a_person(world, told):
    client, row = world.client("agent"), Notice.objects.get()
    assert row.state == "person"  # no channel is set up
    assert at("customer-notice", notice_id=row.pk) in client.get(at("customer-notices")).content.decode()
    page = client.get(at("customer-notice", notice_id=row.pk)).content.decode()
    assert "没有接通这个渠道" in page
    assert "王小明" not in page
    address = at("customer-notice-step", notice_id=row.pk, step="told")
    refused = client.post(address, {"version": row.version, "note": " "})
    assert refused.status_code == 422
    assert client.post(address, {"version": row.version, "note": "电话告知，客户认可"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "sent"
    reactions.run_all(now=NOW)
    assert "人工告知客户" in client.get(at("case", case_id=told.pk)).content.decode()
    assert world.client("outsider").get(at("customer-notice", notice_id=row.pk)).status_code == 404


def test_the_customer_chooses(world, told):
    client = world.client("agent")
    card = at("customer", customer_id=told.customer_id)
    assert "手册默认" in client.get(card).content.decode()
    address = at("customer-channel", customer_id=told.customer_id)
    refused = client.post(address, {"channel": "phone", "consent": "", "choice": "-1"})
    assert refused.status_code == 422
    assert not Preference.objects.exists()
    assert client.post(address, {"channel": "phone", "consent": "电话中同意", "choice": "-1"}).status_code == 302
    assert "电话中同意" in client.get(card).content.decode()
    assert client.post(address, {"channel": "sms", "consent": "电话中同意", "choice": "-1"}).status_code == 409
    assert Preference.objects.get().channel == "phone"


def test_an_appeal_from_the_form_to_the_end(world):
    lead, manager = world.client("lead"), world.client("manager")
    sent = {
        "number": "SS1", "waybill": "50004090806944", "kind": "delay", "appellant": "王小明", "phone": "13800138000", "party": "recipient",
        "statement": "十天没有送到", "demand": "赔运费", "received_at": "2026-11-21T09:00", "site": world.ground.station.pk,
    }  # fmt: skip
    refused = lead.post(at("appeal-new"), {**sent, "kind": ""})
    assert refused.status_code == 422
    assert "十天没有送到" in refused.content.decode()
    done = lead.post(at("appeal-new"), sent)
    row = Appeal.objects.get()
    page = at("appeal", appeal_id=row.pk)
    assert done["Location"] == page

    def step(client, name, **more):
        row.refresh_from_db()
        return client.post(at("appeal-step", appeal_id=row.pk, step=name), {"version": row.version, **more})

    assert "SS1" in lead.get(at("appeals")).content.decode()
    text = lead.get(page).content.decode()
    assert "邮政申诉答复" in text
    assert "王小明" not in text
    assert "13800138000" in lead.get(f"{page}?clear=1").content.decode()
    assert step(lead, "accepted", accepted_at="2026-11-22T09:00").status_code == 302
    assert step(lead, "written", text="").status_code == 422
    assert step(lead, "written", text="愿意赔偿", files=SimpleUploadedFile("a.txt", b"proof")).status_code == 302
    assert step(lead, "answered").status_code == 403
    assert step(manager, "answered").status_code == 302
    assert step(lead, "opinion", text="退还运费").status_code == 302
    assert step(lead, "fed_back", text="同意").status_code == 302
    assert step(lead, "closed", verdict="valid", text="企业有责").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.verdict) == ("closed", "valid")
    assert "第 1 稿" in manager.get(page).content.decode()
    assert step(manager, "dispose").status_code == 302
    assert Appeal.objects.exists()
    case = lead.get(at("case", case_id=row.case_id)).content.decode()
    assert "的答复，已发出" in case
    assert "愿意赔偿" not in case
    rate = manager.get(at("appeal-rate") + "?month=2026-11").content.decode()
    assert "verdict=valid" in rate
    for role in ("agent", "inspector", "outsider"):
        assert world.client(role).get(page).status_code in (403, 404)
    assert AuditEntry.objects.filter(action="appeal.opened").exists()


def test_what_a_customer_will_be_told_is_read_before_the_step_is_taken(world, told):
    book = book_of(told)
    step = next(one.id for one in book.procedures[told.procedure].steps if "customer.informed" in one.events)
    page = world.client("agent").get(at("case-foretold", case_id=told.pk, step=step)).content.decode()
    assert "50004090806901" in page
    assert "王小明" not in page
    assert not Notice.objects.exclude(template="accepted").exists()
    assert world.client("outsider").get(at("case-foretold", case_id=told.pk, step=step)).status_code == 404
    assert world.client("agent").get(at("case-foretold", case_id=told.pk, step="nothing")).status_code == 404
