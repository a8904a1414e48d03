"""Pages of scanning and signing: the gun with and without script, entry, list, one sign-off, signatures that look false (OPS1, OPS3)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kefu.cases.models import Case
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.models import Scan
from kefu.station.scanning.models import Answer, GunSession
from kefu.station.signing.models import SignOff, SignProof, Suspicion

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
A, B = "75123456789012", "75123456789013"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


@pytest.fixture
def here(ground):
    def arrive(*numbers, code="arrive", **changes):
        system, site = Actor.system("tests"), ground.station.pk
        parcels.register_parcels(actor=system, drafts=[ParcelDraft(waybill=one, site_id=site, **changes) for one in numbers], now=NOW)
        scans = [ScanDraft(one, code, site, NOW - timedelta(hours=2), "0", courier="120") for one in numbers]
        parcels.record_scans(actor=system, batch=scans, now=NOW)

    return arrive


@pytest.fixture
def gun(world, ground):
    client = world.client("clerk")
    person = world.person("clerk")
    given = {"site": ground.station.pk, "mode": "deliver", "courier": f"{person.staff_no} {person.name}"}
    assert client.post(at("station-scanning-open"), given).status_code == 302
    return client


def body(response):
    return response.content.decode()


def test_first_the_gun_is_set(world, ground):
    client = world.client("clerk")
    page = body(client.get(at("station-scanning")))
    assert "开始扫描" in page
    assert "gun-number" not in page
    refused = client.post(at("station-scanning-open"), {"site": ground.station.pk, "mode": "deliver", "courier": "999"})
    assert refused.status_code == 422
    assert "没有工号或姓名为 999 的派件员" in body(refused)
    assert not GunSession.objects.exists()


def test_a_shot_is_answered_by_a_row_and_the_counts(gun, here):
    here(A)
    url = at("station-scanning-scan")
    first = body(gun.post(url, {"number": A}, headers=HTMX))
    assert 'data-tone="ok"' in first
    assert "<html" not in first
    again = body(gun.post(url, {"number": A}, headers=HTMX))
    assert 'data-tone="refused"' in again
    assert "分钟内已扫过" in again
    assert body(gun.get(at("station-scanning"))).count('class="gun-row ') == 2


def test_a_clerk_refuses_and_sends_back_with_a_reason(world, ground, here):
    here(A)
    client = world.client("clerk")
    given = {"site": ground.station.pk, "mode": "return", "reason_refuse": "unwanted"}
    unsaid = client.post(at("station-scanning-open"), given)
    assert unsaid.status_code == 422
    assert "请先选原因" in body(unsaid)
    assert client.post(at("station-scanning-open"), given | {"reason_return": "sender", "next": ground.hub.pk}).status_code == 302
    assert 'data-tone="ok"' in body(client.post(at("station-scanning-scan"), {"number": A}, headers=HTMX))
    assert Scan.objects.filter(waybill=A, code="return").values_list("reason", "next_site_id").get() == ("sender", ground.hub.pk)
    assert "寄件人要求" in body(client.get(at("station-scanning")))
    trace = body(world.client("agent").get(at("parcel", waybill=A)))
    assert "原因 寄件人要求" in trace
    assert f'href="{at("station-signing-list")}?q={A}"' in trace


def test_a_shot_costs_few_statements(gun, here):
    here(A, B)
    url = at("station-scanning-scan")
    gun.post(url, {"number": A}, headers=HTMX)
    with CaptureQueriesContext(connection) as asked:
        gun.post(url, {"number": B}, headers=HTMX)
    assert len(asked) <= 40


def test_without_script_the_same_form_comes_back(gun, here):
    here(A)
    assert gun.post(at("station-scanning-scan"), {"number": A}).headers["Location"] == at("station-scanning")
    page = body(gun.get(at("station-scanning")))
    assert "autofocus" in page
    assert A in page


def test_many_are_pasted_and_one_is_taken_back(gun, here, world):
    here(A, B)
    page = body(gun.post(at("station-scanning-paste"), {"numbers": f"{A}\n{B}，运单"}, follow=True))
    assert "录入 2 票" in page
    assert "单号格式不对" in page
    answer = Answer.objects.get(waybill=A)
    row = body(gun.post(at("station-scanning-undo", answer_id=answer.pk), headers=HTMX))
    assert "已撤销" in row
    assert "只能撤销" not in row
    page = body(gun.post(at("station-scanning-undo", answer_id=answer.pk), follow=True))
    assert "已经撤销过了" in page


def test_scanning_without_a_gun_and_closing_it(gun, here):
    gun.post(at("station-scanning-close"))
    refused = gun.post(at("station-scanning-scan"), {"number": A}, headers=HTMX)
    assert refused.status_code == 409
    assert not Answer.objects.exists()


def test_who_may_scan(world, here, gun):
    here(A)
    gun.post(at("station-scanning-scan"), {"number": A}, headers=HTMX)
    assert world.client("agent").get(at("station-scanning")).status_code == 403
    assert A in body(world.client("agent").get(at("station-scanning-answers")))
    assert A not in body(world.client("outsider").get(at("station-scanning-answers")))


def entry(ground, **changes):
    signed = timezone.localtime(NOW).strftime("%Y-%m-%dT%H:%M")
    return {"waybill": A, "site": ground.station.pk, "signed_at": signed, "signer": "self", "situation": "normal"} | changes


def test_a_sign_off_with_a_picture(world, ground, here):
    here(A, code="deliver", cod_amount=Decimal(50))
    client = world.client("clerk")
    picture = SimpleUploadedFile("门口.jpg", b"picture", content_type="image/jpeg")
    refused = client.post(at("station-signing-record"), entry(ground, proofs=picture))
    assert refused.status_code == 422
    assert "应收 50.00 元，实收 0.00 元" in body(refused)
    assert A in body(refused)
    picture.seek(0)
    done = client.post(at("station-signing-record"), entry(ground, cod_collected="50", proofs=picture))
    assert done.status_code == 302
    row = SignOff.objects.get()
    page = body(client.get(at("station-signing-one", key=row.pk)))
    assert "门口.jpg" in page
    assert "撤销签收" not in page
    assert client.get(at("station-signing-proof", key=row.pk, proof_id=SignProof.objects.get().pk)).content == b"picture"


def test_nonsense_in_the_form_is_refused_by_field(world, ground, here):
    here(A, code="deliver")
    refused = world.client("clerk").post(at("station-signing-record"), entry(ground, signed_at="yesterday", cod_collected="x", signer="?"))
    assert refused.status_code == 422
    for words in ("签收时间晚于现在", "请选择签收人类型", "金额不正确"):
        assert words in body(refused)


def test_many_with_the_same_signer_keep_those_refused(world, ground, here):
    here(A, code="deliver")
    given = entry(ground, numbers=f"{A}\n{B}", signer="station", place="菜鸟驿站", consent_by="收件人", consent_how="phone")
    refused = world.client("clerk").post(at("station-signing-many"), given)
    assert refused.status_code == 422
    assert "系统里没有这个单号" in body(refused)
    assert f">\n{B}</textarea>" in body(refused)
    assert SignOff.objects.get().stage == "stored"


def test_the_page_of_one_changes_hands_out_and_undoes(world, ground, here):
    here(A, code="deliver")
    client = world.client("clerk")
    client.post(at("station-signing-record"), entry(ground, signer="locker", place="丰巢", consent_by="收件人张女士", consent_how="phone"))
    row = SignOff.objects.get()
    assert "收件人张女士" not in body(client.get(at("station-signing-one", key=row.pk)))
    page = body(client.post(at("station-signing-change", key=row.pk), {"version": 0, "place": "丰巢 3 号", "consent_by": ""}, follow=True))
    assert "丰巢 → 丰巢 3 号" in page
    page = body(client.post(at("station-signing-out", key=row.pk), {"version": 1, "out_at": ""}, follow=True))
    assert "已签收" in page
    assert client.post(at("station-signing-undo", key=row.pk), {"version": 2, "reason": "x"}).status_code == 403
    lead = world.client("lead")
    assert "请写明撤销原因" in body(lead.post(at("station-signing-undo", key=row.pk), {"version": 2, "reason": ""}))
    page = body(lead.post(at("station-signing-undo", key=row.pk), {"version": 2, "reason": "录错"}, follow=True))
    assert "已撤销：录错" in page
    assert world.client("outsider").get(at("station-signing-one", key=row.pk)).status_code == 404


def test_the_list_and_its_bulk_work(world, ground, here):
    here(A, code="deliver")
    client = world.client("clerk")
    client.post(at("station-signing-record"), entry(ground, signer="locker", place="丰巢", consent_by="收件人", consent_how="phone"))
    row = SignOff.objects.get()
    page = body(client.get(at("station-signing-list") + "?stage=stored&signer=locker"))
    assert A in page
    assert A not in body(client.get(at("station-signing-list") + "?signer=self"))
    client.post(at("station-signing-bulk"), {"do": "out", "row": row.pk})
    row.refresh_from_db()
    assert row.stage == "signed"
    assert world.client("agent").get(at("station-signing")).status_code == 302


def test_doubtful_signatures_are_found_cleared_and_become_cases(world, ground):
    system, site = Actor.system("tests"), ground.station.pk
    scans = [ScanDraft(one, "agent_sign", site, NOW, "1", courier="120") for one in (A, B)]
    parcels.record_scans(actor=system, batch=scans, now=NOW)
    client = world.client("lead")
    day = timezone.localdate(NOW)
    page = body(client.post(at("station-signing-examine"), {"site": site, "day": day.isoformat()}, follow=True))
    assert "新发现 4 条线索" in page
    assert "没有派件就签收" in page
    assert "当日签收率 =" in page
    first, last = Suspicion.objects.filter(pattern="no_delivery").order_by("pk")
    page = body(client.post(at("station-signing-checks-bulk"), {"do": "clear", "row": first.pk, "reason": ""}, follow=True))
    assert "请写明核查结果" in page
    client.post(at("station-signing-checks-bulk"), {"do": "clear", "row": first.pk, "reason": "电话确认收到"})
    client.post(at("station-signing-checks-bulk"), {"do": "case", "row": last.pk})
    first.refresh_from_db()
    assert first.cleared_why == "电话确认收到"
    case = Case.objects.get()
    assert (case.waybill, case.kind) == (last.waybill, "false_sign")
    assert "没有派件就签收" in case.description
    assert Scan.objects.count() == 2


def test_the_board_shows_both_rooms(world, gun, here):
    here(A)
    gun.post(at("station-scanning-scan"), {"number": A}, headers=HTMX)
    page = body(gun.get(at("station")))
    assert "今日派件" in page
    assert "入库待取" in page
