"""Tickets as their holders see them: on the order page, in the mail, under "My tickets", and as data for the PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.badges import qr
from swapmeet.badges.holding import KIND as TICKET
from swapmeet.badges.models import ISSUED, Attendee, AttendeeRole, Badge
from swapmeet.events.models import Event
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.registry import DocumentKind, MailPart
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.registration import passing, wording

LETTER_COUNTRIES = ("US", "CA", "MX", "PH", "CL", "CO")
NOTE = "Good for one person. Whoever shows this code first is let in, so keep it to yourself."
MOST = 500  # tickets on one page or in one PDF; an order holds far fewer


@dataclass(frozen=True, slots=True)
class Ticket:
    """One live badge, in words. `code` is the secret that the QR code carries."""

    name: str
    kind: str
    when: str
    code: str
    number: int
    order_code: str
    attendee_id: int = 0  # of a visitor's ticket, which can be sent and passed on

    @property
    def qr(self) -> Markup:
        return qr.svg(self.code)

    @property
    def grouped(self) -> str:
        return qr.grouped(self.code)


def list_tickets(db_session: Session, *, order_id: int, event: Event) -> list[Ticket]:
    """The live badges of an order by line and seat. One query."""
    return [_ticket(row, event) for row in db_session.execute(_of_order(), {"order_id": order_id})]


@cache
def _of_order() -> Any:
    of_order = (OrderLine.order_id == bindparam("order_id"), Attendee.passed_on_at.is_(None))
    statement = _live().join(OrderLine, OrderLine.id == Attendee.line_id).where(*of_order)
    return statement.order_by(Attendee.line_id, Attendee.seat, Attendee.id).limit(MOST)


def list_tickets_of_person(db_session: Session, *, person_id: int, event: Event) -> list[Ticket]:
    """The live badges somebody holds or ordered at one show. One query."""
    statement = _live().where(Attendee.event_id == event.id, _is_theirs(person_id))
    rows = db_session.execute(statement.order_by(Attendee.order_code, Attendee.line_id, Attendee.seat).limit(MOST))
    return [_ticket(row, event) for row in rows]


def _is_theirs(person_id: int) -> Any:
    ordered = select(OrderLine.id).join(Order, Order.id == OrderLine.order_id).where(_ordered_by(person_id))
    return or_(Attendee.person_id == person_id, and_(Attendee.line_id.in_(ordered), Attendee.passed_on_at.is_(None)))


def _ordered_by(person_id: int) -> Any:
    """Placed while signed in, or as a guest under the address that is confirmed by now: what "Your orders" shows too."""
    address = select(func.lower(Person.email)).where(Person.id == person_id, Person.confirmed_at.is_not(None))
    return or_(Order.person_id == person_id, Order.buyer_email == address.scalar_subquery())


def _live() -> Any:
    return (
        select(
            Attendee.id.label("attendee_id"),
            Attendee.name,
            Attendee.role,
            Attendee.ticket_label,
            Attendee.valid_days,
            Attendee.days_allowed,
            Attendee.entry_from,
            Attendee.order_code,
            Badge.code,
            Badge.number,
        )
        .join(Badge, and_(Badge.attendee_id == Attendee.id, Badge.state == ISSUED))
        .where(Attendee.canceled_at.is_(None))
    )


def _ticket(row: Any, event: Event) -> Ticket:
    days = wording.days_of(row.valid_days)
    role = "" if row.role is AttendeeRole.VISITOR else f" ({row.role.value})"
    return Ticket(
        name=row.name,
        kind=f"{row.ticket_label}{role}, badge {row.number}",
        when=wording.validity(days, row.entry_from, row.days_allowed, locale=event.locale),
        code=row.code,
        number=row.number,
        order_code=row.order_code,
        attendee_id=row.attendee_id if row.role is AttendeeRole.VISITOR else 0,
    )


@dataclass(frozen=True)
class ShowTickets:
    """One show under "My tickets": what is ready, and orders that wait for money first."""

    event: Event
    tickets: Sequence[Ticket]
    unpaid: Sequence[Order]
    is_over: bool


def list_my_tickets(db_session: Session, *, person_id: int, now: datetime) -> list[ShowTickets]:
    """Shows to come first, the nearest on top; then past ones, the latest on top. Three queries."""
    rows = db_session.execute(
        _live()
        .add_columns(Attendee.event_id)
        .where(_is_theirs(person_id))
        .order_by(Attendee.event_id, Attendee.order_code, Attendee.line_id, Attendee.seat)
        .limit(MOST)
    ).all()
    waiting = list(
        db_session.scalars(
            select(Order).where(_ordered_by(person_id), Order.state == OrderState.PLACED).order_by(Order.id)
        )
    )
    ids = {row.event_id for row in rows} | {order.event_id for order in waiting}
    events = {event.id: event for event in db_session.scalars(select(Event).where(Event.id.in_(ids)))} if ids else {}
    groups = [_group(events[event_id], rows, waiting, now) for event_id in ids]
    coming = sorted((each for each in groups if not each.is_over), key=lambda each: _day_and_id(each.event))
    past = sorted((each for each in groups if each.is_over), key=lambda each: _day_and_id(each.event), reverse=True)
    return coming + past


def _group(event: Event, rows: Sequence[Any], waiting: Sequence[Order], now: datetime) -> ShowTickets:
    return ShowTickets(
        event=event,
        tickets=[_ticket(row, event) for row in rows if row.event_id == event.id],
        unpaid=[order for order in waiting if order.event_id == event.id],
        is_over=to_local(now, event.time_zone).date() > event.last_day,
    )


def _day_and_id(event: Event) -> tuple[date, int]:
    return event.first_day, event.id


def load_panel(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel order.main: the tickets of a confirmed order."""
    if order.state is not OrderState.CONFIRMED:
        return None
    tickets = list_tickets(db_session, order_id=order.id, event=order.event)
    live = [line for line in order.lines if line.is_live and line.kind == TICKET]
    sold = sum(max(line.quantity, len(line.facts.get("names", ()))) for line in live)
    passed = passing.list_passed_on(db_session, order_id=order.id) if sold > len(tickets) else []
    return {"tickets": tickets, "passed": passed} if tickets or passed else None


