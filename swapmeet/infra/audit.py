"""The audit log: who changed what, when, from what, to what, and why. Rows are only ever added."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, String, Table, Text, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.types import BigId, Json, instant, pk
from swapmeet.infra.uow import write
from swapmeet.kernel.actor import Actor


class AuditEntry(Model):
    """One fact. `subject` and `subject_id` name the row it is about, `verb` the deed ("order.confirmed")."""

    __tablename__ = "audit_entry"

    id: Mapped[pk]
    at: Mapped[instant]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    organizer_id: Mapped[int | None] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_person_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[str] = mapped_column(String(200), default="")
    verb: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    origin: Mapped[str | None] = mapped_column(String(64))
    target: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)

    __table_args__ = (
        Index("ix_audit_entry_event_at", "event_id", "at"),
        Index("ix_audit_entry_subject", "subject", "subject_id"),
    )


def record(
    db_session: Session,
    *,
    now: datetime,
    by: Actor,
    verb: str,
    subject: Any,
    event_id: int | None = None,
    organizer_id: int | None = None,
    origin: str | None = None,
    target: str | None = None,
    reason: str = "",
    **facts: Any,
) -> None:
    """Write one entry about the row `subject` (flushed if it has no id yet). Call it in the transaction of the change."""
    if subject.id is None:
        db_session.flush()
    entry = {
        "at": now,
        "event_id": event_id if event_id is not None else getattr(subject, "event_id", None),
        "organizer_id": organizer_id,
        "actor_kind": by.kind.value,
        "actor_person_id": by.person_id,
        "actor_label": by.label[:200],
        "verb": verb,
        "subject": type(subject).__name__,
        "subject_id": subject.id,
        "origin": origin,
        "target": target,
        "reason": reason,
        "facts": facts,
    }
    write(db_session, _insert(), entry)


def record_many(
    db_session: Session,
    *,
    now: datetime,
    by: Actor,
    verb: str,
    subject: type[Model],
    event_id: int,
    facts: Mapping[int, Mapping[str, Any]],
    origin: str | None = None,
    target: str | None = None,
) -> None:
    """The same entry about many rows of one kind, with the facts of each by its id."""
    same = {
        "at": now,
        "event_id": event_id,
        "organizer_id": None,
        "verb": verb,
        "subject": subject.__name__,
        "reason": "",
    }
    same |= {"actor_kind": by.kind.value, "actor_person_id": by.person_id, "actor_label": by.label[:200]}
    same |= {"origin": origin, "target": target}
    rows = [{**same, "subject_id": subject_id, "facts": dict(own)} for subject_id, own in facts.items()]
    if rows:
        write(db_session, _insert(), rows)


@cache
def _insert() -> Any:
    """Built once: nearly every change writes an entry. Its id is nobody's concern."""
    table: Any = AuditEntry.__table__
    return insert(table).inline()


# A person who closes the account may have the name taken out of the log; nothing else of it ever changes.
ERASABLE = ("actor_label",)


def append_only(table: Table, when: str = "") -> tuple[list[str], list[str]]:
    """The statements that make a table append-only: (for SQLite, for PostgreSQL). Erasable columns may be emptied.

    `when` (about OLD) leaves rows alone for which it is false.
    """
    only = f" WHEN ({when})" if when else ""
    name, columns = table.name, ", ".join(column.name for column in table.columns if column.name not in ERASABLE)
    sqlite = [
        f"CREATE TRIGGER IF NOT EXISTS {name}_no_{verb} BEFORE {deed} ON {name}{only} "
        f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        for verb, deed in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE"))
    ]
    postgresql = [
        "CREATE OR REPLACE FUNCTION swapmeet_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        *(
            f"CREATE OR REPLACE TRIGGER {name}_no_{verb} BEFORE {deed} ON {name} "
            f"FOR EACH ROW{only} EXECUTE FUNCTION swapmeet_append_only()"
            for verb, deed in (("update", f"UPDATE OF {columns}"), ("delete", "DELETE"))
        ),
    ]
    for column in (column for column in table.columns if column.name in ERASABLE):
        sqlite.append(
            f"CREATE TRIGGER IF NOT EXISTS {name}_erase_{column.name} BEFORE UPDATE OF {column.name} ON {name} "
            f"WHEN NEW.{column.name} <> '' BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        )
        postgresql.append(
            f"CREATE OR REPLACE TRIGGER {name}_erase_{column.name} BEFORE UPDATE OF {column.name} ON {name} "
            f"FOR EACH ROW WHEN (NEW.{column.name} <> '') EXECUTE FUNCTION swapmeet_append_only()"
        )
    return sqlite, postgresql


class LogData:
    """A person's part of the log: exported with the account, and nameless after its erasure."""

    name = "log"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        rows = db_session.scalars(
            select(AuditEntry).where(AuditEntry.actor_person_id == person_id).order_by(AuditEntry.id)
        )
        return [
            {"at": row.at.isoformat(), "deed": row.verb, "about": row.subject, "number": row.subject_id} for row in rows
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        mine = update(AuditEntry).where(AuditEntry.actor_person_id == person_id).values(actor_label="")
        db_session.execute(mine.execution_options(synchronize_session=False))


def install_append_only(table: Any, when: str = "") -> None:
    """Attach the triggers to table creation, so that tests and migrations build the same database."""
    sqlite, postgresql = append_only(table, when)
    for dialect, statements in (("sqlite", sqlite), ("postgresql", postgresql)):
        for statement in statements:
            # DDL() formats with %, so the sign is doubled.
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]


install_append_only(AuditEntry.__table__)
