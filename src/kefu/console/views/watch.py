"""The check while somebody types, and the alarms of talks going wrong (QA9)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import fragment, redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words
from kefu.console.views.inspection_filters import address
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.lists.definition import whole
from kefu.lists.watch import ALARMS, KINDS, STATES, TONES
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.watch import actions, queries


@page("watch/check", "watch-check", permission=Permission.CASE_WORK, methods=("POST",))
def watch_check(request: ConsoleRequest) -> HttpResponse:
    """What the handbook says of a text in the making. Nothing is written down."""
    given = request.POST
    text = (given.get("text") or given.get("remark") or "").replace("\0", "")
    found = actions.check(
        actor=request.actor, text=text, channel=given.get("channel", "")[:10], site_id=whole(given.get("site", "")),
        note=given.get("note") == "1", now=moment.now(),
    )  # fmt: skip
    return fragment(request, "watch/check.jinja", {"found": found, "confirmed": given.get("confirm", "")[:300]}, part="check")


@page("alarms", "alarms", permission=Permission.WATCH_ALARM)
def alarms(request: ConsoleRequest) -> HttpResponse:
    """Alarms of the sites in reach, the newest first."""
    quiet = queries.mutes(request.actor, now=moment.now())
    names = people.staff_names({one.about_id for one in quiet if one.about == "staff"})
    said = [
        (names.get(one.about_id, "") if one.about == "staff" else f"K{one.about_id:07d}", one.until, one.by) for one in quiet
    ]  # fmt: skip
    head = Head(lead=_("进行中的会话出现辱骂、激烈情绪或客服言语不当时，这里马上出现。"))
    return listing.show(request, ALARMS, template="watch/list.jinja", head=head, extra={"quiet": said})


@page("alarms/count", "alarms-count", permission=Permission.WATCH_ALARM)
def alarms_count(request: ConsoleRequest) -> HttpResponse:
    """How many nobody has seen, as the mark beside the navigation's entry."""
    return fragment(request, "watch/count.jinja", {"waiting": queries.waiting(request.actor)}, part="count")


@page("alarms/<int:alarm_id>", "alarm", permission=Permission.WATCH_ALARM)
def alarm(request: ConsoleRequest, alarm_id: int) -> HttpResponse:
    """One alarm."""
    row = queries.get(request.actor, alarm_id)
    abouts = [("staff", _("这名客服"))] if row.staff_id else []
    if row.subject_kind == "case":
        abouts.append(("case", _("这个工单")))
    context: dict[str, Any] = {
        "row": row,
        "kind": KINDS[row.kind],
        "state": (STATES[row.state], TONES[row.state]),
        "opens": address("case", request.actor, case_id=row.subject_id) if row.subject_kind == "case" else "",
        "clause": (cases_words.clause_title(row.clause), cases_words.clause_url(row.clause, request.actor)),
        "abouts": abouts,
        "minutes": [(str(one), _("%(count)s 分钟") % {"count": one}) for one in actions.MUTES],
    }
    return render(request, "watch/alarm.jinja", context)


@page("alarms/<int:alarm_id>/<str:step>", "alarm-step", permission=Permission.WATCH_ALARM, methods=("POST",))
def alarm_step(request: ConsoleRequest, alarm_id: int, step: str) -> HttpResponse:
    """Say that it was seen, or mute what it is about."""
    now = moment.now()
    try:
        if step == "seen":
            actions.see(actor=request.actor, alarm_id=alarm_id, now=now)
            messages.success(request, _("已标为看过。"))
        elif step == "mute":
            minutes = whole(request.POST.get("minutes", "")) or 0
            actions.mute(actor=request.actor, alarm_id=alarm_id, about=request.POST.get("about", "")[:12], minutes=minutes, now=now)
            messages.success(request, _("已静音 %(count)s 分钟。") % {"count": minutes})
        else:
            raise NotFound
    except (Conflict, Invalid) as error:
        words = next(iter(error.fields.values()), None) if isinstance(error, Invalid) else None
        messages.warning(request, str(words or error))
    return redirect(request, reverse("console:alarm", kwargs={"alarm_id": alarm_id}))
