"""A conversation's findings and scorecard as its page shows them: notes beside the lines, items by what came of them (QA1, QA5)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kefu.console.views import inspection_words as words
from kefu.console.views.conversations_talk import Shift, Span, Waits
from kefu.conversations import queries as conversations
from kefu.conversations.lines import Line
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.kernel.actor import Actor
from kefu.quality import wording
from kefu.quality.queries import Card, CardItem

_SLOW = ("first_answer_slow", "answer_slow")


@dataclass(frozen=True, slots=True)
class Note:
    """A finding as it stands beside its line; ``number`` counts hits in the order of the conversation."""

    id: int
    number: int
    line: int | None
    title: str
    words: str
    better: str
    matched: str
    tone: str
    mode: str
    handled: str
    points: Decimal
    money: Decimal
    confidence: float
    clause: str
    definition: str
    item: str
    # Second of the recording it speaks of; ``None``: without one.
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the card with its hits."""

    item: CardItem
    title: str
    definition: str
    group: str
    why: str
    penalty: str
    clause: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Items that came out alike."""

    state: str
    title: str
    tone: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """An item of the card with how many findings it has here."""

    key: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the page says about the inspection."""

    card: Card
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    handbook: str
    clause: str
    choices: tuple[ItemChoice, ...] = ()
    chosen: str = ""

    @property
    def whole(self) -> tuple[Note, ...]:
        """Findings on the conversation as a whole."""
        return tuple(note for note in self.notes if note.line is None)

    def beside(self, index: int) -> tuple[Note, ...]:
        """Findings on one line."""
        return tuple(note for note in self.notes if note.line == index)


def chosen_of(card: Card | None, item: str) -> str:
    """The item the address asks for, if something was found about it."""
    return item if card is not None and any(found.item_key == item for found in card.findings) else ""


def narrowed(card: Card, item: str) -> Card:
    """The card with the findings of one item; with none chosen as it is."""
    return replace(card, findings=[found for found in card.findings if found.item_key == item]) if item else card


def _choices(card: Card) -> tuple[ItemChoice, ...]:
    counted = Counter((found.item_key, found.item) for found in card.findings)
    return tuple(ItemChoice(key, words.title_of(ref), count) for (key, ref), count in counted.most_common())


def board(actor: Actor, card: Card, chosen: str = "") -> Board:
    """The card put into words; findings of the chosen item only, verdicts of all."""
    choices = _choices(card)
    card = narrowed(card, chosen)
    # Findings on the whole come first on the page, so they count first.
    ordered = sorted(card.findings, key=lambda found: (found.line is not None, found.line or 0, found.start, found.pk))
    notes = tuple(_note(actor, number, found) for number, found in enumerate(ordered, start=1))
    inspection = card.inspection
    version = f"{inspection.handbook}@{inspection.version}"
    clause = words.clause_address(f"{version}#scorecards.{inspection.scorecard}", actor)
    return Board(card, notes, _sections(actor, card, notes), version, clause, choices, chosen)


def _note(actor: Actor, number: int, found: Any) -> Note:
    return Note(
        id=found.pk,
        number=number,
        line=found.line,
        title=words.title_of(found.item),
        words=words.said(found.item, found.code, found.detail),
        better=wording.better(found.detail),
        matched=found.matched,
        tone=words.MODE_TONES.get(found.mode, "quiet"),
        mode=found.mode,
        handled="" if found.state == "open" else str(words.HANDLED.get(found.state, found.state)),
        points=found.points,
        money=found.money,
        confidence=found.confidence,
        clause=words.clause_address(found.item, actor),
        definition=words.definition_of(found.item),
        item=found.item_key,
        at=_second(found.detail),
    )


def _second(detail: Mapping[str, Any]) -> float | None:
    found = detail.get("at")
    return float(found) if isinstance(found, int | float) else None


def _sections(actor: Actor, card: Card, notes: Sequence[Note]) -> tuple[Section, ...]:
    groups = _groups(card)
    by_item: dict[str, list[Note]] = {}
    for note in notes:
        by_item.setdefault(note.item, []).append(note)
    made: dict[str, list[Item]] = {state: [] for state in words.STATES}
    for item in card.items:
        group, penalty = groups.get(item.key, ("", ""))
        shown = Item(
            item=item,
            title=words.either(item.title, item.title_en),
            definition=words.definition_of(item.ref),
            group=group,
            why=wording.why(item.why) if item.why else "",
            penalty=penalty,
            clause=words.clause_address(item.ref, actor),
            notes=tuple(by_item.get(item.key, ())),
        )
        made.setdefault(item.state, []).append(shown)
    return tuple(
        Section(state, str(words.STATES.get(state, state)), words.STATE_TONES.get(state, "quiet"), tuple(items))
        for state, items in made.items()
        if items
    )


def _groups(card: Card) -> Mapping[str, tuple[str, str]]:
    """Group and price of each item, as the scorecard prints them."""
    inspection = card.inspection
    try:
        book = handbooks.book(f"{inspection.handbook}@{inspection.version}")
    except HandbookNotFound:
        return {}
    scorecard = book.scorecards.get(inspection.scorecard)
    if scorecard is None:
        return {}
    return {
        item.id: (words.either(group.title, group.title_en), price(item.penalty.points, item.penalty.money))
        for group in scorecard.groups
        for item in group.items
    }


def price(points: Decimal, money: Decimal) -> str:
    """What a breach costs."""
    parts = []
    if points:
        parts.append(_("%(points)s 分") % {"points": f"{points.normalize():f}"})
    if money:
        parts.append(f"¥{money.normalize():f}")
    return " · ".join(parts)


def spans(card: Card | None, lines: Sequence[Line], conversation_id: int, *, masked: bool) -> dict[int, list[Span]]:
    """Where findings point at in the lines as they are shown, by line."""
    out: dict[int, list[Span]] = {}
    if card is None:
        return out
    original = _original(card, lines, conversation_id) if masked else {}
    shifts = {index: Shift(text, lines[index].text) for index, text in original.items()}
    for found in card.findings:
        if found.line is None or found.line >= len(lines):
            continue
        start, end = found.start, found.end
        if found.line in shifts:
            start, end = shifts[found.line].span(start, end)
        tone = words.MODE_TONES.get(found.mode, "quiet")
        out.setdefault(found.line, []).append(Span(found.pk, start, end, tone, found.code in wording.WHOLE_LINE))
    return out


def _original(card: Card, lines: Sequence[Line], conversation_id: int) -> dict[int, str]:
    """Lines as they were said, of those alone where a mask stands in front of a finding: places are counted in the original text."""
    pointed = {found.line for found in card.findings if found.line is not None and found.line < len(lines)}
    hidden = {index for index in pointed if "*" in lines[index].text}
    if not hidden:
        return {}
    return {line.index: line.text for line in conversations.transcript(conversation_id) if line.index in hidden}


def waits(card: Card | None, lines: Sequence[Line]) -> Waits:
    """Answers that broke a limit, for the marks of silence."""
    limits: dict[int, float] = {}
    for found in card.findings if card is not None else ():
        limit = found.detail.get("limit")
        if limit is None or found.line is None:
            continue
        if found.code in _SLOW and "answer_line" in found.detail:
            limits[int(found.detail["answer_line"])] = float(limit)
        elif found.code == "answer_late":
            answer = next((line.index for line in lines[found.line + 1 :] if line.side == "agent"), None)
            if answer is not None:
                limits[answer] = float(limit)
    return Waits(limits)
