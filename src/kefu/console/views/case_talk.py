"""Words on a case: the internal note, the reply to the customer, what the customer said; and their drafts (CASE8)."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import post, work
from kefu.desk import sending
from kefu.kernel import moment
from kefu.people.permissions import Permission


@page("cases/<int:case_id>/note", "case-note", permission=Permission.CASE_WORK, methods=("POST",))
def note(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Write an internal note."""
    given = post(request, "text")
    return work(
        request,
        case_id,
        "note",
        lambda: sending.note(actor=request.actor, case_id=case_id, text=given["text"], now=moment.now()),
        _("备注已保存。"),
        "text",
    )
