"""Tracking: one box for many numbers, and what was put to carriers (OPS7)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board
from kefu.intake import uploads
from kefu.kernel import audit, moment
from kefu.kernel.actor import Ref
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.errors import KefuError
from kefu.lists.definition import whole
from kefu.lists.parcel_words import CARRIERS
from kefu.lists.station.tracking import TRACKING, TRACKING_ASKS
from kefu.parcels import access as parcel_access
from kefu.parcels import queries as parcels
from kefu.parcels.checks import REASONS as PARCEL_REASONS
from kefu.parcels.waybills import clean_waybill
from kefu.people.permissions import Permission
from kefu.station.tracking import boxes, numbers
from kefu.station.tracking.asking import Queued, ask_carriers
from kefu.station.tracking.errors import ASK_REFUSALS
from kefu.station.tracking.numbers import Pasted

_MOST_TEXT = 100_000
_BULK = Bulk(
    "station-tracking-bulk",
    (BulkAction("query", gettext_lazy("问快递公司"), "search", "primary"), BulkAction("subscribe", gettext_lazy("订阅推送"), "bell")),
)
_EXAMPLES = 30


@dataclass(frozen=True, slots=True)
class Bad:
    """Something handed in that cannot be a number, and why."""

    text: str
    reason: str


@page("station/tracking", "station-tracking", permission=Permission.PARCEL_VIEW)
def tracking(request: ConsoleRequest) -> HttpResponse:
    """The form, and the numbers of a box."""
    box = boxes.box_of(request.actor, whole(request.GET.get("box", "")))
    reasons = {**PARCEL_REASONS, **CELL_REASONS}
    extra = {
        "box": box,
        "bad": [Bad(text, str(reasons.get(reason, reason))) for text, reason in box.invalid[:_EXAMPLES]] if box else [],
        "bad_count": len(box.invalid) if box else 0,
        "most": boxes.MOST,
        "recent": boxes.recent(request.actor),
        "carriers": [(code, str(title)) for code, title in CARRIERS.items()],
    }
    lead = _("一次最多 %(most)s 个单号：粘贴、巴枪扫入或上传表格。") % {"most": boxes.MOST}
    return listing.show(
        request, TRACKING, template="station/tracking/box.jinja", tabs=board.tabs(request), head=Head(lead=lead), bulk=_BULK, extra=extra
    )


@page("station/tracking/look", "station-tracking-look", permission=Permission.PARCEL_VIEW, methods=("POST",))
def look(request: ConsoleRequest) -> HttpResponse:
    """Take the numbers in, by text or file, and show them. A single number is shown by its trace."""
    here = reverse("console:station-tracking")
    try:
        given, name = _given(request)
        box = boxes.open_box(actor=request.actor, given=given, now=moment.now(), name=name)
    except (KefuError, UnicodeError) as error:
        said = str(error) if isinstance(error, KefuError) else _("认不出文件的编码，请另存为 UTF-8 后再上传。")
        messages.error(request, said)
        return redirect(request, here)
    return redirect(request, f"{here}?box={box.pk}")


def _given(request: ConsoleRequest) -> tuple[Pasted, str]:
    file = request.FILES.get("file")
    if file is None:
        return numbers.pasted(request.POST.get("numbers", "")[:_MOST_TEXT]), ""
    path = uploads.receive(file)
    try:
        return numbers.uploaded(path), (file.name or "")[:80]
    finally:
        uploads.forget(path)


@page("station/tracking/bulk", "station-tracking-bulk", permission=Permission.PARCEL_VIEW, methods=("POST",))
def bulk(request: ConsoleRequest) -> HttpResponse:
    """Put the ticked numbers to their carriers."""
    now = moment.now()
    chosen = listing.chosen(request, TRACKING)
    back = chosen.back(TRACKING)
    if chosen.nothing or chosen.do not in ("query", "subscribe"):
        messages.warning(request, _("请先勾选单号。"))
        return redirect(request, back)
    carrier = request.POST.get("carrier", "")
    try:
        done = ask_carriers(
            actor=request.actor,
            numbers=chosen.keys(TRACKING, now),
            now=now,
            kind=chosen.do,
            carrier=carrier if carrier in CARRIERS else "",
        )
    except KefuError as error:
        messages.error(request, str(error))
    else:
        tell(request, done)
    return redirect(request, back)


@page("station/tracking/ask/<str:waybill>", "station-tracking-ask", permission=Permission.PARCEL_VIEW, methods=("POST",))
def ask(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """Put one number to its carrier, from its trace."""
    kind = "subscribe" if request.POST.get("do") == "subscribe" else "query"
    try:
        tell(request, ask_carriers(actor=request.actor, numbers=[waybill], now=moment.now(), kind=kind))
    except KefuError as error:
        messages.error(request, str(error))
    return redirect(request, reverse("console:parcel", kwargs={"waybill": waybill}))


@page("station/tracking/identity/<str:waybill>", "station-tracking-identity", permission=Permission.PARCEL_VIEW, methods=("POST",))
def identity(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """Whether a caller's four digits are those of a party, before more than the state is told (O1). Written to the log."""
    actor, now = request.actor, moment.now()
    parcel = parcel_access.get_for(actor, clean_waybill(waybill))
    fits = parcels.is_party(parcel.waybill, request.POST.get("tail", "").strip())
    audit.record(
        actor, "parcel.identity_checked", Ref("parcel", parcel.pk, parcel.waybill), now=now, site_id=parcel.site_id, data={"fits": fits}
    )
    if fits:
        messages.success(request, _("电话后四位相符，可以告知。"))
    else:
        messages.warning(request, _("电话后四位不符：只告知快件状态，不告知电话、地址和签收人。"))
    return redirect(request, reverse("console:parcel", kwargs={"waybill": parcel.waybill}))


def tell(request: ConsoleRequest, done: Sequence[Queued]) -> None:
    """Say what became of the numbers: queued, queued already, and each refusal with its count."""
    now = moment.now()
    fresh = [one for one in done if not one.refusal and not one.already]
    later = [one for one in fresh if one.due_at is not None and one.due_at > now]
    already = sum(one.already for one in done)
    if fresh:
        said = _("已排队 %(n)s 个单号，结果回来后这里会更新。") % {"n": len(fresh)}
        if later:
            said += _("其中 %(n)s 个刚查过，按快递公司规定到间隔后再查。") % {"n": len(later)}
        messages.success(request, said)
    if already:
        messages.info(request, _("%(n)s 个单号已在排队。") % {"n": already})
    for refusal, count in Counter(one.refusal for one in done if one.refusal).items():
        messages.warning(request, _("%(n)s 个没有查询：%(why)s") % {"n": count, "why": ASK_REFUSALS[refusal]})


@page("station/tracking/asks", "station-tracking-asks", permission=Permission.PARCEL_VIEW)
def asks(request: ConsoleRequest) -> HttpResponse:
    """What was put to carriers, and what came of it."""
    crumbs = [(_("快件跟踪"), reverse("console:station-tracking"))]
    lead = _("排队、重试和间隔由系统掌握：同一单号按快递公司规定的间隔查询，失败后自动再试。")
    return listing.show(request, TRACKING_ASKS, tabs=board.tabs(request), head=Head(lead=lead, crumbs=crumbs))
