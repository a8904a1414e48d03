"""Everything that will happen in the thirty days, made from the seed before anything is stored. Pure but for the handbooks in force."""

from collections.abc import Mapping
from dataclasses import dataclass

from kefu.demo import planted, routes
from kefu.demo.casework.script import Act, script
from kefu.demo.casework.seeds import CaseSeed, seeds
from kefu.demo.plan import Plan
from kefu.demo.planted import Row, Said
from kefu.demo.routes import Parcel
from kefu.demo.stories import stories
from kefu.handbook.schema import Handbook


@dataclass(frozen=True, slots=True)
class World:
    """Parcels with their scans, conversations with their lines, cases with their scripts: each by time."""

    parcels: list[Parcel]
    talks: list[Said]
    seeds: dict[str, CaseSeed]
    acts: list[Act]
    planted: list[Row]


def make(plan: Plan, books: Mapping[str, Handbook]) -> World:
    """The world of a plan; ``books`` are the handbooks of the desks."""
    parcels = list(routes.parcels(plan))
    told = stories(plan, parcels)
    talks = [planted.said(plan, story) for story in told]
    cases = seeds(plan, told, parcels, books)
    scripts = {seed.external_id: script(plan, seed, books[seed.desk]) for seed in cases}
    acts = sorted((act for acts in scripts.values() for act in acts if act.at < plan.end), key=lambda act: (act.at, act.case))
    rows = [row for talk in talks for row in talk.planted]
    rows += [row for seed in cases if (row := _rude_record(seed, scripts[seed.external_id], plan)) is not None]
    return World(parcels, talks, {seed.external_id: seed for seed in cases}, acts, rows)


def _rude_record(seed: CaseSeed, acts: list[Act], plan: Plan) -> Row | None:
    """An insult in the record of a case that is closed, and so inspected, in time."""
    rude = next((act for act in acts if "planted" in act.data), None)
    end = next((act for act in acts if act.kind == "step" and act.data["end"] and act.at < plan.end), None)
    if rude is None or end is None or rude.at > end.at:
        return None
    return Row("case", seed.external_id, seed.desk, "record", "insult_in_record", None)
