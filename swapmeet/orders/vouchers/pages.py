"""What the pages of codes show: what a code opens and costs, and the organizer's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import VARIANT, Buyer, Product, Wish
from swapmeet.orders.services.carts import quote_all, sellable_of
from swapmeet.orders.vouchers import rules
from swapmeet.orders.vouchers.applying import unlock, with_code, with_vouchers
from swapmeet.orders.vouchers.models import Effect, Voucher
from swapmeet.web.filters import price
from swapmeet.web.paging import Page, paginate


def products_of(db_session: Session, event: Event) -> list[Product]:
    """Everything the show sells, kinds in the order of their names."""
    return [
        each for kind in sorted(registry().sellables) for each in sellable_of(kind).products(db_session, event=event)
    ]


def wish_for(product: Product, quantity: int, choice_id: int | None = None) -> Wish:
    """So many pieces of it, or of one of its choices."""
    return Wish(product.kind, product.group_id, quantity, {} if choice_id is None else {VARIANT: choice_id})


@dataclass(frozen=True)
class Opened:
    """One thing a code is good for: the field that takes it, its price with the code and without, how many can be had."""

    field: str
    title: str
    price_minor: int
    before_minor: int
    most: int


def opened_by(db_session: Session, event: Event, voucher: Voucher, now: datetime) -> tuple[list[Opened], bool]:
    """What can be chosen with the code here and now, and whether it is good for tables too (which are chosen on the plan)."""
    found, has_tables = [], False
    for product in products_of(db_session, event):
        if not rules.fits(voucher.scope_kind, voucher.scope_id, kind=product.kind, group_id=product.group_id):
            continue
        if product.kind == "table":
            has_tables = True
        else:
            ways: Sequence[tuple[int | None, str]] = product.choices or [(None, product.title)]
            rows = [_opened(db_session, event, voucher, product, way, now) for way in ways]
            found += [row for row in rows if row is not None]
    return found, has_tables


def _opened(
    db_session: Session, event: Event, voucher: Voucher, product: Product, way: tuple[int | None, str], now: datetime
) -> Opened | None:
    """`way`: the choice it is bought by (None: as it is) and what that is called."""
    choice_id, title = way
    wishes = unlock(db_session, event, with_code([wish_for(product, 1, choice_id)], voucher.code), now)
    try:
        plain = quote_all(db_session, event=event, wishes=wishes, buyer=Buyer(None), now=now)
        quote = with_vouchers(db_session, event, plain)[0]
    except DomainError:
        return None
    counted = [quota for quota in quote.quotas if quota != voucher.budget_quota_id]
    free = [left for left in free_units(db_session, counted, now=now).values() if left is not None]
    most = min([*free, event.per_order_limit])
    field = f"{product.kind}-{product.group_id}"
    return Opened(
        field if choice_id is None else f"{field}-{choice_id}", title, quote.unit_minor, plain[0].unit_minor, most
    )


def effect_words(voucher: Voucher, event: Event) -> str:
    """ "20 % off", "$5.00 off each", "$10.00 each", "opens or keeps"."""
    if voucher.effect is Effect.PERCENT:
        return f"{voucher.value} % off"
    if voucher.effect is Effect.AMOUNT:
        return f"{price(voucher.value, event.currency, event.locale)} off each"
    if voucher.effect is Effect.PRICE:
        return f"{price(voucher.value, event.currency, event.locale)} each"
    return "Opens or keeps"


def scope_words(voucher: Voucher, products: Sequence[Product]) -> str:
    """What the code is good for."""
    if not voucher.scope_kind:
        return "Everything"
    if voucher.scope_id is None:
        return f"All {voucher.scope_kind}s"
    found = [each.title for each in products if (each.kind, each.group_id) == (voucher.scope_kind, voucher.scope_id)]
    return found[0] if found else "Nothing that is sold now"


def list_vouchers(db_session: Session, event: Event, *, words: str, number: int) -> Page:
    """A page of codes, newest first, with their counters; `words` look in code, name of the batch and address."""
    statement = select(Voucher).where(Voucher.event_id == event.id)
    if words:
        statement = statement.where(
            or_(*(column.icontains(words, autoescape=True) for column in (Voucher.code, Voucher.batch, Voucher.email)))
        )
    options = (joinedload(Voucher.quota), joinedload(Voucher.budget))
    return paginate(db_session, statement.options(*options).order_by(Voucher.id.desc()), number=number)


def rows_for_export(db_session: Session, event: Event) -> list[list[Any]]:
    """Every code with its counters, for a spreadsheet."""
    statement = (
        select(Voucher)
        .where(Voucher.event_id == event.id)
        .options(joinedload(Voucher.quota), joinedload(Voucher.budget))
    )
    return [
        [
            each.code,
            each.batch,
            each.email,
            effect_words(each, event),
            each.quota.capacity,
            each.quota.taken,
            each.budget.taken if each.budget is not None else "",
            "taken back" if each.off_at else "",
        ]
        for each in db_session.scalars(statement.order_by(Voucher.id))
    ]
