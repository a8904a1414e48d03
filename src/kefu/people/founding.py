"""The first administrator of an empty product, let in by a code that only the terminal has seen (PLAT1, SEC5)."""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, ids
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid
from kefu.people import actions
from kefu.people.actions import NewStaff
from kefu.people.models import Site, Staff
from kefu.people.permissions import Role

CODE_LENGTH = 20


def code_path() -> Path:
    """Where the code stands until it is used; its owner alone may read it."""
    return Path(settings.KEFU_HOME) / "setup.code"


def founded() -> bool:
    """Whether anybody can sign in already."""
    return Staff.objects.exists()


def invitation() -> str:
    """The code for the first administrator, the same until it is used; empty once there are people."""
    path = code_path()
    if founded():
        path.unlink(missing_ok=True)
        return ""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(ids.token(CODE_LENGTH))
    return path.read_text().strip()


@dataclass(frozen=True)
class Founding:
    """The centre's first site and its administrator."""

    site_name: str
    site_code: str
    handbook: str
    name: str
    staff_no: str
    username: str
    password: str
    city: str = ""


def found(*, code: str, wanted: Founding, now: datetime) -> Staff:
    """Make headquarters and the first administrator; the code is spent by it.

    Raises ``Invalid`` for a wrong code or a field, ``Conflict`` when somebody was first.
    """
    known = invitation()
    if not known:
        raise Conflict(_("管理员已经建立，请直接登录。"), code="already_founded")
    if not secrets.compare_digest(known.encode(), code.strip().encode()):
        raise Invalid(fields={"code": _("设置码不正确，请看启动服务的终端窗口。")})
    setup = Actor.system("setup")
    with transaction.atomic():
        site = _headquarters(setup, wanted, now)
        new = NewStaff(wanted.username, wanted.staff_no, wanted.name, Role.ADMIN.value, site, wanted.password)
        staff = actions.create_staff(actor=setup, new=new, now=now)
        # The file goes last: who loses a race finds it gone and is taken back.
        try:
            code_path().unlink()
        except FileNotFoundError:
            raise Conflict(_("管理员已经建立，请直接登录。"), code="already_founded") from None
        audit.record(setup, "centre.founded", actions.staff_ref(staff), now=now, site_id=site.pk)
    return staff


def _headquarters(setup: Actor, wanted: Founding, now: datetime) -> Site:
    return actions.create_site(
        actor=setup,
        code=wanted.site_code,
        name=wanted.site_name,
        kind=Site.Kind.HEADQUARTERS.value,
        handbook=wanted.handbook,
        city=wanted.city,
        now=now,
    )
