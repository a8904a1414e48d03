"""Sign-in with its second step, and one's own account: sessions, password, authenticator (SEC5)."""

import hashlib
from typing import Any

import segno
from django.contrib import auth, messages
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kefu.console.browsers import browser_name
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, local_path, page
from kefu.kernel.addresses import client_address
from kefu.kernel.errors import Invalid, KefuError, TooMany
from kefu.people import founding, queries, sign_in

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "pending_sign_in"
PENDING_SECONDS = 300
SECRET = "totp_secret"  # noqa: S105  the name of a session entry


def _next(request: HttpRequest) -> str:
    return local_path(request.POST.get("next") or request.GET.get("next") or "", request)


def _errors(error: KefuError) -> dict[str, Any]:
    fields = {name: str(text) for name, text in error.fields.items()} if isinstance(error, Invalid) else {}
    return {"error": "" if fields else str(error), "errors": fields}


def start(request: HttpRequest, staff: Any) -> None:
    """Let this browser in as the person."""
    auth.login(request, staff, backend=BACKEND)
    request.session.pop(PENDING, None)
    if request.session.session_key is None:
        request.session.create()
    sign_in.start_session(
        staff=staff,
        session_key=str(request.session.session_key),
        ip=client_address(request),
        user_agent=request.headers.get("User-Agent", ""),
        now=timezone.now(),
    )


def _nobody_yet() -> bool:
    """Whether the product waits for its first administrator; ``False`` while the database is away: the page is shown all the same."""
    try:
        return not founding.founded()
    except (OperationalError, InterfaceError):
        return False


@page("sign-in", "sign-in", public=True, methods=("GET", "POST"))
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if request.method == "GET":
        if getattr(request, "actor", None):
            return HttpResponseRedirect(_next(request) or "/")
        context = {"next": _next(request), "username": "", "error": "", "errors": {}, "empty": _nobody_yet()}
        return render(request, "account/sign_in.jinja", context)
    username = request.POST.get("username", "")
    now = timezone.now()
    try:
        found = sign_in.check_credentials(username=username, password=request.POST.get("password", ""), ip=client_address(request), now=now)
    except (Invalid, TooMany) as error:
        context = {"next": _next(request), "username": username, **_errors(error), "empty": False}
        return render(request, "account/sign_in.jinja", context, status=error.status)
    if found.needs_code:
        request.session[PENDING] = {"staff": found.staff.pk, "at": int(now.timestamp())}
        return HttpResponseRedirect(f"{reverse('console:sign-in-code')}?{urlencode({'next': _next(request)})}")
    start(request, found.staff)
    return HttpResponseRedirect(_next(request) or "/")


@page("sign-in/code", "sign-in-code", public=True, methods=("GET", "POST"))
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The six digits of the authenticator."""
    pending = request.session.get(PENDING) or {}
    now = timezone.now()
    staff = queries.staff_for_session(pending["staff"]) if now.timestamp() - pending.get("at", 0) < PENDING_SECONDS else None
    if staff is None:
        return HttpResponseRedirect(reverse("console:sign-in"))
    context: dict[str, Any] = {"next": _next(request), "error": "", "errors": {}}
    if request.method == "GET":
        return render(request, "account/code.jinja", context)
    try:
        sign_in.check_code(staff=staff, code=request.POST.get("code", ""), ip=client_address(request), now=now)
    except (Invalid, TooMany) as error:
        return render(request, "account/code.jinja", {**context, **_errors(error)}, status=error.status)
    start(request, staff)
    return HttpResponseRedirect(_next(request) or "/")


@page("sign-out", "sign-out", public=True, methods=("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session; what it kept of our pages goes too."""
    if request.session.session_key:
        sign_in.end_session_of(session_key=request.session.session_key, now=timezone.now())
    auth.logout(request)
    return HttpResponseRedirect(reverse("console:sign-in"), headers={"Clear-Site-Data": '"cache"'})


@page("account", "account")
def account(request: ConsoleRequest) -> HttpResponse:
    """Who I am here."""
    return render(request, "account/account.jinja", {"staff": queries.me(request.actor)})


@page("account/sessions", "account-sessions")
def sessions(request: ConsoleRequest) -> HttpResponse:
    """Browsers that are signed in as me."""
    own = hashlib.sha256(str(request.session.session_key).encode()).hexdigest()
    rows = [(row, browser_name(row.user_agent), row.key_hash == own) for row in queries.sessions_of(request.actor)]
    return render(request, "account/sessions.jinja", {"rows": rows})


@page("account/sessions/<int:session_id>/end", "account-session-end", methods=("POST",))
def session_end(request: ConsoleRequest, session_id: int) -> HttpResponse:
    """Sign another browser out."""
    sign_in.end_session(actor=request.actor, session_id=session_id, now=timezone.now())
    messages.success(request, _("该设备已退出登录。"))
    return HttpResponseRedirect(reverse("console:account-sessions"))


@page("account/password", "account-password", methods=("GET", "POST"))
def password(request: ConsoleRequest) -> HttpResponse:
    """Change my password; every other browser is signed out. The only page open while another person's choice is in force."""
    context: dict[str, Any] = {"error": "", "errors": {}, "must_set": bool(getattr(request.user, "must_set_password", False))}
    if request.method == "GET":
        return render(request, "account/password.jinja", context)
    new = request.POST.get("new", "")
    try:
        if new != request.POST.get("again", ""):
            raise Invalid(fields={"again": _("两次输入的新密码不一致，请重新输入。")})
        sign_in.change_password(actor=request.actor, old=request.POST.get("old", ""), new=new, now=timezone.now())
    except (Invalid, TooMany) as error:
        return render(request, "account/password.jinja", {**context, **_errors(error)}, status=422)
    start(request, queries.me(request.actor))
    messages.success(request, _("密码已修改，其他设备已退出登录。"))
    return HttpResponseRedirect(reverse("console:account"))


@page("account/second-step", "account-second-step", methods=("GET", "POST"))
def second_step(request: ConsoleRequest) -> HttpResponse:
    """Connect an authenticator app."""
    staff = queries.me(request.actor)
    assert staff is not None
    if staff.totp_enabled_at is not None:
        return render(request, "account/second_step.jinja", {"enabled_at": staff.totp_enabled_at, "error": "", "errors": {}})
    context: dict[str, Any] = {"enabled_at": None, "error": "", "errors": {}}
    secret = str(request.session.get(SECRET) or "")
    status = 200
    if request.method == "POST" and secret:
        try:
            sign_in.enable_totp(actor=request.actor, secret=secret, code=request.POST.get("code", ""), now=timezone.now())
        except Invalid as error:
            context, status = {**context, **_errors(error)}, error.status
        else:
            del request.session[SECRET]
            messages.success(request, _("两步验证已开启，下次登录需要验证码。"))
            return HttpResponseRedirect(reverse("console:account"))
    if not secret:
        secret = request.session[SECRET] = sign_in.begin_totp(actor=request.actor)
    picture = segno.make(sign_in.totp_uri(staff=staff, secret=secret), error="m").svg_data_uri(scale=4, border=2, light="#fff")
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render(request, "account/second_step.jinja", {**context, "picture": picture, "secret": spaced}, status=status)
