"""Fees follow deliveries; cards, statements, disputes and the network's statement (O11)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from kefu.conftest import Cast, Ground
from kefu.escalations import queries as escalations
from kefu.escalations.fees import KIND, NewDispute, dispute_fee
from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, KefuError, NotFound, Stale
from kefu.kernel.models import OutboxEvent
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.linking import link_waybills
from kefu.parcels.recording import record_scans
from kefu.station.fees import actions, cards, cards_queries, disputes, network, queries, statements
from kefu.station.fees.cards import NewCard
from kefu.station.fees.imports import open_network_fees
from kefu.station.fees.models import DeliveryFee, FeeRevision, RateCard
from kefu.station.fees.network import NetworkDraft
from kefu.station.fees.queries import FeeWanted
from kefu.station.fees.reckoning import Facts

BAND = {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3", "step": "0.5"}
OCTOBER = date(2026, 10, 1)
SIGNED = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
SYSTEM = Actor.system("station")


# What each refusal says to do, in a word or two of it.
SAYS = {
    "fee.card_used": "改为结束它",
    "fee.card_withdrawn": "已撤回",
    "fee.statement_locked": "下一份账单",
    "fee.locked": "下月账单",
    "fee.statement_empty": "先计算派费或处理争议",
    "fee.not_settled": "先结算",
    "fee.month_not_over": "月底之后",
    "fee.disputed": "先处理争议",
    "fee.no_dispute": "没有待处理",
    "fee.void": "已取消",
    "fee.fixed": "由裁定或更正确定",
}


@contextmanager
def refused(code: str) -> Iterator[Any]:
    with pytest.raises(KefuError) as refusal:
        yield refusal
    assert refusal.value.reason == code
    assert SAYS[code] in str(refusal.value)


@pytest.fixture
def card(cast: Cast, ground: Ground, now: datetime) -> RateCard:
    """The hub's card since the first of October, for every site below it."""
    new = NewCard(
        ground.hub.pk, "2026 派费", OCTOBER, "测试估算", [BAND], [{"charge": "receipt", "rule": "each", "amount": "1.5", "when": "receipt"}]
    )
    return cards.add_card(actor=cast.manager, new=new, now=now)


@pytest.fixture
def deliver(ground: Ground, now: datetime) -> Callable[..., Any]:
    """Register a parcel and scan it: ``deliver("75…", "8.46", hub="9")`` gives its key."""

    def make(
        number: str,
        weight: str | None = "8.46",
        *,
        codes: tuple[str, ...] = ("deliver", "sign"),
        site: Any = None,
        at: datetime = SIGNED,
        **more: Any,
    ) -> int:
        draft = ParcelDraft(number, ground.station.pk, ground.other_station.pk, weight=D(weight) if weight else None, **more)
        row = parcels.register_parcel(actor=SYSTEM, draft=draft, now=now)
        scan(number, *codes, site=site or ground.station, at=at)
        return int(row.pk)

    def scan(number: str, *codes: str, site: Any, at: datetime) -> None:
        rows = [ScanDraft(number, code, site.pk, at + timedelta(minutes=place)) for place, code in enumerate(codes)]
        assert not record_scans(actor=SYSTEM, batch=rows, now=now).refused

    make.scan = scan  # type: ignore[attr-defined]
    return make


@pytest.fixture
def fee_for(deliver: Callable[..., Any], now: datetime) -> Callable[..., DeliveryFee]:
    """A delivered parcel's fee."""

    def make(number: str, *given: Any, **more: Any) -> DeliveryFee:
        actions.refresh(actor=SYSTEM, parcel_ids=[deliver(number, *given, **more)], now=now)
        return DeliveryFee.objects.get(waybill=number, sequence=0)

    return make


def again(row: DeliveryFee, now: datetime) -> DeliveryFee:
    actions.refresh(actor=SYSTEM, parcel_ids=[row.parcel_id], now=now)
    row.refresh_from_db()
    return row


# --- made, worked out, void -----------------------------------------------------------------------------------------------------------


