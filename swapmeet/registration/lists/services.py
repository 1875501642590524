"""A list comes in as a file, is read and checked by a job, and becomes orders when somebody says so."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra import files
from swapmeet.infra.audit import record
from swapmeet.infra.files import FileState, StoredFile
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.uow import lock, write
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import PayMethod
from swapmeet.registration.lists.checking import Checked
from swapmeet.registration.lists.columns import SHOWN
from swapmeet.registration.lists.errors import ListMovedOn, ListNotFound, NothingToWrite, NotYourMoney, RowsUnclear
from swapmeet.registration.lists.models import LIST_MACHINE, ListState, OrderList, OrderListFault, OrderListRow
from swapmeet.registration.lists.table import row_ranges
from swapmeet.web.paging import Page, paginate

READ_JOB, WRITE_JOB = "orders.list.read", "orders.list.write"
PURPOSE = "orders.list"
KEPT = timedelta(days=7)
PART = 500


def take_list(
    db_session: Session, *, event: Event, content: bytes, file_name: str, method: PayMethod, takes_money: bool, by: Actor,
    now: datetime,
) -> OrderList:  # fmt: skip
    """Keep the file and ask for it to be read."""
    stored = files.save_file(
        db_session,
        content,
        purpose=PURPOSE,
        suffix=".list",
        content_type="application/octet-stream",
        now=now,
        state=FileState.INCOMING,
        event_id=event.id,
        owner_id=by.person_id,
    )
    row = OrderList(
        event_id=event.id,
        file_id=stored.id,
        file_name=file_name[:200],
        method=method.value,
        takes_money=takes_money,
        sent_by=by.person_id,
        created_at=now,
    )
    db_session.add(row)
    record(db_session, now=now, by=by, verb="order_list.sent", subject=row, target=ListState.READING.value)
    enqueue(db_session, READ_JOB, {"list_id": row.id}, now=now, key=f"{READ_JOB}:{row.id}")
    return row


def keep_outcome(db_session: Session, *, row: OrderList, checked: Checked, now: datetime) -> None:
    """What the check found: faults by row, and the numbers that the preview tells."""
    _keep_faults(db_session, row, checked)
    row.row_count = row.done_count = checked.row_count
    row.good_count, row.bad_count, row.known_count = checked.good_count, len(checked.faults), len(checked.known)
    row.summary = _summary(checked)
    _step(db_session, row, ListState.CHECKED, Actor.job("lists"), now)


def refuse(db_session: Session, *, row: OrderList, problem: str, now: datetime) -> None:
    """The file is no list."""
    row.problem = problem[:500]
    _step(db_session, row, ListState.REFUSED, Actor.job("lists"), now)


def send_back(db_session: Session, *, row: OrderList, problem: str, now: datetime) -> None:
    """Nothing was written; the preview says why."""
    row.problem = problem[:500]
    _step(db_session, row, ListState.CHECKED, Actor.job("lists"), now)


def finish(db_session: Session, *, row: OrderList, checked: Checked, now: datetime) -> None:
    """The orders are there."""
    _keep_faults(db_session, row, checked)
    row.good_count, row.bad_count, row.known_count = checked.good_count, len(checked.faults), len(checked.known)
    row.summary = _summary(checked)
    row.problem, row.written_at = "", now
    _step(db_session, row, ListState.DONE, Actor.job("lists"), now)


def ask_to_write(
    db_session: Session, *, row: OrderList, is_all: bool, rows_text: str, may_record_money: bool, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Write all of it, only the good rows, or those that are named.

    Raises ListMovedOn, NothingToWrite while all are wanted and some are at fault, RowsUnclear, NotYourMoney.
    """
    lock(db_session, row)
    if row.state is not ListState.CHECKED:
        raise ListMovedOn("This list was imported or thrown away meanwhile.")
    if row.summary.get("paid_minor") and not may_record_money:
        raise NotYourMoney("This list brings money. Ask your treasurer to import it.")
    named = row_ranges(rows_text)
    if named is None:
        raise RowsUnclear("Write row numbers such as 2-50, 61.", field="rows")
    if is_all and row.bad_count:
        raise NothingToWrite("Some rows are wrong, so not all can be imported. Mend the file, or take the good rows.")
    if not row.good_count:
        raise NothingToWrite("There is no row that could be imported.")
    row.only_rows = rows_text[:2000] if named else None
    row.summary = {**row.summary, "is_all": is_all and not named}
    row.done_count, row.problem = 0, ""
    _step(db_session, row, ListState.WRITING, by, now)
    tries = row.summary.get("tries", 0) + 1
    row.summary = {**row.summary, "tries": tries}
    payload = {"list_id": row.id, "person_id": by.person_id, "label": by.label}
    enqueue(db_session, WRITE_JOB, payload, now=now, key=f"{WRITE_JOB}:{row.id}:{tries}")


