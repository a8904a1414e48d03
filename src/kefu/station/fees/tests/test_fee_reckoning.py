"""Rates and the calculator, without a database (O11)."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.kernel.errors import Invalid
from kefu.station.fees.choosing import Card, Place, candidates, choose, clash
from kefu.station.fees.rates import Band, Item, Rates, rates_of
from kefu.station.fees.reckoning import Facts, Line, fee_of, spelled
from kefu.station.fees.vocabulary import BY_BANDS, DEDUCTIONS, Charge, Rule, When

PLAIN = Rates((Band(D(0), D("1.20"), D(3), D("0.30"), D("0.5")),))


def charged(reckoned: Any) -> dict[str, str]:
    return {line.charge: str(line.amount) for line in reckoned.lines}


@pytest.mark.parametrize(
    ("weight", "lines"),
    [
        ("0", {"base": "1.20"}),
        ("3", {"base": "1.20"}),
        ("3.001", {"base": "1.20", "heavy": "0.15"}),
        ("8.46", {"base": "1.20", "heavy": "1.65"}),
        ("8.5", {"base": "1.20", "heavy": "1.65"}),
        ("8.51", {"base": "1.20", "heavy": "1.80"}),
    ],
)
def test_base_up_to_the_threshold_then_each_begun_step(weight: str, lines: dict[str, str]) -> None:
    """O11: base for weight ≤ T, then the weight over T rounded up."""
    assert charged(fee_of(Facts(D(weight)), PLAIN)) == lines


@pytest.mark.parametrize(("step", "amount"), [("0.1", "1.65"), ("0.5", "1.65"), ("1", "1.80")])
def test_rounding_by_step(step: str, amount: str) -> None:
    rates = Rates((Band(D(0), D("1.20"), D(3), D("0.30"), D(step)),))
    assert charged(fee_of(Facts(D("8.41")), rates))["heavy"] == {"0.1": "1.65", "0.5": "1.65", "1": "1.80"}[step] == amount


def test_the_cap_holds_and_is_told() -> None:
    rates = Rates((Band(D(0), D(1), D(3), D("0.5"), D(1), D(10)),))
    done = fee_of(Facts(D(500)), rates)
    assert done.total == D("10.00")
    assert "封顶 10 元" in spelled(done.lines[1].stored())
    assert "封顶" not in spelled(fee_of(Facts(D(5)), rates).lines[1].stored())


def test_a_weight_belongs_to_the_band_that_begins_at_it() -> None:
    rates = Rates((Band(D(0), D(1)), Band(D(20), D(9))))
    assert charged(fee_of(Facts(D("19.999")), rates)) == {"base": "1.00"}
    assert charged(fee_of(Facts(D(20)), rates)) == {"base": "9.00"}


def test_the_hubs_weight_counts_over_ones_own() -> None:
    """O11: weight disagreement: use the hub's scale."""
    facts = Facts(D(4), D(6), tolerance=D("0.5"))
    assert facts.billed == 6
    assert facts.differs
    assert charged(fee_of(facts, PLAIN))["heavy"] == "0.90"
    assert not Facts(D(4), D("4.5"), tolerance=D("0.5")).differs
    assert not Facts(D(4), D(6)).differs, "no tolerance is in force"
    assert not Facts(None, D(6), tolerance=D(0)).differs


ITEMS = (
    Item(Charge.UPSTAIRS, Rule.FLOOR, D(2)),
    Item(Charge.RECEIPT, Rule.EACH, D("1.5"), When.RECEIPT),
    Item(Charge.ROUND_TRIP, Rule.EACH, D(3), When.ROUND_TRIP),
    Item(Charge.OVERWEIGHT_IN, Rule.DIFFERENCE, D("0.2"), When.HEAVIER),
    Item(Charge.OVERWEIGHT_OUT, Rule.WEIGHT, D("0.1"), When.ALWAYS, D(30)),
    Item(Charge.NETWORK, Rule.PIECE, D("0.25")),
    Item(Charge.FUEL, Rule.PERCENT, D(5)),
)


