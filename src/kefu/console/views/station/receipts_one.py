"""One return receipt: its chain as steps with times, its pictures, noting, taking back, loss (O13)."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views.station import board, given
from kefu.console.views.station.given import Refusal
from kefu.escalations import queries as escalations
from kefu.escalations.receipts import KIND, report_lost
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.files import SIZE_LIMIT
from kefu.lists.station.receipts import state_tone, state_words
from kefu.people.permissions import Permission
from kefu.station.receipts import actions, images, moves, queries
from kefu.station.receipts.moves import MoveDraft
from kefu.station.receipts.vocabulary import SENT, Kind, State


@page("station/receipts/<int:receipt_id>", "station-receipt", permission=Permission.RECEIPT_VIEW)
def receipt(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """A receipt with its chain."""
    return _show(request, receipt_id, Refusal())


def _show(request: ConsoleRequest, receipt_id: int, refused: Refusal) -> HttpResponse:
    actor = request.actor
    detail = queries.detail(actor, receipt_id, moment.now())
    row = detail.row
    cases = escalations.cases_of(KIND, [one.pk for one in detail.losses])
    working = actor.may(Permission.RECEIPT_WORK)
    context = {
        "tabs": board.tabs(request),
        "detail": detail,
        "row": row,
        "kind": Kind(row.kind).label,
        "state": (state_words(row), state_tone(row)),
        "steps": [(str(State(step.state).label), step, site) for step, site in detail.steps],
        "history": [(str(State(one.state).label), one, detail.site_names.get(one.site_id, "")) for one in detail.moves],
        "losses": [(one, cases.get(one.pk)) for one in detail.losses],
        "choices": [(state, str(State(state).label), state in SENT) for state in detail.may_note],
        "may_work": working,
        "may_lose": working and actor.may(Permission.CASE_OPEN) and not row.lost and row.closed_at is None,
        "may_undo": working and not row.lost and row.state > 0,
        "clause_title": words.clause_title(row.clause) if row.clause else "",
        "clause_url": words.clause_url(row.clause, actor) if row.clause else "",
        "refused": refused,
    }
    return render(request, "station/receipts/receipt.jinja", context, status=refused.status)


def _back(request: ConsoleRequest, receipt_id: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(request, reverse("console:station-receipt", kwargs={"receipt_id": receipt_id}))


@page("station/receipts/<int:receipt_id>/step", "station-receipt-step", permission=Permission.RECEIPT_WORK, methods=("POST",))
def step(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """Note the next step."""
    now = moment.now()
    draft = MoveDraft(
        number=queries.detail(request.actor, receipt_id, now).row.waybill,
        state=given.whole(request, "state", 0),
        courier_no=given.text(request, "courier_no", 60),
        receipt_no=given.text(request, "receipt_no", 60),
        copies=given.whole(request, "copies", 1),
        note=given.text(request, "note", 300),
    )
    try:
        done = moves.note_move(actor=request.actor, draft=draft, now=now)
    except (Conflict, Stale) as error:
        return _show(request, receipt_id, given.refusal(request, "step", error))
    return _back(request, receipt_id, _("已登记“%(state)s”。") % {"state": State(done.state).label})


@page("station/receipts/<int:receipt_id>/undo", "station-receipt-undo", permission=Permission.RECEIPT_WORK, methods=("POST",))
def undo(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """Take the last step back, with a reason."""
    try:
        actions.undo_move(
            actor=request.actor,
            receipt_id=receipt_id,
            reason=given.text(request, "reason", 300),
            expected_version=given.whole(request, "version"),
            now=moment.now(),
        )
    except (Invalid, Conflict, Stale) as error:
        return _show(request, receipt_id, given.refusal(request, "undo", error))
    return _back(request, receipt_id, _("已撤销最后一个环节。"))


@page("station/receipts/<int:receipt_id>/lost", "station-receipt-lost", permission=Permission.RECEIPT_WORK, methods=("POST",))
def lost(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """Declare it lost: a case is opened for the claim."""
    try:
        done = report_lost(
            actor=request.actor,
            receipt_id=receipt_id,
            reason=given.text(request, "reason", 600),
            expected_version=given.whole(request, "version"),
            now=moment.now(),
        )
    except (Invalid, Conflict, Stale) as error:
        return _show(request, receipt_id, given.refusal(request, "lost", error))
    said = _("已报遗失并新建理赔工单。") if done.fresh else _("已报遗失，并入该运单已有的工单。")
    return _back(request, receipt_id, said)


@page("station/receipts/<int:receipt_id>/found", "station-receipt-found", permission=Permission.RECEIPT_WORK, methods=("POST",))
def found(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """It turned up."""
    version = given.whole(request, "version")
    try:
        actions.declare_found(actor=request.actor, receipt_id=receipt_id, expected_version=version, now=moment.now())
    except (Conflict, Stale) as error:
        return _show(request, receipt_id, given.refusal(request, "lost", error))
    return _back(request, receipt_id, _("已撤销遗失，回单从原环节继续。"))


@page("station/receipts/<int:receipt_id>/images", "station-receipt-images", permission=Permission.RECEIPT_WORK, methods=("POST",))
def add_image(request: ConsoleRequest, receipt_id: int) -> HttpResponse:
    """Keep a picture of it."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Invalid(fields={"file": _("请选择照片。")})
        content = file.read(SIZE_LIMIT + 1)
        images.add_image(actor=request.actor, receipt_id=receipt_id, name=file.name or "", content=content, now=moment.now())
    except (Invalid, Conflict, Stale) as error:
        return _show(request, receipt_id, given.refusal(request, "image", error))
    return _back(request, receipt_id, _("照片已保存。"))


@page("station/receipts/<int:receipt_id>/images/<int:image_id>", "station-receipt-image", permission=Permission.RECEIPT_VIEW)
def image(request: ConsoleRequest, receipt_id: int, image_id: int) -> HttpResponse:
    """A picture as a download; who took it is logged."""
    try:
        kept = images.read_image(actor=request.actor, receipt_id=receipt_id, image_id=image_id, now=moment.now())
    except Invalid as error:
        return _show(request, receipt_id, given.refusal(request, "image", error))
    response = HttpResponse(kept.content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
