"""Walking over the steps of a procedure."""

from collections import deque
from collections.abc import Iterable

from kefu.handbook.schema.procedures import Procedure


def walk(procedure: Procedure, start: Iterable[str], barred: Iterable[str] = ()) -> dict[str, str]:
    """Steps reachable from the given ones without entering the barred, each with the step before it (itself for the first)."""
    closed = set(barred)
    steps = {step.id: step for step in procedure.steps}
    before = {step: step for step in start if step in steps and step not in closed}
    queue = deque(before)
    while queue:
        here = queue.popleft()
        for way in steps[here].next:
            if way.to not in before and way.to not in closed:
                before[way.to] = here
                queue.append(way.to)
    return before
