"""Refusals of the demo centre."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict


class CentreInUse(Conflict):
    """The database holds a centre of somebody's own; demo data are not mixed into it."""

    code = "centre_in_use"
    message = _("这里已有正式的站点，演示数据不会混进去。请为演示换一个 KEFU_HOME（或 KEFU_DATABASE_URL）再运行。")
