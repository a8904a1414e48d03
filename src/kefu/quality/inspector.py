"""A scorecard compiled to an inspector: pure, no database, no clock (QA1, QA2, QA4).

``compile_card`` makes it once per content of a handbook; ``Inspector.inspect`` judges one conversation, ``inspect_case`` one case.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.handbook.problems import Problem
from kefu.handbook.schema import Channel, Handbook, Scorecard, ScoreItem
from kefu.kernel.wording import listed_later
from kefu.quality.detectors import REGISTRY, Detector, Found, NotApplicable
from kefu.quality.detectors.case_facts import record_dialogue
from kefu.quality.dialogue import Dialogue
from kefu.quality.reading import Reader, Reading, Vocabulary
from kefu.quality.results import Hit, Inspected, ItemResult
from kefu.quality.rules import add_up, price, state_of
from kefu.quality.unsure import held_back

ENGINE = "2"
"""Version of the mechanisms; raised when a change may alter a verdict."""

AnyDetector: TypeAlias = Detector[Any]


@dataclass(frozen=True, slots=True)
class Line:
    """An item of the card with its mechanism; ``None`` where only a person decides."""

    item: ScoreItem
    clause: str
    detector: AnyDetector | None


class Inspector:
    """A compiled scorecard. Keeps nothing between conversations and may be shared by threads."""

    def __init__(self, handbook: Handbook, key: str) -> None:
        card = handbook.scorecards[key]
        vocabulary = Vocabulary(handbook)
        self.key = key
        self.card: Scorecard = card
        self.handbook = handbook.handbook
        self.version = handbook.version
        self.lines = [Line(item, f"scorecards.{key}.items.{item.id}", _made(item, vocabulary)) for item in card.items()]
        self.reader: Reader = vocabulary.build()

    def inspect(self, dialogue: Dialogue) -> Inspected:
        """Every item's result for one conversation."""
        return self._inspect(dialogue, "conversation")

    def inspect_case(self, facts: Mapping[str, Any]) -> Inspected:
        """Every item's result for one case, from its facts (QA4); items about conversations are not applicable."""
        return self._inspect(record_dialogue(facts), "case")

    def _inspect(self, dialogue: Dialogue, subject: str) -> Inspected:
        reading = self.reader.read(dialogue)
        results = [(line.item, self._item(line, reading, subject)) for line in self.lines]
        total = add_up(self.card.base_score, results)
        items = tuple(result for _, result in results)
        return Inspected(self.key, items, total.score, total.fatal, total.points, total.money, reading.cut)

    def _item(self, line: Line, reading: Reading, subject: str) -> ItemResult:
        item, detector = line.item, line.detector
        if detector is None or detector.kind == "manual":
            why = "" if subject == "conversation" else "conversation_only"
            return ItemResult(line.clause, item.id, "not_applicable" if why else "manual", why)
        if detector.subject != subject:
            return ItemResult(line.clause, item.id, "not_applicable", f"{detector.subject}_only")
        if subject == "conversation" and reading.dialogue.channel not in item.channels:
            return ItemResult(line.clause, item.id, "not_applicable", "channel")
        outcome = detector.inspect(reading)
        if isinstance(outcome, NotApplicable):
            return ItemResult(line.clause, item.id, "not_applicable", outcome.why)
        waits = held_back(outcome, reading.dialogue)
        hits = tuple(_hit(detector.kind, found, "review" if wait else item.mode) for found, wait in zip(outcome, waits, strict=True))
        state = state_of(hits, mode=item.mode)
        points, money = price(item, state, hits, each=detector.params.count == "each")
        return ItemResult(line.clause, item.id, state, "", hits, points, money)


def _made(item: ScoreItem, vocabulary: Vocabulary) -> AnyDetector | None:
    if item.detector is None:
        return None
    kind = REGISTRY[item.detector.kind]
    return kind(kind.params_model.model_validate(item.detector.params), vocabulary)


def _hit(kind: str, found: Found, mode: str) -> Hit:
    judged = found.mode if mode == "auto" else "review"
    one = found.utterance
    if one is None:
        return Hit(kind, found.code, None, 0, 0, "", judged, found.confidence, found.params)
    start, end = one.plain.span(found.start, found.end)
    return Hit(kind, found.code, one.line.index, start, end, one.line.text[start:end], judged, found.confidence, found.params)


