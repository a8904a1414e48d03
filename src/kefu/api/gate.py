"""What every request passes before its operation runs: size, who calls, whether they may, known parameters, once only (SEC2, PLAT2)."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeAlias

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja.operation import Operation

from kefu.api import idempotency, moment, refusals, words
from kefu.api.errors import BadRequest, TooLarge
from kefu.api.identity import SAFE_METHODS, identify
from kefu.api.permissions import LARGE, OPERATIONS, PUBLIC, permissions_of
from kefu.api.schema import written
from kefu.kernel.errors import Invalid
from kefu.people.access import require

Run: TypeAlias = Callable[..., HttpResponseBase]
_SMALL_BODY = 2
_LARGE_BODY = 24


def operation_name(operation: Operation) -> str:
    """Id of an operation: the name of its function, unique in the API."""
    return operation.view_func.__name__


def known_parameters(operation: Operation) -> frozenset[str]:
    """Names a query string may hold; anything else is refused, so that a mistyped filter never shows everything."""
    found: set[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            found.update(getattr(model, "__ninja_flatten_map__", {}))
    return frozenset(found)


def gate(run: Run) -> Run:
    """Wraps the run of an operation; an operation that is not in the table of permissions cannot be mounted."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    name = operation_name(operation)
    needed = OPERATIONS[name]
    wanted = permissions_of(needed)
    known = known_parameters(operation)
    limit = _LARGE_BODY if name in LARGE else _SMALL_BODY
    operation.view_func = written(operation)

    @wraps(run)
    def enter(request: HttpRequest, **path: Any) -> HttpResponseBase:
        try:
            return _pass(request, partial(run, request, **path))
        except Exception as error:
            return refusals.respond(request, error)

    def _pass(request: HttpRequest, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        _check_size(request, limit)
        if needed is not PUBLIC:
            now = moment.now()
            identity = identify(request, now)
            actor = identity.actor
            request.actor = actor  # type: ignore[attr-defined]
            if wanted and not any(map(actor.may, wanted)):
                require(actor, wanted[0])
            _check_parameters(request, known)
            if request.method not in SAFE_METHODS:
                return idempotency.answer_once(request, identity.caller, work, now=now)
        return work()

    return enter


def _check_size(request: HttpRequest, limit: int) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdecimal() or int(length) > limit * refusals.MEGABYTE:
        raise TooLarge(limit=limit)


def _check_parameters(request: HttpRequest, known: frozenset[str]) -> None:
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        raise Invalid(fields={name: words.message_of({"type": "extra_forbidden"}) for name in unknown}, code="invalid_request")
