"""What can stand on a posted form: everything the show sells except tables, with today's price and whether any is left."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.badges.holding import KIND
from swapmeet.events.models import Event
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.quoting import pieces_left, quote_each
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import UNLOCKED, Buyer, Product, Quote, Wish
from swapmeet.orders.vouchers.pages import products_of, wish_for
from swapmeet.registration import wording
from swapmeet.registration.line import window_of
from swapmeet.registration.models import TicketType
from swapmeet.registration.pricing import SaleState, sale_state
from swapmeet.registration.queries import SoldType, list_ticket_types, types_by_id

NOT_ON_SALE = "not on sale"
SOLD_OUT = "sold out"
WITH_CODE = "with a code only"


@dataclass(frozen=True)
class Good:
    """One thing that can be entered, or one choice of it. `value` stands for it in the form, `label` says price and state.

    `seats`: how many people one of it lets in by their names; with none it is entered below the people. `asks_amount`: the buyer
    chooses what it costs. `asks_names`: one name a piece.
    """

    value: str
    title: str
    wish: Wish
    seats: int = 0
    asks_amount: bool = False
    asks_names: bool = False
    is_hidden: bool = False
    label: str = ""
    can_be_had: bool = True

    @property
    def is_for_people(self) -> bool:
        """It stands in a line of the people."""
        return self.seats > 0 and not self.asks_amount


@dataclass(frozen=True)
class Goods:
    """All of them in the order of the show's own lists. `has_members`: some have a price for members; `asks_age`: a ticket asks it."""

    all: Sequence[Good]
    has_members: bool = False
    asks_age: bool = False

    @property
    def for_people(self) -> list[Good]:
        return [each for each in self.all if each.is_for_people]

    @property
    def further(self) -> list[Good]:
        return [each for each in self.all if not each.is_for_people]

    def find(self, value: str) -> Good | None:
        return next((each for each in self.all if each.value == value), None)


def goods_of(db_session: Session, event: Event, now: datetime) -> Goods:
    """What can be entered now. Sessions that take nobody any more are left out; tickets that are not on sale say so."""
    types = {each.id: each for each in list_ticket_types(db_session, event_id=event.id)}
    sold = types_by_id(db_session, event_id=event.id, ids=types)
    gifts = [Product(KIND, each.id, each.name) for each in types.values() if _is_gift(each)]
    products = [each for each in products_of(db_session, event) if each.kind != "table"]
    found = [good for each in [*products, *gifts] for good in _ways(each, sold)]
    found.sort(key=lambda good: good.wish.kind != KIND)
    asked = [good for good in found if good.wish.kind != KIND or _is_on_sale(event, types[good.wish.product_id], now)]
    answers = quote_each(db_session, event=event, wishes=[good.wish for good in asked], buyer=Buyer(None), now=now)
    quotes = {good.value: answer for good, answer in zip(asked, answers, strict=True)}
    counted = {quota for answer in answers if isinstance(answer, Quote) for quota in answer.quotas}
    free = free_units(db_session, counted, now=now)
    twice = {title for title, count in Counter(good.title for good in found).items() if count > 1}
    return Goods(
        [
            _labeled(event, good, quotes.get(good.value), free, twice)
            for good in found
            if good.wish.kind == KIND or isinstance(quotes[good.value], Quote)
        ],
        has_members=any(each.member_price_minor is not None for each in sold.values()),
        asks_age=any(each.asks_age for each in sold.values()),
    )


def _is_gift(kind: TicketType) -> bool:
    return kind.rule is not None and kind.rule.is_open_price


def _is_on_sale(event: Event, kind: TicketType, now: datetime) -> bool:
    return not kind.is_door_only and sale_state(window_of(event, kind), now, left=None) is SaleState.ON_SALE


def _ways(product: Product, sold: Mapping[int, SoldType]) -> Iterable[Good]:
    """It, or each of its choices."""
    ways: Sequence[tuple[int | None, str]] = product.choices or [(None, product.title)]
    kind = sold.get(product.group_id) if product.kind == KIND else None
    for choice_id, title in ways:
        wish = wish_for(product, 1, choice_id)
        number = f"{product.group_id}-{choice_id}" if choice_id is not None else f"{product.group_id}"
        good = Good(f"{product.kind}-{number}", title, wish, asks_names=kind is None, is_hidden=product.is_hidden)
        if kind is not None:
            seats, asks_amount = len(kind.seats(1)), bool(kind.is_open_price)
            good = replace(good, seats=seats, asks_amount=asks_amount, asks_names=seats > 0)
            if kind.is_hidden:
                good = replace(good, is_hidden=True, wish=replace(wish, choice={**wish.choice, UNLOCKED: True}))
        yield replace(good, value=number) if good.is_for_people else good


def _labeled(
    event: Event,
    good: Good,
    answer: Quote | DomainError | None,
    free: Mapping[int, int | None],
    twice: Iterable[str],
) -> Good:
    """With its label: title, when (where two have the same title), price, for how many, and what stands in its way."""
    words = [good.title]
    if not isinstance(answer, Quote):
        return replace(good, label=f"{good.title} · {NOT_ON_SALE}", can_be_had=False)
    if good.title in twice and good.wish.kind != KIND:
        words.append(answer.detail)
    words.append(_price(event, good, answer))
    if good.seats > 1 and good.wish.kind == KIND:
        words.append(f"for {good.seats} people")
    left = pieces_left(answer, free)
    words += [WITH_CODE] if good.is_hidden else []
    words += [SOLD_OUT] if left == 0 else []
    return replace(good, label=" · ".join(words), can_be_had=left != 0 and not good.is_hidden)


def _price(event: Event, good: Good, quote: Quote) -> str:
    if not good.asks_amount:
        return wording.money(quote.unit_minor, event)
    return f"from {wording.money(quote.unit_minor, event)}" if quote.unit_minor else "any amount"
