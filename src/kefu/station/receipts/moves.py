"""Steps of the chain noted: one, many as a gun hands them in, a batch under one courier number, or the rows of a file (O13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.kernel.rows import insert, insert_all
from kefu.kernel.wording import listed_later
from kefu.parcels import access as parcels
from kefu.parcels.handovers import Handover, handovers
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.receipts import access, rules
from kefu.station.receipts.actions import Grounds, derived, fresh_receipt, way_of
from kefu.station.receipts.errors import MoveRefused
from kefu.station.receipts.events import ReceiptsMoved
from kefu.station.receipts.models import Receipt, ReceiptImage, ReceiptMove
from kefu.station.receipts.vocabulary import State

# Clocks of scanners run ahead a little.
_DRIFT = timedelta(minutes=5)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class MoveDraft:
    """A step to note. ``number`` is the waybill or the receipt number; ``at`` nothing means now. ``receipt_no``, ``copies`` are for the
    first step; ``courier_no`` is the number it was sent under, the same for a whole batch."""

    number: str
    state: int
    at: datetime | None = None
    courier_no: str = ""
    note: str = ""
    receipt_no: str = ""
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Refused:
    """A draft that was not taken: its place, a code of ``errors.REASONS``, and the words."""

    place: int
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Outcome of a bulk write: steps noted now, steps noted before, drafts refused."""

    stored: int
    present: int
    refused: Sequence[Refused]


def note_move(*, actor: Actor, draft: MoveDraft, now: datetime) -> Receipt:
    """Note one step; raises ``MoveRefused`` with the reason. A step noted before is left as it is."""
    done = note_moves(actor=actor, drafts=[draft], now=now, raise_first=True)
    assert not done.refused
    number = clean_waybill(draft.number)
    found = access.visible_to(actor).filter(Q(waybill=number) | Q(receipt_no=number)).order_by("pk").first()
    if found is None:
        raise MoveRefused("receipt.unknown")
    return found


def note_moves(*, actor: Actor, drafts: Sequence[MoveDraft], now: datetime, raise_first: bool = False) -> Noted:
    """Note many steps, each for itself: refused ones have a reason and keep nobody else from being noted.

    Two people noting the same step at once end up with one. ``raise_first``: the first refusal is raised and nothing is noted.
    """
    people.require(actor, Permission.RECEIPT_WORK)
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _Round(actor, now, raise_first=raise_first).note(drafts)
        except (IntegrityError, Stale):
            continue  # somebody noted one of them meanwhile: look again
    raise Stale


