"""Tickets as somebody holds them: the live badge of a visitor, found by the order or by the badge's own secret link."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from swapmeet.badges.links import badge_key
from swapmeet.badges.models import ISSUED, Attendee, AttendeeRole, Badge
from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.kernel.errors import NotFound
from swapmeet.orders.models import Order, OrderLine

KIND = "ticket"


@dataclass(frozen=True)
class Held:
    """A live badge with who holds it, what it was bought with, and its show."""

    badge: Badge
    attendee: Attendee
    line: OrderLine
    order: Order
    event: Event

    @property
    def key(self) -> str:
        return badge_key(self.badge.id, self.badge.code)


def find_held(db_session: Session, *, attendee_id: int) -> Held | None:
    """The ticket somebody holds; None for canceled ones, and for badges that no ticket gave."""
    return _held(db_session, Attendee.id == attendee_id)


def list_held(db_session: Session, *, order_id: int, with_passed: bool = False) -> list[Held]:
    """The tickets of an order by line and seat; those that were passed on only when asked for."""
    statement = _select().where(Order.id == order_id).order_by(Attendee.line_id, Attendee.seat)
    if not with_passed:
        statement = statement.where(Attendee.passed_on_at.is_(None))
    return [Held(*row) for row in db_session.execute(statement)]


def get_held_by_link(db_session: Session, *, badge_id: int, key: str) -> Held:
    """The ticket whose link this is. Raises NotFound, the same for a wrong key and for a badge that is void by now."""
    held = _held(db_session, Badge.id == badge_id)
    is_right = codes.is_key(key, held.key if held is not None else None)
    if held is None or not is_right:
        raise NotFound("There is no ticket at this address. If it was passed on, its new holder has another link.")
    return held


def _held(db_session: Session, where: ColumnElement[bool]) -> Held | None:
    row = db_session.execute(_select().where(where)).first()
    return Held(*row) if row is not None else None


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(Badge, Attendee, OrderLine, Order, Event)
        .join(Attendee, Attendee.id == Badge.attendee_id)
        .join(OrderLine, OrderLine.id == Attendee.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Event, Event.id == Badge.event_id)
        .where(
            Badge.state == ISSUED,
            Attendee.canceled_at.is_(None),
            Attendee.role == AttendeeRole.VISITOR,
            OrderLine.kind == KIND,
        )
    )
