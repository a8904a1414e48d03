"""A rule made ready for a card, and its look at one reading (QA2). Three-valued: what cannot be known is neither true nor false.

Words and patterns of all rules are found in the one pass of the reading; what remains here is a walk over the few places found.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from kefu.handbook import conditions
from kefu.quality.reading import Reading, Vocabulary
from kefu.quality.rulebook import flow, shape, windows
from kefu.quality.rulebook.operators import OPERATORS, Operator
from kefu.quality.rulebook.outcome import FALSE, TRUE, Evidence, Outcome, Unknown, unknown
from kefu.quality.rulebook.shape import UNLIMITED, Shape

_MOST = 200
"""Places of one condition that are carried on."""


class Run:
    """One rule's look at one reading; named conditions are looked at once."""

    __slots__ = ("known", "named", "reading")

    def __init__(self, reading: Reading, named: "dict[str, Node]") -> None:
        self.reading = reading
        self.named = named
        self.known: dict[str, Outcome] = {}

    def of(self, name: str) -> Outcome:
        """The outcome of a named condition."""
        found = self.known.get(name)
        if found is None:
            found = self.known[name] = self.named[name](self)
        return found


Node: TypeAlias = Callable[[Run], Outcome]


class CompiledRule:
    """A rule of a card. Keeps nothing between conversations."""

    def __init__(self, rule: shape.Rule, vocabulary: Vocabulary) -> None:
        self._maker = _Maker(vocabulary)
        self._named = self._maker.named
        for name, one in rule.named.items():
            self._named.setdefault(name, self._maker.node(one))
        self._condition = self._maker.node(rule.condition)
        self._applies = self._maker.node(rule.applies) if rule.applies is not None else None
        self._required = rule.required
        self._what = _told(rule.condition)

    def applies(self, reading: Reading) -> Outcome:
        """Whether the rule speaks of this conversation."""
        return self._applies(Run(reading, self._named)) if self._applies is not None else TRUE

    def look(self, reading: Reading) -> Outcome:
        """True: what the rule looks for is there (or, required, is not)."""
        run = Run(reading, self._named)
        found = self._condition(run)
        return found if not self._required else _turned(found, self._what)

    def places(self, reading: Reading, name: str) -> tuple[Evidence, ...]:
        """Where a named condition shows itself."""
        return Run(reading, self._named).of(name).evidence


def _told(one: Shape) -> str:
    if one.title:
        return one.title
    if isinstance(one, shape.Leaf):
        return OPERATORS[one.operator].told(one.args) or one.name or one.operator
    return one.target if isinstance(one, shape.Named) else one.name


def _turned(found: Outcome, what: str) -> Outcome:
    if found.value is None:
        return found
    if found.value:
        return Outcome(value=False, lacking=found.evidence, sure=found.sure)
    return Outcome(value=True, evidence=found.lacking or (Evidence(None, 0, 0, "rule_absent", {"what": what}),), sure=found.sure)


