"""Money that comes in parts, twice, too late, too much; money that goes back."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.orders import ledger
from swapmeet.orders.errors import AlreadyPaid, NotOnSale, PriceChanged, RefundTooLarge, WrongAmount
from swapmeet.orders.models import Account, Order, OrderState, PayMethod, Refund, RefundState
from swapmeet.orders.queries import list_payments, list_refunds, sums_of
from swapmeet.orders.services import cancellations, closing, payments, settling
from tests.orders.conftest import Shop, fresh

TREASURER = Actor.job("treasurer")


def cancel(shop: Shop, order_id: int, *, full: bool = False, seen: int | None = None) -> None:
    with transaction() as db_session:
        event, order = shop.world.show(), db_session.get_one(Order, order_id)
        preview = cancellations.preview_cancellation(
            db_session, event=event, order=order, now=utcnow(), full_refund=full
        )
        cancellations.cancel_order(
            db_session,
            event=event,
            order=order,
            seen_back_minor=preview.back_minor if seen is None else seen,
            reason="test",
            by=TREASURER,
            now=utcnow(),
            full_refund=full,
        )


def settle(refund_id: int, amount: int | None = None) -> None:
    with transaction() as db_session:
        refund = db_session.get_one(Refund, refund_id)
        if amount is not None:
            refund.amount_minor = amount
            db_session.flush()
        settling.settle_refund(
            db_session, refund=refund, method=PayMethod.CHECK, reference="9", by=TREASURER, now=utcnow()
        )


def sums(order_id: int) -> Any:
    fresh()
    session, order = db.session(), db.session.get_one(Order, order_id)
    return sums_of(order, list_payments(session, order), list_refunds(session, order))


def owed(order_id: int) -> int:
    fresh()
    return ledger.owed(db.session(), db.session.get_one(Order, order_id))


def refunds() -> list[Refund]:
    fresh()
    return list(db.session.scalars(select(Refund).order_by(Refund.id)))


def test_parts_add_up_and_the_last_one_confirms(shop: Shop) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    shop.pay(order.id, 1000)
    assert (shop.read(order.id).state, owed(order.id)) == (OrderState.PLACED, 2000)
    shop.pay(order.id, 2000, PayMethod.CASH)
    assert (shop.read(order.id).state, owed(order.id)) == (OrderState.CONFIRMED, 0)
    assert shop.ware.deeds().count("confirm") == 1


def test_too_much_is_a_credit_and_can_be_sent_back(shop: Shop) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    shop.pay(order.id, 3500)
    assert (sums(order.id).overpaid, owed(order.id)) == (500, -500)
    with transaction() as db_session:
        row = db_session.get_one(Order, order.id)
        payments.give_credit_back(db_session, order=row, reason="too much", by=TREASURER, now=utcnow())
    assert (sums(order.id).overpaid, sums(order.id).refunds_waiting, owed(order.id)) == (0, 500, 0)
    with transaction() as db_session, pytest.raises(WrongAmount):
        row = db_session.get_one(Order, order.id)
        payments.give_credit_back(db_session, order=row, reason="again", by=TREASURER, now=utcnow())
    settle(refunds()[0].id)
    assert (sums(order.id).refunded, owed(order.id)) == (500, 0)


def test_r_t48_a_paid_order_is_confirmed_once(shop: Shop, mail: Any) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    shop.pay(order.id, 3000)
    with pytest.raises(AlreadyPaid):
        shop.pay(order.id, 3000)
    assert shop.ware.deeds().count("confirm") == 1
    subjects = [message["Subject"] for message in mail.to("gus@example.org")]
    assert len([subject for subject in subjects if "is confirmed" in subject]) == 1


def test_r_t50_paid_twice_and_sent_back_once_is_still_paid(shop: Shop) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    shop.pay(order.id, 3000)
    with transaction() as db_session:
        row = db_session.get_one(Order, order.id)
        payments.record_payment(
            db_session,
            order=row,
            method=PayMethod.TRANSFER,
            amount_minor=3000,
            reference="second",
            received_at=utcnow(),
            by=TREASURER,
            now=utcnow(),
            is_extra=True,
        )
        payments.give_credit_back(db_session, order=row, reason="twice", by=TREASURER, now=utcnow())
    settle(refunds()[0].id)
    assert shop.read(order.id).state is OrderState.CONFIRMED
    assert (sums(order.id).owed, sums(order.id).captured, sums(order.id).refunded) == (0, 6000, 3000)


def test_r_t49_late_money_brings_an_order_back_while_it_is_still_free(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=1, price=3000)
    order = shop.order((quota, 1))
    clock.advance(days=16)
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 1
    assert shop.taken(quota) == 0
    shop.pay(order.id, 3000)
    assert shop.read(order.id).state is OrderState.CONFIRMED
    assert (shop.taken(quota), owed(order.id)) == (1, 0)
    assert shop.ware.deeds()[-4:] == ["release:unpaid", "claim", "extend", "confirm"]


def test_r_t49_late_money_for_what_is_gone_waits_to_go_back(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=1, price=3000)
    order = shop.order((quota, 1))
    clock.advance(days=16)
    with transaction() as db_session:
        closing.sweep_unpaid(db_session, now=utcnow())
    shop.order((quota, 1))
    shop.pay(order.id, 3000)
    assert shop.read(order.id).state is OrderState.EXPIRED
    assert [(refund.amount_minor, refund.state) for refund in refunds()] == [(3000, RefundState.REQUESTED)]
    assert owed(order.id) == 0
    assert shop.taken(quota) == 1


def test_late_money_for_a_canceled_order_waits_to_go_back(shop: Shop) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    cancel(shop, order.id)
    shop.pay(order.id, 3000)
    assert shop.read(order.id).state is OrderState.CANCELED
    assert [refund.amount_minor for refund in refunds()] == [3000]


def test_a_cart_takes_no_money(shop: Shop) -> None:
    with pytest.raises(NotOnSale):
        shop.pay(shop.cart((shop.quota(price=3000), 1)), 3000)


@pytest.mark.parametrize(("method", "amount"), [(PayMethod.FREE, 100), (PayMethod.CASH, 0), (PayMethod.CASH, -5)])
def test_r_t52_only_real_money_counts(shop: Shop, method: PayMethod, amount: int) -> None:
    order = shop.order((shop.quota(price=3000), 1))
    with pytest.raises(Invalid):
        shop.pay(order.id, amount, method)


def test_unpaid_orders_end_after_their_due_date_and_a_grace(shop: Shop, clock: Any, mail: Any) -> None:
    quota = shop.quota(capacity=2, price=3000)
    order, part = shop.order((quota, 1)), shop.order((quota, 1))
    shop.pay(part.id, 1)
    assert order.due_at is not None
    clock.set(order.due_at)
    clock.advance(hours=11, minutes=59)
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 0
    clock.advance(minutes=1)
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 1
    assert shop.read(order.id).state is OrderState.EXPIRED
    assert shop.read(part.id).state is OrderState.PLACED
    assert (shop.taken(quota), owed(order.id), owed(part.id)) == (1, 0, 2999)
    assert "has ended unpaid" in mail.to("gus@example.org")[-1]["Subject"]


def test_the_refund_follows_the_terms_the_order_was_placed_under(shop: Shop, clock: Any) -> None:
    quota = shop.quota(price=10000)
    early, middle, late = (shop.order((quota, 1)) for _ in range(3))
    for order in (early, middle, late):
        shop.pay(order.id, 10000)
    cancel(shop, early.id)  # ninety days before: 100 % less $5.00
    clock.advance(days=50)
    cancel(shop, middle.id)  # forty days before: half
    clock.advance(days=30)
    cancel(shop, late.id)  # ten days before: nothing
    assert [refund.amount_minor for refund in refunds()] == [9500, 5000]
    assert {shop.read(order.id).state for order in (early, middle, late)} == {OrderState.CANCELED}
    assert [owed(order.id) for order in (early, middle, late)] == [0, 0, 0]


def test_the_fee_is_taken_once_an_order(shop: Shop) -> None:
    one, two = shop.quota(price=10000, name="One"), shop.quota(price=20000, name="Two")
    order = shop.order((one, 1), (two, 1))
    shop.pay(order.id, 30000)
    cancel(shop, order.id)
    assert [refund.amount_minor for refund in refunds()] == [29500]


def test_a_part_paid_order_gets_back_no_more_than_was_paid(shop: Shop) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 700)
    cancel(shop, order.id)
    assert [refund.amount_minor for refund in refunds()] == [700]
    assert owed(order.id) == 0


def test_what_was_paid_too_much_comes_back_whole(shop: Shop, clock: Any) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 12000)
    clock.advance(days=50)
    cancel(shop, order.id)
    assert [refund.amount_minor for refund in refunds()] == [5000 + 2000]


def test_a_refund_that_moved_since_it_was_shown_is_not_booked(shop: Shop) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 10000)
    with pytest.raises(PriceChanged):
        cancel(shop, order.id, seen=10000)
    assert shop.read(order.id).state is OrderState.CONFIRMED


def test_r_t46_a_refund_is_sent_once_and_never_above_what_came_in(shop: Shop) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 10000)
    cancel(shop, order.id, full=True)
    with pytest.raises(RefundTooLarge):
        settle(refunds()[0].id, amount=10001)
    settle(refunds()[0].id)
    for _ in range(3):
        with pytest.raises(IllegalTransition):
            settle(refunds()[0].id)
    with pytest.raises(IllegalTransition):
        cancel(shop, order.id, full=True)
    with transaction() as db_session:
        row = db_session.get_one(Order, order.id)
        held = [ledger.balance_of(db_session, row, account=account) for account in (Account.CHECKS, Account.BANK)]
    assert held == [10000, -10000], "the buyer's check is in hand, ours was paid from the bank"


def test_a_canceled_show_cancels_its_orders_with_everything_back(shop: Shop, mail: Any) -> None:
    quota = shop.quota(capacity=None, price=1000)
    paid = [shop.order((quota, 1)) for _ in range(3)]
    unpaid = shop.order((quota, 1))
    for order in paid:
        shop.pay(order.id, 1000)
    with transaction() as db_session:
        closing.start_canceling(db_session, shop.world.show(), TREASURER, utcnow())
    mail.deliver_all()
    assert {shop.read(order.id).state for order in [*paid, unpaid]} == {OrderState.CANCELED}
    assert [refund.amount_minor for refund in refunds()] == [1000, 1000, 1000]
    assert shop.taken(quota) == 0


def test_a_buyer_of_a_canceled_show_gets_everything_back_whatever_the_terms(shop: Shop, clock: Any) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    shop.pay(order.id, 1000)
    clock.advance(days=85)  # the terms give nothing back by now
    with transaction():
        shop.world.show().state = EventState.CANCELED
    cancel(shop, order.id)
    assert [refund.amount_minor for refund in refunds()] == [1000]


def test_what_canceling_a_show_means_is_told_before(shop: Shop) -> None:
    quota = shop.quota(price=1000)
    order = shop.order((quota, 2))
    shop.pay(order.id, 2000)
    fresh()
    lines = closing.preview_canceling(db.session(), shop.world.show(), utcnow())
    assert lines == [("Orders canceled", "1 order"), ("Money to send back, at most", "$20.00")]
