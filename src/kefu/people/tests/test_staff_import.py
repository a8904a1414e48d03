"""People from tables."""

import csv
import stat

import pytest

from kefu.conftest import NOW
from kefu.kernel import imports as runs
from kefu.kernel.errors import Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry
from kefu.people import imports, sign_in
from kefu.people.models import Staff, Team

pytestmark = pytest.mark.django_db
HEAD = "工号,姓名,站点,班组,岗位,手机\n"


@pytest.fixture(autouse=True)
def _home(settings, tmp_path):
    """A home of its own: files of runs that were taken back with their transaction have numbers that come again."""
    settings.KEFU_HOME = tmp_path


@pytest.fixture
def table(tmp_path):
    def make(rows, name="staff.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes((HEAD + rows).encode(encoding))
        return path

    return make


def taken(run_id):
    with imports.handed_path(run_id).open(encoding="utf-8-sig") as file:
        return list(csv.reader(file))[1:]


def test_people_are_taken_on_with_a_password_they_must_replace(cast, ground, table):
    path = table("2001,王小丽,NS01,一组,客服,13812345678\n2002,李娜,南市分部,二组,客服组长,\n", encoding="gb18030")
    run = imports.run_import(actor=cast.manager, path=path, now=NOW)
    assert (run.stored, run.present, run.refused) == (2, 0, 0)
    lead = Staff.objects.get(staff_no="2002")
    assert (lead.role, lead.site_id, lead.team.name, lead.must_set_password) == ("lead", ground.station.pk, "二组", True)
    rows = taken(run.pk)
    assert [row[0] for row in rows] == ["2001", "2002"]
    assert stat.S_IMODE(imports.handed_path(run.pk).stat().st_mode) == 0o600
    assert sign_in.check_credentials(username="2001", password=rows[0][4], ip="", now=NOW).staff.staff_no == "2001"
    assert AuditEntry.objects.filter(action="staff.created", actor_id=cast.manager.id).count() == 2


def test_again_is_nothing_new(cast, ground, table):
    path = table("2001,王小丽,NS01,,客服,\n")
    first = imports.run_import(actor=cast.manager, path=path, now=NOW)
    before = Staff.objects.get(staff_no="2001").password
    again = imports.run_import(actor=cast.manager, path=path, now=NOW)
    assert (first.stored, again.stored, again.present) == (1, 0, 1)
    assert Staff.objects.get(staff_no="2001").password == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",王小丽,NS01,,客服,", "no_number"),
        ("2001,,NS01,,客服,", "no_name"),
        ("2001,王小丽,NS01,,厨师,", "unknown_role"),
        ("2001,王小丽,NS01,,客户,", "unknown_role"),
        ("2001,王小丽,没有这站,,客服,", "unknown_site"),
        ("2001,王小丽,SHOP1,,客服,", "unknown_site"),
        ("2001,王小丽,NS01,,管理员,", "role_not_yours"),
        (f"{'9' * 21},王小丽,NS01,,客服,", "too_long"),
        ("2.0015e20,王小丽,NS01,,客服,", "digits_lost"),
    ],
)
def test_rows_that_cannot_be_taken_say_why_and_leave_nothing(row, reason, cast, ground, table):
    before = Staff.objects.count()
    path = table(f"{row}\n")
    source = imports.open_staff(actor=cast.manager, path=path, now=NOW)
    assert [one.reason for one in runs.preview(source).problems] == [reason]
    run = imports.run_import(actor=cast.manager, path=path, now=NOW)
    assert (run.stored, run.refused) == (0, 1)
    assert Staff.objects.count() == before
    assert reason in runs.refused_path(run.pk).read_text()


def test_numbers_and_names_of_others_are_refused(cast, ground, table):
    other = Staff.objects.get(pk=cast.agent.id)
    path = table(f"{other.staff_no},另一个人,NS01,,客服,\n2001,王小丽,NS01,,客服,\n2001,同号的人,NS01,,客服,\n")
    run = imports.run_import(actor=cast.manager, path=path, now=NOW)
    assert (run.stored, run.refused) == (1, 2)
    assert Staff.objects.get(pk=other.pk).name == other.name


def test_who_may(cast, ground, table):
    path = table("2001,王小丽,NS01,,客服,\n")
    with pytest.raises(Denied):
        imports.open_staff(actor=cast.lead, path=path, now=NOW)
    with pytest.raises(NotFound):
        imports.open_staff(actor=cast.manager, path=path, now=NOW, site_id=ground.shop.pk)
    with pytest.raises(Invalid):
        imports.open_staff(actor=cast.manager, path=_without_names(path), now=NOW)
    assert not Team.objects.filter(name="").exists()


def _without_names(path):
    path.write_text("编号,别的\n1,2\n")
    return path
