"""The audit trail: who did what to which thing, and whether the chain holds (SEC3)."""

from collections import deque
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import audit_words as words
from kefu.console.views.inspection_filters import Asked, Filter, day, period, staff_choices
from kefu.console.views.inspection_words import clause_address
from kefu.kernel import audit as trail
from kefu.kernel.actor import Actor
from kefu.kernel.models import AuditEntry
from kefu.kernel.paging import Order, keyset_page
from kefu.people import access as people
from kefu.people.permissions import Permission

MOST_CHECKED = 20_000
"""Entries a page walks through while somebody waits; longer chains are for the command line."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in words."""

    entry: AuditEntry
    action: str
    tone: str
    subject: str
    address: str
    clause: str
    data: list[tuple[str, str]]


def rows(actor: Actor, found: list[AuditEntry]) -> list[Row]:
    """Entries in words."""
    return [
        Row(
            entry=one,
            action=words.action(one.action),
            tone=words.tone(one.action),
            subject=words.subject(one.subject_kind),
            address=words.subject_address(one.subject_kind, one.subject_id, actor),
            clause=clause_address(one.clause, actor) if "#" in one.clause else "",
            data=words.data(one.data),
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain as the file outside of the database remembers it, and whether the database still agrees."""

    number: int
    hash: str
    agrees: bool
    waiting: int


def head() -> Head | None:
    """Last remembered head; nothing when none was written yet."""
    file = trail.heads_file()
    if not file.exists():
        return None
    with file.open() as lines:
        last = deque(lines, maxlen=1)
    number, _blank, value = last[0].strip().partition(" ") if last else ("", "", "")
    if not number.isdigit():
        return None
    stored = AuditEntry.objects.filter(chain=int(number)).values_list("hash", flat=True).first()
    waiting = AuditEntry.objects.filter(chain=None)[:1000].count()
    return Head(int(number), value, stored == value, waiting)


def _asked(request: ConsoleRequest) -> Asked:
    return Asked.of(
        request,
        reverse("console:audit"),
        [
            Filter("action", _("操作"), [(code, str(title)) for code, title in words.ACTIONS.items()]),
            Filter("actor", _("操作人"), staff_choices(request.actor)),
            Filter("kind", _("对象"), [(kind, str(title)) for kind, title in words.SUBJECTS.items()]),
            Filter("id", _("对象编号"), kind="id"),
            Filter("since", _("从"), kind="day"),
            Filter("until", _("到"), kind="day"),
        ],
    )


def _context(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    actor, wanted = request.actor, _asked(request)
    found = people.in_reach(AuditEntry.objects.all(), actor)
    plain: dict[str, Any] = {
        "action": wanted.get("action"),
        "subject_kind": wanted.get("kind"),
        "subject_id": wanted.id("id"),
        "actor_id": wanted.id("actor"),
        "actor_kind": "staff" if wanted.get("actor") else "",
    }
    span = period(request, days=1)
    if day(wanted.get("since")):
        plain["at__gte"] = span.start()
    if day(wanted.get("until")):
        plain["at__lt"] = span.end()
    found = found.filter(**{name: value for name, value in plain.items() if value not in ("", None)})
    paging = keyset_page(found, [Order("pk", descending=True)], size=50, cursor=request.GET.get("cursor") or None)
    everywhere = actor.sites is None
    return {
        "asked": wanted,
        "rows": rows(actor, paging.rows),
        "paging": paging,
        "actors": words.ACTORS,
        "head": head() if everywhere else None,
        "everywhere": everywhere,
        "verdict": None,
        "breaks": [],
        "too_long": False,
        **more,
    }


@page("audit", "audit", permission=Permission.AUDIT_VIEW)
def audit(request: ConsoleRequest) -> HttpResponse:
    """Entries of the sites in reach, newest first; those of no site are for who reaches all."""
    return render(request, "audit/list.jinja", _context(request), part="list")


@page("audit/verify", "audit-verify", permission=Permission.AUDIT_VIEW, methods=("POST",))
def verify(request: ConsoleRequest) -> HttpResponse:
    """Walk the chain now; it belongs to the centre, so only who reaches every site asks for it."""
    if request.actor.sites is not None:
        people.require_site(request.actor, None)
    if AuditEntry.objects.all()[: MOST_CHECKED + 1].count() > MOST_CHECKED:
        return render(request, "audit/list.jinja", _context(request, too_long=True))
    verdict = trail.verify()
    breaks = [(one.chain, str(words.BREAKS.get(one.reason, one.reason))) for one in verdict.breaks[:50]]
    return render(request, "audit/list.jinja", _context(request, verdict=verdict, breaks=breaks))
