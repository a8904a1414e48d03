"""Parcels the sites in reach deliver or sent, newest first; many numbers, or a phone number, find any parcel in reach (OPS7)."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.paging import Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcel_words import carrier_title, scan_title, state_title, state_tone
from kefu.parcels import queries
from kefu.parcels.queries import ParcelRow
from kefu.parcels.vocabulary import StateCode
from kefu.people import queries as people
from kefu.people.permissions import Permission

MOST_NUMBERS = 500
_SEPARATORS = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A parcel with the name of its site."""

    parcel: ParcelRow
    site: str


def numbers_of(text: str) -> list[str]:
    """Numbers in a text, each once, at most ``MOST_NUMBERS``."""
    return list(dict.fromkeys(one for one in _SEPARATORS.split(text) if one))[:MOST_NUMBERS]


def _page(ask: Ask, cursor: str | None, size: int) -> Page[Line]:
    names = {site.pk: site.name for site in people.sites_by_id().values()}
    found = _found(ask, cursor, size)
    return Page([Line(one, names.get(one.site_id, "")) for one in found.rows], found.next, found.previous)


def _found(ask: Ask, cursor: str | None, size: int) -> Page[ParcelRow]:
    if numbers := numbers_of(ask.get("q")):
        rows = [row for number in numbers for row in queries.page(ask.actor, waybill=number, size=1, clear=ask.clear).rows]
        return Page(rows, None, None)
    return queries.page(
        ask.actor,
        site_id=ask.id("site"),
        sent=ask.flag("sent"),
        state=ask.get("state"),
        phone=ask.get("phone"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
        cursor=cursor,
        size=size,
        clear=ask.clear,
    )


def _trace(one: Line) -> Place:
    return Place("parcel", {"waybill": one.parcel.waybill})


def _last_scan(one: Line) -> Message:
    return scan_title(one.parcel.last_scan_code)


PARCELS: List[Line] = List(
    key="parcels",
    title=_("快件"),
    route="parcels",
    permissions=(Permission.PARCEL_VIEW,),
    filters=(
        Filter("q", _("运单号"), "code"),
        Filter("phone", _("收件人或寄件人电话"), private=True),
        Filter("state", _("状态"), "choice", StateCode.choices),
        Filter("site", _("站点"), "site"),
        Filter("sent", _("寄出的"), "flag"),
        Filter("from", _("登记自"), "day", main=False),
        Filter("to", _("登记至"), "day", main=False),
    ),
    columns=(
        ListColumn(
            "waybill",
            _("运单号"),
            lambda one: one.parcel.waybill,
            "code",
            opens=_trace,
        ),
        ListColumn(
            "state",
            _("状态"),
            lambda one: one.parcel.state,
            words=lambda one: state_title(one.parcel.state),
            tone=lambda one: state_tone(one.parcel.state),
            width=16,
        ),
        ListColumn(
            "last_scan",
            _("最近扫描"),
            lambda one: one.parcel.last_scan_code,
            words=lambda one: scan_title(one.parcel.last_scan_code),
            width=12,
        ),
        ListColumn("last_scan_at", _("最近扫描时间"), lambda one: one.parcel.last_scan_at, "moment"),
        ListColumn("receiver", _("收件人"), lambda one: one.parcel.receiver_name, width=12),
        ListColumn("receiver_phone", _("收件电话"), lambda one: one.parcel.receiver_phone, width=16),
        ListColumn("site", _("派件网点"), lambda one: one.site),
        ListColumn("carrier", _("承运公司"), lambda one: one.parcel.carrier, words=lambda one: carrier_title(one.parcel.carrier), width=12),
        ListColumn("registered_at", _("录单时间"), lambda one: one.parcel.created_at, "moment"),
    ),
    page=_page,
    views=(ReadyView("delivered-here", _("本站派送"), {}), ReadyView("sent-from-here", _("本站寄出"), {"sent": "1"})),
    clearable=True,
    empty=_("录单或导入扫描记录后，快件会出现在这里。"),
)
