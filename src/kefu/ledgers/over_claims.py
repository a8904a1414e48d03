"""打款, 责任承担, 快递责任: payments of claims, and who bears them (S 四(四)8, S 四(五)1)."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kefu.claims import access as claims
from kefu.claims import registers as shares
from kefu.claims.liability import Party
from kefu.claims.vocabulary import Cause, Channel, Loss, PayState
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_account
from kefu.kernel.paging import Order
from kefu.ledgers.registers import Beside, Cell, Group, Place, Register, Row
from kefu.people.permissions import Permission

_CAUSES, _CHANNELS, _LOSSES = dict(Cause.choices), dict(Channel.choices), dict(Loss.choices)
_PARTIES, _STATES = dict(Party.choices), dict(PayState.choices)
_NEWEST = (Order("pk", descending=True),)


def _case_no(case_id: int) -> str:
    return f"K{case_id:07d}"


def _agreed(actor: Actor, rows: Sequence[Row]) -> Beside:
    by_claim = shares.agreed_by(actor, {row.claim_id for row in rows})
    return {row.pk: by_claim.get(row.claim_id, "") for row in rows}


PAYMENTS = Register(
    key="payments",
    view=Permission.CLAIM_VIEW,
    work=Permission.CLAIM_WORK,
    rows=lambda actor: claims.payments(actor).select_related("claim"),
    order=_NEWEST,
    site="site_id",
    at="made_at",
    number_columns=("claim__waybill", "claim__order_no"),
    cells={
        "payment_no": Cell(lambda row, _beside: row.number),
        "claim_no": Cell(lambda row, _beside: row.claim.number),
        "case_no": Cell(lambda row, _beside: _case_no(row.claim.case_id)),
        "order_no": Cell(lambda row, _beside: row.claim.order_no),
        "waybill": Cell(lambda row, _beside: row.claim.waybill),
        "reason": Cell(lambda row, _beside: row.claim.cause, lambda row, _beside: _CAUSES[row.claim.cause]),
        "amount": Cell(lambda row, _beside: row.amount),
        "channel": Cell(lambda row, _beside: row.channel, lambda row, _beside: _CHANNELS[row.channel]),
        "account": Cell(lambda row, _beside: mask_account(row.account)),
        "approved_by": Cell(lambda row, beside: beside.get(row.pk, "")),
        "made_at": Cell(lambda row, _beside: row.made_at),
        "paid_at": Cell(lambda row, _beside: row.done_at if row.state == PayState.PAID else None),
        "state": Cell(lambda row, _beside: row.state, lambda row, _beside: _STATES[row.state]),
        "serial": Cell(lambda row, _beside: row.serial),
    },
    group=Group("state", _("状态"), lambda value: _STATES.get(value, value), PayState.choices),
    opens=lambda row: Place("claim", row.claim_id),
    site_of=lambda row: row.site_id,
    only={"channel": "channel"},
    sum="amount",
    beside=_agreed,
    case_of=lambda row: row.claim.case_id,
)

SHARES = Register(
    key="shares",
    view=Permission.CLAIM_VIEW,
    work=Permission.CLAIM_WORK,
    rows=shares.shares,
    order=_NEWEST,
    site="claim__site_id",
    at="claim__made_at",
    number_columns=("claim__waybill", "claim__order_no"),
    cells={
        "claim_no": Cell(lambda row, _beside: row.claim.number),
        "case_no": Cell(lambda row, _beside: _case_no(row.claim.case_id)),
        "order_no": Cell(lambda row, _beside: row.claim.order_no),
        "waybill": Cell(lambda row, _beside: row.claim.waybill),
        "carrier": Cell(lambda row, _beside: row.claim.carrier),
        "type": Cell(lambda row, _beside: row.claim.loss, lambda row, _beside: _LOSSES[row.claim.loss]),
        "cause": Cell(lambda row, _beside: row.claim.cause, lambda row, _beside: _CAUSES[row.claim.cause]),
        "party": Cell(lambda row, _beside: row.party, lambda row, _beside: _PARTIES[row.party]),
        "share": Cell(lambda row, _beside: row.percent),
        "amount": Cell(lambda row, _beside: row.amount),
        "made_at": Cell(lambda row, _beside: row.claim.made_at),
    },
    group=Group("party", _("责任方"), lambda value: _PARTIES.get(value, value), Party.choices),
    opens=lambda row: Place("claim", row.claim_id),
    site_of=lambda row: row.claim.site_id,
    only={"party": "party"},
    sum="amount",
    case_of=lambda row: row.claim.case_id,
)
