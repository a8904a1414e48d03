"""Who else has a case or a conversation open (CASE8). The page gives a sign of life; the answer is the line of the others."""

from django.http import HttpResponse

from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.kernel import moment
from kefu.people.permissions import Permission
from kefu.presence import actions, queries


def _presence(request: ConsoleRequest, kind: str, subject_id: int) -> HttpResponse:
    now, actor = moment.now(), request.actor
    if request.POST.get("gone") == "1":
        actions.leave(actor=actor, kind=kind, subject_id=subject_id)
        return HttpResponse(status=204)
    actions.be_here(actor=actor, kind=kind, subject_id=subject_id, typing=request.POST.get("typing") == "1", now=now)
    context = {"people": queries.others(actor, kind, subject_id, now=now)}
    return fragment(request, "live/presence.jinja", context, part="people")


@page("cases/<int:case_id>/presence", "case-presence", permission=Permission.CASE_VIEW, methods=("POST",))
def case_presence(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Be at a case, or leave it."""
    return _presence(request, "case", case_id)


@page("conversations/<int:conversation_id>/presence", "conversation-presence", permission=Permission.CONVERSATION_VIEW, methods=("POST",))
def conversation_presence(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """Be at a conversation, or leave it."""
    return _presence(request, "conversation", conversation_id)
