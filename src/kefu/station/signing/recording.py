"""Recording sign-offs: one from a form, many from a gun or a file (OPS3, O10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.rows import insert_all
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.known import Known, known_of
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill, some_pieces
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.errors import SignRefused
from kefu.station.signing.events import SignedOff
from kefu.station.signing.limits import Limits, limits_of
from kefu.station.signing.models import SignOff
from kefu.station.signing.reasons import Problem
from kefu.station.signing.rules import Before, When, problems
from kefu.station.signing.words import SCAN_OF, STORES, Signer, Situation, Stage

_TRIES = 3
MOST_AT_ONCE = 1000


class Refused(NamedTuple):
    """A sign-off not taken: its place, and everything wrong with it."""

    place: int
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What recording many gave: places of new rows with their keys, places of those there already, those not taken."""

    stored: Mapping[int, int]
    present: Sequence[int]
    refused: Sequence[Refused]


@dataclass(slots=True)
class _Past:
    """What was recorded of a waybill before."""

    live: list[SignOff] = field(default_factory=list)
    undone: list[SignOff] = field(default_factory=list)

    def before(self) -> Before:
        return Before(
            pieces=sum(one.pieces for one in self.live if one.situation == Situation.PARTIAL),
            whole=any(one.situation != Situation.PARTIAL for one in self.live),
            stored=any(one.stage == Stage.STORED for one in self.live),
            at=self.live[-1].signed_at if self.live else None,
        )

    def has(self, draft: SignDraft) -> bool:
        """Whether a file brings what is there already, undone ones too: an undo is not to be undone by the file."""
        return any(
            (one.signed_at, one.site_id, one.signer, one.pieces) == (draft.signed_at, draft.site_id, draft.signer, draft.pieces)
            for one in (*self.live, *self.undone)
        )


def sign(*, actor: Actor, draft: SignDraft, now: datetime) -> SignOff:
    """Record one sign-off (O10). Raises ``SignRefused`` with everything wrong, ``NotFound`` for a site out of reach."""
    people.require_site(actor, draft.site_id)
    done = _record(actor, [draft], now, many=False)
    if done.refused:
        raise SignRefused(done.refused[0].problems)
    return SignOff.objects.select_related("site").get(pk=done.stored[0])


def sign_many(*, actor: Actor, drafts: Sequence[SignDraft], now: datetime) -> Outcome:
    """Record many, each for itself; those a file brought before count as present. Statements do not grow with the drafts."""
    return _record(actor, drafts, now, many=True)


def _record(actor: Actor, drafts: Sequence[SignDraft], now: datetime, *, many: bool) -> Outcome:
    people.require(actor, Permission.PARCEL_SCAN)
    drafts = [replace(one, waybill=clean_waybill(one.waybill[:200])[:40]) for one in drafts]
    operator = _number_of(actor)
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _record_once(actor, drafts, operator, now, many=many)
        except IntegrityError:
            continue  # somebody signed one of them off meanwhile: look again
    return Outcome({}, (), [Refused(place, [Problem("stale", "waybill")]) for place in range(len(drafts))])


def _number_of(actor: Actor) -> str:
    me = people_queries.me(actor) if actor.own_id else None
    return me.staff_no if me else ""


def _record_once(actor: Actor, drafts: Sequence[SignDraft], operator: str, now: datetime, *, many: bool) -> Outcome:
    found = known_of([one.waybill for one in drafts if one.waybill])
    past = _past({one.waybill for one in found.values()})
    judge = _Judge(actor, now, many=many)
    rows: dict[int, SignOff] = {}
    present: list[int] = []
    refused: list[Refused] = []
    taken: set[str] = set()
    for place, given in enumerate(drafts):
        known = found.get(given.waybill) or Known(given.waybill, given.waybill)
        before = past.get(known.waybill, _Past())
        if given.source == "import" and before.has(given):
            present.append(place)
            continue
        draft = _pieced(given, known, before.before())
        wrong = [Problem("twice_here", "waybill")] if known.waybill in taken else judge(draft, known, before.before())
        if wrong:
            refused.append(Refused(place, wrong))
            continue
        taken.add(known.waybill)
        rows[place] = _row(actor, draft, known, before, operator, now)
    return Outcome(_store(actor, rows, now), present, refused)


def _past(waybills: set[str]) -> dict[str, _Past]:
    found: dict[str, _Past] = {}
    for one in SignOff.objects.filter(waybill__in=sorted(waybills)).order_by("pk"):
        past = found.setdefault(one.waybill, _Past())
        (past.undone if one.stage == Stage.UNDONE else past.live).append(one)
    return found


