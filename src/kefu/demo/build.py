"""Builds the demo centre through the product's own actions, half day by half day of its thirty days (PLAT1)."""

import gc
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from kefu.clocks import actions as clocks
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.customers import actions as customers
from kefu.customers import queries as customer_queries
from kefu.demo import appeals, arbitrations, attended, claims, departments, ledgers, marks, penalised, planted, recordings, reviewed
from kefu.demo import ground as grounds
from kefu.demo.casework.script import Act
from kefu.demo.casework.stage import Stage
from kefu.demo.cast import DESKS, sign_ins
from kefu.demo.errors import CentreInUse
from kefu.demo.ground import Ground
from kefu.demo.plan import Plan
from kefu.demo.planted import Said
from kefu.demo.progress import Report
from kefu.demo.routes import Parcel, Scanned
from kefu.demo.shop import work as shop_work
from kefu.demo.station import entry as station_entry
from kefu.demo.station import fees as station_fees
from kefu.demo.station import forwarding as station_forwarding
from kefu.demo.station import monitors as station_monitors
from kefu.demo.station import pickups as station_pickups
from kefu.demo.station import problems as station_problems
from kefu.demo.station import receipts as station_receipts
from kefu.demo.station import signing as station_signing
from kefu.demo.station import tracking as station_tracking
from kefu.demo.world import World, make
from kefu.handbook import queries as handbooks
from kefu.handbook.actions import install_builtin
from kefu.kernel import statistics
from kefu.kernel.moment import now as wall_clock
from kefu.notices import actions as notices
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.performance import facts
from kefu.reactions import run as reactions
from kefu.reactions.table import REACTIONS

__all__ = ["Built", "build", "sign_ins"]

_TICK = timedelta(hours=2)
# Half days after which the planner looks at the tables again: they grow quickly at first.
_LOOKED_AT = (1, 5, 20)
_CLOCKS = [reaction for reaction in REACTIONS if reaction.name == "clocks-to-cases"]


@dataclass(frozen=True, slots=True)
class Built:
    """Outcome of a build: counts by what was made, what the product refused, seconds by kind of work."""

    already: bool
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)


def build(*, seed: int, scale: float = 1.0, end: datetime | None = None, quiet: bool = False) -> Built:
    """Build the demo centre, go on with one broken off, or leave a finished one as it is. The thirty days end now, or at ``end``.

    Raises ``CentreInUse`` when the database holds a centre of somebody's own.
    """
    report = Report(quiet=quiet)
    mark = marks.read()
    if mark is not None and mark.finished:
        report.say("演示中心已建好，直接使用。The demo centre is already there.")
        return Built(already=True)
    if mark is None:
        if grounds.strangers():
            raise CentreInUse
        marks.begin(Plan(seed, scale, (end or wall_clock()).replace(microsecond=0)))
        mark = marks.read()
        assert mark is not None
    elif mark.done:
        report.say(f"继续上次未完成的演示中心，已完成 {mark.done} 个半天。Going on with the centre begun before.")
    return _Builder(mark.plan, report).run(mark.done)


