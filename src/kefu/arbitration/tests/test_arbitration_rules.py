"""Arbitration: every check of a filing and of a verdict as tables, the course, windows, money that adds up (O6, O17)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.arbitration import flow, rules
from kefu.arbitration.drafts import FilingDraft, Ruling, ShareDraft
from kefu.arbitration.errors import REASONS
from kefu.arbitration.rules import Borne, Candidate, Site
from kefu.arbitration.terms import FilingType, Terms
from kefu.arbitration.vocabulary import ENDED, State, Step
from kefu.conftest import NOW
from kefu.parcels.journeys import Journey, Node

US, THEM, THIRD = 1, 2, 3
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAYBILL = "50004090806944"
LOSS = FilingType("loss", "遗失", "Loss", "best@1#x", "last_scan", 72 * HOUR, 720 * HOUR, after_sign=False, proof=True)
DELAY = FilingType("delay", "延误", "Delay", "best@1#y", "signed", None, 360 * HOUR)
DAMAGE = FilingType("damage", "破损", "Damage", "best@1#z", "arrived", None, 72 * HOUR, proof=True)
TERMS = Terms({}, accused_most=2, files_most=2, text_most=100, fine_most=Decimal(500))
DRAFT = FilingDraft(
    WAYBILL,
    "loss",
    (THEM,),
    "查无下落",
    Decimal(300),
    complainant="王先生",
    phone="13800138000",
    proof="订单截图",
    proof_amount=Decimal(300),
)


@pytest.mark.parametrize(
    ("changed", "accused", "code"),
    [
        ({}, [Site(THEM, True)], None),
        ({}, [], "no_accused"),
        ({}, [None], "unknown_accused"),
        ({}, [Site(US, True)], "own_accused"),
        ({}, [Site(THEM, False)], "closed_accused"),
        ({}, [Site(THEM, True), Site(THIRD, True), Site(4, True)], "many_accused"),
        ({"reason": " "}, None, "no_reason"),
        ({"reason": "字" * 101}, None, "long_text"),
        ({"packing": "字" * 61}, None, "long_text"),
        ({"complainant": " "}, None, "no_complainant"),
        ({"phone": ""}, None, "no_complainant"),
        ({"phone": "12"}, None, "bad_phone"),
        ({"claimed": Decimal(0)}, None, "bad_amount"),
        ({"claimed": Decimal(-1)}, None, "bad_amount"),
        ({"claimed": Decimal("NaN")}, None, "bad_amount"),
        ({"claimed": Decimal("1.005")}, None, "bad_amount"),
        ({"proof_amount": Decimal(-1)}, None, "bad_amount"),
        ({"proof": ""}, None, "no_proof"),
        ({"proof_amount": None}, None, "no_proof"),
        ({"claimed": Decimal("300.01")}, None, "over_proof"),
        ({"files": (1, 2, 3)}, None, "many_files"),
    ],
)
def test_every_check_of_the_form(changed, accused, code):
    sites = [Site(THEM, True)] if accused is None else accused
    assert rules.filing_problem(replace(DRAFT, **changed), US, LOSS, TERMS, sites) == code
    assert code is None or str(REASONS[code])


def test_what_the_handbook_does_not_limit_is_not_limited():
    many = [Site(pk, True) for pk in range(2, 20)]
    bare = replace(DRAFT, proof="", proof_amount=None, reason="字" * 5000, files=(1,) * 50)
    assert rules.filing_problem(bare, US, replace(LOSS, proof=False), Terms({}), many) is None


@pytest.mark.parametrize(
    ("pieces", "abnormal", "code"),
    [(1, 1, None), (3, 3, None), (3, 4, "abnormal_over_pieces"), (0, 1, "bad_pieces"), (3, 0, "bad_pieces"), (10**6, 1, "bad_pieces")],
)
def test_abnormal_pieces_are_no_more_than_pieces(pieces, abnormal, code):
    assert rules.pieces_problem(pieces, abnormal) == code


def journey(*nodes, state="in_transit"):
    return Journey(WAYBILL, tuple(Node(code, NOW - ago, THEM) for code, ago in nodes), parcel_id=1, state=state)


@pytest.mark.parametrize(
    ("kind", "stands", "code"),
    [
        (LOSS, journey(("arrive", 4 * DAY)), None),
        (LOSS, journey(("arrive", 3 * DAY)), None),
        (LOSS, journey(("arrive", 3 * DAY - HOUR)), "too_early"),
        (LOSS, journey(("arrive", 30 * DAY)), None),
        (LOSS, journey(("arrive", 30 * DAY + HOUR)), "too_late"),
        (LOSS, journey(("sign", 4 * DAY), state="signed"), "signed_error"),
        (LOSS, journey(), "no_scans"),
        (DELAY, journey(("arrive", 4 * DAY)), None),
        (DELAY, journey(("sign", 15 * DAY), state="signed"), None),
        (DELAY, journey(("sign", 15 * DAY + HOUR), state="signed"), "too_late"),
        (DELAY, journey(), "no_scans"),
        (DAMAGE, journey(("arrive", 72 * HOUR)), None),
        (DAMAGE, journey(("arrive", 73 * HOUR)), "too_late"),
        (DAMAGE, journey(("arrive", 90 * HOUR), ("sign", HOUR), state="signed"), None),
        (replace(LOSS, counts_from=""), journey(), None),
    ],
)
def test_windows_and_signed_parcels(kind, stands, code):
    assert rules.parcel_problem(kind, stands, NOW) == code


def ruling(outcome="accused", awarded="300", shares=((THEM, "100", "0"),), reason="证据充分"):
    return Ruling(outcome, Decimal(awarded), reason, [ShareDraft(site, Decimal(percent), Decimal(fine)) for site, percent, fine in shares])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"outcome": "maybe"}, "no_outcome"),
        ({"reason": " "}, "no_text"),
        ({"reason": "字" * 101}, "long_text"),
        ({"awarded": "-1"}, "bad_awarded"),
        ({"awarded": "1.005"}, "bad_awarded"),
        ({"awarded": "300.01"}, "over_claimed"),
        ({"shares": ()}, "liability.no_shares"),
        ({"shares": ((THEM, "99.99", "0"),)}, "liability.not_whole"),
        ({"shares": ((THEM, "100.01", "0"),)}, "liability.bad_percent"),
        ({"shares": ((THEM, "50", "0"), (THEM, "50", "0"))}, "liability.twice"),
        ({"shares": ((9, "100", "0"),)}, "unknown_party"),
        ({"shares": ((THEM, "100", "-1"),)}, "bad_fine"),
        ({"shares": ((THEM, "100", "500.01"),)}, "high_fine"),
        ({"shares": ((THEM, "60", "0"), (US, "40", "0"))}, "outcome_shares"),
        ({"outcome": "shared", "shares": ((THEM, "60", "0"), (US, "40", "0"))}, None),
        ({"outcome": "shared"}, "outcome_shares"),
        ({"outcome": "applicant"}, "outcome_shares"),
        ({"outcome": "applicant", "shares": ((US, "100", "50"),)}, "nobody_awarded"),
        ({"outcome": "applicant", "awarded": "0", "shares": ((US, "100", "50"),)}, None),
        ({"outcome": "nobody"}, "outcome_shares"),
        ({"outcome": "nobody", "shares": ()}, "nobody_awarded"),
        ({"outcome": "nobody", "awarded": "0", "shares": ()}, None),
    ],
)
def test_every_check_of_a_verdict(changed, code):
    assert rules.verdict_problem(ruling(**changed), US, [THEM, THIRD], Decimal(300), TERMS) == code
    assert code is None or str(REASONS[code])


def test_the_course_ends_only_where_it_may_and_has_one_appeal():
    reached, ways = {State.FILED}, [(State.FILED, 0)]
    seen = set(ways)
    while ways:
        state, appeals = ways.pop()
        for step in flow.steps_in(state):
            then = (flow.after(state, step), appeals + (step == Step.APPEAL))
            assert then[1] <= 1
            reached.add(then[0])
            if then not in seen:
                seen.add(then)
                ways.append(then)
    assert reached == set(State)
    assert {state for state in State if not flow.steps_in(state)} == set(ENDED)
    assert flow.after(State.WITHDRAWN, Step.RULE) is None
    assert {state for state in State if flow.after(state, Step.WITHDRAW)} == {State.FILED}


_yuan = st.integers(0, 10_000_00).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.tuples(_yuan, _yuan), min_size=1, max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_the_money_of_a_verdict_adds_up_to_nothing(parts, applicant, closed):
    shares = [Borne(place, amount, fine) for place, (amount, fine) in enumerate(parts)]
    found = rules.bookings(applicant, shares, {closed: 99})
    assert sum(one.amount for one in found) == 0
    assert all(one.amount != 0 for one in found)
    assert closed not in {one.site_id for one in found}
    got = sum(one.amount for one in found if one.kind == "compensation" and one.amount > 0)
    assert got == sum(one.amount for one in shares if one.site_id != applicant)
    assert sum(one.amount for one in found if one.site_id is None) == sum(one.fine for one in shares)


@pytest.mark.parametrize(
    ("candidates", "kind", "chosen"),
    [
        ([], "loss", None),
        ([Candidate(7, 9, frozenset(), 1, 0)], "loss", None),
        ([Candidate(7, 1, frozenset({"delay"}), 1, 0)], "loss", None),
        ([Candidate(7, 1, frozenset({"delay"}), 1, 0), Candidate(8, 1, frozenset(), 1, 5)], "loss", 8),
        ([Candidate(7, 1, frozenset(), 1, 0), Candidate(8, 2, frozenset(), 1, 5)], "loss", 8),
        ([Candidate(7, 1, frozenset(), 1, 1), Candidate(8, 1, frozenset(), 3, 3)], "loss", 8),
        ([Candidate(7, 1, frozenset(), 1, 1), Candidate(8, 1, frozenset(), 1, 1)], "loss", 7),
    ],
)
def test_who_gets_a_filing(candidates, kind, chosen):
    assert rules.choose_arbiter(candidates, [1, 2, 3], kind) == chosen
