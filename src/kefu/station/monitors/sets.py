"""The difference sets of O12, each declared once: what is expected at a site, what settles it, at which sites it makes sense.

A set is *expected minus settled*. What is expected is a scan (or a waybill entered) that belongs to a site and a day; it is settled by
another scan of the same waybill, before or after it, at a place that follows from the first, or by the waybill having been entered. The
statements for both databases are built from this (``statement``), the pages, figures and the API too, so none of them can differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.vocabulary import ScanCode as C

Owner: TypeAlias = Literal["site", "next_site"]
Where: TypeAlias = Literal["own", "any", "next", "previous", "toward"]
When: TypeAlias = Literal["after", "before", "around"]

STATIONS = ("station",)
HUBS = ("hub",)
PLACES = ("station", "hub")
_SIGNED = (C.SIGN, C.AGENT_SIGN)


@dataclass(frozen=True, slots=True)
class Expected:
    """Scans of these codes, belonging to the site that scanned or to the one they name as next. No codes: waybills entered.

    ``names`` is a column that must be filled for the question to make sense.
    """

    codes: tuple[str, ...] = ()
    owner: Owner = "site"
    names: Literal["", "previous_site", "next_site"] = ""

    @property
    def entered(self) -> bool:
        """Whether entered waybills are meant."""
        return not self.codes


@dataclass(frozen=True, slots=True)
class Settled:
    """Scans of these codes: at the same site, anywhere, at the next or previous site named, or sent toward the site.

    ``after`` and ``before`` are seen from the expected scan; ``around`` is either. No codes: the waybill was entered.
    """

    codes: tuple[str, ...] = ()
    where: Where = "own"
    when: When = "after"

    @property
    def entered(self) -> bool:
        """Whether it is settled by the waybill having been entered."""
        return not self.codes


@dataclass(frozen=True, slots=True)
class DifferenceSet:
    """A set. ``formula`` as O12 writes it; ``advice`` what to do with a row; ``problem`` the type a problem parcel of it is (O15).

    ``misdirected``: the last dispatch must have named another site; ``lost_after``: what stands long enough counts as lost (O5).
    """

    key: str
    title: Message
    formula: Message
    advice: Message
    kinds: tuple[str, ...]
    expected: Expected
    settled: Settled
    problem: str = ""
    misdirected: bool = False
    lost_after: bool = False

    @property
    def once(self) -> bool:
        """Whether scans of several kinds are one and the same expectation."""
        return len(self.expected.codes) > 1

    @property
    def here(self) -> bool:
        """Whether the parcel is, or was, in the site's own hands: only then may the site record a problem scan of it."""
        return self.expected.owner == "site" and C.SEND not in self.expected.codes and not self.expected.entered


