"""Lengths in a form: what was shown reads back to the very same millimeters, and faults are told in the field's unit."""

from typing import Any

import pytest
from flask import Flask

from swapmeet.web.forms import Form, form_with_options
from swapmeet.web.lengths import LengthField, parse_length, shown_length


class _Wall(Form):
    wall = LengthField("Wall", low=100)


def _wall(app: Flask, unit: str, typed: str) -> Any:
    with app.test_request_context(method="POST", data={"wall": typed}):
        form = form_with_options(_Wall, LengthField, unit=unit)(meta={"csrf": False})
        form.validate()
        return form.wall


@pytest.mark.parametrize("unit", ["ft", "m", "mm"])
def test_what_is_shown_reads_back_to_the_same_millimeters(unit: str) -> None:
    for mm in [*range(3000), 21_900, 304_799, 999_999, 1_000_000]:
        assert parse_length(shown_length(mm, unit), unit) == mm


def test_no_more_decimals_are_shown_than_needed() -> None:
    assert [shown_length(mm, "ft") for mm in (0, 3048, 4724, 2000)] == ["0", "10", "15.5", "6.562"]
    assert [shown_length(mm, "m") for mm in (2000, 4750, 1)] == ["2", "4.75", "0.001"]
    assert shown_length(21_900, "mm") == "21900"


def test_halves_are_rounded_up_and_a_comma_is_a_point() -> None:
    assert parse_length("0.5", "mm") == 1
    assert parse_length("15,5", "ft") == 4724


def test_the_unit_may_stand_behind() -> None:
    assert {parse_length(text, "ft") for text in ("5", "5 ft", "5ft.", "5'", "5 feet")} == {1524}
    assert [parse_length("2 m", "m"), parse_length("20 mm", "mm")] == [2000, 20]
    for text, unit in (("5 ft", "m"), ("5 mm", "m"), ("ft", "ft"), ("5 m", "ft")):
        with pytest.raises(ValueError, match="Write a length"):
            parse_length(text, unit)


@pytest.mark.parametrize(
    ("unit", "typed", "words"),
    [
        ("ft", "long", "Write a length in feet such as 6 or 15.5."),
        ("ft", "1e9", "Write a length in feet such as 6 or 15.5."),
        ("m", "2 yd", "Write a length in meters such as 2 or 4.75."),
        ("mm", "1.2.3", "Write a length in millimeters such as 21900."),
        ("mm", "٣٠٠", "Write a length in millimeters such as 21900."),
        ("mm", "-5", "Write a length in millimeters such as 21900."),
        ("mm", "99", "Write a length from 100 to 1000000."),
        ("m", "1000.001", "Write a length from 0.1 to 1000."),
        ("ft", "3281", "Write a length from 0.328 to 3280.84."),
    ],
)
def test_a_fault_is_told_in_the_unit_and_what_was_typed_stays(app: Flask, unit: str, typed: str, words: str) -> None:
    field = _wall(app, unit, typed)
    assert list(field.errors) == [words]
    assert field._value() == typed
    assert field.data is None


def test_a_length_from_bound_to_bound_is_kept(app: Flask) -> None:
    assert [_wall(app, "mm", typed).data for typed in ("100", "1000000", "")] == [100, 1_000_000, None]
