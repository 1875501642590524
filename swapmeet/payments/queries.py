"""Reads of bank statements and their lines, and of what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from swapmeet.events.models import Event
from swapmeet.kernel.errors import NotFound
from swapmeet.orders.models import OPEN_STATES, Account, LedgerEntry, Order, Payment
from swapmeet.orders.queries import WAS_PLACED
from swapmeet.payments.models import BankLine, BankMatch, BankStatement, CardRefund, LineState
from swapmeet.payments.statements.matching import Due, Matcher, Proposal
from swapmeet.web.paging import Page, paginate


def get_statement(db_session: Session, *, event_id: int, statement_id: int) -> BankStatement:
    """With its faults. Raises NotFound, also for a statement of another show."""
    wanted = select(BankStatement).where(BankStatement.event_id == event_id, BankStatement.id == statement_id)
    found = db_session.scalar(wanted.options(selectinload(BankStatement.faults)))
    if found is None:
        raise NotFound("There is no such statement in this show.")
    return found


def list_statements(db_session: Session, *, event_id: int, number: int) -> Page:
    """Imported files, the newest first."""
    wanted = select(BankStatement).where(BankStatement.event_id == event_id)
    return paginate(db_session, wanted.order_by(BankStatement.id.desc()), number=number)


def get_line(db_session: Session, *, event_id: int, line_id: int, for_update: bool = False) -> BankLine:
    """Raises NotFound, also for a line of another show. `for_update` locks it and reads it anew."""
    wanted = select(BankLine).where(BankLine.event_id == event_id, BankLine.id == line_id)
    if for_update:
        wanted = wanted.with_for_update(of=BankLine).execution_options(populate_existing=True)
    found = db_session.scalar(wanted)
    if found is None:
        raise NotFound("There is no such line in this show's statements.")
    return found


def list_open_lines(db_session: Session, *, event_id: int) -> list[BankLine]:
    """Lines that nobody has decided on, by day."""
    wanted = select(BankLine).where(BankLine.event_id == event_id, BankLine.state == LineState.OPEN)
    return list(db_session.scalars(wanted.order_by(BankLine.day, BankLine.id)))


def count_open_lines(db_session: Session, *, event_id: int) -> int:
    wanted = select(func.count()).where(BankLine.event_id == event_id, BankLine.state == LineState.OPEN)
    return db_session.scalar(wanted) or 0


def list_decided_lines(db_session: Session, *, event_id: int, number: int) -> Page:
    """Lines that were recorded or put aside, the newest decision first."""
    wanted = select(BankLine).where(BankLine.event_id == event_id, BankLine.state != LineState.OPEN)
    return paginate(db_session, wanted.order_by(BankLine.decided_at.desc(), BankLine.id.desc()), number=number)


def known_fingerprints(db_session: Session, *, event_id: int, wanted: Sequence[str]) -> set[str]:
    """Which of these the show's lines have already, five hundred at a time."""
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        rows = select(BankLine.fingerprint).where(BankLine.event_id == event_id, BankLine.fingerprint.in_(some))
        known.update(db_session.scalars(rows))
    return known


def orders_of_lines(db_session: Session, lines: Sequence[BankLine]) -> dict[int, list[tuple[str, int]]]:
    """Per recorded line the orders it paid and the sum for each."""
    rows = db_session.execute(
        select(BankMatch.line_id, Order.code, Payment.amount_minor)
        .join(Payment, Payment.id == BankMatch.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(BankMatch.line_id.in_([line.id for line in lines]))
        .order_by(BankMatch.payment_id)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for line_id, code, amount in rows:
        found.setdefault(line_id, []).append((code, amount))
    return found


def list_dues(db_session: Session, event: Event) -> list[Due]:
    """Every placed order of the show with what is owed on it by the books. Two statements, linear in the orders."""
    owed: Any = (
        select(LedgerEntry.order_id, func.sum(LedgerEntry.amount_minor))
        .where(LedgerEntry.event_id == event.id, LedgerEntry.account == Account.RECEIVABLE)
        .group_by(LedgerEntry.order_id)
    )
    balances = {order_id: int(balance) for order_id, balance in db_session.execute(owed)}
    orders = select(Order.id, Order.code, Order.buyer_name, Order.state).where(Order.event_id == event.id, WAS_PLACED)
    return [
        Due(row.id, row.code, row.buyer_name, balances.get(row.id, 0), row.state in OPEN_STATES)
        for row in db_session.execute(orders.order_by(Order.id))
    ]


def list_refund_notes(db_session: Session, refund_ids: Sequence[int]) -> dict[int, str]:
    """What the card provider said to refunds that it refused, or that they are on their way."""
    if not refund_ids:
        return {}
    rows = select(CardRefund.refund_id, CardRefund.problem).where(CardRefund.refund_id.in_(refund_ids))
    return {refund_id: problem or "On its way to the card" for refund_id, problem in db_session.execute(rows)}


@dataclass(frozen=True)
class Proposed:
    """An open line and what it seems to pay."""

    line: BankLine
    proposal: Proposal


def propose(db_session: Session, event: Event, lines: Sequence[BankLine]) -> list[Proposed]:
    """What each line seems to pay, by the books of this moment."""
    if not lines:
        return []
    matcher = Matcher(list_dues(db_session, event))
    return [
        Proposed(line, matcher.propose(text=line.text, payer=line.payer, amount_minor=line.amount_minor))
        for line in lines
    ]
