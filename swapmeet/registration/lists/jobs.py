"""The two jobs of a list: reading it, and writing its orders. Both are heavy: they run in a child process of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Handler
from swapmeet.infra.uow import end_reading, lock, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import PayMethod
from swapmeet.registration.lists import services
from swapmeet.registration.lists.checking import Checked, check_table
from swapmeet.registration.lists.errors import ListMovedOn
from swapmeet.registration.lists.models import ListState, OrderList
from swapmeet.registration.lists.offering import read_offering
from swapmeet.registration.lists.table import Table, Unreadable, read_table, row_ranges
from swapmeet.registration.lists.writing import Made, Writer

LEASE_S = 600
GONE = "The file is not there any more. Send it again."


@dataclass(frozen=True)
class Read:
    """A table, or why there is none."""

    table: Table | None
    problem: str = ""


def read(payload: Mapping[str, Any]) -> Read:
    """The file as rows; how far it is stands in the list, row by thousand rows."""
    list_id = int(payload["list_id"])
    row = db.session.get(OrderList, list_id)
    if row is None:
        return Read(None, GONE)
    try:
        content = services.read_content(db.session(), row)
    except FileNotFoundError:
        return Read(None, GONE)
    finally:
        end_reading()
    try:
        table = read_table(content)
    except Unreadable as error:
        return Read(None, str(error))
    _tell(list_id, len(table.rows), 0)
    return Read(table)


def read_and_check(payload: Mapping[str, Any]) -> tuple[Read, Checked | None]:
    """The slow part of reading, outside any transaction."""
    found = read(payload)
    checked = _check(db.session(), payload, found.table, tells=True) if found.table else None
    end_reading()
    return found, checked


def keep(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: tuple[Read, Checked | None]
) -> None:
    """What was found, in the transaction that ends the job."""
    row = db_session.get(OrderList, int(payload["list_id"]))
    if row is None or row.state is not ListState.READING:
        return
    found, checked = prepared
    if checked is None:
        services.refuse(db_session, row=row, problem=found.problem, now=now)
    else:
        services.keep_outcome(db_session, row=row, checked=checked, now=now)


@dataclass(frozen=True)
class Ready:
    """Everything that is to be written, as it was checked a moment ago; or why nothing will be."""

    checked: Checked | None
    made: Sequence[Made]
    problem: str = ""


def make_ready(payload: Mapping[str, Any]) -> Ready:
    """Check again what the preview said and make all rows, outside any transaction."""
    found = read(payload)
    if found.table is None:
        return Ready(None, (), found.problem)
    db_session = db.session()
    checked = _check(db_session, payload, found.table, tells=False)
    row = db_session.get(OrderList, int(payload["list_id"]))
    if checked is None or row is None:
        return Ready(None, (), GONE)
    event = db_session.get_one(Event, row.event_id)
    problem = _in_the_way(event, row, checked)
    made = [] if problem else _writer(db_session, event, row, payload, utcnow()).make(checked.orders)
    end_reading()
    return Ready(checked, made, problem)


def write_all(db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Ready) -> None:
    """All orders in this one transaction, or nothing. Capacities are guarded; rows that are orders since stop it.

    A row that another list writes at this very moment breaks its unique key: the job is tried again and finds it known.
    """
    row = db_session.get(OrderList, int(payload["list_id"]))
    if row is None or row.state is not ListState.WRITING:
        return
    lock(db_session, row)
    event, checked = db_session.get_one(Event, row.event_id), prepared.checked
    if checked is None or prepared.problem:
        services.send_back(db_session, row=row, problem=prepared.problem, now=now)
        return
    keys = [entry.key for order in checked.orders for entry in order.entries]
    try:
        if services.find_digests(db_session, event.id, keys):
            raise ListMovedOn("Some of these rows were imported with another list just now.")
        with db_session.begin_nested():
            _writer(db_session, event, row, payload, now).write(prepared.made)
    except DomainError as error:
        services.send_back(db_session, row=row, problem=f"{error.message} Nothing was imported.", now=now)
        return
    services.finish(db_session, row=row, checked=checked, now=now)


def _writer(db_session: Session, event: Event, row: OrderList, payload: Mapping[str, Any], now: datetime) -> Writer:
    by = Actor.person(payload["person_id"], payload["label"]) if payload["person_id"] else Actor.job("lists")
    return Writer(db_session, event, row.id, PayMethod(row.method), by, now)


def _in_the_way(event: Event, row: OrderList, checked: Checked) -> str:
    if event.state is not EventState.PUBLISHED:
        return "Only a show that is published takes orders. Nothing was imported."
    if row.summary.get("is_all") and checked.faults:
        first = checked.faults[0]
        return f"Something has changed since: row {first.number}: {first.sentence} Nothing was imported."
    return "" if checked.orders else "No row could be imported any more."


def _check(db_session: Session, payload: Mapping[str, Any], table: Table, *, tells: bool) -> Checked | None:
    row = db_session.get(OrderList, int(payload["list_id"]))
    if row is None:
        return None
    event, now = db_session.get_one(Event, row.event_id), utcnow()
    offering = read_offering(db_session, event=event, takes_money=row.takes_money, now=now)
    list_id, event_id, count = row.id, event.id, len(table.rows)
    only = row_ranges(row.only_rows) if row.only_rows else None
    return check_table(
        table,
        offering,
        lambda keys: services.find_digests(db_session, event_id, keys),
        only=only,
        tell=(lambda done: _tell(list_id, count, done)) if tells else (lambda done: None),
        now=now,
    )


def _tell(list_id: int, count: int, done: int) -> None:
    with transaction() as db_session:
        services.tell_progress(db_session, list_id=list_id, row_count=count, done=done)


HANDLERS = {
    services.READ_JOB: Handler(run=keep, prepare=read_and_check, heavy=True, lease_s=LEASE_S),
    services.WRITE_JOB: Handler(run=write_all, prepare=make_ready, heavy=True, lease_s=LEASE_S),
}
