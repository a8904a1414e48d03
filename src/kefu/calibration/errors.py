"""Refusals of calibration."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Invalid


class SessionClosed(Conflict):
    """The step does not belong to this state."""

    code = "calibration_state"
    message = _("这次校准现在是“%(state)s”，不能这样办理，请刷新查看。")


class AlreadyHandedIn(Conflict):
    """Marks are handed in once: nobody changes theirs after having heard of others'."""

    code = "calibration_done"
    message = _("您已提交评分，不能再改。")


class NotAMember(Denied):
    """Only the inspectors of the session mark."""

    code = "calibration_not_member"
    message = _("您不在这次校准的名单里。")


class TooFew(Invalid):
    """Agreement needs two people who marked."""

    code = "calibration_too_few"
    message = _("至少要两名质检员提交评分，才能公布和计算一致性。")


class PersonOnly(Denied):
    """A program leads nothing."""

    code = "person_only"
    message = _("评分和裁决只能由本人登录办理，接口令牌不能代办。")
