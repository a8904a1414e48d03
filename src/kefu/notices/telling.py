"""Makes notices of what happened to cases: at most one for an entry, by the customer's chosen way, in the caller's transaction (CASE5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.customers import queries as customers
from kefu.customers.queries import Reach
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.models import AuditEntry
from kefu.notices import rules
from kefu.notices.channels import senders
from kefu.notices.events import NoticeChanged
from kefu.notices.models import Notice, Preference
from kefu.notices.moments import Moment
from kefu.notices.terms import Terms, terms_of
from kefu.notices.vocabulary import CONTACT_OF, Channel, Reason, State
from kefu.people import queries as people

TELLER = Actor.system("customer-notices")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a customer will be told: the template, the text, by which way, and why nobody can send it (``reason``), if so."""

    template: str
    clause: str
    text: str
    channel: str
    state: str
    reason: str = ""
    detail: str = ""


def draft(moment: Moment, book: Handbook, reach: Reach, chosen: Preference | None) -> Draft | None:
    """The notice of a moment, not kept; ``None`` when the handbook has nothing to say at it."""
    found = book.notice_for(kind=moment.kind, step=moment.step, events=moment.events)
    if found is None:
        return None
    key, template = found
    text, blanks = rules.fill(template.text, _values(moment, book, reach))
    channel = chosen.channel if chosen else terms_of(book).default_channel
    state, reason = _standing(channel, reach, opted_out=bool(chosen and chosen.opted_out), blanks=bool(blanks))
    return Draft(key, str(book.ref(f"notices.{key}")), text, channel, state, reason, " ".join(blanks)[:200])


def _standing(channel: str, reach: Reach, *, opted_out: bool, blanks: bool) -> tuple[str, str]:
    if opted_out:
        return State.SKIPPED, Reason.OPTED_OUT
    if blanks:
        return State.PERSON, Reason.BLANK
    if channel == Channel.PHONE:
        return State.PERSON, Reason.PHONE
    if not reach.contacts.get(CONTACT_OF[channel]):
        return State.PERSON, Reason.NO_ADDRESS
    if channel not in senders():
        return State.PERSON, Reason.NO_CHANNEL
    return State.QUEUED, ""


def _values(moment: Moment, book: Handbook, reach: Reach) -> Mapping[str, str]:
    site = people.sites_by_id()[moment.site_id]
    kind = book.kinds[moment.kind].title if moment.kind in book.kinds else moment.kind
    return {"customer_name": reach.name or "客户", "site_name": site.name, "kind": kind, **moment.values}


def tell_of(moments: Sequence[Moment], *, now: datetime) -> int:
    """Make the notices of these moments that are not made yet; returns how many. Called again with the same moments it makes none."""
    if not moments:
        return 0
    known = set(Notice.objects.filter(entry_id__in=[one.entry_id for one in moments]).values_list("case_id", "entry_id"))
    fresh = [one for one in moments if (one.case_id, one.entry_id) not in known]
    books = {one.handbook: handbooks.book(one.handbook) for one in fresh}
    fresh = [one for one in fresh if books[one.handbook].notice_for(kind=one.kind, step=one.step, events=one.events)]
    if not fresh:
        return 0
    ids = {one.customer_id for one in fresh}
    reached, chosen = customers.reach_of(ids), Preference.objects.in_bulk(ids)
    rows = []
    for one in fresh:
        book = books[one.handbook]
        made = draft(one, book, reached.get(one.customer_id, Reach("", {})), chosen.get(one.customer_id))
        if made is not None:
            rows.append(_row(one, made, terms_of(book), now))
    Notice.objects.bulk_create(rows)
    audit.record_many([_traced(row, now) for row in rows])
    if settled := [changed(row) for row in rows if row.state != State.QUEUED]:
        outbox.emit_many(settled, now=now)
    return len(rows)


def _row(moment: Moment, made: Draft, terms: Terms, now: datetime) -> Notice:
    return Notice(
        site_id=moment.site_id,
        customer_id=moment.customer_id,
        case_id=moment.case_id,
        entry_id=moment.entry_id,
        template=made.template,
        clause=made.clause,
        channel=made.channel,
        state=made.state,
        reason=made.reason,
        detail=made.detail,
        text=made.text,
        made_at=now,
        due_at=terms.from_when(now) if made.state == State.QUEUED else None,
        updated_at=now,
    )


def _traced(row: Notice, now: datetime) -> AuditEntry:
    data = {"case": row.case_id, "state": row.state, "channel": row.channel, "reason": row.reason}
    return audit.entry(TELLER, "notice.made", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=data)


def ref(row: Notice) -> Ref:
    """How other records point at a notice."""
    return Ref("notice", row.pk, f"N{row.pk}")


def changed(row: Notice) -> NoticeChanged:
    """The event that a notice is where it is."""
    return NoticeChanged(notice_id=row.pk, case_id=row.case_id, site_id=row.site_id, state=row.state)
