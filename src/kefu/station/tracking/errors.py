"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class NoNumbers(Invalid):
    """Nothing was handed in."""

    code = "no_numbers"
    message = _("没有读到运单号：请粘贴单号，每行一个，或上传有“运单号”列的表格。")


class TooManyNumbers(Invalid):
    """More than a box takes."""

    code = "too_many_numbers"
    message = _("一次最多查 %(most)s 个单号，收到 %(given)s 个：请分几次查。")


class AccountTaken(Conflict):
    """The site has an account of this vendor and name."""

    code = "account_taken"
    message = _("这个站点已有同名的接口账号，请换个名称。")


ASK_REFUSALS = {
    "bad_number": _("不像运单号：应为 6 至 40 位字母和数字，请核对。"),
    "no_account": _("没有可用的接口账号能查这家快递公司：请管理员在“接口账号”里添加。"),
    "month_full": _("这个单号本月订阅次数已用完，下月才能再订阅；现在可以直接查询。"),
}
"""Why a number was not put to a carrier."""
