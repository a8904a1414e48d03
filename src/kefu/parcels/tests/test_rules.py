"""The state of a parcel as a table, and its independence of the order in which scans arrive."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.parcels.rules import Event, can_go_on, in_order, marks_of, state_of
from kefu.parcels.vocabulary import ScanCode, StateCode

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
HERE, THERE = 7, 3
S = StateCode


def walk(text: str) -> list[Event]:
    """``collect send arrive@here`` one hour apart; ``+sign`` bears the same time as the one before."""
    events: list[Event] = []
    at = START
    for word in text.split():
        name, _, place = word.removeprefix("+").partition("@")
        at = at if word.startswith("+") or not events else at + timedelta(hours=1)
        events.append(Event(at, name, HERE if place == "here" else THERE))
    return events


@pytest.mark.parametrize(
    ("scans", "state"),
    [
        ("", S.ORDERED),
        ("collect", S.COLLECTED),
        ("collect bag load send", S.IN_TRANSIT),
        ("collect send arrive", S.IN_TRANSIT),
        ("collect send arrive@here", S.ARRIVED),
        ("collect arrive@here hold@here", S.HELD),
        ("arrive@here deliver@here", S.OUT_FOR_DELIVERY),
        ("deliver@here sign@here", S.SIGNED),
        ("deliver@here agent_sign@here", S.SIGNED),
        ("sign@here +deliver@here", S.SIGNED),
        ("deliver@here sign@here arrive@here", S.SIGNED),
        ("deliver@here sign@here problem@here", S.SIGNED),
        ("deliver@here sign@here deliver@here", S.SIGNED),
        ("deliver@here sign@here return@here", S.RETURNING),
        ("deliver@here sign@here refuse@here", S.REFUSED),
        ("deliver@here in_store@here", S.STORED),
        ("in_store@here out_store@here", S.SIGNED),
        ("in_store@here out_store@here deliver@here", S.OUT_FOR_DELIVERY),
        ("in_store@here out_store@here load", S.SIGNED),
        ("in_store@here out_store@here sign@here deliver@here", S.SIGNED),
        ("deliver@here problem@here", S.PROBLEM),
        ("deliver@here problem@here deliver@here", S.OUT_FOR_DELIVERY),
        ("deliver@here refuse@here return@here send arrive", S.RETURNING),
        ("deliver@here refuse@here return@here send arrive sign", S.RETURNED),
        ("return@here sign deliver", S.RETURNED),
        ("arrive@here transfer@here", S.FORWARDED),
        ("arrive@here transfer@here sign", S.SIGNED),
        ("collect intercept", S.INTERCEPTED),
        ("collect intercept return sign", S.RETURNED),
        ("arrive@here self@here", S.STORED),
    ],
)
def test_state(scans: str, state: str) -> None:
    """Each walk ends where the trade says."""
    assert state_of(walk(scans), site_id=HERE).state == state


def test_moments() -> None:
    """The moments that clocks hang on."""
    found = state_of(walk("collect send arrive@here deliver@here problem@here deliver@here sign@here arrive@here"), site_id=HERE)
    assert found.collected_at == START
    assert found.first_attempt_at == START + timedelta(hours=3)
    assert found.signed_at == START + timedelta(hours=6)
    assert (found.last_at, found.last_code, found.last_site_id) == (START + timedelta(hours=7), "arrive", HERE)
    assert (found.attempts, found.arrived, found.problem_open, found.signed) == (2, True, False, True)


def test_return_clears_the_signature() -> None:
    """A parcel sent back after a signature is no longer signed; a problem after one stays open."""
    assert state_of(walk("sign@here return@here"), site_id=HERE).signed_at is None
    assert state_of(walk("sign@here problem@here"), site_id=HERE).problem_open
    assert not state_of(walk("problem@here return@here"), site_id=HERE).problem_open


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Scans with many equal times."""
    codes = draw(st.lists(st.tuples(st.sampled_from(list(ScanCode)), st.integers(0, 5), st.sampled_from([HERE, THERE])), max_size=10))
    return [Event(START + timedelta(hours=hour), code.value, site, operator=str(hour % 2)) for code, hour, site in codes]


@settings(max_examples=300, deadline=None)
@given(events(), st.randoms(use_true_random=False))
def test_any_permutation_and_any_duplicates_give_the_same_state(scans: list[Event], random: object) -> None:
    """Late, early and repeated deliveries of scans change nothing."""
    shuffled = scans + scans[: len(scans) // 2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert state_of(shuffled, site_id=HERE) == state_of(scans, site_id=HERE)
    assert in_order(shuffled) == in_order(scans)


@settings(max_examples=100, deadline=None)
@given(events())
def test_signed_iff_a_moment_of_signing(scans: list[Event]) -> None:
    """The state and its moment agree."""
    found = state_of(scans, site_id=HERE)
    assert found.signed == (found.signed_at is not None)
    assert not (found.signed and found.returned)


PIECES = ("A1", "A2", "A3")
PIECE_SCANS = st.lists(
    st.builds(
        Event,
        st.integers(0, 30).map(lambda hour: START + timedelta(hours=hour)),
        st.sampled_from(["arrive", "deliver", "sign", "agent_sign", "problem", "hold"]),
        st.just(HERE),
        st.just(""),
        st.sampled_from(PIECES),
    ),
    max_size=12,
)


@given(PIECE_SCANS, st.randoms())
def test_a_parcel_is_signed_when_all_its_pieces_are(scans, dice):
    signed = {scan.piece for scan in scans if scan.code in ("sign", "agent_sign")}
    found = state_of(scans, site_id=HERE, pieces=len(PIECES))
    assert found.signed == (len(signed) == len(PIECES))
    assert found.partly == (0 < len(signed) < len(PIECES))
    assert (found.signed_at is None) == (not found.signed)
    if found.partly:
        assert found.state in ("part_signed", "problem", "held")
        assert marks_of(found) is None
        assert not can_go_on(found, ())
    dice.shuffle(scans)
    assert state_of(scans, site_id=HERE, pieces=len(PIECES)) == found


@pytest.mark.parametrize(
    ("scans", "state"),
    [
        ("deliver:A1 deliver:A2 deliver:A3 sign:A1", "part_signed"),
        ("deliver:A1 sign:A1 deliver:A2", "part_signed"),
        ("sign:A1 sign:A1 sign:A2", "part_signed"),
        ("sign:A1 problem:A2 deliver:A2", "part_signed"),
        ("sign:A1 refuse:A2", "refused"),
        ("sign:A1 sign:A2 sign:A3", "signed"),
        ("sign:A1 sign:", "signed"),
        ("sign:A1 sign:A2 sign:A3 refuse:A3", "refused"),
        ("sign:A1 sign:A2 sign:A3 refuse:A3 deliver:A3", "part_signed"),
        ("sign:A1 sign:A2 sign:A3 refuse:A3 sign:A3", "signed"),
        ("sign:A1 return: sign:A2", "returning"),
        ("sign:1×2", "part_signed"),
        ("sign:1×2 sign:A3", "signed"),
    ],
)
def test_pieces_are_signed_for_one_by_one(scans, state):
    events = []
    for place, scan in enumerate(scans.split()):
        code, _, piece = scan.partition(":")
        events.append(Event(START + timedelta(hours=place), code, HERE, "", piece))
    assert state_of(events, site_id=HERE, pieces=3).state == state
