"""One row of a list as values: who, which ticket, what was paid. Everything that a row alone can have wrong is told here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from email_validator import EmailNotValidError, validate_email

from swapmeet.kernel.money import parse_amount
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import from_local
from swapmeet.orders.models import PayMethod
from swapmeet.registration import rules
from swapmeet.registration.lists.columns import Columns, folded
from swapmeet.registration.lists.offering import Bad, Entry, Offering

NAME_LIMIT, NOTE_LIMIT, PHONE_LIMIT = 120, 500, 40
MOST_MINOR = 10**9
METHODS = {
    "check": PayMethod.CHECK, "cheque": PayMethod.CHECK, "scheck": PayMethod.CHECK,
    "cash": PayMethod.CASH, "bar": PayMethod.CASH,
    "transfer": PayMethod.TRANSFER, "bank transfer": PayMethod.TRANSFER, "bank": PayMethod.TRANSFER,
}  # fmt: skip
YES = frozenset({"yes", "y", "paid", "x", "ja", "oui", "si", "true", "in full"})
NO = frozenset({"", "no", "n", "nein", "non", "false", "unpaid", "-", "open"})

__all__ = ["Bad", "Entry", "read_entry"]


@dataclass(frozen=True)
class _Money:
    is_paid: bool = False
    paid_minor: int = 0


def read_entry(columns: Columns, number: int, cells: Sequence[str], offering: Offering, *, now: datetime) -> Entry:
    """Raises Bad with the sentence for the first thing that is wrong."""

    def of(name: str) -> str:
        return columns.of(cells, name)

    name = of("name") or " ".join(part for part in (of("first_name"), of("last_name")) if part)
    if not name:
        raise Bad("The name is missing.")
    if len(name) > NAME_LIMIT:
        raise Bad(f"The name has more than {NAME_LIMIT} characters.")
    kind, variant = offering.find(of("ticket"), of("choice"))
    money = _money(of("paid"), offering.currency)
    return Entry(
        number=number,
        said=[of(each) for each in columns.places if each not in ("key", "order")],
        name=name,
        email=_address(of("email")),
        phone=of("phone")[:PHONE_LIMIT],
        note=of("note")[:NOTE_LIMIT],
        kind=kind,
        variant=variant,
        age=_age(of("age"), kind.asks_age, kind.min_age, kind.max_age),
        price_minor=_amount(of("price"), "price", offering.currency) if of("price") else None,
        is_paid=money.is_paid,
        paid_minor=money.paid_minor,
        method=_method(of("method")),
        reference=of("reference")[:100],
        received_at=_day(of("paid_on"), offering.zone_name, now),
    )


def _address(text: str) -> str:
    if not text:
        return ""
    if len(text) > 254:
        raise Bad("The e-mail address is too long.")
    try:
        return str(validate_email(text, check_deliverability=False).normalized).lower()
    except EmailNotValidError as error:
        raise Bad(f"“{text[:80]}” is no e-mail address.") from error


def _age(text: str, is_asked: bool, low: int | None, high: int | None) -> int | None:
    if not text or not is_asked:
        return None
    age = whole(text, 3)
    if fault := rules.age_fault(age, low, high):
        raise Bad(f"The age is “{text[:20]}”. {fault}")
    return age


def _money(text: str, currency: str) -> _Money:
    word = folded(text)
    if word in NO:
        return _Money()
    return _Money(is_paid=True) if word in YES else _Money(paid_minor=_amount(text, "sum paid", currency))


def _amount(text: str, what: str, currency: str) -> int:
    try:
        amount = parse_amount(text, currency)
    except ValueError as error:
        raise Bad(f"The {what} is “{text[:40]}”. Write it as 24.50.") from error
    if not 0 <= amount <= MOST_MINOR:
        raise Bad(f"The {what} is “{text[:40]}”, which cannot be.")
    return amount


def _method(text: str) -> PayMethod | None:
    if not text:
        return None
    found = METHODS.get(folded(text))
    if found is None:
        raise Bad(f"“{text[:40]}” is no way to pay here. Write check, cash or transfer.")
    return found


def _day(text: str, zone_name: str, now: datetime) -> datetime | None:
    """Noon of that day on the show's clock, or now on the day itself."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise Bad(f"The day of the payment is “{text[:40]}”. Write it as 2027-05-14.") from error
    if not 1990 <= day.year <= 2200:
        raise Bad(f"The day of the payment is “{text[:40]}”, which cannot be.")
    moment = from_local(day, time(12), zone_name)
    if moment.date() > now.date():
        raise Bad(f"The day of the payment, {day.isoformat()}, is still to come.")
    return min(moment, now)
