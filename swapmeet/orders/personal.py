"""What orders knows about a person: their orders. Books keep the sums, the names go."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.sellables import MEMBER
from swapmeet.orders.services.checkout import search_text

ERASED = "Erased"


def is_theirs(person_id: int) -> ColumnElement[bool]:
    """Orders placed while signed in, and those of a guest under the account's confirmed address."""
    address = select(Person.email).where(Person.id == person_id, Person.confirmed_at.is_not(None)).scalar_subquery()
    return or_(Order.person_id == person_id, and_(Order.person_id.is_(None), Order.buyer_email == address))


class OrdersData:
    """Implements infra.registry.PersonalData."""

    name = "orders"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Orders of the person with what was ordered and paid."""
        rows = db_session.execute(
            select(Order, Event.name)
            .join(Event, Event.id == Order.event_id)
            .where(is_theirs(person_id), Order.state != OrderState.CART)
            .options(selectinload(Order.lines), selectinload(Order.payments))
            .order_by(Order.id)
        ).all()
        return [
            {
                "show": show,
                "code": order.code,
                "state": order.state.value,
                "name": order.buyer_name,
                "email": order.buyer_email,
                "phone": order.buyer_phone,
                "note": order.note,
                "placed_at": order.placed_at.isoformat() if order.placed_at else None,
                "total_minor": order.total_minor,
                "currency": order.currency,
                "lines": [
                    {"title": line.title, "quantity": line.quantity, "unit_minor": line.unit_minor, "facts": line.facts}
                    for line in order.lines
                ],
                "payments": [
                    {"method": payment.method.value, "amount_minor": payment.amount_minor} for payment in order.payments
                ],
            }
            for order, show in rows
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Name, address, phone and note go, also the own name and membership number among the answers; what was sold and paid stays."""
        name = db_session.get_one(Person, person_id).name
        for order in list(db_session.scalars(select(Order).where(is_theirs(person_id)))):
            order.buyer_name, order.buyer_email, order.buyer_phone, order.note = ERASED, "", "", ""
            order.person_id = None
            order.search_text = search_text(order)
            for line in order.lines:
                line.facts = without_name(name, {key: value for key, value in line.facts.items() if key != MEMBER})
        db_session.flush()


def without_name(name: str, value: Any) -> Any:
    """The same answers, the erased person's own name taken out. Names of guests stay: they are other people."""
    if isinstance(value, dict):
        return {key: without_name(name, each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_name(name, each) for each in value]
    return ERASED if isinstance(value, str) and value.casefold() == name.casefold() else value
