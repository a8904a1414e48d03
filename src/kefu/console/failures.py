"""Failures as people, htmx and programs get them: one place that maps errors to answers (working rule 6).

Wired in three ways: ``ErrorPageMiddleware`` for errors of views, ``handler400/403/404/500`` of the URL configuration for the rest,
``CSRF_FAILURE_VIEW`` for expired pages.
"""

import logging
import secrets
import sys
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from kefu.console import content_policy, rendering
from kefu.console.routes import is_htmx, wants_json
from kefu.kernel.errors import Invalid, KefuError

_log = logging.getLogger("kefu.console")
DATABASE_RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """What to say: HTTP status, stable code, headline, what to do; ``number`` finds the entry in the log."""

    status: int
    code: str
    title: str
    advice: str
    number: str = ""
    retry_after: int | None = None
    fields: tuple[tuple[str, str], ...] = ()


def _titles(status: int) -> str:
    return {
        400: _("请求有误"),
        401: _("请先登录"),
        403: _("没有权限"),
        404: _("找不到页面"),
        409: _("内容已变化"),
        413: _("内容过大"),
        422: _("填写有误"),
        429: _("操作过于频繁"),
        500: _("出错了"),
        503: _("暂时无法连接数据库"),
    }.get(status, _("操作没有完成"))


def database_is_away(error: BaseException) -> bool:
    """Whether the error means that the database did not answer; a wrong statement is not that."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    text = str(error).lower()
    return not any(mark in text for mark in ("no such table", "no such column", "does not exist", "syntax error"))


def describe(error: BaseException) -> Failure:
    """The failure an error stands for. Errors nobody foresaw get a number that is also in the log."""
    if isinstance(error, KefuError):
        fields = tuple((name, str(text)) for name, text in error.fields.items()) if isinstance(error, Invalid) else ()
        retry = error.params.get("retry_after")
        if retry is None and error.params.get("minutes") is not None:
            retry = int(error.params["minutes"]) * 60
        return Failure(error.status, error.reason, _titles(error.status), str(error), retry_after=retry, fields=fields)
    if isinstance(error, Http404):
        return Failure(404, "not_found", _titles(404), _("地址可能已失效，或您没有查看它的权限。"))
    if isinstance(error, PermissionDenied):
        return Failure(403, "denied", _titles(403), _("您没有权限进行此操作。"))
    if isinstance(error, RequestDataTooBig):
        return Failure(413, "too_big", _titles(413), _("提交的内容太大，请分批提交，或改用导入。"))
    if isinstance(error, SuspiciousOperation):
        return Failure(400, "bad_request", _titles(400), _("浏览器发来的内容无法识别，请返回后重试。"))
    if database_is_away(error):
        return Failure(
            503,
            "database_away",
            _titles(503),
            _("数据暂时读写不了，恢复后会自动可用。请稍等片刻再刷新；您已保存的内容不会丢失。"),
            retry_after=DATABASE_RETRY_SECONDS,
        )
    return Failure(
        500,
        "failed",
        _titles(500),
        _("这不是您的操作造成的。请稍后重试；仍然不行时，请把错误编号告诉管理员。"),
        number=secrets.token_hex(4),
    )


def _log_it(request: HttpRequest, failure: Failure, error: BaseException) -> None:
    if failure.status == 503:
        _log.error("Database away on %s %s: %s", request.method, request.path, error)
    elif failure.status >= 500:
        _log.error("Failure %s on %s %s", failure.number, request.method, request.path, exc_info=error)


def answer(request: HttpRequest, failure: Failure) -> HttpResponse:
    """The failure as JSON, as a toast for htmx, or as a page; needs no database."""
    if wants_json(request):
        body = {"code": failure.code, "message": failure.advice, "fields": dict(failure.fields), "number": failure.number}
        response: HttpResponse = JsonResponse({key: value for key, value in body.items() if value}, status=failure.status)
    elif is_htmx(request):
        response = rendering.fragment(request, "failures/toast.jinja", {"failure": failure}, part="toast", status=failure.status)
        response["HX-Reswap"] = "none"
        response["X-Kefu-Error"] = failure.code
    else:
        response = _page(request, failure)
    content_policy.apply(response)
    if failure.retry_after:
        response["Retry-After"] = str(failure.retry_after)
    return response


def _page(request: HttpRequest, failure: Failure) -> HttpResponse:
    try:
        return rendering.render(request, "failures/page.jinja", {"failure": failure}, status=failure.status)
    except Exception:
        # The failure may sit in the templates themselves: plain words are still an answer.
        _log.exception("The failure page itself failed")
        return HttpResponse(
            f"{failure.title}\n{failure.advice}\n{failure.number}\n", status=failure.status, content_type="text/plain; charset=utf-8"
        )


def respond(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Describe, note in the log, answer."""
    failure = describe(error)
    _log_it(request, failure, error)
    return answer(request, failure)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is older than the session, or a request from elsewhere."""
    _log.warning("Form token refused on %s: %s", request.path, reason)
    advice = _("这个页面打开太久或已在别处重新登录。请返回上一页刷新后再提交，填写的内容还在。")
    return answer(request, Failure(403, "page_expired", _("页面已过期"), advice))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler400``."""
    return respond(request, exception or SuspiciousOperation())


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler403``."""
    return respond(request, exception or PermissionDenied())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """``handler404``."""
    return respond(request, exception or Http404())


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: errors outside of views, such as a database that is away when the session is read."""
    return respond(request, sys.exc_info()[1] or RuntimeError("unknown"))
