"""Rules that whoever runs the centre writes: a tree of conditions (QA2, QA10). The language is ``kefu.quality.rulebook``."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from kefu.handbook.schema import Handbook
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, Trouble, detector
from kefu.quality.reading import Reading, Vocabulary
from kefu.quality.results import Mode
from kefu.quality.rulebook import parsing, shape
from kefu.quality.rulebook.compiled import CompiledRule
from kefu.quality.rulebook.operators import OPERATORS
from kefu.quality.rulebook.outcome import Evidence

_SHOWN = 10


class RuleParams(Params):
    """``when``: a breach when it holds; ``require``: when it does not. ``let``: named conditions. ``applies_when``: else not applicable.

    ``evidence``: the named condition whose places are shown (and priced, with ``count: each``). ``begins``, ``ends``: first and last day
    of conversations the rule judges. ``better``: what to say instead.
    """

    let: dict[str, Any] = Field(default_factory=dict)
    when: Any = None
    require: Any = None
    applies_when: Any = None
    mode: Literal["auto", "review"] = "auto"
    confidence: float = Field(default=0.9, gt=0, le=1)
    evidence: str = ""
    better: str = Field(default="", max_length=400)
    begins: date | None = None
    ends: date | None = None


@detector("rule", RuleParams)
class Rule(Detector[RuleParams]):
    """A written rule over a conversation."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        rule, problems = parsing.read(self.params.model_dump())
        if rule is None:
            msg = f"a rule with problems: {[str(one) for one in problems]}"
            raise ValueError(msg)
        self.rule = CompiledRule(rule, vocabulary)
        self.dated = self.params.begins is not None or self.params.ends is not None

    def inspect(self, reading: Reading) -> Outcome:
        if self.subject == "conversation" and not reading.utterances:
            return NotApplicable("too_short")
        if self.dated and (why := self._out_of_time(reading)):
            return NotApplicable(why)
        applies = self.rule.applies(reading)
        if applies.value is None:
            return NotApplicable(applies.why)
        if not applies.value:
            return NotApplicable("rule_does_not_apply")
        found = self.rule.look(reading)
        if found.value is None:
            return NotApplicable(found.why)
        if not found.value:
            return ()
        named = self.rule.places(reading, self.params.evidence) if self.params.evidence else ()
        mode: Mode = self.params.mode if found.sure else "review"
        return [self._found(place, mode) for place in _distinct(named or found.evidence)]

    def _out_of_time(self, reading: Reading) -> str:
        day = reading.dialogue.facts.get("conversation.day")
        if day is None:
            return "no_fact:conversation.day"
        begins, ends = self.params.begins, self.params.ends
        return "rule_not_in_force" if (begins and day < begins.isoformat()) or (ends and day > ends.isoformat()) else ""

    def _found(self, place: Evidence, mode: Mode) -> Found:
        params = dict(place.params)
        if self.params.better:
            params.setdefault("better", self.params.better)
        confidence = self.params.confidence if mode == "auto" else min(self.params.confidence, 0.6)
        return Found(place.code, place.utterance, place.start, place.end, mode, confidence, params)

    @classmethod
    def troubles(cls, params: RuleParams, handbook: Handbook) -> Sequence[Trouble]:
        rule, problems = parsing.read(params.model_dump())
        out = [Trouble(one.path, one.code, one.message, one.params) for one in problems]
        if rule is not None:
            out.extend(_troubles(rule, handbook))
            names = set(rule.named)
            if params.evidence and params.evidence not in names:
                message: Message = _("没有名为“%(name)s”的条件。先在 let 里写它，或给条件加 id。现有：%(known)s。")
                out.append(Trouble("evidence", "rule_name_unknown", message, {"name": params.evidence, "known": listed(names) or "—"}))
        if params.begins and params.ends and params.begins > params.ends:
            out.append(Trouble("ends", "rule_dates", _("ends 早于 begins，规则永远不会生效。")))
        return out


@detector("case_rule", RuleParams)
class CaseRule(Rule):
    """A written rule over a case: its record is read as lines of the agent, its facts may be asked for (QA4)."""

    subject = "case"


def _troubles(rule: shape.Rule, handbook: Handbook) -> Iterable[Trouble]:
    for one in parsing.shapes(rule):
        if isinstance(one, shape.Leaf):
            for name, code, message, params in OPERATORS[one.operator].troubles(one.args, handbook):
                yield Trouble(f"{one.path}.{one.operator}.{name}", code, message, params)


def _distinct(places: Iterable[Evidence]) -> list[Evidence]:
    """Each place once, in reading order, the first ten."""
    found = list(places)
    if len(found) < 2:
        return found
    seen: dict[tuple[Any, ...], Evidence] = {}
    for place in found:
        seen.setdefault((place.place, place.end, place.code, str(place.params.get("stage", ""))), place)
    return sorted(seen.values(), key=lambda one: one.place)[:_SHOWN]