class _Judge:
    """The rules with the limits of each site, looked up once."""

    def __init__(self, actor: Actor, now: datetime, *, many: bool) -> None:
        self._actor, self._many = actor, many
        self._when = When(now, timezone.get_current_timezone())
        self._sites = people_queries.sites_by_id()
        self._known: dict[str, Limits] = {}

    def __call__(self, draft: SignDraft, known: Known, before: Before) -> list[Problem]:
        site = self._sites.get(draft.site_id)
        if site is None or not self._actor.reaches(draft.site_id):
            return [Problem("unknown_site", "site")]
        if draft.signed_at.tzinfo is None:
            return [Problem("no_time", "signed_at")]
        return problems(draft, known, before, self._limits(site.handbook), self._when, many=self._many)

    def _limits(self, handbook: str) -> Limits:
        if handbook not in self._known:
            self._known[handbook] = limits_of(handbooks.book_at(handbook, self._when.now))
        return self._known[handbook]


def _pieced(draft: SignDraft, known: Known, before: Before) -> SignDraft:
    """The number of a piece signs for that piece."""
    left = known.pieces - before.pieces
    if known.asked == known.waybill or left < 2 or draft.situation != Situation.NORMAL:
        return draft
    return replace(draft, situation=Situation.PARTIAL.value, pieces=1)


def _row(actor: Actor, draft: SignDraft, known: Known, past: _Past, operator: str, now: datetime) -> SignOff:
    handed = [one for one in known.of(ScanCode.DELIVER, site_id=draft.site_id) if one.courier]
    return SignOff(
        waybill=known.waybill,
        piece=known.asked if known.asked != known.waybill else "",
        parcel_id=known.parcel_id,
        site_id=draft.site_id,
        part=max((one.part for one in past.live), default=0) + 1,
        stage=Stage.STORED if draft.signer in STORES else Stage.SIGNED,
        signed_at=draft.signed_at,
        courier=draft.courier or (handed[-1].courier if handed else ""),
        signer=draft.signer,
        signer_name=draft.signer_name.strip(),
        relation=draft.relation.strip(),
        situation=draft.situation,
        pieces=draft.pieces if draft.situation == Situation.PARTIAL else 0,
        place=draft.place.strip(),
        consent_by=draft.consent_by.strip() if draft.signer != Signer.SELF else "",
        consent_how=draft.consent_how if draft.signer != Signer.SELF else "",
        cod_collected=draft.cod_collected,
        freight_collected=draft.freight_collected,
        note=draft.note.strip(),
        source=draft.source,
        scan_code=SCAN_OF[draft.signer].value,
        # The scan of an undone one stays in the log: the same moment again must be told from it.
        scanned_at=draft.signed_at + timedelta(milliseconds=len(past.undone)),
        operator=operator,
        entered_at=now,
        entered_by=actor.name[:80],
        entered_id=actor.own_id,
    )


def _store(actor: Actor, rows: Mapping[int, SignOff], now: datetime) -> dict[int, int]:
    if not rows:
        return {}
    insert_all(list(rows.values()))
    numbers = [row.waybill for row in rows.values()]
    live = SignOff.objects.filter(waybill__in=numbers).exclude(stage=Stage.UNDONE).values_list("waybill", "part", "pk")
    keys = {(waybill, part): pk for waybill, part, pk in live}
    for row in rows.values():
        row.pk = keys[row.waybill, row.part]
    parcels.record_scans(actor=actor, batch=[_scan(row) for row in rows.values()], now=now)
    announce(actor, list(rows.values()), "signed", now)
    return {place: row.pk for place, row in rows.items()}


def _scan(row: SignOff) -> ScanDraft:
    return ScanDraft(
        waybill=row.piece or row.waybill,
        code=row.scan_code,
        site_id=row.site_id,
        scanned_at=row.scanned_at,
        operator=row.operator,
        courier=row.courier,
        source="import" if row.source == "import" else "own",
        external_id="sign_off",
        piece=unnumbered(row),
    )


def unnumbered(row: SignOff) -> str:
    """The pieces a partial sign-off is for when they have no numbers of their own."""
    return some_pieces(row.part, row.pieces) if row.situation == Situation.PARTIAL and not row.piece else ""


def announce(actor: Actor, rows: Sequence[SignOff], what: str, now: datetime) -> None:
    """Audit rows and events of what happened to sign-offs."""
    entries = [
        audit.entry(actor, f"sign_off.{what}", Ref("sign_off", row.pk, row.waybill), now=now, site_id=row.site_id, data=_told(row))
        for row in rows
    ]
    audit.record_many(entries)
    by_site: dict[int, list[SignOff]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row)
    events = [
        SignedOff(site_id=site_id, rows=tuple((row.pk, row.waybill, str(row.stage)) for row in some[start : start + 500]), what=what)
        for site_id, some in by_site.items()
        for start in range(0, len(some), 500)
    ]
    outbox.emit_many(events, now=now)


def _told(row: SignOff) -> dict[str, str]:
    return {"signer": row.signer, "situation": row.situation, "stage": str(row.stage), "courier": row.courier}
