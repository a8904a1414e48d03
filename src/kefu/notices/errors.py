"""Refusals of telling the customer."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict


class NoticeDone(Conflict):
    """Nothing is open about it."""

    code = "notice_done"
    message = _("这条告知现在是“%(state)s”，无需再处理，请刷新查看。")


class StillQueued(Conflict):
    """It is sent by itself."""

    code = "notice_queued"
    message = _("这条告知正在等待发送，无需重发。")
