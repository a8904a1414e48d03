"""Which entries cannot be taken, and what is worth a second look. Pure (O9, R18, R19, R19a)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from unicodedata import normalize

from django.utils.translation import gettext as _

from kefu.handbook.settings import Setting
from kefu.kernel.chinese import normalise
from kefu.kernel.masking.phones import read_phone
from kefu.parcels.vocabulary import Payment, Scope
from kefu.parcels.waybills import clean_waybill
from kefu.station.areas.queries import Answer
from kefu.station.areas.vocabulary import Verdict
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.findings import Finding
from kefu.station.entry.limits import Limits, number, words
from kefu.station.entry.weights import underpaid, weighed

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LEAST_REASON = 4
MOST_PIECES_NUMBERED = 999


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a waybill when it is entered. ``taken``: who entered it, when; ``void``: why the number must not be used.

    ``collected_on`` is the local day of ``collected_at``; ``province`` that of the sending site.
    """

    taken: tuple[str, str] | None = None
    void: str | None = None
    collected_at: datetime | None = None
    collected_on: date | None = None
    collected_weight: Decimal | None = None
    hub_weight: Decimal | None = None
    answer: Answer | None = None
    province: str = ""


def is_phone(text: str) -> bool:
    """A mobile number by ``1[3-9]`` and nine more digits, or a landline with its area code; an extension may follow."""
    phone = read_phone(text)
    return phone is not None and (bool(phone.area) or _MOBILE.fullmatch(phone.body) is not None)


def findings(draft: EntryDraft, standing: Standing, limits: Limits, *, now: datetime, today: date) -> list[Finding]:
    """Everything wrong or doubtful, refusals first, in the order of the form. ``draft.waybill`` is clean."""
    found = [
        *_number(draft, standing),
        *_day(draft, standing, limits, now=now, today=today),
        *_people(draft),
        *_place(draft, standing, limits),
        *_goods(draft, standing, limits),
        *_money(draft, limits),
    ]
    return sorted(found, key=lambda one: not one.refuses)


def _number(draft: EntryDraft, standing: Standing) -> Iterator[Finding]:
    if standing.taken is not None:
        yield Finding("entry_taken", params={"by": standing.taken[0], "at": standing.taken[1]})
    if standing.void is not None:
        yield Finding("entry_void", params={"reason": standing.void})
    if draft.pieces > 1 and not draft.sub_waybills:
        yield Finding("entry_no_subs", False, {"pieces": draft.pieces})
    if draft.receipt_no and not draft.receipt_kind:
        yield Finding("entry_receipt")
    if len(draft.receipt_no.strip()) > 40:
        yield Finding("entry_receipt_no")


def _day(draft: EntryDraft, standing: Standing, limits: Limits, *, now: datetime, today: date) -> Iterator[Finding]:
    if draft.sent_on > today:
        yield Finding("entry_future")
    elif (most := limits.days_back_most) is not None and draft.sent_on < today - timedelta(days=most.number):
        yield Finding("entry_too_old", params={"days": _plain(most.number), "clause": most.clause})
    if (collected := standing.collected_at) is None:
        return
    hours = (now - collected) / timedelta(hours=1)
    if (late := limits.late_hours) is not None and hours > late.number:
        yield Finding("entry_late", False, {"hours": int(hours), "clause": late.clause})
    if standing.collected_on is not None and draft.sent_on > standing.collected_on:
        yield Finding("entry_after", False, {"collected": f"{standing.collected_on}"})


def _people(draft: EntryDraft) -> Iterator[Finding]:
    if not draft.sender.name.strip() and not draft.sender.company.strip():
        yield Finding("entry_no_sender")
    if not is_phone(draft.sender.phone):
        yield Finding("entry_sender_phone")
    if not draft.receiver.name.strip() and not draft.receiver.company.strip():
        yield Finding("entry_no_receiver")
    if not is_phone(draft.receiver.phone):
        yield Finding("entry_receiver_phone")
    if not draft.collector.strip():
        yield Finding("entry_no_collector")


def _place(draft: EntryDraft, standing: Standing, limits: Limits) -> Iterator[Finding]:
    """The destination: whether it is one, who delivers there, what the sender must have been told."""
    if not draft.receiver.address.strip():
        yield Finding("entry_no_address")
        return
    if draft.scope == Scope.OVERSEAS:
        return
    answer = standing.answer
    if answer is None:
        return
    if not answer.region.province:
        yield Finding("entry_ambiguous" if answer.region.district else "entry_address")
        return
    if draft.deliver_site_id is None:
        yield Finding("entry_no_site")
    yield from _told(draft, standing, answer, limits)


def _told(draft: EntryDraft, standing: Standing, answer: Answer, limits: Limits) -> Iterator[Finding]:
    area = f"{answer.area.site} {answer.area.name}" if answer.area else ""
    verdict = str(Verdict(answer.verdict).label)
    if answer.verdict == Verdict.UNKNOWN:
        yield Finding("entry_area_unknown", False)
    elif answer.verdict == Verdict.PARTLY:
        yield Finding("entry_area_partly", False, {"area": area})
    elif answer.verdict != Verdict.HOME:
        refusing = limits.refuse_provinces
        if answer.verdict == Verdict.NONE and refusing is not None and standing.province in words(refusing):
            told = {"verdict": verdict, "area": area, "province": standing.province, "clause": refusing.clause}
            yield Finding("entry_unserved", params=told)
        elif _on(limits.must_be_told) and not draft.told:
            yield Finding("entry_not_told", params={"verdict": verdict, "area": area, "clause": _clause(limits.must_be_told)})
    if answer.area is not None and answer.area.surcharge and answer.served and _on(limits.must_be_told) and not draft.told:
        told = {"yuan": f"{answer.area.surcharge:f}", "area": area, "clause": _clause(limits.must_be_told)}
        yield Finding("entry_surcharge", params=told)


