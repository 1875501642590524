"""Changes to an order that is placed: names, contact, the mail again."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Refused
from swapmeet.orders.errors import NotOnSale, TooLateToEdit
from swapmeet.orders.models import OPEN_STATES, Order, OrderState
from swapmeet.orders.order_view import edit_closes_at
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.carts import sellable_of
from swapmeet.orders.services.checkout import search_text


def rename(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    answers: Mapping[int, Mapping[str, str]],
    by: Actor,
    now: datetime,
) -> None:
    """Take the answers of the lines anew. Raises TooLateToEdit once the show has begun, NotOnSale for a closed order."""
    lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale(f"This order is {order.state.value}; its names cannot be changed.")
    if now >= edit_closes_at(event):
        raise TooLateToEdit("The show has begun. Ask at the door to have a name changed.")
    for line in list_live_lines(db_session, order):
        sellable_of(line.kind).take_answers(db_session, line=line, answers=answers.get(line.id, {}), now=now)
    record(db_session, now=now, by=by, verb="order.renamed", subject=order)


def change_contact(
    db_session: Session, *, order: Order, name: str, email: str, phone: str, by: Actor, now: datetime
) -> None:
    """The organizer corrects who the order belongs to. The log says what was changed and not from what: it keeps no names."""
    lock(db_session, order)
    email = email.strip().lower()
    pairs = {
        "name": (order.buyer_name, name),
        "e-mail": (order.buyer_email, email),
        "phone": (order.buyer_phone, phone),
    }
    changed = ", ".join(word for word, (before, after) in pairs.items() if before != after)
    order.buyer_name, order.buyer_email, order.buyer_phone = name, email, phone
    order.search_text = search_text(order)
    record(db_session, now=now, by=by, verb="order.contact_changed", subject=order, changed=changed)


def mail_again(db_session: Session, *, order: Order, by: Actor, now: datetime) -> None:
    """Queue the mail about where the order stands once more; at most one a minute. Raises Refused without an address."""
    if not order.buyer_email:
        raise Refused("This order has no e-mail address any more, so nothing was sent.")
    order.mail_held_at = None
    fact = "confirmed" if order.state is OrderState.CONFIRMED else order.state.value
    queue_mail(
        db_session,
        kind=f"orders.{fact}",
        to=order.buyer_email,
        payload={"order_id": order.id, "again": True},
        fact_key=f"order:{order.id}:{fact}:again:{now:%Y%m%d%H%M}",
        now=now,
        event_id=order.event_id,
        person_id=order.person_id,
    )
    record(db_session, now=now, by=by, verb="order.mail_again", subject=order)
