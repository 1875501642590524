"""PURE. Amounts and days as banks print them: decimal comma or point, sign before or after, day or month first."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from swapmeet.kernel.money import MAX_MINOR, digits_of

CURRENCY_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY"}
NUMBER = re.compile(r"^[0-9][0-9.,]*$")
MONTHS = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y")
NUMERIC_DAY = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})$")


def decimal_sign(samples: Iterable[str]) -> str:
    """ "," or ".": what the amounts of one file have before their last one or two digits. "." when none has any."""
    ends = {text[-3] if text[-3] in ",." else text[-2] for text in map(_bare, samples) if len(text) > 2}
    return "," if "," in ends and "." not in ends else "."


def _bare(text: str) -> str:
    """The digits and separators of an amount."""
    return "".join(ch for ch in text if ch in "0123456789.,")


def amount_of(text: str, currency: str, *, decimal: str) -> int:
    """Minor units. Signs may stand before or after, brackets mean minus. Raises ValueError with a sentence."""
    raw = text.strip().replace("\u2212", "-").replace("\u00a0", "").replace("\u202f", "")
    for strange in (" ", "'", "\u2019", currency, *CURRENCY_SIGNS):
        raw = raw.replace(strange, "")
    is_minus = raw.startswith(("-", "(")) or raw.endswith("-")
    body = raw.strip("+-()")
    if not NUMBER.match(body) or len(body) > 20:
        raise ValueError(f"“{text.strip()[:30]}” is not an amount.")
    group = "." if decimal == "," else ","
    whole, _, cents = body.partition(decimal)
    digits = digits_of(currency)
    if decimal in cents or group in cents or len(cents) > max(digits, 2):
        raise ValueError(f"“{text.strip()[:30]}” is not an amount with “{decimal}” before its last digits.")
    if cents[digits:].strip("0"):
        raise ValueError(f"{currency} has {digits} digits after the “{decimal}” at most.")
    minor: int = int(whole.replace(group, "") or "0") * 10**digits + int(cents[:digits].ljust(digits, "0") or "0")
    if minor > MAX_MINOR:
        raise ValueError("That amount is too large.")
    return -minor if is_minus else minor


def day_comes_first(samples: Iterable[str], *, otherwise: bool) -> bool:
    """Whether 05/06 is the fifth of June in this file: told by any number above twelve, by points, else as given."""
    for text in samples:
        found = NUMERIC_DAY.match(text.strip())
        if not found:
            continue
        if found[2] == "." or int(found[1]) > 12:
            return True
        if int(found[3]) > 12:
            return False
    return otherwise


def day_of(text: str, *, day_first: bool) -> date:
    """The day. Raises ValueError with a sentence."""
    raw = text.strip()
    found = NUMERIC_DAY.match(raw)
    try:
        if found:
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            day, month = (first, second) if day_first else (second, first)
            return _likely(date(year + 2000 if year < 100 else year, month, day))
        if re.match(r"^\d{4}[-/.]\d{2}[-/.]\d{2}", raw):
            return _likely(date(int(raw[:4]), int(raw[5:7]), int(raw[8:10])))
        if re.match(r"^\d{8}$", raw):
            return _likely(date(int(raw[:4]), int(raw[4:6]), int(raw[6:])))
    except ValueError as error:
        raise ValueError(f"“{raw[:30]}” is no day of the calendar.") from error
    for form in MONTHS:
        try:
            return _likely(datetime.strptime(raw, form).date())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(f"“{raw[:30]}” is not a day.")


def _likely(day: date) -> date:
    if not 1990 <= day.year <= 2100:
        raise ValueError("a year out of reach")
    return day
