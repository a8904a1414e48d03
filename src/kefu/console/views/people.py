"""People: who works where in which role, taking on and shutting out, sites and teams, keys of integrations (SEC2, SEC5, PLAT2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.inspection_filters import Asked, Filter, address, day, site_choices, text, whole
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, KefuError, NotFound
from kefu.kernel.moment import midnight
from kefu.kernel.paging import Order, capped_count, keyset_page
from kefu.people import access, actions, queries, sign_in
from kefu.people.actions import NewStaff
from kefu.people.permissions import PERMISSION_TITLES, ROLE_TITLES, Permission, Role

_ORDER = (Order("staff_no"), Order("pk"))
_NEW_FIELDS = ("username", "staff_no", "name", "role", "site", "team", "hired_on")
_LONGEST = {"username": 60, "staff_no": 20, "name": 60}


def role_choices(actor: Actor) -> list[tuple[str, str]]:
    """Roles the actor may give."""
    given = [role for role in ROLE_TITLES if role != Role.CUSTOMER and (role != Role.ADMIN or actor.role == Role.ADMIN or actor.may("*"))]
    return [(role.value, str(ROLE_TITLES[role])) for role in given]


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """Pages about people side by side."""
    titles = (("people", _("人员")), ("sites", _("站点和班组")), ("tokens", _("接口密钥")))
    return [{"label": title, "href": address(name, actor), "current": name == current} for name, title in titles if address(name, actor)]


@page("people", "people", permission=Permission.PEOPLE_VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """The list by 工号."""
    actor = request.actor
    wanted = Asked.of(
        request,
        reverse("console:people"),
        [
            Filter("q", _("姓名或工号")),
            Filter("role", _("岗位"), [(role.value, str(title)) for role, title in ROLE_TITLES.items() if role != Role.CUSTOMER]),
            Filter("site", _("站点"), site_choices(actor)),
            Filter("state", _("状态"), [("active", _("在用")), ("inactive", _("已停用"))]),
        ],
    )
    rows = queries.staff_rows(actor, role=wanted.get("role"), site_id=wanted.id("site"), state=wanted.get("state"), text=wanted.get("q"))
    context = {
        "asked": wanted,
        "paging": keyset_page(rows, _ORDER, size=50, cursor=request.GET.get("cursor") or None),
        "count": capped_count(rows),
        "tabs": tabs(actor, "people"),
    }
    return render(request, "people/list.jinja", context, part="list")


def _form(request: ConsoleRequest, values: dict[str, str], errors: dict[str, str], error: str = "") -> dict[str, Any]:
    actor = request.actor
    sites = list(access.visible_sites(actor).filter(is_active=True).order_by("path").prefetch_related("teams"))
    return {
        "values": values,
        "errors": errors,
        "error": error,
        "roles": role_choices(actor),
        "sites": [(str(site.pk), site.name) for site in sites],
        "teams": [(str(team.pk), f"{site.name} · {team.name}") for site in sites for team in site.teams.all()],
    }


def _worded(error: KefuError) -> dict[str, str]:
    return {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {}


@page("people/new", "person-new", permission=Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def person_new(request: ConsoleRequest) -> HttpResponse:
    """Take somebody on."""
    if request.method == "GET":
        values = dict.fromkeys(_NEW_FIELDS, "") | {"site": str(request.actor.site_id or ""), "role": Role.AGENT.value}
        return render(request, "people/new.jinja", _form(request, values, {}))
    values = {name: text(request.POST.get(name)) for name in _NEW_FIELDS}
    errors = _missing(values)
    if not errors:
        try:
            staff = actions.create_staff(
                actor=request.actor, new=_new(request.actor, values, request.POST.get("password", "")), now=timezone.now()
            )
        except (Invalid, Conflict) as error:
            errors = _worded(error)
            return render(request, "people/new.jinja", _form(request, values, errors, "" if errors else str(error)), status=error.status)
        messages.success(request, _("%(name)s 可以登录了，用户名 %(username)s。") % {"name": staff.name, "username": staff.username})
        return redirect(request, reverse("console:person", kwargs={"staff_id": staff.pk}))
    return render(request, "people/new.jinja", _form(request, values, errors), status=422)


def _missing(values: dict[str, str]) -> dict[str, str]:
    errors = {name: _("请填写。") for name in ("username", "staff_no", "name", "role", "site") if not values[name]}
    errors |= {name: _("最多 %(count)s 个字。") % {"count": most} for name, most in _LONGEST.items() if len(values[name]) > most}
    if values["hired_on"] and day(values["hired_on"]) is None:
        errors["hired_on"] = _("日期写成 2026-01-31 这样。")
    return errors


def _new(actor: Actor, values: dict[str, str], password: str) -> NewStaff:
    site = access.get_site(actor, whole(values["site"]) or 0)
    team = site.teams.filter(pk=whole(values["team"]) or 0).first() if values["team"] else None
    if values["team"] and team is None:
        raise Invalid(fields={"team": _("班组不属于该站点。")})
    return NewStaff(
        username=values["username"],
        staff_no=values["staff_no"],
        name=values["name"],
        role=values["role"],
        site=site,
        password=password,
        team=team,
        hired_on=day(values["hired_on"]),
        must_set_password=True,
    )


@page("people/<int:staff_id>", "person", permission=Permission.PEOPLE_VIEW)
def person(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """One person."""
    return render(request, "people/person.jinja", _person(request, access.get_staff(request.actor, staff_id), {}))


def _person(request: ConsoleRequest, staff: Any, errors: Mapping[str, object]) -> dict[str, Any]:
    return {
        "staff": staff,
        "scorecard": address("scorecard", request.actor, staff_id=staff.pk),
        "talks": address("conversations", request.actor, {"staff": str(staff.pk)}),
        "trail": address("audit", request.actor, {"actor": str(staff.pk)}),
        "may_edit": staff.pk != request.actor.staff_id and access.may_change(request.actor, staff),
        "locked": sign_in.locked(staff, now=timezone.now()),
        "errors": errors,
    }


@page("people/<int:staff_id>/password", "person-password", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def person_password(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """Give somebody who forgot theirs a password for one sign-in; they must set another."""
    try:
        done = actions.reset_password(actor=request.actor, staff_id=staff_id, password=request.POST.get("password", ""), now=timezone.now())
    except Invalid as error:
        staff = access.get_staff(request.actor, staff_id)
        return render(request, "people/person.jinja", _person(request, staff, error.fields), status=error.status)
    messages.success(request, _("新密码已生效，请当面告诉 %(name)s；下次登录时必须改掉。") % {"name": done.staff.name})
    return _back(request, staff_id)


@page("people/<int:staff_id>/unlock", "person-unlock", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def person_unlock(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """Let somebody try again who typed a wrong password too often."""
    actions.unlock(actor=request.actor, staff_id=staff_id, now=timezone.now())
    messages.success(request, _("已解除锁定，可以重新登录。"))
    return _back(request, staff_id)


def _back(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    return redirect(request, reverse("console:person", kwargs={"staff_id": staff_id}))


@page("people/<int:staff_id>/active", "person-active", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def person_active(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """Shut somebody out, or let them in again."""
    active = request.POST.get("active") == "1"
    staff = actions.set_active(actor=request.actor, staff_id=staff_id, active=active, now=timezone.now())
    if active:
        messages.success(request, _("%(name)s 已启用。") % {"name": staff.name})
    else:
        messages.success(request, _("%(name)s 已停用，所有登录立即失效。") % {"name": staff.name})
    return _back(request, staff.pk)


@page("people/<int:staff_id>/second-step", "person-second-step", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def person_second_step(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """Take the second step off somebody who lost their phone."""
    sign_in.reset_totp(actor=request.actor, staff_id=staff_id, now=timezone.now())
    messages.success(request, _("两步验证已解除，请提醒对方重新绑定。"))
    return _back(request, staff_id)


# ── Sites and teams ─────────────────────────────────────────────────────────────────────────────────────────────────


def _sites(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    actor = request.actor
    rows = list(access.visible_sites(actor).order_by("path").prefetch_related("teams"))
    paths = {site.path for site in rows}
    # A row stands under the nearest site above it that the reader sees.
    depth = {site.pk: sum(1 for path in paths if path != site.path and site.path.startswith(path)) for site in rows}
    books = dict(handbooks.keys())
    kinds = [(code, str(title)) for code, title in rows[0].Kind.choices] if rows else []
    return {
        "rows": [(site, depth[site.pk], books.get(site.handbook, site.handbook)) for site in rows],
        "parents": [(str(site.pk), site.name) for site in rows],
        "kinds": kinds,
        "books": list(books.items()),
        "values": {},
        "errors": {},
        "error": "",
        "team_values": {},
        "team_errors": {},
        "tabs": tabs(actor, "sites"),
        "everywhere": actor.sites is None,
        **more,
    }


@page("people/sites", "sites", permission=Permission.PEOPLE_VIEW, methods=("GET", "POST"))
def sites(request: ConsoleRequest) -> HttpResponse:
    """The tree of sites with their teams; adding one."""
    if request.method == "GET":
        return render(request, "people/sites.jinja", _sites(request))
    access.require(request.actor, Permission.PEOPLE_EDIT)
    values = {name: text(request.POST.get(name), 60) for name in ("code", "name", "kind", "handbook", "parent", "city")}
    errors: dict[str, str] = {}
    if len(values["code"]) > 20:
        errors["code"] = _("最多 %(count)s 个字。") % {"count": 20}
    if values["handbook"] not in dict(handbooks.keys()):
        errors["handbook"] = _("请选择站点使用的手册。")
    # A site without one above it lies outside of everybody's reach but the administrator's.
    if not values["parent"] and request.actor.sites is not None:
        errors["parent"] = _("请选择上级站点。")
    if not errors:
        parent = access.get_site(request.actor, whole(values["parent"]) or 0) if values["parent"] else None
        try:
            site = actions.create_site(
                actor=request.actor,
                code=values["code"],
                name=values["name"],
                kind=values["kind"],
                handbook=values["handbook"],
                parent=parent,
                city=values["city"][:40],
                now=timezone.now(),
            )
        except (Invalid, Conflict) as error:
            errors = _worded(error)
            refusal = "" if errors else str(error)
            return render(request, "people/sites.jinja", _sites(request, values=values, errors=errors, error=refusal), status=error.status)
        messages.success(request, _("站点 %(name)s 已建立。") % {"name": site.name})
        return redirect(request, reverse("console:sites"))
    return render(request, "people/sites.jinja", _sites(request, values=values, errors=errors), status=422)


@page("people/teams", "team-new", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def team_new(request: ConsoleRequest) -> HttpResponse:
    """A team of a site."""
    values = {"site": text(request.POST.get("site")), "team": text(request.POST.get("team"))}
    errors = {name: _("请填写。") for name, value in values.items() if not value}
    if len(values["team"]) > 60:
        errors["team"] = _("最多 %(count)s 个字。") % {"count": 60}
    if not errors:
        site = access.get_site(request.actor, whole(values["site"]) or 0)
        try:
            actions.create_team(actor=request.actor, site=site, name=values["team"], now=timezone.now())
        except Conflict as error:
            errors["team"] = str(error)
    if errors:
        return render(request, "people/sites.jinja", _sites(request, team_values=values, team_errors=errors), status=422)
    messages.success(request, _("班组 %(name)s 已建立。") % {"name": values["team"]})
    return redirect(request, reverse("console:sites"))


# ── Keys of integrations ────────────────────────────────────────────────────────────────────────────────────────────


def _tokens(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    now = timezone.now()
    return {
        "made": None,
        "rows": [(token, _token_state(token, now)) for token in queries.tokens()],
        "permissions": [code.value for code in Permission if request.actor.may(code)],
        "permission_titles": {code.value: str(title) for code, title in PERMISSION_TITLES.items()},
        "sites": [(str(site.pk), site.name) for site in queries.sites(request.actor)],
        "site_names": {site.pk: site.name for site in queries.sites(request.actor)},
        "values": {"name": "", "expires": "", "permissions": [], "sites": []},
        "errors": {},
        "secret": "",
        "tabs": tabs(request.actor, "tokens"),
        **more,
    }


def _token_state(token: Any, now: datetime) -> tuple[str, str]:
    if token.revoked_at is not None:
        return _("已撤销"), "quiet"
    if token.expires_at is not None and token.expires_at <= now:
        return pgettext("token", "已过期"), "warn"
    return _("有效"), "good"


@page("people/tokens", "tokens", permission=Permission.TOKEN_EDIT, methods=("GET", "POST"))
def tokens(request: ConsoleRequest) -> HttpResponse:
    """Keys for integrations. The secret is shown in the one answer that makes it."""
    if request.method == "GET":
        return render(request, "people/tokens.jinja", _tokens(request))
    chosen = [code for code in request.POST.getlist("permissions") if len(code) <= 60]
    places = [number for one in request.POST.getlist("sites") if (number := whole(one)) is not None]
    values = {"name": text(request.POST.get("name"), 60), "expires": text(request.POST.get("expires")), "permissions": chosen}
    values["sites"] = [str(one) for one in places]
    errors = {} if values["name"] else {"name": _("请写明给谁用。")}
    if not chosen:
        errors["permissions"] = _("至少选择一项权限。")
    expires = day(str(values["expires"])) if values["expires"] else None
    if values["expires"] and (expires is None or expires <= timezone.localdate()):
        errors["expires"] = _("请选择今天以后的日期。")
    if errors:
        return render(request, "people/tokens.jinja", _tokens(request, values=values, errors=errors), status=422)
    try:
        token, secret = actions.create_token(
            actor=request.actor,
            name=str(values["name"]),
            permissions=chosen,
            site_ids=places or None,
            expires_at=midnight(expires) if expires is not None else None,
            now=timezone.now(),
        )
    except Invalid as error:
        return render(request, "people/tokens.jinja", _tokens(request, values=values, errors=_worded(error)), status=error.status)
    response = render(request, "people/tokens.jinja", _tokens(request, secret=secret, made=token))
    response["Cache-Control"] = "no-store"
    return response


@page("people/tokens/<int:token_id>/revoke", "token-revoke", permission=Permission.TOKEN_EDIT, methods=("POST",))
def token_revoke(request: ConsoleRequest, token_id: int) -> HttpResponse:
    """End a key."""
    if not any(token.pk == token_id for token in queries.tokens()):
        raise NotFound
    actions.revoke_token(actor=request.actor, token_id=token_id, now=timezone.now())
    messages.success(request, _("密钥已撤销，下一次请求就会被拒绝。"))
    return redirect(request, reverse("console:tokens"))
