"""Handbooks to write: a draft checked while it is typed, tried on past conversations, put in force from a date (HB3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import fragment, redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import handbooks as reading
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import address, period, text
from kefu.handbook import actions, loader, queries
from kefu.handbook.errors import AbstractHandbook, HandbookInvalid, NotADraft, StartsTooEarly
from kefu.handbook.problems import Problem
from kefu.handbook.queries import VersionInfo
from kefu.handbook.schema import Handbook
from kefu.handbook.tree import Unreadable
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError, Stale
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.quality import preview as quality

MOST_BYTES = 2 * 1024 * 1024
TRIED = 500
"""Conversations a preview looks at while somebody waits."""


def _given(request: ConsoleRequest) -> str | bytes:
    """The file if one was chosen, else what stands in the box."""
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return request.POST.get("text", "")
    return _decoded(bytes(upload.read(MOST_BYTES + 1)))


def _decoded(raw: bytes) -> str | bytes:
    """Text of a file from a Windows computer too; what is neither is left to the loader, which says so."""
    try:
        return loader.text_of(raw)
    except Unreadable:
        return raw


def _editor(request: ConsoleRequest, info: VersionInfo | None, **more: Any) -> dict[str, Any]:
    return {
        "info": info,
        "badge": reading.badge(info) if info else None,
        "text": "",
        "note": info.note if info else "",
        "problems": (),
        "checked": False,
        "refusal": "",
        "row_version": info.row_version if info else None,
        "starts": "",
        "current": _current(request.actor, info),
        "may_force": request.actor.may(Permission.HANDBOOK_FORCE),
        **more,
    }


def _current(actor: Actor, info: VersionInfo | None) -> VersionInfo | None:
    if info is None:
        return None
    found = queries.versions(actor, info.key, now=timezone.now())
    return next((one for one in found if one.status == "in_force"), None)


def _shown(found: str | bytes) -> str:
    """What goes back into the box; a file of an encoding nobody knows as far as it can be read."""
    return found if isinstance(found, str) else found.decode("utf-8-sig", "replace")


@page("handbooks/drafts/new", "handbook-draft-new", permission=Permission.HANDBOOK_EDIT, methods=("GET", "POST"))
def draft_new(request: ConsoleRequest) -> HttpResponse:
    """A new draft from a file or from text."""
    if request.method == "GET":
        return render(request, "handbooks/draft.jinja", _editor(request, None))
    return _take(request, None)


@page("handbooks/drafts/<int:version_id>", "handbook-draft", permission=Permission.HANDBOOK_EDIT, methods=("GET", "POST"))
def draft(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """The editor of a draft, with what is wrong with it beside the text."""
    info = queries.version(request.actor, version_id, now=timezone.now())
    if info.status != "draft":
        raise NotADraft(version=info.name)
    if request.method == "POST":
        return _take(request, info)
    found = queries.problems_of(request.actor, version_id, now=timezone.now())
    context = _editor(request, info, text=queries.text_of(request.actor, version_id), problems=found, checked=True)
    return render(request, "handbooks/draft.jinja", context)


def _take(request: ConsoleRequest, info: VersionInfo | None) -> HttpResponse:
    given, now = _given(request), timezone.now()
    note = text(request.POST.get("note"), 300)
    row_version = text(request.POST.get("row_version"))
    mine: dict[str, Any] = {"text": _shown(given), "note": note, "checked": True}
    if row_version.isdecimal():
        mine["row_version"] = int(row_version)
    if request.POST.get("do") == "check":
        return render(request, "handbooks/draft.jinja", _editor(request, info, **mine, problems=_problems(given, now)))
    try:
        saved = actions.save_draft(
            actor=request.actor,
            text=given,
            now=now,
            draft_id=info.id if info else None,
            row_version=int(row_version) if info and row_version.isdecimal() else None,
            note=note,
        )
    except HandbookInvalid as error:
        refusal = _("还不能保存：请先改好第一处问题，手册要有 handbook 这一项。")
        context = _editor(request, info, **mine, problems=error.problems, refusal=refusal)
        return render(request, "handbooks/draft.jinja", context, status=error.status)
    except (Stale, NotADraft) as error:
        context = _editor(request, info, **mine, problems=_problems(given, now), refusal=str(error))
        return render(request, "handbooks/draft.jinja", context, status=error.status)
    if saved.problems:
        messages.warning(request, _("草稿 %(name)s 已保存，还有 %(count)s 处问题。") % {"name": saved.name, "count": len(saved.problems)})
    else:
        messages.success(request, _("草稿 %(name)s 已保存，没有问题。") % {"name": saved.name})
    return redirect(request, reverse("console:handbook-draft", kwargs={"version_id": saved.id}))


def _problems(given: str | bytes, now: datetime) -> tuple[Problem, ...]:
    return queries.read_text(given, when=now).problems


@page("handbooks/check", "handbook-check", permission=Permission.HANDBOOK_EDIT, methods=("POST",))
def check(request: ConsoleRequest) -> HttpResponse:
    """What is wrong with a text; nothing is kept."""
    found = _problems(_given(request), timezone.now())
    return fragment(request, "handbooks/draft.jinja", {"problems": found, "checked": True}, part="problems")


@page("handbooks/<int:version_id>/copy", "handbook-copy", permission=Permission.HANDBOOK_EDIT, methods=("POST",))
def copy(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """A version as a new draft."""
    now = timezone.now()
    info = queries.version(request.actor, version_id, now=now)
    saved = actions.save_draft(
        actor=request.actor, text=queries.text_of(request.actor, version_id), now=now, note=_("复制自 %(name)s") % {"name": info.name}
    )
    messages.success(request, _("已复制为草稿 %(name)s。") % {"name": saved.name})
    return redirect(request, reverse("console:handbook-draft", kwargs={"version_id": saved.id}))


@page("handbooks/<int:version_id>/discard", "handbook-discard", permission=Permission.HANDBOOK_EDIT, methods=("POST",))
def discard(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """Throw a draft away."""
    info = queries.version(request.actor, version_id, now=timezone.now())
    actions.discard(actor=request.actor, version_id=version_id, now=timezone.now())
    messages.success(request, _("草稿 %(name)s 已删除。") % {"name": info.name})
    return redirect(request, reverse("console:handbooks"))


def _moment(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if timezone.is_aware(found) else timezone.make_aware(found)


@page("handbooks/<int:version_id>/force", "handbook-force", permission=Permission.HANDBOOK_FORCE, methods=("POST",))
def force(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """Put a draft in force now or from a moment on."""
    actor, now = request.actor, timezone.now()
    info = queries.version(actor, version_id, now=now)
    given = text(request.POST.get("from"))
    start = _moment(given)
    refusal = ""
    found: tuple[Problem, ...] = ()
    if given and start is None:
        refusal = _("生效时间写成 2026-01-31 08:00 这样，留空表示立即生效。")
    else:
        try:
            actions.put_in_force(actor=actor, version_id=version_id, now=now, from_=start)
        except HandbookInvalid as error:
            refusal, found = _("还有问题，不能生效。"), error.problems
        except (StartsTooEarly, NotADraft, Stale) as error:
            refusal = str(error)
    if not refusal:
        if start and start > now:
            messages.success(
                request, _("%(name)s 将从 %(time)s 起生效。") % {"name": info.name, "time": f"{timezone.localtime(start):%Y-%m-%d %H:%M}"}
            )
        else:
            messages.success(request, _("%(name)s 已生效。") % {"name": info.name})
        return redirect(request, reverse("console:handbook", kwargs={"key": info.key, "number": info.number}))
    stored = queries.text_of(actor, version_id)
    context = _editor(request, info, text=stored, problems=found or _problems(stored, now), checked=True, refusal=refusal, starts=given)
    return render(request, "handbooks/draft.jinja", context, status=409)


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item before and after."""

    title: str
    change: quality.ItemChange

    @property
    def moved(self) -> bool:
        """Whether anything differs."""
        one = self.change
        return (one.breached_before, one.review_before) != (one.breached_after, one.review_after)


