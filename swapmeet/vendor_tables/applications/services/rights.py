"""First refusal: who stood on a table at the last edition may have the same one again, until a date."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, EventState, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.models import Order, OrderLine
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications.errors import NoLastEdition, OfferOver
from swapmeet.vendor_tables.applications.services.offers import LATE, list_offered, put_in_cart
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace, Vendor
from swapmeet.vendor_tables.services import claims

RIGHT_MAIL = "applications.right"


@dataclass
class Opened:
    """What came of opening the window: how many tables are kept, and why others are not."""

    kept: int = 0
    vendors: int = 0
    skipped: list[str] = field(default_factory=list)


def find_last_edition(db_session: Session, event: Event) -> Event | None:
    """The newest earlier show of the same series that took place."""
    if event.series_id is None:
        return None
    return db_session.scalar(
        select(Event)
        .where(
            Event.series_id == event.series_id,
            Event.id != event.id,
            Event.last_day < event.first_day,
            Event.state.in_([EventState.PUBLISHED, EventState.FINISHED]),
        )
        .order_by(Event.last_day.desc(), Event.id.desc())
        .limit(1)
    )


def open_window(
    db_session: Session, *, event: Event, until: datetime, is_told: bool, by: Actor, now: datetime
) -> Opened:
    """Keep each sold table of the last edition for its vendor until a time, found again by its stable id.

    A second time only adds what is missing. Raises NoLastEdition, Invalid (a time that is over).
    """
    lock(db_session, event)
    last = find_last_edition(db_session, event)
    if last is None:
        raise NoLastEdition("There is no earlier show of the same series to take the tables from.")
    if until <= now:
        raise Invalid("That time is over. Write a later one.", field="until")
    opened = Opened()
    wanted = _wanted(db_session, event, last, now, opened)
    for vendor, wants in sorted(wanted.items(), key=lambda pair: min(want.place_id for want in pair[1])):
        terms = claims.Terms(
            ReservationKind.INCUMBENT,
            ReservationState.OFFERED,
            expires_at=until,
            holder=vendor.name,
            sells=vendor.sells,
            reason=f"first refusal, from {last.name}"[:500],
            vendor_id=vendor.id,
        )
        rows = claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=now)
        opened.kept, opened.vendors = opened.kept + len(rows), opened.vendors + 1
        if is_told:
            _tell(db_session, event, vendor, now)
    record(
        db_session, now=now, by=by, verb="rights.opened", subject=event, event_id=event.id, kept=opened.kept,
        until=until.isoformat(), source=last.id,
    )  # fmt: skip
    return opened


def _wanted(
    db_session: Session, event: Event, last: Event, now: datetime, opened: Opened
) -> dict[Vendor, list[claims.Want]]:
    """What can be kept for whom; what cannot is named with why."""
    places = {place.uid: place for place in floor_queries.list_places(db_session, event_id=event.id)}
    periods = {period.code: period for period in list_sale_periods(db_session, event_id=event.id)}
    taken = {
        period.id: floor_queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
        for period in periods.values()
    }
    found: dict[Vendor, list[claims.Want]] = defaultdict(list)
    for row in _sold(db_session, last):
        assert row.vendor is not None
        place, period = places.get(row.place.uid), periods.get(row.period.code)
        why = _why_not(place, period, taken)
        if why:
            opened.skipped.append(f"{row.holder or row.vendor.name}, table {row.place.label}: {why}")
        elif place is not None and period is not None:
            found[row.vendor].append(claims.Want(place.id, period.id))
    return found


def _why_not(place: TablePlace | None, period: SalePeriod | None, taken: dict[int, dict[int, str]]) -> str:
    if place is None:
        return "not on the plan any more"
    if period is None or not floor_queries.is_sold_in(place.type, period):
        return "not sold for the same time any more"
    if not place.is_sellable:
        return "not for sale this time"
    return "held or sold already" if place.id in taken[period.id] else ""


def _sold(db_session: Session, last: Event) -> Sequence[Reservation]:
    statement = (
        select(Reservation)
        .where(
            Reservation.event_id == last.id,
            Reservation.released_at.is_(None),
            Reservation.state.in_(floor_queries.SOLD_STATES),
            Reservation.vendor_id.is_not(None),
        )
        .options(
            joinedload(Reservation.place), joinedload(Reservation.period),
            joinedload(Reservation.vendor).joinedload(Vendor.person),
        )
        .order_by(Reservation.place_id, Reservation.id)
    )  # fmt: skip
    return list(db_session.scalars(statement))


def _tell(db_session: Session, event: Event, vendor: Vendor, now: datetime) -> None:
    person = vendor.person
    address = person.email if person is not None and person.erased_at is None else vendor.email
    if address:
        queue_mail(
            db_session,
            kind=RIGHT_MAIL,
            to=address,
            payload={"event_id": event.id, "vendor_id": vendor.id},
            fact_key=f"right:{event.id}:{vendor.id}",
            now=now,
            event_id=event.id,
            person_id=vendor.person_id,
        )


def list_rights(db_session: Session, *, event_id: int, vendor_id: int, now: datetime) -> list[Reservation]:
    """Tables kept for this vendor from the last edition, by place."""
    return [row for row in list_kept_for(db_session, event_id=event_id, vendor_id=vendor_id) if row.is_live_at(now)]


def list_kept_for(db_session: Session, *, event_id: int, vendor_id: int) -> list[Reservation]:
    """The same, with those whose window has closed and nobody has tidied away."""
    rows = list_offered(db_session, event_id=event_id, vendor_id=vendor_id)
    return [row for row in rows if row.kind is ReservationKind.INCUMBENT]


def list_kept(db_session: Session, *, event_id: int, now: datetime) -> list[Reservation]:
    """Every table of the show that is kept for last time's vendor, by place."""
    statement = (
        select(Reservation)
        .where(
            Reservation.event_id == event_id,
            Reservation.kind == ReservationKind.INCUMBENT,
            floor_queries.live_at(now),
        )
        .options(joinedload(Reservation.place), joinedload(Reservation.period))
        .order_by(Reservation.place_id, Reservation.id)
    )
    return list(db_session.scalars(statement))


