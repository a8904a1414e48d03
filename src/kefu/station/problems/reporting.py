"""Reporting problems, one or many at a time: checks, default receivers, the 问题件 scan (OPS8, O15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Stale
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.journeys import Journey, in_sight, journeys
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.problems import limits as settings
from kefu.station.problems import rules
from kefu.station.problems.drafts import ProblemDraft, Reported
from kefu.station.problems.errors import REASONS
from kefu.station.problems.events import ProblemChanged
from kefu.station.problems.kinds import Kind, kind_in
from kefu.station.problems.models import Problem
from kefu.station.problems.pictures import is_image, keep_pictures
from kefu.station.problems.rules import Limits
from kefu.station.problems.vocabulary import INTERCEPT_TYPE, OPEN_STATES

_SCANNER = "problem-desk"
_TRIES = 3
_FIELDS = {"bad_waybill": "waybill", "no_receiver": "receiver", "own_receiver": "receiver", "closed_receiver": "receiver"} | {
    "no_description": "description", "long_description": "description", "many_phones": "phones", "bad_phone": "phones",
    "many_images": "images", "not_image": "images", "unknown_kind": "kind", "no_kinds": "kind", "no_site": "site", "E23108": "way",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    """The site somebody reports for, with what its handbook says now."""

    site_id: int
    book: Handbook
    limits: Limits


class _Around:
    """What reports are checked against, looked up once for all of them."""

    def __init__(self, actor: Actor, drafts: Sequence[ProblemDraft], now: datetime) -> None:
        self.actor, self.now = actor, now
        self.sites, self.me = people.sites_by_id(), people.me(actor) if actor.kind == "staff" else None
        numbers = {draft.waybill for draft in drafts}
        self.journeys = journeys(numbers)
        self.seen = in_sight(actor, numbers)
        rows = Problem.objects.filter(waybill__in=sorted(numbers), state__in=OPEN_STATES)
        self.open: dict[tuple[str, str, int], int] = {
            (waybill, kind, site): pk for waybill, kind, site, pk in rows.values_list("waybill", "kind", "reporter_site_id", "pk")
        }
        asked = Problem.objects.filter(waybill__in=sorted(numbers), kind=INTERCEPT_TYPE).values_list("waybill", "state")
        self.intercepts = list(asked)
        outside = [draft.external_id for draft in drafts if draft.external_id]
        known = Problem.objects.filter(external_id__in=outside).values_list("reporter_site_id", "external_id", "pk")
        self.external = {(site_id, str(external_id)): pk for site_id, external_id, pk in known}
        self._desks: dict[int, _Desk | None] = {}

    def desk(self, site_id: int) -> _Desk | None:
        """The desk of a site, none where no handbook is in force."""
        if site_id not in self._desks:
            book = settings.book_at(self.sites[site_id].handbook, self.now)
            self._desks[site_id] = _Desk(site_id, book, settings.limits_of(book)) if book else None
        return self._desks[site_id]

    def journey(self, waybill: str) -> Journey:
        """What the reporter may know of the waybill: nothing of one out of their sight."""
        return self.journeys[waybill] if waybill in self.seen else Journey(waybill)


@dataclass(frozen=True, slots=True)
class _Sound:
    """A report that passed its checks."""

    place: int
    draft: ProblemDraft
    kind: Kind
    desk: _Desk
    receiver_id: int


def report(*, actor: Actor, draft: ProblemDraft, now: datetime) -> Problem:
    """Report one problem; the same ``external_id`` gives the problem reported before.

    Raises ``Invalid`` with the field and a code of ``errors.REASONS``.
    """
    done = report_many(actor=actor, drafts=[draft], now=now)
    if done.refused:
        reason = done.refused[0]
        raise Invalid(REASONS[reason], fields={_FIELDS.get(reason, "waybill"): REASONS[reason]}, code=reason)
    return Problem.objects.get(pk={**done.present, **done.stored}[0])


def report_many(*, actor: Actor, drafts: Sequence[ProblemDraft], now: datetime) -> Reported:
    """Report many; each for itself, in one transaction. Bad ones are refused by their place, known external ids count as present.

    The number of statements does not grow with the batch, but for pictures.
    """
    require(actor, Permission.PROBLEM_WORK)
    drafts = [replace(draft, waybill=clean_waybill(draft.waybill)) for draft in drafts]
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _report(actor, drafts, now)
        except IntegrityError:
            continue  # somebody reported one of them at the same moment: look again
    raise Stale


def _report(actor: Actor, drafts: Sequence[ProblemDraft], now: datetime) -> Reported:
    around = _Around(actor, drafts, now)
    sound: list[_Sound] = []
    present: dict[int, int] = {}
    refused: dict[int, str] = {}
    taken: dict[tuple[str, str, int], int] = {}
    for place, draft in enumerate(drafts):
        site_id = _site(around, draft)
        if site_id is not None and (known := around.external.get((site_id, draft.external_id or ""))) is not None:
            present[place] = known
            continue
        found = _checked(around, place, draft)
        if isinstance(found, str):
            refused[place] = found
            continue
        key = (draft.waybill, found.kind.key, found.desk.site_id)
        if key in around.open or key in taken:
            refused[place] = "E23121" if found.kind.key == INTERCEPT_TYPE else "open_already"
            continue
        taken[key] = place
        sound.append(found)
    rows = [_row(actor, around, one) for one in sound]
    _write(actor, around, sound, rows)
    return Reported({one.place: row.pk for one, row in zip(sound, rows, strict=True)}, present, refused)


def _site(around: _Around, draft: ProblemDraft) -> int | None:
    site_id = draft.site_id or around.actor.site_id
    return site_id if site_id in around.sites and around.actor.reaches(site_id) else None


def _checked(around: _Around, place: int, draft: ProblemDraft) -> _Sound | str:
    """The report with its type, desk and receiver, or the code of what is wrong with it."""
    if not is_waybill(draft.waybill):
        return "bad_waybill"
    site_id = _site(around, draft)
    if site_id is None:
        return "no_site"
    desk = around.desk(site_id)
    if desk is None:
        return "no_kinds"
    kind = kind_in(desk.book, draft.kind)
    if kind is None:
        return "unknown_kind" if kind_in(desk.book, INTERCEPT_TYPE) or desk.book.texts.get("station_problems") else "no_kinds"
    journey = around.journey(draft.waybill)
    form = rules.Form(draft.description, draft.phones, draft.account, draft.courier, len(draft.images))
    wrong = rules.form_problem(form, desk.limits) or rules.parcel_problem(kind, journey)
    if wrong is None and not all(is_image(one.content) for one in draft.images):
        wrong = "not_image"
    if wrong is None and kind.key == INTERCEPT_TYPE:
        wrong = _intercept(around, draft, journey, desk)
    if wrong is not None:
        return wrong
    receiver = _receiver(around, draft, journey, desk, kind)
    return receiver if isinstance(receiver, str) else _Sound(place, draft, kind, desk, receiver)


def _intercept(around: _Around, draft: ProblemDraft, journey: Journey, desk: _Desk) -> str | None:
    before = [state for waybill, state in around.intercepts if waybill == draft.waybill]
    delivering = around.sites.get(journey.site_id or 0)
    asked = rules.Intercept(
        way=draft.way,
        channel=draft.channel,
        open_already=any(state in OPEN_STATES for state in before),
        earlier=len(before),
        site_active=delivering is None or delivering.is_active,
    )
    return rules.intercept_problem(asked, journey, desk.limits)


def _receiver(around: _Around, draft: ProblemDraft, journey: Journey, desk: _Desk, kind: Kind) -> int | str:
    if draft.receiver_site_id is None:
        # Who asks for an intercept asks the site that would deliver.
        nodes = () if kind.key == INTERCEPT_TYPE and journey.site_id not in (None, desk.site_id) else journey.nodes
        found = rules.default_receiver(nodes, desk.site_id, journey.site_id)
        if found is None:
            return "no_receiver"
    else:
        found = draft.receiver_site_id
    if found == desk.site_id:
        return "own_receiver"
    site = around.sites.get(found)
    return "closed_receiver" if site is None or not site.is_active else found


def _row(actor: Actor, around: _Around, one: _Sound) -> Problem:
    draft, kind, now = one.draft, one.kind, around.now
    within = settings.answer_within(one.desk.book)
    return Problem(
        waybill=draft.waybill,
        kind=kind.key,
        group=kind.group,
        clause=kind.clause,
        reporter_site_id=one.desk.site_id,
        receiver_site_id=one.receiver_id,
        description=draft.description.strip(),
        phones="\n".join(draft.phones),
        account=draft.account.strip(),
        courier=draft.courier.strip(),
        way=draft.way if kind.key == INTERCEPT_TYPE else "",
        reported_by=actor.name,
        reported_by_no=around.me.staff_no if around.me else "",
        reported_at=now,
        answer_due_at=now + within if within else None,
        alarm_at=now + kind.limit if kind.limit else None,
        alarm=kind.alarm if kind.limit else "",
        last_at=now,
        reporter_read_at=now,
        external_id=draft.external_id or None,
    )


def _write(actor: Actor, around: _Around, sound: Sequence[_Sound], rows: list[Problem]) -> None:
    if not rows:
        return
    now = around.now
    Problem.objects.bulk_create(rows)
    for one, row in zip(sound, rows, strict=True):
        keep_pictures(row, None, one.draft.images, now)
    audit.record_many(
        [
            audit.entry(
                actor, "problem.reported", ref(row), now=now, site_id=row.reporter_site_id, clause=row.clause,
                data={"kind": row.kind, "receiver": row.receiver_site_id},
            )
            for row in rows
        ]
    )  # fmt: skip
    outbox.emit_many([event for row in rows for event in told(row, "reported", row.reporter_site_id)], now=now)
    _scan(around, sound, rows)


def ref(row: Problem) -> Ref:
    """How other records point at a problem."""
    return Ref("problem", row.pk, row.waybill)


def told(row: Problem, what: str, by_site: int) -> list[ProblemChanged]:
    """The event for each of the two sites."""
    sites = (row.reporter_site_id, row.receiver_site_id)
    return [ProblemChanged(problem_id=row.pk, site_id=site, what=what, news=site != by_site) for site in sites]


def _scan(around: _Around, sound: Sequence[_Sound], rows: Sequence[Problem]) -> None:
    """The 问题件 scan with the reason; not of a parcel that is signed, nor of an intercept, which is no problem yet.

    In the product's name: who may report need not hold a gun.
    """
    wanted = [
        ScanDraft(
            one.draft.waybill, ScanCode.PROBLEM, one.desk.site_id, around.now, operator=row.reported_by_no,
            courier=row.courier, reason=one.kind.code,
        )
        for one, row in zip(sound, rows, strict=True)
        if one.draft.scan and one.kind.key != INTERCEPT_TYPE and _scannable(around.journeys, one.draft.waybill)
    ]  # fmt: skip
    if wanted:
        parcels.record_scans(actor=Actor.system(_SCANNER), batch=wanted, now=around.now)


def _scannable(known: Mapping[str, Journey], waybill: str) -> bool:
    return known[waybill].state not in (StateCode.SIGNED, StateCode.RETURNED)
