"""Refusals of clocks."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Invalid


class NotPausable(Conflict):
    """The handbook lets nobody pause this clock."""

    code = "clock_not_pausable"
    message = _("“%(clock)s”按手册规定不可暂停。")


class PauseNotYours(Denied):
    """The handbook names who may pause, and it is somebody else."""

    code = "clock_pause_denied"
    message = _("“%(clock)s”只能由 %(roles)s 暂停。")


class ReasonUnknown(Invalid):
    """A pause needs one of the handbook's reasons."""

    code = "clock_reason"
    message = _("请选择手册允许的暂停原因：%(reasons)s。")


class NotRunning(Conflict):
    """The clock is already paused, met or stopped."""

    code = "clock_not_running"
    message = _("该时限当前不在计时中，无法进行此操作。")
