"""Return receipts: the reconciliation sets, noting steps for many at once as a gun hands them in, and the same for ticked rows (O13)."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board, given
from kefu.kernel import moment
from kefu.kernel.cells import BadCell, moment_of
from kefu.lists.parcels import numbers_of
from kefu.lists.station.receipts import RECEIPTS
from kefu.people.permissions import Permission
from kefu.station.receipts import moves, queries
from kefu.station.receipts.moves import MoveDraft, Noted
from kefu.station.receipts.vocabulary import COUNTED, Due, State

MOST_AT_ONCE = 200
_BULK = Bulk("station-receipts-bulk", (BulkAction("note", gettext_lazy("登记环节"), "step", kind="primary"),))
_TONES = {Due.OVERDUE: "bad", Due.LOST: "bad", Due.UNREGISTERED: "warn", Due.UNRETURNED: "warn"}
STEPS = tuple((str(value), label) for value, label in State.choices if value)


@page("station/receipts", "station-receipts", permission=Permission.RECEIPT_VIEW)
def receipts(request: ConsoleRequest) -> HttpResponse:
    """Receipts, and how many are in each set; a number opens its list."""
    now = moment.now()
    counts = queries.counts(request.actor, now)
    here = reverse("console:station-receipts")
    figures = [
        {
            "label": due.label,
            "value": str(counts[due.value]),
            "href": f"{here}?due={due.value}",
            "tone": _TONES.get(due, "") if counts[due.value].value else "",
            "current": request.GET.get("due") == due.value,
        }
        for due in COUNTED
    ]
    working = request.actor.may(Permission.RECEIPT_WORK)
    return listing.show(
        request,
        RECEIPTS,
        template="station/receipts/list.jinja",
        tabs=board.tabs(request),
        head=Head(lead=_("签收后登记，逐站退回寄件网点；数字点开就是清单。")),
        bulk=_BULK if working else None,
        extra={"figures": figures, "steps": STEPS},
        now=now,
    )


@page("station/receipts/bulk", "station-receipts-bulk", permission=Permission.RECEIPT_WORK, methods=("POST",))
def bulk(request: ConsoleRequest) -> HttpResponse:
    """Note the same step for all chosen."""
    now = moment.now()
    chosen = listing.chosen(request, RECEIPTS)
    keys = [int(key) for key in chosen.keys(RECEIPTS, now) if key.isdecimal()]
    numbers = queries.waybills(request.actor, keys)
    done = _note(request, numbers, None, now)
    _told(request, done, numbers)
    return redirect(request, chosen.back(RECEIPTS))


def _note(request: ConsoleRequest, numbers: Sequence[str], at: datetime | None, now: datetime) -> Noted:
    state = given.whole(request, "state", 0)
    courier_no, note = given.text(request, "courier_no", 60), given.text(request, "note", 300)
    drafts = [MoveDraft(number, state, at=at, courier_no=courier_no, note=note) for number in numbers]
    return moves.note_moves(actor=request.actor, drafts=drafts, now=now)


def _told(request: ConsoleRequest, done: Noted, numbers: Sequence[str]) -> None:
    if done.stored:
        messages.success(request, _("已登记 %(count)s 票。") % {"count": done.stored})
    if done.present:
        messages.info(request, _("%(count)s 票之前已登记。") % {"count": done.present})
    for one in done.refused[:5]:
        messages.error(request, f"{numbers[one.place]}：{one.message}")
    if len(done.refused) > 5:
        messages.error(request, _("另有 %(count)s 票没有登记。") % {"count": len(done.refused) - 5})


@page("station/receipts/note", "station-receipts-note", permission=Permission.RECEIPT_WORK, methods=("GET", "POST"))
def note(request: ConsoleRequest) -> HttpResponse:
    """Choose the step, scan numbers line by line, send; the step and the courier number stay for the next lot."""
    values = {"state": request.GET.get("state", "1"), "courier_no": "", "note": "", "numbers": "", "at": ""}
    context = {"tabs": board.tabs(request), "steps": STEPS, "values": values, "results": [], "errors": {}, "most": MOST_AT_ONCE}
    if request.method == "GET":
        return render(request, "station/receipts/note.jinja", context)
    values.update({name: given.text(request, name) for name in values})
    numbers, errors = numbers_of(values["numbers"]), {}
    at = _moment(values["at"])
    if not numbers:
        errors["numbers"] = _("请扫描或粘贴运单号、回单号。")
    elif len(numbers) > MOST_AT_ONCE:
        errors["numbers"] = _("一次最多 %(most)s 个，请分批，或用表格导入。") % {"most": MOST_AT_ONCE}
    if values["at"] and at is None:
        errors["at"] = _("时间无法识别，请使用 2026-03-01 09:30:00 这样的格式。")
    if errors:
        return render(request, "station/receipts/note.jinja", context | {"errors": errors}, status=422)
    done = _note(request, numbers, at, moment.now())
    refused = {one.place: one for one in done.refused}
    results = [(number, refused[place].message if place in refused else "", place in refused) for place, number in enumerate(numbers)]
    values["numbers"] = "\n".join(number for number, _words, bad in results if bad)
    return render(request, "station/receipts/note.jinja", context | {"results": results, "done": done})


def _moment(text: str) -> datetime | None:
    try:
        return moment_of(text, timezone.get_default_timezone()) if text else None
    except BadCell:
        return None
