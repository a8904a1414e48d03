"""Every write of customers in hand (CONV1): taken, recognised, led through the moments, recorded, let go.

A telephone adapter starts one with ``Incoming`` too; until then an agent types the number.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.conversations import access, in_hand, matching
from kefu.conversations.errors import NeitherPhoneNorWaybill, ReasonTooShort, ReceptionEnded
from kefu.conversations.events import ReceptionChanged
from kefu.conversations.models import Reception
from kefu.conversations.rules import read_typed
from kefu.customers import actions as customers
from kefu.customers import queries as customer_queries
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Guide, Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.kernel.masking import phone_key
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

REMARK_LIMIT = 2000
NAME_LIMIT = 40
REASON_LENGTH = 4
# Without a tree of outcomes in the handbook the remark says how it ended.
REMARK_INSTEAD = 4
_TRIES = 4
_State = Reception.State


@dataclass(frozen=True, slots=True)
class Incoming:
    """A customer who wants to talk. ``typed`` is a number, a waybill, or a pasted line with both.

    ``external_id`` is the talk's id at its source and makes it once only. Without ``staff_id`` it is for who takes it.
    """

    typed: str = ""
    channel: str = "call"
    source: str = "console"
    external_id: str = ""
    staff_id: int | None = None
    ringing: bool = False


def reception_ref(reception: Reception) -> Ref:
    """How other records point at a reception; without number or name, which are personal data."""
    return Ref("reception", reception.pk, str(reception))


def book_of(reception: Reception) -> Handbook:
    """The handbook version the talk is led by."""
    return handbooks.book(reception.handbook)


def guide_of(reception: Reception) -> tuple[str, Guide] | None:
    """Key and guide of the talk; none in a handbook without one."""
    return book_of(reception).guide_for(reception.channel)


def start(*, actor: Actor, incoming: Incoming, now: datetime) -> Reception:
    """Take a customer in hand. One who is in hand already is put aside, not lost. The same talk again gives the same reception.

    Raises ``NeitherPhoneNorWaybill``, ``Invalid``, ``Denied``, ``NotInForce``.
    """
    people.require(actor, Permission.CASE_WORK)
    typed = read_typed(incoming.typed)
    if typed is None:
        raise NeitherPhoneNorWaybill(fields={"typed": NeitherPhoneNorWaybill.message})
    if incoming.channel not in ("call", "chat"):
        raise Invalid(fields={"channel": _("请选择电话或在线聊天。")})
    staff = _who(actor, incoming)
    source, external_id = incoming.source.strip()[:40], incoming.external_id.strip()[:120]
    if not source or not external_id:
        raise Invalid(fields={"external_id": _("缺少接待编号。")})
    book = handbooks.book_at(staff.site.handbook, now)
    for _try in range(_TRIES):
        if (known := Reception.objects.filter(source=source, external_id=external_id).first()) is not None:
            return _only_own(actor, known)
        row = Reception(
            source=source,
            external_id=external_id,
            channel=incoming.channel,
            site_id=staff.site_id,
            staff_id=staff.pk,
            handbook=f"{book.handbook}@{book.version}",
            state=_State.RINGING if incoming.ringing else _State.TALKING,
            waybill=typed.waybill,
            started_at=now,
            answered_at=None if incoming.ringing else now,
            **_number(staff.site_id, typed.phone),
        )
        try:
            with transaction.atomic():
                _put_aside(staff.pk, now)
                row.save(force_insert=True)
                audit.record(actor, "reception.started", reception_ref(row), now=now, site_id=row.site_id, data={"channel": row.channel})
                _tell(row, now)
        except IntegrityError:
            continue  # another one began at the same moment: put that aside
        return row
    raise Stale


def _who(actor: Actor, incoming: Incoming) -> Any:
    staff_id = incoming.staff_id or actor.staff_id
    if staff_id is None or (actor.kind == "staff" and staff_id != actor.staff_id):
        raise Denied(_("只能为自己开始接待。"))
    staff = people_queries.staff_for_session(staff_id)
    if staff is None or not actor.reaches(staff.site_id):
        raise NotFound
    return staff


def _only_own(actor: Actor, row: Reception) -> Reception:
    return access.get_reception(actor, row.pk)


def _number(site_id: int, phone: str) -> dict[str, Any]:
    key = phone_key(phone) if phone else None
    if key is None:
        return {"number": "", "number_index": "", "customer_id": None}
    owner = customer_queries.ids_by_contact(site_id, "phone", [phone]).get(phone)
    return {"number": phone.strip()[:40], "number_index": keyring().index("phone", key), "customer_id": owner}


def _put_aside(staff_id: int, now: datetime) -> None:
    for row in Reception.objects.filter(staff_id=staff_id, ended_at=None, parked_at=None):
        save_claimed(row, parked_at=now)
        _tell(row, now)


def _tell(row: Reception, now: datetime) -> None:
    event = ReceptionChanged(
        reception_id=row.pk, site_id=row.site_id, staff_id=row.staff_id, state=row.state, parked=row.parked_at is not None
    )
    outbox.emit(event, now=now)
    in_hand.forget(row.staff_id)


def _in_hand(actor: Actor, reception_id: int) -> Reception:
    row = access.get_reception(actor, reception_id)
    people.require(actor, Permission.CASE_WORK)
    if row.state == _State.ENDED:
        raise ReceptionEnded
    return row


def answer(*, actor: Actor, reception_id: int, now: datetime) -> Reception:
    """Pick up a ringing one; picked up twice is picked up once."""
    row = _in_hand(actor, reception_id)
    if row.state != _State.RINGING:
        return row
    with transaction.atomic():
        save_claimed(row, state=_State.TALKING, answered_at=now)
        _tell(row, now)
    return row


def take(*, actor: Actor, reception_id: int, now: datetime) -> Reception:
    """Take up again one of one's own that was put aside; the one in front is put aside instead."""
    row = _in_hand(actor, reception_id)
    if row.staff_id != actor.staff_id:
        raise Denied(_("只能接回自己的接待。"))
    if row.parked_at is None:
        return row
    with transaction.atomic():
        _put_aside(row.staff_id, now)
        save_claimed(row, parked_at=None)
        _tell(row, now)
    return row


