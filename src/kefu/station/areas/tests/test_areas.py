"""Area tables: adding, changing, ending, who may, what they say (R19, R47, O7, SEC2)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel import imports
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.people.errors import MissingPermission
from kefu.station.areas import actions, queries
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.errors import AreaEnded, AreaRefused, NoticeTooShort
from kefu.station.areas.imports import open_areas
from kefu.station.areas.models import ServedArea
from kefu.station.areas.queries import AreaFilter

DAY = date(2026, 11, 22)
STREET = "江苏省南京市江宁区东山街道"
DRAFT = AreaDraft(STREET, "home", date(2026, 1, 1), date(2025, 12, 20))


def state():
    return list(
        ServedArea.objects.order_by("pk").values_list("region", "kind", "valid_from", "valid_to", "version")
    ), AuditEntry.objects.count()


@pytest.fixture
def area(ground, cast):
    return actions.add_area(actor=cast.admin, site_id=ground.station.pk, draft=DRAFT, now=NOW - timedelta(days=300))


def refused(error, **call):
    before = state()
    with pytest.raises(error) as raised:
        call.pop("do")(**call)
    assert state() == before
    return raised.value


def test_what_the_table_says(area, ground):
    said = queries.served(ground.station.pk, "南京江宁东山街道上坊社区竹山路1号", DAY)
    assert (said.verdict, said.served, said.area.id, said.region.street) == ("home", True, area.pk, "东山街道")
    assert queries.served(ground.station.pk, "东山街道竹山路1号", DAY).verdict == "home"  # the station's city tells which
    assert queries.served(ground.station.pk, "江苏省/南京市/江宁区/东山街道", DAY).verdict == "home"
    assert queries.served(ground.station.pk, STREET, date(2025, 12, 31)).verdict == "unknown"
    assert queries.served(ground.other_station.pk, STREET, DAY).served is None
    assert queries.claim_check(ground.station.pk, STREET, DAY).wrong is True
    assert queries.claim_check(ground.station.pk, "南京市玄武区", DAY).wrong is None


def test_a_claim_of_out_of_area_is_right_where_the_table_says_none(ground, cast):
    actions.add_area(actor=cast.admin, site_id=ground.station.pk, draft=replace(DRAFT, kind="none"), now=NOW)
    claim = queries.claim_check(ground.station.pk, STREET, DAY)
    assert (claim.wrong, claim.answer.verdict, claim.answer.area.kind) == (False, "none", "none")


def test_which_site_serves_it(area, ground, cast):
    other = replace(DRAFT, region="南京市江宁区", kind="station")
    actions.add_area(actor=cast.admin, site_id=ground.other_station.pk, draft=other, now=NOW)
    expected = [("home", ground.station.pk), ("station", ground.other_station.pk)]
    with CaptureQueriesContext(connection) as asked:
        found = queries.serving(STREET + "竹山路1号", DAY)
    assert [(one.answer.verdict, one.site_id) for one in found] == expected
    assert len(asked) <= 2
    assert [(one.answer.verdict, one.site_id) for one in queries.AreaMap(DAY).serving(STREET + "竹山路1号")] == expected
    assert queries.serving("中山路1号", DAY) == []
    for where in ("南京市江宁区", "南京市", "南京市玄武区", "杭州市西湖区"):
        assert queries.serving(where, DAY) == queries.AreaMap(DAY).serving(where)


def test_a_change_needs_ten_days_and_says_since_when(area, cast):
    soon = AreaDraft("", "station", date(2026, 12, 1), DAY)
    error = refused(NoticeTooShort, do=actions.change_area, actor=cast.admin, area_id=area.pk, version=area.version, draft=soon, now=NOW)
    assert error.reason == "area_notice"
    assert "2026-12-02" in str(error)
    assert "texts.station_areas" in str(error)
    new = actions.change_area(
        actor=cast.admin, area_id=area.pk, version=area.version, draft=replace(soon, valid_from=date(2026, 12, 2)), now=NOW
    )
    area.refresh_from_db()
    assert (area.valid_to, new.valid_from, new.kind, new.region) == (date(2026, 12, 2), date(2026, 12, 2), "station", area.region)
    assert queries.served(area.site_id, STREET, date(2026, 12, 1)).verdict == "home"
    assert queries.served(area.site_id, STREET, date(2026, 12, 2)).verdict == "station"
    assert [row.kind for row in queries.timeline(cast.admin, area.pk)] == ["station", "home"]
    assert [change.action for change in queries.history(cast.admin, area.pk)] == ["area.added", "area.ended", "area.added"]


def test_a_new_row_of_a_standing_table_is_a_change_too(area, ground, cast):
    more = replace(DRAFT, region="南京市江宁区秣陵街道", valid_from=date(2026, 11, 30), published_on=DAY)
    refused(NoticeTooShort, do=actions.add_area, actor=cast.admin, site_id=ground.station.pk, draft=more, now=NOW)
    storm = replace(more, kind="suspended", note="暴雨封路，村道不通", valid_from=DAY, valid_to=date(2026, 11, 25))
    actions.add_area(actor=cast.admin, site_id=ground.station.pk, draft=storm, now=NOW)
    assert queries.served(ground.station.pk, "南京市江宁区秣陵街道", DAY).verdict == "suspended"


def test_ending(area, cast):
    call = {"do": actions.end_area, "actor": cast.admin, "area_id": area.pk, "version": area.version, "now": NOW}
    refused(NoticeTooShort, **call, valid_to=date(2026, 11, 30), published_on=DAY)
    refused(AreaRefused, **call, valid_to=date(2026, 1, 1), published_on=DAY)
    refused(AreaRefused, **call, valid_to=date(2027, 1, 1), published_on=date(2026, 11, 23))
    ended = actions.end_area(actor=cast.admin, area_id=area.pk, version=area.version, valid_to=date(2026, 12, 2), published_on=DAY, now=NOW)
    assert ended.valid_to == date(2026, 12, 2)
    assert refused(AreaEnded, **(call | {"version": ended.version}), valid_to=date(2026, 12, 9), published_on=DAY).reason == "area_ended"


def test_two_people_at_once(area, cast):
    draft = AreaDraft("", "none", date(2026, 12, 9), DAY)
    actions.change_area(actor=cast.admin, area_id=area.pk, version=area.version, draft=draft, now=NOW)
    refused(Stale, do=actions.change_area, actor=cast.admin, area_id=area.pk, version=0, draft=draft, now=NOW)
    refused(Stale, do=actions.correct_note, actor=cast.admin, area_id=area.pk, version=0, note="x", now=NOW)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"region": "中山路1号"}, "area_region"),
        ({"region": "鼓楼区是哪里的鼓楼区", "kind": "none"}, None),
        ({"region": "江苏省南京市"}, "area_region"),
        ({"region": ""}, "area_region"),
        ({"kind": "?"}, "area_kind"),
        ({}, "area_overlap"),
        ({"kind": "none", "valid_from": date(2026, 6, 1), "valid_to": date(2026, 7, 1)}, "area_overlap"),
    ],
)
def test_what_cannot_be_added(area, ground, cast, more, reason):
    draft = replace(DRAFT, **more)
    if reason is None:
        assert actions.add_area(actor=cast.admin, site_id=ground.station.pk, draft=draft, now=NOW).region == "江苏省/南京市/鼓楼区"
        return
    error = refused(AreaRefused, do=actions.add_area, actor=cast.admin, site_id=ground.station.pk, draft=draft, now=NOW)
    assert (error.reason, len(error.fields)) == (reason, 1)


def test_a_road_in_the_place_narrows_the_row(area, ground, cast):
    draft = replace(DRAFT, region=STREET + "竹山路", kind="none", valid_from=date(2026, 1, 5), published_on=date(2025, 12, 20))
    row = actions.add_area(actor=cast.admin, site_id=ground.station.pk, draft=draft, now=NOW)
    assert (row.region, row.places) == (area.region, "竹山路")
    assert queries.served(ground.station.pk, STREET + "竹山路1号", DAY).verdict == "none"
    assert queries.served(ground.station.pk, STREET + "上元大街1号", DAY).verdict == "home"


def test_who_may(area, ground, cast):
    for part in ("agent", "lead", "clerk", "inspector", "outsider", "customer"):
        refused(MissingPermission, do=actions.add_area, actor=getattr(cast, part), site_id=ground.station.pk, draft=DRAFT, now=NOW)
    elsewhere = replace(cast.admin, sites=frozenset({ground.other_station.pk}))
    refused(NotFound, do=actions.add_area, actor=elsewhere, site_id=ground.station.pk, draft=DRAFT, now=NOW)
    refused(NotFound, do=actions.correct_note, actor=elsewhere, area_id=area.pk, version=0, note="x", now=NOW)
    # What is published is public: any desk may look.
    assert queries.get(cast.outsider, area.pk).kind == "home"
    # Who entered it is not.
    assert queries.get(cast.outsider, area.pk).entered_by == ""
    assert queries.get(cast.clerk, area.pk).entered_by
    answer = queries.checked(cast.outsider, ground.station.pk, STREET, DAY)
    assert answer.area is not None
    assert answer.area.entered_by == ""
    with pytest.raises(MissingPermission):
        queries.page(cast.inspector, AreaFilter())
    with pytest.raises(Invalid):
        queries.checked(cast.clerk, ground.station.pk, " ", DAY)


def test_the_list_costs_the_same_at_two_sizes(ground, cast):
    streets = ["东山街道", "秣陵街道", "汤山街道", "淳化街道", "禄口街道", "江宁街道", "谷里街道", "湖熟街道", "横溪街道", "麒麟街道"]

    def add(names):
        drafts = [replace(DRAFT, region=f"南京市江宁区{name}", note="主城") for name in names]
        assert actions.add_areas(actor=cast.admin, site_id=ground.station.pk, drafts=drafts, now=NOW).stored == len(names)

    def asked():
        with CaptureQueriesContext(connection) as queries_made:
            page = queries.page(cast.clerk, AreaFilter(text="江宁 主城", on=DAY, site_id=ground.station.pk))
        return len(page.rows), len(queries_made)

    add(streets[:2])
    few = asked()
    add(streets[2:])
    assert (few, asked()) == ((2, few[1]), (10, few[1]))
    assert str(queries.count(cast.clerk, AreaFilter(kind="home", coming=date(2025, 1, 1)))) == "10"


TABLE = """网点,省,市,区县,街道乡镇,村社区,路段小区,派送方式,生效日期,截止日期,公布日期,加收费用,备注
NS01,江苏省,南京市,江宁区,东山街道,,,送货上门,2026-01-01,,2025-12-20,,
NS01,江苏省,南京市,江宁区,汤山街道,黄栗墅社区,,自提,2026/1/1,,2025/12/20,2.5,
,江苏省,南京市,江宁区,湖熟街道,,,超区,2026-01-01,,2025-12-20,,
NS01,江苏省,南京市,江宁区,湖熟街道,,,派送,2026-03-01,,2026-02-01,,
NS01,,,,,,,派送,2026-03-01,,2026-02-01,,
NS01,江苏省,南京市,江宁区,禄口街道,,,偶尔,2026-03-01,,2026-02-01,,
NS01,江苏省,南京市,江宁区,禄口街道,,,派送,,,2026-02-01,,
SHOP9,江苏省,南京市,江宁区,禄口街道,,,派送,2026-03-01,,2026-02-01,,
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_import(tmp_path, ground, cast, encoding):
    path = tmp_path / "areas.csv"
    path.write_bytes(TABLE.encode(encoding))

    def run():
        source = open_areas(actor=cast.admin, path=path, now=NOW, site_id=ground.station.pk)
        return imports.run(actor=cast.admin, source=source, now=NOW, batch=2)

    done = run()
    assert (done.read, done.stored, done.present, done.refused) == (8, 3, 0, 5)
    reasons = [line.split(",")[1] for line in Path(done.refused_file).read_text("utf-8-sig").splitlines()[1:]]
    assert sorted(reasons) == ["area_kind", "area_overlap", "area_region", "no_day", "unknown_site"]
    village = ServedArea.objects.get(kind="station")
    assert (village.region, village.surcharge) == ("江苏省/南京市/江宁区/汤山街道/黄栗墅社区", Decimal("2.50"))
    again = run()
    assert (again.stored, again.present, again.refused) == (0, 3, 5)
    assert ServedArea.objects.count() == 3
    look = imports.preview(open_areas(actor=cast.admin, path=path, now=NOW, site_id=ground.station.pk))
    assert (look.read, look.good) == (8, 5)
    with pytest.raises(MissingPermission):
        open_areas(actor=cast.clerk, path=path, now=NOW)
