"""Claims in the console: the calculator on a case, the chain, the ledger, the report; what is refused says what to do (CASE6)."""

from decimal import Decimal

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.claims import actions, queries
from kefu.claims.drafts import ClaimDraft
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
WAYBILL = "BT7700000000028"
FORM = {"loss": "lost", "fee": "12", "value": "¥488.00", "insured": "0", "part": "100", "claimant": "sender", "claimant_name": "赵倩"}


@pytest.fixture
def world(ground):
    return World(ground)


@pytest.fixture
def case(world, ground):
    return cases.open_case(
        actor=world.actor("agent"), request=CaseRequest(ground.station.pk, "loss", "call", "快件遗失", waybill=WAYBILL), now=NOW
    )


@pytest.fixture
def filed(case, world):
    draft = ClaimDraft(
        LossFacts("lost", fee=Decimal(12), value=Decimal(488)),
        cause="transit_loss",
        claimant_name="赵倩",
        papers=("form", "waybill", "value"),
    )
    return actions.file_claim(actor=world.actor("agent"), case_id=case.pk, draft=draft, now=moment.now())


def body(response):
    return response.content.decode()


def state(world, claim):
    return queries.detail(world.actor("admin"), claim.pk, now=moment.now()).claim.state


def test_the_case_leads_to_the_calculator_which_writes_the_reckoning_out(case, world):
    client = world.client("agent")
    assert f"/claims/new?case={case.pk}" in body(client.get(f"/cases/{case.pk}"))
    shown = body(client.post("/claims/new", {**FORM, "case": case.pk, "do": "reckon"}))
    assert "实际价值 ¥488.00 × 损失 100%" in shown
    assert "¥500.00" in shown
    assert not queries.of_case(world.actor("agent"), case.pk)
    answer = client.post("/claims/new", {**FORM, "case": case.pk, "do": "file"}, follow=True)
    claim = queries.of_case(world.actor("agent"), case.pk)[0]
    assert claim.number in body(answer)
    assert "还缺材料" in body(answer)
    page = body(client.get(f"/cases/{case.pk}"))
    assert f"登记理赔 {claim.number}" in page
    assert f'href="/claims/{claim.pk}">{claim.number}</a>' in page


@pytest.mark.parametrize(("field", "text"), [("value", "12 美元"), ("value", "-5"), ("fee", "abc"), ("part", "120"), ("claimant_name", "")])
def test_wrong_input_is_shown_beside_its_field(case, world, field, text):
    answer = world.client("agent").post("/claims/new", {**FORM, "loss": "damaged", field: text, "case": case.pk, "do": "file"})
    assert answer.status_code == 422
    assert "field-error" in body(answer)


def test_the_whole_way_through_the_pages(filed, world):
    agent, lead, manager = (world.client(one) for one in ("agent", "lead", "manager"))
    here = f"/claims/{filed.pk}"
    over = agent.post(f"{here}/propose", {"amount": "600"})
    assert (over.status_code, "不能超过计算结果" in body(over)) == (422, True)
    agent.post(f"{here}/propose", {"amount": "500"})
    assert "step-approve" not in body(agent.get(here))
    assert "step-approve" in body(lead.get(here))
    lead.post(f"{here}/approve", {"text": "材料齐全"})
    agent.post(f"{here}/agree", {"channel": "alipay", "account_name": "赵倩", "account": "13800001111"})
    half = agent.post(f"{here}/share", {"party0": "C", "percent0": "60", "party1": "H", "percent1": "30", "reason": "监控"})
    assert "必须正好是 100%" in body(half)
    agent.post(f"{here}/share", {"party0": "C", "percent0": "60", "party1": "H", "percent1": "40", "reason": "监控"})
    manager.post(f"{here}/pay", {})
    assert "13800001111" not in body(manager.get("/claims/payments"))
    payment = queries.detail(world.actor("manager"), filed.pk, now=moment.now()).payments[0]
    sent = manager.post("/claims/payments/bulk", {"row": payment.pk, "do": "send"}, follow=True)
    assert "已导出" in body(sent)
    manager.post("/claims/payments/bulk", {"row": payment.pk, "do": "paid"})
    assert state(world, filed) == "paid"
    report = body(manager.get("/claims/report?by=party"))
    assert "仓库" in report
    assert "¥300.00" in report
    opened = manager.get(f"/claims?party=C&paid-from={moment.now():%Y}-01-01")
    assert filed.number in body(opened)


def test_a_stale_page_does_not_pay_again(filed, world):
    actions.propose(actor=world.actor("admin"), claim_id=filed.pk, amount=Decimal(500), reason="", now=NOW)
    actions.agree(actor=world.actor("agent"), claim_id=filed.pk, channel="cash", account_name="", account="", now=NOW)
    shares = [Share("C", Decimal(100))]
    actions.share_out(actor=world.actor("agent"), claim_id=filed.pk, shares=shares, reason="监控", now=NOW)
    version = queries.detail(world.actor("admin"), filed.pk, now=NOW).claim.version
    client = world.client("manager")
    client.post(f"/claims/{filed.pk}/pay", {"version": version})
    again = client.post(f"/claims/{filed.pk}/pay", {"version": version}, follow=True)
    assert "刚有人处理过" in body(again)
    assert len(queries.detail(world.actor("admin"), filed.pk, now=NOW).payments) == 1


def test_lists_cost_the_same_for_one_claim_and_for_twenty(filed, case, world, django_assert_max_num_queries):
    client = world.client("manager")
    client.get("/claims")
    with django_assert_max_num_queries(30) as one:
        client.get("/claims")
    cost = len(one)
    for place in range(20):
        draft = ClaimDraft(LossFacts("lost", value=Decimal(50)), item=f"第{place}件", claimant_name="赵倩")
        actions.file_claim(actor=world.actor("agent"), case_id=case.pk, draft=draft, now=NOW)
    client.get("/claims")  # what is kept for a while is read again after the writes
    with django_assert_max_num_queries(cost):
        client.get("/claims")
