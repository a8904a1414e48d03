"""Entering waybills, changing them, void numbers, collections, files: with the cast (O9, OPS2, SEC2)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel import imports
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, ImportRun
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.models import Parcel, Scan, SubWaybill
from kefu.people.errors import MissingPermission
from kefu.station.areas import actions as areas
from kefu.station.areas.drafts import AreaDraft
from kefu.station.entry import actions, queries
from kefu.station.entry.collecting import collect
from kefu.station.entry.drafts import Collected, EntryDraft
from kefu.station.entry.errors import EntryDoubtful, EntryRefused, NotVoidable, ReasonWanted
from kefu.station.entry.imports import open_collections, open_entries
from kefu.station.entry.models import Collection, Entry, EntryChange, VoidNumber
from kefu.station.entry.queries import EntryFilter

WAYBILL = "50004090806944"
TODAY = date(2026, 11, 22)
ADDRESS = "江苏省南京市江宁区东山街道竹山路1号"


@pytest.fixture
def area(ground, cast):
    draft = AreaDraft("江苏省南京市江宁区", "home", date(2026, 1, 1), date(2025, 12, 1))
    return areas.add_area(actor=cast.admin, site_id=ground.other_station.pk, draft=draft, now=NOW)


@pytest.fixture
def draft(ground, area):
    return EntryDraft(
        WAYBILL,
        ground.station.pk,
        TODAY,
        "C01",
        Party("赵寄件", "13900001111", "南京市鼓楼区中央路1号"),
        Party("钱收件", "13812345678", ADDRESS),
        goods="衣服",
        weight=Decimal("1.2"),
        length=Decimal(30),
        width=Decimal(30),
        height=Decimal(20),
        insured_amount=Decimal(1000),
        id_verified=True,
    )


def state():
    kept = [list(model.objects.order_by("pk").values_list()) for model in (Entry, EntryChange, VoidNumber, Collection, Parcel, SubWaybill)]
    return kept, Scan.objects.count(), AuditEntry.objects.count()


def refused(error, do, **call):
    before = state()
    with pytest.raises(error) as raised:
        do(**call)
    assert state() == before
    return raised.value


def scan(site, code, waybill=WAYBILL, hours=1):
    return ScanDraft(waybill, code, site.pk, NOW - timedelta(hours=hours), operator="1007")


def test_an_entry_becomes_a_parcel_with_everything_worked_out(draft, ground, cast, area):
    row = actions.enter(actor=cast.clerk, draft=replace(draft, waybill="5000 4090 8069 44"), now=NOW)
    parcel = Parcel.objects.get(waybill=WAYBILL)
    assert (parcel.site, parcel.origin_site, parcel.in_area) == (ground.other_station, ground.station, True)
    assert (parcel.volume_weight, parcel.billing_weight, parcel.insurance_fee) == (Decimal(3), Decimal(3), Decimal(5))
    assert (parcel.destination, parcel.collected_by) == ("江苏省/南京市/江宁区/东山街道", "C01")
    assert parcel.entered_by
    assert (row.area_verdict, row.area_id, row.entered_by, row.warnings) == ("home", area.pk, "孙师傅", "")
    assert AuditEntry.objects.filter(action="waybill.entered", subject_id=parcel.pk).count() == 1


def test_a_refusal_names_every_field_at_once(draft, cast):
    wrong = replace(draft, goods="汽油", id_verified=False, receiver=Party("钱", "1", ADDRESS))
    error = refused(EntryRefused, actions.enter, actor=cast.clerk, draft=wrong, now=NOW)
    assert set(error.fields) == {"goods", "id_verified", "receiver_phone"}
    assert error.reason == "entry_receiver_phone"


def test_warnings_are_let_stand_by_their_codes(draft, cast):
    two = replace(draft, pieces=2)
    error = refused(EntryDoubtful, actions.enter, actor=cast.clerk, draft=two, now=NOW)
    assert error.params["codes"] == ["entry_no_subs"]
    assert actions.enter(actor=cast.clerk, draft=two, now=NOW, accepted=["entry_no_subs"]).warnings == "entry_no_subs"


def test_pieces(draft, cast):
    wrong = replace(draft, pieces=2, sub_waybills=("90000000001",))
    error = refused(EntryRefused, actions.enter, actor=cast.clerk, draft=wrong, now=NOW)
    assert (error.reason, list(error.fields)) == ("sub_waybill_count", ["sub_waybills"])
    actions.enter(actor=cast.clerk, draft=replace(wrong, sub_waybills=("90000000001", "9000 0000 002")), now=NOW)
    assert SubWaybill.objects.count() == 2
    third = replace(draft, waybill="50004090806955", pieces=1, sub_waybills=("90000000001",))
    assert refused(EntryRefused, actions.enter, actor=cast.clerk, draft=third, now=NOW).reason == "sub_waybill_taken"


def test_a_number_is_entered_once(draft, cast):
    actions.enter(actor=cast.clerk, draft=draft, now=NOW)
    error = refused(EntryRefused, actions.enter, actor=cast.clerk, draft=draft, now=NOW)
    assert error.reason == "entry_taken"
    assert "孙师傅" in error.fields["waybill"]


def test_a_registered_waybill_takes_on_what_is_entered(draft, ground, cast):
    known = ParcelDraft(WAYBILL, ground.other_station.pk, ground.station.pk, carrier="best", promised_at=NOW, hub_weight=Decimal("3"))
    parcels.register_parcel(actor=cast.clerk, draft=known, now=NOW)
    actions.enter(actor=cast.clerk, draft=draft, now=NOW)
    parcel = Parcel.objects.get()
    assert (parcel.carrier, parcel.promised_at, parcel.hub_weight, parcel.goods) == ("best", NOW, Decimal(3), "衣服")


def test_who_may(draft, ground, cast):
    for part in ("agent", "inspector", "outsider", "customer"):
        refused(MissingPermission, actions.enter, actor=getattr(cast, part), draft=draft, now=NOW)
    elsewhere = replace(draft, site_id=ground.other_station.pk)
    assert refused(EntryRefused, actions.enter, actor=cast.clerk, draft=elsewhere, now=NOW).reason == "entry_origin"
    actions.enter(actor=cast.clerk, draft=draft, now=NOW)
    for actor in (replace(cast.clerk, sites=frozenset({ground.other_station.pk})), cast.outsider):
        with pytest.raises(NotFound):
            queries.get(actor, WAYBILL)
        assert queries.page(actor, EntryFilter()).rows == []


def test_a_change_is_kept_with_masked_values(draft, cast):
    row = actions.enter(actor=cast.clerk, draft=draft, now=NOW)
    new = replace(draft, weight=Decimal(5), receiver=Party("孙收件", "13812345679", ADDRESS), told=True)
    told = actions.amend(actor=cast.lead, draft=new, version=row.version, now=NOW)
    assert {one.field for one in told} == {"weight", "billing_weight", "receiver_name", "receiver_phone", "told"}
    lines = queries.history(cast.clerk, WAYBILL)
    assert {(one.field, one.old, one.new) for one in lines} >= {("receiver_name", "钱*", "孙*"), ("weight", "1.200", "5")}
    assert "13812345679" not in str(list(EntryChange.objects.values_list()))
    assert Parcel.objects.get().billing_weight == Decimal(5)
    card = queries.get(cast.clerk, WAYBILL, clear=True)
    assert (card.draft.receiver.name, card.row.change_count, card.row.changed_by) == ("孙收件", 5, "王芳")
    assert queries.get(cast.agent, WAYBILL).draft.receiver.name == "孙*"
    with pytest.raises(MissingPermission):
        queries.get(cast.agent, WAYBILL, clear=True)
    refused(Stale, actions.amend, actor=cast.clerk, draft=new, version=row.version - 1, now=NOW)


def test_after_it_was_sent_a_reason_is_wanted(draft, ground, cast):
    row = actions.enter(actor=cast.clerk, draft=draft, now=NOW)
    new = replace(draft, weight=Decimal(5))
    parcels.record_scans(actor=cast.clerk, batch=[scan(ground.station, "collect", hours=2)], now=NOW)
    actions.amend(actor=cast.clerk, draft=new, version=row.version, now=NOW)
    parcels.record_scans(actor=cast.clerk, batch=[scan(ground.station, "send")], now=NOW)
    again = {"actor": cast.clerk, "draft": replace(new, weight=Decimal(6)), "version": row.version + 1, "now": NOW}
    assert refused(ReasonWanted, actions.amend, **again, reason="错").reason == "entry_reason"
    actions.amend(**again, reason="客户加了一件衣服")
    assert queries.history(cast.clerk, WAYBILL)[0].reason == "客户加了一件衣服"


def test_void_numbers(draft, ground, cast):
    call = {"actor": cast.clerk, "site_id": ground.station.pk, "now": NOW}
    assert refused(ReasonWanted, actions.void_numbers, **call, waybills=[WAYBILL], reason="坏").reason == "entry_void_reason"
    assert actions.void_numbers(**call, waybills=["5000 4090 8069 44", WAYBILL, ""], reason="面单打印坏了") == 1
    assert actions.void_numbers(**call, waybills=[WAYBILL], reason="面单打印坏了") == 0
    error = refused(EntryRefused, actions.enter, actor=cast.clerk, draft=draft, now=NOW)
    assert (error.reason, "面单打印坏了" in error.fields["waybill"]) == ("entry_void", True)
    other = replace(draft, waybill="50004090806955")
    actions.enter(actor=cast.clerk, draft=other, now=NOW)
    actions.void_numbers(**call, waybills=[other.waybill], reason="客户取消寄件")
    assert Parcel.objects.get(waybill=other.waybill).cancelled_at == NOW
    third = replace(draft, waybill="50004090806966")
    actions.enter(actor=cast.clerk, draft=third, now=NOW)
    parcels.record_scans(actor=cast.clerk, batch=[scan(ground.station, "collect", third.waybill)], now=NOW)
    refused(NotVoidable, actions.void_numbers, **call, waybills=["50004090806977", third.waybill], reason="面单打印坏了")
    refused(MissingPermission, actions.void_numbers, **(call | {"actor": cast.agent}), waybills=[WAYBILL], reason="面单打印坏了")
    assert [row.waybill for row in queries.voids(cast.clerk, waybill=WAYBILL).rows] == [WAYBILL]


def test_collection_entry(draft, ground, cast):
    actions.void_numbers(actor=cast.clerk, site_id=ground.station.pk, waybills=["50004090806900"], reason="面单打印坏了", now=NOW)
    parcels.record_scans(actor=cast.manager, batch=[scan(ground.hub, "collect", "50004090806901")], now=NOW)
    parcels.register_parcel(actor=cast.clerk, draft=ParcelDraft("50004090806902", ground.station.pk), now=NOW)
    parcels.record_scans(actor=cast.clerk, batch=[scan(ground.station, "sign", "50004090806902")], now=NOW)
    lines = [
        Collected(WAYBILL, Decimal("1.5")),
        Collected("运单", None),
        Collected("50004090806900"),
        Collected("50004090806901"),
        Collected("50004090806902"),
        Collected("50004090806903", Decimal(0)),
        Collected(WAYBILL),
        Collected("50004090806904"),
    ]
    at = NOW - timedelta(hours=3)
    call = {"actor": cast.clerk, "site_id": ground.station.pk, "collector": "C01", "collected_at": at, "now": NOW}
    done = collect(**call, lines=lines)
    reasons = [
        (1, "bad_waybill"),
        (2, "collect_void"),
        (3, "collect_again"),
        (4, "collect_signed"),
        (5, "collect_weight"),
        (6, "collect_twice"),
    ]
    assert (done.stored, done.present, list(done.refused)) == (2, 0, reasons)
    assert Scan.objects.get(waybill=WAYBILL, code="collect").courier == "C01"
    again = collect(**call, lines=lines[:1])
    assert (again.stored, again.present) == (0, 1)
    # The scale at collection is held against what is entered, and the rate counts who is entered.
    assert actions.check(actor=cast.clerk, draft=draft, now=NOW).findings[0].code == "entry_scale"
    actions.enter(actor=cast.clerk, draft=replace(draft, weight=Decimal("1.5")), now=NOW)
    found = queries.rate(cast.clerk, day_from=TODAY, day_to=TODAY)
    assert (found.collected, found.entered, found.share) == (2, 1, 0.5)
    assert queries.rate(cast.clerk, day_from=TODAY, day_to=TODAY, site_id=ground.hub.pk) == queries.Rate(0, 0)
    assert queries.rate(cast.clerk, day_from=date(2026, 11, 1), day_to=date(2026, 11, 2)).share is None
    page = queries.collections(cast.clerk, day=TODAY, collector="C01")
    assert {(row.waybill, row.entered) for row in page.rows} == {(WAYBILL, True), ("50004090806904", False)}
    assert queries.scale_of(WAYBILL) == Decimal("1.5")
    refused(Invalid, collect, **(call | {"collector": " "}), lines=lines)
    refused(Invalid, collect, **(call | {"collected_at": NOW + timedelta(minutes=1)}), lines=lines)
    refused(NotFound, collect, **(call | {"site_id": ground.hub.pk}), lines=lines)
    refused(MissingPermission, collect, **(call | {"actor": cast.agent}), lines=lines)


def drafts_of(draft, count, start=0):
    return [replace(draft, waybill=f"5000409081{start + number:04d}") for number in range(count)]


def test_many_at_once_cost_a_fixed_number_of_statements(draft, cast):
    def cost(drafts):
        with CaptureQueriesContext(connection) as made:
            assert actions.enter_many(actor=cast.clerk, drafts=drafts, now=NOW).stored == len(drafts)
        return len(made)

    assert cost(drafts_of(draft, 120)) <= cost(drafts_of(draft, 30, 500)) + 4


def test_the_list_costs_the_same_at_two_sizes(draft, cast):
    def asked():
        with CaptureQueriesContext(connection) as made:
            rows = queries.page(cast.clerk, EntryFilter(day_from=TODAY, day_to=TODAY)).rows
        return len(rows), len(made)

    actions.enter_many(actor=cast.clerk, drafts=drafts_of(draft, 2), now=NOW)
    few = asked()
    actions.enter_many(actor=cast.clerk, drafts=drafts_of(draft, 10, 100), now=NOW)
    assert (few, asked()) == ((2, few[1]), (12, few[1]))
    row = queries.page(cast.clerk, EntryFilter(waybill="5000 4090 810000")).rows[0]
    assert (row.receiver_name, row.receiver_phone) == ("钱*", "138******78")
    with pytest.raises(MissingPermission):
        queries.page(cast.clerk, EntryFilter(), clear=True)
    assert str(queries.count(cast.clerk, EntryFilter(doubtful=True))) == "0"


def test_bulk_takes_the_good_and_names_the_bad(draft, ground, cast):
    good, late = drafts_of(draft, 2)
    wrong = [
        replace(good, waybill="50004090819999", goods="汽油"),
        replace(good, waybill="坏"),
        replace(good, waybill="50004090819998", site_id=ground.hub.pk),
    ]
    done = actions.enter_many(actor=cast.clerk, drafts=[good, *wrong, replace(late, pieces=3), good], now=NOW)
    assert (done.stored, done.present, done.doubtful) == (2, 1, 1)
    assert list(done.refused) == [(1, "entry_banned"), (2, "bad_waybill"), (3, "entry_origin")]


HEAD = "运单号,寄件日期,寄件人,寄件电话,寄件地址,收件员,收件人,收件电话,收件地址,品名,实际重量,长*宽*高,付款方式,到付金额,实名,子单号,件数"
TABLE = f"""{HEAD}
50004090806944,2026-11-22,赵寄件,13900001111,南京市鼓楼区中央路1号,C01,钱收件,13812345678,{ADDRESS},衣服,1.2,30*30*20,寄付,,是,,1
50004090806945,2026/11/21 18:00,赵寄件,13900001111,南京市,C01,钱收件,13812345678,{ADDRESS},书,3kg,,到付,￥12,是,90000000001-90000000002,2
5.00041E+13,2026-11-22,赵寄件,13900001111,南京市,C01,钱收件,13812345678,{ADDRESS},书,3,,,,是,,1
50004090806946,,赵寄件,13900001111,南京市,C01,钱收件,13812345678,{ADDRESS},书,3,,,,是,,1
50004090806947,2026-11-22,赵寄件,13900001111,南京市,C01,钱收件,13812345678,{ADDRESS},书,3,,,,,,1
50004090806948,2026-11-22,赵寄件,13900001111,南京市,C01,钱收件,138,{ADDRESS},书,3,30*20,,,是,,1
50004090806949,2026-11-22,赵寄件,13900001111,南京市,C01,钱收件,138,{ADDRESS},书,3,,,,是,,1
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_table_of_waybills(tmp_path, draft, ground, cast, encoding):
    path = tmp_path / "waybills.csv"
    path.write_bytes(TABLE.replace("长*宽*高", "长宽高").encode(encoding))
    look = imports.preview(open_entries(actor=cast.clerk, path=path, now=NOW, site_id=ground.station.pk))
    assert (look.read, look.good) == (7, 2)
    assert Entry.objects.count() == ImportRun.objects.count() == 0

    def run():
        source = open_entries(actor=cast.clerk, path=path, now=NOW, site_id=ground.station.pk)
        return imports.run(actor=cast.clerk, source=source, now=NOW, batch=3)

    done = run()
    assert (done.read, done.stored, done.present, done.refused) == (7, 2, 0, 5)
    reasons = [line.split(",")[1] for line in Path(done.refused_file).read_text("utf-8-sig").splitlines()[1:]]
    assert sorted(reasons) == ["bad_number", "digits_lost", "entry_id", "entry_receiver_phone", "no_day"]
    second = Parcel.objects.get(waybill="50004090806945")
    assert (second.payment, second.freight_amount, second.pieces, second.sub_waybills.count()) == ("receiver", Decimal(12), 2, 2)
    assert Entry.objects.get(waybill=WAYBILL).source == "file"
    again = run()
    assert (again.stored, again.present, again.refused) == (0, 2, 5)
    with pytest.raises(MissingPermission):
        open_entries(actor=cast.agent, path=path, now=NOW)


