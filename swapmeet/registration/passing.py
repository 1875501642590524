"""A ticket changes hands: its holder makes a link, whoever opens it first gives a name, and the old code is void at once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from swapmeet.badges.holding import Held, find_held
from swapmeet.badges.models import Attendee, CheckIn
from swapmeet.badges.services import reissue_badge, rename_attendees
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.signals import ticket_passed_on
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import NotFound
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.order_view import edit_closes_at
from swapmeet.registration.errors import NamesFixed, NotPassable, TransferOver
from swapmeet.registration.models import TRANSFER_MACHINE, TicketAge, TicketTransfer, TicketType, TransferState

REASON = "Passed on to somebody else"


def find_open(db_session: Session, *, attendee_id: int) -> TicketTransfer | None:
    """The link under which somebody's ticket can be taken."""
    return db_session.scalar(
        select(TicketTransfer).where(
            TicketTransfer.attendee_id == attendee_id, TicketTransfer.state == TransferState.OFFERED
        )
    )


def get_transfer_by_link(db_session: Session, *, transfer_id: int, key: str) -> TicketTransfer:
    """Whatever has become of it. Raises NotFound for a wrong key like for a number that never was."""
    found = db_session.get(TicketTransfer, transfer_id)
    is_right = codes.is_key(key, found.link_key if found is not None else None)
    if found is None or not is_right:
        raise NotFound("There is no ticket at this address.")
    return found


def passes_until(db_session: Session, held: Held) -> datetime:
    """The last moment a ticket changes its holder: the day the ticket says for names, else the beginning of the show."""
    kind = db_session.get(TicketType, held.line.product_id)
    if kind is not None and kind.names_until_on is not None:
        return end_of_day(kind.names_until_on, held.event.time_zone)
    return edit_closes_at(held.event)


def why_not(db_session: Session, held: Held, *, now: datetime) -> str:
    """What stands in the way of passing it on, in a sentence; "" for nothing."""
    if now >= passes_until(db_session, held):
        return "It is too late to pass this ticket on. Write to the organizer."
    if db_session.get(TicketAge, held.line.product_id) is not None:
        return "This ticket is for a certain age, so only the organizer can pass it on."
    is_in = select(CheckIn.id).where(CheckIn.attendee_id == held.attendee.id, CheckIn.undone_at.is_(None)).limit(1)
    if db_session.scalar(is_in) is not None:
        return "Somebody has come in with this ticket, so it cannot be passed on."
    return ""


def offer_ticket(db_session: Session, *, held: Held, by: Actor, now: datetime) -> TicketTransfer:
    """A link under which the ticket can be taken; the one there is, if it is offered already. Raises NotPassable."""
    lock(db_session, held.attendee)
    found = find_open(db_session, attendee_id=held.attendee.id)
    if found is not None:
        return found
    if reason := why_not(db_session, held, now=now):
        raise NotPassable(reason)
    transfer = TicketTransfer(
        event_id=held.event.id, attendee_id=held.attendee.id, link_seal=codes.link_key(), created_at=now
    )
    db_session.add(transfer)
    db_session.flush()
    record(db_session, now=now, by=by, verb="ticket.offered", subject=held.attendee)
    return transfer


def withdraw_offer(db_session: Session, *, held: Held, by: Actor, now: datetime) -> bool:
    """The link is dead from now on. False when there is none: it was taken, or nobody offered."""
    lock(db_session, held.attendee)
    transfer = find_open(db_session, attendee_id=held.attendee.id)
    if transfer is None:
        return False
    _move(transfer, TransferState.WITHDRAWN, now)
    record(db_session, now=now, by=by, verb="ticket.offer_withdrawn", subject=held.attendee)
    return True


def take_ticket(
    db_session: Session,
    *,
    transfer: TicketTransfer,
    name: str,
    email: str,
    person_id: int | None,
    is_mailed: bool,
    by: Actor,
    now: datetime,
) -> Held:
    """The ticket becomes theirs: a new badge, the old one void, both told by mail. Raises TransferOver, NotPassable.

    The order is locked before the attendee, as when its names are changed; then the offer is read anew.
    """
    held = find_held(db_session, attendee_id=transfer.attendee_id)
    if held is None:
        raise TransferOver("This ticket is not valid any more.")
    if guard_is_on():
        lock(db_session, held.order)
        lock(db_session, held.attendee)
        db_session.refresh(transfer)
    if transfer.state is not TransferState.OFFERED:
        raise TransferOver(GONE[transfer.state])
    if reason := why_not(db_session, held, now=now):
        raise NotPassable(reason)
    open_gap(db_session)
    _move(transfer, TransferState.TAKEN, now)
    _hand_over(db_session, held, name=name, email=email, person_id=person_id, by=by, now=now)
    taken = find_held(db_session, attendee_id=held.attendee.id)
    if taken is None:
        raise TransferOver("This ticket is not valid any more.")
    _tell(db_session, taken, transfer, is_mailed=is_mailed, now=now)
    return taken


