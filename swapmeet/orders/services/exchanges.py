"""One thing of a placed order for another of the same kind, at its own price: the difference is asked for or given back."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.signals import order_priced, order_released
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.models import OPEN_STATES, LineQuota, Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Quote
from swapmeet.orders.services.checkout import confirm_order
from swapmeet.orders.services.due_dates import follow_parts
from swapmeet.orders.services.payments import give_credit_back


def exchange_line(
    db_session: Session, *, order: Order, old: OrderLine, quote: Quote, by: Actor, now: datetime
) -> OrderLine:
    """A new line at the quote's price instead of `old`, of a locked open order; returns it. The books get the difference.

    The rate of tax stays the one of the day the order was placed.

    Its units of quotas (the use of a code) go along. What else the line holds (a place, badges) is the caller's to hand over,
    and `settle_exchange` follows then.
    """
    if order.state not in OPEN_STATES:
        raise ValueError("only lines of placed orders are exchanged")
    new = OrderLine(
        event_id=order.event_id,
        order_id=order.id,
        kind=old.kind,
        product_id=quote.wish.product_id,
        title=quote.title,
        detail=quote.detail,
        quantity=old.quantity,
        unit_minor=quote.unit_minor,
        facts=dict(quote.facts),
        refund_policy=quote.refund_policy,
        tax_name=old.tax_name,
        tax_bp=old.tax_bp,
        tax_is_added=old.tax_is_added,
        created_at=now,
    )
    db_session.add(new)
    old.released_at = now
    order.total_minor += new.total_minor - old.total_minor
    db_session.flush()
    units = update(LineQuota).where(LineQuota.line_id == old.id).values(line_id=new.id)
    db_session.execute(units.execution_options(synchronize_session=False))
    ledger.post_exchange(db_session, order, old, new, now=now)
    order_released.send(order, db_session=db_session, order=order, lines=[old], reason="exchanged", now=now, by=by)
    return new


def settle_exchange(db_session: Session, *, order: Order, reason: str, by: Actor, now: datetime) -> None:
    """What was paid too much by now goes back; an order with nothing left to pay is confirmed.

    What was given back of the price before, although the order stood, does not go back once more.
    """
    if (gone := -(order.total_minor + order.adjust_minor)) > 0:
        order.adjust_minor += gone
        ledger.post_giving_less(db_session, order, gone, now=now)
    record(db_session, now=now, by=by, verb="order.exchanged", subject=order, reason=reason, total=order.total_minor)
    owed = ledger.owed(db_session, order)
    if owed < 0:
        give_credit_back(db_session, order=order, reason=reason, by=by, now=now)
    if owed <= 0 and order.state is OrderState.PLACED:
        confirm_order(db_session, order=order, lines=list_live_lines(db_session, order), by=by, now=now)
    follow_parts(db_session, order)
    order_priced.send(order, db_session=db_session, order=order, address="", is_mailed=False, by=by, now=now)