@dataclass(frozen=True, slots=True)
class Known:
    """What the customer said about themselves; ``None`` leaves a thing as it is."""

    name: str | None = None
    phone: str | None = None
    waybill: str | None = None


def identify(*, actor: Actor, reception_id: int, known: Known, now: datetime) -> Reception:
    """Note who it is. With a number and a name the site remembers the customer, if the agent may."""
    row = _in_hand(actor, reception_id)
    changes: dict[str, Any] = {}
    if known.name is not None:
        changes["caller_name"] = known.name.replace("\0", "").strip()[:NAME_LIMIT]
    if known.phone is not None:
        changes |= _given_phone(row.site_id, known.phone)
    if known.waybill is not None:
        changes["waybill"] = _given_waybill(known.waybill)
    changes = {name: value for name, value in changes.items() if getattr(row, name) != value}
    name = changes.get("caller_name", row.caller_name)
    number, owner = changes.get("number", row.number), changes.get("customer_id", row.customer_id)
    with transaction.atomic():
        if owner is None and name and number and actor.may(Permission.CUSTOMER_EDIT):
            found = customers.find_or_create(actor=actor, site_id=row.site_id, name=name, phone=number, now=now)
            changes["customer_id"] = found.pk
        if changes:
            save_claimed(row, **changes)
            data = {"fields": sorted(set(changes) - {"number_index"})}
            audit.record(actor, "reception.identified", reception_ref(row), now=now, site_id=row.site_id, data=data)
    return row


def _given_phone(site_id: int, text: str) -> dict[str, Any]:
    found = read_typed(text)
    if found is None or (text.strip() and not found.phone):
        raise Invalid(fields={"phone": _("请填写有效的电话号码。")})
    return _number(site_id, found.phone)


def _given_waybill(text: str) -> str:
    found = read_typed(text)
    # Eleven digits may be a telephone number as well as a waybill: in this field they are a waybill.
    number = (found.waybill or "".join(found.phone.split())) if found is not None else ""
    if text.strip() and not number:
        raise Invalid(fields={"waybill": _("请填写有效的运单号。")})
    return number.upper()[:40]


def pass_moment(*, actor: Actor, reception_id: int, moment: str, now: datetime, said: bool = True) -> Reception:
    """Tick a moment of the guide: said, at this time; ``said=False`` takes it back. The audit has the times when the talk ends."""
    row = _in_hand(actor, reception_id)
    guide = guide_of(row)
    if guide is None or guide[1].moment(moment) is None:
        raise NotFound
    if said == (moment in row.passed):
        return row
    passed = {key: at for key, at in row.passed.items() if key != moment}
    if said:
        passed[moment] = now.isoformat()
    save_claimed(row, passed=passed)
    return row


def choose(*, actor: Actor, reception_id: int, branch: str, now: datetime) -> Reception:
    """What the customer wants, by one click; everything up to the moment of choosing is passed with it."""
    row = _in_hand(actor, reception_id)
    guide = guide_of(row)
    wanted = guide[1].branch(branch) if guide else None
    if guide is None or wanted is None:
        raise NotFound
    passed = dict(row.passed)
    places = [place for place, one in enumerate(guide[1].moments) if one.choose]
    for one in guide[1].moments[: places[0] + 1] if places else ():
        passed.setdefault(one.id, now.isoformat())
    save_claimed(row, branch=branch, kind=wanted.kind, passed=passed)
    return row