def test_every_charge_item_by_its_own_rule() -> None:
    rates = Rates(PLAIN.bands, ITEMS)
    facts = Facts(D(2), D(3), pieces=2, receipt=True, round_trip=True, floors=3, tolerance=D("0.5"))
    assert charged(fee_of(facts, rates)) == {
        "base": "1.20",
        "upstairs": "6.00",
        "receipt": "1.50",
        "round_trip": "3.00",
        "overweight_in": "0.20",
        "network": "0.50",
        "fuel": "0.62",
    }
    assert charged(fee_of(Facts(D(2)), rates)) == {"base": "1.20", "network": "0.25", "fuel": "0.07"}


def test_deductions_stand_below_zero() -> None:
    done = fee_of(Facts(D(32)), Rates(PLAIN.bands, ITEMS))
    assert charged(done)["overweight_out"] == "-0.20"
    assert done.total == sum((line.amount for line in done.lines), D(0))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (fee_of(Facts(D("8.46")), PLAIN).lines[0], "8.46 千克，属于 0 千克起的重量段：1.2 元"),
        (fee_of(Facts(D("8.46")), PLAIN).lines[1], "（8.46 − 3）千克，按 0.5 进位为 5.5 千克 × 0.3 元"),
        (fee_of(Facts(D(1), floors=3), Rates(PLAIN.bands, ITEMS[:1])).lines[1], "3 层 × 2 元"),
        (fee_of(Facts(D(1)), Rates(PLAIN.bands, ITEMS[-1:])).lines[1], "1.2 元 × 5%"),
        (Line("base", "verdict", D(2), {}), "争议裁定金额"),
    ],
)
def test_the_sum_is_written_out(line: Line, words: str) -> None:
    assert spelled(line.stored()) == words


def test_a_fee_needs_a_weight() -> None:
    with pytest.raises(ValueError, match="weight"):
        fee_of(Facts(None), PLAIN)


# --- properties ----------------------------------------------------------------------------------------------------------------------

amounts = st.decimals(0, 50, places=2)
weights = st.decimals(0, 300, places=3)
steps = st.sampled_from([D("0.1"), D("0.5"), D(1)])


@st.composite
def rate_tables(draw: st.DrawFn, *, deductions: bool = True) -> Rates:
    starts = [D(0), *sorted(set(draw(st.lists(st.decimals("0.5", 200, places=1), max_size=4))))]
    bands: list[dict[str, Any]] = []
    floor = D(0)
    for place, start in enumerate(starts):
        band = Band(start, floor + draw(amounts), draw(weights), draw(st.decimals(0, 3, places=2)), draw(steps))
        cap = draw(st.none() | amounts)
        band = Band(band.from_kg, band.base, band.over_kg, band.per_kg, band.step, None if cap is None else band.base + cap)
        bands.append(Rates((band,)).stored()[0][0])
        if place + 1 < len(starts):
            floor = band.fee(starts[place + 1])
    charges = [one for one in Charge.values if one not in BY_BANDS and (deductions or one not in DEDUCTIONS)]
    rules = [one for one in Rule.values if deductions or one != Rule.DIFFERENCE]
    item = st.builds(Item, st.sampled_from(charges), st.sampled_from(rules), st.decimals(0, 20, places=2), over_kg=weights, step=steps)
    made = draw(st.lists(item, max_size=4))
    return rates_of(bands, Rates((), tuple(made)).stored()[1])


@given(rate_tables(deductions=False), weights, weights)
def test_a_heavier_parcel_never_earns_less(rates: Rates, one: D, other: D) -> None:
    low, high = sorted([one, other])
    assert fee_of(Facts(low), rates).total <= fee_of(Facts(high), rates).total


@given(rate_tables(), weights, weights | st.none(), st.booleans(), st.integers(0, 30))
def test_lines_add_up_and_caps_hold(rates: Rates, own: D, hub: D | None, receipt: bool, floors: int) -> None:
    done = fee_of(Facts(own, hub, receipt=receipt, floors=floors, tolerance=D("0.5")), rates)
    assert sum((line.amount for line in done.lines), D(0)) == done.total
    assert all(line.amount == line.amount.quantize(D("0.01")) for line in done.lines)
    cap = rates.band(done.billed).cap
    if cap is not None:
        assert done.of("base") + done.of("heavy") <= cap + D("0.005")
    assert all((line.amount < 0) == (line.charge in DEDUCTIONS) for line in done.lines if line.amount)
    assert all(spelled(line.stored()) for line in done.lines)


