"""Macros: writing, changing, deleting (CASE8)."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.phrases import refused, saved
from kefu.console.views.phrases_macros import given
from kefu.desk import macros
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.people.permissions import Permission


@page("macros", "macro-new", permission=Permission.CASE_WORK, methods=("POST",))
def macro_new(request: ConsoleRequest) -> HttpResponse:
    """Write a macro down."""
    try:
        macros.create(actor=request.actor, scope=request.POST.get("scope", ""), macro=given(request), now=moment.now())
    except (Invalid, Conflict) as error:
        return refused(request, "macro", error)
    return saved(request, _("宏已保存。"))


@page("macros/<int:macro_id>", "macro", permission=Permission.CASE_WORK, methods=("POST",))
def macro(request: ConsoleRequest, macro_id: int) -> HttpResponse:
    """Change a macro, or delete it (``delete``)."""
    now = moment.now()
    if request.POST.get("delete") == "1":
        macros.delete(actor=request.actor, macro_id=macro_id, now=now)
        return saved(request, _("宏已删除。"))
    row = macros.get(request.actor, macro_id)
    version = request.POST.get("version", "")
    try:
        macros.change(
            actor=request.actor,
            macro_id=macro_id,
            macro=given(request, row.parts),
            expected_version=int(version) if version.isdecimal() and len(version) < 10 else -1,
            now=now,
        )
    except (Invalid, Conflict, Stale) as error:
        return refused(request, f"macro-{macro_id}", error)
    return saved(request, _("宏已保存。"))
