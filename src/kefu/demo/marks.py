"""Where the build stands, kept in the centre's own database, so that a build broken off goes on and a finished one is known."""

from dataclasses import dataclass
from datetime import UTC, datetime

from kefu.demo.plan import Plan
from kefu.kernel.sequences import exclusive

_FINISHED = 1_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """The plan of a build begun earlier and how many half days of it are done."""

    plan: Plan
    done: int

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= _FINISHED


def _value(name: str, value: int | None = None) -> int:
    with exclusive(f"demo-{name}", wait=True) as held:
        assert held is not None
        if value is not None:
            held.value = value
        return held.value


def read() -> Mark | None:
    """The build begun earlier; ``None`` when there was none."""
    end = _value("end")
    if not end:
        return None
    return Mark(Plan(_value("seed"), _value("scale") / 1000, datetime.fromtimestamp(end, UTC)), _value("done"))


def begin(plan: Plan) -> None:
    """Note the plan of a new build."""
    _value("seed", plan.seed)
    _value("scale", round(plan.scale * 1000))
    _value("done", 0)
    _value("end", int(plan.end.timestamp()))


def advance(done: int) -> None:
    """Note that so many half days are done; in the transaction of what was done."""
    _value("done", done)


def made(step: str) -> bool:
    """Whether a step after the half days is done."""
    return bool(_value(f"made-{step}"))


def note_made(step: str) -> None:
    """Note that a step after the half days is done; in the transaction of what was done."""
    _value(f"made-{step}", 1)


def finish() -> None:
    """Note that the centre is complete."""
    _value("done", _FINISHED)
