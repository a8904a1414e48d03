"""A claim as tests need it: filed, or agreed by everybody and ready to be paid."""

from decimal import Decimal

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.claims import actions
from kefu.claims.drafts import ClaimDraft
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.claims.models import Claim
from kefu.conftest import NOW

WAYBILL = "BT7700000000011"
DRAFT = ClaimDraft(
    LossFacts("lost", fee=Decimal("12.00"), value=Decimal("488.00")), cause="transit_loss", claimant_name="赵倩",
    claimant_phone="13800001111", papers=("form", "waybill", "value"),
)  # fmt: skip


def bear(actor, claim_id, *parts):
    """Share the claim out; all of it to the warehouse unless said otherwise."""
    shares = [Share(party, Decimal(percent)) for party, percent in parts or (("C", 100),)]
    return actions.share_out(actor=actor, claim_id=claim_id, shares=shares, reason="仓库监控", now=NOW)


@pytest.fixture
def case(cast, ground):
    """A complaint about a lost parcel."""
    return cases.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "loss", "call", "快件遗失", waybill=WAYBILL), now=NOW)


@pytest.fixture
def filed(case, cast):
    """A claim of 500 yuan (fee 12, contents 488) with its papers."""
    return actions.file_claim(actor=cast.agent, case_id=case.pk, draft=DRAFT, now=NOW)


@pytest.fixture
def agreed(filed, cast):
    """Proposed by the agent, agreed to by the lead, accepted by the customer, borne by the warehouse."""
    actions.propose(actor=cast.agent, claim_id=filed.pk, amount=Decimal(500), reason="", now=NOW)
    actions.approve(actor=cast.lead, claim_id=filed.pk, reason="轨迹和证明齐全", now=NOW)
    actions.agree(actor=cast.agent, claim_id=filed.pk, channel="alipay", account_name="赵倩", account="13800001111", now=NOW)
    bear(cast.agent, filed.pk)
    return Claim.objects.get(pk=filed.pk)
