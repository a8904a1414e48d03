"""Addresses for the console's own tests: the console at the root, as the product mounts it, and views that fail."""

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from kefu.kernel import errors

FAILURES = {
    "not-found": errors.NotFound(),
    "denied": errors.Denied(),
    "stale": errors.Stale(),
    "conflict": errors.Conflict(),
    "invalid": errors.Invalid(fields={"phone": "请填写电话。"}),
    "too-many": errors.TooMany(retry_after=30),
    "database": OperationalError("connection refused"),
    "unknown": RuntimeError("secret detail"),
}


def fail(_request: HttpRequest, kind: str) -> HttpResponse:
    raise FAILURES[kind]


urlpatterns = [path("", include("kefu.console.urls")), path("fail/<str:kind>", fail)]
handler404 = "kefu.console.failures.not_found"
handler500 = "kefu.console.failures.server_error"
