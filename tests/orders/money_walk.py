"""A random walk over everything that moves money: carts, orders, payments, parts, exchanges, refunds, credits, deposits, invoices.

Tickets change hands and time passes as well.

`Walk(app, seed).run(steps)` does the steps, each in a transaction as the pages do, and looks every so often whether the
books balance, quotas are right, papers have no gap, and every past day still says what it said on that day.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.badges import doctor as badges_doctor
from swapmeet.badges.holding import find_held
from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import lock, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.time import to_local
from swapmeet.orders import books
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import OPEN_STATES, Account, Order, OrderState, Payment, PayMethod, Refund, RefundState
from swapmeet.orders.pieces import Some
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import (
    cancellations,
    carts,
    checkout,
    closing,
    exchanges,
    giving_back,
    parts,
    payments,
    settling,
)
from swapmeet.payments import deposit_queries
from swapmeet.payments import doctor as payments_doctor
from swapmeet.payments.models import Credit
from swapmeet.payments.providers.interface import HostedPage, PageState
from swapmeet.payments.services import cards, credits, depositing, invoicing
from swapmeet.registration import doctor as registration_doctor
from swapmeet.registration import passing
from tests import factories
from tests.orders.wares import put_on_sale
from tests.registration import build

TAXES = {kind: {"name": "VAT", "basis_points": 1900, "is_added": False} for kind in ("ware", "ticket")}
SLOW_QUERIES = (orders_doctor.capacities_without_audit,)  # about quotas this walk makes without their audit entries
TICKETS = registration_doctor.QUERIES[0]  # attendees equal the tickets
TREASURER = Actor.job("treasurer")


class WrongBooks(AssertionError):
    """What the walk found, with the step it found it at."""


class Walk:
    """One show with three quotas. `done` counts the steps that had an effect, `refused` those that a rule refused."""

    def __init__(self, app: Flask, seed: int, *, look_every: int = 500) -> None:
        self.random = random.Random(seed)
        self.clock: Any = app.extensions["swapmeet_clock"]
        self.look_every = look_every
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.said: dict[date, dict[Account, int]] = {}
        self.ware = put_on_sale(app, "ware")
        with transaction() as db_session:
            first = utcnow().date() + timedelta(days=3650)
            organizer = factories.organizer(db_session)
            event = factories.event(db_session, organizer=organizer, first_day=first, taxes=TAXES, payment_due_days=6)
            self.event_id = event.id
            self.quotas = []
            for name, capacity, price in (("Weekend", 60, 9999), ("Day", 25, 4550), ("Kit", None, 333)):
                quota = factories.quota(db_session, event=event, capacity=capacity, name=name)
                self.ware.prices[quota.id] = price
                self.quotas.append(quota.id)
            self.pass_id = build.ticket_type(db_session, event, name="Pass", price=2400, capacity=30).id
        self.steps: list[tuple[int, Callable[[Session, Event, datetime], None]]] = [
            (20, self.order),
            (4, self.leave_a_cart),
            (18, self.pay),
            (6, self.pay_by_card),
            (5, self.cancel),
            (5, self.give_up_a_part),
            (6, self.give_back_a_piece),
            (4, self.exchange),
            (6, self.pass_on),
            (4, self.give_back),
            (9, self.settle),
            (3, self.make_a_credit),
            (4, self.spend_a_credit),
            (2, self.deposit),
            (5, self.invoice),
            (2, self.send_overpaid_back),
            (4, self.let_time_pass),
        ]

    def run(self, steps: int) -> None:
        weights, deeds = zip(*self.steps, strict=True)
        for number in range(1, steps + 1):
            deed = self.random.choices(deeds, weights)[0]
            self.clock.advance(seconds=1)
            name = deed.__name__
            try:
                with transaction() as db_session:
                    deed(db_session, db_session.get_one(Event, self.event_id), utcnow())
                self.done[name] += 1
            except DomainError as error:
                self.refused[f"{name}: {error.code}"] += 1
            if number % self.look_every == 0:
                self.look(number)
        self.look(steps)

    def look(self, step: int) -> None:
        """Raises WrongBooks when an invariant is broken or a past day says something else than it said."""
        db.session.rollback()
        queries = (*orders_doctor.QUERIES, *payments_doctor.QUERIES, *badges_doctor.QUERIES, TICKETS)
        found = [
            sentence
            for query in queries
            if query.find not in SLOW_QUERIES
            for sentence in query.find(db.session(), utcnow())
        ]
        event = db.session.get_one(Event, self.event_id)
        for day, said in self.said.items():
            now_says = self._balances(event, books.last_instant(event, day))
            if now_says != said:
                found.append(f"{day} said {said} and now says {now_says}")
        total = sum(self._balances(event, None).values())
        if total:
            found.append(f"all accounts together hold {total}")
        db.session.rollback()
        if found:
            raise WrongBooks(f"after step {step}: {found[:5]}")

    @staticmethod
    def _balances(event: Event, as_of: datetime | None) -> dict[Account, int]:
        read = books.read_books(db.session(), event, as_of=as_of).balances
        return {account: sum_ for account, sum_ in read.items() if sum_}

    # --- what people do ---------------------------------------------------------------------------------------------

    def _some(self, db_session: Session, *conditions: Any) -> Order | None:
        """Any order that fits, newer ones as often as older ones."""
        count = db_session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
        if not count:
            return None
        wanted = select(Order).where(*conditions).order_by(Order.id).offset(self.random.randrange(count)).limit(1)
        return db_session.scalars(wanted).one()

    def _cart(self, db_session: Session, event: Event, now: datetime) -> Order:
        cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=link_key(), now=now)
        chosen = self.random.sample(self.quotas, self.random.randint(1, 3))
        wishes = [Wish(self.ware.kind, quota_id, self.random.randint(1, 3)) for quota_id in chosen]
        if self.random.random() < 0.4:
            wishes.append(Wish("ticket", self.pass_id, self.random.randint(1, 2)))
        buyer, by = Buyer(None, order=cart), Actor.guest()
        carts.add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now)
        return cart

    def leave_a_cart(self, db_session: Session, event: Event, now: datetime) -> None:
        self._cart(db_session, event, now)

    def order(self, db_session: Session, event: Event, now: datetime) -> None:
        cart = self._cart(db_session, event, now)
        method = self.random.choice((PayMethod.CHECK, PayMethod.TRANSFER, PayMethod.CASH, PayMethod.CARD))
        total = sum(line.total_minor for line in list_live_lines(db_session, cart))
        checkout.place_order(
            db_session,
            event=event,
            cart=cart,
            contact=checkout.Contact("Gus Guest", "", method=method),
            answers={},
            seen_total_minor=total,
            by=Actor.guest(),
            now=now,
        )

    def pay(self, db_session: Session, event: Event, now: datetime) -> None:
        """All, a part, or too much; mostly for orders that wait, sometimes for those that are over."""
        states = [OrderState.PLACED] * 5 + [OrderState.CONFIRMED, OrderState.EXPIRED, OrderState.CANCELED]
        order = self._some(db_session, Order.state == self.random.choice(states), Order.placed_at.is_not(None))
        if order is None:
            return
        share = self.random.choice((100, 100, 100, 40, 60, 130))
        payments.record_payment(
            db_session,
            order=order,
            method=self.random.choice(BY_HAND),
            amount_minor=max(1, (order.total_minor or 500) * share // 100),
            reference="x",
            received_at=now,
            by=TREASURER,
            now=now,
            is_extra=self.random.random() < 0.5,
        )

    def pay_by_card(self, db_session: Session, event: Event, now: datetime) -> None:
        """The page is opened, then paid, run out, or told about twice."""
        order = self._some(db_session, Order.state == OrderState.PLACED)
        if order is None:
            return
        card = cards.begin_payment(db_session, order=order, provider="stripe", by=Actor.guest(), now=now)
        payment = db_session.get_one(Payment, card.payment_id)
        ref = card.session_ref or f"cs_{card.payment_id}"
        cards.keep_page(db_session, payment_id=card.payment_id, page=HostedPage(ref, PageState.OPEN, "x"), now=now)
        state = self.random.choice((PageState.PAID, PageState.PAID, PageState.EXPIRED, PageState.OPEN))
        page = HostedPage(ref, state, "", f"pi_{card.payment_id}", payment.amount_minor, payment.currency)
        for _ in range(self.random.randint(1, 2)):
            cards.take_page(db_session, page=page, by=TREASURER, now=now)

    def cancel(self, db_session: Session, event: Event, now: datetime) -> None:
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        if order is None:
            return
        full = self.random.random() < 0.3
        preview = cancellations.preview_cancellation(db_session, event=event, order=order, now=now, full_refund=full)
        cancellations.cancel_order(
            db_session,
            event=event,
            order=order,
            seen_back_minor=preview.back_minor,
            reason="walk",
            by=TREASURER,
            now=now,
            full_refund=full,
        )

    def give_up_a_part(self, db_session: Session, event: Event, now: datetime) -> None:
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        if order is None:
            return
        ids = [line.id for line in list_live_lines(db_session, order)]
        chosen = self.random.sample(ids, self.random.randint(0, len(ids)))
        is_full = self.random.random() < 0.3
        parts.give_up_lines(
            db_session, event=event, order=order, line_ids=chosen, is_full=is_full, reason="", by=TREASURER, now=now
        )

    def give_back_a_piece(self, db_session: Session, event: Event, now: datetime) -> None:
        """Some of a line that holds several go, by its buyer and by the terms, or by the team with everything back."""
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        lines = [line for line in list_live_lines(db_session, order) if line.quantity > 1] if order is not None else []
        if order is None or not lines:
            return
        line = self.random.choice(lines)
        numbers = self.random.sample(range(1, line.quantity + 1), self.random.randint(1, line.quantity - 1))
        some = [Some(line.id, line.quantity, frozenset(numbers))]
        if self.random.random() < 0.4:
            parts.give_up_lines(
                db_session,
                event=event,
                order=order,
                line_ids=[],
                some=some,
                is_full=True,
                reason="",
                by=TREASURER,
                now=now,
            )
            return
        preview = giving_back.preview_giving_back(db_session, event=event, order=order, line_ids=[], some=some, now=now)
        giving_back.give_back_part(
            db_session,
            event=event,
            order=order,
            line_ids=[],
            some=some,
            seen_back_minor=preview.back_minor,
            reason="ill",
            is_mailed=False,
            by=Actor.guest(),
            now=now,
        )

    def exchange(self, db_session: Session, event: Event, now: datetime) -> None:
        """One thing for a dearer or a cheaper one of its kind, as when a table is moved; what it holds of its quota goes along."""
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        if order is None:
            return
        lock(db_session, order)
        lines = [line for line in list_live_lines(db_session, order) if line.kind == self.ware.kind]
        if not lines:
            return
        old = self.random.choice(lines)
        wish, buyer = Wish(old.kind, old.product_id, old.quantity), Buyer(None, order=order)
        quote = self.ware.quote(db_session, event=event, wishes=[wish], buyer=buyer, now=now)[0]
        price = max(0, old.unit_minor + self.random.choice((-20_000, -1_000, -1, 0, 1, 2_500)))
        exchanges.exchange_line(
            db_session, order=order, old=old, quote=replace(quote, unit_minor=price), by=TREASURER, now=now
        )
        exchanges.settle_exchange(db_session, order=order, reason="moved", by=TREASURER, now=now)

    def pass_on(self, db_session: Session, event: Event, now: datetime) -> None:
        """A ticket changes hands: a new badge, the old one void, and no money moves."""
        people = list(
            db_session.scalars(select(Attendee.id).where(Attendee.canceled_at.is_(None)).order_by(Attendee.id))
        )
        held = find_held(db_session, attendee_id=self.random.choice(people)) if people else None
        if held is None:
            return
        transfer = passing.offer_ticket(db_session, held=held, by=Actor.guest(), now=now)
        passing.take_ticket(
            db_session,
            transfer=transfer,
            name="Tess Taker",
            email="tess@example.org",
            person_id=None,
            is_mailed=False,
            by=Actor.guest(),
            now=now,
        )

    def give_back(self, db_session: Session, event: Event, now: datetime) -> None:
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        if order is not None:
            amount = self.random.choice((1, 500, order.total_minor, order.total_minor * 2))
            parts.give_back(db_session, order=order, amount_minor=amount, reason="walk", by=TREASURER, now=now)

    def _refund(self, db_session: Session) -> Refund | None:
        waiting = select(Refund).where(Refund.state == RefundState.REQUESTED).order_by(Refund.id).limit(20)
        found = list(db_session.scalars(waiting))
        return self.random.choice(found) if found else None

    def settle(self, db_session: Session, event: Event, now: datetime) -> None:
        refund = self._refund(db_session)
        if refund is not None:
            settling.settle_refund(
                db_session, refund=refund, method=self.random.choice(BY_HAND), reference="", by=TREASURER, now=now
            )

    def make_a_credit(self, db_session: Session, event: Event, now: datetime) -> None:
        refund = self._refund(db_session)
        if refund is not None:
            credits.turn_into_credit(db_session, event=event, refund=refund, expires_on=None, by=TREASURER, now=now)

    def spend_a_credit(self, db_session: Session, event: Event, now: datetime) -> None:
        code = db_session.scalars(select(Credit.code).where(Credit.left_minor > 0).order_by(Credit.id)).first()
        order = self._some(db_session, Order.state == OrderState.PLACED)
        if code is not None and order is not None:
            credits.spend_credit(db_session, event=event, order=order, code=code, by=TREASURER, now=now)

    def deposit(self, db_session: Session, event: Event, now: datetime) -> None:
        checks = deposit_queries.list_checks_in_hand(db_session, event_id=event.id)
        taken = [payment.id for payment in checks if self.random.random() < 0.7]
        cash = deposit_queries.cash_in_hand(db_session, event)
        counted = max(0, cash + self.random.choice((0, 0, -100, 250))) if self.random.random() < 0.7 else None
        depositing.make_deposit(
            db_session, event=event, check_ids=taken, counted_minor=counted, note="", by=TREASURER, now=now
        )

    def invoice(self, db_session: Session, event: Event, now: datetime) -> None:
        order = self._some(db_session, Order.state.in_(OPEN_STATES))
        if order is not None:
            address = self.random.choice(("Gus Guest", "Guest Ltd"))
            invoicing.issue_invoice(db_session, order=order, address=address, by=TREASURER, now=now)

    def send_overpaid_back(self, db_session: Session, event: Event, now: datetime) -> None:
        order = self._some(db_session, Order.state == OrderState.CONFIRMED)
        if order is not None:
            payments.give_credit_back(db_session, order=order, reason="too much", by=TREASURER, now=now)

    def let_time_pass(self, db_session: Session, event: Event, now: datetime) -> None:
        """Some hours; carts and unpaid orders that are over end. A day that has ended is written down as it stood."""
        closing.sweep_unpaid(db_session, now=now)
        carts.sweep_expired(db_session, now=now)
        db_session.flush()
        before = to_local(now, event.time_zone).date()
        self.clock.advance(hours=self.random.randint(1, 40))
        if to_local(utcnow(), event.time_zone).date() > before and len(self.said) < 60:
            self.said[before] = self._balances(event, books.last_instant(event, before))
