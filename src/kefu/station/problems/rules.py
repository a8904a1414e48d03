"""Decisions about problem parcels on plain values (O15). Pure: no tables, no clock."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel.masking import phone_key
from kefu.parcels.journeys import Journey, Node
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.station.problems.kinds import Kind
from kefu.station.problems.vocabulary import INTERCEPT_TYPE, OPEN_STATES, Way

_VARIABLE = re.compile(r"#(工号|网点编号|网点名称|日期|姓名)#")
VARIABLES = ("工号", "网点编号", "网点名称", "日期", "姓名")
_SIGNED = (StateCode.SIGNED, StateCode.RETURNED)
_MOVING = frozenset({ScanCode.COLLECT, ScanCode.SEND, ScanCode.ARRIVE, ScanCode.LOAD, ScanCode.BAG})
_PHONES = re.compile(r"[\s,，;；、]+")
_LONGEST_ACCOUNT, _LONGEST_NUMBER = 80, 20


def default_receiver(nodes: Sequence[Node], own: int, delivering: int | None = None) -> int | None:
    """The site a problem is reported to when nobody says (O15): the first node; for the first node itself the last one, or, when the
    last event is 装车, the next site. ``delivering`` stands in when the scans lead nowhere but to ``own``; ``None``: somebody must say.
    """
    last = nodes[-1] if nodes else None
    tried = [nodes[0].site_id if nodes else None]
    if last is not None:
        tried.append(last.next_site_id if last.code == ScanCode.LOAD and last.next_site_id else last.site_id)
    tried.append(delivering)
    return next((site_id for site_id in tried if site_id is not None and site_id != own), None)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A phrase with ``#工号#``, ``#网点编号#``, ``#网点名称#``, ``#日期#``, ``#姓名#`` put in; one without value stays."""
    return _VARIABLE.sub(lambda found: values.get(found[1], "") or found[0], text)


def phones_in(text: str) -> list[str]:
    """Numbers typed into one field, each once, parted by blanks, commas or lines."""
    return list(dict.fromkeys(one for one in _PHONES.split(text.strip()) if one))


@dataclass(frozen=True, slots=True)
class Limits:
    """What the handbook limits, and the clause that does; ``None``: not limited."""

    description: int | None = None
    phones: int | None = None
    images: int | None = None
    batch: int | None = None
    intercepts: int | None = None
    timed_products: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What is said in a report, for the checks."""

    description: str
    phones: Sequence[str]
    account: str
    courier: str
    images: int


def form_problem(form: Form, limits: Limits) -> str | None:
    """Code of the first thing wrong with what was filled in."""
    if not form.description.strip():
        return "no_description"
    if limits.description is not None and len(form.description) > limits.description:
        return "long_description"
    if limits.phones is not None and len(form.phones) > limits.phones:
        return "many_phones"
    if any(phone_key(phone) is None for phone in form.phones):
        return "bad_phone"
    if limits.images is not None and form.images > limits.images:
        return "many_images"
    return "long_field" if len(form.account) > _LONGEST_ACCOUNT or len(form.courier) > _LONGEST_NUMBER else None


def parcel_problem(kind: Kind, journey: Journey) -> str | None:
    """Code of why this type cannot be reported of a parcel that stands so."""
    if journey.state in _SIGNED and not kind.after_sign and kind.key != INTERCEPT_TYPE:
        return "already_signed"
    return None


@dataclass(frozen=True, slots=True)
class Intercept:
    """An intercept asked for: its way, the channel it came by, earlier ones on the waybill, and whether the delivering site works."""

    way: str
    channel: str
    open_already: bool
    earlier: int
    site_active: bool


def intercept_problem(asked: Intercept, journey: Journey, limits: Limits) -> str | None:
    """The code a carrier refuses an intercept with (ZTO E23101–E23124, O15), the plainest reason first; ``None`` when it may go out."""
    if not journey.known:
        return "E23102"
    if asked.way not in Way.values:
        return "E23108"
    if limits.channels and asked.channel not in limits.channels:
        return "E23118"
    if journey.state == StateCode.SIGNED:
        return "E23101"
    if not journey.nodes:
        return "E23119"
    return _standing(journey) or _kept(asked, journey, limits)


def _standing(journey: Journey) -> str | None:
    """Refusals for where the parcel is."""
    codes = journey.codes
    if journey.state in (StateCode.RETURNING, StateCode.RETURNED):
        return "E23123"
    if journey.state == StateCode.FORWARDED:
        return "E23113"
    if ScanCode.IN_STORE in codes:
        return "E23112"
    if ScanCode.DELIVER in codes:
        return "E23120"
    return "E23124" if not codes & _MOVING else None


def _kept(asked: Intercept, journey: Journey, limits: Limits) -> str | None:
    """Refusals for what the parcel is, and for what was asked before."""
    if journey.freight_collect:
        return "E23114"
    if journey.cod:
        return "E23115"
    if journey.product and journey.product in limits.timed_products:
        return "E23111"
    if not asked.site_active:
        return "E23122"
    if asked.open_already or journey.state == StateCode.INTERCEPTED:
        return "E23121"
    return "E23116" if limits.intercepts is not None and asked.earlier >= limits.intercepts else None


def barred(kind: Kind, code: str) -> bool:
    """Whether a scan ought not to follow while a problem of this type is open."""
    return bool(kind.then) and code not in kind.then and code != ScanCode.PROBLEM


def alarmed(state: str, alarm_at: datetime | None, now: datetime) -> bool:
    """Whether an open problem has reached its ageing limit."""
    return state in OPEN_STATES and alarm_at is not None and alarm_at <= now