def test_a_carriers_export_of_a_hundred_columns_with_merged_headings(tmp_path, draft, ground, cast):
    """A title, groups over two rows, eighty columns nobody needs, numbers as Excel keeps them."""
    path = tmp_path / "export.xlsx"
    groups = ["运单号", "寄件日期", "寄件信息", "", "", "收件信息", "", "", "", "", "货物", "", "", "收件员", "实名"]
    names = ["", "", "姓名", "电话", "地址", "姓名", "电话", "省", "城市", "地址", "品名", "实际重量", "件数", "", ""]
    filler = [f"扩展字段{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯辰巳午未申'[number // 10]}" for number in range(85)]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "百世快递运单导出")
        sheet.write_row(1, 0, [*groups, *filler])
        sheet.write_row(2, 0, names)
        values = ["赵寄件", 13900001111, "南京市鼓楼区中央路1号", "钱收件", 13812345678, "江苏省", "南京市", "江宁区东山街道竹山路1号"]
        sheet.write_row(3, 0, [50004090806944, "2026-11-22", *values, "衣服", 1.2, 1, "C01", "是"])
        sheet.write_row(4, 0, ["5.00041E+13", "2026-11-22", *values, "衣服", 1.2, 1, "C01", "是"])
    source = open_entries(actor=cast.clerk, path=path, now=NOW, site_id=ground.station.pk)
    assert (len(source.headings), source.headings[6], source.headings[9]) == (100, "收件电话", "收件地址")
    done = imports.run(actor=cast.clerk, source=source, now=NOW)
    assert (done.read, done.stored, done.refused) == (2, 1, 1)
    parcel = Parcel.objects.get()
    assert (parcel.destination, parcel.parties.receiver_phone) == ("江苏省/南京市/江宁区/东山街道", "13812345678")
    assert Path(done.refused_file).read_text("utf-8-sig").splitlines()[1].startswith("5,digits_lost")


def test_a_table_of_collections(tmp_path, ground, cast):
    path = tmp_path / "collected.csv"
    path.write_text(
        "运单号,收件员,收件时间,重量\n"
        "50004090806944,C01,2026-11-22 08:00,1.5\n50004090806945,C02,2026-11-22 08:00,\n50004090806946,C01,2026-11-23 08:00,1\n"
        "50004090806947,,2026-11-22 08:00,1\n50004090806948,C01,,1\n50004090806949,C01,2026-11-22 08:00,-1\n"
    )

    def run():
        source = open_collections(actor=cast.clerk, path=path, now=NOW, site_id=ground.station.pk)
        return imports.run(actor=cast.clerk, source=source, now=NOW)

    done = run()
    assert (done.stored, done.present, done.refused) == (2, 0, 4)
    reasons = [line.split(",")[1] for line in Path(done.refused_file).read_text("utf-8-sig").splitlines()[1:]]
    assert sorted(reasons) == ["bad_time", "collect_future", "collect_weight", "no_collector"]
    assert (run().present, Scan.objects.count()) == (2, 2)
