"""Addresses of the API, to be mounted at ``api/v1/``."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from kefu.api import refusals
from kefu.api.application import api
from kefu.api.errors import MethodUnknown
from kefu.api.station import carrier_callbacks
from kefu.kernel.errors import NotFound

View = Callable[..., HttpResponseBase]


def _shaped(view: View) -> View:
    """Answers a method the address does not have in the one error shape."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        refused = refusals.answer(MethodUnknown(method=request.method, allowed=response["Allow"]))
        refused["Allow"] = response["Allow"]
        return refused

    return enter


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Addresses the API does not have."""
    return refusals.answer(NotFound())


def _patterns() -> list[URLPattern | URLResolver]:
    found, _app, _namespace = api.urls
    for pattern in found:
        if isinstance(pattern, URLPattern):
            pattern.callback = _shaped(pattern.callback)
    return [pattern for pattern in found if not (isinstance(pattern, URLPattern) and pattern.name == "api-root")]


operation_patterns: list[URLPattern | URLResolver] = _patterns()
urlpatterns: list[URLPattern | URLResolver] = [
    path("", unknown),
    # No operation of ours: carriers call it in their own forms and read their own answers.
    path("carriers/<str:vendor>/<str:token>", carrier_callbacks.receive),
    *operation_patterns,
    re_path(r"^.*$", unknown),
]
