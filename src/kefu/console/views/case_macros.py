"""Macros on a case: choose, see what would happen, run, take back (CASE8)."""

from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.cases import access
from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import done, number, once, post, work
from kefu.console.views.cases_page import Done, Failed, show
from kefu.desk import macros
from kefu.desk.errors import MacroNotMeant, MacroRefused
from kefu.desk.parts import TITLES
from kefu.kernel import moment
from kefu.kernel.errors import Invalid
from kefu.kernel.idempotency import AlreadyDone
from kefu.kernel.wording import listed
from kefu.people.permissions import Permission

_SALT = "console.macro-undo"
_UNDO_SECONDS = 600


def _given(source: Any) -> dict[str, str]:
    """What was typed into blanks, by their names."""
    return {name[6:]: value.replace("\0", "")[:500] for name, value in source.items() if name.startswith("blank-")}


@page("cases/<int:case_id>/macros", "case-macros", permission=Permission.CASE_WORK)
def case_macros(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Those meant for this case."""
    found = macros.macros(request.actor, case_id)
    context = {"case_id": case_id, "macros": [(one, listed(TITLES[part["do"]] for part in one.parts)) for one in found]}
    return fragment(request, "cases/macros.jinja", context, part="list")


@page("cases/<int:case_id>/macros/<int:macro_id>", "case-macro", permission=Permission.CASE_WORK, methods=("GET", "POST"))
def case_macro(request: ConsoleRequest, case_id: int, macro_id: int) -> HttpResponse:
    """What it would do here; sent as a form, do it."""
    actor, now = request.actor, moment.now()
    found = macros.get(actor, macro_id)
    if request.method == "GET":
        given = _given(request.GET)
        preview = macros.preview(actor=actor, macro_id=macro_id, case_id=case_id, now=now, given=given)
        context = {
            "case_id": case_id,
            "macro": found,
            "preview": preview,
            "given": given,
            "once": "",
            "seen": number(request.GET.get("seen", "")),
        }
        return fragment(request, "cases/macros.jinja", context, part="preview")
    access.get_for(actor, case_id)
    seen = number(post(request, "seen")["seen"])
    try:
        with once(request):
            ran = macros.run(actor=actor, macro_id=macro_id, case_id=case_id, now=now, given=_given(request.POST), seen=seen)
    except AlreadyDone:
        return done(request, case_id, _("宏已执行。"))
    except (MacroRefused, MacroNotMeant) as refused:
        return show(request, case_id, failed=Failed("macro", {"": str(refused)}), status=409)
    undo = signing.dumps([dict(one) for one in ran.undo], salt=f"{_SALT}.{case_id}.{actor.id}") if ran.undo else ""
    did = listed(TITLES[one] for one in ran.did)
    return show(request, case_id, done=Done(_("已执行宏“%(name)s”：%(did)s。") % {"name": found.name, "did": did}, undo))


@page("cases/<int:case_id>/macros/undo", "case-macro-undo", permission=Permission.CASE_WORK, methods=("POST",))
def case_macro_undo(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take back what of the macro can be taken back."""

    def back() -> None:
        try:
            given = signing.loads(request.POST.get("undo", ""), salt=f"{_SALT}.{case_id}.{request.actor.id}", max_age=_UNDO_SECONDS)
        except signing.BadSignature as error:
            raise Invalid(fields={"": _("撤销时间已过，请手工改回。")}) from error
        macros.take_back(actor=request.actor, case_id=case_id, undo=given, now=moment.now())

    return work(request, case_id, "macro", back, _("已撤销宏中可撤销的部分。"))
