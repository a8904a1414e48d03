"""Refusals of the watch."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class TextBlocked(Invalid):
    """The handbook does not let this go out."""

    code = "text_blocked"
    message = _("这段话含有禁止发送的用语：%(words)s。请改写后再发送。")


class TextHeld(Invalid):
    """It goes out only when somebody says why."""

    code = "text_held"
    message = _("这段话含有不当用语：%(words)s。请改写；确需发送的，请写明理由再次确认。")


class AlarmDone(Conflict):
    """Somebody saw it."""

    code = "alarm_seen"
    message = _("这条预警已有人看过，请刷新查看。")
