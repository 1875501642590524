"""A code at work: what it opens, what it takes off, and what that takes of its quotas. Prices come from the server alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.orders.sellables import HELD, UNLOCKED, VOUCHER, Quote, Wish
from swapmeet.orders.vouchers import rules
from swapmeet.orders.vouchers.errors import VoucherNotForThis, VoucherUnknown
from swapmeet.orders.vouchers.models import Voucher

OFF = "off_minor"  # in a line's facts: what the code takes off a piece


def get_voucher(db_session: Session, *, event_id: int, code: str, now: datetime) -> Voucher:
    """A code that can be used now, as typed. Raises VoucherUnknown."""
    typed = rules.tidy(code)
    found = db_session.scalar(select(Voucher).where(Voucher.event_id == event_id, Voucher.code == typed))
    if found is None or not rules.is_good(now, valid_until=found.valid_until, off_at=found.off_at):
        raise VoucherUnknown(
            "This code is not known here, or its time is over. Look at it again, letter by letter.", field="code"
        )
    return found


def with_code(wishes: Sequence[Wish], code: str) -> list[Wish]:
    """Wishes of a form that names a code ("" for none)."""
    typed = rules.tidy(code)
    return [replace(wish, choice={**wish.choice, VOUCHER: typed}) for wish in wishes] if typed else list(wishes)


def unlock(db_session: Session, event: Event, wishes: Sequence[Wish], now: datetime) -> list[Wish]:
    """Wishes that name a code may have what it opens, hidden or not. Raises VoucherUnknown."""
    codes = {str(wish.choice[VOUCHER]) for wish in wishes if VOUCHER in wish.choice and HELD not in wish.choice}
    opened = {
        code for code in sorted(codes) if get_voucher(db_session, event_id=event.id, code=code, now=now).opens_hidden
    }
    return [
        replace(wish, choice={**wish.choice, UNLOCKED: str(wish.choice.get(VOUCHER)) in opened})
        if VOUCHER in wish.choice
        else wish
        for wish in wishes
    ]


def with_vouchers(db_session: Session, event: Event, quotes: Sequence[Quote]) -> list[Quote]:
    """The quotes as their codes change them: the price, the quotas they take, and the facts that say so.

    Raises VoucherNotForThis. Without codes nothing is asked. A held line keeps what the code took off when it was put in,
    where the code has a budget: that much is held of it.
    """
    codes = {str(quote.wish.choice[VOUCHER]) for quote in quotes if VOUCHER in quote.wish.choice}
    if not codes:
        return list(quotes)
    tidied = {rules.tidy(code) for code in codes}
    rows = db_session.scalars(select(Voucher).where(Voucher.event_id == event.id, Voucher.code.in_(tidied)))
    vouchers = {voucher.code: voucher for voucher in rows}
    return [
        _changed(quote, vouchers[rules.tidy(str(quote.wish.choice[VOUCHER]))])
        if VOUCHER in quote.wish.choice
        else quote
        for quote in quotes
    ]


def _changed(quote: Quote, voucher: Voucher) -> Quote:
    wish = quote.wish
    group_id = quote.group_id if quote.group_id is not None else wish.product_id
    if HELD not in wish.choice and not rules.fits(
        voucher.scope_kind, voucher.scope_id, kind=wish.kind, group_id=group_id
    ):
        raise VoucherNotForThis(f"The code {voucher.code} is not for {quote.title}.", field="code")
    off = rules.reduction(voucher.effect.value, voucher.value, quote.unit_minor)
    if HELD in wish.choice and voucher.budget_quota_id is not None:
        off = min(int(wish.choice.get(OFF, 0)), quote.unit_minor)
    quotas = {quota: units for quota, units in quote.quotas.items() if quota != voucher.reserved_quota_id}
    quotas[voucher.quota_id] = 1
    if voucher.budget_quota_id is not None and off:
        quotas[voucher.budget_quota_id] = off
    return replace(
        quote,
        unit_minor=quote.unit_minor - off,
        quotas=quotas,
        detail=f"{quote.detail}, code {voucher.code}"[:300] if quote.detail else f"Code {voucher.code}",
        facts={**quote.facts, VOUCHER: voucher.code, OFF: off},
    )
