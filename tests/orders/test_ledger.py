"""The books: only ever added to, always balanced, equal to the orders after thousands of random steps, as of any instant."""

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import doctor
from swapmeet.orders.books import Books, read_books
from swapmeet.orders.models import Account, LedgerEntry, Order, OrderState, PayMethod, Refund, RefundState
from swapmeet.orders.queries import list_payments, list_refunds, sums_of
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import cancellations, carts, closing, payments, quotas, settling
from tests.orders.conftest import Shop, fresh

LONG = bool(os.environ.get("CI"))
# A hundred thousand without a database: test_pure_money_walk.py. A step takes twice as long on PostgreSQL.
STEPS = {"sqlite": 3_000, "postgresql": 1_500} if LONG else {"sqlite": 1_000, "postgresql": 500}
BY = Actor.job("property")
CHECKS = (
    doctor.quotas_off,
    doctor.units_of_nobody,
    doctor.orders_damaged,
    doctor.orders_lost,
    doctor.books_unbalanced,
    doctor.books_differ,
    doctor.refunds_too_large,
    doctor.money_booked_twice,
    doctor.changes_without_audit,
)


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET amount_minor = 1", "UPDATE audit_entry SET verb = 'x'"])
def test_the_books_and_the_log_cannot_be_changed(shop: Shop, statement: str) -> None:
    shop.order((shop.quota(price=1000), 1))
    with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
        db_session.execute(text(statement))
    with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
        db_session.execute(update(LedgerEntry).values(amount_minor=LedgerEntry.amount_minor + 1))


def test_a_transaction_that_does_not_sum_to_zero_is_refused(shop: Shop) -> None:
    from swapmeet.orders import ledger

    order = shop.order((shop.quota(price=1000), 1))
    with transaction() as db_session, pytest.raises(ValueError, match="sum to zero"):
        ledger._post(db_session, order, [(Account.CASH, "", 5), (Account.SALES, "", -4)], now=utcnow(), memo="wrong")


class Play:
    """Random steps by many buyers and one treasurer, seeded. Refusals are fine; what stays must add up."""

    def __init__(self, shop: Shop, clock: Any, seed: int) -> None:
        self.shop, self.clock, self.random = shop, clock, random.Random(seed)
        prices = [("Free", 0, 30), ("Weekend", 2500, 12), ("Kit", 999, None), ("Table", 9500, 8)]
        self.quotas = [shop.quota(capacity, name, price) for name, price, capacity in prices]
        shop.ware.also[self.quotas[1]] = [self.quotas[0]]
        self.done = 0

    def step(self) -> None:
        deeds = [self.add] * 6 + [self.place] * 6 + [self.pay] * 5 + [self.cancel] * 2 + [self.remove] * 2
        deeds += [self.settle, self.credit, self.sweep, self.wait, self.wait, self.capacity, self.extend, self.rename]
        try:
            self.random.choice(deeds)()
            self.done += 1
        except DomainError:
            db.session.rollback()

    def one(self, *states: OrderState) -> Order | None:
        """One of the youngest forty orders in these states."""
        db.session.rollback()
        db.session.expunge_all()
        young = select(Order.id).where(Order.state.in_(states)).order_by(Order.id.desc()).limit(40)
        ids = list(db.session.scalars(young))
        return db.session.get(Order, self.random.choice(ids)) if ids else None

    def wishes(self) -> list[Wish]:
        count = self.random.randint(1, 3)
        return [Wish("ticket", self.random.choice(self.quotas), self.random.randint(1, 4)) for _ in range(count)]

    def add(self) -> None:
        with transaction() as db_session:
            event = self.shop.world.show()
            key = f"key-{self.random.random()}"
            cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=key, now=utcnow())
            carts.add_to_cart(
                db_session, event=event, cart=cart, wishes=self.wishes(), buyer=Buyer(None), by=BY, now=utcnow()
            )

    def place(self) -> None:
        if order := self.one(OrderState.CART):
            self.shop.place(order.id, method=self.random.choice([PayMethod.CHECK, PayMethod.CASH]))

    def pay(self) -> None:
        states = [OrderState.PLACED] * 6 + [OrderState.CONFIRMED, OrderState.EXPIRED, OrderState.CANCELED]
        if order := self.one(self.random.choice(states)):
            with transaction() as db_session:
                payments.record_payment(
                    db_session,
                    order=db_session.get_one(Order, order.id),
                    method=self.random.choice([PayMethod.CHECK, PayMethod.CASH, PayMethod.TRANSFER]),
                    amount_minor=self.random.choice([order.total_minor, 1, 700, order.total_minor + 50]) or 1,
                    reference="",
                    received_at=utcnow(),
                    by=BY,
                    now=utcnow(),
                    is_extra=self.random.random() < 0.5,
                )

    def cancel(self) -> None:
        if order := self.one(OrderState.PLACED, OrderState.CONFIRMED, OrderState.CART):
            is_full = self.random.random() < 0.4
            with transaction() as db_session:
                event, row = self.shop.world.show(), db_session.get_one(Order, order.id)
                preview = cancellations.preview_cancellation(
                    db_session, event=event, order=row, now=utcnow(), full_refund=is_full
                )
                cancellations.cancel_order(
                    db_session,
                    event=event,
                    order=row,
                    seen_back_minor=preview.back_minor,
                    reason="",
                    by=BY,
                    now=utcnow(),
                    full_refund=is_full,
                )

    def remove(self) -> None:
        if order := self.one(OrderState.CART):
            lines = self.shop.lines(order.id)
            with transaction() as db_session:
                cart = db_session.get_one(Order, order.id)
                line_id = self.random.choice(lines).id if lines else 0
                carts.remove_line(db_session, cart=cart, line_id=line_id, by=BY, now=utcnow())

    def settle(self) -> None:
        fresh()
        waiting = list(db.session.scalars(select(Refund.id).where(Refund.state == RefundState.REQUESTED)))
        if waiting:
            with transaction() as db_session:
                refund = db_session.get_one(Refund, self.random.choice(waiting))
                settling.settle_refund(
                    db_session, refund=refund, method=PayMethod.CHECK, reference="", by=BY, now=utcnow()
                )

    def credit(self) -> None:
        if order := self.one(OrderState.CONFIRMED):
            with transaction() as db_session:
                row = db_session.get_one(Order, order.id)
                payments.give_credit_back(db_session, order=row, reason="", by=BY, now=utcnow())

    def sweep(self) -> None:
        with transaction() as db_session:
            carts.sweep_expired(db_session, now=utcnow())
            closing.sweep_unpaid(db_session, now=utcnow())

    def wait(self) -> None:
        self.clock.advance(minutes=self.random.choice([1, 5, 20, 60 * 24]))

    def capacity(self) -> None:
        from swapmeet.orders.models import Quota

        with transaction() as db_session:
            quota = db_session.get_one(Quota, self.random.choice(self.quotas))
            quotas.change_capacity(
                db_session, quota=quota, capacity=self.random.choice([None, 5, 20, 40]), by=BY, now=utcnow()
            )

    def extend(self) -> None:
        if order := self.one(OrderState.CART):
            with transaction() as db_session:
                cart = db_session.get_one(Order, order.id)
                carts.extend_cart(db_session, event=self.shop.world.show(), cart=cart, minutes=15, now=utcnow())

    def rename(self) -> None:
        from swapmeet.orders.services import edits

        if order := self.one(OrderState.PLACED, OrderState.CONFIRMED):
            with transaction() as db_session:
                row = db_session.get_one(Order, order.id)
                edits.rename(db_session, event=self.shop.world.show(), order=row, answers={}, by=BY, now=utcnow())


