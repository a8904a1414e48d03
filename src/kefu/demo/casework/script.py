"""The script of one case: everything that is done to it, when and by whom. Pure; ``stage`` plays it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kefu.demo.casework.answers import phrase, saying
from kefu.demo.casework.seeds import CaseSeed
from kefu.demo.casework.walk import Taken, way_through
from kefu.demo.cast import StaffSeed, first_of
from kefu.demo.plan import Plan, working_time
from kefu.demo.roster import on_duty
from kefu.handbook.schema import Handbook

_TRIES = 6
_PACE = {"closed": 0.8, "closed_late": 5.0, "urged": 2.5, "escalated": 2.0}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done. ``case`` is the external id; ``by`` the sign-in name of who does it."""

    at: datetime
    case: str
    kind: str
    by: str
    data: Mapping[str, Any] = field(default_factory=dict)


class Script:
    """Writes the acts of one case."""

    def __init__(self, plan: Plan, seed: CaseSeed, book: Handbook) -> None:
        self.seed, self.book = seed, book
        self.dice: random.Random = plan.dice("script", seed.number)
        self.case = seed.external_id
        self.owner = self.dice.choice(on_duty(seed.desk, seed.at)) if seed.story is None else seed.story.agent
        self.lead = first_of("lead", seed.desk)
        self.acts: list[Act] = []

    def add(self, at: datetime, kind: str, by: StaffSeed, **data: Any) -> None:
        """One more act."""
        self.acts.append(Act(at, self.case, kind, by.username, data))

    def chance(self, share: float) -> bool:
        """Whether something happens."""
        return self.dice.random() < share

    def later(self, at: datetime, low: float, high: float) -> datetime:
        """Hours later, when somebody is at work."""
        return working_time(at + timedelta(hours=self.dice.uniform(low, high)), self.dice)


def script(plan: Plan, seed: CaseSeed, book: Handbook) -> list[Act]:
    """All acts of a case in the order of time; those behind the end of the demo are left out by the player."""
    own = Script(plan, seed, book)
    _open(own)
    if seed.fate == "unassigned":
        return own.acts
    steps = _walked(own, seed.at)
    for taken in _until(seed.fate, steps, own.dice):
        _step(own, taken)
    _happenings(own)
    _fate(own)
    return sorted(own.acts, key=lambda act: act.at)


def _open(own: Script) -> None:
    seed, dice = own.seed, own.dice
    opener = own.owner if seed.channel != "regulator" else own.lead
    direct = own.chance(0.75) and seed.fate != "unassigned"
    title = f"{seed.matter.scene.customer.title}：{phrase('demand', seed.matter, dice)}"
    said = phrase("statement", seed.matter, dice)
    own.add(seed.at, "open", opener, assignee=own.owner.username if direct else "", title=title, description=said)
    if not direct and seed.fate != "unassigned":
        own.add(seed.at + timedelta(minutes=dice.uniform(1, 12)), "assign", own.lead, to=own.owner.username)


def _walked(own: Script, opened: datetime) -> list[Taken]:
    """A way through; for a case that is to stay in some state, one that comes by it."""
    seed = own.seed
    found = own.book.procedure_for(seed.kind)
    assert found is not None, seed.kind
    pace = _PACE.get(seed.fate, 1.0) * own.dice.lognormvariate(0, 0.4)
    start = opened + timedelta(minutes=own.dice.uniform(1, 4))
    wanted = {step.status for step in found[1].steps} & {seed.fate}
    steps: list[Taken] = []
    for _try in range(_TRIES):
        steps = way_through(own.book, found[0], seed.matter, own.dice, start, pace=pace)
        if not wanted or any(one.status in wanted for one in steps):
            break
    return steps


def _until(fate: str, steps: list[Taken], dice: random.Random) -> list[Taken]:
    """How far a case of this fate gets."""
    if fate in ("waiting_customer", "waiting_other", "solved"):
        places = [place for place, one in enumerate(steps) if one.status == fate]
        return steps[: places[0] + 1] if places else steps[: max(1, len(steps) - 2)]
    if fate in ("stuck", "merged", "tasked"):
        return steps[: dice.randint(1, max(1, len(steps) - 2))]
    return steps


