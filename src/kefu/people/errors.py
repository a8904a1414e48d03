"""Refusals of people and sign-in."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Denied, Invalid, TooMany
from kefu.people.permissions import PERMISSION_TITLES, Permission


class WrongCredentials(Invalid):
    """Unknown name, wrong password or inactive person: all look alike."""

    code = "wrong_credentials"
    status = 401
    message = _("用户名或密码不正确，请重新输入。")


class LockedOut(TooMany):
    """Too many wrong tries."""

    code = "locked_out"
    message = _("尝试次数过多，请在 %(minutes)s 分钟后再试，或请管理员重置密码。")


class WrongCode(Invalid):
    """The six digits do not fit, or were used before."""

    code = "wrong_code"
    status = 401
    message = _("动态验证码不正确或已使用，请输入手机上最新的 6 位数字。")


class AdministratorsOnly(Denied):
    """Who takes over an administrator's account takes over the centre."""

    code = "administrators_only"
    message = _("这是管理员的账号，请由另一位管理员操作。")


class MissingPermission(Denied):
    """The role does not hold the permission."""

    code = "missing_permission"
    message = _("您的岗位没有“%(permission)s”权限，请联系组长或管理员。")

    def __init__(self, permission: str) -> None:
        self.permission = Permission(permission)
        super().__init__(permission=self.permission.value)

    def __str__(self) -> str:
        return str(self.message) % {"permission": PERMISSION_TITLES[self.permission]}
