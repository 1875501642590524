"""The one door for writes. Nothing else in Swapmeet commits or rolls back."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import current_app, has_app_context, has_request_context, request
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from swapmeet.infra.db import FOREIGN_VIEWS, WRITES_KEY, db

GAP_S = 0.02  # long enough for another buyer to read the same number

_open: ContextVar[bool] = ContextVar("swapmeet_transaction_open", default=False)
_last_commit = object()


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the write transaction: commit at the end, roll back on any error. It does not nest.

    What was read before is let go first, so everything used inside is read again under the transaction. On SQLite the
    write lock is taken at once (BEGIN IMMEDIATE, waiting up to the busy timeout); on PostgreSQL rows are locked by `lock`.
    Raises RuntimeError when one is open already.
    """
    if _open.get():
        raise RuntimeError("transaction() does not nest: services take the session they are given")
    db_session = db.session()
    db_session.rollback()
    token = _open.set(True)
    try:
        db_session.connection(execution_options={WRITES_KEY: True})
        yield db_session
        db_session.commit()
        _note_commit()
    except BaseException:
        db_session.rollback()
        raise
    finally:
        _open.reset(token)


def last_commit() -> object:
    """Another object after each transaction of this process: what was kept under another one may be out of date."""
    return _last_commit


def _note_commit() -> None:
    global _last_commit
    _last_commit = object()


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(session: Session, _context: Any, _rows: Any) -> None:
    """A row changed by a request outside the door would be lost on SQLite and kept on PostgreSQL: neither is meant."""
    if _may_write():
        return
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        raise RuntimeError("a request changed rows outside transaction()")


def _may_write() -> bool:
    return _open.get() or not has_request_context() or request.blueprint == FOREIGN_VIEWS


def write(db_session: Session, statement: Any, values: Any) -> Any:
    """Run a prepared statement with its values (a row, or a list of rows) past the ORM, for rows that are only ever added.

    What the session has pending is not flushed before. Returns the result. Raises RuntimeError in a request outside
    `transaction()`, as a flush does.
    """
    if not _may_write():
        raise RuntimeError("a request changed rows outside transaction()")
    rows = (
        values[0] if isinstance(values, list) and len(values) == 1 else values
    )  # the driver's way for many costs more
    return db_session.connection().execute(statement, rows)


def take_ids(db_session: Session, model: Any, count: int) -> list[int]:
    """Ids for so many new rows, in ascending order: rows that point at each other can then be written without asking back."""
    table = model.__table__
    if db_session.get_bind().dialect.name == "sqlite":  # the transaction is the only writer
        last = db_session.connection().execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    sequence = func.pg_get_serial_sequence(f'"{table.name}"', "id")
    numbers = func.generate_series(1, count).table_valued("number")
    return sorted(db_session.connection().execute(select(func.nextval(sequence)).select_from(numbers)).scalars())


def learn_sizes(db_session: Session, models: Iterable[Any]) -> None:
    """PostgreSQL: count anew what these tables hold, after the first rows of many.

    Keys between tables are checked by a plan that is made once; one made over an empty table reads all rows of a show for
    every row to come.
    """
    if db_session.get_bind().dialect.name == "postgresql":
        for model in models:
            db_session.execute(text(f'ANALYZE "{model.__tablename__}"'))


def commit_foreign_views() -> None:
    """Commit what a view of the account library wrote. The one exception to the door (ADR 0003)."""
    db.session.commit()


def end_reading() -> None:
    """Let go of the read transaction, so that a long pause (rendering, network) holds no snapshot."""
    db.session.rollback()


def lock(db_session: Session, rows: Any) -> None:
    """Take row locks in sorted order and read the rows anew. Call once a transaction, before the reads it decides on.

    PostgreSQL: SELECT ... FOR UPDATE by class name and id. SQLite: the whole database is locked already, only the
    refresh happens.
    """
    wanted = list(rows) if isinstance(rows, (list, tuple, set, frozenset)) else [rows]
    for row in sorted(wanted, key=lambda r: (type(r).__name__, r.id)):
        model = type(row)
        statement = select(model).where(model.id == row.id).with_for_update(of=model)
        db_session.execute(statement.execution_options(populate_existing=True)).scalar_one()


def lock_ids(db_session: Session, model: Any, ids: Iterable[int]) -> list[Any]:
    """Lock the rows of one model by id in ascending order and return them in that order. Missing ids are left out."""
    statement = select(model).where(model.id.in_(sorted(set(ids)))).order_by(model.id).with_for_update(of=model)
    return list(db_session.execute(statement.execution_options(populate_existing=True)).scalars())


def guard_is_on() -> bool:
    """False only in the control runs of race tests (SWAPMEET_UNSAFE_NO_GUARD, refused in production)."""
    return not (has_app_context() and current_app.config.get("SWAPMEET_UNSAFE_NO_GUARD", False))


def open_gap(db_session: Session) -> None:
    """In control runs only: end the transaction between a naive check and its write, as code without this door would.

    A longer pause inside one transaction shows no race on SQLite, where writers wait for each other. Does nothing while
    the guard is on.
    """
    if guard_is_on():
        return
    db_session.commit()
    time.sleep(GAP_S)
    db_session.connection(execution_options={WRITES_KEY: True})
