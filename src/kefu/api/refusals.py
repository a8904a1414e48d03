"""Every failure as one JSON shape, in the caller's language (working rule 6).

``{"error": {"code", "message", "fields", "params", "reasons"}}``; ``code`` is stable, the words are not.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaInvalid
from ninja.responses import Response

from kefu.api import errors, words
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound

_log = logging.getLogger("kefu.api")
MEGABYTE = 1024 * 1024
_NOT_AWAY = ("no such table", "no such column", "does not exist", "syntax error")


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def body_of(error: KefuError) -> dict[str, Any]:
    """The JSON body of a refusal, worded in the active language."""
    fields: Mapping[str, Message] = error.fields if isinstance(error, Invalid) else {}
    reasons = [
        {"code": one.code, "message": str(one.message), "field": one.field, "clause": one.clause, "line": 0, "column": 0}
        for one in getattr(error, "refusals", ())
    ]
    reasons += [
        {"code": one.code, "message": one.text, "field": one.path, "clause": "", "line": one.line, "column": one.column}
        for one in getattr(error, "problems", ())
    ]
    return {
        "error": {
            "code": error.reason,
            "message": str(error),
            "fields": {name: str(text) for name, text in fields.items()},
            "params": {name: _plain(value) for name, value in error.params.items()},
            "reasons": reasons,
        }
    }


def _retry_after(error: KefuError) -> int | None:
    if error.status == errors.DatabaseAway.status:
        return 10
    if "retry_after" in error.params:
        return int(error.params["retry_after"])
    return int(error.params["minutes"]) * 60 if "minutes" in error.params else None


def answer(error: KefuError) -> HttpResponse:
    """The refusal as a response."""
    response = Response(body_of(error), status=error.status, json_dumps_params={"ensure_ascii": False})
    if (seconds := _retry_after(error)) is not None:
        response["Retry-After"] = str(seconds)
    if error.status == errors.SignInNeeded.status:
        response["WWW-Authenticate"] = 'Bearer realm="kefu"'
    return response


def _is_away(error: Exception) -> bool:
    if isinstance(error, InterfaceError):
        return True
    return isinstance(error, OperationalError) and not any(mark in str(error).lower() for mark in _NOT_AWAY)


def translated(error: Exception) -> KefuError | None:
    """The refusal an error of the frameworks below stands for; ``None`` for one nobody foresaw."""
    if isinstance(error, KefuError):
        return error
    if isinstance(error, NinjaInvalid):
        return Invalid(fields=words.fields_of(error.errors), code="invalid_request")
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, RequestDataTooBig):
        return errors.TooLarge(limit=20)
    if isinstance(error, SuspiciousOperation | MultiPartParserError | TooManyFilesSent | UnicodeDecodeError):
        return errors.BadRequest()
    if isinstance(error, HttpError):
        return errors.BadRequest()
    if _is_away(error):
        return errors.DatabaseAway()
    return None


def respond(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The one handler of all errors of operations."""
    error = error() if isinstance(error, type) else error
    found = translated(error)
    if isinstance(error, IntegrityError):
        _log.warning("Unique value taken on %s %s", request.method, request.path, exc_info=error)
        found = errors.AlreadyThere()
    if found is None:
        found = errors.Unforeseen(id=secrets.token_hex(4))
        _log.error("Failure %s on %s %s", found.params["id"], request.method, request.path, exc_info=error)
    elif found.status == errors.DatabaseAway.status:
        _log.error("Database away on %s %s: %s", request.method, request.path, error)
    return answer(found)
