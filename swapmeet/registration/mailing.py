"""Tickets go by mail to the people they are for: each gets the link of their own one. The buyer keeps the order and sees them too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from swapmeet.accounts.forms import OptionalAddress
from swapmeet.badges.holding import Held, list_held
from swapmeet.badges.services import edit_attendee
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import MailState, OutboxMessage, queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState
from swapmeet.registration.errors import NothingToMail, TooManyAddresses
from swapmeet.web.forms import Form

KIND = "registration.your_ticket"
MOST_ADDRESSES = 5  # that a buyer may send one ticket to: nobody writes to strangers by an order
SAID = {MailState.QUEUED: "on its way", MailState.SENT: "sent", MailState.DROPPED: "not sent"}


class MailingForm(Form):
    """Where each ticket goes; its fields are added by `mailing_form`."""


def field_of(held: Held) -> str:
    """The name of the field with a ticket's address."""
    return f"to_{held.attendee.id}"


def mailing_form(tickets: Sequence[Held]) -> Any:
    """An address for each ticket; one that is known and not the buyer's own stands there already."""
    fields = {
        field_of(each): OptionalAddress(
            f"{each.attendee.name or 'No name given'}, {each.attendee.ticket_label}",
            default=each.attendee.email if each.attendee.email != each.order.buyer_email else "",
        )
        for each in tickets
    }
    return type("MailingFormWithTickets", (MailingForm,), fields)()


def mail_tickets(
    db_session: Session,
    *,
    order: Order,
    addresses: Mapping[int, str],
    by: Actor,
    now: datetime,
    with_passed: bool = False,
) -> list[str]:
    """Send tickets of an order to these addresses, by attendee. Each is the ticket's own from then on.

    `with_passed`: the team also sends what was passed on, to its holder, and to as many addresses as it likes. Returns to whom.
    The same ticket goes to the same address once a minute. Raises NothingToMail when the order is not confirmed, or no address
    is given, TooManyAddresses.
    """
    lock(db_session, order)
    if order.state is not OrderState.CONFIRMED:
        raise NothingToMail("Tickets come with the payment. Then they can be sent.")
    tickets = list_held(db_session, order_id=order.id, with_passed=with_passed)
    typed = {each.attendee.id: addresses.get(each.attendee.id, "").strip().lower() for each in tickets}
    if not with_passed:
        _check_few(db_session, tickets, typed)
    told = []
    for held in tickets:
        attendee, address = held.attendee, typed[held.attendee.id]
        if not address:
            continue
        if attendee.email != address:
            edit_attendee(db_session, attendee=attendee, name=attendee.name, email=address, by=by, now=now)
        record(db_session, now=now, by=by, verb="ticket.mailed", subject=attendee, order_code=order.code)
        fact = f"ticket:{held.badge.id}:{codes.digest(address)[:24]}:{now:%Y%m%d%H%M}"
        payload = {"attendee_id": attendee.id, "badge_id": held.badge.id}
        queue_mail(db_session, kind=KIND, to=address, payload=payload, fact_key=fact, now=now, event_id=order.event_id)
        told.append(address)
    if not told:
        raise NothingToMail("Write at least one address.")
    return told


def _check_few(db_session: Session, tickets: Sequence[Held], typed: Mapping[int, str]) -> None:
    """No ticket goes to ever more addresses. Raises TooManyAddresses."""
    known: dict[int, set[str]] = {}
    for row in _mails(db_session, tickets):
        known.setdefault(int(row.payload["attendee_id"]), set()).add(row.to_address)
    for each in tickets:
        before, address = known.get(each.attendee.id, set()), typed[each.attendee.id]
        if address and address not in before and len(before) >= MOST_ADDRESSES:
            words = (
                f"This ticket went to {MOST_ADDRESSES} addresses already. Ask the organizer to send it to another one."
            )
            raise TooManyAddresses(words, field=field_of(each))


def said_of(db_session: Session, tickets: Sequence[Held]) -> dict[int, str]:
    """What became of the last mail with each ticket, in words, by attendee: "sent to ann@example.org"."""
    return {
        int(row.payload["attendee_id"]): f"{SAID[row.state]} to {row.to_address}" for row in _mails(db_session, tickets)
    }


def _mails(db_session: Session, tickets: Sequence[Held]) -> Sequence[OutboxMessage]:
    """The mails with these very tickets, oldest first."""
    if not tickets:
        return []
    facts = [OutboxMessage.fact_key.like(f"ticket:{each.badge.id}:%") for each in tickets]
    rows = select(OutboxMessage).where(OutboxMessage.event_id == tickets[0].event.id, OutboxMessage.kind == KIND)
    return db_session.scalars(rows.where(or_(*facts)).order_by(OutboxMessage.id)).all()


def load_panel(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.order: who holds which ticket, and where mails about it go."""
    if order.state is not OrderState.CONFIRMED:
        return None
    held = list_held(db_session, order_id=order.id, with_passed=True)
    return {"held": held, "said": said_of(db_session, held), "code": order.code} if held else None
