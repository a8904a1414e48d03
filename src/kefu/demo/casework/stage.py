"""Plays the scripts of cases through the product's own actions, each at its own time."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from kefu.cases import actions, files, joining, tasks, upkeep
from kefu.cases import queries as cases
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import LikelyDuplicate, StepRefused
from kefu.clocks import queries as clocks
from kefu.demo.casework.pictures import picture
from kefu.demo.casework.script import Act
from kefu.demo.casework.seeds import CaseSeed
from kefu.demo.ground import Ground
from kefu.kernel.actor import Actor
from kefu.kernel.errors import KefuError

# Acts on a case that leave it as it is; the others belong to its way and end with it.
_TWIN, _AGAIN = "-T", "-R"


class Stage:
    """The cases being played: ids by external id, tasks by their place in a script, what was done and what was refused."""

    def __init__(self, ground: Ground, seeds: Mapping[str, CaseSeed]) -> None:
        self.ground, self.seeds = ground, seeds
        self.talks: dict[int, int] = {}
        self.cases: dict[str, int] = {}
        self.tasks: dict[tuple[str, int], int] = {}
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._left: set[str] = set()

    def play(self, act: Act) -> None:
        """Do one act. What the product refuses is counted; a case whose step was refused stays where it is."""
        if act.case in self._left:
            return
        try:
            _PLAYERS[act.kind](self, act)
        except KefuError as error:
            self.refused[f"{act.kind}:{error.reason}"] += 1
            if act.kind in ("step", "open"):
                self._left.add(act.case)
        else:
            self.done[act.kind] += 1

    def actor(self, act: Act) -> Actor:
        """Who does it."""
        return self.ground.actors[act.by]

    def case_id(self, external_id: str) -> int:
        """Id of a case of the demo. After a build was broken off it is found by opening it once more, which changes nothing."""
        if external_id not in self.cases:
            seed = self.seeds[external_id.removesuffix(_TWIN).removesuffix(_AGAIN)]
            request = CaseRequest(site_id=self.ground.sites[seed.desk], kind=seed.kind, channel="call", external_id=external_id)
            self.cases[external_id] = actions.open_case(actor=Actor.system("demo-setup"), request=request, now=seed.at).pk
        return self.cases[external_id]

    def leave(self, external_id: str) -> None:
        """Nothing more is done to this case."""
        self._left.add(external_id)


def _request(stage: Stage, act: Act, external_id: str, *, even_if_duplicate: bool) -> CaseRequest:
    seed = stage.seeds[act.case]
    scene, first = seed.matter.scene, external_id == seed.external_id
    assignee = str(act.data.get("assignee", ""))
    return CaseRequest(
        site_id=stage.ground.sites[seed.desk],
        kind=seed.kind,
        channel=seed.channel if first else "platform",
        title=str(act.data["title"]),
        description=str(act.data["description"]),
        waybill=scene.waybill if seed.parcel is not None or seed.desk != "shop" else "",
        order_no=scene.order_no if seed.desk == "shop" else "",
        customer_name=scene.customer.name,
        customer_phone=scene.customer.phone,
        assignee_id=stage.ground.staff_ids[assignee] if assignee else None,
        conversation_id=stage.talks.get(seed.story.number) if first and seed.story is not None else None,
        external_id=external_id,
        even_if_duplicate=even_if_duplicate,
    )


def _open(stage: Stage, act: Act) -> None:
    try:
        opened = actions.open_case(actor=stage.actor(act), request=_request(stage, act, act.case, even_if_duplicate=False), now=act.at)
    except LikelyDuplicate as error:
        _join(stage, act, int(str(error.params["case_id"])))
        return
    stage.cases[act.case] = opened.pk


def _join(stage: Stage, act: Act, known: int) -> None:
    """There is an open case of this already: the customer urges, and the conversation is tied to it."""
    seed = stage.seeds[act.case]
    upkeep.urge(actor=stage.actor(act), case_id=known, text=str(act.data["description"]), now=act.at)
    talk = stage.talks.get(seed.story.number) if seed.story is not None else None
    if talk is not None:
        joining.link_conversation(actor=stage.actor(act), case_id=known, conversation_id=talk, now=act.at)
    stage.leave(act.case)
    stage.done["joined"] += 1


def _second(stage: Stage, act: Act) -> None:
    """The same matter once more: a twin while the first is open, a repeated complaint after it was closed."""
    external_id = act.case + (_TWIN if act.kind == "twin" else _AGAIN)
    request = _request(stage, act, external_id, even_if_duplicate=True)
    stage.cases[external_id] = actions.open_case(actor=stage.actor(act), request=request, now=act.at).pk


def _step(stage: Stage, act: Act) -> None:
    """What the product judges from the scans is left to it; a case whose parcel stands in the way stays where it is."""
    given = dict(act.data["answers"])
    try:
        _take(stage, act, given)
    except StepRefused as error:
        judged = {one.field for one in error.refusals if one.code == "field_computed"}
        try:
            _take(stage, act, {name: value for name, value in given.items() if name not in judged})
        except StepRefused:
            stage.leave(act.case)
            stage.done["stayed"] += 1


def _take(stage: Stage, act: Act, given: dict[str, Any]) -> None:
    actions.take_step(actor=stage.actor(act), case_id=stage.case_id(act.case), step=str(act.data["step"]), answers=given, now=act.at)


def _assign(stage: Stage, act: Act) -> None:
    to = stage.ground.staff_ids[str(act.data["to"])]
    upkeep.assign(actor=stage.actor(act), case_id=stage.case_id(act.case), staff_id=to, now=act.at)


def _note(stage: Stage, act: Act) -> None:
    upkeep.add_note(actor=stage.actor(act), case_id=stage.case_id(act.case), text=str(act.data["text"]), now=act.at)


def _edit(stage: Stage, act: Act) -> None:
    case = cases.detail(stage.actor(act), stage.case_id(act.case), now=act.at, entries=1).case
    changes = {"title": str(act.data["title"])}
    upkeep.edit(actor=stage.actor(act), case_id=case.pk, changes=changes, expected_version=case.version, now=act.at)


def _urge(stage: Stage, act: Act) -> None:
    upkeep.urge(actor=stage.actor(act), case_id=stage.case_id(act.case), text=str(act.data["text"]), now=act.at)


def _escalate(stage: Stage, act: Act) -> None:
    """To the handbook's next level but one; a case that breaches have raised already stays where it is."""
    detail = cases.detail(stage.actor(act), stage.case_id(act.case), now=act.at, entries=1)
    above = sorted((level.rank, key) for key, level in detail.book.levels.items() if level.rank > detail.case.level_rank)
    if not above or not detail.case.is_open:
        return
    level = above[min(1, len(above) - 1)][1]
    upkeep.escalate(actor=stage.actor(act), case_id=detail.case.pk, level=level, reason=str(act.data["reason"]), now=act.at)


