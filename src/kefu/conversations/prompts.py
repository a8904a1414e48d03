"""What the screen says to say (CONV1, HB4): the moments of the handbook's guide with their scripts filled in, and what not to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kefu.conversations.models import Reception
from kefu.conversations.receptions import book_of
from kefu.conversations.rules import Piece, fill
from kefu.handbook.schema import VARIABLES, Guide, Handbook, Lexicon, Moment, Step

# Words beside the script: those with a better way to say it, the gravest first; the rest stands behind the link.
_AVOIDED = 5


@dataclass(frozen=True, slots=True)
class Avoided:
    """A word that is not said now, and what to say instead."""

    term: str
    better: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A moment of the talk: ``clause`` is that of the script, ``moment_clause`` that of the moment itself."""

    id: str
    title: str
    pieces: tuple[Piece, ...]
    instructions: str
    clause: str
    moment_clause: str
    avoid: tuple[Avoided, ...]
    # Title and clause of the lists they are from.
    avoid_lists: tuple[tuple[str, str], ...]
    choose: bool
    passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FirstStep:
    """How the procedure of what the customer wants begins: what to say, do and ask."""

    procedure: str
    title: str
    pieces: tuple[Piece, ...]
    instructions: str
    questions: tuple[str, ...]
    clause: str
    say_clause: str


@dataclass(frozen=True, slots=True)
class Way:
    """A branch to choose."""

    id: str
    kind: str
    title: str
    clause: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OutcomeClass:
    """Outcomes of one class: code and title. ``first``: it fits what the customer wants."""

    id: str
    title: str
    outcomes: tuple[tuple[str, str], ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Led:
    """A talk as its handbook leads it. ``current`` is the first moment that was not passed."""

    guide_clause: str
    prompts: tuple[Prompt, ...]
    ways: tuple[Way, ...]
    step: FirstStep | None
    outcomes: tuple[OutcomeClass, ...]

    @property
    def current(self) -> str:
        """Id of the moment that comes now; empty when all were passed."""
        return next((one.id for one in self.prompts if one.passed_at is None), "")


def led(reception: Reception, *, language: str) -> Led:
    """The talk in the words of its handbook; titles in the reader's language, what is said to the customer as the handbook writes it.

    ``reception`` has its site and staff loaded.
    """
    book = book_of(reception)
    found = book.guide_for(reception.channel)
    values = _values(reception)
    prompts: tuple[Prompt, ...] = ()
    ways: tuple[Way, ...] = ()
    clause = ""
    if found is not None:
        key, guide = found
        clause = str(book.ref(f"guides.{key}"))
        prompts = tuple(_prompt(book, key, moment, reception, values, language) for moment in guide.moments)
        ways = tuple(_ways(book, key, guide, reception, language))
    return Led(clause, prompts, ways, _first_step(book, reception, values, language), _outcomes(book, reception.kind, language))


def _values(reception: Reception) -> Mapping[str, str]:
    return {
        "site_name": reception.site.name,
        "staff_no": reception.staff.staff_no,
        "staff_name": reception.staff.name,
        "customer_name": reception.caller_name,
        "waybill": reception.waybill,
        "shop_name": reception.site.name,
        "company": reception.site.name,
    }


def _filled(text: str, values: Mapping[str, str]) -> tuple[Piece, ...]:
    return fill(text, values, {name: str(title) for name, title in VARIABLES.items()})


def _either(chinese: str, english: str, language: str) -> str:
    return english if english and language.startswith("en") else chinese


def _prompt(book: Handbook, key: str, moment: Moment, reception: Reception, values: Mapping[str, str], language: str) -> Prompt:
    script = book.clause(moment.say) if moment.say else None
    avoided = [book.lexicons[name] for name in moment.avoid if name in book.lexicons]
    at = reception.passed.get(moment.id)
    return Prompt(
        id=moment.id,
        title=moment.name(language),
        pieces=_filled(script.text, values) if script is not None else (),
        instructions=_either(moment.instructions, moment.instructions_en, language),
        clause=str(book.ref(moment.say)) if script is not None else "",
        moment_clause=str(book.ref(f"guides.{key}.moments.{moment.id}")),
        avoid=_words(avoided, reception.channel),
        avoid_lists=tuple(
            (book.lexicons[name].name(language), str(book.ref(f"lexicons.{name}"))) for name in moment.avoid if name in book.lexicons
        ),
        choose=moment.choose,
        passed_at=datetime.fromisoformat(at) if at else None,
    )


def _words(lexicons: list[Lexicon], channel: str) -> tuple[Avoided, ...]:
    """A few of each list, so that no list hides another."""
    share = -(-_AVOIDED // max(len(lexicons), 1))
    chosen: list[Avoided] = []
    for lexicon in lexicons:
        words = [word for word in lexicon.words if channel in lexicon.channels_of(word)]
        words.sort(key=lambda word: (not word.better, word.severity != "severe"))
        chosen += [Avoided(word.term, word.better) for word in words[:share]]
    return tuple(chosen[:_AVOIDED])


def _ways(book: Handbook, key: str, guide: Guide, reception: Reception, language: str) -> list[Way]:
    offered = [branch for branch in guide.branches if book.procedure_for(branch.kind) is not None]
    return [
        Way(
            branch.id,
            branch.kind,
            branch.name(language),
            str(book.ref(f"guides.{key}.branches.{branch.id}")),
            branch.id == reception.branch,
        )
        for branch in offered
    ]


def _first_step(book: Handbook, reception: Reception, values: Mapping[str, str], language: str) -> FirstStep | None:
    found = book.procedure_for(reception.kind) if reception.kind else None
    if found is None:
        return None
    key, procedure = found
    step = procedure.step(procedure.start)
    if step is None:
        return None
    say, say_clause = _said(book, reception.kind, step)
    return FirstStep(
        procedure=procedure.name(language),
        title=step.name(language),
        pieces=_filled(say, values),
        instructions=_either(step.instructions, step.instructions_en, language),
        questions=tuple(_either(one.label, one.label_en, language) for one in step.fields if one.required),
        clause=str(book.ref(f"procedures.{key}.steps.{step.id}")),
        say_clause=say_clause,
    )


def _said(book: Handbook, kind: str, step: Step) -> tuple[str, str]:
    """What to say in the step: its own script, else what the handbook says in that situation. The opening was said already."""
    if step.say and step.say != "scripts.opening":
        script = book.clause(step.say) if step.say.startswith("scripts.") else None
        return (script.text, str(book.ref(step.say))) if script is not None else (step.say, "")
    for key, scenario in book.scenarios.items():
        if kind in scenario.kinds:
            return scenario.say[0], str(book.ref(f"scenarios.{key}"))
    return "", ""


def _outcomes(book: Handbook, kind: str, language: str) -> tuple[OutcomeClass, ...]:
    classes = [
        OutcomeClass(
            key,
            clause.name(language),
            tuple((f"{key}.{one.id}", one.name(language)) for one in clause.outcomes),
            bool(kind) and kind in clause.kinds,
        )
        for key, clause in book.dispositions.items()
    ]
    return tuple(sorted(classes, key=lambda one: not one.first))


def outcome_title(book: Handbook, code: str, language: str) -> str:
    """How a talk ended, in words: class and outcome."""
    key, _dot, one = code.partition(".")
    clause = book.dispositions.get(key)
    found = next((each for each in clause.outcomes if each.id == one), None) if clause else None
    return f"{clause.name(language)} · {found.name(language)}" if clause and found else code
