"""One step of a paper that people move on from its page: a claim, a filing, an appeal, a forwarding, a notice."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse

from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound, Stale
from kefu.people.errors import MissingPermission


def one_step(
    request: ConsoleRequest,
    do: Callable[[], object],
    *,
    said: Message,
    stale: Message,
    back: str,
    again: Callable[[Invalid], HttpResponse | None],
) -> HttpResponse:
    """Take the step and go ``back`` to the page with what is to be ``said``, or why not.

    ``again`` shows the page once more with what was typed and what is wrong with it; ``None`` when the refusal belongs to no field.
    What the reader may not see or do at all is left to the page's own refusal.
    """
    try:
        do()
    except Invalid as error:
        shown = again(error)
        if shown is not None:
            return shown
        messages.error(request, str(error))
    except Stale:
        messages.warning(request, str(stale))
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(said))
    return redirect(request, back)
