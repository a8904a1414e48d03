"""One item of a draft tried on the newest conversations in reach; nothing is written (QA10, HB3)."""

from dataclasses import dataclass, field
from time import monotonic

from kefu.conversations import access as conversations
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission
from kefu.quality import subjects
from kefu.quality.access import require
from kefu.quality.inspector import compile_card
from kefu.quality.results import Hit, ItemResult
from kefu.quality.wording import better, explain, why

NEWEST = 200
_SHOWN = 30
_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A place that was hit, with the sentence it stands in (masked); ``line`` counts from 0."""

    words: str
    better: str
    line: int | None
    before: str = ""
    matched: str = ""
    after: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Hitting:
    """A conversation the item hits."""

    conversation_id: int
    state: str
    places: list[Shown]


@dataclass(slots=True)
class Tried:
    """What the item makes of them; ``reasons`` count why it did not apply. ``more``: time was up before all were read."""

    read: int = 0
    breached: int = 0
    review: int = 0
    passed: int = 0
    not_applicable: int = 0
    more: bool = False
    reasons: dict[str, int] = field(default_factory=dict)
    hitting: list[Hitting] = field(default_factory=list)


def try_item(*, actor: Actor, draft: Handbook, card: str, item: str, newest: int = NEWEST) -> Tried:
    """Judge the ``newest`` conversations in reach by one item of the draft, whatever handbook their site has. ``KeyError``: no item."""
    require(actor, Permission.HANDBOOK_EDIT)
    only = _only(draft, card, item)
    inspector = compile_card(only, card)
    ids = list(conversations.visible_to(actor).order_by("-started_at", "-pk").values_list("pk", flat=True)[:newest])
    out, until = Tried(), monotonic() + _SECONDS
    for start in range(0, len(ids), 50):
        if monotonic() > until:
            out.more = True
            break
        for subject in subjects.conversations(actor, ids[start : start + 50]):
            _add(out, subject, inspector.inspect(subject.dialogue).items[0])
    return out


def _only(draft: Handbook, card: str, item: str) -> Handbook:
    whole = draft.scorecards[card]
    for group in whole.groups:
        found = tuple(one for one in group.items if one.id == item)
        if found:
            small = whole.model_copy(update={"groups": (group.model_copy(update={"items": found}),)})
            return draft.model_copy(update={"scorecards": {card: small}})
    raise KeyError(item)


def _add(out: Tried, subject: subjects.Subject, result: ItemResult) -> None:
    state, reason, hits = result.state, result.why, result.hits
    out.read += 1
    if state == "not_applicable":
        out.not_applicable += 1
        words = why(reason)
        out.reasons[words] = out.reasons.get(words, 0) + 1
    elif state == "breached":
        out.breached += 1
    elif state == "review":
        out.review += 1
    else:
        out.passed += 1
    if hits and len(out.hitting) < _SHOWN:
        out.hitting.append(Hitting(subject.id, state, [_shown(subject, hit) for hit in hits[:3]]))


def _shown(subject: subjects.Subject, hit: Hit) -> Shown:
    words, instead = explain(hit.code, hit.params), better(hit.params)
    if hit.line is None:
        return Shown(words, instead, None)
    line = subject.dialogue.lines[hit.line]
    low = max(0, hit.start - 60)
    before, after = mask_text(line.text[low : hit.start]), mask_text(line.text[hit.end : hit.end + 60])
    return Shown(words, instead, line.index, before, mask_text(line.text[hit.start : hit.end][:120]), after, line.side)
