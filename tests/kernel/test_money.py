"""Money is exact: splits add up, what is typed is understood or refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapmeet.kernel.money import MAX_MINOR, Money, parse_amount, percent_of, plain_amount, round_half_up, split

amounts = st.integers(-(10**12), 10**12)


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_a_split_adds_up_to_the_whole(minor: int, weights: list[int]) -> None:
    parts = split(minor, weights)
    assert sum(parts) == minor
    exact = [minor * weight / sum(weights) for weight in weights]
    assert all(abs(part - ideal) <= 1 + abs(ideal) * 1e-9 for part, ideal in zip(parts, exact, strict=True))


@pytest.mark.parametrize("weights", [[], [0, 0], [-1, 2]])
def test_senseless_weights_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


@given(st.integers(0, MAX_MINOR), st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_survives_being_shown_and_typed(minor: int, currency: str) -> None:
    assert parse_amount(plain_amount(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("24", 2400),
        ("24.5", 2450),
        (" 1,250.00 ", 125000),
        ("24,50", 2450),
        ("1,250", 125000),
        ("0", 0),
        ("-3", -300),
        ("$ 18.00", 1800),
        ("USD 18", 1800),
    ],
)
def test_usual_ways_to_write_an_amount_are_understood(typed: str, minor: int) -> None:
    assert parse_amount(typed, "USD") == minor


@pytest.mark.parametrize(
    "typed", ["", "abc", "1e309", "NaN", "Infinity", "24.505", "9" * 30, "1.2.3", "--1", "$", "18 EUR", "\x00", "٣"]
)
def test_senseless_amounts_are_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[Ww]rite|digits|large"):
        parse_amount(typed, "USD")


@given(amounts, st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero(numerator: int, denominator: int) -> None:
    rounded = round_half_up(numerator, denominator)
    assert abs(rounded * denominator - numerator) * 2 <= denominator
    assert round_half_up(-numerator, denominator) == -rounded


def test_percent_of_a_price() -> None:
    assert (percent_of(2500, 50), percent_of(999, 50), percent_of(1, 50)) == (1250, 500, 1)


def test_two_currencies_do_not_add() -> None:
    assert Money(1, "USD") + Money(2, "USD") == Money(3, "USD")
    with pytest.raises(ValueError, match="cannot be added"):
        Money(1, "USD") + Money(1, "GBP")
