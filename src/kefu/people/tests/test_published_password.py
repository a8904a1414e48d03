"""A password that is printed in the documentation is hashed cheaply, and at full cost from the first sign-in on."""

import pytest

from kefu.conftest import NOW, PASSWORD
from kefu.kernel.actor import Actor
from kefu.people import actions, sign_in
from kefu.people.errors import WrongCredentials
from kefu.people.models import Staff

pytestmark = pytest.mark.django_db
FULL, CHEAP = "$m=102400,t=2,p=8$", "$m=1024,t=1,p=1$"


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def _hire(site, name, **how):
    new = actions.NewStaff(username=name, staff_no=name.upper(), name=name, role="agent", site=site, password=PASSWORD, **how)
    return actions.create_staff(actor=Actor.system("tests"), new=new, now=NOW)


def _sign_in(name, password):
    return sign_in.check_credentials(username=name, password=password, ip="127.0.0.1", now=NOW)


def test_it_is_cheap_until_somebody_signs_in_with_it(ground):
    site = ground.station
    assert FULL in _hire(site, "real1").password
    assert CHEAP in _hire(site, "demo1", published_password=True).password
    with pytest.raises(WrongCredentials):
        _sign_in("demo1", "not-the-password-1")
    assert CHEAP in Staff.objects.get(username="demo1").password
    assert _sign_in("demo1", PASSWORD).staff.username == "demo1"
    assert FULL in Staff.objects.get(username="demo1").password
    assert _sign_in("demo1", PASSWORD).staff.username == "demo1"
