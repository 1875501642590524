"""Nothing can change or delete an entry of the log; only a person's name can be taken out of it."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError

from swapmeet.infra.audit import AuditEntry, LogData, record
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor


@pytest.fixture
def entry_id(world: Any) -> int:
    with transaction() as db_session:
        by = Actor.person(world.ids["olga"], "Olga Organizer")
        record(db_session, now=utcnow(), by=by, verb="show.changed", subject=world.show(), reason="typo")
        return db_session.scalars(select(func.max(AuditEntry.id))).one()


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEntry).values(reason="another"),
        update(AuditEntry).values(verb="x", actor_label=""),
        update(AuditEntry).values(actor_label="Somebody else"),
        delete(AuditEntry),
    ],
    ids=["reason", "verb", "another name", "delete"],
)
def test_the_database_refuses_to_change_an_entry(entry_id: int, statement: Any) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
        db_session.execute(statement.execution_options(synchronize_session=False))


def test_an_erased_person_leaves_entries_without_a_name(entry_id: int, world: Any) -> None:
    with transaction() as db_session:
        LogData().erase(db_session, person_id=world.ids["olga"], now=utcnow())
    row = db.session.scalar(select(AuditEntry).where(AuditEntry.id == entry_id))
    assert row is not None and (row.actor_label, row.reason) == ("", "typo")
