"""Demo: vendors and clubs of the first open show may pay later, and some have ordered on invoice."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.stage import Stage
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.demo_buying import actor_of, hold, pay, place
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, PayMethod
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.payments.services.pay_later import save_terms

DAYS, EXTRA_DAYS = 30, 7
PLACED_BEFORE = (20, 6, 2)  # days; the first one is paid


def fill(db_session: Session, stage: Stage) -> None:
    """Terms for each published show; three orders on invoice in the first one that sells single tickets."""
    by = actor_of(stage.accounts["organizer"])
    is_open = [event for event in stage.events if event.state is EventState.PUBLISHED]
    for event in is_open:
        save_terms(db_session, event=event, days=DAYS, extra_days=EXTRA_DAYS, online=True, by=by, now=stage.now)
    for event in is_open:
        product_id = _bought_before(db_session, event)
        if product_id is not None and _order_some(db_session, stage, event, product_id):
            return


def _bought_before(db_session: Session, event: Event) -> int | None:
    """A ticket that somebody has bought one of."""
    wanted = (
        select(OrderLine.product_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            OrderLine.event_id == event.id,
            OrderLine.kind == "ticket",
            OrderLine.quantity == 1,
            OrderLine.unit_minor > 0,
        )
        .where(Order.state.in_(OPEN_STATES))
    )
    return db_session.scalar(wanted.order_by(OrderLine.id).limit(1))


def _order_some(db_session: Session, stage: Stage, event: Event, product_id: int) -> bool:
    made = 0
    for number, person in enumerate(stage.random.sample(stage.people, len(PLACED_BEFORE))):
        at = stage.now - timedelta(days=PLACED_BEFORE[number])
        held = hold(db_session, event=event, person=person, wishes=[Wish("ticket", product_id, 1)], at=at)
        if held is None:
            continue
        cart, lines = held
        fields = checkout_fields(db_session, lines, Buyer(person_id=person.id, email=person.email, order=cart))
        answers = {
            line_id: {each.name: each.value or person.name for each in group} for line_id, group in fields.items()
        }
        order = place(
            db_session, event=event, person=person, cart=cart, answers=answers, method=PayMethod.INVOICE, at=at
        )
        if not number:
            pay(db_session, stage, order, reference="invoice", at=at + timedelta(days=9))
        made += 1
    return made > 0
