"""Checkout: a cart becomes an order, and an order with nothing left to pay is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState, PolicyKind
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.search import fold
from swapmeet.infra.signals import order_confirmed, order_priced
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import end_of_day, to_local
from swapmeet.orders import ledger
from swapmeet.orders.errors import CartEmpty, NotOnSale, NotWhole, PriceChanged
from swapmeet.orders.models import ORDER_MACHINE, Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.queries import list_live_lines, newest_policies
from swapmeet.orders.receipts import issue_receipt
from swapmeet.orders.sellables import HELD, Buyer, Fault, Wish
from swapmeet.orders.services.carts import by_kind, check_cart_is_open, faults_of, sellable_of, set_tax
from swapmeet.orders.services.due_dates import is_in_parts, may_choose_parts, plan_parts, write_parts
from swapmeet.orders.services.pay_later import keep_terms
from swapmeet.orders.vouchers.applying import with_vouchers
from swapmeet.orders.waitlist import marks


@dataclass(frozen=True)
class Contact:
    """Who to write to about the order, and how they mean to pay (None: nothing to pay).

    `is_for_another`: the team places it, so it stays with the person of the cart (or nobody) instead of whoever acts.
    `is_mailed`: False when the address has had so many mails that this order's is held back.
    `in_parts`: they pay by the show's instalments, where it offers them. `invoice_address`: for an order on invoice.
    """

    name: str
    email: str
    phone: str = ""
    note: str = ""
    method: PayMethod | None = None
    is_for_another: bool = False
    is_mailed: bool = True
    in_parts: bool = False
    invoice_address: str = ""


def place_order(
    db_session: Session,
    *,
    event: Event,
    cart: Order,
    contact: Contact,
    answers: Mapping[int, Mapping[str, str]],
    seen_total_minor: int,
    by: Actor,
    now: datetime,
) -> Order:
    """Turn the cart into an order: prices computed anew, books opened, mail queued; a free order is confirmed at once.

    `answers` are the checkout fields by line id; `seen_total_minor` is the sum the buyer was shown. Raises CartExpired,
    AlreadyPlaced, CartEmpty, NotOnSale, NotWhole, PriceChanged. The same cart cannot be placed twice: its row is locked and its
    state checked.
    """
    if guard_is_on():
        lock(db_session, cart)
    return place_locked(
        db_session,
        event=event,
        cart=cart,
        lines=list_live_lines(db_session, cart),
        contact=contact,
        answers=answers,
        seen_total_minor=seen_total_minor,
        by=by,
        now=now,
    )


def place_locked(
    db_session: Session,
    *,
    event: Event,
    cart: Order,
    lines: Sequence[OrderLine],
    contact: Contact,
    answers: Mapping[int, Mapping[str, str]],
    seen_total_minor: int,
    by: Actor,
    now: datetime,
) -> Order:
    """The same for a cart that is locked already in this transaction, with its live lines read since."""
    check_cart_is_open(cart, now)
    open_gap(db_session)
    if not lines:
        raise CartEmpty("There is nothing in your cart yet.")
    if event.state is not EventState.PUBLISHED:
        raise NotOnSale("This show is not on sale any more. Nothing was placed.")
    with db_session.no_autoflush:
        reprice(db_session, event=event, cart=cart, lines=lines, now=now)
        if cart.total_minor != seen_total_minor:
            raise PriceChanged(
                "A price has changed since you opened this page, or your cart has. Look at the new sum and place the order again."
            )
        for line in lines:
            sellable_of(line.kind).take_answers(db_session, line=line, answers=answers.get(line.id, {}), now=now)
        _write_contact(cart, contact, by)
        if faults := faults_of(db_session, event=event, order=cart, lines=lines, is_final=True):
            by_field = [(each.field if isinstance(each, Fault) else None, str(each)) for each in faults]
            raise NotWhole(" ".join(faults), by_field=by_field)
        _fix_terms(db_session, event, cart, lines, contact, now)
        ORDER_MACHINE.check(cart.state, OrderState.PLACED)
        cart.state = OrderState.PLACED
        cart.placed_at = now
        ledger.post_sale(db_session, cart, lines, now=now)
        record(
            db_session,
            now=now,
            by=by,
            verb="order.placed",
            subject=cart,
            origin="cart",
            target="placed",
            total_minor=cart.total_minor,
        )
        for kind, group in by_kind(lines):
            sellable_of(kind).extend(db_session, lines=group, expires_at=None)
        marks.note_placed(db_session, cart, lines, by=by, now=now)
    _follow(db_session, cart, lines, contact, by, now)
    return cart


def _follow(
    db_session: Session, order: Order, lines: Sequence[OrderLine], contact: Contact, by: Actor, now: datetime
) -> None:
    """What follows an order that has just been placed: its mail, and its end where there is nothing to pay."""
    if not contact.is_mailed:
        hold_mail(db_session, order, now=now)
    if order.total_minor == 0:
        confirm_order(db_session, order=order, lines=lines, by=by, now=now, is_mailed=contact.is_mailed)
    elif contact.is_mailed and order.method is not PayMethod.INVOICE:
        mail_order(db_session, order, "placed", now=now)
    order_priced.send(
        order,
        db_session=db_session,
        order=order,
        address=contact.invoice_address,
        is_mailed=contact.is_mailed,
        by=by,
        now=now,
    )


def confirm_order(
    db_session: Session,
    *,
    order: Order,
    lines: Sequence[OrderLine],
    by: Actor,
    now: datetime,
    is_mailed: bool = True,
) -> None:
    """Nothing is owed any more: places are sold, badges issued, the mail with the tickets queued. Called once per order."""
    ORDER_MACHINE.check(order.state, OrderState.CONFIRMED)
    order.state = OrderState.CONFIRMED
    order.confirmed_at = now
    order.due_at = None
    record(db_session, now=now, by=by, verb="order.confirmed", subject=order, origin="placed", target="confirmed")
    if order.total_minor:
        issue_receipt(db_session, order=order, now=now)
    for kind, group in by_kind(lines):
        sellable_of(kind).confirm(db_session, order=order, lines=group, now=now, by=by)
    order_confirmed.send(order, db_session=db_session, order=order, lines=list(lines), now=now, by=by)
    if is_mailed:
        mail_order(db_session, order, "confirmed", now=now)


def reprice(db_session: Session, *, event: Event, cart: Order, lines: Sequence[OrderLine], now: datetime) -> None:
    """Prices as of now, from the server's own tables. A held line keeps its place whatever its price."""
    buyer = Buyer(person_id=cart.person_id, email=cart.buyer_email, order=cart)
    for kind, group in by_kind(lines):
        wishes = [Wish(kind, line.product_id, line.quantity, {**line.facts, HELD: line.id}) for line in group]
        quotes = sellable_of(kind).quote(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
        quotes = with_vouchers(db_session, event, quotes)
        for line, quote in zip(group, quotes, strict=True):
            line.unit_minor = quote.unit_minor
            set_tax(event, line)
    cart.total_minor = sum(line.total_minor for line in lines)


def mail_order(db_session: Session, order: Order, fact: str, *, now: datetime, with_files: bool = False) -> None:
    """Queue the mail about one fact of the order ("placed", "confirmed", "canceled"), where there is an address."""
    if order.buyer_email:
        order.mail_held_at = None
        queue_mail(
            db_session,
            kind=f"orders.{fact}",
            to=order.buyer_email,
            payload={"order_id": order.id},
            fact_key=f"order:{order.id}:{fact}",
            now=now,
            event_id=order.event_id,
            person_id=order.person_id,
            with_files=with_files,
        )


def hold_mail(db_session: Session, order: Order, *, now: datetime) -> None:
    """Send nothing about the order to an address that has had too much: its page says so, and the log."""
    order.mail_held_at = now
    record(db_session, now=now, by=Actor.job("mail"), verb="order.mail_held", subject=order)


def _write_contact(order: Order, contact: Contact, by: Actor) -> None:
    if not contact.is_for_another:
        order.person_id = by.person_id or order.person_id
    order.buyer_name = contact.name
    order.buyer_email = contact.email.strip().lower()
    order.buyer_phone = contact.phone
    order.note = contact.note
    order.method = contact.method if order.total_minor else PayMethod.FREE
    order.search_text = search_text(order)


def search_text(order: Order) -> str:
    """What the organizer's search looks through: code, name, address and phone, folded."""
    return fold(f"{order.code} {order.buyer_name} {order.buyer_email} {order.buyer_phone}")[:800]


def _fix_terms(
    db_session: Session, event: Event, order: Order, lines: Sequence[OrderLine], contact: Contact, now: datetime
) -> None:
    """Keep what the buyer agreed to: the versions of the policies, when what is due; and the link that finds the order again."""
    in_force = newest_policies(db_session, event_id=event.id)
    order.policy_id = in_force.get(PolicyKind.ATTENDEE_REFUND)
    order.vendor_policy_id = in_force.get(PolicyKind.VENDOR_REFUND)
    order.link_seal = codes.link_key()
    order.key_digest = codes.digest(order.link_key or "")
    order.due_at = due_date(event, order.method, now) if order.total_minor else None
    keep_terms(db_session, event=event, order=order, now=now)
    _split_up(db_session, event, order, lines, contact, now)


def _split_up(
    db_session: Session, event: Event, order: Order, lines: Sequence[OrderLine], contact: Contact, now: datetime
) -> None:
    """Where part of the price is due later, the order has parts. The first one is due as a check would be, or by card at once."""
    if not order.total_minor or not is_in_parts(order.method):
        return
    first = due_date(event, PayMethod.CARD if order.method is PayMethod.CARD else PayMethod.CHECK, now)
    total, in_parts = order.total_minor, contact.in_parts and may_choose_parts(order.method)
    parts = plan_parts(
        db_session, event=event, lines=lines, total_minor=total, due_at=first, now=now, in_parts=in_parts
    )
    write_parts(db_session, order=order, parts=parts)


def due_date(event: Event, method: PayMethod | None, now: datetime) -> datetime:
    """The last minute of the day until which an unpaid order keeps its places: the show's last day for money at the door.

    Checks and transfers get the show's number of days, but no longer than the show itself lasts; a card is paid at once, so
    its order waits until the end of the next day. An invoice has its own number of days.
    """
    today = to_local(now, event.time_zone).date()
    last = max(event.last_day, today)
    own_days = {PayMethod.CARD: 1, PayMethod.INVOICE: event.invoice_days}
    if method is not PayMethod.CASH:
        days = own_days.get(method) if method is not None else None
        last = min(last, today + timedelta(days=event.payment_due_days if days is None else days))
    return end_of_day(last, event.time_zone) - timedelta(minutes=1)