@given(rate_tables())
def test_rates_are_kept_to_the_last_digit(rates: Rates) -> None:
    assert rates_of(*rates.stored()) == rates


# --- what a card may not say ---------------------------------------------------------------------------------------------------------

GOOD = {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3", "step": "0.5", "cap": ""}


@pytest.mark.parametrize(
    ("bands", "items", "field", "words"),
    [
        ([], [], "bands", "至少要有一个重量段"),
        ([GOOD | {"from_kg": "1"}], [], "bands", "第一段从 0 千克开始"),
        ([GOOD] * 21, [], "bands", "不超过 20 个"),
        ([GOOD | {"base": "-1"}], [], "bands.0.base", "不小于 0"),
        ([GOOD | {"base": "一元"}], [], "bands.0.base", "不小于 0"),
        ([GOOD | {"base": "NaN"}], [], "bands.0.base", "不小于 0"),
        ([GOOD | {"step": "0.3"}], [], "bands.0.step", "0.1、0.5 或 1"),
        ([GOOD | {"cap": "1"}], [], "bands.0.cap", "封顶不能低于"),
        ([GOOD, GOOD], [], "bands.1.from_kg", "从轻到重"),
        ([GOOD, GOOD | {"from_kg": "10", "base": "0.5", "over_kg": "10"}], [], "bands.1.base", "重的反而便宜"),
        ([GOOD], [{"charge": "base", "rule": "each", "amount": "1"}], "items.0.charge", "重量段里填写"),
        ([GOOD], [{"charge": "fuel", "rule": "some", "amount": "1"}], "items.0.rule", "计算方式"),
        ([GOOD], [{"charge": "fuel", "rule": "each", "amount": "1", "when": "moon"}], "items.0.when", "适用范围"),
        ([GOOD], [{"charge": "fuel", "rule": "each", "amount": ""}], "items.0.amount", "不小于 0"),
    ],
)
def test_rates_that_cannot_be(bands: list[dict[str, str]], items: list[dict[str, str]], field: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rates_of(bands, items)
    assert words in str(refusal.value.fields[field])


# --- which card -----------------------------------------------------------------------------------------------------------------------


def card(number: int, site: int, first: str, last: str | None = None, area: str = "", product: str = "") -> Card:
    return Card(number, f"{number}", site, area, product, date.fromisoformat(first), date.fromisoformat(last) if last else None, PLAIN)


def test_the_nearest_and_narrowest_card_counts() -> None:
    cards = [
        card(1, 10, "2026-01-01"),
        card(2, 20, "2026-01-01", "2026-06-30"),
        card(3, 20, "2026-07-01"),
        card(4, 20, "2026-01-01", area="江宁区"),
        card(5, 20, "2026-01-01", area="江宁区/禄口街道"),
        card(6, 20, "2026-01-01", product="大件"),
        card(7, 30, "2026-01-01"),
    ]
    line = [10, 20]

    def chosen(day: str, destination: str = "", product: str = "") -> int:
        found = choose(cards, Place(line, destination, product), date.fromisoformat(day))
        return found.id if found else 0

    assert chosen("2026-06-30") == 2
    assert chosen("2026-07-01") == 3
    assert chosen("2026-07-01", "江苏省/南京市/江宁区") == 4
    assert chosen("2026-07-01", "江苏省/南京市/江宁区/禄口街道") == 5
    assert chosen("2026-07-01", product="大件") == 6
    assert chosen("2025-12-31") == 0
    assert choose(cards, Place([10]), date(2026, 7, 1)) == cards[0]
    assert choose(cards, Place([40]), date(2026, 7, 1)) is None
    assert [one.id for one in candidates(cards, Place(line), date(2026, 3, 1))] == [2, 1]


@pytest.mark.parametrize(
    ("first", "last", "clashes"),
    [
        ("2026-01-31", None, True),
        ("2026-02-01", None, False),
        ("2025-01-01", "2025-12-31", False),
        ("2025-01-01", "2026-01-01", True),
        ("2025-01-01", None, True),
    ],
)
def test_days_that_overlap(first: str, last: str | None, clashes: bool) -> None:
    known = [card(1, 10, "2026-01-01", "2026-01-31")]
    found = clash(known, date.fromisoformat(first), date.fromisoformat(last) if last else None)
    assert (found is not None) is clashes
