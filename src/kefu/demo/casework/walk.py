"""A way through a procedure, found from the handbook's data alone: which steps, with which answers, by whom, after how long. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kefu.demo.casework.answers import Matter, answer
from kefu.demo.plan import working_time
from kefu.handbook.conditions import evaluate, missing
from kefu.handbook.posts import may_act_as
from kefu.handbook.schema import Handbook, Procedure, Step

MOST_STEPS = 14
_TRIES = 8
_ROLES = ("agent", "lead", "manager", "clerk")
# Ends and detours that few cases take.
_RARE = {
    "withdrawn": 0.05, "cancelled": 0.1, "refused": 0.15, "rejected": 0.15, "not_accepted": 0.15, "transferred": 0.1, "escalate": 0.25,
    "refuse": 0.4, "to_complaint": 0.12, "appeal": 0.3, "mediation": 0.3, "arbitrate": 0.25, "to_loss": 0.6,
}  # fmt: skip
# Minutes a step takes by the stage it belongs to.
_MINUTES = {
    "receive": (1, 6),
    "find": (2, 10),
    "classify": (3, 20),
    "investigate": (5, 35),
    "solution": (8, 45),
    "feedback": (10, 60),
    "follow_up": (10, 90),
}
_OTHER_MINUTES = (10, 240)


@dataclass(frozen=True, slots=True)
class Taken:
    """A step to be taken, when and by whom."""

    step: str
    status: str
    role: str
    at: datetime
    answers: Mapping[str, Any]
    end: bool


def way_through(book: Handbook, key: str, matter: Matter, dice: random.Random, opened: datetime, *, pace: float = 1.0) -> list[Taken]:
    """Steps from the start to an end, or as far as answers can be found. ``pace``: how many times as long as usual everything takes."""
    walker = _Walker(book, key, matter, dice, opened, pace)
    while len(walker.taken) < MOST_STEPS and walker.go_on():
        pass
    return walker.taken


class _Walker:
    def __init__(self, book: Handbook, key: str, matter: Matter, dice: random.Random, opened: datetime, pace: float) -> None:
        self.book, self.procedure, self.matter, self.dice, self.pace = book, book.procedures[key], matter, dice, pace
        self.now = opened
        self.planned = False
        self.facts: dict[str, Any] = {"case.kind": matter.kind, "case.status": "open", "case.has_waybill": True}
        self.current = ""
        self.taken: list[Taken] = []
        self.visits: dict[str, int] = {}

    def go_on(self) -> bool:
        """Take one more step; false at an end or where no step can be taken."""
        options = open_ways(self.procedure, self.current, self.facts)
        while options:
            step_id = self.dice.choices(options, weights=[self._weight(one) for one in options])[0]
            step = self.procedure.step(step_id)
            answers = self._answers(step) if step is not None else None
            if step is not None and answers is not None:
                self._take(step, answers)
                return not step.end
            options = [one for one in options if one != step_id]
        return False

    def _weight(self, step_id: str) -> float:
        return float(_RARE.get(step_id, 1.0)) * 0.3 ** self.visits.get(step_id, 0)

    def _answers(self, step: Step) -> dict[str, Any] | None:
        """Answers with which the step's guards hold and some way leads on; ``None`` when none were found."""
        again = step.id in self.visits
        for _try in range(_TRIES):
            answers = {
                field.id: answer(field, self.matter, self.dice, self.now)
                for field in step.fields
                if (field.required and (again or missing(self.facts.get(f"data.{field.id}"))))
                or (f"data.{field.id}" not in self.facts and self.dice.random() < 0.6)
            }
            known = {**self.facts, **{f"data.{name}": value for name, value in answers.items()}}
            if all(evaluate(guard.when, known) for guard in step.guards) and (step.end or open_ways(self.procedure, step.id, known)):
                return answers
        return None

    def _take(self, step: Step, answers: dict[str, Any]) -> None:
        low, high = _MINUTES.get(step.stage, _OTHER_MINUTES)
        minutes = self.dice.uniform(low, high) * self.pace * (self.dice.uniform(3, 16) if self.planned else 1)
        # Once there is a plan, parcels have to move and customers to answer: hours, not minutes.
        self.planned = self.planned or step.stage == "solution"
        self.now = working_time(self.now + timedelta(minutes=minutes), self.dice)
        self.facts.update({f"data.{name}": value for name, value in answers.items()})
        self.facts["case.status"] = step.status
        self.visits[step.id] = self.visits.get(step.id, 0) + 1
        self.current = step.id
        self.taken.append(Taken(step.id, step.status, self._role(step), self.now, answers, step.end))

    def _role(self, step: Step) -> str:
        return next((role for role in _ROLES if may_act_as(self.book, step.who, role)), "admin")


def open_ways(procedure: Procedure, current: str, facts: Mapping[str, Any]) -> list[str]:
    """Steps the procedure leads to from here with what is known."""
    if not current:
        return [procedure.start]
    step = procedure.step(current)
    return list(dict.fromkeys(way.to for way in (step.next if step else ()) if way.when is None or evaluate(way.when, facts)))
