"""What carriers told of a waybill, on its trace page: one list of events, where it stands by all of them, what was asked (O14)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest
from kefu.console.views import parcels_trace
from kefu.console.views.cases_words import Badge
from kefu.console.views.parcels_trace import Event, Tracked, Verdict
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.wording import listed
from kefu.lists.parcel_words import carrier_title
from kefu.lists.station.tracking import vendor_title
from kefu.parcels.queries import TraceLine
from kefu.parcels.waybills import carrier_guess, clean_waybill
from kefu.people import queries as people
from kefu.station.tracking import queries
from kefu.station.tracking.books import books_at
from kefu.station.tracking.faults import advice
from kefu.station.tracking.merging import OWN, Line
from kefu.station.tracking.queries import ASK_KINDS, ASK_STATES, AskRow, Merged
from kefu.station.tracking.vocabulary import code_title

_TONES = {"due": "quiet", "sending": "accent", "answered": "good", "failed": "bad", "ended": "quiet"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a carrier in words."""

    row: AskRow
    title: str
    state: Badge
    result: str


@dataclass(frozen=True, slots=True)
class Told:
    """The page's events, state and verdict with the carriers' part in them, and what was asked."""

    events: tuple[Event, ...]
    state: Badge
    verdict: Verdict | None
    carrier_lines: int
    asks: tuple[Asked, ...]


def told(actor: Actor, found: Tracked, now: datetime) -> Told:
    """Own scans stand as they were drawn; what only carriers told comes in between."""
    header, own = found.trace.header, found.trace.lines
    site = people.sites_by_id().get(header.site_id if header else actor.site_id or 0)
    book = books_at(now)(site.handbook) if site else None
    merged = queries.merged_trace(actor, found.trace.waybill, own, now=now, book=book, seen=True)
    asks = tuple(_asked(row) for row in queries.asks_of(actor, found.trace.waybill))
    if not merged.carrier_lines:
        return Told(found.events, found.state, found.verdict, 0, asks)
    verdict = parcels_trace.verdict_of(merged.judgement, actor) if merged.judgement else found.verdict
    state = parcels_trace.state_badge(merged.moments.state) if merged.moments else found.state
    return Told(_events(merged, own), state, verdict, merged.carrier_lines, asks)


def stranger(request: ConsoleRequest, waybill: str, now: datetime) -> HttpResponse:
    """A number that only carriers told of, or that was put to them from here; any other is not found."""
    actor = request.actor
    site = people.sites_by_id().get(actor.site_id or 0)
    merged = queries.merged_trace(actor, waybill, [], now=now, book=books_at(now)(site.handbook) if site else None)
    asks = tuple(_asked(row) for row in queries.asks_of(actor, waybill))
    if not merged.carrier_lines and not asks:
        raise NotFound
    state = parcels_trace.state_badge(merged.moments.state) if merged.moments else Badge(_("查不到"), "warn")
    shown = Told(_events(merged, []), state, None, merged.carrier_lines, asks)
    guesses = listed(f"{carrier_title(one.carrier)} {one.weight:.0%}" for one in carrier_guess(merged.waybill)[:4])
    carrier = str(carrier_title(merged.carrier)) if merged.carrier else ""
    context = {"waybill": clean_waybill(waybill), "told": shown, "carrier": carrier, "guesses": guesses}
    return render(request, "station/tracking/stranger.jinja", context)


def _events(merged: Merged, own: list[TraceLine]) -> tuple[Event, ...]:
    """Newest first."""
    return tuple(_event(line, own) for line in reversed(merged.lines))


def _event(line: Line, own: list[TraceLine]) -> Event:
    vendors = tuple(str(vendor_title(source)) for source in line.sources if source != OWN)
    if line.own is not None:
        return replace(parcels_trace.event_of(own[line.own]), sources=vendors)
    icon, tone = parcels_trace.marks_of(line.code)
    return Event(str(code_title(line.code)), icon, tone, line.place, line.text, line.at, late=False, sources=vendors)


def _asked(row: AskRow) -> Asked:
    title = f"{vendor_title(row.vendor)} {dict(ASK_KINDS)[row.kind]}"
    result = str(advice(row.fault)) if row.fault else ""
    if row.state == "answered" and row.kind == "query":
        result = _("新轨迹 %(fresh)s 条") % {"fresh": row.fresh}
    return Asked(row, title, Badge(str(dict(ASK_STATES)[row.state]), _TONES[row.state]), result)
