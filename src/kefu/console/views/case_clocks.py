"""Letting a clock of a case stand still and run on (CASE4)."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.cases import upkeep
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import post, whole_second, work
from kefu.people.permissions import Permission


@page("cases/<int:case_id>/clocks/<int:clock_id>/pause", "case-clock-pause", permission=Permission.CLOCK_PAUSE, methods=("POST",))
def pause(request: ConsoleRequest, case_id: int, clock_id: int) -> HttpResponse:
    """Let a clock stand still for a reason of the handbook."""
    given = post(request, "reason")
    return work(
        request,
        case_id,
        f"pause-{clock_id}",
        lambda: upkeep.pause_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, reason=given["reason"], now=whole_second()),
        _("已暂停计时。"),
        "reason",
    )


@page("cases/<int:case_id>/clocks/<int:clock_id>/resume", "case-clock-resume", permission=Permission.CLOCK_PAUSE, methods=("POST",))
def resume(request: ConsoleRequest, case_id: int, clock_id: int) -> HttpResponse:
    """Let a paused clock run on."""
    return work(
        request,
        case_id,
        f"pause-{clock_id}",
        lambda: upkeep.resume_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, now=whole_second()),
        _("已恢复计时。"),
    )
