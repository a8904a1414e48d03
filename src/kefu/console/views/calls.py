"""Calls and chats: the one box to begin with, who is in hand, the last talks, and a lead's list (CONV1, CRM1)."""

from typing import Any
from uuid import uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import calls_words
from kefu.conversations import in_hand, receptions
from kefu.conversations.errors import NeitherPhoneNorWaybill
from kefu.conversations.receptions import Incoming
from kefu.kernel import moment
from kefu.kernel.errors import Invalid
from kefu.people.permissions import Permission

CHANNELS = ("call", "chat")


def _context(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    now, actor = moment.now(), request.actor
    lead = actor.may(Permission.CASE_ASSIGN)
    return {
        "ticket": uuid4().hex,
        "typed": request.GET.get("typed", "").replace("\0", "")[:200],
        "channel": "call",
        "error": "",
        "mine": calls_words.lines(in_hand.mine(actor), now),
        "last": calls_words.lines(in_hand.last_of_mine(actor), now),
        "others": calls_words.lines(in_hand.at_sites(actor), now, others=True) if lead else [],
        "lead": lead,
        "at": now,
        **more,
    }


@page("calls", "calls", permission=Permission.CASE_WORK)
def calls(request: ConsoleRequest) -> HttpResponse:
    """Begin, go on, look back."""
    return render(request, "calls/list.jinja", _context(request), part="lists")


@page("calls/start", "call-start", permission=Permission.CASE_WORK, methods=("POST",))
def start(request: ConsoleRequest) -> HttpResponse:
    """Take a customer in hand. The same form sent twice is one talk."""
    typed = request.POST.get("typed", "").replace("\0", "")[:200]
    channel = request.POST.get("channel", "call")
    ticket = request.POST.get("ticket", "").replace("\0", "")[:40] or uuid4().hex
    incoming = Incoming(typed=typed, channel=channel if channel in CHANNELS else "call", external_id=f"{request.actor.id}-{ticket}")
    try:
        row = receptions.start(actor=request.actor, incoming=incoming, now=moment.now())
    except NeitherPhoneNorWaybill as error:
        context = _context(request, typed=typed, channel=channel, error=str(error.message))
        return render(request, "calls/list.jinja", context, status=422)
    except Invalid as error:
        words = next(iter(error.fields.values()), error)
        return render(request, "calls/list.jinja", _context(request, typed=typed, channel=channel, error=str(words)), status=422)
    return HttpResponseRedirect(reverse("console:call", kwargs={"reception_id": row.pk}))