def test_a_signed_parcel_earns_its_fee(card: RateCard, fee_for: Callable[..., DeliveryFee]) -> None:
    row = fee_for("75000000000001", receipt_kind="original")
    assert (row.base, row.heavy, row.total, row.state) == (D("1.20"), D("1.65"), D("4.35"), "open")
    assert [line["charge"] for line in row.lines] == ["base", "heavy", "receipt"]
    assert (row.signed_on, row.card_id) == (date(2026, 10, 20), card.pk)
    assert FeeRevision.objects.filter(fee=row).values_list("why", "before", "after").get() == ("reckoned", None, D("4.35"))


def test_the_same_again_changes_nothing(card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    row = fee_for("75000000000001")
    worked = actions.refresh(actor=SYSTEM, parcel_ids=[row.parcel_id, row.parcel_id], now=now)
    assert (worked.made, worked.changed, worked.void) == (0, 0, 0)
    assert again(row, now).version == 0
    assert FeeRevision.objects.count() == 1


def test_without_a_signature_there_is_no_fee(card: RateCard, deliver: Callable[..., int], now: datetime) -> None:
    pk = deliver("75000000000001", codes=("deliver",))
    assert actions.refresh(actor=SYSTEM, parcel_ids=[pk], now=now).made == 0


@pytest.mark.parametrize(("code", "trouble"), [("return", "returned"), ("refuse", "unsigned")])
def test_what_goes_back_earns_nothing_and_comes_back_when_signed(
    cast: Cast,
    card: RateCard,
    deliver: Callable[..., Any],
    fee_for: Callable[..., DeliveryFee],
    ground: Ground,
    now: datetime,
    code: str,
    trouble: str,
) -> None:
    """O11: void after 退件."""
    row = fee_for("75000000000001")
    deliver.scan(row.waybill, code, site=ground.station, at=SIGNED + timedelta(hours=3))  # type: ignore[attr-defined]
    row = again(row, now)
    assert (row.state, row.total, row.trouble) == ("void", 0, trouble)
    with refused("fee.void"):
        disputed(cast, row, now)
    if code == "refuse":
        deliver.scan(row.waybill, "deliver", "sign", site=ground.station, at=SIGNED + timedelta(hours=5))  # type: ignore[attr-defined]
        row = again(row, now)
        assert (row.state, row.total, row.trouble) == ("open", D("2.85"), "")
        assert list(FeeRevision.objects.filter(fee=row).order_by("pk").values_list("why", flat=True)) == ["reckoned", "void", "revived"]


def test_the_fee_follows_the_site_that_signs(card: RateCard, fee_for: Callable[..., DeliveryFee], ground: Ground) -> None:
    """O11: forwarding."""
    assert fee_for("75000000000001", site=ground.other_station).site_id == ground.other_station.pk


def test_a_parcel_that_goes_on_under_another_number_earns_there(
    card: RateCard, deliver: Callable[..., int], fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    row = fee_for("75000000000001")
    deliver("75000000000002", codes=("deliver",))
    link_waybills(actor=SYSTEM, kind="forward", from_waybill=row.waybill, to_waybill="75000000000002", now=now)
    row = again(row, now)
    assert (row.state, row.trouble) == ("void", "forwarded")


def test_hub_weight_counts_and_the_difference_is_marked(card: RateCard, fee_for: Callable[..., DeliveryFee]) -> None:
    row = fee_for("75000000000001", "3.0", hub_weight=D("3.6"))
    assert (row.billed_weight, row.weight_differs, row.heavy) == (D("3.6"), True, D("0.60") / 2 * 1)
    assert not fee_for("75000000000002", "3.0", hub_weight=D("3.5")).weight_differs


def test_trouble_is_said_and_mended_by_a_card(cast: Cast, ground: Ground, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    row = fee_for("75000000000001")
    light = fee_for("75000000000002", None)
    assert (row.state, row.trouble, row.total) == ("open", "no_card", 0)
    made = cards.add_card(actor=cast.manager, new=NewCard(ground.station.pk, "派费", OCTOBER, "合同", [BAND]), now=now)
    actions.follow_rates(actor=SYSTEM, card_id=made.pk, now=now + timedelta(minutes=1))
    row.refresh_from_db()
    light.refresh_from_db()
    assert (row.trouble, row.total) == ("", D("2.85"))
    assert light.trouble == "no_weight"


def test_new_rates_are_followed_in_lots_and_go_on_where_they_got_to(
    cast: Cast, ground: Ground, fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    rows = [fee_for(f"7500000000000{number}") for number in range(5)]
    made = cards.add_card(actor=cast.manager, new=NewCard(ground.station.pk, "派费", OCTOBER, "合同", [BAND]), now=now)
    after, turns = 0, 0
    while turns < 5:
        worked = actions.follow_rates(actor=SYSTEM, card_id=made.pk, after=after, most=2, now=now)
        turns += 1
        assert worked.changed <= 2
        if not worked.more:
            break
        after = OutboxEvent.objects.filter(type="fee.rates").order_by("-pk")[0].payload["after"]
        assert after == rows[2 * turns - 1].parcel_id
    assert turns == 3
    assert set(DeliveryFee.objects.values_list("trouble", "total")) == {("", D("2.85"))}


def test_a_settled_fee_does_not_stop_the_lots(cast: Cast, ground: Ground, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    rows = [fee_for(f"7500000000000{number}") for number in range(3)]
    DeliveryFee.objects.filter(pk=rows[0].pk).update(state="settled")
    made = cards.add_card(actor=cast.manager, new=NewCard(ground.station.pk, "派费", OCTOBER, "合同", [BAND]), now=now)
    first = actions.follow_rates(actor=SYSTEM, card_id=made.pk, most=1, now=now)
    assert (first.changed, first.more) == (0, True)
    rest = actions.follow_rates(actor=SYSTEM, card_id=made.pk, after=rows[0].parcel_id, most=2, now=now)
    assert (rest.changed, rest.more) == (2, False)


def test_reckoning_by_hand_finds_deliveries_without_a_fee(
    cast: Cast, ground: Ground, card: RateCard, deliver: Callable[..., int], now: datetime
) -> None:
    for number in range(3):
        deliver(f"7500000000000{number}")
    days = {"first": OCTOBER, "last": date(2026, 10, 31)}
    first = actions.reckon(actor=cast.manager, site_id=ground.station.pk, now=now, most=2, **days)  # type: ignore[arg-type]
    assert (first.made, first.more) == (2, True)
    second = actions.reckon(actor=cast.manager, site_id=ground.station.pk, now=now, most=2, **days)  # type: ignore[arg-type]
    assert (second.made, second.more) == (1, False)


def test_extras_no_scan_tells_of(cast: Cast, ground: Ground, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    items = [
        {"charge": "upstairs", "rule": "floor", "amount": "2"},
        {"charge": "round_trip", "rule": "each", "amount": "3", "when": "round_trip"},
    ]
    cards.add_card(actor=cast.manager, new=NewCard(ground.station.pk, "派费", OCTOBER, "合同", [BAND], items), now=now)
    row = fee_for("75000000000001", "1")
    done = disputes.note_extras(actor=cast.manager, fee_id=row.pk, floors=4, round_trip=True, expected_version=row.version, now=now)
    assert done.total == D("12.20")
    with pytest.raises(Invalid) as refusal:
        disputes.note_extras(actor=cast.manager, fee_id=row.pk, floors=100, round_trip=False, expected_version=done.version, now=now)
    assert "0 到 99" in str(refusal.value.fields["floors"])


# --- cards ----------------------------------------------------------------------------------------------------------------------------


def new_card(ground: Ground, first: date, last: date | None = None, **more: Any) -> NewCard:
    return NewCard(ground.station.pk, "派费", first, "合同", [BAND], valid_until=last, **more)


def test_cards_of_one_key_do_not_overlap(cast: Cast, ground: Ground, now: datetime) -> None:
    cards.add_card(actor=cast.manager, new=new_card(ground, OCTOBER, date(2026, 10, 31)), now=now)
    for first, last in ((date(2026, 10, 31), None), (date(2026, 9, 1), None), (OCTOBER, OCTOBER)):
        with pytest.raises(KefuError) as refusal:
            cards.add_card(actor=cast.manager, new=new_card(ground, first, last), now=now)
        assert refusal.value.reason == "fee.cards_overlap"
        assert "2026-10-01" in str(refusal.value)
    cards.add_card(actor=cast.manager, new=new_card(ground, OCTOBER, area="江宁区"), now=now)
    cards.add_card(actor=cast.manager, new=new_card(ground, date(2026, 11, 1)), now=now)
    assert RateCard.objects.count() == 3


def test_a_new_card_may_end_the_one_before(cast: Cast, ground: Ground, now: datetime) -> None:
    first = cards.add_card(actor=cast.manager, new=new_card(ground, OCTOBER), now=now)
    cards.add_card(actor=cast.manager, new=new_card(ground, date(2026, 12, 1), follow=True), now=now)
    first.refresh_from_db()
    assert first.valid_until == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": " "}, "title", "名称"),
        ({"source": ""}, "source", "来源"),
        ({"valid_until": date(2026, 9, 30)}, "valid_until", "不能早于"),
        ({"area": "长" * 61}, "area", "过长"),
    ],
)
def test_cards_that_cannot_be(cast: Cast, ground: Ground, now: datetime, change: dict[str, Any], field: str, words: str) -> None:
    values = {"site_id": ground.station.pk, "title": "派费", "valid_from": OCTOBER, "source": "合同", "bands": [BAND]} | change
    with pytest.raises(Invalid) as refusal:
        cards.add_card(actor=cast.manager, new=NewCard(**values), now=now)
    assert words in str(refusal.value.fields[field])
    assert not RateCard.objects.exists()


def test_a_card_in_use_is_ended_not_withdrawn(cast: Cast, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    row = fee_for("75000000000001")
    with refused("fee.card_used"):
        cards.withdraw_card(actor=cast.manager, card_id=card.pk, expected_version=0, now=now)
    ended = cards.end_card(actor=cast.manager, card_id=card.pk, last=date(2026, 10, 15), expected_version=0, now=now)
    actions.follow_rates(actor=SYSTEM, card_id=card.pk, now=now)
    row.refresh_from_db()
    assert (row.trouble, row.card_id) == ("no_card", None)
    cards.withdraw_card(actor=cast.manager, card_id=card.pk, expected_version=ended.version, now=now)
    with refused("fee.card_withdrawn"):
        cards.end_card(actor=cast.manager, card_id=card.pk, last=OCTOBER, expected_version=ended.version + 1, now=now)


def test_a_card_ends_after_it_began_and_by_one_person(cast: Cast, card: RateCard, now: datetime) -> None:
    with pytest.raises(Invalid):
        cards.end_card(actor=cast.manager, card_id=card.pk, last=date(2026, 9, 1), expected_version=0, now=now)
    with pytest.raises(Stale):
        cards.end_card(actor=cast.manager, card_id=card.pk, last=OCTOBER, expected_version=7, now=now)


def test_what_a_delivery_would_earn(cast: Cast, ground: Ground, card: RateCard, now: datetime) -> None:
    def tried(day: date) -> Any:
        return cards_queries.what_if(
            cast.clerk, site_id=ground.station.pk, day=day, facts=Facts(D(2), D("8.46")), destination="江苏省", now=now
        )

    trial = tried(OCTOBER)
    assert (trial.chosen.id, trial.reckoned.total, trial.differs) == (card.pk, D("2.85"), True)
    assert tried(date(2026, 9, 30)).chosen is None


# --- statements -----------------------------------------------------------------------------------------------------------------------


def settle(cast: Cast, ground: Ground, now: datetime) -> Any:
    made = statements.collect(actor=cast.manager, site_id=ground.station.pk, month=OCTOBER, now=now)
    return statements.settle(actor=cast.manager, statement_id=made.pk, expected_version=made.version, now=now)


def test_a_month_is_collected_settled_paid_and_locked(
    cast: Cast, ground: Ground, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    one, two = fee_for("75000000000001"), fee_for("75000000000002", "2")
    november = fee_for("75000000000003", at=datetime(2026, 11, 2, tzinfo=UTC))
    made = settle(cast, ground, now)
    assert (made.count, made.total, made.base, made.heavy) == (2, D("4.05"), D("2.40"), D("1.65"))
    for row in (one, two):
        row.refresh_from_db()
        assert (row.state, row.statement_id) == ("settled", made.pk)
    november.refresh_from_db()
    assert november.state == "open"
    with refused("fee.statement_locked"):
        statements.collect(actor=cast.manager, site_id=ground.station.pk, month=OCTOBER, now=now)
    with refused("fee.statement_locked"):
        statements.settle(actor=cast.manager, statement_id=made.pk, expected_version=made.version, now=now)
    with refused("fee.locked"):
        disputes.note_extras(actor=cast.manager, fee_id=one.pk, floors=1, round_trip=False, expected_version=one.version, now=now)
    paid = statements.pay(actor=cast.manager, statement_id=made.pk, expected_version=made.version, now=now)
    one.refresh_from_db()
    assert (paid.state, one.state) == ("paid", "paid")
    opened = queries.page(cast.clerk, FeeWanted(statement_id=made.pk))
    assert sum((row.total for row in opened.rows), D(0)) == paid.total, "the total opens down to waybills"


def test_what_cannot_be_settled_or_paid(cast: Cast, ground: Ground, now: datetime) -> None:
    made = statements.collect(actor=cast.manager, site_id=ground.station.pk, month=OCTOBER, now=now)
    given = {"actor": cast.manager, "statement_id": made.pk, "now": now}
    with refused("fee.statement_empty"):
        statements.settle(**given, expected_version=made.version)  # type: ignore[arg-type]
    with refused("fee.not_settled"):
        statements.pay(**given, expected_version=made.version)  # type: ignore[arg-type]
    with pytest.raises(Stale):
        statements.settle(**given, expected_version=99)  # type: ignore[arg-type]
    running = statements.collect(actor=cast.manager, site_id=ground.station.pk, month=date(2026, 11, 5), now=now)
    with refused("fee.month_not_over") as refusal:
        statements.settle(actor=cast.manager, statement_id=running.pk, expected_version=running.version, now=now)
    assert "2026-11" in str(refusal.value)


def test_a_settled_fee_is_corrected_by_another(
    cast: Cast, ground: Ground, card: RateCard, deliver: Callable[..., Any], fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    row = fee_for("75000000000001")
    settle(cast, ground, now)
    scan = deliver.scan  # type: ignore[attr-defined]
    scan(row.waybill, "refuse", site=ground.station, at=SIGNED + timedelta(days=2))
    again(row, now)
    correction = DeliveryFee.objects.get(parcel_id=row.parcel_id, sequence=1)
    assert (row.total, row.state, correction.total, correction.state) == (D("2.85"), "settled", D("-2.85"), "open")
    again(row, now)
    assert DeliveryFee.objects.count() == 2
    scan(row.waybill, "deliver", "sign", site=ground.station, at=SIGNED + timedelta(days=3))
    again(row, now)
    correction.refresh_from_db()
    assert (correction.state, correction.total) == ("void", 0)


# --- disputes -------------------------------------------------------------------------------------------------------------------------


def disputed(cast: Cast, row: DeliveryFee, now: datetime, **more: Any) -> Any:
    new = NewDispute(**({"reason": "weight", "note": "复称 12 千克", "wanted": D("5")} | more))
    return dispute_fee(actor=cast.clerk, fee_id=row.pk, new=new, expected_version=row.version, now=now)


def test_a_dispute_becomes_a_case_and_holds_the_fee(
    cast: Cast, ground: Ground, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    row = fee_for("75000000000001")
    statements.collect(actor=cast.manager, site_id=ground.station.pk, month=OCTOBER, now=now)
    row.refresh_from_db()
    assert row.state == "counted"
    done = disputed(cast, row, now)
    row.refresh_from_db()
    assert (row.state, row.statement_id) == ("disputed", None)
    found = queries.detail(cast.clerk, row.pk).disputes[0]
    assert escalations.cases_of(KIND, [found.pk]) == {found.pk: done.case_id}
    with refused("fee.statement_empty"):
        settle(cast, ground, now)
    with refused("fee.disputed"):
        disputed(cast, row, now)


@pytest.mark.parametrize(
    ("verdict", "amount", "total", "state"),
    [("upheld", None, "2.85", "open"), ("changed", "5", "5", "open"), ("waived", None, "0", "open")],
)
def test_a_dispute_ends(
    cast: Cast,
    ground: Ground,
    card: RateCard,
    fee_for: Callable[..., DeliveryFee],
    now: datetime,
    verdict: str,
    amount: str | None,
    total: str,
    state: str,
) -> None:
    row = fee_for("75000000000001")
    disputed(cast, row, now)
    row.refresh_from_db()
    done = disputes.decide(
        actor=cast.manager,
        fee_id=row.pk,
        verdict=verdict,
        amount=D(amount) if amount else None,
        answer="已核对",
        expected_version=row.version,
        now=now,
    )
    assert (done.total, done.state) == (D(total), state)
    row = again(row, now)
    assert row.total == D(total), "a verdict stays"
    if verdict != "upheld":
        with refused("fee.fixed"):
            disputes.note_extras(actor=cast.manager, fee_id=row.pk, floors=1, round_trip=False, expected_version=row.version, now=now)
    with refused("fee.no_dispute"):
        disputes.decide(actor=cast.manager, fee_id=row.pk, verdict="upheld", amount=None, answer="", expected_version=row.version, now=now)
    assert settle(cast, ground, now).total == D(total)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"reason": "luck"}, "reason", "请选择争议原因"),
        ({"reason": "other", "note": " "}, "note", "请写明争议的内容"),
        ({"note": "长" * 501}, "note", "500 字"),
        ({"wanted": D(-1)}, "wanted", "不小于 0"),
    ],
)
def test_disputes_that_cannot_be(
    cast: Cast, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime, more: dict[str, Any], field: str, words: str
) -> None:
    row = fee_for("75000000000001")
    with pytest.raises(Invalid) as refusal:
        disputed(cast, row, now, **more)
    assert words in str(refusal.value.fields[field])
    row.refresh_from_db()
    assert row.state == "open"


def test_a_verdict_needs_its_amount(cast: Cast, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime) -> None:
    row = fee_for("75000000000001")
    disputed(cast, row, now)
    row.refresh_from_db()
    for verdict, field in (("changed", "amount"), ("perhaps", "verdict")):
        with pytest.raises(Invalid) as refusal:
            disputes.decide(
                actor=cast.manager, fee_id=row.pk, verdict=verdict, amount=None, answer="", expected_version=row.version, now=now
            )
        assert field in refusal.value.fields


# --- the network's own statement ------------------------------------------------------------------------------------------------------


def test_their_statement_is_held_against_ours(
    cast: Cast, ground: Ground, card: RateCard, fee_for: Callable[..., DeliveryFee], now: datetime
) -> None:
    for number in range(1, 5):
        fee_for(f"7500000000000{number}")
    theirs = {"75000000000001": "2.85", "75000000000002": "2.50", "75000000000003": "3", "75000000000009": "1"}
    drafts = [NetworkDraft(ground.station.pk, OCTOBER, number, D(total)) for number, total in theirs.items()]
    assert network.take_in(actor=cast.manager, drafts=drafts, now=now).stored == 4
    assert network.take_in(actor=cast.manager, drafts=drafts, now=now).present == 4

    def ours(difference: str) -> list[str]:
        return [row.waybill[-1] for row in queries.page(cast.clerk, FeeWanted(difference=difference)).rows]

    assert {name: ours(name) for name in ("same", "more", "less", "theirs_missing")} == {
        "same": ["1"],
        "more": ["2"],
        "less": ["3"],
        "theirs_missing": ["4"],
    }
    found = queries.network_page(queries.network_rows(cast.clerk)).rows
    assert {row.waybill[-1]: (row.compared, row.difference) for row in found} == {
        "1": ("same", 0),
        "2": ("more", D("0.35")),
        "3": ("less", D("-0.15")),
        "9": ("ours_missing", D(-1)),
    }
    for code in ("same", "more", "less", "ours_missing"):
        assert len(queries.network_page(queries.network_rows(cast.clerk, comparison=code)).rows) == 1
    late = fee_for("75000000000009")
    assert late.network_total == 1, "a fee made later finds their line"


def test_their_statement_from_a_file(cast: Cast, ground: Ground, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "派费.csv"
    rows = [
        "运单号,派件网点,月份,计费重量,基础派费,大货派费,合计",
        "75000000000001,NS01,2026-10,8.46,1.2,1.65,2.85",
        "75000000000002,NS01,2026年10月,2,1.2,0,1.20元",
        "75000000000003,XX99,202610,2,1.2,0,1.2",
        "75000000000004,NS01,,2,1.2,0,1.2",
        "75000000000005,NS01,2026-13,2,1.2,0,1.2",
        "7.51235E+13,NS01,2026-10,2,1.2,0,1.2",
        "75000000000006,NS01,2026-10,2,1.2,0,",
        "!,NS01,2026-10,2,1.2,0,1",
        "75000000000007,NS01,2026-10,2,1.2,0,99999999",
    ]
    path.write_bytes("\n".join(rows).encode("gb18030"))
    source = open_network_fees(actor=cast.manager, path=path, now=now)
    preview = imports.preview(source)
    reasons = {problem.row: problem.reason for problem in preview.problems}
    assert reasons == {
        4: "unknown_site",
        5: "no_month",
        6: "bad_time",
        7: "digits_lost",
        8: "no_total",
        9: "bad_waybill",
        10: "bad_amount",
    }
    run = imports.run(actor=cast.manager, source=source, now=now)
    assert (run.stored, run.refused) == (2, 7)


def test_pages_follow_each_other(cast: Cast, card: RateCard, fee_for: Callable[..., DeliveryFee]) -> None:
    for number in range(3):
        fee_for(f"7500000000000{number}", at=SIGNED + timedelta(days=number % 2))
    seen, cursor = [], None
    while True:
        found = queries.page(cast.clerk, FeeWanted(), cursor=cursor, size=1)
        seen += [row.waybill[-1] for row in found.rows]
        cursor = found.next
        if cursor is None:
            break
    assert seen == ["1", "2", "0"]


# --- who may --------------------------------------------------------------------------------------------------------------------------


def test_who_may_see_and_do(
    cast: Cast, ground: Ground, card: RateCard, fee_for: Callable[..., DeliveryFee], hire: Callable[..., Any], now: datetime
) -> None:
    from kefu.people import access as people

    row = fee_for("75000000000001")
    outsider = people.actor_for(hire("clerk", ground.other_station))
    with pytest.raises(NotFound):
        queries.detail(outsider, row.pk)
    assert not queries.page(outsider, FeeWanted()).rows
    with pytest.raises(Denied):
        queries.page(cast.agent, FeeWanted())
    assert cards_queries.card_rows(outsider, today=OCTOBER), "a card of the hub is for all its sites"
    for attempt in (
        lambda: cards.add_card(actor=cast.clerk, new=new_card(ground, OCTOBER), now=now),
        lambda: statements.collect(actor=cast.clerk, site_id=ground.station.pk, month=OCTOBER, now=now),
        lambda: actions.reckon(actor=cast.clerk, site_id=ground.station.pk, first=OCTOBER, last=OCTOBER, now=now),
        lambda: network.take_in(actor=cast.clerk, drafts=[], now=now),
        lambda: disputes.note_extras(actor=cast.clerk, fee_id=row.pk, floors=1, round_trip=False, expected_version=0, now=now),
        lambda: disputes.decide(actor=cast.clerk, fee_id=row.pk, verdict="upheld", amount=None, answer="", expected_version=0, now=now),
    ):
        with pytest.raises(Denied):
            attempt()


@pytest.mark.parametrize("size", [2, 12])
def test_queries_do_not_grow(
    card: RateCard, deliver: Callable[..., int], cast: Cast, now: datetime, django_assert_max_num_queries: Any, size: int
) -> None:
    ids = [deliver(f"750000000000{number:02d}") for number in range(size)]
    with django_assert_max_num_queries(20):
        actions.refresh(actor=SYSTEM, parcel_ids=ids, now=now)
    with django_assert_max_num_queries(3):
        assert len(queries.page(cast.clerk, FeeWanted()).rows) == size
