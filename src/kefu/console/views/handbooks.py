"""Handbooks to read: versions, contents, a section, a clause with a link of its own, search, differences (HB2, HB4)."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import handbooks_clauses as clauses
from kefu.console.views.inspection_filters import text, whole
from kefu.console.views.inspection_words import either
from kefu.handbook import queries
from kefu.handbook.errors import HandbookInvalid, HandbookNotFound
from kefu.handbook.queries import VersionInfo
from kefu.handbook.schema import SECTIONS, Handbook
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.people.permissions import Permission

STATUS_TITLES: dict[str, str | Promise] = {
    "draft": gettext_lazy("草稿"),
    "scheduled": gettext_lazy("待生效"),
    "in_force": gettext_lazy("生效中"),
    "ended": gettext_lazy("已失效"),
}
STATUS_TONES = {"draft": "warn", "scheduled": "accent", "in_force": "good", "ended": "quiet"}
KIND_TITLES: dict[str, str | Promise] = {
    "added": gettext_lazy("新增"),
    "removed": gettext_lazy("删除"),
    "changed": pgettext_lazy("done", "修改"),
}
KIND_TONES = {"added": "good", "removed": "bad", "changed": "accent"}


def badge(info: VersionInfo) -> tuple[str, str]:
    """Where a version stands: word and tone."""
    return str(STATUS_TITLES.get(info.status, info.status)), STATUS_TONES.get(info.status, "quiet")


@page("handbooks", "handbooks", permission=Permission.HANDBOOK_VIEW)
def handbooks(request: ConsoleRequest) -> HttpResponse:
    """All handbooks with their versions, and which sites work by them."""
    now, actor = timezone.now(), request.actor
    shelves: dict[str, dict[str, Any]] = {}
    for info in queries.versions(actor, now=now):
        shelf = shelves.setdefault(info.key, {"key": info.key, "title": info.title, "versions": [], "current": None, "sites": []})
        shelf["versions"].append(info)
        if info.status == "in_force" and shelf["current"] is None:
            shelf["current"], shelf["title"] = info, info.title
    for shelf in shelves.values():
        if shelf["current"] is not None:
            book = queries.book(shelf["current"].name)
            shelf["title"] = either(book.title, book.title_en)
    for site in people.sites(actor):
        if site.handbook in shelves:
            shelves[site.handbook]["sites"].append(site.name)
    ordered = sorted(shelves.values(), key=lambda shelf: (not shelf["sites"], shelf["key"]))
    return render(request, "handbooks/list.jinja", {"shelves": ordered, "badge": badge})


def version_of(actor: Actor, key: str, number: int) -> VersionInfo:
    """A version the reader may see."""
    found = next((info for info in queries.versions(actor, key, now=timezone.now()) if info.number == number), None)
    if found is None:
        raise HandbookNotFound(name=f"{key}@{number}")
    return found


def book_of(actor: Actor, info: VersionInfo) -> Handbook:
    """The handbook of a version; a draft as far as it can be read."""
    return queries.book(info.name) if info.status != "draft" else queries.draft_book(actor, info.id, now=timezone.now())


def _frame(request: ConsoleRequest, info: VersionInfo, book: Handbook, section: str) -> dict[str, Any]:
    """What every page of the reader shows: contents and the version."""
    return {
        "info": info,
        "badge": badge(info),
        "book": book,
        "title": either(book.title, book.title_en),
        "toc": queries.toc(book),
        "section": section,
        "to": clauses.addresses(info.key, info.number),
        "base": reverse("console:handbook", kwargs={"key": info.key, "number": info.number}),
        "others": [one for one in queries.versions(request.actor, info.key, now=timezone.now()) if one.number != info.number],
        "versions": queries.versions(request.actor, info.key, now=timezone.now()),
        "q": "",
    }


def _broken(request: ConsoleRequest, info: VersionInfo, error: HandbookInvalid) -> HttpResponse:
    context = {"info": info, "badge": badge(info), "problems": error.problems}
    return render(request, "handbooks/broken.jinja", context, status=200)


@page("handbooks/<str:key>@<int:number>", "handbook", permission=Permission.HANDBOOK_VIEW)
def handbook(request: ConsoleRequest, key: str, number: int) -> HttpResponse:
    """The reader: contents on the left, on the right what the handbook is, a section, or what search found."""
    info = version_of(request.actor, key, number)
    try:
        book = book_of(request.actor, info)
    except HandbookInvalid as error:
        return _broken(request, info, error)
    section = text(request.GET.get("section"))
    section = section if section in SECTIONS and book.section(section) else ""
    context = _frame(request, info, book, section)
    words = text(request.GET.get("q"), 80)
    to = context["to"]
    if words:
        context |= {"q": words, "hits": queries.search(book, words)}
    elif section:
        entries = clauses.first_level(next(one for one in context["toc"] if one.id == section).entries)
        found = [(entry.group, clauses.shown(book, entry.id, to, whole=False)) for entry in entries]
        context |= {"clauses": found, "section_title": clauses.section_title(section)}
    return render(request, "handbooks/reader.jinja", context, part="reading")


@page("handbooks/<str:key>@<int:number>/clauses/<str:clause_id>", "handbook-clause", permission=Permission.HANDBOOK_VIEW)
def clause(request: ConsoleRequest, key: str, number: int, clause_id: str) -> HttpResponse:
    """One clause under its lasting address, as decisions cite it."""
    info = version_of(request.actor, key, number)
    try:
        book = book_of(request.actor, info)
    except HandbookInvalid as error:
        return _broken(request, info, error)
    context = _frame(request, info, book, clause_id.partition(".")[0])
    found = clauses.shown(book, clause_id, context["to"])
    if found is None:
        raise HandbookNotFound(name=f"{info.name}#{clause_id}")
    before, behind = clauses.neighbours(book, clause_id)
    context |= {
        "clause": found,
        "before": before,
        "behind": behind,
        "reference": str(book.ref(clause_id)),
        "parents": _parents(book, found),
    }
    return render(request, "handbooks/clause.jinja", context, part="reading")


def _parents(book: Handbook, shown: clauses.Shown) -> list[tuple[str, str]]:
    """The clause a part belongs to."""
    if not shown.part:
        return []
    owner = ".".join(shown.id.split(".")[:2])
    value = book.clause(owner)
    return [(owner, either(value.title, value.title_en))] if value is not None else []


@page("handbooks/<int:version_id>/yaml", "handbook-yaml", permission=Permission.HANDBOOK_VIEW)
def download(request: ConsoleRequest, version_id: int) -> HttpResponse:
    """The text as it was written."""
    info = queries.version(request.actor, version_id, now=timezone.now())
    response = HttpResponse(queries.text_of(request.actor, version_id), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{info.key}-{info.number}.yaml"'
    return response


@page("handbooks/compare", "handbook-compare", permission=Permission.HANDBOOK_VIEW)
def compare(request: ConsoleRequest) -> HttpResponse:
    """Clauses that differ between two versions."""
    now, actor = timezone.now(), request.actor
    old_id, new_id = whole(text(request.GET.get("old"))), whole(text(request.GET.get("new")))
    if old_id is None or new_id is None:
        return HttpResponseRedirect(reverse("console:handbooks"))
    old, new = queries.version(actor, old_id, now=now), queries.version(actor, new_id, now=now)
    context: dict[str, Any] = {
        "old": old,
        "new": new,
        "versions": queries.versions(actor, new.key, now=now),
        "badge": badge,
        "problems": (),
        "changes": (),
        "counts": {},
    }
    try:
        changes = queries.compare(actor, old_id, new_id, now=now)
    except HandbookInvalid as error:
        context["problems"] = error.problems
    else:
        context |= {
            "changes": [
                {
                    "change": one,
                    "title": either(one.title, one.title_en),
                    "section": clauses.section_title(one.clause.partition(".")[0]) if "." in one.clause else _("手册"),
                    "kind": (str(KIND_TITLES[one.kind]), KIND_TONES[one.kind]),
                    "old": "" if one.kind == "added" or "." not in one.clause else clauses.addresses(old.key, old.number)(one.clause),
                    "new": "" if one.kind == "removed" or "." not in one.clause else clauses.addresses(new.key, new.number)(one.clause),
                }
                for one in changes
            ],
            "counts": {kind: sum(one.kind == kind for one in changes) for kind in KIND_TITLES},
        }
    context["kinds"] = [(str(title), KIND_TONES[kind], context["counts"].get(kind, 0)) for kind, title in KIND_TITLES.items()]
    return render(request, "handbooks/compare.jinja", context)