class _Builder:
    """One build under way."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self.plan, self.report = plan, report
        self.counts: Counter[str] = Counter()

    def run(self, done: int) -> Built:
        """Everything from the half day ``done`` on."""
        report, plan = self.report, self.plan
        with report.timed("people"):
            install_builtin(actor=grounds.SETUP, now=wall_clock())
            ground = grounds.lay(plan)
            station_fees.prepare(ground, plan.start)
            station_entry.prepare(ground, plan.start)
        with report.timed("generate"):
            report.say("正在按随机种子编写三十天 Making up thirty days")
            books = {desk: handbooks.book_at(ground.handbooks[desk], plan.start) for desk in DESKS}
            world = make(plan, books)
            planted.write(world.planted)
        half_days = _split(plan, world)
        stage = Stage(ground, world.seeds)
        thresholds = gc.get_threshold()
        gc.collect()
        gc.freeze()  # a million small objects that stay: looking through them again and again costs a tenth of the time
        gc.set_threshold(50_000, 20, 50)
        for place, half_day in report.along("三十天 Thirty days", list(enumerate(half_days))[done:], len(half_days) - done):
            self._half_day(ground, stage, half_day, place + 1)
            if place in _LOOKED_AT:
                statistics.refresh()
        with report.timed("figures"):
            while facts.refresh_marked(now=plan.end):
                pass
        self._afterwards(ground, world)
        marks.finish()
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        self._conclude(world, stage)
        return Built(False, self.counts, stage.refused, dict(report.seconds))

    def _afterwards(self, ground: Ground, world: World) -> None:
        """What the shop, the ten systems of the stations and the desks of money hold at the end, step by step."""
        plan, end = self.plan, self.plan.end
        steps: tuple[tuple[str, str, Callable[[], int]], ...] = (
            ("open talks", "attended", lambda: attended.leave_open(ground, end)),
            ("shop orders", "shop", lambda: shop_work.make(ground, plan, world)),
            ("carrier lines", "tracking", lambda: station_tracking.make(ground, end)),
            ("entered waybills", "entry", lambda: station_entry.make(ground, end)),
            ("problem parcels", "problems", lambda: station_problems.make(ground, end)),
            ("pick-up orders", "pickups", lambda: station_pickups.make(ground, end)),
            ("sign-offs", "signing", lambda: station_signing.make(ground, end)),
            ("forwardings", "forwarding", lambda: station_forwarding.make(ground, end)),
            ("fees", "fees", lambda: station_fees.make(ground, end)),
            ("receipts", "receipts", lambda: station_receipts.make(ground, end)),
            ("arbitrations", "arbitrations", lambda: arbitrations.make(ground, end)),
            ("appeals", "appeals", lambda: appeals.make(ground, end)),
            ("claims", "claims", lambda: claims.make(ground, plan)),
            ("ledger cells", "ledgers", lambda: ledgers.make(ground, plan)),
            ("recordings", "recordings", lambda: recordings.make(end)),
            ("questions to departments", "departments", lambda: departments.make(ground, end)),
            ("differences planted", "monitors", lambda: station_monitors.make(ground, end)),
            ("scored and disputed", "reviewed", lambda: reviewed.make(ground, end)),
            ("clocks fired", "settling", self._settle),
            ("penalties, coaching, alarms", "penalised", lambda: penalised.make(ground, end)),
        )
        statistics.refresh()
        for counted, name, make_it in steps:
            self._step(counted, name, make_it)
        statistics.refresh()

    def _step(self, counted: str, name: str, make_it: Callable[[], int]) -> None:
        """One step in one transaction with the note that it is done: broken off, it leaves nothing; done, it is not done again."""
        if marks.made(name):
            return
        with self.report.timed(name), transaction.atomic():
            self.counts[counted] += make_it()
            marks.note_made(name)

    def _settle(self) -> int:
        """What follows from all of it, and the clocks that fell due on the way: nothing is left for the first look of the worker."""
        end, total = self.plan.end, 0
        reactions.run_all(now=end)
        while fired := clocks.sweep(now=end):
            total += fired
            reactions.run_all(now=end)
        return total

    def _half_day(self, ground: Ground, stage: Stage, half_day: "_HalfDay", number: int) -> None:
        """What happened in it, in one transaction with the note that it is done; then what follows from it."""
        report, now = self.report, half_day.end
        with transaction.atomic():
            with report.timed("parcels"):
                self._parcels(ground, half_day, now)
            with report.timed("conversations"):
                self._talks(ground, stage, half_day.talks, now)
            self._acts(stage, half_day)
            marks.advance(number)
        with report.timed("reactions"):
            self.counts["events"] += reactions.run_all(now=now)
            while notices.send_due(now=now):
                pass

    def _parcels(self, ground: Ground, half_day: "_HalfDay", now: datetime) -> None:
        if half_day.parcels:
            made = parcels.register_parcels(actor=ground.guns, drafts=[_parcel(ground, one) for one in half_day.parcels], now=now)
            self.counts["parcels"] += made.stored
        if half_day.scans:
            stored = parcels.record_scans(actor=ground.guns, batch=[_scan(ground, *one) for one in half_day.scans], now=now)
            self.counts["scans"] += stored.stored
            self.counts["scans refused"] += len(stored.refused)

    def _talks(self, ground: Ground, stage: Stage, talks: Sequence[Said], now: datetime) -> None:
        if not talks:
            return
        self.counts["led on the screen"] += attended.lead(ground, talks)
        result = conversations.store(actor=ground.exchange, drafts=[_draft(ground, talk) for talk in talks], now=now)
        self.counts["conversations"] += result.stored
        self.counts["lines"] += sum(len(talk.lines) for talk in talks)
        if result.stored == len(talks):
            ordered = sorted(talks, key=lambda talk: talk.story.external_id)
            stage.talks.update({talk.story.number: pk for talk, pk in zip(ordered, result.ids, strict=True)})
        _tiers(ground, talks, now)

    def _acts(self, stage: Stage, half_day: "_HalfDay") -> None:
        """People's doings in order; every two hours the clocks are looked at, as the worker does all the time."""
        moment, acts, place = half_day.start, half_day.acts, 0
        while moment < half_day.end:
            moment = min(moment + _TICK, half_day.end)
            with self.report.timed("cases"):
                while place < len(acts) and acts[place].at < moment:
                    stage.play(acts[place])
                    place += 1
            with self.report.timed("clocks"):
                fired = 0
                while found := clocks.sweep(now=moment):
                    fired += found
                if fired:
                    self.counts["clocks fired"] += fired
                    reactions.run_all(_CLOCKS, now=moment)

    def _conclude(self, world: World, stage: Stage) -> None:
        counts = self.counts
        counts["cases"] = len(stage.cases)
        counts["acts"] = sum(stage.done.values())
        counts["planted"] = len(world.planted)
        self.report.say("，".join(f"{name} {value}" for name, value in counts.items() if value))
        if stage.refused:
            self.report.say("refused: " + ", ".join(f"{name} {value}" for name, value in stage.refused.most_common()))
        self.report.say(self.report.summary())


