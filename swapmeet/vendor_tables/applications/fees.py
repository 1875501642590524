"""The application fee: what is due, what was paid, and giving it back by the terms that the application was sent under."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.parts import give_up_lines
from swapmeet.vendor_tables.applications.errors import FeeUnpaid
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.states import ApplicationState

KIND = "application_fee"
JOB = "application.fee_back"
BY = Actor.job("application fee")


class FeePolicy(StrEnum):
    """When the fee goes back."""

    KEPT = "kept"
    DECLINED = "declined"
    ALWAYS = "always"


WORDS: Mapping[str, str] = {
    FeePolicy.KEPT: "It is for looking at your application and does not come back.",
    FeePolicy.DECLINED: "It comes back if there is no table for you, not if you withdraw.",
    FeePolicy.ALWAYS: "It comes back if there is no table for you, or if you withdraw before you have one.",
}
BACK: Mapping[str, frozenset[ApplicationState]] = {
    FeePolicy.KEPT: frozenset(),
    FeePolicy.DECLINED: frozenset({ApplicationState.DECLINED}),
    FeePolicy.ALWAYS: frozenset({ApplicationState.DECLINED, ApplicationState.WITHDRAWN}),
}
OVER = frozenset({ApplicationState.DECLINED, ApplicationState.WITHDRAWN})


@dataclass(frozen=True)
class Fee:
    """The fee of one application as it stands: "due", "ordered" (the money is on its way) or "paid"."""

    amount_minor: int
    policy: str
    standing: str
    order: Order | None = None

    @property
    def words(self) -> str:
        return WORDS[self.policy]


def fee_of(application: Application) -> int:
    """What it costs to be looked at, by the terms it was sent under; a late one waits and pays nothing."""
    if application.is_late or application.is_fee_waived:
        return 0
    return int(application.snapshot.get("sent", {}).get("fee_minor", 0))


def policy_of(application: Application) -> str:
    return str(application.snapshot.get("sent", {}).get("fee_policy", FeePolicy.DECLINED))


def find_order(db_session: Session, application_id: int) -> Order | None:
    """The order that stands for the fee."""
    statement = (
        select(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            OrderLine.kind == KIND,
            OrderLine.product_id == application_id,
            OrderLine.released_at.is_(None),
            Order.state.in_(OPEN_STATES),
        )
    )
    return db_session.scalar(statement.order_by(Order.id).limit(1))


def standing_of(db_session: Session, application: Application) -> Fee | None:
    """None where there is no fee, or nothing was sent yet. A show without fees costs no statement."""
    amount = fee_of(application)
    if not amount:
        return None
    order = find_order(db_session, application.id)
    standing = "due" if order is None else "paid" if order.state is OrderState.CONFIRMED else "ordered"
    return Fee(amount, policy_of(application), standing, order)


def check_paid(db_session: Session, application: Application) -> None:
    """Nobody looks into an application whose fee has not come. Raises FeeUnpaid."""
    fee = standing_of(db_session, application)
    if fee is not None and fee.standing != "paid":
        raise FeeUnpaid(
            f"The application fee of {application.name or 'this vendor'} is not paid yet. Wait for it, or waive it."
        )


def unpaid_among(db_session: Session, applications: Iterable[Application]) -> set[int]:
    """Ids of those that have not ended and whose fee has not come; one query, none where nobody has a fee."""
    asked = {row.id for row in applications if row.state not in OVER and fee_of(row)}
    if not asked:
        return set()
    paid = (
        select(OrderLine.product_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            OrderLine.kind == KIND,
            OrderLine.product_id.in_(asked),
            OrderLine.released_at.is_(None),
            Order.state == OrderState.CONFIRMED,
        )
    )
    return asked - set(db_session.scalars(paid))


def ask_back(db_session: Session, application: Application, *, now: datetime) -> None:
    """It is declined or withdrawn: what was paid may go back."""
    if application.state in OVER:
        look_after(db_session, application, now=now)


def look_after(db_session: Session, application: Application, *, now: datetime) -> None:
    """A job looks whether a fee goes back or is called off, with the order locked first."""
    if application.snapshot.get("sent", {}).get("fee_minor"):
        enqueue(db_session, JOB, {"application_id": application.id}, now=now)


def give_back(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """The job: what was paid goes back by the terms of an application that has ended, what was only ordered is called off.

    Twice does nothing more.
    """
    application = db_session.get_one(Application, int(payload["application_id"]))
    order = find_order(db_session, application.id)
    if order is None:
        return
    lock(db_session, order)
    db_session.refresh(application)
    lines = list_live_lines(db_session, order)
    own = [line for line in lines if line.kind == KIND and line.product_id == application.id]
    is_over = application.state in OVER
    is_off = order.state is OrderState.PLACED and (is_over or application.is_fee_waived)
    goes = is_off or (is_over and application.state in BACK[policy_of(application)])
    if not own or not goes or order.state not in OPEN_STATES:
        return
    event = db_session.get_one(Event, application.event_id)
    reason = f"the application is {application.state.value}" if is_over else "the fee is waived"
    if len(own) < len(lines):
        give_up_lines(
            db_session, event=event, order=order, line_ids=[own[0].id], is_full=True, reason=reason, by=BY, now=now
        )
        return
    preview = preview_cancellation(db_session, event=event, order=order, now=now, full_refund=True)
    cancel_order(
        db_session, event=event, order=order, seen_back_minor=preview.back_minor, reason=reason, by=BY, now=now,
        full_refund=True,
    )  # fmt: skip


def veto(db_session: Session, order: Order) -> str:
    """Its buyer does not cancel the fee by itself: the application decides."""
    lines = list_live_lines(db_session, order)
    if any(line.kind == KIND for line in lines) and order.state is OrderState.CONFIRMED:
        if any(line.kind != KIND for line in lines):  # from before fees were orders of their own
            return "This order holds an application fee beside other things. Write to the organizer, who can cancel a part of it."
        return "An application fee goes back by its own terms. Withdraw the application instead, on its page."
    return ""
