"""Who sells where: the public list of vendors, and a person's own tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.search import words_of
from swapmeet.orders.models import Order, OrderLine
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, TablePlace, Vendor
from swapmeet.vendor_tables.queries import SOLD_STATES, live_at, shown_state
from swapmeet.web.paging import Page, paginate

VENDORS_ON_A_PAGE = 40


@dataclass(frozen=True)
class Stand:
    """One place of a vendor, and when ("" for the whole show)."""

    label: str
    when: str
    place_id: int
    plan_id: int
    period_id: int


@dataclass(frozen=True)
class Listed:
    """A vendor as the public sees it."""

    vendor: Vendor
    stands: Sequence[Stand]


def list_vendors(db_session: Session, *, event: Event, query: str, number: int) -> Page:
    """Listed vendors with a confirmed place, by name. All words of the query must be found in name, wares or scales."""
    confirmed = select(Reservation.vendor_id).where(
        Reservation.event_id == event.id, Reservation.released_at.is_(None), Reservation.state.in_(SOLD_STATES)
    )
    statement = select(Vendor).where(Vendor.id.in_(confirmed), Vendor.is_listed).order_by(Vendor.name, Vendor.id)
    for word in words_of(query):
        statement = statement.where(Vendor.search_text.contains(word, autoescape=True))
    page = paginate(db_session, statement, number=number, size=VENDORS_ON_A_PAGE)
    stands = _stands(db_session, event, [vendor.id for vendor in page.rows])
    rows = [Listed(vendor, stands.get(vendor.id, [])) for vendor in page.rows]
    return Page(rows, page.number, page.size, page.total)


def _stands(db_session: Session, event: Event, vendor_ids: Sequence[int]) -> dict[int, list[Stand]]:
    statement = (
        select(
            Reservation.vendor_id,
            TablePlace.label,
            SalePeriod.code,
            SalePeriod.label.label("period"),
            TablePlace.id,
            TablePlace.plan_id,
            SalePeriod.id.label("period_id"),
        )
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .join(SalePeriod, SalePeriod.id == Reservation.sale_period_id)
        .where(
            Reservation.event_id == event.id,
            Reservation.vendor_id.in_(vendor_ids),
            Reservation.released_at.is_(None),
            Reservation.state.in_(SOLD_STATES),
        )
    )
    found: dict[int, list[Stand]] = defaultdict(list)
    for row in db_session.execute(statement):
        when = "" if row.code == "whole" else row.period
        found[row.vendor_id].append(Stand(row.label, when, row.id, row.plan_id, row.period_id))
    return {vendor_id: sorted(stands, key=lambda s: (natural(s.label), s.when)) for vendor_id, stands in found.items()}


@dataclass
class OwnShow:
    """One show with a person's own reservations in it."""

    event: Event
    rows: list["OwnTable"] = field(default_factory=list)


@dataclass(frozen=True)
class OwnTable:
    """A reservation of one's own with the words for its state and the order it belongs to (None: given by the team)."""

    reservation: Reservation
    order: Order | None
    state_kind: str
    state_words: str


def list_own(db_session: Session, *, person_id: int, now: datetime) -> list[OwnShow]:
    """Live reservations by order or by profile, newest show first, then by label."""
    statement = (
        select(Reservation, Order, Event)
        .join(Event, Event.id == Reservation.event_id)
        .outerjoin(OrderLine, OrderLine.id == Reservation.line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .outerjoin(Vendor, Vendor.id == Reservation.vendor_id)
        .where(or_(Order.person_id == person_id, Vendor.person_id == person_id), live_at(now))
        .options(
            joinedload(Reservation.place).joinedload(TablePlace.type),
            joinedload(Reservation.place).joinedload(TablePlace.plan),
            joinedload(Reservation.period),
        )
        .order_by(Event.first_day.desc(), Event.id)
    )
    shows: dict[int, OwnShow] = {}
    for reservation, order, event in db_session.execute(statement).unique():
        shows.setdefault(event.id, OwnShow(event)).rows.append(_own(reservation, order))
    for show in shows.values():
        show.rows.sort(key=lambda own: natural(own.reservation.place.label))
    return list(shows.values())


def _own(reservation: Reservation, order: Order | None) -> OwnTable:
    if reservation.state in SOLD_STATES:
        return OwnTable(reservation, order, "mine", "Yours")
    is_placed = shown_state(reservation.state, reservation.kind, reservation.expires_at) == "taken"
    return OwnTable(reservation, order, "held", "Waiting for payment" if is_placed else "Held")
