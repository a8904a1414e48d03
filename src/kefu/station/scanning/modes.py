"""What a gun can be set to, and how an answer sounds."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.parcels.vocabulary import ScanCode, ScanReason, StateCode


class Mode(models.TextChoices):
    """What each number scanned means (O8)."""

    DELIVER = "deliver", _("派件")
    ARRIVE = "arrive", _("到件")
    ARRIVE_DELIVER = "arrive_deliver", _("到派一体")
    HOLD = "hold", _("留仓")
    SEND = "send", _("发件")
    REFUSE = "refuse", _("拒收")
    RETURN = "return", _("退件")
    INTERCEPT = "intercept", _("拦截")


class Tone(models.TextChoices):
    """How an answer sounds and looks."""

    OK = "ok", _("成功")
    WARN = "warn", _("已录，请注意")
    REFUSED = "refused", _("未录")


SCANS: Mapping[str, tuple[ScanCode, ...]] = {
    Mode.DELIVER: (ScanCode.DELIVER,),
    Mode.ARRIVE: (ScanCode.ARRIVE,),
    Mode.ARRIVE_DELIVER: (ScanCode.ARRIVE, ScanCode.DELIVER),
    Mode.HOLD: (ScanCode.HOLD,),
    Mode.SEND: (ScanCode.SEND,),
    Mode.REFUSE: (ScanCode.REFUSE,),
    Mode.RETURN: (ScanCode.RETURN,),
    Mode.INTERCEPT: (ScanCode.INTERCEPT,),
}
"""The scans a mode makes; the last of them is the one that may not be repeated at once."""

WITH_COURIER = frozenset({Mode.DELIVER, Mode.ARRIVE_DELIVER})
WITH_NEXT = frozenset({Mode.SEND, Mode.RETURN})

_R = ScanReason
REASONS: Mapping[str, tuple[ScanReason, ...]] = {
    Mode.HOLD: (_R.ABSENT, _R.ADDRESS, _R.LATER, _R.WEATHER, _R.LATE, _R.OTHER),
    Mode.REFUSE: (_R.UNWANTED, _R.DAMAGED, _R.NOT_ORDERED, _R.UNPAID, _R.TOO_LATE, _R.OTHER),
    Mode.RETURN: (_R.REFUSED, _R.UNDELIVERED, _R.ADDRESS, _R.UNREACHABLE, _R.SENDER, _R.OUT_OF_AREA, _R.FORBIDDEN, _R.OTHER),
    Mode.INTERCEPT: (_R.SENDER, _R.HEADQUARTERS, _R.FORBIDDEN, _R.OTHER),
}
"""Modes that must say why, with the reasons offered. Without one of these nobody later knows what to tell the sender (R15)."""


def reason_code(mode: str, text: str) -> str:
    """A reason given as code or in the words of the trade, as its code; other words stay, so that a file loses nothing. 20 characters."""
    wanted = text.strip()
    return next((one.value for one in REASONS.get(mode, ()) if wanted in (one.value, one.label)), wanted)[:20]


def reason_words(reason: str) -> str:
    """A kept reason in the reader's language."""
    return str(ScanReason(reason).label) if reason in ScanReason.values else reason


UNSTOPPED = frozenset({Mode.ARRIVE, Mode.REFUSE, Mode.INTERCEPT})
"""What an open problem does not bar: that a parcel came, that its receiver refused it, that its sender stopped it has happened."""

_OVER: dict[str, str] = {StateCode.SIGNED.value: "signed", StateCode.RETURNED.value: "returned"}
_GONE: dict[str, str] = {
    StateCode.RETURNING.value: "returning",
    StateCode.FORWARDED.value: "forwarded",
}
_NOT_OUT: dict[str, str] = {
    StateCode.INTERCEPTED.value: "intercepted",
    **_GONE,
}
BARRED: Mapping[str, Mapping[str, str]] = {
    Mode.DELIVER.value: _OVER | _NOT_OUT,
    Mode.HOLD.value: _OVER,
    Mode.SEND.value: _OVER,
    Mode.ARRIVE.value: {},
    Mode.REFUSE.value: _OVER | _GONE,
    Mode.RETURN.value: _OVER | _GONE,
    Mode.INTERCEPT.value: _OVER | _NOT_OUT,
}
"""States that bar a scan, with the code of the refusal. What arrives has arrived: that is never barred."""