def digest(handbook: Handbook) -> str:
    """What a compiled card depends on, as a short hash: cards, lexicons, scripts, and the name it is cited by."""
    parts = {name: {key: clause.model_dump(mode="json") for key, clause in handbook.section(name).items()} for name in _DEPENDS}
    text = json.dumps([handbook.handbook, handbook.version, parts], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


_DEPENDS = ("scorecards", "lexicons", "scripts")


# By the book in hand, which never changes: its digest takes longer than judging ten conversations.
_digests: dict[int, tuple[Handbook, str]] = {}


def _digest_of(handbook: Handbook) -> str:
    found = _digests.get(id(handbook))
    if found is None or found[0] is not handbook:
        if len(_digests) >= 64:
            _digests.clear()
        found = _digests[id(handbook)] = (handbook, digest(handbook))
    return found[1]


class _Keyed:
    """A handbook that compares by its digest, so that the cache keeps one inspector per content."""

    __slots__ = ("digest", "handbook")

    def __init__(self, handbook: Handbook) -> None:
        self.handbook, self.digest = handbook, _digest_of(handbook)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.digest == self.digest


def compile_card(handbook: Handbook, scorecard: str) -> Inspector:
    """The inspector of a scorecard; ``KeyError`` when the handbook has none of that key. Made once per content of the handbook."""
    return _compiled(_Keyed(handbook), scorecard)


@lru_cache(maxsize=64)
def _compiled(keyed: _Keyed, scorecard: str) -> Inspector:
    return Inspector(keyed.handbook, scorecard)


def card_for(handbook: Handbook, channel: Channel) -> str | None:
    """Key of the card that judges a channel: the first that names it; ``None`` when there is none."""
    return next((key for key, card in handbook.scorecards.items() if channel in card.channels), None)


class Inspectors:
    """Inspectors of handbooks in hand, each looked up once: for work on many subjects."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Handbook, Inspector | None]] = {}

    def of(self, book: Handbook | None, channel: Channel) -> Inspector | None:
        """The inspector of the card that judges a channel; ``None`` without a handbook or a card."""
        if book is None:
            return None
        place = (id(book), channel)
        if place not in self._known:
            key = card_for(book, channel)
            self._known[place] = (book, compile_card(book, key) if key is not None else None)
        return self._known[place][1]


def handbook_problems(handbook: Handbook) -> Iterable[Problem]:
    """What is wrong with the detectors of a handbook's scorecards, for ``kefu.handbook.check`` (HB3)."""
    for key, card in handbook.scorecards.items():
        for item in card.items():
            if item.detector is not None:
                yield from _problems(handbook, f"scorecards.{key}.items.{item.id}.detector", item)


_REFERENCES = frozenset({"thanks", "thanks_answers", "fillers", "ask_politely", "rude"})


def _problems(handbook: Handbook, path: str, item: ScoreItem) -> Iterable[Problem]:
    assert item.detector is not None
    kind = REGISTRY.get(item.detector.kind)
    if kind is None:
        message = _("没有检测方式“%(kind)s”。可用：%(known)s。")
        yield Problem(f"{path}.kind", "detector_unknown", message, {"kind": item.detector.kind, "known": listed_later(sorted(REGISTRY))})
        return
    try:
        params = kind.params_model.model_validate(item.detector.params)
    except ValidationError as error:
        yield from _invalid(path, kind, error)
        return
    for name in _REFERENCES & set(type(params).model_fields):
        value = getattr(params, name)
        for lexicon in value if isinstance(value, tuple) else ([value] if value else []):
            if lexicon not in handbook.lexicons:
                yield Problem(
                    f"{path}.{name}", "reference_unknown", _("“%(section)s”里没有“%(key)s”。"), {"section": "lexicons", "key": lexicon}
                )
    for trouble in kind.troubles(params, handbook):
        yield Problem(f"{path}.{trouble.name}", trouble.code, trouble.message, trouble.params)


def _invalid(path: str, kind: type[AnyDetector], error: ValidationError) -> Iterable[Problem]:
    for one in error.errors(include_url=False, include_context=False):
        names: Sequence[str] = [str(part) for part in one["loc"]]
        if one["type"] == "extra_forbidden":
            message = _("检测方式“%(kind)s”没有参数“%(name)s”。可用：%(known)s。")
            known = listed_later(kind.params_model.model_fields)
            yield Problem(
                ".".join([path, *names]), "detector_param_unknown", message, {"kind": kind.kind, "name": names[-1], "known": known}
            )
        elif one["type"] == "missing":
            yield Problem(
                path, "detector_param_missing", _("检测方式“%(kind)s”缺少参数“%(name)s”。"), {"kind": kind.kind, "name": names[-1]}
            )
        else:
            message = _("检测方式“%(kind)s”的参数“%(name)s”写错了：%(given)s。")
            params = {"kind": kind.kind, "name": names[-1] if names else "", "given": str(one.get("input"))[:80]}
            yield Problem(".".join([path, *names]), "detector_param", message, params)
