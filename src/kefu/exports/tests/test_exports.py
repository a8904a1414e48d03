"""Lists as files: right columns, under the reader's rights, safe to open, stamped, audited (PLAT2, SEC1, SEC2, SEC3)."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from kefu.batches import actions as batch_actions
from kefu.batches import work as batch_work
from kefu.batches.actions import BatchRequest
from kefu.cases import actions as case_actions
from kefu.cases.actions import CaseRequest
from kefu.conftest import NOW
from kefu.customers import actions as customers
from kefu.exports import actions, catalogue, making, queries, store, work
from kefu.exports.actions import ExportRequest, Ready
from kefu.exports.errors import NotReady, ReasonMissing, SourceUnknown, TooManyFiles
from kefu.exports.models import ExportFile
from kefu.kernel import exporting
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.kernel.exporting import Column, Document
from kefu.kernel.models import AuditEntry
from kefu.people.errors import MissingPermission
from kefu.people.models import Staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
ZONE = ZoneInfo("Asia/Shanghai")
EVIL = '=HYPERLINK("http://x","点我")'


@pytest.fixture(autouse=True)
def _empty_store():
    for path in store.folder().glob("*.bin"):
        path.unlink()


@pytest.fixture
def cases(cast, ground):
    """Three cases, one of them with a title that would be a formula."""
    made = []
    for number, text in enumerate((EVIL, "三天没有更新，电话 13812345678", "+86 回访")):
        request = CaseRequest(
            site_id=ground.station.pk,
            kind="delay",
            channel="call",
            description=text,
            title=text,
            waybill=f"5000409080{number:04d}",
            customer_name="王小明",
            customer_phone=f"1381234567{number}",
        )
        made.append(case_actions.open_case(actor=cast.admin, request=request, now=NOW))
    return made


def _export(actor, source="cases", format="xlsx", reason="report", clear=False, now=NOW, **wanted):
    return actions.export(actor=actor, request=ExportRequest(source, format, wanted, reason, clear), now=now)


def _sheet(ready: Ready) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(ready.content)).get_sheet_by_index(0).to_python()


def _csv(ready: Ready) -> list[list[str]]:
    assert ready.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(ready.content.decode("utf-8-sig"))))


# ── The files themselves ────────────────────────────────────────────────────────────────────────────────────────────

_COLUMNS = (
    Column("文字"),
    Column("单号", "code"),
    Column("数", "number"),
    Column("钱", "money"),
    Column("日", "day"),
    Column("时", "moment"),
)
_MOMENT = datetime(2026, 11, 22, 2, 0, 30, tzinfo=UTC)


def _document(*rows, stamp=""):
    return Document("测试", _COLUMNS, rows, ZONE, stamp=stamp)


def _written(kind, *rows, stamp=""):
    file = io.BytesIO()
    assert exporting.write(_document(*rows, stamp=stamp), file, kind) == len(rows)
    return file.getvalue()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", EVIL])
def test_nothing_written_by_people_becomes_a_formula(text):
    content = _written("xlsx", (text, "1", 1, 1, None, None))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist() if name.startswith("xl/worksheets"))
    cell = next(csv.reader(io.StringIO(_written("csv", (text, "1", 1, 1, None, None)).decode("utf-8-sig").split("\n", 1)[1])))[0]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_dates_and_codes_are_what_they_are():
    row = ("甲", "50004090806944123", -3, Decimal("12.50"), _MOMENT.date(), _MOMENT)
    content = _written("xlsx", row)
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert found[1] == ["甲", "50004090806944123", -3.0, 12.5, _MOMENT.date(), _MOMENT.astimezone(ZONE).replace(tzinfo=None)]
    line = _written("csv", row).decode("utf-8-sig").splitlines()[1]
    assert line == "甲,50004090806944123\t,-3,12.50,2026-11-22,2026-11-22 10:00:30"


def test_a_long_number_comes_back_whole_from_our_own_import():
    from kefu.kernel.cells import code_of

    row = ("甲", "050004090806944123", 1, 1, None, None)
    cell = next(csv.reader(io.StringIO(_written("csv", row).decode("utf-8-sig").splitlines()[1])))[1]
    assert code_of(cell) == "050004090806944123"


def test_the_stamp_stands_on_every_page_in_the_sheet_and_in_the_properties():
    stamp = "内部资料 · 王芳 & 1001"
    content = _written("xlsx", ("甲", "1", 1, 1, None, None), stamp=stamp)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet, core = book.read("xl/worksheets/sheet1.xml").decode(), book.read("docProps/core.xml").decode()
    root = ET.fromstring(sheet)
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert root.find(".//m:oddHeader", space).text == "&C内部资料 · 王芳 && 1001"
    assert root.find(".//m:oddFooter", space).text.endswith("&R&P / &N")
    assert "内部资料" in core
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0][0] == stamp
    assert _written("csv", ("甲", "1", 1, 1, None, None), stamp=stamp).decode().rstrip().endswith(stamp)
    plain = _written("xlsx", ("甲", "1", 1, 1, None, None))
    assert b"oddHeader" not in zipfile.ZipFile(io.BytesIO(plain)).read("xl/worksheets/sheet1.xml")


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_cases_leave_as_they_are_listed(cast, cases):
    rows = _sheet(_export(cast.lead, sort="newest"))
    stamp, heads, *found = rows
    assert "王芳" in stamp[0]
    assert "统计报表" in stamp[0]
    assert heads[:3] == ["工单号", "标题", "类型"]
    assert [row[0] for row in found] == [case.number for case in reversed(cases)]
    assert {row[7] for row in found} == {case.waybill for case in cases}
    assert found[0][16] == NOW.astimezone(ZONE).replace(tzinfo=None)
    text = str(rows)
    assert "13812345678" not in text
    assert "王小明" not in text
    with override("en"):
        assert _sheet(_export(cast.lead))[1][1] != "标题"


def test_the_filter_of_the_list_is_the_filter_of_the_file(cast, cases):
    assert len(_csv(_export(cast.lead, format="csv", waybill=cases[0].waybill))) == 3  # heads, one, stamp
    with pytest.raises(Invalid):
        _export(cast.lead, owner="me")


def test_each_export_is_in_the_audit_log_with_filter_and_rows(cast, cases):
    _export(cast.lead, kind="delay", q="13812345678")
    entry = AuditEntry.objects.get(action="export.made")
    assert entry.data["rows"] == 0  # nothing is indexed yet
    assert entry.data["filter"]["kind"] == "delay"
    assert "13812345678" not in str(entry.data)
    assert (entry.data["source"], entry.data["format"], entry.data["reason"]) == ("cases", "xlsx", "report")


EVERY = [
    ("cases", {}),
    ("conversations", {"result": "done"}),
    ("conversations", {"q": "快递"}),
    ("findings", {"since": "2026-11-01"}),
    ("scorecards", {"until": "2026-11-30"}),
    ("parcels", {"state": "signed"}),
    ("customers", {}),
    ("people", {"state": "active"}),
    ("audit", {"since": "2026-01-01"}),
    ("clauses", {"book": "best@1"}),
]


@pytest.mark.parametrize(("source", "wanted"), EVERY)
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_every_list_can_leave(cast, cases, source, wanted, format):
    ready = _export(cast.admin, source, format, **wanted)
    columns = len(_sheet(ready)[1] if format == "xlsx" else _csv(ready)[0])
    assert columns == len(catalogue.named(source).columns(None))
    assert ready.name.endswith(f".{format}")
    if source in ("cases", "customers", "people", "audit", "clauses"):
        assert ready.rows


@pytest.mark.parametrize("source", sorted(catalogue.SOURCES))
def test_who_may_take_what(cast, cases, source):
    wanted = {"clauses": {"book": "best@1"}, "batch": {"batch": "1"}}.get(source, {})
    for part, actor in cast.staff():
        entry = catalogue.named(source)
        seen = any(actor.may(code) for code in entry.permissions) and all(actor.may(code) for code in entry.also)
        allowed = seen and (entry.own or actor.may("export"))
        assert catalogue.may_take(actor, entry) is allowed
        if allowed and source != "batch":
            assert isinstance(_export(actor, source, **wanted), Ready), part
        elif not allowed:
            with pytest.raises(MissingPermission):
                _export(actor, source, **wanted)
    with pytest.raises(MissingPermission):
        _export(cast.customer, source, **wanted)


def test_only_ones_own_reach_leaves(cast, ground, cases, hire):
    from kefu.people import access

    elsewhere = access.actor_for(hire("lead", ground.other_station))
    assert _export(elsewhere).rows == 0
    assert _export(elsewhere, "customers").rows == 0
    assert _export(cast.lead, "customers").rows == 3


def test_personal_columns_are_masked_by_role(cast, ground, cases):
    masked = str(_sheet(_export(cast.lead, "customers")))
    assert "王小明" not in masked
    assert "13812345670" not in masked
    clear = str(_sheet(_export(cast.lead, "customers", clear=True)))
    assert "王小明" in clear
    assert "13812345670" in clear
    assert AuditEntry.objects.filter(action="export.made", data__clear=True).count() == 1
    with pytest.raises(MissingPermission):  # sees parcels and may export, but nothing in the clear
        _export(cast.inspector, "parcels", clear=True)
    with pytest.raises(Invalid):
        _export(cast.lead, "cases", clear=True)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (ExportRequest("secrets", "xlsx", {}, "report"), SourceUnknown),
        (ExportRequest("cases", "pdf", {}, "report"), Invalid),
        (ExportRequest("cases", "xlsx", {}, ""), ReasonMissing),
        (ExportRequest("cases", "xlsx", {}, "fun"), ReasonMissing),
        (ExportRequest("people", "xlsx", {"site": "x"}, "report"), Invalid),
        (ExportRequest("clauses", "xlsx", {}, ""), Invalid),
    ],
)
def test_a_refused_export_leaves_nothing(cast, cases, request_, error):
    before = AuditEntry.objects.count()
    with pytest.raises(error):
        actions.export(actor=cast.lead, request=request_, now=NOW)
    assert AuditEntry.objects.count() == before
    assert not ExportFile.objects.exists()


def test_refused_cases_of_a_bulk_work_leave_with_their_reasons(cast, ground, cases):
    case_actions.open_case(
        actor=cast.admin, request=CaseRequest(site_id=ground.other_station.pk, kind="delay", channel="call", description="外站"), now=NOW
    )
    request = BatchRequest("assign", {"staff": cast.second_agent.id}, [case.pk for case in cases])
    batch = batch_actions.start(actor=cast.agent, request=request, now=NOW)
    batch_work.run_due(now=NOW)
    rows = _sheet(_export(cast.agent, "batch", batch=str(batch.pk), outcome="refused"))[2:]
    assert [row[0] for row in rows] == [case.number for case in cases]
    assert all("权限" in row[4] for row in rows)
    with pytest.raises(NotFound):
        _export(cast.second_agent, "batch", batch=str(batch.pk))


def test_the_number_of_queries_does_not_grow_within_a_page(cast, ground, cases):
    counted = []
    for more in (0, 6):
        for number in range(more):
            request = CaseRequest(site_id=ground.station.pk, kind="delay", channel="call", description=f"又一件 {number}")
            case_actions.open_case(actor=cast.admin, request=request, now=NOW)
        _export(cast.lead)
        with CaptureQueriesContext(connection) as seen:
            _export(cast.lead)
        counted.append(len(seen))
    assert counted[0] == counted[1]


# ── Large files, made in the background ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def few_at_once(monkeypatch):
    """Everything above one row counts as large."""
    monkeypatch.setattr(actions, "AT_ONCE", 1)


@pytest.mark.usefixtures("few_at_once")
def test_a_large_file_is_made_by_the_worker_kept_encrypted_and_fetched_by_its_owner_only(cast, cases):
    row = _export(cast.lead, sort="newest")
    assert isinstance(row, ExportFile)
    assert row.state == "queued"
    with pytest.raises(NotReady):
        actions.fetch(actor=cast.lead, export_id=row.pk, now=NOW)
    assert work.run_due(now=NOW, clock=lambda: NOW) == 1
    row.refresh_from_db()
    assert (row.state, row.rows, row.expires_at) == ("done", 3, NOW + timedelta(days=7))
    stored = (store.folder() / f"{row.pk}.bin").read_bytes()
    assert b"PK" not in stored[:4]
    ready = actions.fetch(actor=cast.lead, export_id=row.pk, now=NOW)
    assert [line[0] for line in _sheet(ready)[2:]] == [case.number for case in reversed(cases)]
    for part in ("admin", "manager", "second_agent"):
        with pytest.raises(NotFound):
            actions.fetch(actor=getattr(cast, part), export_id=row.pk, now=NOW)
    assert list(AuditEntry.objects.filter(subject_kind="export").order_by("pk").values_list("action", flat=True)) == [
        "export.asked",
        "export.made",
        "export.fetched",
    ]
    assert not list(store.folder().glob("making-*"))


@pytest.mark.usefixtures("few_at_once")
def test_files_are_dropped_after_a_week_or_when_asked(cast, cases):
    first, second = _export(cast.lead), _export(cast.lead)
    work.run_due(now=NOW, clock=lambda: NOW)
    actions.cancel(actor=cast.lead, export_id=second.pk, now=NOW)
    assert [path.name for path in store.folder().glob("*.bin")] == [f"{first.pk}.bin"]
    with pytest.raises(Conflict):
        actions.cancel(actor=cast.lead, export_id=second.pk, now=NOW)
    assert work.forget_old(now=NOW + timedelta(days=6)) == 0
    assert work.forget_old(now=NOW + timedelta(days=7)) == 1
    assert not list(store.folder().glob("*.bin"))
    with pytest.raises(NotReady):
        actions.fetch(actor=cast.lead, export_id=first.pk, now=NOW + timedelta(days=8))


@pytest.mark.usefixtures("few_at_once")
def test_rights_are_asked_again_when_the_file_is_made(cast, cases):
    row = _export(cast.lead)
    Staff.objects.filter(pk=cast.lead.id).update(role="agent")
    work.run_due(now=NOW, clock=lambda: NOW)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("failed", "missing_permission")
    assert queries.failure(row)


@pytest.mark.usefixtures("few_at_once")
def test_too_many_rows_are_refused_in_words(cast, cases, monkeypatch):
    monkeypatch.setattr(making, "MOST_ROWS", 2)
    row = _export(cast.lead)
    work.run_due(now=NOW, clock=lambda: NOW)
    row.refresh_from_db()
    assert row.failure == "export_too_large"
    assert queries.failure(row)


@pytest.mark.usefixtures("few_at_once")
def test_a_worker_that_died_leaves_the_file_to_the_next(cast, cases):
    row = _export(cast.lead)
    dead = "d" * 32
    ExportFile.objects.filter(pk=row.pk).update(state="running", lease=dead, leased_until=NOW + timedelta(seconds=30))
    (store.workshop(dead) / "file").write_bytes(b"half")
    assert work.run_due(now=NOW, clock=lambda: NOW) == 0
    later = NOW + timedelta(seconds=31)
    assert work.run_due(now=later, clock=lambda: later) == 1
    row.refresh_from_db()
    assert row.state == "done"
    work.forget_old(now=later)
    assert not list(store.folder().glob("making-*"))


@pytest.mark.usefixtures("few_at_once")
def test_nobody_fills_the_workshop_alone(cast, cases, monkeypatch):
    monkeypatch.setattr(actions, "MOST_FILES", 1)
    _export(cast.lead)
    with pytest.raises(TooManyFiles):
        _export(cast.lead)
    _export(cast.manager)


def test_customers_are_found_by_what_the_form_sends(cast, ground):
    customers.find_or_create(actor=cast.system, site_id=ground.station.pk, name="赵大", phone="13900001111", now=NOW)
    assert _export(cast.lead, "customers", q="13900001111").rows == 1
    assert _export(cast.lead, "customers", q="13900002222").rows == 0
