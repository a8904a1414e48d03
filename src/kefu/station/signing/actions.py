"""Every write of signing; recording is in a file beside (OPS3, O10)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone

from kefu.kernel import audit, files
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import NotFound, Stale
from kefu.kernel.files import Download
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.known import known_of
from kefu.parcels.vocabulary import ScanCode
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.signing import access
from kefu.station.signing.errors import SignRefused, StageRefused, TooManyProofs
from kefu.station.signing.models import SignEdit, SignOff, SignProof
from kefu.station.signing.reasons import Problem
from kefu.station.signing.recording import MOST_AT_ONCE, Outcome, Refused, announce, sign, sign_many, unnumbered
from kefu.station.signing.rules import MOST_YUAN
from kefu.station.signing.words import NAMELESS, ODD, Consent, Signer, Situation, Stage

__all__ = ["MOST_AT_ONCE", "Outcome", "Refused", "attach", "change", "hand_out", "proof", "sign", "sign_many", "undo"]

CHANGEABLE = ("signer_name", "relation", "situation", "place", "consent_by", "consent_how", "cod_collected", "freight_collected", "note")
MOST_PROOFS = 8
_LONGEST = {"signer_name": 40, "relation": 20, "place": 60, "consent_by": 60, "note": 400}


def hand_out(*, actor: Actor, sign_off_id: int, version: int, out_at: datetime, now: datetime) -> SignOff:
    """The parcel was taken out of locker, station or shop: the signature now (O10). Raises ``SignRefused``, ``StageRefused``, ``Stale``."""
    people.require(actor, Permission.PARCEL_SCAN)
    row = _claimed(actor, sign_off_id, version)
    if row.stage != Stage.STORED:
        raise StageRefused("not_stored")
    if out_at > now:
        raise SignRefused([Problem("future", "out_at")])
    if out_at < row.signed_at:
        shown = timezone.localtime(row.signed_at).strftime("%m-%d %H:%M")
        raise SignRefused([Problem("out_before_in", "out_at", {"time": shown})])
    me = people_queries.me(actor) if actor.own_id else None
    with transaction.atomic():
        save_claimed(row, stage=Stage.SIGNED, out_at=out_at)
        scan = ScanDraft(
            waybill=row.piece or row.waybill,
            code=ScanCode.OUT_STORE,
            site_id=row.site_id,
            scanned_at=out_at,
            operator=me.staff_no if me else "",
            courier=row.courier,
            external_id="sign_off",
            piece=unnumbered(row),
        )
        parcels.record_scans(actor=actor, batch=[scan], now=now)
        _edit(actor, row, "out", {"out_at": ["", out_at.isoformat()]}, now)
        announce(actor, [row], "out", now)
    return row


def change(*, actor: Actor, sign_off_id: int, version: int, changes: Mapping[str, Any], now: datetime) -> SignOff:
    """Correct what was entered; every change is kept with who and when. Time and signer type are for undo and a new entry.

    Raises ``SignRefused`` by field, ``StageRefused`` for an undone one, ``Stale``.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    row = _claimed(actor, sign_off_id, version)
    if row.stage == Stage.UNDONE:
        raise StageRefused("undo_gone")
    wanted = {name: _clean(name, value) for name, value in changes.items() if name in CHANGEABLE}
    new = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not new:
        raise StageRefused("nothing_changed")
    if wrong := _wrong(row, new):
        raise SignRefused(wrong)
    old = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in new.items()}
    with transaction.atomic():
        save_claimed(row, **new)
        _edit(actor, row, "changed", old, now)
        announce(actor, [row], "changed", now)
    return row


def _clean(name: str, value: Any) -> Any:
    if name in ("cod_collected", "freight_collected"):
        try:
            return Decimal(str(value or 0)).quantize(Decimal("0.01"))
        except InvalidOperation as error:
            raise SignRefused([Problem("bad_amount", name)]) from error
    return str(value).replace("\0", "").strip()


