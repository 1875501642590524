"""The invariants that belong to no feature: one mail per fact, keys used once, no row across events, files equal rows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKeyConstraint, Table, func, select
from sqlalchemy.orm import Session

from swapmeet.infra.clock import SystemClock
from swapmeet.infra.db import Base
from swapmeet.infra.files import FileState, StoredFile, list_stamps
from swapmeet.infra.idempotency import IdempotencyKey
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.letters import font_files, letters_without
from swapmeet.infra.outbox import FILES_MAIL_JOB, MAIL_JOB, MailState, OutboxMessage
from swapmeet.infra.pdf import font_folders
from swapmeet.infra.registry import DoctorQuery

SCRIPTS = {
    "Latin": "AéŁß",
    "Vietnamese": "ƠưẬễ",
    "Cyrillic": "БЩіў",
    "Chinese": "陈陳黃龍",
    "Japanese": "鈴髙あア",
    "Korean": "김힣",
}
SHOWN = 20  # sentences a query returns at most
IN_THE_MAKING = timedelta(hours=1)  # bytes go first, their row with the end of the job; no job takes this long


def mails_sent_twice(db_session: Session, now: datetime) -> list[str]:
    """One mail per fact."""
    doubled = (
        select(OutboxMessage.fact_key, func.count())
        .group_by(OutboxMessage.fact_key)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    return [f"{count} mails about the fact {key}" for key, count in db_session.execute(doubled)]


def mails_without_a_job(db_session: Session, now: datetime) -> list[str]:
    """A queued mail has a job that will send it (or a dead one that an admin sees)."""
    waiting = select(OutboxMessage.id).where(OutboxMessage.state == MailState.QUEUED).order_by(OutboxMessage.id)
    ids = set(db_session.scalars(waiting))
    if not ids:
        return []
    jobs = select(Job.payload).where(Job.kind.in_((MAIL_JOB, FILES_MAIL_JOB)), Job.state != JobState.DONE)
    covered = {payload.get("message_id") for payload in db_session.scalars(jobs)}
    return [f"mail {number} is queued but no job will send it" for number in sorted(ids - covered)[:SHOWN]]


def keys_used_twice(db_session: Session, now: datetime) -> list[str]:
    """A once-only key was used once. It stands for the limit on voucher uses: this version has no vouchers."""
    doubled = (
        select(IdempotencyKey.scope, func.count())
        .group_by(IdempotencyKey.scope, IdempotencyKey.key)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    return [f"a key of {scope} was used {count} times" for scope, count in db_session.execute(doubled)]


def rows_across_events(db_session: Session, now: datetime) -> list[str]:
    """Every foreign key between two tables that both carry the event leads to a row of the same event."""
    found: list[str] = []
    for child, key in _event_bound_keys():
        found += _crossings(db_session, child, key)
    return found[:SHOWN]


def _event_bound_keys() -> list[tuple[Table, ForeignKeyConstraint]]:
    pairs = []
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda k: str(k.name)):
            if "event_id" in table.c and "event_id" in key.referred_table.c and _pointer(key) is not None:
                pairs.append((table, key))
    return pairs


def _pointer(key: ForeignKeyConstraint) -> tuple[str, str] | None:
    """(column here, column there) of the part of the key that names the row, leaving the event out."""
    parts = [
        (element.parent.name, element.column.name) for element in key.elements if element.parent.name != "event_id"
    ]
    return parts[0] if len(parts) == 1 else None


def _crossings(db_session: Session, child: Table, key: ForeignKeyConstraint) -> list[str]:
    pointer = _pointer(key)
    if pointer is None:
        return []
    here, there = pointer
    parent: Any = key.referred_table.alias("parent")
    statement = (
        select(child.c[here], child.c.event_id, parent.c.event_id)
        .join(parent, child.c[here] == parent.c[there])
        .where(child.c.event_id != parent.c.event_id)
        .limit(SHOWN)
    )
    return [
        f"{child.name}.{here} {row_id} belongs to show {own} and points into show {other} ({key.referred_table.name})"
        for row_id, own, other in db_session.execute(statement)
    ]


def files_and_rows_differ(db_session: Session, now: datetime) -> list[str]:
    """Files in the store = rows that name them. Refused uploads have a row and no bytes.

    Bytes are written before their row is, so those of the last hour may belong to a job or an upload that is still at it.
    Their age is told by the store's clock, which is the real one.
    """
    rows = db_session.execute(select(StoredFile.key, StoredFile.state)).all()
    named = {row.key for row in rows if row.state is not FileState.REFUSED}
    stored = list_stamps()
    old = SystemClock().now() - IN_THE_MAKING
    unnamed_keys = sorted(stored.keys() - {row.key for row in rows})
    missing = [f"the file {key} is gone from the store" for key in sorted(named - stored.keys())]
    unnamed = [f"the file {key} has no row" for key in unnamed_keys if stored[key] < old]
    return (missing + unnamed)[:SHOWN]


def names_that_print_as_boxes(db_session: Session, now: datetime) -> list[str]:
    """The fonts that documents are printed with have the letters of every script that Swapmeet promises."""
    fonts = font_folders(Path(str(current_app.static_folder)), Path(current_app.instance_path))
    files = [file for folder in fonts for file in font_files(folder)]
    lacking = [script for script, letters in SCRIPTS.items() if letters_without(letters, files)]
    return [f"no font for {script} names in documents: reinstall Swapmeet with all its packages" for script in lacking]


QUERIES = (
    DoctorQuery(6, "once-only keys used once (stands for voucher limits)", keys_used_twice),
    DoctorQuery(8, "one mail per fact", mails_sent_twice),
    DoctorQuery(8, "each queued mail has a job", mails_without_a_job),
    DoctorQuery(12, "no row points across events", rows_across_events),
    DoctorQuery(15, "files equal rows", files_and_rows_differ),
    DoctorQuery(16, "documents print names of every script", names_that_print_as_boxes),
)
