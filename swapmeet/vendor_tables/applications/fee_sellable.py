"""Sells the application fee: one line, for one application, once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import HELD, Buyer, CheckoutField, Product, Quote, Waitable, Wish
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications.errors import FeeNotDue
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.states import DECIDABLE, ApplicationState

ALONE = (
    "The application fee is ordered by itself, since it goes back by terms of its own. "
    "Take the other things out of the cart, or the fee, and order them one after the other."
)
NOT_DUE = "There is no application fee to pay."
OPEN = (*DECIDABLE, ApplicationState.CHANGES_REQUESTED)


class FeeSellable:
    """Only the vendor of the application can have it, and only while it is due."""

    kind = fees.KIND
    noun = "application fee"
    can_change_quantity = False

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        """One quote a wish. Raises FeeNotDue."""
        return [self._quote(db_session, event, wish, buyer) for wish in wishes]

    def _quote(self, db_session: Session, event: Event, wish: Wish, buyer: Buyer) -> Quote:
        application = db_session.get(Application, wish.product_id)
        if application is None or application.event_id != event.id:
            raise FeeNotDue(NOT_DUE)
        amount = fees.fee_of(application)
        if HELD not in wish.choice:
            is_own = buyer.person_id is not None and application.vendor.person_id == buyer.person_id
            if not is_own or application.state not in OPEN or not amount or wish.quantity != 1:
                raise FeeNotDue(NOT_DUE)
        detail = fees.WORDS[fees.policy_of(application)]
        return Quote(wish, "Application fee", amount, detail, refund_policy="vendor_refund")

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        return []

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        return []

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return []

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        return []

    def claim(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        now: datetime,
        expires_at: datetime,
        by: Actor,
    ) -> None:
        """Once for each application that has not ended. Raises FeeNotDue where it is paid, ordered, or in an open cart."""
        for line in lines:
            application = db_session.get_one(Application, line.product_id)
            lock(db_session, application)
            if application.state not in OPEN:
                raise FeeNotDue(NOT_DUE)
            open_cart = (Order.state == OrderState.CART) & (Order.expires_at > now)
            other = (
                select(OrderLine.id)
                .join(Order, Order.id == OrderLine.order_id)
                .where(
                    OrderLine.kind == fees.KIND,
                    OrderLine.product_id == line.product_id,
                    OrderLine.id != line.id,
                    OrderLine.released_at.is_(None),
                    or_(Order.state.in_(OPEN_STATES), open_cart),
                )
            )
            if db_session.scalar(other.limit(1)) is not None:
                raise FeeNotDue("The fee is paid, or in a cart already.")

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        return

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        return {}

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """A fee is an order of its own, since it goes back by other terms; it is not ordered after the application has ended."""
        if order.state is not OrderState.CART:
            return []
        if any(line.kind != self.kind for line in list_live_lines(db_session, order)):
            return [ALONE]
        for line in lines:
            application = db_session.get_one(Application, line.product_id)
            if is_final:
                lock(db_session, application)
            if application.state not in OPEN:
                return ["Your application has ended, so there is no fee to pay. Take it out of the cart."]
            if not fees.fee_of(application):
                return ["The organizer asks no fee of you any more. Take it out of the cart."]
        return []

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        return

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        """It has come: the application can be looked into. The application itself is not touched."""
        for line in lines:
            application = db_session.get_one(Application, line.product_id)
            record(db_session, now=now, by=by, verb="application.fee_paid", subject=application, order=order.code)

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        return