class _Round:
    """One look at some drafts, in one transaction."""

    def __init__(self, actor: Actor, now: datetime, *, raise_first: bool) -> None:
        self.actor, self.now, self.raise_first = actor, now, raise_first
        self.grounds = Grounds(now)
        self.receipts: dict[str, Receipt] = {}
        self.parcels: dict[str, Handover] = {}
        self.pictured: set[int] = set()
        self.moves: list[ReceiptMove] = []

    def note(self, drafts: Sequence[MoveDraft]) -> Noted:
        """Take the drafts in turn."""
        numbers = [clean_waybill(draft.number) for draft in drafts]
        self._look(numbers)
        refused: list[Refused] = []
        stored = 0
        for place, (draft, number) in enumerate(zip(drafts, numbers, strict=True)):
            try:
                stored += self._one(draft, number)
            except MoveRefused as refusal:
                if self.raise_first:
                    raise
                refused.append(Refused(place, refusal.reason, str(refusal)))
        insert_all(self.moves)
        self._tell(stored, len(drafts) - stored - len(refused), len(refused))
        return Noted(stored, len(drafts) - stored - len(refused), refused)

    def _look(self, numbers: Sequence[str]) -> None:
        """Receipts by either number, waybills without one, and which have a picture."""
        wanted = sorted({number for number in numbers if number})
        rows = list(access.visible_to(self.actor).filter(Q(waybill__in=wanted) | Q(receipt_no__in=wanted)).order_by("-pk"))
        self.receipts = {row.receipt_no: row for row in rows if row.receipt_no} | {row.waybill: row for row in rows}
        missing = [number for number in wanted if number not in self.receipts]
        found = parcels.visible_to(self.actor).filter(waybill__in=missing).values_list("pk", flat=True) if missing else []
        self.parcels = {one.waybill: one for one in handovers(list(found))} if missing else {}
        electronic = [row.pk for row in rows if rules.is_electronic(row.kind)]
        images = ReceiptImage.objects.filter(receipt_id__in=electronic) if electronic else ReceiptImage.objects.none()
        self.pictured = set(images.values_list("receipt_id", flat=True)) if electronic else set()

    def _one(self, draft: MoveDraft, number: str) -> int:
        """Note one; 1 when it was new, 0 when it stood there before."""
        if draft.state not in State.values or draft.state == State.UNREGISTERED:
            raise MoveRefused("receipt.bad_state")
        if max(len(draft.courier_no), len(clean_waybill(draft.receipt_no))) > 40 or len(draft.note) > 200:
            raise MoveRefused("receipt.too_long")
        if not 1 <= draft.copies <= 99:
            raise MoveRefused("receipt.bad_copies")
        row = self.receipts.get(number) or self._start(number)
        if any(move.receipt_id == row.pk and move.state == draft.state for move in self.moves) or row.state == draft.state:
            return 0
        self._check(row, draft)
        self._write(row, draft)
        return 1

    def _start(self, number: str) -> Receipt:
        """The receipt of a signed waybill that has none yet; raises ``MoveRefused``."""
        if not is_waybill(number):
            raise MoveRefused("receipt.bad_number")
        parcel = self.parcels.get(number)
        if parcel is None:
            raise MoveRefused("receipt.unknown")
        if not parcel.receipt_kind:
            raise MoveRefused("receipt.not_wanted")
        if parcel.signed_at is None:
            raise MoveRefused("receipt.unsigned")
        row = fresh_receipt(parcel, self.grounds)
        insert(row)
        self.receipts[number] = row
        return row

    def _check(self, row: Receipt, draft: MoveDraft) -> None:
        """Raise the first reason against the step."""
        way, wanted = way_of(row), str(State(draft.state).label)
        if row.lost_at is not None:
            raise MoveRefused("receipt.lost")
        if row.closed_at is not None:
            raise MoveRefused("receipt.closed")
        if not rules.belongs(way, draft.state):
            raise MoveRefused("receipt.not_on_way", wanted=wanted)
        if draft.state < row.state:
            raise MoveRefused("receipt.past", state=str(State(row.state).label))
        if row.signed_at is None and row.state == State.UNREGISTERED:
            raise MoveRefused("receipt.unsigned")
        if missing := rules.skipped(way, row.state, draft.state):
            raise MoveRefused("receipt.skipped", missing=listed_later(State(one).label for one in missing))
        site_id = way.acting(draft.state)
        if not self._may_act(way, draft.state):
            site = self.grounds.sites.get(site_id) if site_id is not None else None
            raise MoveRefused("receipt.elsewhere", wanted=wanted, site=site.name if site else "")
        if way.electronic and draft.state == State.DELIVERED and row.pk not in self.pictured:
            raise MoveRefused("receipt.no_image")
        self._check_time(row, draft)
        self._check_number(row, draft)

    def _may_act(self, way: rules.Way, state: int) -> bool:
        """An electronic receipt closes where it was uploaded; a paper one only where it lies."""
        if way.electronic and self.actor.reaches(way.site):
            return True
        return self.actor.reaches(way.acting(state))

    def _check_time(self, row: Receipt, draft: MoveDraft) -> None:
        at = draft.at or self.now
        before = row.state_at or row.signed_at
        if at > self.now + _DRIFT:
            raise MoveRefused("receipt.future")
        if before is not None and at < before:
            raise MoveRefused("receipt.too_early", before=f"{timezone.localtime(before):%Y-%m-%d %H:%M}")

    def _check_number(self, row: Receipt, draft: MoveDraft) -> None:
        """A receipt number may be the waybill's own, but not another receipt's."""
        number = clean_waybill(draft.receipt_no)
        if not number or number == row.receipt_no:
            return
        if not is_waybill(number):
            raise MoveRefused("receipt.bad_number")
        other = self.receipts.get(number) or Receipt.objects.filter(Q(waybill=number) | Q(receipt_no=number)).exclude(pk=row.pk).first()
        if other is not None and other.pk != row.pk:
            raise MoveRefused("receipt.number_taken", waybill=other.waybill)

    def _write(self, row: Receipt, draft: MoveDraft) -> None:
        at = draft.at or self.now
        way = way_of(row)
        changes: dict[str, Any] = {"state": draft.state, "state_at": at}
        if draft.state == State.HERE:
            changes |= {"registered_at": at, "copies": draft.copies}
            changes |= {"receipt_no": number} if (number := clean_waybill(draft.receipt_no)) else {}
        if draft.state == State.SENT_BACK:
            changes |= {"sent_at": at, "sent_no": clean_waybill(draft.courier_no)}
        if draft.state == rules.chain(way)[-1]:
            changes["closed_at"] = at
        for name, value in changes.items():
            setattr(row, name, value)
        save_claimed(row, **changes, **derived(row, self.grounds.days(row.site_id)))
        site_id = way.acting(draft.state)
        self.moves.append(
            ReceiptMove(
                receipt=row,
                state=draft.state,
                at=at,
                noted_at=self.now,
                by=self.actor.name[:80],
                site_id=site_id if site_id is not None and self.actor.reaches(site_id) else way.site,
                courier_no=clean_waybill(draft.courier_no),
                note=draft.note.strip(),
            )
        )

    def _tell(self, stored: int, present: int, refused: int) -> None:
        if not stored:
            return
        sites = {move.site_id for move in self.moves}
        site_id = next(iter(sites)) if len(sites) == 1 else None
        first = self.moves[0].receipt
        subject = Ref("receipt", first.pk, first.waybill) if stored == 1 else Ref("receipt", 0)
        data = {"stored": stored, "present": present, "refused": refused, "state": self.moves[0].state}
        audit.record(self.actor, "receipt.noted", subject, now=self.now, site_id=site_id, data=data)
        moves = [(move.receipt_id, move.state) for move in self.moves]
        parts = [tuple(moves[start : start + 500]) for start in range(0, len(moves), 500)]
        outbox.emit_many([ReceiptsMoved(moves=part, site_id=site_id) for part in parts], now=self.now)
