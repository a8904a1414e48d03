"""Compensation by law, insurance and contract, line by line (R34–R41), and who must agree to it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kefu.claims.losses import LossFacts
from kefu.claims.rules import Limits, Terms, chain, loss_problem, missing_papers, proposal_problem, rank, reckon

D = Decimal
LAW = Terms(
    delay_clause="delay", loss_clause="loss", insured_clause="insured", civil_clause="civil", cap_clause="cap", no_cap_clause="three"
)
CONTRACT = replace(LAW, basis="contract", cap_multiple=D(5))


def facts(loss, **given):
    known = {
        "fee": D("12.00"),
        **{name: D(value) if isinstance(value, str) and name not in ("basis", "excuse") else value for name, value in given.items()},
    }
    return LossFacts(loss, **known)


def lines(found):
    return [(line.key, str(line.amount)) for line in found.lines]


@pytest.mark.parametrize(
    ("loss", "terms", "expected"),
    [
        # R34: the fee of this service; contents that a delay made worthless count as lost.
        (facts("delay"), LAW, [("fee", "12.00")]),
        (facts("delay", value="80", value_destroyed=True), LAW, [("fee", "12.00"), ("real_loss", "80.00"), ("no_cap", "0.00")]),
        # R35, R41: insured whole and in part; over-insured pays the real value at most.
        (facts("lost", insured="2000", value="2000"), LAW, [("fee", "12.00"), ("insured", "2000.00")]),
        (facts("lost", insured="2000"), LAW, [("fee", "12.00"), ("insured", "2000.00")]),
        (facts("damaged", insured="2000", value="2000", part="25"), LAW, [("insured", "500.00")]),
        (facts("lost", insured="2000", value="1500"), LAW, [("fee", "12.00"), ("insured", "2000.00"), ("real_value", "-500.00")]),
        (facts("damaged", insured="1000", value="3000", part="33.33"), LAW, [("insured", "333.30")]),
        # R36: another kind of goods is a total loss, too few are a partial one.
        (facts("wrong", value="99.99"), LAW, [("fee", "12.00"), ("real_loss", "99.99"), ("no_cap", "0.00")]),
        (facts("short", value="90", part="33.33"), LAW, [("real_loss", "30.00"), ("no_cap", "0.00")]),
        # R40: a contract's multiple caps only when the contract decides; R38: the law itself knows none for express.
        (facts("lost", value="500"), CONTRACT, [("fee", "12.00"), ("real_loss", "500.00"), ("cap", "-440.00")]),
        (facts("lost", value="50"), CONTRACT, [("fee", "12.00"), ("real_loss", "50.00")]),
        (facts("lost", value="500", basis="civil"), CONTRACT, [("fee", "12.00"), ("real_loss", "500.00"), ("no_cap", "0.00")]),
        (facts("lost", value="500", insured="500"), CONTRACT, [("fee", "12.00"), ("insured", "500.00")]),
        # R39: the sender's part, and what the customer keeps.
        (
            facts("destroyed", value="100", shipper_part="30"),
            LAW,
            [("fee", "12.00"), ("real_loss", "100.00"), ("no_cap", "0.00"), ("shipper", "-30.00")],
        ),
        (
            facts("destroyed", value="100", salvage="40"),
            LAW,
            [("fee", "12.00"), ("real_loss", "100.00"), ("no_cap", "0.00"), ("salvage", "-40.00")],
        ),
        (facts("damaged", value="100", part="20", salvage="40"), LAW, [("real_loss", "20.00"), ("no_cap", "0.00"), ("salvage", "-20.00")]),
        (facts("lost", value="100", excuse="force_majeure"), LAW, [("excused", "0.00")]),
    ],
)
def test_each_rule_is_a_line(loss, terms, expected):
    found = reckon(loss, terms)
    assert loss_problem(loss) is None
    assert lines(found) == expected
    assert found.amount == sum(line.amount for line in found.lines)


def test_lines_cite_their_clauses():
    assert [line.clause for line in reckon(facts("lost", value="500"), CONTRACT).lines] == ["loss", "civil", "cap"]
    assert [line.clause for line in reckon(facts("delay"), LAW).lines] == ["delay"]


@pytest.mark.parametrize(
    ("loss", "field", "code"),
    [
        (facts("stolen"), "loss", "unknown_loss"),
        (facts("lost"), "value", "no_value"),
        (facts("delay", value_destroyed=True), "value", "no_value"),
        (facts("lost", value="-5"), "value", "bad_amount"),
        (facts("lost", value="5.005"), "value", "bad_amount"),
        (facts("lost", value="NaN"), "value", "bad_amount"),
        (facts("lost", value="10000000"), "value", "bad_amount"),
        (facts("damaged", value="5", part="0"), "part", "no_part"),
        (facts("damaged", value="5", part="101"), "part", "bad_part"),
        (facts("damaged", value="5", part="-1"), "part", "bad_part"),
        (facts("lost", value="5", excuse="weather"), "excuse", "unknown_excuse"),
        (facts("lost", value="5", basis="postal"), "basis", "unknown_basis"),
    ],
)
def test_what_cannot_be_is_named(loss, field, code):
    assert loss_problem(loss) == (field, code)


money = st.decimals(0, 100_000, places=2)
parts = st.decimals("0.01", 100, places=2)
losses = st.builds(
    LossFacts,
    loss=st.sampled_from(["delay", "lost", "destroyed", "damaged", "short", "wrong"]),
    fee=money,
    value=st.none() | money,
    insured=st.just(D("0.00")) | money,
    part=parts,
    value_destroyed=st.booleans(),
    shipper_part=st.decimals(0, 100, places=2),
    salvage=money,
    excuse=st.sampled_from(["", "", "", "nature"]),
    basis=st.sampled_from(["", "civil", "contract"]),
)
terms = st.builds(lambda multiple: replace(CONTRACT, cap_multiple=multiple), st.none() | st.decimals(1, 20, places=0))


@given(loss=losses, agreed=terms)
def test_never_negative_never_over_value_insurance_or_cap_and_always_the_sum_of_its_lines(loss, agreed):
    assume(loss_problem(loss) is None)
    found = reckon(loss, agreed)
    goods = found.amount - found.fee
    assert found.amount == sum(line.amount for line in found.lines)
    assert found.amount == found.amount.quantize(D("0.01"))
    assert goods >= 0
    assert 0 <= found.fee <= loss.fee
    if loss.value is not None:
        assert goods <= loss.value
    if loss.insured:
        assert goods <= loss.insured
    elif (loss.basis or agreed.basis) == "contract" and agreed.cap_multiple is not None:
        assert goods <= agreed.cap_multiple * loss.fee


@given(loss=losses, more=money)
def test_more_value_or_insurance_never_pays_less_and_more_salvage_or_fault_never_pays_more(loss, more):
    assume(loss_problem(loss) is None)
    amount = reckon(loss, CONTRACT).amount
    if loss.value is not None:
        assert reckon(replace(loss, value=loss.value + more), CONTRACT).amount >= amount
    if loss.insured:
        assert reckon(replace(loss, insured=loss.insured + more), CONTRACT).amount >= amount
    assert reckon(replace(loss, salvage=loss.salvage + more), CONTRACT).amount <= amount
    assert reckon(replace(loss, shipper_part=D(100)), CONTRACT).amount <= amount
    assert reckon(replace(loss, part=D(100)), CONTRACT).amount >= amount


LIMITS = Limits((D(200), D(1000), D(5000), None))


@pytest.mark.parametrize(
    ("amount", "proposer", "expected"),
    [
        ("200", 0, ()),
        ("200.01", 0, ("lead",)),
        ("1000.01", 0, ("lead", "manager")),
        ("5000.01", 0, ("lead", "manager", "hq")),
        ("1000", 1, ()),
        ("5001", 1, ("manager", "hq")),
        ("5001", 2, ("hq",)),
        ("9999999", 3, ()),
    ],
)
def test_the_chain_goes_up_to_who_may_decide_so_much(amount, proposer, expected):
    assert chain(D(amount), proposer, LIMITS) == expected


def test_over_the_highest_limit_nobody_decides():
    assert chain(D(60_000), 0, replace(LIMITS, most=(D(200), D(1000), D(5000), D(50_000)))) is None


def test_without_a_handbook_only_headquarters_decides():
    assert chain(D("0.01"), 0, Limits()) == ("lead", "manager", "hq")


@pytest.mark.parametrize(
    ("role", "at_hq", "expected"),
    [("agent", False, 0), ("lead", False, 1), ("manager", False, 2), ("manager", True, 3), ("admin", False, 3)],
)
def test_posts_have_ranks(role, at_hq, expected):
    assert rank(role, at_headquarters=at_hq) == expected


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "bad_proposal"),
        ("-1", "bad_proposal"),
        ("1.005", "bad_proposal"),
        ("NaN", "bad_proposal"),
        ("100.01", "over_reckoning"),
        ("100", None),
        ("1", None),
    ],
)
def test_a_proposal_is_at_most_the_reckoning(amount, code):
    assert proposal_problem(D(amount), D(100)) == code


def test_missing_papers_come_in_the_order_they_are_asked_for():
    assert missing_papers(["form", "waybill", "value"], ["waybill"]) == ("form", "value")
