"""The invariants of the waiting list as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.waitlist.models import WaitingEntry, WaitingItem, WaitingQueue, WaitState

SHOWN = 20


def offers_without_hold(db_session: Session, now: datetime) -> list[str]:
    """11. Every open offer is a cart that holds something, so there are never more offers than free places."""
    holds = exists().where(OrderLine.order_id == Order.id, OrderLine.released_at.is_(None))
    rows = db_session.execute(
        select(WaitingEntry.id, Order.state)
        .outerjoin(Order, Order.id == WaitingEntry.offer_order_id)
        .where(WaitingEntry.state == WaitState.OFFERED)
        .where(or_(Order.id.is_(None), Order.state != OrderState.CART, ~holds))
        .order_by(WaitingEntry.id)
        .limit(SHOWN)
    )
    return [f"waiting entry {row.id} has an offer, but its cart is {row.state} or holds nothing" for row in rows]


def lines_off(db_session: Session, now: datetime) -> list[str]:
    """11. Who waits stands in line with something, and nobody else stands in line."""
    stands = exists().where(WaitingQueue.entry_id == WaitingEntry.id)
    wants = exists().where(WaitingItem.entry_id == WaitingEntry.id)
    waits = WaitingEntry.state == WaitState.WAITING
    wrong = or_(and_(waits, ~stands), and_(~waits, stands), ~wants)
    rows = db_session.execute(
        select(WaitingEntry.id, WaitingEntry.state).where(wrong).order_by(WaitingEntry.id).limit(SHOWN)
    )
    return [f"waiting entry {row.id} is {row.state.value}, and its lines say otherwise" for row in rows]


def steps_without_audit(db_session: Session, now: datetime) -> list[str]:
    """14. How each entry came to its state is written down."""
    told = exists().where(
        AuditEntry.subject == "WaitingEntry",
        AuditEntry.subject_id == WaitingEntry.id,
        AuditEntry.target == WaitingEntry.state,
    )
    rows = db_session.scalars(select(WaitingEntry.id).where(~told).order_by(WaitingEntry.id).limit(SHOWN))
    return [f"waiting entry {entry_id} came to its state unwritten" for entry_id in rows]


QUERIES = (
    DoctorQuery(11, "open offers of the waiting list hold what they offer", offers_without_hold),
    DoctorQuery(11, "who waits stands in line", lines_off),
    DoctorQuery(14, "steps of the waiting list have audit entries", steps_without_audit),
)
