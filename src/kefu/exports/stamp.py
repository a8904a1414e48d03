"""The line on a file that says whose copy it is: who, 工号, when, what for (SEC1)."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.people import queries as people

REASONS: Mapping[str, Message] = {
    "work": gettext_lazy("日常处理"),
    "report": gettext_lazy("统计报表"),
    "dispute": gettext_lazy("投诉或仲裁举证"),
    "check": gettext_lazy("内部检查"),
    "regulator": gettext_lazy("监管要求"),
}
"""What a file with personal data may be taken for."""


def who(actor: Actor) -> str:
    """Name and 工号 of the actor; the name alone of a machine."""
    staff = people.me(actor) if actor.staff_id is not None else None
    return f"{staff.name} {staff.staff_no}" if staff else actor.name


def line(actor: Actor, reason: str, now: datetime) -> str:
    """The stamp."""
    return _("内部资料 · 导出人 %(who)s · %(time)s · 用途：%(reason)s · 含个人信息，请勿外传") % {
        "who": who(actor),
        "time": f"{timezone.localtime(now):%Y-%m-%d %H:%M}",
        "reason": REASONS.get(reason, reason),
    }