GONE = {
    TransferState.TAKEN: "Somebody has taken this ticket already.",
    TransferState.WITHDRAWN: "This ticket is not offered any more. Ask whoever sent you the link.",
}


def rename_held(db_session: Session, *, held: Held, name: str, by: Actor, now: datetime) -> None:
    """Its holder corrects the name. Raises NamesFixed after the last day for it."""
    lock(db_session, held.order)
    lock(db_session, held.attendee)
    if now >= passes_until(db_session, held):
        raise NamesFixed("Names cannot be changed any more. Write to the organizer.", field="name")
    _write_name(held, name)
    rename_attendees(db_session, attendees=[held.attendee], names={held.attendee.id: name}, by=by, now=now)


def veto_cancellation(db_session: Session, order: Order) -> str:
    """Why the buyer cannot cancel an order by themselves: one of its tickets belongs to somebody else by now."""
    passed = (
        select(Attendee.id)
        .join(OrderLine, OrderLine.id == Attendee.line_id)
        .where(OrderLine.order_id == order.id, Attendee.passed_on_at.is_not(None), Attendee.canceled_at.is_(None))
    )
    if db_session.scalar(passed.limit(1)) is None:
        return ""
    return "A ticket of this order was passed on to somebody else, so only the organizer can cancel it."


def tell_canceled(db_session: Session, *, line_ids: Sequence[int], now: datetime) -> None:
    """Who took over a ticket hears that it was canceled: the mail about the order goes to its buyer alone."""
    gone = select(Attendee).where(
        Attendee.line_id.in_(line_ids),
        Attendee.passed_on_at.is_not(None),
        Attendee.canceled_at.is_(None),
        Attendee.email != "",
    )
    for attendee in db_session.scalars(gone.order_by(Attendee.id)):
        queue_mail(
            db_session,
            kind="registration.ticket_canceled",
            to=attendee.email,
            payload={"attendee_id": attendee.id},
            fact_key=f"attendee:{attendee.id}:canceled",
            now=now,
            event_id=attendee.event_id,
        )


def list_passed_on(db_session: Session, *, order_id: int) -> Sequence[tuple[str, str]]:
    """(name, ticket) of what was passed on out of an order, by line and seat."""
    rows = db_session.execute(
        select(Attendee.name, Attendee.ticket_label)
        .join(OrderLine, and_(OrderLine.id == Attendee.line_id, OrderLine.order_id == order_id))
        .where(Attendee.passed_on_at.is_not(None), Attendee.canceled_at.is_(None))
        .order_by(Attendee.line_id, Attendee.seat)
    )
    return [(row[0], row[1]) for row in rows]


def _hand_over(
    db_session: Session, held: Held, *, name: str, email: str, person_id: int | None, by: Actor, now: datetime
) -> None:
    attendee = held.attendee
    _write_name(held, name)
    attendee.name, attendee.email, attendee.person_id, attendee.passed_on_at = name, email, person_id, now
    reissue_badge(db_session, attendee=attendee, reason=REASON, by=by, now=now)
    db_session.flush()
    record(db_session, now=now, by=by, verb="ticket.passed_on", subject=attendee, order_code=held.order.code)
    ticket_passed_on.send(attendee, db_session=db_session, attendee=attendee, now=now)


def _write_name(held: Held, name: str) -> None:
    names = list(held.line.facts.get("names", []))
    names += [""] * (max(held.line.quantity, held.attendee.seat) - len(names))
    names[held.attendee.seat - 1] = name
    held.line.facts = {**held.line.facts, "names": names}


def _tell(db_session: Session, held: Held, transfer: TicketTransfer, *, is_mailed: bool, now: datetime) -> None:
    """One mail to the new holder with the link of the ticket, one to the buyer that it is gone."""
    wanted = [("registration.got_ticket", held.attendee.email)] if is_mailed else []
    wanted.append(("registration.passed_on", held.order.buyer_email))
    for kind, address in wanted:
        if address:
            queue_mail(
                db_session,
                kind=kind,
                to=address,
                payload={"attendee_id": held.attendee.id, "badge_id": held.badge.id},
                fact_key=f"transfer:{transfer.id}:{kind}",
                now=now,
                event_id=held.event.id,
            )


def _move(transfer: TicketTransfer, state: TransferState, now: datetime) -> None:
    TRANSFER_MACHINE.check(transfer.state, state)
    transfer.state, transfer.closed_at = state, now
