"""Carriers and states of parcels in words and tones, as lists and pages show them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.vocabulary import ScanCode, StateCode

CARRIERS: Mapping[str, Message] = {
    "yto": _("圆通"),
    "sf": _("顺丰"),
    "jt": _("极兔"),
    "jd": _("京东"),
    "deppon": _("德邦"),
    "zto": _("中通"),
    "best": _("百世"),
    "sto": _("申通"),
    "yunda": _("韵达"),
    "ems": _("邮政"),
    "ane": _("安能"),
    "zjs": _("宅急送"),
}
_TONES: Mapping[str, str] = {
    "signed": "good",
    "part_signed": "warn",
    "out_for_delivery": "accent",
    "arrived": "accent",
    "in_transit": "accent",
    "collected": "accent",
    "stored": "accent",
    "problem": "bad",
    "refused": "bad",
    "intercepted": "bad",
    "held": "warn",
    "returning": "warn",
    "returned": "warn",
    "forwarded": "warn",
}


def carrier_title(code: str) -> Message:
    """Name of a carrier; one without a name by its code."""
    return CARRIERS.get(code, code.upper())


def state_title(state: str) -> Message:
    """Where a parcel stands."""
    return StateCode(state).label if state in StateCode.values else state


def state_tone(state: str) -> str:
    """How good or bad that is."""
    return _TONES.get(state, "quiet")


def scan_title(code: str) -> Message:
    """Kind of a scan."""
    return ScanCode(code).label if code in ScanCode.values else code
