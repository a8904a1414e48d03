"""The first administrator of an empty product."""

import stat

import pytest

from kefu.conftest import NOW, PASSWORD
from kefu.kernel.errors import Conflict, Invalid
from kefu.people import founding
from kefu.people.founding import Founding
from kefu.people.models import Site, Staff

pytestmark = pytest.mark.django_db
WANTED = Founding("百世快递杭州总部", "HQ", "best", "陈总", "1000", "chen", PASSWORD)


@pytest.fixture(autouse=True)
def _no_code():
    founding.code_path().unlink(missing_ok=True)
    yield
    founding.code_path().unlink(missing_ok=True)


def test_the_code_stays_the_same_until_it_is_used_and_only_its_owner_reads_it():
    code = founding.invitation()
    assert len(code) == founding.CODE_LENGTH
    assert founding.invitation() == code
    assert stat.S_IMODE(founding.code_path().stat().st_mode) == 0o600


def test_the_first_administrator_gets_headquarters_and_spends_the_code():
    staff = founding.found(code=f" {founding.invitation()} ", wanted=WANTED, now=NOW)
    assert (staff.role, staff.site.kind, staff.site.handbook) == ("admin", "hq", "best")
    assert not staff.must_set_password
    assert not founding.code_path().exists()
    assert founding.invitation() == ""


@pytest.mark.parametrize("code", ["", "wrong", "Ä"])
def test_a_wrong_code_changes_nothing(code):
    founding.invitation()
    with pytest.raises(Invalid):
        founding.found(code=code, wanted=WANTED, now=NOW)
    assert (Staff.objects.count(), Site.objects.count()) == (0, 0)


def test_nobody_is_founded_twice(cast):
    with pytest.raises(Conflict):
        founding.found(code="", wanted=WANTED, now=NOW)
    assert not Staff.objects.filter(username="chen").exists()


def test_a_refused_password_leaves_no_site_behind():
    code = founding.invitation()
    wanted = Founding("总部", "HQ", "best", "陈总", "1000", "chen", "short")
    with pytest.raises(Invalid):
        founding.found(code=code, wanted=wanted, now=NOW)
    assert not Site.objects.exists()
    assert founding.invitation() == code
