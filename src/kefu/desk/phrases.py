"""Canned phrases 快捷话术: own ones, those of the site and of all, and what the handbook in force gives to say (CONV1, CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Case as When
from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models import When as Is
from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from kefu.cases import access as cases
from kefu.desk import sharing, variables
from kefu.desk.models import Phrase
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, Message, Stale
from kefu.people import queries as people

MOST_OWN = 500
MOST_SHARED = 2000
_LONGEST = {"title": 40, "text": 2000, "category": 80, "shortcut": 20}


@dataclass(frozen=True, slots=True)
class Ready:
    """A phrase to choose. ``id`` is none and ``clause`` set for those of a handbook, which nobody changes here."""

    id: int | None
    scope: str
    category: str
    title: str
    text: str
    shortcut: str
    uses: int
    version: int
    clause: str
    changeable: bool


def sounds(words: str) -> str:
    """Pinyin initials and full spelling: ``cttj cuitoutuijian``; empty without Han characters."""
    if words.isascii():
        return ""
    initials = "".join(lazy_pinyin(words, style=Style.FIRST_LETTER))
    return f"{initials} {''.join(lazy_pinyin(words))}".lower()[:300]


def _cleaned(given: Mapping[str, str]) -> dict[str, str]:
    values = {name: str(given.get(name, "")).strip() for name in _LONGEST}
    values["category"] = "/".join(part for piece in values["category"].split("/") if (part := piece.strip()))
    values["shortcut"] = values["shortcut"].lstrip("/").lower()
    wrong: dict[str, Message] = {name: _("内容过长。") for name, value in values.items() if len(value) > _LONGEST[name]}
    wrong |= {name: _("请填写内容。") for name in ("title", "text") if not values[name]}
    if any(character.isspace() for character in values["shortcut"]):
        wrong["shortcut"] = _("快捷码中不能有空格。")
    if values["category"].count("/") > 2:
        wrong["category"] = _("分类最多三级。")
    if wrong:
        raise Invalid(fields=wrong)
    variables.check(values["text"])
    return values | {"sounds": sounds(values["title"])}


def _free(owner: sharing.Owner, shortcut: str, but: int = 0) -> None:
    rows = sharing.of_owner(Phrase.objects.all(), owner).exclude(pk=but)
    if shortcut and rows.filter(shortcut=shortcut).exists():
        raise Invalid(fields={"shortcut": _("这个快捷码已被同一范围内的其他话术使用。")})
    if not but and rows.count() >= (MOST_OWN if owner.staff_id else MOST_SHARED):
        raise Conflict(_("话术数量已达上限，请先清理。"), code="phrase.too_many")


def _ref(row: Phrase) -> Ref:
    return Ref("phrase", row.pk, row.title)


def create(*, actor: Actor, scope: str, values: Mapping[str, str], now: datetime) -> Phrase:
    """Add a phrase: ``title``, ``text``, ``category``, ``shortcut``. Unknown variables are refused with the list of known ones."""
    owner = sharing.owner(actor, scope)
    found = _cleaned(values)
    _free(owner, found["shortcut"])
    with transaction.atomic():
        row = Phrase.objects.create(
            scope=owner.scope, staff_id=owner.staff_id, site_id=owner.site_id, made_by=actor.name, changed_at=now, **found
        )
        audit.record(actor, "phrase.created", _ref(row), now=now, site_id=owner.site_id, data={"scope": scope})
    return row


def change(*, actor: Actor, phrase_id: int, values: Mapping[str, str], expected_version: int, now: datetime) -> Phrase:
    """Write a phrase anew."""
    row = sharing.get(Phrase.objects.all(), actor, phrase_id)
    sharing.require_change(actor, row)
    if row.version != expected_version:
        raise Stale
    found = _cleaned(values)
    _free(sharing.Owner(row.scope, row.staff_id, row.site_id), found["shortcut"], but=row.pk)
    with transaction.atomic():
        save_claimed(row, changed_at=now, made_by=actor.name, **found)
        audit.record(actor, "phrase.changed", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope})
    return row


def delete(*, actor: Actor, phrase_id: int, now: datetime) -> None:
    """Take a phrase away."""
    row = sharing.get(Phrase.objects.all(), actor, phrase_id)
    sharing.require_change(actor, row)
    with transaction.atomic():
        audit.record(actor, "phrase.deleted", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope})
        row.delete()


def count_use(*, actor: Actor, phrase_id: int) -> None:
    """Count one more use of a phrase in sight."""
    row = sharing.get(Phrase.objects.all(), actor, phrase_id)
    Phrase.objects.filter(pk=row.pk).update(uses=F("uses") + 1)


def _ready(row: Phrase, actor: Actor) -> Ready:
    changeable = sharing.may_change(actor, row)
    return Ready(row.pk, row.scope, row.category, row.title, row.text, row.shortcut, row.uses, row.version, "", changeable)


def _matching(actor: Actor, text: str, category: str) -> QuerySet[Phrase]:
    rows = sharing.visible(Phrase.objects.all(), actor)
    if category:
        rows = rows.filter(Q(category=category) | Q(category__startswith=f"{category}/"))
    text = text.strip().lstrip("/").lower()[:40]
    if not text:
        return rows.order_by("-uses", "category", "title", "pk")
    hit = Q(shortcut__startswith=text) | Q(sounds__contains=text) | Q(title__icontains=text) | Q(text__icontains=text)
    best = When(
        Is(shortcut=text, then=Value(0)),
        Is(shortcut__startswith=text, then=Value(1)),
        Is(sounds__startswith=text, then=Value(2)),
        Is(title__icontains=text, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return rows.filter(hit).annotate(rank=best).order_by("rank", "-uses", "title", "pk")


def book_at_work(actor: Actor, case_id: int | None, now: datetime) -> Handbook | None:
    """The handbook a person says words of: that of the case, else that in force at their site."""
    if case_id is not None:
        return handbooks.book(cases.get_for(actor, case_id).handbook)
    me = people.me(actor)
    try:
        return handbooks.book_at(me.site.handbook, now) if me else None
    except NotInForce:
        return None


def _of_book(book: Handbook, text: str, category: str) -> list[Ready]:
    text = text.strip().lstrip("/").lower()
    found = []
    for kind in ("phrases", "scripts"):
        for key, clause in getattr(book, kind).items():
            place = "手册/" + getattr(clause, "category", "规范用语")
            words = str(clause.text)
            if category and place != category and not place.startswith(f"{category}/"):
                continue
            if not text or text in f"{sounds(clause.title)}\n{clause.title}\n{words}\n{key}".lower():
                found.append(Ready(None, "handbook", place, clause.title, words, "", 0, 0, str(book.ref(f"{kind}.{key}")), False))
    return found


def find(actor: Actor, text: str = "", *, now: datetime, case_id: int | None = None, category: str = "", limit: int = 30) -> list[Ready]:
    """Phrases for what was typed behind ``/``: shortcut first, then pinyin, title and text; own and shared before the handbook's."""
    own = [_ready(row, actor) for row in _matching(actor, text, category)[:limit]]
    book = book_at_work(actor, case_id, now) if len(own) < limit else None
    return [*own, *(_of_book(book, text, category) if book else [])][:limit]


def categories(actor: Actor) -> list[tuple[str, int]]:
    """Categories in use with how many phrases they hold, by path."""
    counts: dict[str, int] = {}
    for path in sharing.visible(Phrase.objects.all(), actor).values_list("category", flat=True):
        counts[path] = counts.get(path, 0) + 1
    return sorted(counts.items())


def get(actor: Actor, phrase_id: int) -> Ready:
    """One phrase in sight."""
    return _ready(sharing.get(Phrase.objects.all(), actor, phrase_id), actor)


def filled(actor: Actor, text: str, *, case_id: int | None, now: datetime, given: Mapping[str, str] | None = None) -> variables.Filled:
    """The text with the values of the case and the person; what has none is marked and listed."""
    return variables.fill(text, variables.values_of(actor, case_id, now=now), given)
