"""What the shape alone cannot tell: references, ways through procedures, clocks that nobody stops (HB3).

``check`` takes further checks from the floors above; their problems find their line like all others, by path.
"""

from collections.abc import Callable, Iterable

from kefu.handbook.check.procedures import procedure_problems
from kefu.handbook.check.references import reference_problems
from kefu.handbook.check.values import value_problems
from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook


def check(handbook: Handbook, extra_checks: Iterable[Callable[[Handbook], Iterable[Problem]]] = ()) -> list[Problem]:
    """Every problem of a handbook whose shape is right; empty when it may be put in force."""
    own = (reference_problems, value_problems, procedure_problems)
    return [problem for one in (*own, *extra_checks) for problem in one(handbook)]


__all__ = ["check"]