def drop(db_session: Session, *, row: OrderList, by: Actor, now: datetime) -> None:
    """Throw a list away that was not imported. Raises ListMovedOn."""
    lock(db_session, row)
    if row.state is not ListState.CHECKED:
        raise ListMovedOn("This list was imported or thrown away meanwhile.")
    _step(db_session, row, ListState.DROPPED, by, now)
    _forget(db_session, [row])


def sweep(db_session: Session, *, now: datetime) -> None:
    """Files and faults of a week ago go: they name people."""
    old = select(OrderList).where(OrderList.file_id.is_not(None), OrderList.created_at < now - KEPT)
    _forget(db_session, db_session.scalars(old.order_by(OrderList.id).limit(50)).all())


def get_list(db_session: Session, *, event_id: int, list_id: int) -> OrderList:
    """Raises ListNotFound, the same for one of another show."""
    row = db_session.get(OrderList, list_id)
    if row is None or row.event_id != event_id:
        raise ListNotFound("There is no such list.")
    return row


def list_lists(db_session: Session, *, event_id: int, number: int) -> Page:
    """The newest first."""
    rows = select(OrderList).where(OrderList.event_id == event_id).order_by(OrderList.id.desc())
    return paginate(db_session, rows, number=number)


def list_faults(db_session: Session, *, list_id: int, number: int) -> Page:
    """By row."""
    rows = select(OrderListFault).where(OrderListFault.list_id == list_id).order_by(OrderListFault.number)
    return paginate(db_session, rows, number=number)


def iter_faults(db_session: Session, *, list_id: int) -> Sequence[OrderListFault]:
    """All of them, by row."""
    rows = select(OrderListFault).where(OrderListFault.list_id == list_id).order_by(OrderListFault.number)
    return db_session.scalars(rows).all()


def read_content(db_session: Session, row: OrderList) -> bytes:
    """The file as it was sent. Raises FileNotFoundError."""
    stored = db_session.get(StoredFile, row.file_id) if row.file_id else None
    if stored is None:
        raise FileNotFoundError(row.file_name)
    return files.read_file(stored.key)


def find_digests(db_session: Session, event_id: int, keys: Iterable[str]) -> Mapping[str, str]:
    """What rows said that are orders already, by key."""
    wanted, found = sorted(keys), {}
    for start in range(0, len(wanted), PART):
        rows = db_session.execute(
            select(OrderListRow.row_key, OrderListRow.digest).where(
                OrderListRow.event_id == event_id, OrderListRow.row_key.in_(wanted[start : start + PART])
            )
        )
        found.update({row.row_key: row.digest for row in rows})
    return found


def tell_progress(db_session: Session, *, list_id: int, row_count: int, done: int) -> None:
    """How many rows were read so far, for the page that waits."""
    values = {"row_count": row_count, "done_count": min(done, row_count)}
    db_session.execute(update(OrderList).where(OrderList.id == list_id).values(**values))


def _step(db_session: Session, row: OrderList, state: ListState, by: Actor, now: datetime) -> None:
    LIST_MACHINE.check(row.state, state)
    origin, row.state = row.state, state
    record(
        db_session,
        now=now,
        by=by,
        verb=f"order_list.{state.value}",
        subject=row,
        origin=origin.value,
        target=state.value,
        reason=row.problem,
        rows=row.good_count,
    )
    db_session.flush()


def _keep_faults(db_session: Session, row: OrderList, checked: Checked) -> None:
    db_session.execute(delete(OrderListFault).where(OrderListFault.list_id == row.id))
    table: Any = OrderListFault.__table__
    rows = [
        {"list_id": row.id, "number": each.number, "sentence": each.sentence[:400], "who": each.who[:200],
         "cells": list(each.cells)}
        for each in checked.faults
    ]  # fmt: skip
    if rows:
        write(db_session, insert(table), rows)


def _summary(checked: Checked) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for order in checked.orders:
        for line in order.lines:
            counts[line.sold.kind.name] = counts.get(line.sold.kind.name, 0) + len(line.entries)
    return {
        "header": list(checked.header),
        "columns": [SHOWN[name] for name in checked.columns.places],
        "unused": list(checked.columns.unused)[:30],
        "orders": len(checked.orders),
        "by_ticket": sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])),
        "total_minor": sum(order.total_minor for order in checked.orders),
        "paid_minor": sum(order.paid_minor for order in checked.orders),
        "left_out": checked.left_out,
    }


def _forget(db_session: Session, rows: Sequence[OrderList]) -> None:
    for row in rows:
        stored = db_session.get(StoredFile, row.file_id) if row.file_id else None
        row.file_id = None
        row.summary = {**row.summary, "header": [], "unused": []}  # a file without headings begins with somebody's name
        db_session.execute(delete(OrderListFault).where(OrderListFault.list_id == row.id))
        if stored is not None:
            files.delete_bytes(stored.key)
            db_session.delete(stored)
