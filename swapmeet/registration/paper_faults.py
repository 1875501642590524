"""Why a posted form was refused, said at the lines it is about: sold out, not on sale, over a limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.badges.holding import KIND
from swapmeet.events.models import Event
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.errors import OverLimit, SoldOut
from swapmeet.orders.quoting import quote_each
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import Buyer, Quote
from swapmeet.orders.services.carts import wanted_units
from swapmeet.orders.vouchers.applying import unlock
from swapmeet.registration.errors import TicketTypeNotFound
from swapmeet.registration.paper import Further, Paper, wish_of

NEEDS_CODE = "This is sold with a code only. Write the code below."


@dataclass(frozen=True)
class Line:
    """One line of the form: what it asks for, and the fields that say what, how many and how much."""

    asked: Further
    what: str
    count: str
    amount: str


def faults_at(
    db_session: Session, *, event: Event, paper: Paper, error: DomainError, now: datetime
) -> list[tuple[str, str]]:
    """(field, sentence) of everything that the refusal is about; the field is "" for what belongs to no line."""
    if error.field and not error.field.startswith(("ticket-", "amount-", "quantity")):
        return [(error.field, error.message)]
    lines = _lines(paper)
    try:
        wishes = unlock(db_session, event, [wish_of(line.asked, paper.code) for line in lines], now)
    except DomainError as refusal:
        return [(refusal.field or "", refusal.message)]
    answers = quote_each(db_session, event=event, wishes=wishes, buyer=Buyer(None, paper.email), now=now)
    pairs = list(zip(lines, answers, strict=True))
    alone = [(_field(line, answer), _words(line, answer)) for line, answer in pairs if isinstance(answer, DomainError)]
    quoted = [(line, answer) for line, answer in pairs if isinstance(answer, Quote)]
    short = _short(db_session, quoted, now) if alone or isinstance(error, SoldOut) else []
    return [*alone, *short] or [(_last(quoted, error), error.message)]


def _lines(paper: Paper) -> list[Line]:
    people = [
        Line(
            Further(KIND, each.ticket_type_id, 1, each.variant_id, is_hidden=each.is_hidden),
            *[f"{each.row}_ticket"] * 3,
        )
        for each in paper.guests
    ]
    return people + [
        Line(each, f"{each.row}_what", f"{each.row}_count", f"{each.row}_amount") for each in paper.further
    ]


def _field(line: Line, error: DomainError) -> str:
    if isinstance(error, OverLimit):
        return line.count
    return line.amount if (error.field or "").startswith("amount-") else line.what


def _words(line: Line, error: DomainError) -> str:
    return NEEDS_CODE if isinstance(error, TicketTypeNotFound) and line.asked.is_hidden else error.message


def _short(db_session: Session, quoted: Sequence[tuple[Line, Quote]], now: datetime) -> list[tuple[str, str]]:
    """The last line of each thing of which the form wants more than there is."""
    wanted = wanted_units([quote for _, quote in quoted])
    found: dict[str, str] = {}
    for quota_id, left in free_units(db_session, wanted, now=now).items():
        if left is None or left >= wanted[quota_id]:
            continue
        line, quote = [pair for pair in quoted if quota_id in pair[1].quotas][-1]
        words = f"{quote.title} is sold out." if left == 0 else f"Only {left} of {quote.title} left."
        found.setdefault(line.what, words)
    return list(found.items())


def _last(quoted: Sequence[tuple[Line, Quote]], error: DomainError) -> str:
    """The field of the last line that a refusal is about, by its ticket or by what is short; "" where it is about none."""
    named = [line for line, quote in quoted if _is_about(line, quote, error)]
    return named[-1].count if named else ""


def _is_about(line: Line, quote: Quote, error: DomainError) -> bool:
    number = (error.field or "").rpartition("-")[2]
    if line.asked.kind == KIND and str(line.asked.product_id) == number:
        return True
    quotas = error.facts.get("quotas") or [error.facts.get("quota")]
    return isinstance(quotas, list) and any(quota in quote.quotas for quota in quotas)
