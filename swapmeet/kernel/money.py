"""Money as integer minor units of one currency (cents, pence, yen). No floats anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MAX_MINOR = 10**12  # ten thousand million dollars; far above any show, far below 64 bits
DIGITS: dict[str, int] = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}


def digits_of(currency: str) -> int:
    """Number of decimal digits of the currency's minor unit (ISO 4217)."""
    return DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units of a currency. Adding two currencies raises ValueError."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def times(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")


def round_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to the nearest integer, halves away from zero. denominator > 0."""
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    sign = -1 if numerator < 0 else 1
    return sign * ((abs(numerator) * 2 + denominator) // (2 * denominator))


def percent_of(minor: int, percent: int) -> int:
    """`percent` hundredths of an amount, halves rounded away from zero."""
    return round_half_up(minor * percent, 100)


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by non-negative weights so that the parts sum to the whole (largest remainder, ties to the left).

    Raises ValueError when there is nothing to split by.
    """
    total = sum(weights)
    if not weights or total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if minor < 0 else 1
    whole = abs(minor)
    parts = [whole * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for i in order[: whole - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def parse_amount(text: str, currency: str) -> int:
    """Minor units from what a person typed ("24", "24.50", "$1,250.00"). Raises ValueError with a plain sentence."""
    digits = digits_of(currency)
    cleaned = text.strip().replace(" ", "").replace("\u00a0", "")
    # Copied from a letter or a screen, the sum carries its sign or code.
    cleaned = cleaned.removeprefix(currency).removesuffix(currency).strip("$£€¥")
    if "," in cleaned and "." in cleaned:
        cleaned = cleaned.replace(",", "")
    elif cleaned.count(",") == 1 and len(cleaned.rsplit(",", 1)[1]) == digits and digits:
        cleaned = cleaned.replace(",", ".")
    else:
        cleaned = cleaned.replace(",", "")
    if not cleaned or len(cleaned) > 20 or any(ch not in "0123456789.-+" for ch in cleaned):
        raise ValueError("Write an amount such as 24 or 24.50.")
    try:
        value = Decimal(cleaned)
    except InvalidOperation as error:
        raise ValueError("Write an amount such as 24 or 24.50.") from error
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {digits} digits after the point at most.")
    minor = int(scaled)
    if abs(minor) > MAX_MINOR:
        raise ValueError("That amount is too large.")
    return minor


def plain_amount(minor: int, currency: str) -> str:
    """An amount for an input field: "24.50", without currency sign or grouping."""
    digits = digits_of(currency)
    if not digits:
        return str(minor)
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}"
