"""Differences of the monitors become problem parcels: reported for themselves, or to urge the site before (OPS5, OPS8)."""

from datetime import datetime

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, NotFound
from kefu.people import access as people
from kefu.station.monitors import actions as monitors
from kefu.station.monitors import queries
from kefu.station.monitors.events import DifferencesReported
from kefu.station.monitors.sets import SETS
from kefu.station.monitors.vocabulary import Way
from kefu.station.problems import actions as problems
from kefu.station.problems import reporting
from kefu.station.problems.drafts import ProblemDraft

_ITSELF = Actor.system("differences")


def report(event: DifferencesReported, *, seq: int, now: datetime) -> None:
    """Write the problem parcels in the name of who asked. Done again it writes none twice."""
    actor = people.actor_of(event.actor_kind, event.actor_id, now=now) or _ITSELF
    told = _told_again(event, actor, now) if event.way == Way.URGE else {}
    items = [item for item in event.items if item[0] not in told]
    done = reporting.report_many(actor=actor, drafts=[_draft(event, item, seq) for item in items], now=now)
    keys = [item[0] for item in items]
    made = told | {keys[place]: problem_id for place, problem_id in {**done.present, **done.stored}.items()}
    refused = {keys[place]: code for place, code in done.refused.items()}
    monitors.note_problems(actor=_ITSELF, way=event.way, made=made, refused=refused, now=now)


def _told_again(event: DifferencesReported, actor: Actor, now: datetime) -> dict[int, int]:
    """What is a problem parcel already is urged in its thread, while that is open."""
    told: dict[int, int] = {}
    known = queries.problems_of([item[0] for item in event.items])
    for key, kind, _waybill, _other in event.items:
        if key in known:
            try:
                problems.reply(actor=actor, problem_id=known[key], text=_text(kind, urging=True), now=now)
            except (Conflict, NotFound):
                continue  # it has ended: a new one is reported
            told[key] = known[key]
    return told


def _text(kind: str, *, urging: bool) -> str:
    one = SETS[kind]
    return f"催件：{one.title}。{one.formula}，请尽快查找并回复。" if urging else f"{one.title}：{one.formula}。"


def _draft(event: DifferencesReported, item: tuple[int, str, str, int], seq: int) -> ProblemDraft:
    """Texts are in the language of the trade: they go to another site, whoever reads them there."""
    key, kind, waybill, other = item
    one = SETS[kind]
    urging = event.way == Way.URGE
    return ProblemDraft(
        waybill=waybill,
        kind=one.problem,
        site_id=event.site_id,
        receiver_site_id=other or None,
        description=_text(kind, urging=urging),
        external_id=f"urge-{key}-{seq}" if urging else f"difference-{key}",
        scan=one.here and not urging,
    )
