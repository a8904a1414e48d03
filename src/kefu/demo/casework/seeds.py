"""Which cases there are: those that conversations led to, and those that came in by other ways. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kefu.demo.casework.answers import Matter
from kefu.demo.plan import Plan, busy_hour
from kefu.demo.roster import on_duty
from kefu.demo.routes import Parcel
from kefu.demo.stories import TOPICS, Parcels, Story, Topic, scene_for
from kefu.handbook.schema import Handbook

# What becomes of cases. Shares in percent; every one of them occurs in the smallest demo.
FATES = {
    "closed": 44, "closed_late": 10, "stuck": 6, "unassigned": 2, "waiting_customer": 6, "waiting_other": 6, "solved": 4, "urged": 6,
    "escalated": 3, "reopened": 4, "merged": 3, "repeat": 4, "tasked": 2,
}  # fmt: skip
# Kinds that come in without a conversation, by desk: weight, channel and the topic they are most like.
_OTHER: Mapping[str, tuple[tuple[str, int, str, str], ...]] = {
    "south": (
        ("pickup_order", 20, "platform", "pickup"), ("delay", 14, "hq", "delay"), ("loss", 4, "hq", "loss"), ("damage", 6, "hq", "damage"),
        ("attitude", 5, "hq", "attitude"), ("arbitration", 8, "form", "damage"), ("forwarding", 10, "form", "change"),
        ("regulator", 5, "regulator", "delay"), ("complaint", 5, "form", "false_sign"), ("data_request", 2, "email", "business"),
        ("suggestion", 3, "form", "business"), ("shortage", 3, "walk_in", "shortage"),
    ),
    "north": (
        ("delay", 16, "platform", "delay"), ("loss", 5, "hq", "loss"), ("damage", 8, "walk_in", "damage"),
        ("attitude", 6, "hq", "attitude"),
        ("regulator", 5, "regulator", "false_sign"), ("complaint", 7, "email", "false_sign"), ("data_request", 2, "email", "business"),
        ("suggestion", 5, "form", "business"), ("consult", 8, "form", "business"), ("shortage", 3, "form", "shortage"),
    ),
    "shop": (
        ("unshipped", 22, "platform", "ship"), ("parcel_watch", 20, "platform", "parcel"), ("refund", 14, "platform", "refund"),
        ("after_sales", 16, "platform", "quality"), ("complaint", 4, "form", "parcel"), ("attitude", 3, "form", "parcel"),
        ("data_request", 1, "email", "presales"), ("suggestion", 2, "form", "presales"),
        ("payment_reminder", 8, "platform", "presales"), ("order_urge", 8, "platform", "ship"),
    ),
}  # fmt: skip
_STATES = ("waiting_customer", "waiting_other", "solved")
_LASTING = (*_STATES, "stuck", "tasked")
_SLOW = (*_STATES, "reopened", "merged", "repeat", "escalated", "urged")
_FROM_TALKS = 0.72
_SHARES = {"south": 38, "north": 30, "shop": 32}


@dataclass(frozen=True, slots=True)
class CaseSeed:
    """A case to be. ``story`` is the conversation it came from."""

    number: int
    at: datetime
    desk: str
    channel: str
    fate: str
    matter: Matter
    parcel: Parcel | None
    story: Story | None = None

    @property
    def kind(self) -> str:
        """Kind of the case, as the handbook names it."""
        return self.matter.kind

    @property
    def external_id(self) -> str:
        """Its id, by which it is found again."""
        return f"DEMO-{self.number:05d}"


def seeds(plan: Plan, stories: Sequence[Story], parcels: Sequence[Parcel], books: Mapping[str, Handbook]) -> list[CaseSeed]:
    """All cases by time."""
    dice = plan.dice("cases")
    rows = [*_from_talks(plan, dice, stories, books)]
    rows += _others(plan, dice, Parcels(parcels), books, plan.cases - len(rows))
    rows.sort(key=lambda row: (row[0], row[2].scene.waybill))
    fates = _placed(_recent(_fates(dice, len(rows)), rows, plan, dice), rows, books, plan)
    found = [CaseSeed(number, *_row(row, fate)) for number, (row, fate) in enumerate(zip(rows, fates, strict=True))]
    # Nobody leaves a case lying for weeks before it is given to somebody.
    return [
        replace(one, at=plan.end - timedelta(minutes=dice.uniform(8, 300)), story=None) if one.fate == "unassigned" else one
        for one in found
    ]


_Row = tuple[datetime, str, Matter, str, Parcel | None, Story | None]


def _row(row: _Row, fate: str) -> tuple[datetime, str, str, str, Matter, Parcel | None, Story | None]:
    moment, desk, matter, channel, parcel, story = row
    return moment, desk, channel, fate, matter, parcel, story


def _from_talks(plan: Plan, dice: random.Random, stories: Sequence[Story], books: Mapping[str, Handbook]) -> list[_Row]:
    found: list[_Row] = []
    for story in stories:
        scene, own = story.scene, plan.dice("case-of", story.number)
        options = [(kind, share) for kind, share in TOPICS[scene.desk][scene.topic].cases if books[scene.desk].procedure_for(kind)]
        kind = own.choices(
            [*(kind for kind, _ in options), ""], weights=[*(share for _, share in options), max(0.02, 1 - sum(s for _, s in options))]
        )[0]
        if kind:
            moment = story.at + timedelta(minutes=own.uniform(2, 6))
            found.append((moment, scene.desk, Matter(kind, scene), scene.channel, story.parcel, story))
    dice.shuffle(found)
    return found[: round(plan.cases * _FROM_TALKS)]


def _others(plan: Plan, dice: random.Random, index: Parcels, books: Mapping[str, Handbook], count: int) -> list[_Row]:
    """Each kind at least once, then by weight; a third of them in the last four days, so that much is going on now."""
    wanted = [(desk, row) for desk, rows in _OTHER.items() for row in rows if books[desk].procedure_for(row[0])]
    desks = list(_SHARES)
    while len(wanted) < count:
        desk = dice.choices(desks, weights=list(_SHARES.values()))[0]
        rows = [row for row in _OTHER[desk] if books[desk].procedure_for(row[0])]
        wanted.append((desk, dice.choices(rows, weights=[row[1] for row in rows])[0]))
    dice.shuffle(wanted)
    return [_other(plan, plan.dice("other", place), index, *one) for place, one in enumerate(wanted[:count])]


def _other(plan: Plan, dice: random.Random, index: Parcels, desk: str, row: tuple[str, int, str, str]) -> _Row:
    kind, _weight, channel, topic = row
    moment = plan.end
    while not plan.start <= moment < plan.end - timedelta(minutes=15):
        moment = plan.at(dice.randint(26, 30) if dice.random() < 0.34 else dice.randrange(0, 31), busy_hour(dice))
    found: Topic = TOPICS[desk][topic]
    parcel = index.pick(dice, desk, found, moment)
    agent = dice.choice(on_duty(desk, moment))
    return moment, desk, Matter(kind, scene_for(dice, desk, topic, moment, parcel, agent)), channel, parcel, None


def _fates(dice: random.Random, count: int) -> list[str]:
    """By their shares, each at least once; recent and old ones alike."""
    whole = sum(FATES.values())
    rows = [fate for fate, share in FATES.items() for _ in range(max(1, round(count * share / whole)))]
    rows = sorted(rows, key=list(FATES).index, reverse=True)[:count]
    rows += ["closed"] * (count - len(rows))
    dice.shuffle(rows)
    return rows


def _recent(fates: list[str], rows: Sequence[_Row], plan: Plan, dice: random.Random) -> list[str]:
    """The same fates, but most of what lies unfinished is of the last days, as in a centre that does its work."""
    border = plan.end - timedelta(days=5)
    free = [place for place, row in enumerate(rows) if row[0] >= border and fates[place] in ("closed", "closed_late")]
    dice.shuffle(free)
    for place, row in enumerate(rows):
        if row[0] < border and fates[place] in _LASTING and free and dice.random() < 0.85:
            other = free.pop()
            fates[place], fates[other] = fates[other], fates[place]
    return fates


def _placed(fates: list[str], rows: Sequence[_Row], books: Mapping[str, Handbook], plan: Plan) -> list[str]:
    """The same fates, but with one case of each that had the time for it, whose procedure has such a state and which joins no other."""
    settled = plan.end - timedelta(days=7)
    openers = {(desk, matter.kind, matter.scene.waybill): place for place, (_, desk, matter, *_rest) in reversed(list(enumerate(rows)))}

    def fits(place: int, fate: str) -> bool:
        moment, desk, matter, _channel, parcel, _story = rows[place]
        if openers[desk, matter.kind, matter.scene.waybill] != place:
            return False  # a second report of the same may become an urging of the first
        if fate == "repeat" and (parcel is None or books[desk].kinds[matter.kind].family != "complaint"):
            return False  # a repeated complaint is known by its waybill
        found = books[desk].procedure_for(matter.kind)
        states = {step.status for step in found[1].steps} if found else set()
        return moment < settled and (fate not in _STATES or fate in states)

    for fate in _SLOW:
        places = [place for place, one in enumerate(fates) if one == fate]
        if places and not any(fits(place, fate) for place in places):
            other = next((place for place, one in enumerate(fates) if one == "closed" and fits(place, fate)), None)
            if other is not None:
                fates[other], fates[places[0]] = fate, "closed"
    return fates
