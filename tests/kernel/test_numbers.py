"""Whole numbers from addresses and forms: digits and nothing else."""

import pytest

from swapmeet.kernel.numbers import whole


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("123456789", 123456789)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text, 9) == number


@pytest.mark.parametrize("text", [None, "", "-1", "+1", " 1", "1.0", "1e3", "1_000", "٣", "²", "1\0", "1234567890"])
def test_anything_else_and_what_is_too_long_is_none(text: str | None) -> None:
    assert whole(text, 9) is None
