"""What the shape alone cannot tell: references, ways through procedures, clocks that nobody stops (HB3).

``check`` takes further checks from the floors above; their problems find their line like all others, by path.
"""

from collections.abc import Callable, Iterable

from kefu.handbook.check.guards import guard_problems
from kefu.handbook.check.procedures import procedure_problems
from kefu.handbook.check.references import reference_problems
from kefu.handbook.check.values import value_problems
from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook

Check = Callable[[Handbook], Iterable[Problem]]
_OWN: tuple[Check, ...] = (reference_problems, value_problems, procedure_problems, guard_problems)
_REGISTERED: list[Check] = []


def register(one: Check) -> None:
    """Add a check of a floor above to every check from now on; called once, when its application starts."""
    if one not in _REGISTERED:
        _REGISTERED.append(one)


def check(handbook: Handbook, extra_checks: Iterable[Check] = ()) -> list[Problem]:
    """Every problem of a handbook whose shape is right; empty when it may be put in force."""
    extra = [*_REGISTERED, *(one for one in extra_checks if one not in _REGISTERED)]
    return [*own_problems(handbook), *(problem for one in extra for problem in one(handbook))]


def own_problems(handbook: Handbook) -> list[Problem]:
    """Problems that this floor finds, for a handbook from which malformed clauses were left out."""
    return [problem for one in _OWN for problem in one(handbook)]


__all__ = ["check", "own_problems", "register"]
