"""Ledgers over the registers: rows in the handbook's columns, sums, cells, files out and back in (SHOP7, E13)."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from kefu.cases.models import Case, Entry
from kefu.claims.models import LiabilityShare
from kefu.conftest import NOW
from kefu.exports import catalogue as exports
from kefu.exports import making
from kefu.handbook import queries as books
from kefu.handbook.schema.ledgers import LEDGER_REGISTERS
from kefu.kernel import imports
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.kernel.tabular import read_table, with_headings
from kefu.ledgers import actions, checkcodes, queries
from kefu.ledgers.catalogue import REGISTERS
from kefu.ledgers.errors import CellChanged, CellFixed, CellNotYours
from kefu.ledgers.imports import CHECK_CODE, open_ledger
from kefu.ledgers.models import KeptCell
from kefu.ledgers.queries import NONE, Wanted
from kefu.lists.definition import Ask
from kefu.lists.ledgers import key_of, list_of, named
from kefu.people.errors import MissingPermission
from kefu.shop.models import Reminder, Urge

pytestmark = pytest.mark.django_db
EIGHT = ("open_today", "payments", "liability", "carrier_liability", "repairs", "returns", "urges", "reminders")


def test_the_handbook_and_the_registers_speak_of_the_same_fields():
    assert set(LEDGER_REGISTERS) == set(REGISTERS)
    for key, about in LEDGER_REGISTERS.items():
        register = REGISTERS[key]
        assert set(about.fields) == set(register.cells), key
        assert {name for name, one in about.fields.items() if one.editable} == {name for name, one in register.cells.items() if one.write}
        assert set(about.only) == set(register.only)


class TestRows:
    def test_each_of_the_eight_ledgers_has_its_rows(self, filled):
        found = {one.key: one for one in queries.of_actor(filled.agent, NOW)}
        assert tuple(found) == EIGHT
        counts = {key: len(queries.page(filled.agent, one, Wanted(), now=NOW).rows) for key, one in found.items()}
        assert counts == {**dict.fromkeys(EIGHT, 1), "liability": 2}

    def test_cells_are_what_the_rooms_know(self, filled, paid_claim):
        row = queries.page(filled.agent, filled.ledger("carrier_liability"), Wanted(), now=NOW).rows[0]
        assert row.values["claimed"] == Decimal(300)
        assert (row.values["carrier"], row.words["type"], row.values["received"]) == ("ZTO", "遗失", None)
        payment = queries.page(filled.agent, filled.ledger("payments"), Wanted(), now=NOW).rows[0]
        assert payment.values["approved_by"] == filled.lead.name
        assert "13800001111" not in str(payment.words["account"])

    def test_nobody_sees_another_site(self, filled, cast):
        assert queries.of_actor(cast.agent, NOW)  # of their own handbook
        for one in EIGHT:
            ledger = filled.ledger(one)
            rows = [] if not cast.agent.may(ledger.register.view) else queries.page(cast.agent, ledger, Wanted(), now=NOW).rows
            assert rows == []

    def test_without_the_permission_nothing_is_listed_or_read(self, filled, cast):
        customer = cast.customer
        assert queries.of_actor(customer, NOW) == []
        with pytest.raises(MissingPermission):
            queries.page(customer, filled.ledger("returns"), Wanted(), now=NOW)

    def test_closed_cases_are_gone_and_today_is_today(self, filled):
        ledger = filled.ledger("open_today")
        assert len(queries.page(filled.agent, ledger, Wanted(today=True), now=NOW).rows) == 1
        assert queries.page(filled.agent, ledger, Wanted(today=True), now=NOW + timedelta(days=1)).rows == []
        Case.objects.update(is_open=False)
        assert queries.page(filled.agent, ledger, Wanted(), now=NOW).rows == []

    def test_sums_open_to_exactly_their_rows(self, filled):
        for key in EIGHT:
            ledger = filled.ledger(key)
            parts = queries.totals(filled.lead, ledger, Wanted(), now=NOW)
            assert sum(one.rows for one in parts) == len(queries.page(filled.lead, ledger, Wanted(), now=NOW).rows)
            for one in parts:
                assert len(queries.page(filled.lead, ledger, Wanted(group=one.value), now=NOW).rows) == one.rows
        assert {one.value: one.sum for one in queries.totals(filled.lead, filled.ledger("liability"), Wanted(), now=NOW)} == {
            "A": Decimal(300),
            "C": Decimal(200),
        }
        assert queries.totals(filled.lead, filled.ledger("reminders"), Wanted(), now=NOW)[0].value == NONE

    @pytest.mark.parametrize("key", EIGHT)
    def test_as_many_queries_for_many_rows(self, filled, key, django_assert_max_num_queries):
        ledger = filled.ledger(key)
        for _more in range(3):
            urge = Urge.objects.first()
            Urge.objects.create(site_id=urge.site_id, order_id=urge.order_id, at=NOW, cause="slow", by="甲")
            filled.sale("repair")
            filled.sale("return")
        with django_assert_max_num_queries(5):
            queries.page(filled.agent, ledger, Wanted(), now=NOW)

    def test_pages_go_on_where_the_last_ended(self, filled):
        for _more in range(4):
            filled.sale("return")
        ledger, seen, cursor = filled.ledger("returns"), [], None
        while True:
            page = queries.page(filled.agent, ledger, Wanted(), now=NOW, cursor=cursor, size=2)
            seen += [row.id for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 5
        assert seen == sorted(seen, reverse=True)


def write(shop, key, column, text, actor=None, **more):
    ledger = shop.ledger(key)
    row = queries.page(shop.lead, ledger, Wanted(), now=NOW).rows[0]
    return actions.write_cell(actor=actor or shop.agent, ledger=ledger, row_id=row.id, column_id=column, text=text, now=NOW, **more)


class TestCells:
    def test_a_kept_cell_is_written_down_and_told(self, filled):
        row = write(filled, "returns", "resend_no", " SF1234567890123 ")
        assert row.values["resend_no"] == "SF1234567890123"
        entry = AuditEntry.objects.get(action="ledger.cell_kept")
        assert entry.data["column"] == "resend_no"
        assert entry.clause.endswith("ledgers.returns")
        assert OutboxEvent.objects.filter(type="ledger.cell_kept").count() == 1
        write(filled, "returns", "resend_no", "SF1234567890123")  # the same again is nothing
        assert AuditEntry.objects.filter(action="ledger.cell_kept").count() == 1

    @pytest.mark.parametrize(
        ("key", "column", "text", "value"),
        [
            ("repairs", "cost", "¥35.5", Decimal("35.5")),
            ("returns", "restocked", "是", True),
            ("repairs", "out_at", "2026-01-31 15:20", "2026-01-31T07:20:00+00:00"),
            ("payments", "remark", "=1+1", "=1+1"),
        ],
    )
    def test_values_by_type(self, filled, key, column, text, value):
        found = write(filled, key, column, text).values[column]
        assert (found.isoformat() if hasattr(found, "isoformat") else found) == value
        assert not write(filled, key, column, "").values[column]

    @pytest.mark.parametrize(
        ("key", "column", "text"),
        [
            ("repairs", "cost", "很多"),
            ("repairs", "cost", "-1"),
            ("repairs", "cost", "1.234"),
            ("repairs", "out_at", "昨天"),
            ("returns", "restocked", "也许"),
            ("returns", "resend_no", "9" * 61),
            ("payments", "remark", "长" * 501),
            ("urges", "result", "长" * 501),
            ("reminders", "reply", "发火"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_changes(self, filled, key, column, text):
        with pytest.raises(Invalid):
            write(filled, key, column, text)
        assert KeptCell.objects.count() == 0
        assert not AuditEntry.objects.filter(action="ledger.cell_kept").exists()

    def test_cells_that_stand_for_work_do_the_work(self, filled):
        write(filled, "urges", "result", "已安排今天发出")
        assert Urge.objects.get().result == "已安排今天发出"
        assert Urge.objects.get().done_at == NOW
        write(filled, "reminders", "reply", "答应付款")
        assert Reminder.objects.get().reply == "will_pay"
        row = write(filled, "open_today", "progress", "快递答应今晚回复")
        assert row.values["progress"] == "快递答应今晚回复"
        assert Entry.objects.filter(kind="note").count() == 1
        row = write(filled, "open_today", "handed_to", filled.agent.name, actor=filled.lead)
        assert Case.objects.get().assignee_id == filled.agent.id
        assert row.values["handed_to"] == filled.agent.name

    def test_nobody_of_that_name_here(self, filled, cast):
        with pytest.raises(Invalid):
            write(filled, "open_today", "handed_to", cast.agent.name, actor=filled.lead)

    def test_refused_cells(self, filled, cast):
        with pytest.raises(CellFixed):
            write(filled, "liability", "share", "50")
        with pytest.raises(CellNotYours) as refused:
            write(filled, "carrier_liability", "received", "300")
        assert "组长" in str(refused.value)
        assert write(filled, "carrier_liability", "received", "300", actor=filled.lead).values["received"] == Decimal(300)
        with pytest.raises(NotFound):
            write(filled, "returns", "nothing", "1")
        with pytest.raises(NotFound):
            write(filled, "open_today", "progress", "别的站点", actor=cast.agent)
        assert LiabilityShare.objects.get(party="A").percent == Decimal(60)

    def test_a_reader_without_the_right_to_work_may_not_write(self, filled, cast, hire, ground):
        from kefu.people.access import actor_for

        inspector = actor_for(hire("inspector", ground.shop))
        with pytest.raises(Denied):
            write(filled, "payments", "remark", "看看", actor=inspector)
        assert KeptCell.objects.count() == 0

    def test_what_was_seen_must_still_be_there(self, filled):
        write(filled, "repairs", "cost", "35", seen="")
        with pytest.raises(CellChanged):
            write(filled, "repairs", "cost", "40", seen="")
        assert write(filled, "repairs", "cost", "40", seen="35.00").values["cost"] == Decimal(40)

    def test_two_who_write_at_once(self, filled):
        write(filled, "repairs", "cost", "35")
        known = KeptCell.objects.get()
        KeptCell.objects.filter(pk=known.pk).update(version=7)
        from kefu.kernel.claims import save_claimed

        with pytest.raises(Stale):
            save_claimed(known, value="50")


def exported(shop, key, tmp_path, actor=None, language="zh-hans"):
    """The file of a ledger and its rows as a spreadsheet shows them."""
    path = tmp_path / f"{key}-{len(list(tmp_path.iterdir()))}.xlsx"
    source = exports.named(key_of(shop.ledger(key)))
    with path.open("wb") as file, translation.override(language):
        making.write(making.Order(source, "xlsx", Ask(actor or shop.lead, {}, NOW), "report"), file)
    return path


def changed(path: Path, tmp_path: Path, changes: dict[str, str], row: int = 0) -> Path:
    """The file somebody sends back: as CSV, one row with other cells."""
    import csv

    table = with_headings(read_table(path), (CHECK_CODE,))
    rows = [["" if cell is None else str(cell) for cell in one.cells] for one in table.rows()]
    for heading, text in changes.items():
        rows[row][table.headings.index(heading)] = text
    back = tmp_path / f"back-{len(list(tmp_path.iterdir()))}.csv"
    with back.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([["退换货"], list(table.headings), *rows])
    return back


def taken(actor, path):
    return imports.run(actor=actor, source=open_ledger(actor=actor, path=path, now=NOW), now=NOW)


class TestFiles:
    def test_a_file_in_the_handbooks_columns_under_its_title(self, filled, tmp_path):
        table = read_table(exported(filled, "returns", tmp_path))
        assert table.headings[0] == "退换货产品表"
        found = with_headings(table, (CHECK_CODE,))
        assert list(found.headings) == [one.label for one in filled.ledger("returns").clause.columns] + ["核对码"]

    @pytest.mark.parametrize("key", EIGHT)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_a_file_as_it_went_out_changes_nothing(self, filled, tmp_path, key, language):
        write(filled, "payments", "remark", "=cmd|'/c calc'!A1")
        write(filled, "repairs", "cost", "35.5")
        write(filled, "repairs", "out_at", "2026-01-31 15:20")
        path = exported(filled, key, tmp_path, language=language)
        source = open_ledger(actor=filled.lead, path=path, now=NOW)
        look = imports.preview(source)
        assert (look.changed, look.problems) == ([], [])
        done = taken(filled.lead, path)
        assert (done.stored, done.refused, done.present) == (0, 0, done.read)

    def test_a_changed_cell_is_shown_and_then_written(self, filled, tmp_path):
        path = changed(exported(filled, "returns", tmp_path), tmp_path, {"补发单号": "SF99", "已入库": "是"})
        look = imports.preview(open_ledger(actor=filled.agent, path=path, now=NOW))
        ((_row, cells),) = look.changed
        assert [(one.title, one.before, one.after, one.refused) for one in cells] == [
            ("已入库", "", "是", ""),
            ("补发单号", "", "SF99", ""),
        ]
        assert KeptCell.objects.count() == 0
        done = taken(filled.agent, path)
        assert (done.stored, done.refused) == (1, 0)
        assert {one.column: one.value for one in KeptCell.objects.all()} == {"restocked": "1", "resend_no": "SF99"}
        again = taken(filled.agent, path)
        assert (again.stored, again.present) == (0, 1)

    def test_what_others_changed_meanwhile_is_not_overwritten(self, filled, tmp_path):
        path = changed(exported(filled, "returns", tmp_path), tmp_path, {"补发单号": "SF99"})
        write(filled, "returns", "resend_no", "YT11")
        done = taken(filled.agent, path)
        assert (done.stored, done.refused) == (0, 1)
        assert KeptCell.objects.get().value == "YT11"
        assert "导出以后已被他人修改" in imports.refused_path(done.pk).read_text("utf-8-sig")

    def test_a_row_is_taken_whole_or_not_at_all(self, filled, tmp_path):
        path = changed(exported(filled, "returns", tmp_path), tmp_path, {"补发单号": "SF99", "处理": "换货"})
        look = imports.preview(open_ledger(actor=filled.agent, path=path, now=NOW))
        assert [bool(one.refused) for one in look.changed[0][1]] == [True, False]
        assert taken(filled.agent, path).refused == 1
        assert KeptCell.objects.count() == 0

    def test_what_the_room_refuses_leaves_no_trace(self, filled, tmp_path):
        path = changed(exported(filled, "open_today", tmp_path), tmp_path, {"进展": "今晚回复", "交接给": "没有这个人"})
        done = taken(filled.lead, path)
        assert (done.stored, done.refused) == (0, 1)
        assert not Entry.objects.filter(kind="note").exists()
        assert "没有在岗" in imports.refused_path(done.pk).read_text("utf-8-sig")

    def test_posts_of_the_handbook_hold_in_files_too(self, filled, tmp_path):
        path = changed(exported(filled, "carrier_liability", tmp_path), tmp_path, {"到账金额": "300"})
        assert taken(filled.agent, path).refused == 1
        assert taken(filled.lead, path).stored == 1

    def test_rows_that_are_no_longer_ours(self, filled, tmp_path, cast):
        path = exported(filled, "open_today", tmp_path)
        Case.objects.update(is_open=False)
        assert imports.preview(open_ledger(actor=filled.lead, path=path, now=NOW)).problems[0].reason == "unknown_row"
        other = exported(filled, "returns", tmp_path)
        with pytest.raises(Denied):
            open_ledger(actor=cast.customer, path=other, now=NOW)

    def test_a_spoilt_check_code(self, filled, tmp_path):
        for _more in range(2):
            filled.sale("return")
        path = changed(exported(filled, "returns", tmp_path), tmp_path, {"核对码": "shop:returns:1:zh:"}, row=1)
        assert [one.reason for one in imports.preview(open_ledger(actor=filled.lead, path=path, now=NOW)).problems] == ["columns_changed"]

    def test_a_table_that_is_no_ledger(self, filled, tmp_path):
        path = tmp_path / "plain.csv"
        path.write_text("核对码,名称\nx,y\n", "utf-8")
        with pytest.raises(Invalid):
            open_ledger(actor=filled.lead, path=path, now=NOW)


class TestCheckCodes:
    def test_there_and_back(self):
        code = checkcodes.made("shop", "returns", 12, "zh-hans", ["a", ""])
        assert checkcodes.read(str(code)) == code

    @pytest.mark.parametrize("text", ["", "shop:returns:12", "shop:returns:x:zh:", "SHOP:returns:1:zh:", "shop:returns:1:zh:abc"])
    def test_anything_else_is_none(self, text):
        assert checkcodes.read(text) is None


class TestAsLists:
    def test_every_ledger_is_a_list_by_its_key(self, filled):
        for one in queries.of_actor(filled.agent, NOW):
            assert len(key_of(one)) <= 40
            assert named(key_of(one)).title == one.title
        with pytest.raises(NotFound):
            named("ledger-shop-nothing")
        with pytest.raises(NotFound):
            named("ledger-")

    def test_cells_lead_to_where_they_are_changed_only_for_who_may(self, filled, ground, hire):
        from kefu.people.access import actor_for

        inspector = actor_for(hire("inspector", ground.shop))
        ledger = filled.ledger("payments")
        assert [one.key for one in list_of(ledger, filled.agent).columns if one.edit] == ["remark"]
        assert [one.key for one in list_of(ledger, inspector).columns if one.edit] == []

    def test_station_handbooks_have_the_ledgers_that_make_sense(self, handbooks):
        assert [set(books.book_at(key, NOW).ledgers) for key in ("best", "zto")] == [{"open_today", "payments", "liability"}] * 2