def end_talk(*, actor: Actor, reception_id: int, now: datetime) -> Reception:
    """The customer has hung up: the time for the record begins (话后整理), as long as the handbook gives."""
    row = _in_hand(actor, reception_id)
    if row.state == _State.WRAP_UP:
        return row
    guide = guide_of(row)
    due = now + guide[1].wrap_up if guide else None
    warn = due - guide[1].warn_before if guide and due and guide[1].warn_before else None
    clause = str(book_of(row).ref(f"guides.{guide[0]}")) if guide else ""
    with transaction.atomic():
        save_claimed(row, state=_State.WRAP_UP, talk_ended_at=now, wrap_due_at=due, wrap_warn_at=warn)
        audit.record(actor, "reception.talk_ended", reception_ref(row), now=now, site_id=row.site_id, clause=clause)
        _tell(row, now)
    return row


def keep(*, actor: Actor, reception_id: int, remark: str | None = None, disposition: str | None = None) -> None:
    """Keep what is being typed, so that nothing is lost by a reload or the end of a session. It claims nothing and is not audited."""
    row = access.get_reception(actor, reception_id)
    changes: dict[str, str] = {}
    if remark is not None:
        changes["remark"] = remark.replace("\0", "")[:REMARK_LIMIT]
    if disposition is not None and (not disposition or outcome(book_of(row), disposition)):
        changes["disposition"] = disposition
    if changes:
        Reception.objects.filter(pk=row.pk).exclude(state=_State.ENDED).update(**changes)


def outcome(book: Handbook, code: str) -> str:
    """Clause id of an outcome written ``delay.urged``; empty when the handbook has none such."""
    key, _dot, one = code.partition(".")
    clause = f"dispositions.{key}.outcomes.{one}"
    return clause if one and book.clause(clause) is not None else ""


def finish(*, actor: Actor, reception_id: int, disposition: str, remark: str, now: datetime) -> Reception:
    """Let the customer go. How it ended must be said, by an outcome of the handbook (会话小结); a handbook without any wants a remark."""
    row = _in_hand(actor, reception_id)
    book, code, text = book_of(row), disposition.strip(), remark.replace("\0", "").strip()
    clause = outcome(book, code)
    wrong: dict[str, Any] = {}
    if book.dispositions and not clause:
        wrong["disposition"] = _("请选择接待结果。")
    if not book.dispositions and len(text) < REMARK_INSTEAD:
        wrong["remark"] = _("请用几个字写明结果。")
    if len(text) > REMARK_LIMIT:
        wrong["remark"] = _("备注过长，请控制在 2000 字以内。")
    if wrong:
        raise Invalid(fields=wrong)
    late = row.wrap_due_at is not None and now > row.wrap_due_at
    with transaction.atomic():
        save_claimed(
            row,
            state=_State.ENDED,
            disposition=code if clause else "",
            remark=text,
            answered_at=row.answered_at or now,
            talk_ended_at=row.talk_ended_at or now,
            ended_at=now,
            parked_at=None,
        )
        data = {"disposition": row.disposition, "passed": row.passed, "late": late, "staff": row.staff_id}
        reference = str(book.ref(clause)) if clause else ""
        if row.conversation_id is not None:
            matching.pass_on(actor=actor, reception=row, now=now)
        audit.record(actor, "reception.finished", reception_ref(row), now=now, site_id=row.site_id, clause=reference, data=data)
        _tell(row, now)
    return row


def tie(*, actor: Actor, reception: Reception, about_kind: str, about_id: int, now: datetime) -> None:
    """Note what the talk led to; in the caller's transaction."""
    if (reception.about_kind, reception.about_id) == (about_kind, about_id):
        return
    if reception.about_id is not None:
        raise Conflict(_("这次接待已归入另一张工单，请在那张工单上关联。"), code="reception_tied")
    save_claimed(reception, about_kind=about_kind, about_id=about_id)
    data = {"kind": about_kind, "id": about_id}
    audit.record(actor, "reception.tied", reception_ref(reception), now=now, site_id=reception.site_id, data=data)


def read_number(*, actor: Actor, reception_id: int, reason: str, now: datetime) -> str:
    """The number in the clear. Needs a reason; every time is logged (SEC1, SEC3)."""
    row = access.get_reception(actor, reception_id)
    people.require(actor, Permission.PERSONAL_UNMASK)
    if len(reason.strip()) < REASON_LENGTH:
        raise ReasonTooShort(fields={"reason": _("请写明查看原因。")}, length=REASON_LENGTH)
    data = {"reason": reason.strip()[:200]}
    audit.record(actor, "reception.unmasked", reception_ref(row), now=now, site_id=row.site_id, data=data)
    return row.number