@dataclass(slots=True)
class _HalfDay:
    """What falls into one half day."""

    start: datetime
    end: datetime
    parcels: list[Parcel] = field(default_factory=list)
    scans: list[tuple[Parcel, Scanned]] = field(default_factory=list)
    talks: list[Said] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def _split(plan: Plan, world: World) -> list[_HalfDay]:
    rows = [_HalfDay(start, end) for start, end in plan.windows()]

    def of(moment: datetime) -> _HalfDay | None:
        place = int((moment - plan.start) / (rows[0].end - rows[0].start))
        return rows[place] if 0 <= place < len(rows) else None

    for parcel in world.parcels:
        if (row := of(parcel.registered)) is not None:
            row.parcels.append(parcel)
        for scan in parcel.scans:
            if (row := of(scan.received)) is not None:
                row.scans.append((parcel, scan))
    for talk in world.talks:
        if (row := of(talk.story.at)) is not None:
            row.talks.append(talk)
    for act in world.acts:
        if (row := of(act.at)) is not None:
            row.acts.append(act)
    return rows


def _parcel(ground: Ground, one: Parcel) -> ParcelDraft:
    return ParcelDraft(
        waybill=one.waybill,
        site_id=ground.sites[one.site],
        origin_site_id=ground.sites[one.origin],
        carrier=one.carrier,
        scope=one.scope,
        sender=Party(one.sender.name, one.sender.phone, one.sender.address),
        receiver=Party(one.receiver.name, one.receiver.phone, one.receiver.address),
        pieces=one.pieces,
        weight=one.weight,
        cod_amount=one.cod,
        insured_amount=one.insured,
        in_area=one.fate != "forwarded",
        hub_weight=station_fees.hub_weight(one),
        receipt_kind=station_receipts.kind_of(one),
    )


def _scan(ground: Ground, parcel: Parcel, one: Scanned) -> ScanDraft:
    return ScanDraft(
        waybill=parcel.waybill,
        code=one.code,
        site_id=ground.sites[one.site],
        scanned_at=one.at,
        operator=one.operator,
        courier=one.courier,
        previous_site_id=ground.sites[one.previous] if one.previous else None,
        next_site_id=ground.sites[one.next] if one.next else None,
        device=f"PDA-{one.operator}" if one.operator else "",
        reason=one.reason,
        note=one.note,
        source="carrier" if one.carrier else "own",
    )


def _draft(ground: Ground, talk: Said) -> ConversationDraft:
    scene = talk.story.scene
    ends_with = talk.lines[-1].side
    return ConversationDraft(
        source=planted.SOURCE,
        external_id=talk.story.external_id,
        channel=scene.channel,
        site_id=ground.sites[scene.desk],
        started_at=talk.story.at,
        lines=talk.lines,
        staff_no=scene.staff_no,
        customer_value=scene.customer.phone,
        customer_name=scene.customer.name,
        waybill=scene.waybill if talk.story.parcel is not None else "",
        facts={"ended_by": "agent" if ends_with == "agent" else "system"},
    )


def _tiers(ground: Ground, talks: Sequence[Said], now: datetime) -> None:
    """Some customers matter more: leads mark them as VIP."""
    for talk in talks:
        if talk.story.number % 45 == 7:
            scene = talk.story.scene
            found = customer_queries.ids_by_contact(ground.sites[scene.desk], "phone", [scene.customer.phone])
            lead = ground.actors["lead04" if scene.desk == "shop" else "lead03" if scene.desk == "north" else "lead"]
            for customer_id in found.values():
                customers.set_tier(actor=lead, customer_id=customer_id, tier="vip", reason="长期合作客户", now=now)
