"""The gun: set it, scan, see every number answered at once, paste many, take back (OPS1, O8)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import listing
from kefu.console.rendering import fragment, redirect, render
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views.station import board
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid
from kefu.lists.definition import whole
from kefu.lists.station.scanning import GUN_ANSWERS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.scanning import actions, couriers, queries, sessions
from kefu.station.scanning.actions import Shot
from kefu.station.scanning.modes import REASONS, Mode, Tone, reason_words
from kefu.station.scanning.notices import Notice, read
from kefu.station.scanning.queries import Answer, GunSession
from kefu.station.scanning.sessions import Setup

_SEPARATORS = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True, slots=True)
class Line:
    """An answer in words."""

    row: Answer
    tone: str
    notices: Sequence[Notice]
    undoable: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How the session runs."""

    ok: int
    warn: int
    refused: int


def _lines(rows: Sequence[Answer]) -> list[Line]:
    return [Line(row, str(Tone(row.tone).label), read(row.notices), bool(row.codes) and row.undone_at is None) for row in rows]


def _counts(session: GunSession) -> Counts:
    return Counts(session.ok_count, session.warn_count, session.refused_count)


def _choices(actor: Actor, session: GunSession | None) -> dict[str, object]:
    own = [(site.pk, site.name) for site in people.sites(actor) if site.kind in ("station", "hub")]
    site_id = session.site_id if session else actor.site_id or (own[0][0] if own else 0)
    staff = people.active_staff(site_id, ["clerk", "agent", "lead"]).values_list("staff_no", "name") if site_id else ()
    return {
        "modes": [(code, str(label)) for code, label in Mode.choices],
        "own_sites": own,
        "all_sites": [(site.pk, site.name) for site in people.sites_by_id().values() if site.kind in ("station", "hub") and site.is_active],
        "couriers": list(staff[:300]) if site_id else [],
        "reasons": [(mode, str(Mode(mode).label), [(one.value, str(one.label)) for one in offered]) for mode, offered in REASONS.items()],
    }


