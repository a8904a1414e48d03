"""How a form of the case page is taken: once, whole, and with what was typed when it is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from kefu.cases import access
from kefu.console.rendering import redirect, with_toast
from kefu.console.routes import ConsoleRequest, is_htmx
from kefu.console.views.cases_page import Failed, show
from kefu.kernel import idempotency, moment
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.idempotency import AlreadyDone


def number(text: str, otherwise: int = 0) -> int:
    """Figures of a form as a number; anything else is ``otherwise``."""
    return int(text) if text.isdecimal() and len(text) < 18 else otherwise


def case_id_of(text: str) -> int:
    """Key of a case by its number as people write it (``K0001234``, ``1234``); 0 when it is none."""
    return number(text.strip().upper().removeprefix("K"))


def whole_second() -> datetime:
    """Now without its fraction: clocks reckon in seconds, and a pause that begins within this second would begin after it."""
    return moment.now().replace(microsecond=0)


def post(request: ConsoleRequest, *names: str) -> dict[str, str]:
    """Texts a form sent, without what no database holds."""
    return {name: request.POST.get(name, "").replace("\0", "") for name in names}


def once(request: ConsoleRequest) -> AbstractContextManager[None]:
    """Take the form by its own number; raises ``AlreadyDone`` when it was taken before (double click, resend)."""
    return idempotency.once(f"console:{request.actor.id}", request.POST.get("once", "")[:40], now=moment.now())


def done(request: ConsoleRequest, case_id: int, words: str) -> HttpResponse:
    """The fresh page with words that pop up."""
    if is_htmx(request):
        return with_toast(show(request, case_id), words)
    messages.success(request, words)
    return redirect(request, reverse("console:case", kwargs={"case_id": case_id}))


def away(request: ConsoleRequest, address: str, words: str) -> HttpResponse:
    """Another page, with words that pop up there."""
    messages.success(request, words)
    return redirect(request, address)


def work(request: ConsoleRequest, case_id: int, form: str, do: Callable[[], Any], words: str, *fields: str, then: str = "") -> HttpResponse:
    """Do it once; a refusal comes back in its form with what was typed. ``then``: the page to go on to, else the case itself."""
    access.get_for(request.actor, case_id)
    try:
        with once(request):
            do()
    except AlreadyDone:
        pass
    except Stale:
        return show(request, case_id, failed=Failed(form, {}, post(request, *fields)), stale=True, status=409)
    except Invalid as error:
        errors = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return show(request, case_id, failed=Failed(form, errors, post(request, *fields)), status=422)
    return away(request, then, words) if then else done(request, case_id, words)