def _wrong(row: SignOff, new: Mapping[str, Any]) -> list[Problem]:
    value = {name: new.get(name, getattr(row, name)) for name in CHANGEABLE}
    found = [Problem("too_long", name) for name, most in _LONGEST.items() if len(value[name]) > most]
    if value["situation"] not in Situation.values or (Situation.PARTIAL in (value["situation"], row.situation) and "situation" in new):
        found.append(Problem("unknown_situation", "situation"))
    if value["consent_how"] and value["consent_how"] not in Consent.values:
        found.append(Problem("consent_missing", "consent_how"))
    if row.consent_by and row.signer != Signer.SELF and not (value["consent_by"] and value["consent_how"]):
        found.append(Problem("consent_missing", "consent_by"))
    if row.signer not in NAMELESS and not value["signer_name"]:
        found.append(Problem("name_missing", "signer_name"))
    if value["situation"] in ODD and not value["note"]:
        found.append(Problem("note_missing", "note"))
    found += [Problem("bad_amount", name) for name in ("cod_collected", "freight_collected") if not 0 <= value[name] <= MOST_YUAN]
    return found


def _plain(value: Any) -> str:
    return str(value)


def undo(*, actor: Actor, sign_off_id: int, version: int, reason: str, now: datetime) -> SignOff:
    """Take a sign-off back, with the reason; its scans become void and the parcel's state follows (SIGN_UNDO, O10).

    Raises ``SignRefused`` without a reason, ``StageRefused`` when it is undone already, ``Stale``.
    """
    people.require(actor, Permission.SIGN_UNDO)
    row = _claimed(actor, sign_off_id, version)
    why = reason.replace("\0", "").strip()[:200]
    if row.stage == Stage.UNDONE:
        raise StageRefused("undo_gone")
    if not why:
        raise SignRefused([Problem("undo_reason", "reason")])
    with transaction.atomic():
        stage = str(row.stage)
        save_claimed(row, stage=Stage.UNDONE, undone_at=now, undone_by=actor.name[:80], undone_why=why)
        if scans := _scan_ids(row):
            parcels.void_scans(actor=actor, scan_ids=scans, reason=why, now=now)
        _edit(actor, row, "undone", {"stage": [stage, str(Stage.UNDONE.value)], "reason": ["", why]}, now)
        announce(actor, [row], "undone", now)
    return row


def _scan_ids(row: SignOff) -> list[int]:
    known = known_of([row.waybill])[row.waybill]
    piece = row.piece or unnumbered(row)
    made = {(row.scan_code, row.scanned_at)} | ({(ScanCode.OUT_STORE.value, row.out_at)} if row.out_at else set())
    return [one.id for one in known.scans if (one.code, one.at) in made and one.site_id == row.site_id and one.piece == piece]


def _claimed(actor: Actor, sign_off_id: int, version: int) -> SignOff:
    row = access.get_for(actor, sign_off_id)
    if row.version != version:
        raise Stale
    return row


def _edit(actor: Actor, row: SignOff, what: str, changes: Mapping[str, Sequence[str]], now: datetime) -> None:
    text = json.dumps(changes, ensure_ascii=False)
    SignEdit.objects.create(sign_off=row, at=now, by=actor.name[:80], what=what, changes=text)


def attach(*, actor: Actor, sign_off_id: int, name: str, content: bytes, content_type: str, now: datetime) -> SignProof:
    """Keep a picture with the sign-off; the same one under the same name is kept once. Raises ``FileRefused``, ``TooManyProofs``."""
    people.require(actor, Permission.PARCEL_SCAN)
    row = access.get_for(actor, sign_off_id)
    digest, cleaned = files.digest_of(content), files.clean_name(name)
    known = SignProof.objects.filter(sign_off=row, sha256=digest, name=cleaned).first()
    if known is not None:
        return known
    if SignProof.objects.filter(sign_off=row).count() >= MOST_PROOFS:
        raise TooManyProofs(most=MOST_PROOFS)
    kept = files.keep(name, content)
    with transaction.atomic():
        made = SignProof.objects.create(
            sign_off=row,
            name=kept.name,
            size=kept.size,
            sha256=kept.sha256,
            stored_as=kept.stored_as,
            content_type=content_type[:100],
            added_at=now,
            added_by=actor.name[:80],
        )
        audit.record(actor, "sign_off.proof_added", Ref("sign_off", row.pk, row.waybill), now=now, site_id=row.site_id)
    return made


def proof(*, actor: Actor, sign_off_id: int, proof_id: int, now: datetime) -> Download:
    """A picture's content, checked against its hash; the read is audited (SEC3)."""
    row = access.get_for(actor, sign_off_id)
    found = SignProof.objects.filter(pk=proof_id, sign_off=row).first()
    if found is None:
        raise NotFound
    content = files.load(found.stored_as, found.sha256)
    audit.record(actor, "sign_off.proof_read", Ref("sign_off", row.pk, row.waybill), now=now, site_id=row.site_id, data={"proof": found.pk})
    return Download(found.name, content)