def _step(own: Script, taken: Taken) -> None:
    by = own.owner if taken.role == "agent" else first_of(taken.role, own.seed.desk)
    own.add(taken.at, "step", by, step=taken.step, answers=taken.answers, end=taken.end)
    name = next((str(value) for value in taken.answers.values() if isinstance(value, str) and value.endswith(".png")), "")
    if name and own.chance(0.25):
        own.add(taken.at - timedelta(seconds=30), "attach", by, name=name)


def _times(own: Script) -> tuple[datetime, datetime]:
    """From the first to the last act but one, for what happens in between."""
    moments = sorted(act.at for act in own.acts)
    return moments[0], moments[-2] if len(moments) > 2 else moments[-1]


def _between(own: Script) -> datetime:
    first, last = _times(own)
    moment = first + (last - first) * own.dice.uniform(0.25, 0.95) + timedelta(seconds=own.dice.uniform(1, 40))
    return min(working_time(moment, own.dice), max(moment, last))


def _happenings(own: Script) -> None:
    """Notes, tasks, papers, corrections: what goes on beside the procedure."""
    dice, words = own.dice, own.seed.matter.words()
    for _n in range(dice.choices([0, 1, 2, 3], weights=[50, 30, 14, 6])[0]):
        own.add(_between(own), "note", own.owner, text=saying("notes", own.seed.matter, dice))
    if own.owner.skill < 0.5 and own.chance(0.06):
        own.add(_between(own), "note", own.owner, text=saying("rude_notes", own.seed.matter, dice), planted="record")
    if own.chance(0.1) or own.seed.fate == "tasked":
        _task(own)
    if own.chance(0.03):
        own.add(_between(own), "attach", own.owner, name=saying("papers", own.seed.matter, dice))
    if own.chance(0.03):
        own.add(_between(own), "edit", own.owner, title=f"【{words['title']}】{phrase('demand', own.seed.matter, dice)}"[:60])
    if own.chance(0.05):
        at = _between(own)
        own.add(at, "pause", own.lead)
        if own.chance(0.6):
            own.add(own.later(at, 2, 20), "resume", own.lead)


def _task(own: Script) -> None:
    at = _between(own)
    to = "hub" if own.seed.desk != "shop" else "shop"
    place = len(own.acts)
    own.add(
        at, "ask", own.owner, site=to, title=saying("tasks", own.seed.matter, own.dice), hours=own.dice.choice([2, 4, 8, 24]), task=place
    )
    if own.chance(0.75):
        by = first_of("clerk", "hub") if to == "hub" else own.lead
        own.add(own.later(at, 0.5, 9), "answer", by, task=place, text=saying("task_answers", own.seed.matter, own.dice))


def _fate(own: Script) -> None:
    seed, dice = own.seed, own.dice
    last = max(act.at for act in own.acts)
    ended = next((act.data["step"] for act in own.acts if act.kind == "step" and act.data["end"]), "")
    if seed.fate in ("reopened", "repeat") and not ended:
        return
    if seed.fate == "urged":
        for _n in range(dice.randint(1, 3)):
            own.add(_between(own), "urge", own.owner, text=saying("urges", own.seed.matter, dice))
    elif seed.fate == "stuck" and own.chance(0.5):
        own.add(own.later(last, 3, 30), "urge", own.owner, text=saying("urges", own.seed.matter, dice))
    elif seed.fate == "escalated":
        own.add(_between(own), "escalate", own.lead, reason="客户不认可处理方案，需要负责人协调")
    elif seed.fate == "reopened":
        again = own.later(last, 4, 60)
        own.add(again, "reopen", own.owner, reason="客户再次来电，称问题没有真正解决")
        own.add(own.later(again, 0.2, 3), "note", own.owner, text="重新联系站点核实，向客户致歉并说明安排。")
        if own.chance(0.5):
            own.add(own.later(again, 4, 30), "step", own.owner, step=ended, answers={}, end=True)
    elif seed.fate == "merged":
        twin = own.later(last, 0.3, 4)
        merged = own.later(twin, 0.2, 6)
        own.add(twin, "twin", own.owner, title="平台转来：同一快件重复反映", description="客户在其他渠道重复反映同一快件问题。")
        own.add(merged, "merge", own.lead)
        if own.chance(0.2):
            own.add(own.later(merged, 2, 30), "unmerge", own.lead)
    elif seed.fate == "repeat":
        own.add(
            own.later(last, 20, 90),
            "again",
            own.owner,
            title="同一快件再次投诉",
            description="客户就同一快件再次投诉，称上次承诺没有兑现。",
        )
