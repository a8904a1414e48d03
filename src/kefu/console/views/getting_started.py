"""First run: the first administrator of an empty product, and what is to be done next, read from what is there (PLAT1)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kefu.cases import access as cases
from kefu.console import routes, sample_data
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.account import start
from kefu.conversations import access as conversations
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.kernel.wording import listed
from kefu.people import access, founding, queries
from kefu.people.founding import Founding
from kefu.people.permissions import Permission

_FIELDS = ("code", "site_name", "site_code", "handbook", "city", "name", "staff_no", "username")
_LONGEST = {"site_name": 60, "site_code": 20, "city": 40, "name": 60, "staff_no": 20, "username": 60}


@page("setup", "setup", public=True, methods=("GET", "POST"))
def setup(request: HttpRequest) -> HttpResponse:
    """Make headquarters and the first administrator, by the code the terminal shows. Gone once there are people."""
    if founding.founded():
        if request.method == "POST":
            messages.info(request, _("管理员已经建立，请直接登录。"))
        return HttpResponseRedirect(reverse("console:sign-in"))
    founding.invitation()
    values = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    context: dict[str, Any] = {"values": values, "books": handbooks.keys(), "errors": {}, "error": ""}
    if request.method == "GET":
        values |= {"site_code": "HQ", "staff_no": "1000", "code": request.GET.get("code", "")[:40]}
        return render(request, "account/setup.jinja", context)
    errors = {name: _("请填写。") for name in _FIELDS if name != "city" and not values[name]}
    errors |= {name: _("最多 %(count)s 个字。") % {"count": most} for name, most in _LONGEST.items() if len(values[name]) > most}
    if values["handbook"] not in dict(context["books"]):
        errors["handbook"] = _("请选择一本手册。")
    if request.POST.get("password", "") != request.POST.get("again", ""):
        errors["again"] = _("两次输入的密码不一致，请重新输入。")
    if not errors:
        code = values["code"]
        wanted = Founding(**{name: value for name, value in values.items() if name != "code"}, password=request.POST.get("password", ""))
        try:
            staff = founding.found(code=code, wanted=wanted, now=moment.now())
        except (Invalid, Conflict) as error:
            errors = {name: str(words) for name, words in error.fields.items()} if isinstance(error, Invalid) else {}
            context["error"] = "" if errors else str(error)
        else:
            start(request, staff)
            messages.success(request, _("管理员已建立，您已登录。"))
            return HttpResponseRedirect(reverse("console:getting-started"))
    return render(request, "account/setup.jinja", {**context, "errors": errors}, status=422)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: ``state`` is how far it is, in words; ``action`` the button's words, leading to ``href``."""

    name: str
    title: str
    text: str
    done: bool
    state: str
    action: str
    href: str


def _to(actor: Actor, name: str) -> str:
    route = routes.route(name)
    return reverse(f"console:{name}") if route and route.opens_for(actor) else ""


def _in_force(sites: list[Any]) -> bool:
    now = moment.now()
    for key in {site.handbook for site in sites}:
        try:
            handbooks.book_at(key, now)
        except NotInForce:
            return False
    return bool(sites)


def steps(actor: Actor) -> list[Step]:
    """What makes a centre of an empty product, each read from what is there."""
    sites = [site for site in queries.sites(actor) if site.is_active]
    places = [site for site in sites if site.kind != site.Kind.HEADQUARTERS]
    staff = access.visible_staff(actor).filter(is_active=True)
    people, seen = staff.count(), staff.filter(last_login__isnull=False).count()
    talks = conversations.visible_to(actor).exists()
    opened = cases.visible_to(actor).exists()
    me = queries.me(actor)
    books = sorted({site.handbook for site in sites})
    return [
        Step(
            "sites",
            _("建立站点和班组"),
            _("网点、分拨中心、店铺各建一个站点，按上下级排好。谁能看到什么由站点决定。"),
            bool(places),
            ngettext("%(count)s 个站点", "%(count)s 个站点", len(sites)) % {"count": len(sites)},
            _("去建站点"),
            _to(actor, "sites"),
        ),
        Step(
            "handbooks",
            _("每个站点选一本手册"),
            _("时限、流程、话术和评分都按站点的手册走。先用自带的，再照自己的规定改。"),
            _in_force(sites),
            listed(books) or "—",
            _("看手册"),
            _to(actor, "handbooks"),
        ),
        Step(
            "people",
            _("导入人员"),
            _("用 Excel 或 CSV 一次导入，也可以逐个新增。每人得到一个初始密码。"),
            people > 1,
            ngettext("%(count)s 人", "%(count)s 人", people) % {"count": people},
            _("导入人员"),
            _to(actor, "people-import"),
        ),
        Step(
            "conversations",
            _("导入会话"),
            _("通话转写或聊天记录导入后会自动质检，评分卡随即可看。"),
            talks,
            _("已有会话") if talks else _("还没有"),
            _("导入会话"),
            _to(actor, "imports"),
        ),
        Step(
            "cases",
            _("受理第一件工单"),
            _("客户来电、来访或平台转来的问题都从这里开始，时限自动计算。"),
            opened,
            _("已有工单") if opened else _("还没有"),
            _("新建工单"),
            _to(actor, "case-new"),
        ),
        Step(
            "invite",
            _("请大家登录"),
            _("把初始密码当面发给每个人，第一次登录时各自设置密码。"),
            people > 1 and seen == people,
            _("%(people)s 人中 %(seen)s 人登录过") % {"people": people, "seen": seen},
            _("看人员"),
            _to(actor, "people"),
        ),
        Step(
            "second-step",
            _("给管理员账号加两步验证"),
            _("管理员什么都能改，请用手机上的验证器多加一道锁。"),
            bool(me and me.totp_enabled_at),
            _("已开启") if me and me.totp_enabled_at else _("未开启"),
            _("开启两步验证"),
            _to(actor, "account-second-step"),
        ),
    ]


@page("getting-started", "getting-started", permission=Permission.PEOPLE_EDIT)
def getting_started(request: ConsoleRequest) -> HttpResponse:
    """The checklist of a new centre."""
    found = steps(request.actor)
    context = {
        "steps": found,
        "done": sum(step.done for step in found),
        "next": next((step.name for step in found if not step.done), ""),
        "sample": request.actor.sites is None and sample_data.present(),
        "whole": request.actor.sites is None,
    }
    return render(request, "pages/getting_started.jinja", context)


@page("getting-started/sample-data/remove", "sample-data-remove", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def sample_data_remove(request: ConsoleRequest) -> HttpResponse:
    """Take the sample data away, all of it; for who reaches every site, and only when they have typed that they mean it."""
    if request.actor.sites is not None or not sample_data.present():
        raise NotFound
    if request.POST.get("sure") != "yes":
        messages.error(request, _("请先勾选“我知道全部数据都会清除”。"))
        return HttpResponseRedirect(reverse("console:getting-started"))
    sample_data.remove()
    auth.logout(request)  # the session is gone with the rest
    # Whoever could do this may also begin anew: the code is shown to them, as the terminal would.
    return HttpResponseRedirect(f"{reverse('console:setup')}?code={founding.invitation()}")
