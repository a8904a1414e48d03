"""What a customer may be told of a parcel: public facts in our own words (O1, R21, R54).

No carrier's text is passed on, because it names couriers, receivers and telephone numbers; no staff, no device, no reason code.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.kernel.errors import Message
from kefu.kernel.masking import mask_text
from kefu.station.tracking.merging import Line

_SAID: Final[dict[str, Message]] = {
    "ordered": gettext_lazy("商家已下单，等待快递员揽收"),
    "collect": gettext_lazy("快递员已揽收"),
    "load": gettext_lazy("快件已装车"),
    "send": gettext_lazy("快件已发往下一站"),
    "bag": gettext_lazy("快件运输中"),
    "unbag": gettext_lazy("快件运输中"),
    "transit": gettext_lazy("快件运输中"),
    "arrive": gettext_lazy("快件已到达"),
    "in_store": gettext_lazy("快件已存放，等待取件"),
    "out_store": gettext_lazy("快件已取出"),
    "deliver": gettext_lazy("快递员正在派送"),
    "sign": gettext_lazy("快件已签收"),
    "agent_sign": gettext_lazy("快件已由他人代签收"),
    "problem": gettext_lazy("派送遇到问题，我们正在处理"),
    "hold": gettext_lazy("快件暂存网点，将再次派送"),
    "refuse": gettext_lazy("收件人拒收"),
    "return": gettext_lazy("快件正在退回寄件人"),
    "transfer": gettext_lazy("快件已转交其他快递公司派送"),
    "self": gettext_lazy("快件等待自提"),
    "intercept": gettext_lazy("快件已拦截"),
    "customs": gettext_lazy("快件清关中"),
}
# A place is the name of a town or a site. With digits of a telephone, a bracket of a person, or a sentence in it, it is left out.
_PLACE: Final = re.compile(r"[\u4e00-\u9fffA-Za-z·\-—, ]{1,24}[0-9]{0,3}[\u4e00-\u9fff]{0,8}")


@dataclass(frozen=True, slots=True)
class PublicLine:
    """An event as a customer is told of it."""

    at: datetime
    text: str
    place: str


def public_lines(lines: Iterable[Line]) -> list[PublicLine]:
    """The events a customer is told, newest first; ``lines`` are merged. Internal handling without a word of its own is left out."""
    found = [PublicLine(line.at, _text(line), _place(line.place)) for line in lines if line.code in _SAID]
    found.reverse()
    return found


def _text(line: Line) -> str:
    place = _place(line.place)
    said = str(_SAID[line.code])
    return _("【%(place)s】%(said)s") % {"place": place, "said": said} if place else said


def _place(place: str) -> str:
    text = place.strip()
    return text if _PLACE.fullmatch(text) and mask_text(text) == text else ""
