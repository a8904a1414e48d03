"""Two people at once: one payment, one decision on a rung, one claim for a loss; and a parcel found again (CASE6, O5)."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from kefu.claims import actions
from kefu.claims.errors import Found, WrongState
from kefu.claims.losses import LossFacts
from kefu.claims.models import Approval, Claim, Payment, Recovery
from kefu.claims.tests.conftest import DRAFT, WAYBILL
from kefu.claims.tests.test_claim_work import pay
from kefu.conftest import NOW
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.lookups import cards_of

SYSTEM = Actor.system("tests")


def at_once(*works):
    """Each work in a thread and on a connection of its own; codes of what each was refused with, empty for who got through."""
    start, answers = threading.Barrier(len(works)), []

    def run(work):
        start.wait()
        try:
            work()
            answers.append("")
        except KefuError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="several writers at once need PostgreSQL; SQLite lets one write at a time")
def test_two_people_pay_decide_and_file_at_once_and_one_gets_through(case, agreed, cast):
    def paying(actor):
        return lambda: actions.start_payment(actor=actor, claim_id=agreed.pk, now=NOW)

    answers = at_once(*(paying(actor) for actor in (cast.manager, cast.admin) * 2))
    assert (answers.count(""), Payment.objects.count()) == (1, 1)

    draft = replace(DRAFT, facts=LossFacts("lost", value=Decimal(400)), item="另一件")
    filing = [lambda: actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW)] * 3
    answers = at_once(*filing)
    assert (answers.count(""), Claim.objects.filter(item="另一件").count()) == (1, 1)

    second = Claim.objects.get(item="另一件")
    actions.propose(actor=cast.agent, claim_id=second.pk, amount=Decimal(400), reason="", now=NOW)

    def approving(actor):
        return lambda: actions.approve(actor=actor, claim_id=second.pk, reason="同意", now=NOW)

    answers = at_once(*(approving(actor) for actor in (cast.lead, cast.manager, cast.admin)))
    assert (answers.count(""), Approval.objects.filter(claim=second).count()) == (1, 1)


@pytest.fixture
def scanned(ground):
    """A scan of the claimed parcel after the claim, told to claims as the reaction does."""

    def scan(after=timedelta(hours=2)):
        if not cards_of([WAYBILL]):
            parcels.register_parcel(actor=SYSTEM, draft=ParcelDraft(WAYBILL, ground.station.pk), now=NOW - timedelta(days=3))
        at = NOW + after
        parcels.record_scans(actor=SYSTEM, batch=[ScanDraft(WAYBILL, "arrive", ground.station.pk, at)], now=at)
        card = cards_of([WAYBILL])[WAYBILL]
        return actions.follow_moves(actor=SYSTEM, moves=[(card.id, card.state)], now=at)

    return scan


@pytest.mark.django_db
def test_a_parcel_scanned_again_is_not_paid_for_until_somebody_looked(agreed, cast, scanned):
    assert scanned(timedelta(days=-1)) == 0  # a scan from before the claim
    assert scanned() == 1
    with pytest.raises(Found):
        actions.start_payment(actor=cast.manager, claim_id=agreed.pk, now=NOW)
    actions.clear_found(actor=cast.lead, claim_id=agreed.pk, reason="只有空箱", now=NOW)
    pay(cast, agreed.pk)
    assert not Recovery.objects.exists()


@pytest.mark.django_db
def test_found_after_payment_the_customer_chooses_and_the_money_comes_back(agreed, cast, scanned):
    pay(cast, agreed.pk)
    assert scanned() == 1
    assert scanned(timedelta(hours=3)) == 0
    with pytest.raises(WrongState):  # nobody has asked the customer yet
        actions.recover(actor=cast.manager, claim_id=agreed.pk, back=Decimal(500), reason="", now=NOW)
    actions.choose(actor=cast.agent, claim_id=agreed.pk, choice="take_back", now=NOW)
    for back in ("0", "-1", "500.01", "NaN"):
        with pytest.raises(Invalid):
            actions.recover(actor=cast.manager, claim_id=agreed.pk, back=Decimal(back), reason="", now=NOW)
    actions.recover(actor=cast.manager, claim_id=agreed.pk, back=Decimal(500), reason="", now=NOW)
    claim = Claim.objects.get(pk=agreed.pk)
    assert (claim.state, claim.recovery.back) == ("recovered", Decimal(500))


@pytest.mark.django_db
def test_who_keeps_the_money_pays_nothing_back(agreed, cast):
    pay(cast, agreed.pk)
    actions.note_found(actor=cast.agent, claim_id=agreed.pk, now=NOW)
    actions.choose(actor=cast.agent, claim_id=agreed.pk, choice="keep_money", now=NOW)
    with pytest.raises(WrongState):
        actions.recover(actor=cast.manager, claim_id=agreed.pk, back=Decimal(500), reason="", now=NOW)