@page("handbooks/<int:version_id>/preview", "handbook-preview", permission=Permission.HANDBOOK_EDIT)
def preview(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """What the inspection of past conversations would become under this version; nothing is written."""
    actor, now = request.actor, timezone.now()
    info = queries.version(actor, version_id, now=now)
    span = period(request, days=7)
    context: dict[str, Any] = {"info": info, "badge": reading.badge(info), "span": span, "found": None, "problems": (), "tried": TRIED}
    try:
        book = queries.draft_book(actor, version_id, now=now)
        found = quality.preview(actor=actor, draft=book, since=span.start(), until=min(span.end(), now + timedelta(days=1)), limit=TRIED)
    except (HandbookInvalid, AbstractHandbook) as error:
        context |= {"problems": getattr(error, "problems", ()), "refusal": str(error)}
        return render(request, "handbooks/preview.jinja", context, status=200)
    context |= {"found": found, **_changes(actor, book, found)}
    return render(request, "handbooks/preview.jinja", context)


def _changes(actor: Actor, book: Handbook, found: quality.Preview) -> dict[str, Any]:
    titles = _titles(book, found)
    names = {one.pk: one for one in people.visible_staff(actor).filter(pk__in=[pk for pk in found.staff if pk])}
    items = [ItemRow(titles.get(key, key), change) for key, change in found.items.items()]
    return {
        "items": [row for row in items if row.moved],
        "same": sum(not row.moved for row in items),
        "staff": [(names[pk], change) for pk, change in found.staff.items() if pk in names and _moved(change)],
        "samples": [
            {
                "address": address("conversation", actor, conversation_id=one.conversation_id),
                "id": one.conversation_id,
                "item": titles.get(one.item, one.item),
                "before": (str(words.STATES.get(one.before, one.before)), words.STATE_TONES.get(one.before, "quiet")),
                "after": (str(words.STATES.get(one.after, one.after)), words.STATE_TONES.get(one.after, "quiet")),
            }
            for one in found.samples[:60]
        ],
    }


def _moved(change: quality.StaffChange) -> bool:
    return (change.points_before, change.money_before) != (change.points_after, change.money_after)


def _titles(book: Handbook, found: quality.Preview) -> dict[str, str]:
    """Titles of items on this card and, for items that are no longer on it, of the one in force."""
    out: dict[str, str] = {}
    try:
        before: Handbook | None = queries.book_at(book.handbook, timezone.now())
    except KefuError:
        before = None
    for one in (before, book):
        for card in one.scorecards.values() if one is not None else ():
            out |= {item.id: words.either(item.title, item.title_en) for item in card.items()}
    return out if found.items else {}