_ARRIVED = Expected((C.ARRIVE,))
_ALL = (
    DifferenceSet(
        "not_arrived", _("有发未到"), _("上一站发件且下一站是本站，本站没有到件"), _("查上一站和车次；找到补到件，找不到催上一站。"),
        PLACES, Expected((C.SEND,), "next_site"), Settled((C.ARRIVE,), "next"), problem="PR110", lost_after=True,
    ),
    DifferenceSet(
        "unsent_arrival", _("有到无发"), _("本站有到件，没有任何站发往本站"), _("请上一站补发件；不是本站的件看错发。"),
        PLACES, _ARRIVED, Settled((C.SEND,), "toward", "before"), problem="PR130",
    ),
    DifferenceSet(
        "undelivered", _("有到未派"), _("本站有到件，没有派件"), _("安排派件；派不了的录问题件或留仓。"),
        STATIONS, _ARRIVED, Settled((C.DELIVER,)), problem="PR230",
    ),
    DifferenceSet(
        "unsigned", _("有派未签"), _("本站有派件，没有签收、问题件、留仓、退件"), _("问派件员；没派成的录问题件或留仓。"),
        STATIONS, Expected((C.DELIVER,)), Settled((*_SIGNED, C.PROBLEM, C.HOLD, C.RETURN), "any"), problem="PR230",
    ),
    DifferenceSet(
        "undelivered_sign", _("有签未派"), _("本站有签收，没有派件"), _("补派件扫描，并核对是否虚假签收。"),
        STATIONS, Expected(_SIGNED), Settled((C.DELIVER,), "own", "before"), problem="PR270",
    ),
    DifferenceSet(
        "unarrived_sign", _("有签未到"), _("本站有签收，没有到件"), _("补到件扫描，查为什么漏扫。"),
        STATIONS, Expected(_SIGNED), Settled((C.ARRIVE,), "own", "before"), problem="PR270",
    ),
    DifferenceSet(
        "arrival_unsigned", _("有到未签"), _("本站有到件，没有签收"), _("查快件在哪一步；派不了的录问题件。"),
        STATIONS, _ARRIVED, Settled(_SIGNED, "any"), problem="PR230",
    ),
    DifferenceSet(
        "misrouted", _("错发"), _("本站有到件，最近一次发件的下一站不是本站"), _("尽快转发到正确的站点，并告知上一站。"),
        PLACES, _ARRIVED, Settled((C.SEND, C.TRANSFER, C.RETURN)), problem="PR220", misdirected=True,
    ),
    DifferenceSet(
        "missed_arrival", _("漏做到件"), _("本站有派件、入库或签收，没有到件"), _("补到件扫描；当班操作员注意到派一体。"),
        STATIONS, Expected((C.DELIVER, C.IN_STORE, C.SELF, *_SIGNED)), Settled((C.ARRIVE,), "own", "before"), problem="PR270",
    ),
    DifferenceSet(
        "not_sent_on", _("本站有到本站未发"), _("本站有到件，本站没有发件"), _("在场内找件，装下一班车。"),
        HUBS, _ARRIVED, Settled((C.SEND,)), problem="PR100",
    ),
    DifferenceSet(
        "previous_unsent", _("本站有到上站未发"), _("本站有到件，到件所写的上一站没有发件"), _("请上一站补发件扫描。"),
        PLACES, Expected((C.ARRIVE,), "site", "previous_site"), Settled((C.SEND,), "previous", "before"), problem="PR130",
    ),
    DifferenceSet(
        "sent_unarrived_here", _("本站有发本站未到"), _("本站有发件，本站没有到件或收件"), _("补到件或收件扫描。"),
        PLACES, Expected((C.SEND,)), Settled((C.ARRIVE, C.COLLECT), "own", "before"), problem="PR270",
    ),
    DifferenceSet(
        "next_unarrived", _("有发下站未到"), _("本站有发件，下一站没有到件"), _("问下一站和司机；可能漏卸或错卸。"),
        PLACES, Expected((C.SEND,), "site", "next_site"), Settled((C.ARRIVE,), "next"), problem="PR110",
    ),
    DifferenceSet(
        "unsent_entry", _("有录未发"), _("本站录了运单，没有发件"), _("找件发出；客户取消的作废运单。"),
        STATIONS, Expected(), Settled((C.SEND,), "own", "around"), problem="PR120",
    ),
    DifferenceSet(
        "unentered_send", _("有发未录"), _("本站有发件，没有录运单"), _("补录运单，否则查不到寄件人。"),
        STATIONS, Expected((C.SEND,)), Settled(), problem="PR130",
    ),
    DifferenceSet(
        "unentered_arrival", _("有到未录"), _("本站有到件，没有录运单"), _("请始发站补录运单信息。"),
        STATIONS, _ARRIVED, Settled(), problem="PR130",
    ),
)  # fmt: skip

SETS: Mapping[str, DifferenceSet] = {one.key: one for one in _ALL}
"""Every set by its key, in the order of the page."""
FIRST = "not_arrived"


def sets_for(kind: str) -> list[DifferenceSet]:
    """Sets that make sense at a site of this kind (``hub``, ``station``); none at a shop."""
    return [one for one in SETS.values() if kind in one.kinds]
