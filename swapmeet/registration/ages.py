"""Tickets for an age: the age on the first day is asked with each name, and for the young who looks after them."""

from collections.abc import Iterable, Mapping, Sequence

from swapmeet.infra.search import fold
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.numbers import whole
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.sellables import CheckoutField, Fault
from swapmeet.registration import rules
from swapmeet.registration.queries import SoldType

AGES, ADULTS = "ages", "adults"  # in the facts of a line, by seat
NAME_LIMIT = 120


def age_fields(line: OrderLine, seat: int, seats: Sequence[SoldType], day: str) -> list[CheckoutField]:
    """What is asked beside one name, as it stands now; nothing where the ticket is for everybody."""
    kind = seats[seat - 1]
    if not kind.asks_age:
        return []
    which = f" of badge {seat}" if len(seats) > 1 else ""
    found = [
        CheckoutField(
            name=age_name(line.id, seat),
            label=f"Age{which} on {day} ({line.title})",
            value=str(_at(line, AGES, seat)),
            hint=rules.age_words(kind.min_age, kind.max_age),
            limit=20,
        )
    ]
    if kind.guardian_below is not None:
        found.append(
            CheckoutField(
                name=adult_name(line.id, seat),
                label=f"Adult in this order who agrees and looks after them{which}",
                value=str(_at(line, ADULTS, seat)),
                hint=f"Needed under {kind.guardian_below} years: a name from this order.",
                required=False,
                limit=NAME_LIMIT,
            )
        )
    return found


def read_ages(line: OrderLine, seats: Sequence[SoldType], answers: Mapping[str, str]) -> dict[str, list[int | str]]:
    """What was answered, for the facts of the line. Raises Invalid for an age that does not fit; a missing one may follow later."""
    if not any(kind.asks_age for kind in seats):
        return {}
    ages: list[int | str] = []
    for seat, kind in enumerate(seats, 1):
        name = age_name(line.id, seat)
        text = answers.get(name, "").strip() if kind.asks_age else ""
        age = whole(text, 3)
        if text and (fault := rules.age_fault(age, kind.min_age, kind.max_age)):
            raise Invalid(fault, field=name)
        ages.append("" if age is None else age)
    adults: list[int | str] = [
        " ".join(answers.get(adult_name(line.id, seat), "").split())[:NAME_LIMIT] for seat in range(1, len(seats) + 1)
    ]
    return {AGES: ages, ADULTS: adults}


def guardian_faults(order: Order, lines: Sequence[OrderLine], types: Mapping[int, SoldType]) -> list[str]:
    """Who is too young to come alone has an adult of the same order beside them: the buyer, or somebody with a ticket."""
    if not any(kind.guardian_below for line in lines for kind in types[line.product_id].seats(1)):
        return []
    adults = {fold(order.buyer_name), *(fold(name) for name in _adults(lines, types))}
    return [
        Fault(
            f"{name or 'Somebody'} is {age}: write the name of an adult in this order who agrees and looks after them.",
            adult_name(line.id, seat),
        )
        for line in lines
        for seat, name, age, adult in _young(line, types[line.product_id])
        if not adult or fold(adult) not in adults
    ]


def _young(line: OrderLine, sold: SoldType) -> Iterable[tuple[int, str, int, str]]:
    for seat, kind in enumerate(sold.seats(line.quantity), 1):
        age = _at(line, AGES, seat)
        if isinstance(age, int) and kind.guardian_below is not None and age < kind.guardian_below:
            yield seat, str(_at(line, "names", seat)), age, str(_at(line, ADULTS, seat))


def _adults(lines: Sequence[OrderLine], types: Mapping[int, SoldType]) -> Iterable[str]:
    """Names of people with a ticket that asks no age, or whose age is that of an adult."""
    for line in lines:
        for seat, kind in enumerate(types[line.product_id].seats(line.quantity), 1):
            age, name = _at(line, AGES, seat), str(_at(line, "names", seat))
            if name and (not kind.asks_age or (isinstance(age, int) and age >= rules.ADULT)):
                yield name


def _at(line: OrderLine, key: str, seat: int) -> int | str:
    values = line.facts.get(key, [])
    return values[seat - 1] if seat <= len(values) else ""


def age_name(line_id: int, seat: int) -> str:
    return f"line-{line_id}-age-{seat}"


def adult_name(line_id: int, seat: int) -> str:
    return f"line-{line_id}-adult-{seat}"