def _reopen(stage: Stage, act: Act) -> None:
    upkeep.reopen(actor=stage.actor(act), case_id=stage.case_id(act.case), reason=str(act.data["reason"]), now=act.at)


def _attach(stage: Stage, act: Act) -> None:
    content = picture(f"{act.case}{act.data['name']}")
    files.attach(
        actor=stage.actor(act),
        case_id=stage.case_id(act.case),
        name=str(act.data["name"]),
        content=content,
        content_type="image/png",
        now=act.at,
    )


def _ask(stage: Stage, act: Act) -> None:
    task = tasks.ask(
        actor=stage.actor(act),
        case_id=stage.case_id(act.case),
        site_id=stage.ground.sites[str(act.data["site"])],
        title=str(act.data["title"]),
        due_at=act.at + timedelta(hours=float(act.data["hours"])),
        now=act.at,
    )
    stage.tasks[act.case, int(act.data["task"])] = task.pk


def _answer(stage: Stage, act: Act) -> None:
    task_id = stage.tasks.get((act.case, int(act.data["task"])))
    if task_id is not None:
        tasks.answer(actor=stage.actor(act), task_id=task_id, text=str(act.data["text"]), now=act.at)


def _clock(stage: Stage, act: Act) -> None:
    """Pause a clock that may be paused, or let the paused one run on."""
    case_id, actor = stage.case_id(act.case), stage.actor(act)
    for view in clocks.of_subject("case", case_id, now=act.at):
        if act.kind == "pause" and view.may_pause and view.clause.pause is not None:
            upkeep.pause_clock(actor=actor, case_id=case_id, clock_id=view.id, reason=view.clause.pause.reasons[0].id, now=act.at)
            return
        if act.kind == "resume" and view.state == "paused":
            upkeep.resume_clock(actor=actor, case_id=case_id, clock_id=view.id, now=act.at)
            return


def _merge(stage: Stage, act: Act) -> None:
    joining.merge(actor=stage.actor(act), case_id=stage.case_id(act.case + _TWIN), into_id=stage.case_id(act.case), now=act.at)


def _unmerge(stage: Stage, act: Act) -> None:
    joining.unmerge(actor=stage.actor(act), case_id=stage.case_id(act.case + _TWIN), now=act.at)


_PLAYERS: Mapping[str, Callable[[Stage, Act], None]] = {
    "open": _open,
    "twin": _second,
    "again": _second,
    "step": _step,
    "assign": _assign,
    "note": _note,
    "edit": _edit,
    "urge": _urge,
    "escalate": _escalate,
    "reopen": _reopen,
    "attach": _attach,
    "ask": _ask,
    "answer": _answer,
    "pause": _clock,
    "resume": _clock,
    "merge": _merge,
    "unmerge": _unmerge,
}