def _page(
    request: ConsoleRequest, *, errors: dict[str, str] | None = None, given: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    session = sessions.current(actor)
    last = queries.last(actor, session.pk if session else None)
    values: dict[str, object] = {**(given or _values(session, actor))}
    context = {
        "tabs": board.tabs(request),
        "session": session,
        "mode": str(Mode(session.mode).label) if session else "",
        "courier": couriers.name_of(session.courier) if session else "",
        "reason": reason_words(session.reason) if session else "",
        "counts": _counts(session) if session else None,
        "lines": _lines(last),
        "newest": _lines(last[:1]),
        "values": dict.fromkeys(_FIELDS, "") | values,
        "errors": dict.fromkeys(_FIELDS, "") | (errors or {}),
        "opened": bool(errors) or session is None,
        "most": actions.MOST_AT_ONCE,
        **_choices(actor, session),
    }
    return render(request, "station/scanning/gun.jinja", context, status=status)


def _values(session: GunSession | None, actor: Actor) -> dict[str, object]:
    if session is None:
        return {"site": actor.site_id or "", "mode": Mode.DELIVER.value}
    return {
        "site": session.site_id,
        "mode": session.mode,
        "courier": session.courier,
        "previous": session.previous_site_id or "",
        "next": session.next_site_id or "",
        "truck": session.truck,
        "device": session.device,
        "reason": session.reason,
    }


@page("station/scanning", "station-scanning", permission=Permission.PARCEL_SCAN)
def scanning(request: ConsoleRequest) -> HttpResponse:
    """The gun with its session, its counts and its last answers."""
    return _page(request)


@page("station/scanning/open", "station-scanning-open", permission=Permission.PARCEL_SCAN, methods=("POST",))
def scanning_open(request: ConsoleRequest) -> HttpResponse:
    """Start with these settings, or change them: what was scanned so far stays with the settings it was scanned under."""
    given = {name: request.POST.get(name, "").replace("\0", "").strip()[:80] for name in _FIELDS}
    given["reason"] = request.POST.get(f"reason_{given['mode']}", "").replace("\0", "")[:20]
    setup = Setup(
        site_id=whole(given["site"]) or request.actor.site_id or 0,
        mode=given["mode"],
        courier=given["courier"].split(" ")[0],
        previous_site_id=whole(given["previous"]),
        next_site_id=whole(given["next"]),
        truck=given["truck"][:40],
        device=given["device"][:40],
        reason=given["reason"],
    )
    try:
        sessions.open_session(actor=request.actor, setup=setup, now=moment.now())
    except Invalid as refused:
        errors = {name.removesuffix("_site"): str(text) for name, text in refused.fields.items()}
        return _page(request, errors=errors, given=given, status=422)
    return HttpResponseRedirect(reverse("console:station-scanning"))


_FIELDS = ("site", "mode", "courier", "previous", "next", "truck", "device", "reason")


@page("station/scanning/close", "station-scanning-close", permission=Permission.PARCEL_SCAN, methods=("POST",))
def scanning_close(request: ConsoleRequest) -> HttpResponse:
    """Put the gun down."""
    sessions.close_session(actor=request.actor, now=moment.now())
    return HttpResponseRedirect(reverse("console:station-scanning"))


def _session(request: ConsoleRequest) -> GunSession:
    session = sessions.current(request.actor)
    if session is None:
        raise Conflict(_("请先设置扫描方式并开始。"), code="no_gun")
    return session


@page("station/scanning/scan", "station-scanning-scan", permission=Permission.PARCEL_SCAN, methods=("POST",))
def scanning_scan(request: ConsoleRequest) -> HttpResponse:
    """One number; the answer is a row with the counts, or the whole page for a browser without script."""
    session = _session(request)
    rows = actions.scan(
        actor=request.actor, setup=sessions.setup_of(session), shots=[_shot(request.POST.get("number", ""))], now=moment.now()
    )
    if not is_htmx(request):
        return HttpResponseRedirect(reverse("console:station-scanning"))
    counts = Counts(*(count + (rows[0].tone == tone) for tone, count in _running(session)))
    return fragment(request, "station/scanning/answer.jinja", {"lines": _lines(rows), "counts": counts}, part="answer")


def _running(session: GunSession) -> tuple[tuple[str, int], ...]:
    return ("ok", session.ok_count), ("warn", session.warn_count), ("refused", session.refused_count)


def _shot(text: str) -> Shot:
    return Shot(text.replace("\0", "")[:200])


@page("station/scanning/paste", "station-scanning-paste", permission=Permission.PARCEL_SCAN, methods=("POST",))
def scanning_paste(request: ConsoleRequest) -> HttpResponse:
    """Many numbers at once, each answered for itself."""
    session = _session(request)
    given = [part for part in _SEPARATORS.split(request.POST.get("numbers", "")[:100_000].replace("\0", "")) if part]
    home = reverse("console:station-scanning")
    if not given:
        messages.warning(request, _("请粘贴运单号，一行一个。"))
        return HttpResponseRedirect(home)
    shots = [_shot(text) for text in given[: actions.MOST_AT_ONCE]]
    rows = actions.scan(actor=request.actor, setup=sessions.setup_of(session), shots=shots, now=moment.now())
    tones = [row.tone for row in rows]
    told = {tone: tones.count(tone) for tone in ("ok", "warn", "refused")}
    told["ok"] += told["warn"]
    words = _("录入 %(ok)s 票，其中 %(warn)s 票请注意；未录 %(refused)s 票。") % told
    (messages.warning if told["refused"] or told["warn"] else messages.success)(request, words)
    if len(given) > len(shots):
        messages.warning(request, _("一次最多 %(most)s 票，其余 %(left)s 票没有录入，请再贴一次。") % _left(given, shots))
    return HttpResponseRedirect(home + ("" if len(rows) <= queries.LAST else "?" + urlencode({"pasted": len(rows)})))


def _left(given: Sequence[str], shots: Sequence[Shot]) -> dict[str, int]:
    return {"most": len(shots), "left": len(given) - len(shots)}


@page("station/scanning/undo/<int:answer_id>", "station-scanning-undo", permission=Permission.PARCEL_SCAN, methods=("POST",))
def scanning_undo(request: ConsoleRequest, answer_id: int) -> HttpResponse:
    """Take a scan back."""
    try:
        row = actions.undo(actor=request.actor, answer_id=answer_id, reason=request.POST.get("reason", ""), now=moment.now())
    except Conflict as refused:
        if is_htmx(request):
            raise
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("console:station-scanning"))
    if is_htmx(request):
        return fragment(request, "station/scanning/answer.jinja", {"lines": _lines([row]), "counts": None}, part="answer")
    messages.success(request, _("已撤销 %(number)s。") % {"number": row.waybill})
    return redirect(request, reverse("console:station-scanning"))


@page("station/scanning/answers", "station-scanning-answers", permission=(Permission.PARCEL_SCAN, Permission.MONITOR_VIEW))
def scanning_answers(request: ConsoleRequest) -> HttpResponse:
    """Every number scanned, taken or refused."""
    crumbs = [(_("派件扫描"), reverse("console:station-scanning"))] if request.actor.may(Permission.PARCEL_SCAN) else []
    head = listing.Head(lead=_("每一票的结果，包括没有录入的和撤销的。"), crumbs=crumbs)
    return listing.show(request, GUN_ANSWERS, tabs=board.tabs(request), head=head)
