"""Whether a sign-off may be taken. Pure: what is known of the parcel, the draft, the limits, the time (O10, R11)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from kefu.parcels.known import Known
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.parcels.waybills import is_waybill
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.limits import Limits
from kefu.station.signing.reasons import Problem
from kefu.station.signing.words import NAMELESS, ODD, STORES, Consent, Signer, Situation

_STATES = {
    StateCode.RETURNING: "returned",
    StateCode.RETURNED: "returned",
    StateCode.INTERCEPTED: "intercepted",
    StateCode.FORWARDED: "forwarded",
    StateCode.REFUSED: "refused_parcel",
}
_HANDED = (ScanCode.DELIVER, ScanCode.SELF)
MOST_YUAN = Decimal(9_999_999)


@dataclass(frozen=True, slots=True)
class Before:
    """Live sign-offs of the parcel: pieces signed for in parts, whether one is whole, when, and whether it waits in store."""

    pieces: int = 0
    whole: bool = False
    stored: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class When:
    """The moment, and the zone people read times in."""

    now: datetime
    zone: tzinfo

    def shown(self, at: datetime) -> str:
        """A time for a message."""
        return at.astimezone(self.zone).strftime("%m-%d %H:%M")


def problems(draft: SignDraft, known: Known, before: Before, limits: Limits, when: When, *, many: bool = False) -> list[Problem]:
    """Everything wrong with a sign-off, the gravest first. ``many``: entered in a row, where no money can be told."""
    if not is_waybill(known.asked):
        return [Problem("bad_waybill", "waybill")]
    if not known.is_known:
        return [Problem("unknown_waybill", "waybill")]
    barred = list(_state(known, before, when))
    if barred:
        return barred
    return [
        *_time(draft, known, limits, when),
        *_signer(draft, limits),
        *_courier(draft, known, limits),
        *_pieces(draft, known, before),
        *_money(draft, known, before, limits, many=many),
        *_lengths(draft),
    ]


def _state(known: Known, before: Before, when: When) -> Iterator[Problem]:
    if before.stored:
        yield Problem("already_stored", "waybill")
    elif before.whole or (known.state == StateCode.SIGNED and not before.pieces):
        at = before.at or known.signed_at
        yield Problem("already_signed", "waybill", {"time": when.shown(at) if at else ""})
    if known.cancelled:
        yield Problem("cancelled", "waybill")
    if known.state in _STATES:
        yield Problem(_STATES[StateCode(known.state)], "waybill")


def _time(draft: SignDraft, known: Known, limits: Limits, when: When) -> Iterator[Problem]:
    if draft.signed_at > when.now:
        yield Problem("future", "signed_at")
    handed = known.of(*_HANDED, site_id=draft.site_id)
    if handed and draft.signed_at < handed[-1].at:
        yield Problem("before_delivery", "signed_at", {"time": when.shown(handed[-1].at)})
    if not handed and limits.delivery_first is not None:
        yield Problem("no_delivery", "waybill", clause=limits.delivery_first.clause)


def _signer(draft: SignDraft, limits: Limits) -> Iterator[Problem]:
    if draft.signer not in Signer.values:
        yield Problem("unknown_signer", "signer")
        return
    if draft.signer not in NAMELESS and not draft.signer_name.strip():
        yield Problem("name_missing", "signer_name")
    if draft.signer in STORES and not draft.place.strip():
        yield Problem("place_missing", "place")
    if draft.signer != Signer.SELF and limits.consent is not None and not consented(draft):
        yield Problem("consent_missing", "consent_by", clause=limits.consent.clause)


def consented(draft: SignDraft) -> bool:
    """Whether it says who agreed and how (R11)."""
    return bool(draft.consent_by.strip()) and draft.consent_how in Consent.values


def _courier(draft: SignDraft, known: Known, limits: Limits) -> Iterator[Problem]:
    handed = [one for one in known.of(ScanCode.DELIVER, site_id=draft.site_id) if one.courier]
    if limits.courier_matches is None or not handed or not draft.courier:
        return
    if draft.courier != handed[-1].courier:
        yield Problem("courier_differs", "courier", {"courier": handed[-1].courier}, limits.courier_matches.clause)


def _pieces(draft: SignDraft, known: Known, before: Before) -> Iterator[Problem]:
    if draft.situation not in Situation.values:
        yield Problem("unknown_situation", "situation")
        return
    left = known.pieces - before.pieces
    if draft.situation == Situation.PARTIAL:
        most = max(left - 1, 1)
        if not draft.pieces:
            yield Problem("pieces_missing", "pieces", {"count": known.pieces})
        elif not 1 <= draft.pieces <= most or known.pieces < 2:
            yield Problem("pieces_wrong", "pieces", {"most": most})
    elif draft.pieces and draft.pieces != left:
        yield Problem("pieces_wrong", "pieces", {"most": left})
    if draft.situation in ODD and not draft.note.strip():
        yield Problem("note_missing", "note")


def owed(known: Known) -> Decimal:
    """Yuan to be collected at the door: for the goods and for the freight."""
    return known.cod_amount + known.freight_amount


def _money(draft: SignDraft, known: Known, before: Before, limits: Limits, *, many: bool) -> Iterator[Problem]:
    """Money is collected with the first part; what goes into store must be paid before it does."""
    amounts = (draft.cod_collected, draft.freight_collected)
    if not all(amount.is_finite() and 0 <= amount <= MOST_YUAN for amount in amounts):
        yield Problem("bad_amount", "cod_collected")
        return
    if limits.paid_first is None or before.pieces:
        return
    if many and owed(known) > 0 and not any(amounts):
        yield Problem("collect_single", "cod_collected", {"owed": f"{owed(known):.2f}"})
        return
    pairs = (("cod_collected", known.cod_amount, amounts[0]), ("freight_collected", known.freight_amount, amounts[1]))
    for name, due, paid in pairs:
        if paid != due:
            params = {"owed": f"{due:.2f}", "paid": f"{paid:.2f}"}
            yield Problem("unpaid" if paid < due else "overpaid", name, params, limits.paid_first.clause)


def _lengths(draft: SignDraft) -> Iterator[Problem]:
    limits = {"signer_name": 40, "relation": 20, "place": 60, "consent_by": 60, "courier": 20, "note": 400}
    for name, most in limits.items():
        if len(getattr(draft, name)) > most:
            yield Problem("too_long", name)
