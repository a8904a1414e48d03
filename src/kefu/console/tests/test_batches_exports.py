"""Ticks and bulk work from the list of cases, saved views and columns, exports and the case file as pages (CASE8, PLAT2, SEC1)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.batches import work
from kefu.batches.models import Batch
from kefu.cases.models import Case, Entry
from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, World
from kefu.desk.models import SavedView
from kefu.exports import actions as exports
from kefu.exports import work as export_work
from kefu.exports.models import ExportFile
from kefu.kernel import moment, pdf
from kefu.kernel.models import AuditEntry

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: LATER)
    return World(ground)


def html(answer) -> str:
    return answer.content.decode()


def test_the_list_offers_what_the_reader_may_do_in_bulk(world):
    case = world.case()
    lead, inspector, agent = (html(world.client(role).get("/cases")) for role in ("lead", "inspector", "agent"))
    assert f'name="case" value="{case.pk}" form="bulk"' in lead
    assert re.findall(r'name="do" value="(\w+)"', lead) == ["assign", "step", "note", "level", "urge", "parent", "follow"]
    assert re.findall(r'name="do" value="(\w+)"', inspector) == ["follow"]
    assert "level" not in re.findall(r'name="do" value="(\w+)"', agent)


def test_bulk_work_is_asked_for_started_shown_and_stopped(world):
    cases = [world.case(), world.case(waybill="")]
    client = world.client("lead")
    form = {"case": [case.pk for case in cases], "do": "note", "f-view": "open"}
    page = html(client.post("/batches/new", form))
    assert "已选 2 张工单" in page
    assert not Batch.objects.exists()
    refused = client.post("/batches/new", {**form, "go": "1", "text": " "})
    assert (refused.status_code, Batch.objects.count()) == (422, 0)
    sent = {**form, "go": "1", "text": "统一回访", "ticket": "t1"}
    first, second = client.post("/batches/new", sent), client.post("/batches/new", sent)
    batch = Batch.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/batches/{batch.pk}"
    running = html(client.get(f"/batches/{batch.pk}"))
    assert "every 1s" in running
    assert "统一回访" in running
    assert client.post(f"/batches/{batch.pk}/stop").status_code == 302
    stopped = html(client.get(f"/batches/{batch.pk}"))
    assert "every 1s" not in stopped
    assert "批量操作已被停止" in stopped
    assert not Entry.objects.filter(kind="note").exists()


def test_everything_the_filter_holds(world):
    world.case(assignee_id=world.person("agent").pk)
    world.case(waybill="")
    client = world.client("lead")
    page = html(client.post("/batches/new", {"all": "1", "do": "assign", "f-view": "unassigned", "f-bogus": "1"}))
    assert "筛选结果中的全部工单：1 张" in page
    client.post("/batches/new", {"all": "1", "do": "assign", "f-view": "unassigned", "go": "1", "staff": world.person("agent").pk})
    work.run_due(now=LATER)
    assert not Case.objects.filter(assignee=None).exists()
    assert "撤销" in html(client.get(f"/batches/{Batch.objects.get().pk}"))


def test_nothing_ticked_or_an_unknown_action_goes_back(world):
    case, client = world.case(), world.client("lead")
    for form in ({"do": "note"}, {"do": "burn", "case": case.pk}):
        assert client.post("/batches/new", form).headers["Location"].startswith("/cases")
    assert world.client("agent").post("/batches/new", {"do": "level", "case": case.pk}).status_code == 403
    assert not Batch.objects.exists()


def test_the_result_of_others_is_not_found(world):
    case = world.case()
    world.client("lead").post("/batches/new", {"case": case.pk, "do": "note", "go": "1", "text": "看"})
    batch = Batch.objects.get()
    for role in ("agent", "outsider"):
        client = world.client(role)
        assert client.get(f"/batches/{batch.pk}").status_code == 404
        assert client.post(f"/batches/{batch.pk}/stop").status_code == 404
    assert world.client("manager").get("/batches?of=all").status_code == 200


def test_columns_and_views_stand_in_the_address_and_can_be_kept(world):
    world.case()
    client = world.client("lead")
    page = html(client.get("/cases?cols=status&cols=channel&density=normal"))
    heads = re.findall(r"<th[^>]*>(.*?)</th>", page)
    assert not any("运单号" in head for head in heads)
    assert any("来源渠道" in head for head in heads)
    assert "table-dense" not in page
    saved = client.post("/cases/views/new", {"name": "延误件", "scope": "own", "f-kind": "delay", "f-cols": "status,channel"})
    view = SavedView.objects.get()
    assert (view.values, view.columns) == ({"kind": "delay"}, ["status", "channel"])
    assert "cols=status%2Cchannel" in saved.headers["Location"]
    assert "延误件" in html(client.get("/cases/views"))
    assert client.post("/cases/views/new", {"name": "", "f-kind": "delay"}).status_code == 302
    client.post(f"/cases/views/{view.pk}/delete")
    assert not SavedView.objects.exists()


def test_a_list_leaves_at_once_or_as_a_file_in_the_making(world, monkeypatch):
    world.case()
    client = world.client("lead")
    order = {"source": "cases", "format": "csv", "reason": "report", "f-view": "open"}
    small = client.post("/exports/new", order)
    assert small.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    text = small.content.decode("utf-8-sig")
    assert "工单号" in text
    assert PHONE not in text
    assert client.post("/exports/new", {**order, "reason": ""}).status_code == 302
    assert AuditEntry.objects.filter(action="export.made").count() == 1
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    assert client.post("/exports/new", order).headers["Location"] == "/exports"
    row = ExportFile.objects.get()
    assert "every 1s" in html(client.get("/exports"))
    export_work.run_due(now=LATER, clock=lambda: LATER)
    assert f"/exports/{row.pk}/file" in html(client.get("/exports"))
    assert client.get(f"/exports/{row.pk}/file").content.startswith(b"\xef\xbb\xbf")
    assert world.client("manager").get(f"/exports/{row.pk}/file").status_code == 404
    assert world.client("agent").post("/exports/new", order).status_code == 403


def test_only_who_may_export_sees_the_menu(world):
    world.case()
    for address in ("/cases", "/conversations", "/parcels", "/customers"):
        assert "export-menu" in html(world.client("lead").get(address)), address
        assert "export-menu" not in html(world.client("agent").get(address)), address


def test_a_case_file_is_a_pdf_for_a_purpose(world):
    try:
        pdf.chinese_font()
    except pdf.FontMissing:
        pytest.skip("no Chinese font on this machine")
    case = world.case(title=EVIL, description=f'#read("/etc/passwd") {EVIL} {PHONE}')
    client = world.client("lead")
    assert client.post(f"/cases/{case.pk}/pdf", {"reason": ""}).status_code == 302
    assert not AuditEntry.objects.filter(action="export.made").exists()
    answer = client.post(f"/cases/{case.pk}/pdf", {"reason": "dispute"})
    assert answer.content.startswith(b"%PDF")
    assert AuditEntry.objects.get(action="export.made").data == {"source": "case_file", "format": "pdf", "reason": "dispute"}
    assert world.client("agent").post(f"/cases/{case.pk}/pdf", {"reason": "dispute"}).status_code == 403
    assert world.client("manager").post("/cases/999999/pdf", {"reason": "dispute"}).status_code == 404


def test_a_case_file_holds_texts_as_they_are_and_masked(world):
    from kefu.cases import queries
    from kefu.console.views import case_file

    case = world.case(description=f"#strong[x] {PHONE}")
    actor = world.actor("lead")
    found = case_file.document(actor, queries.detail(actor, case.pk, now=LATER), "check", LATER)
    assert found["sections"][0]["text"].startswith("#strong[x]")
    assert PHONE not in str(found)
    assert "内部检查" in found["stamp"]


def test_a_machine_without_a_chinese_font_says_so():
    with pytest.raises(pdf.FontMissing, match="fonts-noto-cjk"):
        pdf.chinese_font(system=False)


def test_the_cost_of_the_pages_does_not_grow(world):
    counted = []
    client = world.client("lead")
    for more in (1, 5):
        for _number in range(more):
            world.case(waybill="")
        ids = list(Case.objects.values_list("pk", flat=True))
        client.post("/batches/new", {"case": ids, "do": "note", "go": "1", "text": "x"})
        work.run_due(now=LATER)
        page = f"/batches/{Batch.objects.latest('pk').pk}"
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            client.get(page)
            client.get("/batches")
        counted.append(len(seen))
    assert counted[0] == counted[1]
