"""Reads of notices for screens; texts come out masked (CASE5, SEC1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import QuerySet

from kefu.customers import access as customer_access
from kefu.customers import queries as customers
from kefu.customers.queries import Reach
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.reader.words import english
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_name, mask_text
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.notices import access
from kefu.notices.channels import senders
from kefu.notices.models import Notice, Preference
from kefu.notices.moments import Moment
from kefu.notices.telling import Draft, draft
from kefu.notices.terms import terms_of
from kefu.notices.vocabulary import State
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

WAITING = "waiting"
"""Filter value for all a person has to do something about: to be told by hand, and failed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notices: by state (or ``WAITING``), channel, case, site, day made."""

    state: str = ""
    channel: str = ""
    case_id: int | None = None
    site_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice; ``text`` is masked, ``customer`` the masked name, ``title`` that of the template, ``demo``: its channel reaches nobody."""

    id: int
    site_id: int
    site: str
    case_id: int
    customer_id: int
    customer: str
    title: str
    clause: str
    channel: str
    state: str
    reason: str
    detail: str
    text: str
    tries: int
    made_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    told_by: str
    receipt: str
    demo: bool
    version: int


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Notice]:
    """Notices of a filter, in reach."""
    found = access.visible_to(actor)
    if wanted.state == WAITING:
        found = found.filter(state__in=[State.PERSON, State.FAILED])
    exact = {
        "state": "" if wanted.state == WAITING else wanted.state, "channel": wanted.channel, "case_id": wanted.case_id,
        "site_id": wanted.site_id,
    }  # fmt: skip
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(**on_days("made_at", wanted.day_from, wanted.day_to))


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[NoticeRow]:
    """A page of notices, newest first."""
    people_access.require(actor, Permission.NOTICE_VIEW)
    found = keyset_page(rows(actor, wanted), [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page(_listed(found.rows), found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def get(actor: Actor, notice_id: int) -> NoticeRow:
    """One notice in reach, or ``NotFound``."""
    return _listed([access.get_for(actor, notice_id)])[0]


def of_case(actor: Actor, case_id: int, *, size: int = 6) -> list[NoticeRow]:
    """The newest notices of a case in reach."""
    return _listed(access.visible_to(actor).filter(case_id=case_id).order_by("-pk")[:size])


def _listed(found: Sequence[Notice] | QuerySet[Notice]) -> list[NoticeRow]:
    listed = list(found)
    reached, sites = customers.reach_of({one.customer_id for one in listed}), people.sites_by_id()
    return [_row(one, reached[one.customer_id].name, sites[one.site_id].name) for one in listed]


def masked(text: str, name: str) -> str:
    """A text as screens show it: numbers and the customer's own name masked."""
    return mask_text(text.replace(name, mask_name(name)) if name else text)


def _row(one: Notice, customer: str, site: str) -> NoticeRow:
    sender = senders().get(one.channel)
    return NoticeRow(
        id=one.pk, site_id=one.site_id, site=site, case_id=one.case_id, customer_id=one.customer_id,
        customer=mask_name(customer) or f"C{one.customer_id}",
        title=template_title(one.clause, one.template), clause=one.clause, channel=one.channel, state=one.state, reason=one.reason,
        detail=mask_text(one.detail), text=masked(one.text, customer), tries=one.tries, made_at=one.made_at, due_at=one.due_at,
        sent_at=one.sent_at, told_by=one.told_by, receipt=one.receipt,
        demo=bool(sender and sender.demo and not one.told_by and one.state == State.SENT), version=one.version,
    )  # fmt: skip


def template_title(clause: str, key: str) -> str:
    """What a template was called in the version that sent it."""
    try:
        found = handbooks.book_of(clause).notices.get(key)
    except HandbookNotFound:
        return key
    return found.name("en" if english() else "zh") if found else key


@dataclass(frozen=True, slots=True)
class Told:
    """What the case hears of a notice: its state and reason, by which way, who told, the template; ``text`` with the name masked."""

    id: int
    case_id: int
    site_id: int
    state: str
    reason: str
    channel: str
    template: str
    clause: str
    told_by: str
    text: str


def told(notice_id: int) -> Told | None:
    """A notice for the timeline of its case; for reactions."""
    one = Notice.objects.filter(pk=notice_id).first()
    if one is None:
        return None
    text = masked(one.text, customers.reach_of([one.customer_id])[one.customer_id].name)
    return Told(one.pk, one.case_id, one.site_id, one.state, one.reason, one.channel, one.template, one.clause, one.told_by, text)


@dataclass(frozen=True, slots=True)
class Choice:
    """How a customer is told: the chosen way, or the handbook's default (``chosen`` false); ``version`` -1 when nothing was chosen."""

    channel: str
    chosen: bool
    opted_out: bool
    consent: str
    set_by: str
    set_at: datetime | None
    version: int
    clause: str


def choice(actor: Actor, customer_id: int, *, now: datetime) -> Choice:
    """The choice of a customer in reach."""
    customer = customer_access.get_for(actor, customer_id)
    book = handbooks.book_at(people.sites_by_id()[customer.site_id].handbook, now)
    terms = terms_of(book)
    row = Preference.objects.filter(pk=customer_id).first()
    if row is None:
        return Choice(terms.default_channel, False, False, "", "", None, -1, terms.clause)
    return Choice(row.channel, True, row.opted_out, row.consent, row.set_by, row.set_at, row.version, terms.clause)


def foretold(actor: Actor, moments: Sequence[Moment], book: Handbook) -> dict[str, Draft]:
    """What the customer would be told by each of these, by step; for a preview. Texts are masked; one customer."""
    if not moments or not actor.may(Permission.NOTICE_VIEW):
        return {}
    customer_id = moments[0].customer_id
    reach = customers.reach_of([customer_id]).get(customer_id, Reach("", {}))
    chosen = Preference.objects.filter(pk=customer_id).first()
    found = {one.step: made for one in moments if (made := draft(one, book, reach, chosen)) is not None}
    return {step: replace(made, text=masked(made.text, reach.name)) for step, made in found.items()}
