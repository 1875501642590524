"""What must always be true of exchanges, as queries that must find nothing."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.trades.exchanges import drawing, queries
from swapmeet.trades.exchanges.models import EntryState, Exchange, ExchangeEntry, ExchangeState

SHOWN = 20


def draws_that_do_not_hold(db_session: Session, now: datetime) -> list[str]:
    """A seed that is not the sealed one, or moves that it does not draw from what was brought."""
    found = []
    for row in db_session.scalars(select(Exchange).order_by(Exchange.id)):
        if drawing.commitment_of(row.seed) != row.commitment:
            found.append(f"exchange {row.id} has another seed than the sealed one")
        moves = sorted(
            (move.giver.number, move.receiver.number) for move in queries.list_moves(db_session, exchange_id=row.id)
        )
        entries = queries.list_entries(db_session, exchange_id=row.id)
        right = drawing.draw({entry.number: entry.pieces for entry in entries if entry.pieces}, row.seed)
        if moves != (right if row.drawn_at is not None else []):
            found.append(f"exchange {row.id}: its moves are not those of its seed")
    return found[:SHOWN]


def exchanges_that_do_not_balance(db_session: Session, now: datetime) -> list[str]:
    """Somebody who gets more or fewer pieces than they give."""
    balance: dict[tuple[int, int], int] = defaultdict(int)
    for row in db_session.scalars(select(Exchange).where(Exchange.drawn_at.is_not(None)).order_by(Exchange.id)):
        for move in queries.list_moves(db_session, exchange_id=row.id):
            balance[row.id, move.giver.number] -= 1
            balance[row.id, move.receiver.number] += 1
    return [f"exchange {key[0]}: number {key[1]} is {count} pieces off" for key, count in balance.items() if count][
        :SHOWN
    ]


def states_without_audit(db_session: Session, now: datetime) -> list[str]:
    """An exchange or a place in one whose state nobody wrote down."""
    found = []
    for model, name in ((Exchange, "Exchange"), (ExchangeEntry, "ExchangeEntry")):
        written = exists().where(
            AuditEntry.subject == name, AuditEntry.subject_id == model.id, AuditEntry.target == model.state
        )
        statement = select(model.id, model.state).where(~written).order_by(model.id).limit(SHOWN)
        found += [
            f"{name} {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)
        ]
    return found


def collected_before_the_draw(db_session: Session, now: datetime) -> list[str]:
    """Somebody who has collected although nothing was drawn."""
    statement = (
        select(ExchangeEntry.id)
        .join(Exchange, Exchange.id == ExchangeEntry.exchange_id)
        .where(
            ExchangeEntry.state == EntryState.COLLECTED,
            Exchange.state.in_([ExchangeState.OPEN, ExchangeState.CANCELED]),
        )
        .order_by(ExchangeEntry.id)
        .limit(SHOWN)
    )
    return [f"place {row} in an exchange has collected before the draw" for row in db_session.scalars(statement)]


QUERIES = [
    DoctorQuery(10, "exchanges give what their sealed seed draws", draws_that_do_not_hold),
    DoctorQuery(10, "exchanges give as much as they take", exchanges_that_do_not_balance),
    DoctorQuery(10, "pieces are collected after the draw", collected_before_the_draw),
    DoctorQuery(14, "steps of exchanges are written down", states_without_audit),
]
