"""Lengths as people type them, in feet, meters or millimeters; behind the field they are whole millimeters."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from wtforms import StringField

LONGEST_MM = 1_000_000  # longer than any hall, and nothing on a floor is longer than its hall

SIGNS = {"ft": ("feet", "foot", "ft", "'", "’", "′"), "m": ("meters", "metres", "meter", "metre", "m"), "mm": ("mm",)}
MM_PER = {"ft": Decimal("304.8"), "m": Decimal(1000), "mm": Decimal(1)}
HOW_TO_WRITE = {
    "ft": "Write a length in feet such as 6 or 15.5.",
    "m": "Write a length in meters such as 2 or 4.75.",
    "mm": "Write a length in millimeters such as 21900.",
}


class LengthField(StringField):
    """A length in `unit` ("ft", "m" or "mm"); `data` is whole millimeters. What was shown saves as what it was."""

    data: Any

    def __init__(
        self,
        label: str | None = None,
        validators: Any = None,
        *,
        unit: str = "ft",
        low: int = 0,
        high: int = LONGEST_MM,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.unit, self.low, self.high = unit, low, high

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else shown_length(self.data, self.unit)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        self.data = None
        text = str(valuelist[0]).strip()
        if not text:
            return
        length = parse_length(text, self.unit)
        if not self.low <= length <= self.high:
            low, high = shown_length(self.low, self.unit), shown_length(self.high, self.unit)
            raise ValueError(f"Write a length from {low} to {high}.")
        self.data = length


def shown_length(mm: int, unit: str) -> str:
    """Millimeters in the unit, with as few decimals as read back to the same millimeters."""
    size = Decimal(mm) / MM_PER[unit]
    return f"{next(each for each in (round(size, digits) for digits in range(5)) if _in_mm(each, unit) == mm):f}"


def parse_length(text: str, unit: str) -> int:
    """Whole millimeters, halves up, from what a person typed ("5" or "5 ft"). Raises ValueError with a plain sentence."""
    sign = next((sign for sign in SIGNS[unit] if text.lower().rstrip(".").endswith(sign)), "")
    text = text.rstrip(".")[: -len(sign)].rstrip() if sign else text
    if len(text) > 12 or any(ch not in "0123456789.," for ch in text):
        raise ValueError(HOW_TO_WRITE[unit])
    try:
        return _in_mm(Decimal(text.replace(",", ".")), unit)
    except InvalidOperation as error:
        raise ValueError(HOW_TO_WRITE[unit]) from error


def _in_mm(size: Decimal, unit: str) -> int:
    return int((size * MM_PER[unit]).to_integral_value(rounding=ROUND_HALF_UP))