def take_up_rights(
    db_session: Session,
    *,
    event: Event,
    vendor: Vendor,
    place_ids: Sequence[int],
    cart: Order,
    by: Actor,
    now: datetime,
) -> list[OrderLine]:
    """The vendor wants these of the kept tables again, at today's prices. Raises OfferOver once the window is closed."""
    lock(db_session, vendor)
    rows = [
        row
        for row in list_rights(db_session, event_id=event.id, vendor_id=vendor.id, now=now)
        if row.place_id in place_ids
    ]
    if not rows or len(rows) < len(set(place_ids)):
        raise OfferOver(LATE)
    ends = min(row.expires_at for row in rows if row.expires_at is not None)
    return put_in_cart(db_session, event=event, rows=rows, prices={}, ends=ends, cart=cart, by=by, now=now)


def give_up_rights(
    db_session: Session, *, event: Event, vendor: Vendor, place_ids: Sequence[int], by: Actor, now: datetime
) -> int:
    """The vendor does not want these tables again; they are free at once. Returns how many."""
    lock(db_session, vendor)
    rows = [
        row
        for row in list_rights(db_session, event_id=event.id, vendor_id=vendor.id, now=now)
        if row.place_id in place_ids
    ]
    claims.end_reservations(db_session, rows, reason="not wanted again", by=by, now=now)
    return len(rows)


def close_windows(db_session: Session, *, now: datetime) -> int:
    """Rights whose time is over: all tables of them are free, in one transaction. They counted as free already."""
    statement = (
        select(Reservation)
        .where(
            Reservation.kind == ReservationKind.INCUMBENT,
            Reservation.state == ReservationState.OFFERED,
            Reservation.released_at.is_(None),
            Reservation.expires_at <= now,
        )
        .order_by(Reservation.place_id, Reservation.id)
    )
    rows = list(db_session.scalars(statement))
    claims.end_reservations(db_session, rows, reason="window closed", by=Actor.job("clock"), now=now)
    return len(rows)
