"""Numbers without gap or repeat: one statement moves a show's counter, in the transaction that uses the number."""

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def take_numbers(db_session: Session, counter: Any, *, event_id: int, count: int = 1) -> int:
    """The first of `count` fresh numbers. `counter` is a model with `event_id` (primary key) and `last_number`.

    The row is made at the first call; a rollback gives the numbers back.
    """
    db_session.flush()
    values = {"event_id": event_id, "last_number": count}
    moved = db_session.execute(_move(counter, db_session.get_bind().dialect.name), values)
    return int(moved.scalar_one()) - count + 1


@cache
def _move(counter: Any, dialect: str) -> Any:
    """Built once for each counter and database."""
    table = counter.__table__
    statement: Any = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    return statement.on_conflict_do_update(
        index_elements=["event_id"], set_={"last_number": table.c.last_number + statement.excluded.last_number}
    ).returning(table.c.last_number)
