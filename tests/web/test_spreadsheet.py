"""CSV files: no cell is a formula, numbers stay numbers, accents are read."""

import csv
import io
from decimal import Decimal

import pytest

from swapmeet.web.spreadsheet import csv_lines, safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-A1", "@x", "|x", "%x", "  =1", "\tA", "\rA", "\nA", "-1", "-1-1"])
def test_what_a_spreadsheet_would_compute_becomes_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, Decimal("-5.20"), 0, "12", "", "Ann", "a=b", None])
def test_numbers_and_plain_words_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == ("" if value is None else str(value))


def test_a_file_begins_with_the_mark_and_reads_back_as_it_was() -> None:
    text = "".join(csv_lines(("name", "sum"), [('Zoë, "Z"\nO\'Neil', 5), ("=x", -3)]))
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
        ["name", "sum"],
        ['Zoë, "Z"\nO\'Neil', "5"],
        ["'=x", "-3"],
    ]
