"""Decisions of a shop's work on plain values (SHOP2-SHOP6)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kefu.shop import rules

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=CHINA)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(("hour", "minute", "awake"), [(8, 59, False), (9, 0, True), (21, 59, True), (22, 0, False), (0, 0, False)])
def test_nobody_is_reminded_at_night(hour, minute, awake):
    assert rules.awake(NOW.replace(hour=hour, minute=minute), CHINA, 9, 22) is awake


def test_the_check_looks_from_the_cut_the_day_before_yesterday_to_that_of_yesterday():
    since, until = rules.unsent_window(date(2026, 11, 22), 16, CHINA)
    assert (since, until) == (datetime(2026, 11, 20, 16, tzinfo=CHINA), datetime(2026, 11, 21, 16, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("problem", "scan", "sent", "postal", "kind"),
    [
        (HOUR, HOUR, 3 * DAY, False, "problem"),
        (HOUR, HOUR, 3 * DAY, True, "problem"),
        (None, 2 * DAY, 3 * DAY, False, "quiet"),
        (None, 2 * DAY - HOUR, 3 * DAY, False, None),
        (None, 3 * DAY, 3 * DAY, True, None),
        (None, None, 2 * DAY, False, "quiet"),
        (None, None, None, False, None),
    ],
)
def test_what_is_wrong_with_a_parcel(problem, scan, sent, postal, kind):
    ago = [NOW - one if one is not None else None for one in (problem, scan, sent)]
    found = rules.trouble(
        problem_since=ago[0], last_scan_at=ago[1], sent_at=ago[2], now=NOW, quiet=2 * DAY, postal=postal
    )  # fmt: skip
    assert (found[0] if found else None) == kind


@pytest.mark.parametrize(
    ("kind", "age", "state"),
    [
        ("problem", DAY, "to_message"),
        ("problem", 2 * DAY, "to_message"),
        ("problem", 2 * DAY + HOUR, "to_contact"),
        ("quiet", DAY, "to_contact"),
    ],
)
def test_within_two_days_a_message_is_enough(kind, age, state):
    assert rules.first_state(kind, NOW - age, NOW, 2 * DAY) == state


@pytest.mark.parametrize(
    ("carrier", "postal"), [("中国邮政", True), ("邮政快递包裹", True), ("EMS", True), ("圆通速递", False), ("", False)]
)
def test_the_post_is_told_by_its_name(carrier, postal):
    assert rules.is_postal(carrier, "邮政") is postal
    assert rules.is_postal(carrier, "") is False


@pytest.mark.parametrize(
    ("kind", "done", "problem"),
    [
        ("unshipped", {}, "not_agreed"),
        ("unshipped", {"agreed": "refund"}, "no_void"),
        ("unshipped", {"agreed": "refund", "void_state": "told"}, "no_void"),
        ("unshipped", {"agreed": "refund", "void_state": "too_late"}, "no_void"),
        ("unshipped", {"agreed": "refund", "void_state": "confirmed"}, None),
        ("shipped", {"void_state": "confirmed"}, "not_agreed"),
        ("shipped", {"agreed": "refund"}, "not_stopped"),
        ("shipped", {"agreed": "refund", "stop": "signed"}, "not_stopped"),
        ("shipped", {"agreed": "refund", "stop": "intercepted"}, None),
        ("shipped", {"agreed": "refund", "stop": "lost"}, None),
        ("shipped", {"agreed": "difference"}, None),
        ("return", {"agreed": "return"}, "goods_not_back"),
        ("return", {"agreed": "return", "goods_back": True}, None),
        ("return", {"agreed": "not_agreed", "goods_back": True}, "not_agreed"),
        ("return", {"agreed": "nothing", "goods_back": True}, "not_agreed"),
        ("rejected", {"agreed": "return"}, "goods_not_back"),
        ("exchange", {"agreed": "exchange"}, "goods_not_back"),
        ("difference", {"agreed": "difference"}, None),
        ("difference", {}, "not_agreed"),
    ],
)
def test_money_moves_last(kind, done, problem):
    given = {"agreed": "", "void_state": "", "stop": "", "goods_back": False, **done}
    assert rules.payment_problem(kind, **given) == problem


@pytest.mark.parametrize(
    ("kind", "state", "window"),
    [
        ("unshipped", "requested", ("refund_unshipped_hours", "auto_refund")),
        ("shipped", "requested", ("refund_shipped_days", "auto_refund")),
        ("return", "requested", ("return_request_days", "auto_agree")),
        ("return", "returning", ("buyer_ships_days", "auto_close")),
        ("return", "returned", ("seller_confirms_days", "auto_refund")),
        ("return", "refused", None),
        ("return", "done", None),
    ],
)
def test_the_platform_acts_by_itself(kind, state, window):
    assert rules.window_of(kind, state) == window


@pytest.mark.parametrize(
    ("ordered", "paid", "age", "closed"),
    [
        (HOUR, 2 * HOUR, 3 * HOUR, True),
        (DAY, 2 * DAY, 3 * DAY, True),
        (DAY, 2 * DAY + HOUR, 3 * DAY, False),
        (DAY + HOUR, 26 * HOUR, 3 * DAY, False),
        (HOUR, None, DAY, None),
        (HOUR, None, 2 * DAY, False),
        (None, None, DAY - HOUR, None),
        (None, None, DAY, False),
    ],
)
def test_an_enquiry_closes_when_the_buyer_orders_and_pays_in_time(ordered, paid, age, closed):
    asked = NOW - age
    moments = [asked + one if one is not None else None for one in (ordered, paid)]
    assert rules.enquiry_closed(asked, *moments, NOW, order_in=DAY, pay_in=2 * DAY) is closed


def test_a_share_of_nothing_is_unknown():
    assert (rules.share(0, 0), rules.share(1, 4)) == (None, 0.25)
