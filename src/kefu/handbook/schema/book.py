"""The handbook: header, sections, and how clauses are named."""

from collections.abc import Container, Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import PrivateAttr

from kefu.handbook.refs import ClauseRef
from kefu.handbook.schema.base import Clause, Key, Titled
from kefu.handbook.schema.contact import Disposition, Guide
from kefu.handbook.schema.ledgers import Ledger
from kefu.handbook.schema.posts import Career, Course, Department, Duties, Level, Role, Tier
from kefu.handbook.schema.procedures import Kind, Procedure, Scenario
from kefu.handbook.schema.scoring import Kpi, Penalties, Scorecard
from kefu.handbook.schema.timing import Calendar, Clock
from kefu.handbook.schema.wording import Lexicon, Notice, Phrase, Script, Text

HEADER = ("handbook", "title", "title_en", "edition", "effective_from", "extends", "abstract", "about", "about_en", "sources", "chapters")
SECTIONS = (
    "texts",
    "roles",
    "duties",
    "departments",
    "scripts",
    "phrases",
    "notices",
    "lexicons",
    "guides",
    "dispositions",
    "scorecards",
    "penalties",
    "kinds",
    "levels",
    "procedures",
    "scenarios",
    "calendars",
    "clocks",
    "tiers",
    "kpis",
    "ledgers",
    "courses",
    "careers",
)


class SourceEntry(Titled):
    """A document that clauses cite by the letters before the first digit or space of ``source``."""

    about: str = ""


