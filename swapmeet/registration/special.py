"""Prices that depend on who buys: members' prices by number, and amounts that the buyer chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.money import parse_amount
from swapmeet.orders.errors import OverLimit
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import AMOUNT, AMOUNT_MINOR, HELD, MEMBER, Wish
from swapmeet.registration import wording
from swapmeet.registration.members import folded
from swapmeet.registration.models import MemberNumber
from swapmeet.registration.pricing import Price
from swapmeet.registration.queries import SoldType

MOST_MINOR = 10**9  # of an amount that a buyer chooses


@dataclass(frozen=True, slots=True)
class Deal:
    """What one piece costs this buyer, the quotas that takes, the facts and words that say so."""

    price: Price
    quotas: Mapping[int, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""


Members = Mapping[str, tuple[int, int]]  # number -> (its quota, how many tickets it is still good for)


def members_of(
    db_session: Session, event: Event, types: Mapping[int, SoldType], wishes: Sequence[Wish], *, now: datetime
) -> Members:
    """The numbers that these new wishes are bought with. Asks nothing where there are none. Raises Invalid for unknown ones."""
    wanted = {
        folded(str(wish.choice[MEMBER]))
        for wish in wishes
        if MEMBER in wish.choice and _member_price(types.get(wish.product_id)) is not None
    }
    if not wanted:
        return {}
    rows = db_session.execute(
        select(MemberNumber.number, MemberNumber.quota_id).where(
            MemberNumber.event_id == event.id, MemberNumber.number.in_(sorted(wanted))
        )
    )
    found: dict[str, int] = {number: int(quota_id) for number, quota_id in rows}
    if wanted - set(found):
        raise Invalid(
            "This number is not on the list of members. Look at it once more, or leave it out to pay the usual price.",
            field=MEMBER,
        )
    free = free_units(db_session, found.values(), now=now)
    return {number: (quota_id, free[quota_id] or 0) for number, quota_id in found.items()}


def deal_of(event: Event, kind: SoldType, wish: Wish, usual: Price, members: Members, *, is_real: bool) -> Deal:
    """The usual price, unless the buyer chooses it or is a member. `is_real`: it goes into a cart.

    Raises Invalid for an amount that cannot be read or is too small, OverLimit for a number that is used up.
    """
    if kind.is_open_price:
        minor = _amount(event, kind, wish, is_real=is_real)
        return Deal(Price(minor), facts={AMOUNT_MINOR: minor})
    member_price = _member_price(kind)
    if MEMBER not in wish.choice or member_price is None or member_price >= usual.minor:
        return Deal(usual)
    number = folded(str(wish.choice[MEMBER]))
    words = "members' price"
    if HELD in wish.choice:
        return Deal(Price(member_price), facts={MEMBER: number}, words=words)
    quota_id, left = members[number]
    if wish.quantity > left:
        raise OverLimit(
            f"Number {number} is good for {left} more at the members' price. "
            f"Take {'the others' if left else 'these'} without the number, at the usual price.",
            field=f"ticket-{kind.id}",
        )
    return Deal(Price(member_price), {quota_id: 1}, {MEMBER: number}, words)


def _member_price(kind: SoldType | None) -> int | None:
    return kind.member_price_minor if kind is not None else None


def _amount(event: Event, kind: SoldType, wish: Wish, *, is_real: bool) -> int:
    """What the buyer gives a piece: what was typed, else what the line holds, else the least."""
    if AMOUNT_MINOR in wish.choice:
        return int(wish.choice[AMOUNT_MINOR])
    at_field = f"amount-{kind.id}"
    if AMOUNT not in wish.choice:
        if is_real:
            raise Invalid(f"Write the amount you choose for {kind.name}.", field=at_field)
        return kind.price_minor
    try:
        minor = parse_amount(str(wish.choice[AMOUNT]), event.currency)
    except ValueError as error:
        raise Invalid(f"{kind.name}: {error}", field=at_field) from error
    least = max(kind.price_minor, 1)
    if not least <= minor <= MOST_MINOR:
        low, high = wording.money(least, event), wording.money(MOST_MINOR, event)
        raise Invalid(f"{kind.name}: choose an amount from {low} to {high}.", field=at_field)
    return minor
