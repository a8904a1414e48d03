"""A claim from its reckoning to its payment: states, limits, the approval chain, money (CASE6, O17)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kefu.cases import actions as cases
from kefu.cases import facts as case_facts
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Entry
from kefu.claims import actions
from kefu.claims.drafts import PaymentResult
from kefu.claims.errors import FeeWaived, LossClaimed, NoLiability, OwnClaim, PaidAlready, PapersMissing, RungTooHigh, WrongState
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.claims.models import Approval, Claim, Payment
from kefu.claims.tests.conftest import DRAFT, WAYBILL, bear
from kefu.claims.vocabulary import STEPS, State
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel.errors import Conflict, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.people.errors import MissingPermission

pytestmark = pytest.mark.django_db
D = Decimal


def pay(cast, claim_id, **result):
    payment = actions.start_payment(actor=cast.manager, claim_id=claim_id, now=NOW)
    said = PaymentResult(payment.number, "paid", serial=f"S{payment.pk}")
    actions.note_result(actor=cast.manager, payment_id=payment.pk, result=replace(said, **result), now=NOW)
    return payment


def state_of(claim):
    return Claim.objects.get(pk=claim.pk).state


def clocks_of(case, state):
    return set(Clock.objects.filter(subject_kind="case", subject_id=case.pk, state=state).values_list("key", flat=True))


def test_from_the_reckoning_to_the_payment_the_case_hears_of_everything(case, agreed, cast):
    assert {"claim_acknowledge", "claim_payment"} <= clocks_of(case, "running")
    actions.acknowledge(actor=cast.agent, claim_id=agreed.pk, now=NOW)
    pay(cast, agreed.pk)
    assert state_of(agreed) == State.PAID
    whats = list(Entry.objects.filter(case=case, kind="matter").order_by("pk").values_list("data__what", flat=True))
    assert whats == [
        "claim.filed", "claim.proposed", "claim.approved", "claim.agreed", "claim.shared", "claim.acknowledged", "claim.paying",
        "claim.paid",
    ]  # fmt: skip
    assert {"claim_acknowledge", "claim_decision", "claim_payment"} <= clocks_of(case, "met")
    found = case_facts.of_case(case, cases.book_of(case), now=NOW, asked={"claim.paid"})
    assert (found["claim.paid"], found["claim.open"], found["claim.amount"]) == (True, False, 500.0)
    assert AuditEntry.objects.filter(action="claim.paid", subject_id=agreed.pk).exists()


def test_the_reckoning_is_kept_with_its_clauses(filed):
    assert [(key, amount) for key, _clause, _figures, amount in filed.lines] == [
        ("fee", "12.00"),
        ("real_loss", "488.00"),
        ("no_cap", "0.00"),
    ]
    assert filed.lines[0][1].endswith("#texts.loss_remedy")
    assert (filed.reckoned, filed.fee_waived, filed.basis) == (D("500.00"), D("12.00"), "civil")


def test_within_ones_own_limit_a_claim_is_agreed_at_once(case, cast):
    draft = replace(DRAFT, facts=replace(DRAFT.facts, value=D("188.00")))
    claim = actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW)
    assert actions.propose(actor=cast.agent, claim_id=claim.pk, amount=D(200), reason="", now=NOW).state == State.APPROVED


def test_each_rung_is_another_person_with_a_reason(case, cast, hire):
    from kefu.people import access

    draft = replace(DRAFT, facts=replace(DRAFT.facts, value=D(4000)), papers=(*DRAFT.papers, "identity"))
    claim = actions.file_claim(actor=cast.lead, case_id=case.pk, draft=draft, now=NOW)
    actions.propose(actor=cast.agent, claim_id=claim.pk, amount=D(4012), reason="", now=NOW)
    other_lead = access.actor_for(hire("lead"))
    with pytest.raises(OwnClaim):  # made it
        actions.approve(actor=cast.lead, claim_id=claim.pk, reason="同意", now=NOW)
    with pytest.raises(Invalid):
        actions.approve(actor=other_lead, claim_id=claim.pk, reason="  ", now=NOW)
    assert actions.approve(actor=other_lead, claim_id=claim.pk, reason="同意", now=NOW).rung == "manager"
    with pytest.raises(RungTooHigh):
        actions.approve(actor=access.actor_for(hire("lead")), claim_id=claim.pk, reason="同意", now=NOW)
    with pytest.raises(MissingPermission):
        actions.approve(actor=cast.second_agent, claim_id=claim.pk, reason="同意", now=NOW)
    assert actions.approve(actor=cast.manager, claim_id=claim.pk, reason="同意", now=NOW).state == State.APPROVED
    assert list(Approval.objects.order_by("pk").values_list("rung", "by_id")) == [("lead", other_lead.id), ("manager", cast.manager.id)]


def test_a_high_approver_takes_a_lower_rung_but_not_two(filed, cast):
    claim = Claim.objects.get(pk=filed.pk)
    Claim.objects.filter(pk=claim.pk).update(
        state="approving", rungs=["lead", "manager"], rung="lead", round=1, proposed_by_id=cast.agent.id
    )
    actions.approve(actor=cast.manager, claim_id=claim.pk, reason="同意", now=NOW)
    with pytest.raises(OwnClaim):
        actions.approve(actor=cast.manager, claim_id=claim.pk, reason="同意", now=NOW)


def test_a_rejected_claim_is_revised_and_proposed_in_a_new_round(filed, cast):
    actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(500), reason="", now=NOW)
    actions.reject(actor=cast.lead, claim_id=filed.pk, reason="价值证明看不清", now=NOW)
    assert state_of(filed) == State.REJECTED
    less = replace(DRAFT, facts=replace(DRAFT.facts, value=D("300.00")))
    actions.revise(actor=cast.agent, claim_id=filed.pk, draft=less, now=NOW)
    actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(312), reason="", now=NOW)
    actions.approve(actor=cast.lead, claim_id=filed.pk, reason="同意", now=NOW)
    assert (state_of(filed), Approval.objects.count()) == (State.APPROVED, 2)


@pytest.mark.parametrize(
    ("amount", "code"), [("500.01", "over_reckoning"), ("0", "bad_proposal"), ("-3", "bad_proposal"), ("499.99", "less_reason")]
)
def test_more_than_the_reckoning_is_refused_and_less_wants_a_reason(filed, cast, amount, code):
    with pytest.raises(Invalid) as refused:
        actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(amount), reason="", now=NOW)
    assert refused.value.reason == code


def test_papers_come_first(filed, cast):
    actions.hold_papers(actor=cast.agent, claim_id=filed.pk, papers=["waybill"], now=NOW)
    with pytest.raises(PapersMissing) as refused:
        actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(500), reason="", now=NOW)
    assert "索赔申告单、价值证明" in str(refused.value)
    with pytest.raises(Invalid):
        actions.hold_papers(actor=cast.agent, claim_id=filed.pk, papers=["passport"], now=NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"claimant_name": " "}, "claimant_name"),
        ({"claimant": "receiver"}, "authority"),
        ({"claimant": "neighbour"}, "claimant"),
        ({"claimant_phone": "12"}, "claimant_phone"),
        ({"cause": "fate"}, "cause"),
        ({"facts": LossFacts("lost", value=D("-1"))}, "value"),
        ({"facts": LossFacts("lost")}, "value"),
    ],
)
def test_what_cannot_be_claimed_is_named(case, cast, change, field):
    with pytest.raises(Invalid) as refused:
        actions.file_claim(actor=cast.agent, case_id=case.pk, draft=replace(DRAFT, **change), now=NOW)
    assert field in refused.value.fields
    assert not Claim.objects.exists()


def test_one_loss_has_one_claim_whoever_claims_it(case, filed, cast, ground):
    refund = replace(DRAFT, claimant="platform", authority="平台先行赔付")
    request = CaseRequest(ground.station.pk, "loss", "platform", "平台已退款", waybill=WAYBILL, even_if_duplicate=True)
    again = cases.open_case(actor=cast.second_agent, request=request, now=NOW + timedelta(days=40))
    with pytest.raises(LossClaimed) as refused:
        actions.file_claim(actor=cast.second_agent, case_id=again.pk, draft=refund, now=NOW)
    assert filed.number in str(refused.value)
    with pytest.raises(FeeWaived):
        actions.file_claim(actor=cast.agent, case_id=case.pk, draft=replace(DRAFT, item="第二件"), now=NOW)
    free = replace(DRAFT, item="第二件", facts=replace(DRAFT.facts, fee=D(0)))
    assert actions.file_claim(actor=cast.agent, case_id=case.pk, draft=free, now=NOW).pk != filed.pk
    actions.withdraw(actor=cast.agent, claim_id=filed.pk, reason="客户撤诉", now=NOW)
    assert actions.file_claim(actor=cast.second_agent, case_id=again.pk, draft=refund, now=NOW).state == State.DRAFT


def test_the_same_external_id_is_the_same_claim(case, cast):
    draft = replace(DRAFT, external_id="OA-17")
    first = actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW)
    assert actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW).pk == first.pk


def test_a_claim_out_of_sight_is_not_found(case, filed, cast):
    with pytest.raises(NotFound):
        actions.withdraw(actor=cast.outsider, claim_id=filed.pk, reason="撤", now=NOW)
    with pytest.raises(NotFound):
        actions.file_claim(actor=cast.outsider, case_id=case.pk, draft=DRAFT, now=NOW)


def test_nobody_pays_before_somebody_bears_it(filed, cast):
    actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(500), reason="", now=NOW)
    actions.approve(actor=cast.lead, claim_id=filed.pk, reason="同意", now=NOW)
    actions.agree(actor=cast.agent, claim_id=filed.pk, channel="cash", account_name="", account="", now=NOW)
    with pytest.raises(NoLiability):
        actions.start_payment(actor=cast.manager, claim_id=filed.pk, now=NOW)
    with pytest.raises(MissingPermission):
        actions.start_payment(actor=cast.lead, claim_id=filed.pk, now=NOW)


def test_who_read_before_another_paid_comes_too_late(agreed, cast):
    actions.start_payment(actor=cast.manager, claim_id=agreed.pk, now=NOW, expected_version=agreed.version)
    with pytest.raises(Stale):
        actions.start_payment(actor=cast.admin, claim_id=agreed.pk, now=NOW, expected_version=agreed.version)
    with pytest.raises(WrongState):
        actions.start_payment(actor=cast.admin, claim_id=agreed.pk, now=NOW)
    Claim.objects.filter(pk=agreed.pk).update(state=State.AGREED)  # even if the state were lost, the ledger holds
    with pytest.raises(PaidAlready):
        actions.start_payment(actor=cast.admin, claim_id=agreed.pk, now=NOW)
    assert Payment.objects.count() == 1


def test_a_failed_payment_is_made_again_and_a_paid_one_not(agreed, cast):
    first = pay(cast, agreed.pk, outcome="failed", reason="户名不符", serial="")
    assert state_of(agreed) == State.FAILED
    second = pay(cast, agreed.pk)
    assert first.pk != second.pk
    with pytest.raises(WrongState):
        actions.start_payment(actor=cast.manager, claim_id=agreed.pk, now=NOW)
    back = PaymentResult(second.number, "returned", reason="账户已销户")
    actions.note_result(actor=cast.manager, payment_id=second.pk, result=back, now=NOW)
    claim = Claim.objects.get(pk=agreed.pk)
    assert (claim.state, claim.paid_at) == (State.RETURNED, None)
    pay(cast, agreed.pk)
    assert state_of(agreed) == State.PAID


def test_results_come_twice_and_count_once(agreed, cast):
    payment = actions.start_payment(actor=cast.manager, claim_id=agreed.pk, now=NOW)
    name, taken = actions.send_batch(actor=cast.manager, payment_ids=[payment.pk], now=NOW)
    assert (taken, actions.send_batch(actor=cast.admin, payment_ids=[payment.pk], now=NOW)[1]) == (1, 0)
    good = PaymentResult(payment.number, "paid", serial="2026112288", amount=D("500.00"))
    wrong = [
        PaymentResult("P99999999", "paid"), replace(good, amount=D("5000.00")), replace(good, outcome="lost"),
        PaymentResult(payment.number, "failed"), PaymentResult("一号", "paid"),
    ]  # fmt: skip
    done = actions.note_results(actor=cast.manager, results=[*wrong, good, good], now=NOW)
    assert done.refused == {0: "unknown_payment", 1: "other_amount", 2: "unknown_outcome", 3: "no_result_reason", 4: "unknown_payment"}
    assert (list(done.stored), list(done.present)) == ([5], [6])
    assert Payment.objects.get().batch == name


def test_a_serial_number_is_of_one_payment(agreed, case, cast):
    pay(cast, agreed.pk, serial="77")
    draft = replace(DRAFT, item="第二件", facts=LossFacts("lost", value=D(100)))
    other = actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW)
    actions.propose(actor=cast.agent, claim_id=other.pk, amount=D(100), reason="", now=NOW)
    actions.agree(actor=cast.agent, claim_id=other.pk, channel="alipay", account_name="", account="x", now=NOW)
    bear(cast.agent, other.pk)
    with pytest.raises(Conflict) as refused:
        pay(cast, other.pk, serial="77")
    assert refused.value.reason == "claim.serial_used"


def test_liability_is_whole_suggested_and_changed_with_a_reason(filed, cast, ground):
    def shares(*parts, reason=""):
        chosen = [Share(party, D(percent), site) for party, percent, site in parts]
        return actions.share_out(actor=cast.agent, claim_id=filed.pk, shares=chosen, reason=reason, now=NOW)

    with pytest.raises(Invalid) as refused:
        shares(("C", "60", None), ("H", "39.99", None), reason="x")
    assert refused.value.reason == "liability.not_whole"
    shares(("S", "100", ground.station.pk))  # as the rule of thumb says: no reason needed
    assert Claim.objects.get(pk=filed.pk).shares.get().clause.endswith("#texts.claim_liability")
    with pytest.raises(Invalid):
        shares(("C", "33.33", None), ("H", "66.67", None))
    shares(("C", "33.33", None), ("H", "66.67", None), reason="监控显示仓库少发")
    assert list(filed.shares.order_by("place").values_list("amount", flat=True)) == [D("166.65"), D("333.35")]
    actions.propose(actor=cast.agent, claim_id=filed.pk, amount=D(100), reason="客户同意", now=NOW)
    assert sum(filed.shares.values_list("amount", flat=True)) == D(100)
    with pytest.raises(Invalid):
        shares(("S", "100", 999_999), reason="x")


def test_nothing_is_paid_for_what_the_law_excuses(case, cast):
    draft = replace(DRAFT, facts=replace(DRAFT.facts, excuse="nature"))
    claim = actions.file_claim(actor=cast.agent, case_id=case.pk, draft=draft, now=NOW)
    with pytest.raises(Invalid):
        actions.propose(actor=cast.agent, claim_id=claim.pk, amount=D(1), reason="x", now=NOW)
    assert actions.exempt(actor=cast.lead, claim_id=claim.pk, reason="自然腐坏", now=NOW).state == State.EXEMPTED
    assert "claim_decision" in clocks_of(case, "met")


def test_every_step_has_its_states_and_ends_lead_nowhere_but_back_by_a_new_claim():
    reached = {state for _before, after in STEPS.values() for state in after}
    assert reached | {State.DRAFT} == set(State)
    leave = {state for before, _after in STEPS.values() for state in before}
    assert set(State) - leave == {State.EXEMPTED, State.WITHDRAWN, State.RECOVERED}