class Handbook(Titled):
    """A whole handbook, merged with those it extends. ``clause`` finds anything by its id."""

    handbook: Key
    edition: str = ""
    effective_from: date
    extends: tuple[Key, ...] = ()
    abstract: bool = False
    about: str = ""
    about_en: str = ""
    sources: dict[str, SourceEntry] = {}
    chapters: dict[Key, Titled] = {}

    texts: dict[Key, Text] = {}
    roles: dict[Key, Role] = {}
    duties: dict[Key, Duties] = {}
    departments: dict[Key, Department] = {}
    scripts: dict[Key, Script] = {}
    phrases: dict[Key, Phrase] = {}
    notices: dict[Key, Notice] = {}
    lexicons: dict[Key, Lexicon] = {}
    guides: dict[Key, Guide] = {}
    dispositions: dict[Key, Disposition] = {}
    scorecards: dict[Key, Scorecard] = {}
    penalties: dict[Key, Penalties] = {}
    kinds: dict[Key, Kind] = {}
    levels: dict[Key, Level] = {}
    procedures: dict[Key, Procedure] = {}
    scenarios: dict[Key, Scenario] = {}
    calendars: dict[Key, Calendar] = {}
    clocks: dict[Key, Clock] = {}
    tiers: dict[Key, Tier] = {}
    kpis: dict[Key, Kpi] = {}
    ledgers: dict[Key, Ledger] = {}
    courses: dict[Key, Course] = {}
    careers: dict[Key, Career] = {}

    _version: int = PrivateAttr(default=0)
    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _digest: str = PrivateAttr(default="")

    @property
    def version(self) -> int:
        """Number of the stored version, 0 for a text that is not stored."""
        return self._version

    @property
    def digest(self) -> str:
        """Hash of the merged content of a stored version, empty for a text that is not stored."""
        return self._digest

    def marked(self, *, version: int = 0, origins: Mapping[str, str] | None = None, digest: str = "") -> "Handbook":
        """This handbook with its version number and where its clauses come from; for the loader only."""
        self._version = version
        self._origins = dict(origins or {})
        self._digest = digest
        return self

    def section(self, name: str) -> dict[str, Clause]:
        """Clauses of a section by key."""
        found: dict[str, Clause] = getattr(self, name)
        return found

    def clauses(self) -> Iterator[tuple[str, Titled]]:
        """Every clause with its id: those of sections, then the parts they hold."""
        for section in SECTIONS:
            for key, clause in self.section(section).items():
                yield f"{section}.{key}", clause
                for sub, part in _parts(clause):
                    yield f"{section}.{key}.{sub}", part

    def clause(self, clause_id: str) -> Any:
        """The clause with the id (``clocks.call_back``, ``scorecards.service.items.taboo``), or ``None``."""
        section, _, rest = clause_id.partition(".")
        key, _, sub = rest.partition(".")
        if section not in SECTIONS or key not in self.section(section):
            return None
        clause = self.section(section)[key]
        return dict(_parts(clause)).get(sub) if sub else clause

    def ref(self, clause_id: str) -> ClauseRef:
        """Reference to a clause of this version, to be stored with a decision."""
        return ClauseRef(self.handbook, self.version, clause_id)

    def origin(self, clause_id: str) -> str:
        """Key of the handbook whose text this clause comes from."""
        parts = clause_id.split(".")
        for length in range(len(parts), 1, -1):
            if found := self._origins.get(".".join(parts[:length])):
                return found
        return self.handbook

    @property
    def origins(self) -> dict[str, str]:
        """Handbook of origin by clause id, where it is not obvious from a shorter id."""
        return dict(self._origins)

    def guide_for(self, channel: str) -> tuple[str, Guide] | None:
        """Key and guide of talks on the channel."""
        return next(((key, one) for key, one in self.guides.items() if channel in one.channels), None)

    def notice_for(self, *, kind: str, step: str, events: Container[str]) -> tuple[str, Notice] | None:
        """Key and notice of what the customer is told when this happens to a case of the kind: the first that fits."""
        family = self.kinds[kind].family if kind in self.kinds else ""
        return next(((key, one) for key, one in self.notices.items() if one.fits(kind=kind, family=family, step=step, events=events)), None)

    def procedure_for(self, kind: str) -> tuple[str, Procedure] | None:
        """Key and procedure that cases of the kind follow."""
        return next(((key, one) for key, one in self.procedures.items() if kind in one.kinds), None)

    def tier_for(self, key: str) -> str:
        """The tier a customer marked so has under this handbook: the one of that key, else its lowest. Without tiers the mark stays."""
        if key in self.tiers or not self.tiers:
            return key
        return min(self.tiers, key=lambda name: self.tiers[name].priority)

    def clocks_for(self, kind: str, *, level: str = "", tier: str = "") -> dict[str, Clock]:
        """Clocks that a case of this kind, level and tier is under, with the tier's changes in them."""
        changes = self.tiers[tier].clocks if tier in self.tiers else {}
        found = {key: clock for key, clock in self.clocks.items() if clock.applies.fits(kind=kind, level=level, tier=tier)}
        return {
            key: _changed(clock, changes[key].model_dump(exclude_none=True)) if key in changes else clock for key, clock in found.items()
        }


def _changed(clock: Clock, change: dict[str, Any]) -> Clock:
    return Clock.model_validate({**clock.model_dump(by_alias=True), **change})


def _parts(clause: Titled) -> Iterator[tuple[str, Titled]]:
    if isinstance(clause, Scorecard):
        yield from ((f"groups.{group.id}", group) for group in clause.groups)
        yield from ((f"items.{item.id}", item) for item in clause.items())
    elif isinstance(clause, Procedure):
        yield from ((f"steps.{step.id}", step) for step in clause.steps)
    elif isinstance(clause, Duties):
        yield from ((f"items.{duty.id}", duty) for duty in clause.items)
    elif isinstance(clause, Script):
        yield from ((f"slots.{slot.id}", slot) for slot in clause.slots)
    elif isinstance(clause, Guide):
        yield from ((f"moments.{moment.id}", moment) for moment in clause.moments)
        yield from ((f"branches.{branch.id}", branch) for branch in clause.branches)
    elif isinstance(clause, Disposition):
        yield from ((f"outcomes.{outcome.id}", outcome) for outcome in clause.outcomes)
