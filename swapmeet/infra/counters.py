"""Numbers without gap or repeat: one statement moves a show's counter, in the transaction that uses the number."""

from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def take_numbers(db_session: Session, counter: Any, *, event_id: int, count: int = 1) -> int:
    """The first of `count` fresh numbers. `counter` is a model with `event_id` (primary key) and `last_number`.

    The row is made at the first call; a rollback gives the numbers back.
    """
    is_sqlite = db_session.get_bind().dialect.name == "sqlite"
    statement: Any = (sqlite.insert if is_sqlite else postgresql.insert)(counter).values(
        event_id=event_id, last_number=count
    )
    moved: Insert = statement.on_conflict_do_update(
        index_elements=["event_id"], set_={"last_number": counter.last_number + statement.excluded.last_number}
    ).returning(counter.last_number)
    return int(db_session.execute(moved).scalar_one()) - count + 1