def _goods(draft: EntryDraft, standing: Standing, limits: Limits) -> Iterator[Finding]:
    if not draft.goods.strip():
        yield Finding("entry_no_goods")
    elif (word := banned_word(draft.goods, limits)) is not None:
        yield Finding("entry_banned", params={"word": word, "clause": _clause(limits.words)})
    if draft.weight is None or not draft.weight.is_finite() or draft.weight <= 0:
        yield Finding("entry_no_weight")
    size = (draft.length, draft.width, draft.height)
    if any(side is not None for side in size) and not all(side is not None and side.is_finite() and side > 0 for side in size):
        yield Finding("entry_size")
    elif draft.weight is not None and draft.weight.is_finite():
        yield from _scales(draft, standing, limits)
    if _on(limits.id_required) and not draft.id_verified:
        yield Finding("entry_id", params={"clause": _clause(limits.id_required)})


def _scales(draft: EntryDraft, standing: Standing, limits: Limits) -> Iterator[Finding]:
    both = weighed(
        draft.weight, (draft.length, draft.width, draft.height), divisor=number(limits.volume_divisor), step=number(limits.weight_step)
    )
    more = underpaid(both.billed, standing.hub_weight, kilograms=number(limits.under_kilograms), share=number(limits.under_share))
    if more:
        told = {"hub": _plain(standing.hub_weight), "more": _plain(more), "clause": _clause(limits.under_kilograms)}
        yield Finding("entry_under", False, told)
    if standing.collected_weight is not None and draft.weight != standing.collected_weight:
        yield Finding("entry_scale", False, {"collected": _plain(standing.collected_weight)})


def _money(draft: EntryDraft, limits: Limits) -> Iterator[Finding]:
    if draft.payment == Payment.RECEIVER and draft.freight_amount <= 0:
        yield Finding("entry_freight")
    elif draft.payment != Payment.RECEIVER and draft.freight_amount > 0:
        yield Finding("entry_freight_extra")
    collects = draft.payment == Payment.RECEIVER or draft.cod_amount > 0 or draft.freight_amount > 0
    if collects and (route := _barred(draft, limits)) is not None:
        yield Finding("entry_money_route", params={"route": route[0], "clause": route[1].clause})
    if (most := limits.cod_most) is not None and draft.cod_amount > Decimal(str(most.number)):
        yield Finding("entry_cod_most", params={"most": _plain(most.number), "clause": most.clause})
    if (most := limits.insured_most) is not None and draft.insured_amount > Decimal(str(most.number)):
        yield Finding("entry_insured_most", params={"most": _plain(most.number), "clause": most.clause})
    if (draft.insurance_fee or 0) > 0 and draft.insured_amount <= 0:
        yield Finding("entry_no_insured")


def _barred(draft: EntryDraft, limits: Limits) -> tuple[str, Setting] | None:
    """Why no money may be collected on this route, and what says so."""
    if limits.scopes is not None and draft.scope not in words(limits.scopes):
        return str(Scope(draft.scope).label) if draft.scope in Scope.values else draft.scope, limits.scopes
    if limits.postal is not None and not limits.postal.value and draft.postal:
        return str(_("邮政件")), limits.postal
    own = words(limits.own_carriers)
    if limits.other_carriers is not None and not limits.other_carriers.value and own and draft.carrier and draft.carrier not in own:
        return str(_("交外部快递的件")), limits.other_carriers
    return None


def banned_word(goods: str, limits: Limits) -> str | None:
    """The word of the banned list that the goods' name holds; a longer allowed word around it takes it out."""
    text = normalise(normalize("NFKC", goods), squeeze=True).text
    for fine in sorted(words(limits.allowed), key=len, reverse=True):
        text = text.replace(fine.lower(), "□")
    return next((word for word in sorted(words(limits.words), key=len, reverse=True) if word.lower() in text), None)


def insurance_fee(insured: Decimal, limits: Limits) -> Decimal:
    """The fee for an insured amount by the stated rate, in yuan, at least the stated least; 0 when nothing is insured or stated."""
    rate = number(limits.insured_rate)
    if insured <= 0 or rate is None:
        return Decimal(0)
    least = Decimal(str(number(limits.insured_least_fee) or 0))
    return max(insured * Decimal(str(rate)), least).quantize(Decimal("0.01"))


def piece_numbers(text: str) -> tuple[str, ...]:
    """Numbers of pieces as somebody writes them: parted by blanks or commas, or a run ``10000001-10000003``."""
    found: list[str] = []
    for part in re.split(r"[\s,，、;；]+", normalize("NFKC", text).strip()):
        first, dash, last = part.partition("-")
        if (
            dash
            and first.isdecimal()
            and last.isdecimal()
            and len(first) == len(last)
            and 0 <= int(last) - int(first) < MOST_PIECES_NUMBERED
        ):
            found += [str(value).zfill(len(first)) for value in range(int(first), int(last) + 1)]
        elif part:
            found.append(clean_waybill(part))
    return tuple(found[:MOST_PIECES_NUMBERED])


def _on(value: Setting | None) -> bool:
    return value is not None and bool(value.value)


def _clause(value: Setting | None) -> str:
    return value.clause if value is not None else ""


def _plain(value: Decimal | float | None) -> str:
    return f"{Decimal(str(value)).normalize():f}" if value is not None else ""
