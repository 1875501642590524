"""Orders that are paid in parts: the parts are written down when the order is placed, and its due date follows what came in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.orders import dues, ledger
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.queries import standings
from swapmeet.orders.services import instalments

DUE_SOON = timedelta(days=7)
DUE_SOON_MAIL = "orders.due_soon"
AT_ONCE = 50  # reminders in one transaction
FIRST = "Deposit"


def plan_parts(
    db_session: Session,
    *,
    event: Event,
    lines: Sequence[OrderLine],
    total_minor: int,
    due_at: datetime,
    now: datetime,
    in_parts: bool = False,
) -> list[dues.Part]:
    """In which parts such an order would be paid, as the features say of their lines; empty: in one sum.

    `in_parts`: the buyer asks for the show's plan, which is about all lines that have no terms of their own.
    """
    own, laters = registry().due_plans, []
    for say in dict.fromkeys(own.values()):
        laters += say(db_session, event=event, lines=lines, now=now)
    others = [line for line in lines if line.kind not in own] if in_parts else []
    chosen = instalments.due_later(db_session, event=event, lines=others)
    parts = dues.split_up(total_minor, dues.Part(FIRST, 0, due_at), [*laters, *chosen])
    return dues.numbered(parts) if chosen else parts


def write_parts(db_session: Session, *, order: Order, parts: Sequence[dues.Part]) -> None:
    """Keep the parts with an order that has just been placed; it is due with the first of them."""
    for position, part in enumerate(parts):
        db_session.add(
            DuePart(
                event_id=order.event_id,
                order_id=order.id,
                position=position,
                name=part.name,
                amount_minor=part.amount_minor,
                due_at=part.due_at,
                lapses=part.lapses,
            )
        )
    if parts:
        order.due_at = parts[0].due_at
        db_session.flush()


def is_in_parts(method: PayMethod | None) -> bool:
    """An invoice is one sum by one day."""
    return method is not PayMethod.INVOICE


def may_choose_parts(method: PayMethod | None) -> bool:
    """Instalments that a buyer asks for are for money by post; who pays by card pays at once what is due at once."""
    return method is not PayMethod.CARD


def due_now(db_session: Session, order: Order) -> int:
    """What is to be paid next: the first part with something left, or all that is owed where there are no parts."""
    owed = ledger.owed(db_session, order)
    following = dues.next_part(standings(db_session, order))
    return owed if following is None else min(owed, following.left_minor)


def follow_parts(db_session: Session, order: Order) -> None:
    """The order is due with the first part that is not paid. Call it when money or the price has changed."""
    if order.state is OrderState.PLACED:
        following = dues.next_part(standings(db_session, order))
        if following is not None and order.due_at != following.part.due_at:
            order.due_at = following.part.due_at
            db_session.flush()


def remind_due(db_session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell buyers a week before a later part is due. Once a part; returns how many were told."""
    soon = (
        select(DuePart, Order)
        .join(Order, Order.id == DuePart.order_id)
        .where(
            Order.state == OrderState.PLACED,
            Order.due_at == DuePart.due_at,
            Order.buyer_email != "",
            DuePart.position > 0,
            DuePart.reminded_at.is_(None),
            DuePart.due_at > now,
            DuePart.due_at <= now + DUE_SOON,
        )
        .order_by(DuePart.id)
        .limit(limit)
        .with_for_update(of=DuePart, skip_locked=True)
    )
    count = 0
    for part, order in db_session.execute(soon).all():
        part.reminded_at = now
        queue_mail(
            db_session,
            kind=DUE_SOON_MAIL,
            to=order.buyer_email,
            payload={"order_id": order.id},
            fact_key=f"order:{order.id}:due:{part.position}",
            now=now,
            event_id=order.event_id,
            person_id=order.person_id,
        )
        record(db_session, now=now, by=Actor.job("reminder"), verb="order.reminded", subject=order, target=part.name)
        count += 1
    db_session.flush()
    return count