class _Maker:
    """Turns shapes into nodes; conditions with a name are shared."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.named: dict[str, Node] = {}

    def node(self, one: Shape) -> Node:
        made: Node = getattr(self, f"_{type(one).__name__.lower()}")(one)
        if one.name:
            self.named[one.name] = made
        return made

    def _named(self, one: shape.Named) -> Node:
        target = one.target
        return lambda run: run.of(target)

    def _asked(self, one: shape.Asked) -> Node:
        condition, name = one.condition, one.condition.fact or ""
        may_lack = condition.operator == "set"

        def look(run: Run) -> Outcome:
            value = run.reading.dialogue.facts.get(name)
            if value is None and name == "conversation.channel":
                value = run.reading.dialogue.channel
            if conditions.missing(value) and not may_lack:
                return unknown(f"no_fact:{name}")
            params = {"fact": name, "value": value if isinstance(value, int | float | bool) else str(value)[:60]}
            place = (Evidence(None, 0, 0, "rule_fact", params),)
            if conditions.evaluate(condition, {name: value}):
                return Outcome(value=True, evidence=place)
            return Outcome(value=False, lacking=place)

        return look

    def _leaf(self, one: shape.Leaf) -> Node:
        kind = OPERATORS[one.operator]
        operator: Operator[Any] = kind(one.args, one.side, self.vocabulary)
        told = _told(one)
        least, most, sure = one.at_least, one.at_most, kind.sure
        part, anchors, side = one.range, one.anchors, one.side
        plain = part is None and not anchors
        if plain and least == 1 and most == UNLIMITED:
            never = Outcome(value=False, lacking=(Evidence(None, 0, 0, "rule_absent", {"what": told}),), sure=sure)

            def look(run: Run) -> Outcome:
                found = operator.find(run.reading)
                if isinstance(found, Unknown):
                    return unknown(found.why)
                return Outcome(value=True, evidence=tuple(found[:_MOST]), sure=sure) if found else never

            return look

        def narrowed(run: Run) -> Outcome:
            found = operator.find(run.reading)
            if isinstance(found, Unknown):
                return unknown(found.why)
            if part is not None:
                found = windows.within(found, part, side, run.reading)
                if isinstance(found, Unknown):
                    return unknown(found.why)
            alone: list[Evidence] = []
            each = False
            for anchor in anchors:
                base = run.of(anchor.name)
                if base.value is None:
                    return base
                if not base.value or not base.evidence:
                    return unknown(f"no_anchor:{anchor.name}")
                kept = windows.beside(found, anchor, base.evidence)
                if isinstance(kept, Unknown):
                    return unknown(kept.why)
                found, alone = kept.places, [*alone, *kept.alone]
                each = each or anchor.which == "each"
            return self._counted(found, alone, least, most, told, sure=sure, each=each)

        return narrowed

    @staticmethod
    def _counted(
        found: Sequence[Evidence], alone: Sequence[Evidence], least: int, most: int, told: str, *, sure: bool, each: bool
    ) -> Outcome:
        right = least <= len(found) <= most and not (each and alone)
        if right:
            absent = (Evidence(None, 0, 0, "rule_absent", {"what": told}),)
            return Outcome(value=True, evidence=tuple(found[:_MOST]) or absent, sure=sure)
        if len(found) > most:
            return Outcome(value=False, lacking=tuple(found[:_MOST]), sure=sure)
        lacking = tuple(one._replace(code="rule_lacking", params={"what": told}) for one in alone[:_MOST])
        if not lacking and found:
            lacking = tuple(
                one._replace(code="rule_too_few", params={"what": told, "count": len(found), "limit": least}) for one in found[:_MOST]
            )
        return Outcome(value=False, lacking=lacking or (Evidence(None, 0, 0, "rule_absent", {"what": told}),), sure=sure)

    def _negated(self, one: shape.Negated) -> Node:
        inner, what = self.node(one.part), _told(one) or _told(one.part)
        return lambda run: _turned(inner(run), what)

    def _combined(self, one: shape.Combined) -> Node:
        parts = [self.node(part) for part in one.parts]
        if one.kind == "all":
            return lambda run: _all(parts, run)
        if one.kind == "any":
            return lambda run: _some(parts, run, 1)
        least = one.at_least
        return lambda run: _some(parts, run, least)

    def _sequence(self, one: shape.Sequence) -> Node:
        parts = [self.node(part) for part in one.parts]
        titles = [_told(part) or str(number) for number, part in enumerate(one.parts, 1)]
        link = shape.Anchor("after", "", "any", one.within_lines, one.within_seconds)

        def look(run: Run) -> Outcome:
            reached: Sequence[Evidence] = ()
            shown: list[Evidence] = []
            sure = True
            for number, part in enumerate(parts):
                outcome = part(run)
                if outcome.value is None:
                    return outcome
                sure = sure and outcome.sure
                found: Sequence[Evidence] = outcome.evidence
                if number and outcome.value:
                    kept = windows.beside(found, link, reached)
                    if isinstance(kept, Unknown):
                        return unknown(kept.why)
                    found = kept.places
                if not outcome.value or not found:
                    places = tuple(place._replace(code="rule_lacking", params={"what": titles[number]}) for place in reached[:1])
                    return Outcome(value=False, lacking=places or outcome.lacking, sure=sure)
                reached = found
                shown.append(found[0])
            return Outcome(value=True, evidence=tuple(shown), sure=sure)

        return look

    def _flow(self, one: shape.Flow) -> Node:
        stages = [(stage, self.node(stage.condition)) for stage in one.stages]
        ordered = one.ordered

        def look(run: Run) -> Outcome:
            outcomes = [node(run) for _stage, node in stages]
            places = [sorted(outcome.evidence, key=lambda e: e.place) if outcome.value else [] for outcome in outcomes]
            # A stage that may be left out may also come when it likes: it must not push a required one out of the walk.
            walked = flow.walk(
                [[place.place for place in found] if stage.required else [] for (stage, _), found in zip(stages, places, strict=True)]
            )
            lacking: list[Evidence] = []
            shown: list[Evidence] = []
            for (stage, _node), outcome, found, index in zip(stages, outcomes, places, walked.chosen, strict=True):
                params = {"stage": stage.title or stage.key}
                if not found:
                    if stage.required and outcome.value is False:
                        lacking.append(Evidence(None, 0, 0, "rule_stage_missing", params))
                elif index is None and ordered and stage.required:
                    lacking.append(found[0]._replace(code="rule_stage_order", params=params))
                else:
                    shown.append(found[index or 0])
            sure = all(outcome.sure for outcome in outcomes)
            if lacking:
                return Outcome(value=False, lacking=tuple(lacking), sure=sure)
            return Outcome(value=True, evidence=tuple(shown), sure=sure)

        return look


def _all(parts: Sequence[Node], run: Run) -> Outcome:
    evidence: list[Evidence] = []
    sure, missing = True, ""
    for part in parts:
        found = part(run)
        if found.value is False:
            return found
        if found.value is None:
            missing = missing or found.why
        sure = sure and found.sure
        evidence.extend(found.evidence)
    return unknown(missing) if missing else Outcome(value=True, evidence=tuple(evidence), sure=sure)


def _some(parts: Sequence[Node], run: Run, least: int) -> Outcome:
    outcomes = [part(run) for part in parts]
    true = [found for found in outcomes if found.value]
    if len(true) >= least:
        sure = [found for found in true if found.sure]
        shown = tuple(place for found in true for place in found.evidence)
        return Outcome(value=True, evidence=shown, sure=len(sure) >= least)
    why = next((found.why for found in outcomes if found.value is None), "")
    if why and len(true) + sum(found.value is None for found in outcomes) >= least:
        return unknown(why)
    lacking = tuple(place for found in outcomes for place in found.lacking)
    return Outcome(value=False, lacking=lacking, sure=all(found.sure for found in outcomes)) if outcomes else FALSE
