"""Who answers for which department of which site (CASE9)."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import tasks
from kefu.cases.tasks import members
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views.case_forms import away, number, post
from kefu.handbook.queries import books_at
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, NotFound
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

_MOST_STAFF = 500


@page("tasks/members", "tasks-members", permission=Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def tasks_members(request: ConsoleRequest) -> HttpResponse:
    """Members by site and department; add one."""
    if request.method != "POST":
        return _show(request)
    given = post(request, "site", "department", "staff")
    site_id, staff_id = number(given["site"]), number(given["staff"])
    try:
        row = tasks.join(actor=request.actor, site_id=site_id, department=given["department"], staff_id=staff_id, now=moment.now())
    except Invalid as error:
        return _show(request, given, {name: str(text) for name, text in error.fields.items()}, status=422)
    except NotFound:
        return _show(request, given, {"staff": _("请选择站点和人员。")}, status=422)
    return away(request, reverse("console:tasks-members"), _("%(name)s 已是部门成员。") % {"name": row.staff.name})


@page("tasks/members/<int:member_id>/leave", "tasks-member-leave", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def tasks_member_leave(request: ConsoleRequest, member_id: int) -> HttpResponse:
    """Let a member go."""
    tasks.leave(actor=request.actor, member_id=member_id, now=moment.now())
    return away(request, reverse("console:tasks-members"), _("已移出部门；未答复的任务退回部门待领。"))


def _show(
    request: ConsoleRequest, given: dict[str, str] | None = None, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    sites = people.sites(actor)
    books = books_at({site.handbook for site in sites}, now)
    titles = {key: words.name(clause) for book in books for key, clause in book.departments.items()}
    by_place: dict[tuple[str, str], list[Any]] = {}
    for row in members.visible(actor):
        by_place.setdefault((row.site.name, titles.get(row.department, row.department)), []).append(row)
    staff = people_access.visible_staff(actor).filter(is_active=True).order_by("site_id", "staff_no")[:_MOST_STAFF]
    context = {
        "places": [(site, department, rows) for (site, department), rows in by_place.items()],
        "sites": [(str(site.pk), site.name) for site in sites],
        "departments": list(titles.items()),
        "staff": [(str(one.pk), f"{one.name} {one.staff_no} · {one.site.name}") for one in staff],
        "values": given or {},
        "errors": errors or {},
    }
    return render(request, "tasks/members.jinja", context, status=status)
