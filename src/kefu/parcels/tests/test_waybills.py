"""Waybill numbers: cleaning, shapes, check digits (V7)."""

import pytest

from kefu.parcels.waybills import carrier_guess, clean_waybill, is_waybill, s10_check_digit


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        (" yt9693083639795 ", "YT9693083639795"),
        ("ＹＴ９６９３０８３６３９７９５", "YT9693083639795"),
        ("5000 4090\t8069-44", "50004090806944"),
        ("\ufeff50004090806944\u200b\u202e", "50004090806944"),
        ("运单", "运单"),
        ("", ""),
    ],
)
def test_clean(given: str, clean: str) -> None:
    """Full width, blanks and invisible marks go."""
    assert clean_waybill(given) == clean
    assert is_waybill(clean) == clean.isascii() * bool(clean)


@pytest.mark.parametrize(
    ("number", "first"),
    [
        ("YT9693083639795", "yto"),
        ("SF1234567890123", "sf"),
        ("JT1234567890123", "jt"),
        ("DPK123456789012", "deppon"),
        ("50004090806944", "best"),
        ("75123456789012", "zto"),
        ("EE473124829CN", "ems"),
        ("A12345678901", "best"),
        ("773012345678901", "sto"),
        ("1234567890123", "yunda"),
    ],
)
def test_first_guess(number: str, first: str) -> None:
    """Samples of each carrier lead the list."""
    assert carrier_guess(number)[0].carrier == first


def test_guesses_overlap_and_are_ranked() -> None:
    """Twelve digits may be of many carriers."""
    guesses = carrier_guess("123456789012")
    assert {"zto", "sf", "sto", "best"} <= {guess.carrier for guess in guesses}
    assert [guess.weight for guess in guesses] == sorted((guess.weight for guess in guesses), reverse=True)
    assert carrier_guess("你好") == []


def test_s10() -> None:
    """The published vector, and a wrong digit lowers the weight."""
    assert s10_check_digit("47312482") == 9
    assert carrier_guess("EE473124829CN")[0].weight == 1.0
    assert carrier_guess("EE473124828CN")[0].weight < 1.0
