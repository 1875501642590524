"""The invariants of orders as queries that must find nothing: quotas, orders, books, refunds, holds, audit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.idempotency import IdempotencyKey
from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.due_models import DuePart, InstalmentDate
from swapmeet.orders.ledger import TENDER_ACCOUNTS
from swapmeet.orders.models import (
    OPEN_STATES,
    Account,
    LedgerEntry,
    LineQuota,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    Quota,
    Refund,
    RefundState,
)
from swapmeet.orders.receipts import gaps_and_repeats
from swapmeet.orders.taxes import WHOLE

SHOWN = 20  # sentences a query returns at most
CLOSED_STATES = (OrderState.EXPIRED, OrderState.CANCELED)


def _rows(db_session: Session, statement: Any) -> Sequence[Any]:
    return db_session.execute(statement.limit(SHOWN)).all()


def quotas_off(db_session: Session, now: datetime) -> list[str]:
    """1. What a quota counts as taken is what its live lines hold, and never more than its capacity."""
    held = select(func.coalesce(func.sum(LineQuota.quantity), 0)).where(LineQuota.quota_id == Quota.id)
    sums = held.correlate(Quota).scalar_subquery()
    wrong = select(Quota.id, Quota.name, Quota.capacity, Quota.taken, sums.label("held")).where(
        or_(Quota.taken != sums, Quota.taken < 0, Quota.taken > Quota.capacity)
    )
    return [
        f"quota {row.id} ({row.name}): {row.taken} taken, lines hold {row.held}, capacity {row.capacity}"
        for row in _rows(db_session, wrong.order_by(Quota.id))
    ]


def units_of_nobody(db_session: Session, now: datetime) -> list[str]:
    """7. Nothing that is over holds anything: no units on released lines, no live lines on closed orders."""
    stray = (
        select(LineQuota.line_id, LineQuota.quota_id)
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .where(OrderLine.released_at.is_not(None))
        .order_by(LineQuota.line_id)
    )
    alive = (
        select(OrderLine.id, Order.code, Order.state)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.state.in_(CLOSED_STATES), OrderLine.released_at.is_(None))
        .order_by(OrderLine.id)
    )
    endless = select(Order.id).where(Order.state == OrderState.CART, Order.expires_at.is_(None)).order_by(Order.id)
    return [
        *(f"line {row.line_id} was given up and still holds quota {row.quota_id}" for row in _rows(db_session, stray)),
        *(f"line {row.id} is live, but order {row.code} is {row.state.value}" for row in _rows(db_session, alive)),
        *(f"cart {row.id} never ends" for row in _rows(db_session, endless)),
    ]


def orders_damaged(db_session: Session, now: datetime) -> list[str]:
    """3. A confirmed order has its lines, its link and its sum; its confirmation is in the audit log, and the reverse."""
    price = OrderLine.quantity * OrderLine.unit_minor
    added = case((OrderLine.tax_is_added, (price * OrderLine.tax_bp * 2 + WHOLE) // (2 * WHOLE)), else_=0)
    total = (
        select(func.coalesce(func.sum(price + added), 0))
        .where(OrderLine.order_id == Order.id, OrderLine.released_at.is_(None))
        .correlate(Order)
        .scalar_subquery()
    )
    lines = exists().where(OrderLine.order_id == Order.id, OrderLine.released_at.is_(None))
    wrong = (
        select(Order.code, Order.total_minor, total.label("lines"))
        .where(Order.state.in_(OPEN_STATES))
        .where(
            or_(
                Order.total_minor != total,
                ~lines,
                Order.key_digest.is_(None),
                Order.link_seal.is_(None),
                Order.placed_at.is_(None),
            )
        )
        .order_by(Order.id)
    )
    return [
        f"order {row.code}: says {row.total_minor}, its live lines {row.lines}; or its link or day is missing"
        for row in _rows(db_session, wrong)
    ]


def orders_lost(db_session: Session, now: datetime) -> list[str]:
    """3. Whatever the audit log saw confirmed is still there, confirmed or closed; a key leads to an order that exists."""
    order_states = select(Order.id).where(Order.state.in_((OrderState.CONFIRMED, *CLOSED_STATES)))
    lost = (
        select(AuditEntry.subject_id)
        .where(
            AuditEntry.verb == "order.confirmed",
            AuditEntry.subject == "Order",
            AuditEntry.subject_id.not_in(order_states),
        )
        .order_by(AuditEntry.id)
    )
    known = exists().where(cast(Order.id, String) == IdempotencyKey.answer, Order.state != OrderState.CART)
    dangling = (
        select(IdempotencyKey.id, IdempotencyKey.answer)
        .where(IdempotencyKey.scope.like("checkout:%"), ~known)
        .order_by(IdempotencyKey.id)
    )
    return [
        *(f"order {row.subject_id} was confirmed and is not there any more" for row in _rows(db_session, lost)),
        *(
            f"key {row.id} answers with order {row.answer}, which was never placed"
            for row in _rows(db_session, dangling)
        ),
    ]


def books_unbalanced(db_session: Session, now: datetime) -> list[str]:
    """4. Each transaction of the books sums to zero and is about one order in one currency."""
    unbalanced = (
        select(LedgerEntry.transaction_code, func.sum(LedgerEntry.amount_minor).label("sum"))
        .group_by(LedgerEntry.transaction_code)
        .having(
            or_(
                func.sum(LedgerEntry.amount_minor) != 0,
                func.count(LedgerEntry.order_id.distinct()) > 1,
                func.count(LedgerEntry.currency.distinct()) > 1,
            )
        )
        .order_by(LedgerEntry.transaction_code)
    )
    return [
        f"transaction {row.transaction_code} sums to {row.sum} or mixes orders" for row in _rows(db_session, unbalanced)
    ]


def _balance(*accounts: Account) -> Any:
    """The balance of accounts in the books of the order at hand."""
    return (
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .where(LedgerEntry.order_id == Order.id, LedgerEntry.account.in_(accounts))
        .correlate(Order)
        .scalar_subquery()
    )


def _money_of(model: Any, *conditions: Any) -> Any:
    return (
        select(func.coalesce(func.sum(model.amount_minor), 0))
        .where(model.order_id == Order.id, *conditions)
        .correlate(Order)
        .scalar_subquery()
    )


def books_differ(db_session: Session, now: datetime) -> list[str]:
    """4. What the books say of each order is what its rows say: sold, came in, to be sent back, still owed."""
    sold = case((Order.state.in_(OPEN_STATES), Order.total_minor), else_=0)
    came_in = _money_of(Payment, Payment.state == PaymentState.CONFIRMED)
    sent = _money_of(Refund, Refund.state == RefundState.DONE)
    waiting = _money_of(Refund, Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT)))
    sales, tender = _balance(Account.SALES, Account.TAX), _balance(*TENDER_ACCOUNTS)
    owed_back, receivable = _balance(Account.REFUNDS_OWED), _balance(Account.RECEIVABLE)
    owed = case(
        (Order.state.in_(OPEN_STATES), Order.total_minor + Order.adjust_minor - came_in + sent + waiting), else_=0
    )
    wrong = (
        select(Order.code, sales.label("sales"), tender.label("tender"), receivable.label("owed"))
        .where(Order.state != OrderState.CART)
        .where(or_(sales != -sold, tender != came_in - sent, owed_back != -waiting, receivable != owed))
        .order_by(Order.id)
    )
    return [
        f"order {row.code}: the books say sold {-row.sales}, money {row.tender}, owed {row.owed}; its rows say otherwise"
        for row in _rows(db_session, wrong)
    ]


def refunds_too_large(db_session: Session, now: datetime) -> list[str]:
    """5. Refunds that are not failed never exceed what came in."""
    back = _money_of(Refund, Refund.state != RefundState.FAILED)
    came_in = _money_of(Payment, Payment.state == PaymentState.CONFIRMED)
    wrong = select(Order.code, back.label("back"), came_in.label("came_in")).where(back > came_in).order_by(Order.id)
    return [f"order {row.code}: {row.back} goes back of {row.came_in}" for row in _rows(db_session, wrong)]


def money_booked_twice(db_session: Session, now: datetime) -> list[str]:
    """5. Each confirmed payment and each sent refund is in the books once, with its amount."""
    found: list[str] = []
    sides: list[tuple[Any, Any, Any, int]] = [
        (Payment, LedgerEntry.payment_id, PaymentState.CONFIRMED, 1),
        (Refund, LedgerEntry.refund_id, RefundState.DONE, -1),
    ]
    for model, pointer, state, sign in sides:
        sums = (
            select(pointer.label("about"), func.sum(LedgerEntry.amount_minor).label("sum"))
            .where(pointer.is_not(None), LedgerEntry.account.in_(TENDER_ACCOUNTS))
            .group_by(pointer)
            .subquery()
        )
        booked = func.coalesce(sums.c.sum, 0)
        due = case((model.state == state, model.amount_minor * sign), else_=0)
        wrong = select(model.id, booked.label("booked")).outerjoin(sums, sums.c.about == model.id).where(booked != due)
        wrong = wrong.order_by(model.id)
        name = model.__tablename__
        found += [f"{name} {row.id} is in the books with {row.booked}" for row in _rows(db_session, wrong)]
    return found


def changes_without_audit(db_session: Session, now: datetime) -> list[str]:
    """14. Payments, refunds that were sent, and steps of orders have their audit entries."""
    wanted: list[tuple[Any, str, Any, str]] = [
        (Payment, "payment.recorded", Payment.state == PaymentState.CONFIRMED, "payment"),
        (Refund, "refund.settled", Refund.state == RefundState.DONE, "refund"),
        (Refund, "refund.requested", literal(True), "refund"),
        (Order, "order.placed", Order.placed_at.is_not(None), "order"),
        (Order, "order.confirmed", Order.confirmed_at.is_not(None), "order"),
        (Order, "order.canceled", and_(Order.state == OrderState.CANCELED, Order.placed_at.is_not(None)), "order"),
    ]
    found: list[str] = []
    for model, verb, condition, name in wanted:
        entry = exists().where(
            AuditEntry.subject == model.__name__, AuditEntry.subject_id == model.id, AuditEntry.verb == verb
        )
        missing = select(model.id).where(condition, ~entry).order_by(model.id)
        found += [f"{name} {row.id} has no entry {verb}" for row in _rows(db_session, missing)]
    return found


def capacities_without_audit(db_session: Session, now: datetime) -> list[str]:
    """14. The newest audit entry about each quota says the capacity it has."""
    newest = (
        select(AuditEntry.subject_id, func.max(AuditEntry.id).label("entry_id"))
        .where(AuditEntry.subject == "Quota", AuditEntry.verb.in_(("quota.created", "quota.capacity_changed")))
        .group_by(AuditEntry.subject_id)
        .subquery()
    )
    rows = db_session.execute(
        select(Quota.id, Quota.name, Quota.capacity, AuditEntry.facts)
        .outerjoin(newest, newest.c.subject_id == Quota.id)
        .outerjoin(AuditEntry, AuditEntry.id == newest.c.entry_id)
        .order_by(Quota.id)
    )
    return [
        f"quota {row.id} ({row.name}) has capacity {row.capacity}, the audit log says otherwise"
        for row in rows
        if row.facts is None or row.facts.get("capacity") != row.capacity
    ][:SHOWN]


def lines_unevenly_divided(db_session: Session, now: datetime) -> list[str]:
    """1. A line holds the same units for each of its pieces, and pieces given up of one lie beside it in its order."""
    uneven = (
        select(LineQuota.line_id, LineQuota.quantity.label("units"), OrderLine.quantity)
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .where(LineQuota.quantity % OrderLine.quantity != 0)
        .order_by(LineQuota.line_id)
    )
    whole = aliased(OrderLine)
    of_it = exists().where(whole.id == OrderLine.part_of_id, whole.order_id == OrderLine.order_id)
    stray = select(OrderLine.id).where(OrderLine.part_of_id.is_not(None), or_(~of_it, OrderLine.released_at.is_(None)))
    return [
        *(f"line {row.line_id} holds {row.units} units for {row.quantity} pieces" for row in _rows(db_session, uneven)),
        *(f"line {row.id} is a part of no line, or was not given up" for row in _rows(db_session, stray)),
    ]


def dues_off(db_session: Session, now: datetime) -> list[str]:
    """3. An order that is paid in parts is due with one of them."""
    has_parts = exists().where(DuePart.order_id == Order.id)
    is_one = exists().where(DuePart.order_id == Order.id, DuePart.due_at == Order.due_at)
    wanted = select(Order.id).where(Order.state == OrderState.PLACED, has_parts, ~is_one).order_by(Order.id)
    return [f"order {row.id} is due at a date that none of its parts has" for row in _rows(db_session, wanted)]


def plans_whole(db_session: Session, now: datetime) -> list[str]:
    """3. What a show offers to pay later is less than the price, so something is due with the order."""
    later = func.sum(InstalmentDate.percent)
    too_much = select(InstalmentDate.event_id, later.label("later")).group_by(InstalmentDate.event_id)
    wrong = too_much.having(later >= 100).order_by(InstalmentDate.event_id)
    return [f"show {row.event_id} lets {row.later} percent be paid later" for row in _rows(db_session, wrong)]


QUERIES = (
    DoctorQuery(1, "quotas count what lines hold", quotas_off),
    DoctorQuery(1, "lines are divided evenly", lines_unevenly_divided),
    DoctorQuery(3, "open orders are whole", orders_damaged),
    DoctorQuery(3, "no confirmed order is lost", orders_lost),
    DoctorQuery(4, "transactions sum to zero", books_unbalanced),
    DoctorQuery(4, "books equal orders", books_differ),
    DoctorQuery(5, "refunds are no more than what came in", refunds_too_large),
    DoctorQuery(5, "money is booked once", money_booked_twice),
    DoctorQuery(7, "what is over holds nothing", units_of_nobody),
    DoctorQuery(13, "receipt numbers without gap or repeat", gaps_and_repeats),
    DoctorQuery(14, "money and orders have audit entries", changes_without_audit),
    DoctorQuery(14, "capacities have audit entries", capacities_without_audit),
    DoctorQuery(3, "orders in parts are due with one of them", dues_off),
    DoctorQuery(3, "plans of instalments leave a first part", plans_whole),
)
