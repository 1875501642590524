"""The door's sentences: what happened and what to do now, in the show's clock and locale. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from swapmeet.badges.check_ins import Answer
from swapmeet.badges.door import KINDS, Door, Outcome, clock_of
from swapmeet.badges.queries import Found
from swapmeet.events.models import Event
from swapmeet.orders.models import OrderState
from swapmeet.web.filters import clock_time, day, day_range, local_moment, money, plural, short_day


@dataclass(frozen=True, slots=True)
class Verdict:
    """One glance: `kind` ok, warn or bad; a title of a few words; one sentence."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """How a show speaks: its clock, its language, its money. Plain values that outlive the read of the show."""

    time_zone: str
    locale: str
    currency: str


class HasVoice(Protocol):
    """A show, or the part of one that the door reads."""

    @property
    def time_zone(self) -> str: ...

    @property
    def locale(self) -> str: ...

    @property
    def currency(self) -> str: ...


def voice_of(show: HasVoice) -> Voice:
    return Voice(show.time_zone, show.locale, show.currency)


def verdict_of(answer: Answer, voice: Voice) -> Verdict:
    """The words for an answer of the door."""
    title, text = WORDS[answer.outcome](answer, voice)
    return Verdict(KINDS[answer.outcome], title, text)


def unpaid_verdict(order_code: str, buyer: str, owed: str) -> Verdict:
    """For an order that waits for money: amber, with the sum."""
    return Verdict(
        KINDS[Outcome.UNPAID],
        f"Not paid yet: {owed}",
        f"Order {order_code} of {buyer}. Badges come with the payment: send them to the cash desk.",
    )


def _who(answer: Answer) -> str:
    badge = f", badge {answer.number}" if answer.number is not None else ""
    return f"{answer.name or 'No name given'}: {answer.ticket_label}{badge}"


def _days(answer: Answer, voice: Voice) -> str:
    return ", ".join(short_day(date.fromisoformat(value), voice.locale) for value in answer.valid_days)


def _in(answer: Answer, voice: Voice) -> tuple[str, str]:
    return f"In: {answer.name or 'no name given'}", f"{answer.ticket_label}, badge {answer.number}"


def _already(answer: Answer, voice: Voice) -> tuple[str, str]:
    when = clock_time(answer.at, voice.time_zone, voice.locale) if answer.at else "before"
    by = f" by {answer.by}" if answer.by else ""
    return f"Already in at {when}", f"{_who(answer)}. Let in at {answer.gate}{by}."


def _ask_first(answer: Answer, voice: Voice) -> tuple[str, str]:
    return "Ask first", f"{_who(answer)}. Not in yet: {' '.join(answer.asked)}"


def _unpaid(answer: Answer, voice: Voice) -> tuple[str, str]:
    return "Not paid yet", f"Order {answer.order_code}. Send them to the cash desk."


def _too_early(answer: Answer, voice: Voice) -> tuple[str, str]:
    start = clock_time(clock_of(answer.entry_from or "00:00"), locale=voice.locale)
    return f"Too early: from {start}", f"{_who(answer)}. Ask them to wait."


def _wrong_day(answer: Answer, voice: Voice) -> tuple[str, str]:
    days = _days(answer, voice)
    return "Not valid today", f"{_who(answer)}." + (f" Valid on {days}." if days else " The show is not open today.")


def _used_up(answer: Answer, voice: Voice) -> tuple[str, str]:
    used = ", ".join(short_day(day, voice.locale) for day in answer.used_on)
    return f"Used on {used}", f"{_who(answer)}. This ticket is not good for another day."


def _canceled(answer: Answer, voice: Voice) -> tuple[str, str]:
    return "Canceled ticket", f"{_who(answer)}. Order {answer.order_code} was canceled. Send them to the help desk."


def _void(answer: Answer, voice: Voice) -> tuple[str, str]:
    if answer.replaced_by is None or answer.replaced_at is None:
        return "This badge is void", f"{_who(answer)}. Send them to the help desk."
    since = local_moment(answer.replaced_at, voice.time_zone, voice.locale)
    return (
        "This badge is void",
        f"{_who(answer)}. Replaced by badge {answer.replaced_by}, issued {since}. Ask for that one.",
    )


def _other_show(answer: Answer, voice: Voice) -> tuple[str, str]:
    return "Ticket of another show", "It is not for this show. Send them to the help desk."


def _unknown(answer: Answer, voice: Voice) -> tuple[str, str]:
    return "Not a ticket of this show", "Scan again, or find the person by name or order code."


WORDS = {
    Outcome.IN: _in,
    Outcome.ALREADY: _already,
    Outcome.ASK_FIRST: _ask_first,
    Outcome.UNPAID: _unpaid,
    Outcome.TOO_EARLY: _too_early,
    Outcome.WRONG_DAY: _wrong_day,
    Outcome.USED_UP: _used_up,
    Outcome.CANCELED: _canceled,
    Outcome.VOID: _void,
    Outcome.OTHER_SHOW: _other_show,
    Outcome.UNKNOWN: _unknown,
}


def closed_notice(show: Event, door: Door, *, expected: int) -> Verdict | None:
    """Why nobody comes in today: the show is canceled, or this is none of its days. None on a day of the show.

    `expected` are the people whose tickets name this very day although the show is not open.
    """
    if show.canceled_at is not None:
        return Verdict("bad", "This show is canceled", "It does not take place, so there is nobody to let in.")
    if door.is_show_day:
        return None
    today = day(door.today, show.locale)
    days = day_range(show.opens_from, show.last_day, show.locale)
    if door.today > show.last_day:
        title, text = "The show is over", f"Today is {today}. The show was on {days}."
    else:
        ahead = plural((show.opens_from - door.today).days, "day", "days")
        title, text = "The show is not open today", f"Today is {today}. The show is on {days}, in {ahead}."
    if expected:
        named = plural(expected, "ticket names this day and opens", "tickets name this day and open")
        return Verdict("warn", title, f"{text} {named} the door all the same.")
    return Verdict("warn", title, f"{text} Tickets do not open the door today.")


def found_verdict(found: Found, owed: Mapping[int, int], voice: Voice) -> Verdict | None:
    """One glance for typed words: an order that is not paid or was canceled, or nobody found. None when there is a list to pick from."""
    order = found.order
    if order is not None and order.state is OrderState.PLACED:
        shown = money(owed.get(order.id, order.total_minor), voice.currency, voice.locale)
        return unpaid_verdict(order.code, order.buyer_name, shown)
    if order is not None and order.state in (OrderState.CANCELED, OrderState.EXPIRED):
        return Verdict("bad", "Canceled order", f"Order {order.code} of {order.buyer_name} is {order.state.value}.")
    if not found.people and not found.unpaid:
        return Verdict(
            "bad", "Nobody found", "Write another part of the name, the order code, or #12 for a badge number."
        )
    return None
