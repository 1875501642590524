"""The day of the show: vendors arrive, and tables of those who do not come are free for others."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.cancellations import cancel_order
from swapmeet.orders.services.parts import give_up_lines
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from swapmeet.vendor_tables.errors import NobodyExpected
from swapmeet.vendor_tables.extras import KIND as EXTRA
from swapmeet.vendor_tables.models import RESERVATION_MACHINE, Reservation, ReservationState, new_stamp

DID_NOT_COME = "did not come"


def note_arrival(db_session: Session, *, order: Order, by: Actor, now: datetime) -> list[Reservation]:
    """The vendor of this order is here: all its tables. Once more changes nothing. Raises NobodyExpected."""
    rows = _sold(db_session, order)
    _step(db_session, rows, ReservationState.CONFIRMED, ReservationState.CHECKED_IN, by, now)
    _follow(db_session, rows, ApplicationState.CONFIRMED, ApplicationState.CHECKED_IN, by, now)
    return rows


def take_back_arrival(db_session: Session, *, order: Order, by: Actor, now: datetime) -> list[Reservation]:
    """It was somebody else: they are expected again. Raises NobodyExpected."""
    rows = _sold(db_session, order)
    _step(db_session, rows, ReservationState.CHECKED_IN, ReservationState.CONFIRMED, by, now)
    _follow(db_session, rows, ApplicationState.CHECKED_IN, ApplicationState.CONFIRMED, by, now)
    return rows


def give_up_no_show(db_session: Session, *, event: Event, order: Order, by: Actor, now: datetime) -> list[str]:
    """The vendor did not come: the tables are free at once, what was paid is kept, badges are void. Returns the labels.

    Tickets and other things of the order stay. Whoever waits for a table is offered it as with any other that comes back.
    Raises NobodyExpected when they have arrived, or the order holds no sold tables.
    """
    rows = _sold(db_session, order)
    if any(row.state is not ReservationState.CONFIRMED for row in rows):
        raise NobodyExpected("They have arrived. If that was a mistake, take the arrival back first.")
    labels = [row.place.label for row in rows]
    ids = [row.id for row in rows]
    for vendor_id in sorted({row.vendor_id for row in rows if row.vendor_id is not None}):
        if not _has_others(db_session, event.id, vendor_id, ids):
            _move(db_session, event.id, vendor_id, ApplicationState.CONFIRMED, ApplicationState.NO_SHOW, by, now)
    lines = list_live_lines(db_session, order)
    gone = [line for line in lines if line.kind in (queries.KIND, EXTRA)]
    if len(gone) == len(lines):
        cancel_order(
            db_session, event=event, order=order, seen_back_minor=0, reason=DID_NOT_COME, by=by, now=now, keeps_all=True
        )
    else:
        gone_ids = [line.id for line in gone]
        give_up_lines(
            db_session, event=event, order=order, line_ids=gone_ids, is_full=False, keeps_all=True,
            reason=DID_NOT_COME, by=by, now=now,
        )  # fmt: skip
    return labels


def _sold(db_session: Session, order: Order) -> list[Reservation]:
    """The sold tables of the order, which is locked from here on, read anew."""
    lock(db_session, order)
    rows = [
        row for row in queries.list_live_of_order(db_session, order_id=order.id) if row.state in queries.SOLD_STATES
    ]
    if order.state is not OrderState.CONFIRMED or not rows:
        raise NobodyExpected("This order holds no table that is paid. Look at it again.")
    return rows


def _step(
    db_session: Session,
    rows: Sequence[Reservation],
    origin: ReservationState,
    target: ReservationState,
    by: Actor,
    now: datetime,
) -> None:
    for row in rows:
        if row.state is not origin:
            continue
        RESERVATION_MACHINE.check(origin, target)
        row.state, row.stamp = target, new_stamp()
        verb = "table.arrived" if target is ReservationState.CHECKED_IN else "table.arrival_taken_back"
        record(
            db_session, now=now, by=by, verb=verb, subject=row, origin=origin.value, target=target.value,
            place_id=row.place_id, sale_period_id=row.sale_period_id,
        )  # fmt: skip
    db_session.flush()


def _follow(
    db_session: Session,
    rows: Sequence[Reservation],
    origin: ApplicationState,
    target: ApplicationState,
    by: Actor,
    now: datetime,
) -> None:
    for vendor_id in sorted({row.vendor_id for row in rows if row.vendor_id is not None}):
        _move(db_session, rows[0].event_id, vendor_id, origin, target, by, now)


def _move(
    db_session: Session,
    event_id: int,
    vendor_id: int,
    origin: ApplicationState,
    target: ApplicationState,
    by: Actor,
    now: datetime,
) -> None:
    """The vendor's application goes along, where there is one and it stands where it should."""
    wanted = select(Application).where(Application.event_id == event_id, Application.vendor_id == vendor_id)
    application = db_session.scalar(wanted)
    if application is not None:
        lock(db_session, application)
        if application.state is origin:
            move(db_session, application=application, target=target, mover=Mover.STAFF, by=by, now=now)


def _has_others(db_session: Session, event_id: int, vendor_id: int, ids: Sequence[int]) -> bool:
    others = select(Reservation.id).where(
        Reservation.event_id == event_id,
        Reservation.vendor_id == vendor_id,
        Reservation.released_at.is_(None),
        Reservation.id.not_in(ids),
    )
    return db_session.scalar(others.limit(1)) is not None