def violations() -> list[str]:
    fresh()
    return [sentence for find in CHECKS for sentence in find(db.session(), utcnow())]


def test_r_t53_after_thousands_of_random_steps_everything_adds_up(shop: Shop, clock: Any, database: str) -> None:
    steps = STEPS[database]
    play = Play(shop, clock, seed=20270515)
    kept: list[tuple[Any, Books]] = []
    for number in range(steps):
        play.step()
        if number % 500 == 499:
            assert violations() == [], f"after step {number}"
            fresh()
            kept.append((utcnow(), read_books(db.session(), shop.world.show(), as_of=utcnow())))
            clock.advance(seconds=1)
    assert play.done > steps / 3
    check_sums_by_order()
    check_free_units(play)
    fresh()
    for moment, books in kept:  # the report as of any past instant comes out the same
        assert read_books(db.session(), shop.world.show(), as_of=moment) == books
    assert read_books(db.session(), shop.world.show(), as_of=utcnow() - timedelta(days=9999)).balances == {}


def check_sums_by_order() -> None:
    fresh()
    session = db.session()
    for order in session.scalars(select(Order).where(Order.placed_at.is_not(None))):
        sums = sums_of(order, list_payments(session, order), list_refunds(session, order))
        receivable = select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
            LedgerEntry.order_id == order.id, LedgerEntry.account == Account.RECEIVABLE
        )
        assert session.scalar(receivable) == sums.owed, order.code
        assert sums.refunded + sums.refunds_waiting <= sums.captured, order.code
        if order.state in (OrderState.PLACED, OrderState.CONFIRMED):
            assert sums.captured - sums.refunded - sums.refunds_waiting + sums.owed == sums.total, order.code


def check_free_units(play: Play) -> None:
    from swapmeet.orders.models import LineQuota, OrderLine, Quota

    session, now = db.session(), utcnow()
    free = free_units(session, play.quotas, now=now)
    for quota in session.scalars(select(Quota)):
        live = select(func.coalesce(func.sum(LineQuota.quantity), 0)).join(
            OrderLine, OrderLine.id == LineQuota.line_id
        ).join(Order, Order.id == OrderLine.order_id).where(
            LineQuota.quota_id == quota.id, ~((Order.state == OrderState.CART) & (Order.expires_at <= now))
        )  # fmt: skip
        expected = None if quota.capacity is None else quota.capacity - int(session.scalar(live) or 0)
        assert free[quota.id] == expected
        assert expected is None or expected >= 0
