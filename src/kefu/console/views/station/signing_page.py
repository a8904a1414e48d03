"""A sign-off: who took it, with whose consent, its pictures and changes; correcting, taking out of store, undo (O10)."""

from datetime import datetime
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board
from kefu.console.views.station.signing import add_proofs, choices
from kefu.kernel import moment
from kefu.kernel.errors import KefuError
from kefu.lists.definition import whole
from kefu.lists.station.signing import STAGE_TONES, evidence_of
from kefu.people.permissions import Permission
from kefu.station.signing import actions, queries
from kefu.station.signing.errors import SignRefused
from kefu.station.signing.patterns import BY_CODE
from kefu.station.signing.words import Consent, Signer, Situation, Stage


def _titles() -> dict[str, str]:
    return {
        "signer_name": _("签收人"),
        "relation": _("与收件人关系"),
        "situation": _("签收情况"),
        "place": _("代收点名称"),
        "consent_by": _("谁同意"),
        "consent_how": _("同意方式"),
        "cod_collected": _("代收货款实收"),
        "freight_collected": _("到付实收"),
        "note": _("备注"),
        "out_at": _("出库时间"),
        "stage": _("状态"),
        "reason": _("原因"),
    }


def _value(name: str, text: str) -> str:
    words = {"situation": Situation, "consent_how": Consent, "stage": Stage}
    found = words.get(name)
    return str(found(text).label) if found is not None and text in found.values else text


def _change(titles: dict[str, str], name: str, pair: tuple[str, str]) -> tuple[str, str, str]:
    return titles.get(name, name), _value(name, pair[0]), _value(name, pair[1])


def _shown(request: ConsoleRequest, key: int, *, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    row = queries.one(request.actor, key)
    titles = _titles()
    whats = {"changed": _("修改"), "out": _("出库"), "undone": _("撤销")}
    edits = [
        (one, whats.get(one.what, one.what), [_change(titles, name, pair) for name, pair in one.changes.items()])
        for one in queries.history(request.actor, key)
    ]
    _signs, doubts = queries.of_waybill(request.actor, row.waybill)
    context = {
        "tabs": board.tabs(request),
        "row": row,
        "stage": str(Stage(row.stage).label),
        "stage_tone": STAGE_TONES[row.stage],
        "signer": str(Signer(row.signer).label),
        "situation": str(Situation(row.situation).label),
        "consent": str(Consent(row.consent_how).label) if row.consent_how else "",
        "edits": edits,
        "proofs": queries.proofs(request.actor, key),
        "doubts": [(one, str(BY_CODE[one.pattern].title), evidence_of(one)) for one in doubts if one.pattern in BY_CODE],
        "errors": dict.fromkeys((*actions.CHANGEABLE, "reason", "out_at"), "") | (errors or {}),
        "changing": any(name in actions.CHANGEABLE for name in errors or {}),
        "now_local": timezone.localtime(moment.now()).strftime("%Y-%m-%dT%H:%M"),
        **choices(),
    }
    return render(request, "station/signing/one.jinja", context, status=status)


@page("station/signing/<int:key>", "station-signing-one", permission=Permission.PARCEL_VIEW)
def signing_one(request: ConsoleRequest, key: int) -> HttpResponse:
    """One sign-off."""
    return _shown(request, key)


def _home(key: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("console:station-signing-one", kwargs={"key": key}))


@page("station/signing/<int:key>/change", "station-signing-change", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_change(request: ConsoleRequest, key: int) -> HttpResponse:
    """Correct what was entered; a field left empty that names somebody stays as it is, as the page shows names masked."""
    given = {name: request.POST[name].replace("\0", "").strip()[:500] for name in actions.CHANGEABLE if name in request.POST}
    masked = {"signer_name", "consent_by", "note"}
    changes = {name: text for name, text in given.items() if text or name not in masked}
    version = whole(request.POST.get("version", "")) or 0
    try:
        actions.change(actor=request.actor, sign_off_id=key, version=version, changes=changes, now=moment.now())
        add_proofs(request, key)
    except SignRefused as refused:
        return _shown(request, key, errors={name: str(text) for name, text in refused.fields.items()}, status=422)
    except KefuError as error:
        messages.warning(request, str(error))
        return _home(key)
    messages.success(request, _("已修改，改前改后都留有记录。"))
    return _home(key)


@page("station/signing/<int:key>/proofs", "station-signing-proofs", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_proofs(request: ConsoleRequest, key: int) -> HttpResponse:
    """Keep pictures."""
    try:
        add_proofs(request, key)
    except KefuError as error:
        messages.error(request, str(error))
    return _home(key)


@page("station/signing/<int:key>/out", "station-signing-out", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_out(request: ConsoleRequest, key: int) -> HttpResponse:
    """Taken out of store."""
    try:
        at = datetime.fromisoformat(request.POST.get("out_at", ""))
        at = at if at.tzinfo else timezone.make_aware(at)
    except ValueError:
        at = moment.now()
    version = whole(request.POST.get("version", "")) or 0
    try:
        actions.hand_out(actor=request.actor, sign_off_id=key, version=version, out_at=at, now=moment.now())
    except SignRefused as refused:
        return _shown(request, key, errors={name: str(text) for name, text in refused.fields.items()}, status=422)
    messages.success(request, _("已出库，算签收。"))
    return _home(key)


@page("station/signing/<int:key>/undo", "station-signing-undo", permission=Permission.SIGN_UNDO, methods=("POST",))
def signing_undo(request: ConsoleRequest, key: int) -> HttpResponse:
    """Take a sign-off back, with the reason."""
    version = whole(request.POST.get("version", "")) or 0
    try:
        actions.undo(actor=request.actor, sign_off_id=key, version=version, reason=request.POST.get("reason", ""), now=moment.now())
    except SignRefused as refused:
        return _shown(request, key, errors={name: str(text) for name, text in refused.fields.items()}, status=422)
    messages.success(request, _("已撤销签收，快件状态已改回。"))
    return _home(key)


@page("station/signing/<int:key>/proofs/<int:proof_id>", "station-signing-proof", permission=Permission.PARCEL_VIEW)
def signing_proof(request: ConsoleRequest, key: int, proof_id: int) -> HttpResponse:
    """A picture, as a download; the read is audited."""
    found = actions.proof(actor=request.actor, sign_off_id=key, proof_id=proof_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response
