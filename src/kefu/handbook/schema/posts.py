"""People and customers: roles, duties, departments, tiers, levels, careers, courses."""

from typing import Literal

from pydantic import Field

from kefu.handbook.schema.base import Clause, Duration, Key, Model, Titled, Words
from kefu.handbook.schema.condition import Condition


class Role(Clause):
    """A post of this handbook and the sign-in role it acts as (``outside``: works elsewhere, never signs in)."""

    acts_as: Literal["agent", "lead", "inspector", "trainer", "clerk", "manager", "admin", "customer", "outside"]
    about: str = ""


class Duty(Titled):
    """One thing a post does; ``proof`` is what shows that it was done."""

    id: Key
    source: str = Field(min_length=1)
    text: Words
    period: Literal["daily", "weekly", "monthly", "always"]
    proof: str = ""


class Duties(Clause):
    """The duties of a post (WF4)."""

    role: Key
    items: tuple[Duty, ...] = Field(min_length=1)


class Department(Clause):
    """A department that answers questions of cases (CASE9). The clocks of ``answer_by`` start then; the nearest counts."""

    text: Words
    answer_by: tuple[Key, ...] = Field(min_length=1)


class ClockChange(Model):
    """What a tier changes about a clock."""

    target: Duration | None = None
    warn_before: Duration | None = None


class Tier(Clause):
    """A class of customers: who belongs to it, and what is different for them. The highest ``priority`` that holds wins."""

    when: Condition | None = None
    priority: int = Field(ge=0, le=100)
    clocks: dict[Key, ClockChange] = {}
    perks: tuple[Words, ...] = ()


class Level(Clause):
    """How grave a case is. ``rank`` orders levels; ``raise_when`` moves a case up to this level by itself."""

    rank: int = Field(ge=0, le=100)
    raise_when: Condition | None = None
    text: str = ""


class CareerLevel(Titled):
    """A rung of a career path."""

    id: Key
    conditions: tuple[Words, ...] = ()


class Career(Clause):
    """A way up: levels, conditions and the procedure of promotion (TRN5)."""

    text: Words
    levels: tuple[CareerLevel, ...] = ()
    steps: tuple[Words, ...] = ()


class Course(Clause):
    """A course: ``form`` online, onsite or drill; what it teaches; who takes it; how it is checked (TRN1)."""

    form: Literal["online", "onsite", "drill"]
    topics: tuple[Words, ...] = Field(min_length=1)
    audience: tuple[Key, ...] = ()
    proof: str = ""
