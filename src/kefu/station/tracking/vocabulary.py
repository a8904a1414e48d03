"""Words for what carriers tell that is no scan of ours (V1)."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.vocabulary import ScanCode

ORDERED, TRANSIT, CUSTOMS, OTHER = "ordered", "transit", "customs", "other"
EXTRA: Final[dict[str, Message]] = {
    ORDERED: _("已下单"),
    TRANSIT: _("运输中"),
    CUSTOMS: _("清关"),
    OTHER: _("其他"),
}
CODES: Final = frozenset({*ScanCode.values, *EXTRA})
# What counts of them for where a parcel stands.
COUNTS_AS: Final[dict[str, str]] = {TRANSIT: ScanCode.SEND.value, CUSTOMS: ScanCode.SEND.value}


def code_title(code: str) -> Message:
    """The code in words."""
    return ScanCode(code).label if code in ScanCode.values else EXTRA.get(code, code)