def mail_part(db_session: Session, order: Order) -> MailPart | None:
    """The tickets in the mail of a confirmed order: name, QR picture, and the code to type.

    A stranger may have typed name and address: nothing of it becomes a link.
    """
    found = list_tickets(db_session, order_id=order.id, event=order.event)
    tickets = [replace(ticket, name=unlinked(ticket.name)) for ticket in found]
    if not tickets:
        return None
    values = {"tickets": tickets, "event": order.event, "note": NOTE}
    return MailPart(
        html=render_template("email/registration/_tickets.html", **values),
        text=render_template("email/registration/_tickets.txt", **values),
        pictures=[(picture_id(ticket), "image/png", qr.png(ticket.code)) for ticket in tickets],
    )


def picture_id(ticket: Ticket) -> str:
    """The content id of a ticket's picture inside its mail. It must not give the code away to a mail client's log."""
    return f"ticket-{ticket.number}"


KIND = "tickets"


def load_document(db_session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """What ticket.typ reads: the live tickets of one order, or of one person at one show. None when there are none."""
    event = db_session.get(Event, int(payload["event_id"]))
    if event is None:
        return None
    tickets = (
        list_tickets(db_session, order_id=int(payload["order_id"]), event=event)
        if "order_id" in payload
        else list_tickets_of_person(db_session, person_id=int(payload["person_id"]), event=event)
    )
    if not tickets:
        return None
    return {
        "title": f"Tickets: {event.name}",
        "paper": "us-letter" if event.country in LETTER_COUNTRIES else "a4",
        "lang": event.locale.partition("-")[0] or "en",
        "show": event.name,
        "where": ", ".join(part for part in (event.venue_name, event.place) if part),
        "tickets": [_as_data(ticket) for ticket in tickets],
    }


def _as_data(ticket: Ticket) -> dict[str, str]:
    return {
        "name": ticket.name,
        "kind": ticket.kind,
        "when": ticket.when,
        "note": NOTE,
        "qr": qr.svg_file(ticket.code),
        "code": ticket.grouped,
        "badge": f"Badge {ticket.number}",
    }


def file_name(payload: Mapping[str, Any]) -> str:
    """What the download is called."""
    return f"tickets-{payload['name']}.pdf"


DOCUMENT = DocumentKind("ticket.typ", load_document, file_name)
