"""The decisions of trading, on plain values: windows, deadlines, what a listing must say, what an offer may hold. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from swapmeet.trades.vocab import Intent

MAX_ITEMS_A_SIDE = 10


class Floor(StrEnum):
    """Where the trades of a show stand right now."""

    OFF = "off"  # the show has no trades
    SOON = "soon"  # listings open later
    OPEN = "open"
    CLOSED = "closed"  # no new listings, offers go on
    OVER = "over"  # the show is past or called off


def floor_of(
    *,
    enabled: bool,
    is_published: bool,
    opens_at: datetime | None,
    closes_at: datetime | None,
    ends_at: datetime,
    now: datetime,
) -> Floor:
    """`ends_at` is the end of the show's last day. `opens_at` and `closes_at` bound new listings, half-open."""
    if not enabled:
        return Floor.OFF
    if not is_published or now >= ends_at:
        return Floor.OVER
    if opens_at is not None and now < opens_at:
        return Floor.SOON
    if closes_at is not None and now >= closes_at:
        return Floor.CLOSED
    return Floor.OPEN


def answer_by(*, now: datetime, hold_hours: int) -> datetime:
    """Until when an offer can be answered."""
    return now + timedelta(hours=hold_hours)


def hand_over_by(*, now: datetime, hold_hours: int, ends_at: datetime) -> datetime:
    """Until when an agreed trade is held: the show's own end and its hold time after that, so that a late tick still counts."""
    return max(now, ends_at) + timedelta(hours=hold_hours)


def has_lapsed(*, expires_at: datetime, has_tick: bool, now: datetime) -> bool:
    """True when the time is over. An agreed trade that one side has ticked no longer lapses: things have changed hands."""
    return not has_tick and now >= expires_at


@dataclass(frozen=True)
class Fault:
    """What is wrong, and the form field it hangs on."""

    field: str
    message: str


def listing_faults(*, intent: str, wants: str, price_minor: int | None) -> list[Fault]:
    """Every listing says what it would take: no bare "make offers"."""
    faults = []
    if intent == Intent.SELL and price_minor is None:
        faults.append(Fault("price", "Say what you ask for it."))
    if intent == Intent.TRADE and not wants:
        faults.append(Fault("wants", "Say what you would like for it, even if it is a wide wish."))
    if intent == Intent.TRADE_OR_SELL and not wants and price_minor is None:
        faults.append(Fault("wants", "Say what you would like for it, or give a price."))
    if intent in (Intent.TRADE, Intent.GIVE) and price_minor is not None:
        words = "A gift has no price." if intent == Intent.GIVE else "A thing that is only traded has no price."
        faults.append(Fault("price", f"{words} Leave this empty, or choose another way above."))
    return faults


def may_take_without_giving(intents: Iterable[str]) -> bool:
    """True when everything asked for may go without a thing in return: gifts, and things that are for sale."""
    return all(intent in (Intent.GIVE, Intent.SELL, Intent.TRADE_OR_SELL) for intent in intents)


def offer_fault(*, give: Sequence[int], take: Sequence[int], take_intents: Iterable[str]) -> str | None:
    """A sentence when the shape of an offer is wrong. `give` and `take` are listing ids as chosen, repeats included."""
    if len(set(give) | set(take)) < len(give) + len(take):
        return "The same thing stands in this offer twice. Choose each thing once."
    if not take:
        return "Choose at least one of their things."
    if len(give) > MAX_ITEMS_A_SIDE or len(take) > MAX_ITEMS_A_SIDE:
        return f"At most {MAX_ITEMS_A_SIDE} things on each side."
    if not give and not may_take_without_giving(take_intents):
        return "Choose at least one of your own things to offer for it."
    return None


def short_name(name: str) -> str:
    """How a person is shown to strangers: the first name, and the first letter of the last ("Tess T.")."""
    parts = name.split()
    if not parts:
        return "A trader"
    return parts[0][:40] if len(parts) == 1 else f"{parts[0][:40]} {parts[-1][0]}."


def versions_seen(pairs: Iterable[tuple[int, int]]) -> str:
    """What a page showed, as one string: the listings of an offer and the version of each."""
    return ",".join(f"{listing_id}:{version}" for listing_id, version in sorted(pairs))
