"""Callbacks of carriers: signed in each carrier's own way, taken once, answered in its own words (V4, V5)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from kefu.api import moment, refusals
from kefu.api.errors import MethodUnknown, TooLarge
from kefu.kernel.errors import KefuError
from kefu.station.tracking.callbacks import take
from kefu.station.tracking.carriers import Received

_MEGABYTES = 2


@csrf_exempt
def receive(request: HttpRequest, vendor: str, token: str) -> HttpResponse:
    """Take a push. The address is secret and the body is signed: nobody signs in here."""
    try:
        if request.method != "POST":
            raise MethodUnknown(method=request.method, allowed="POST")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > _MEGABYTES * refusals.MEGABYTE:
            raise TooLarge(limit=_MEGABYTES)
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = take(vendor=vendor, token=token, received=Received(request.body, headers), now=moment.now())
    except KefuError as error:
        return refusals.answer(error)
    return HttpResponse(reply.body, content_type=reply.content_type, status=reply.status)
