"""Who sells where: the public list of vendors, and a person's own tables."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.search import words_of
from swapmeet.orders.models import Order, OrderLine
from swapmeet.vendor_tables.floor import HallView, load_floor
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, TablePlace, Vendor
from swapmeet.vendor_tables.queries import SOLD_STATES, live_at, shown_state
from swapmeet.web.paging import Page

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


@dataclass(frozen=True)
class Sought:
    """What a visitor looks for: words in name, wares or scales, and one scale exactly."""

    query: str = ""
    scale: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.scale)


def list_vendors(db_session: Session, *, event: Event, sought: Sought, number: int) -> Page:
    """Listed vendors with a confirmed place, by name. All words of the query must be found in name, wares or scales."""
    found = [vendor for vendor in _listed(db_session, event, sought.query) if fits(vendor, sought)]
    number = min(number, max(1, -(-len(found) // VENDORS_ON_A_PAGE)))
    shown = found[(number - 1) * VENDORS_ON_A_PAGE : number * VENDORS_ON_A_PAGE]
    stands = _stands(db_session, event, [vendor.id for vendor in shown])
    rows = [Listed(vendor, stands.get(vendor.id, [])) for vendor in shown]
    return Page(rows, number, VENDORS_ON_A_PAGE, len(found))


def fits(vendor: Vendor, sought: Sought) -> bool:
    """Is the scale among those of the vendor? The words have been looked for by the database."""
    return not sought.scale or sought.scale in vendor.scales


def list_scales(db_session: Session, *, event: Event) -> list[tuple[str, str]]:
    """Every scale that a listed vendor of the show has, as people count: options of a list."""
    found = {str(scale) for vendor in _listed(db_session, event, "") for scale in vendor.scales}
    return [(scale, scale) for scale in sorted(found, key=natural)]


def _listed(db_session: Session, event: Event, query: str) -> list[Vendor]:
    confirmed = select(Reservation.vendor_id).where(
        Reservation.event_id == event.id, Reservation.released_at.is_(None), Reservation.state.in_(SOLD_STATES)
    )
    statement = select(Vendor).where(Vendor.id.in_(confirmed), Vendor.is_listed).order_by(Vendor.name, Vendor.id)
    for word in words_of(query):
        statement = statement.where(Vendor.search_text.contains(word, autoescape=True))
    return list(db_session.scalars(statement))


@dataclass(frozen=True)
class VendorMap:
    """One hall with the names of the vendors who stand in it; those who are sought stand out."""

    hall: HallView
    tabs: Sequence[Mapping[str, Any]]
    period_id: int
    period_options: Sequence[tuple[str, str]]


def draw_map(
    db_session: Session,
    *,
    event: Event,
    sought: Sought,
    plan_id: int | None,
    period_id: int | None,
    now: datetime,
    address: Callable[..., str],
) -> VendorMap | None:
    """The hall that was asked for, else the first with somebody who is sought in it; None where there is no plan.

    Nobody is named who is not in the public list. `address(**values)` leads back to the page.
    """
    floor = load_floor(db_session, event=event, period_id=period_id, now=now, is_for_team=True)
    if floor.period is None or not floor.cards:
        return None
    wanted = {vendor.id for vendor in _listed(db_session, event, sought.query) if fits(vendor, sought)}
    holders = _holders(db_session, event, floor.period.id)
    for card in floor.cards:
        vendor = holders.get(card.id)
        card.state, card.detail = "unnamed", ""
        if vendor is not None:
            is_sought = sought.is_narrowed and vendor.id in wanted
            card.state, card.note = "found" if is_sought else "vendor", vendor.name
            card.detail = ", ".join(word for word in (vendor.name, vendor.sells) if word)
            card.url = address(q=vendor.name, hall=card.plan_id, period=floor.period.id)
    halls = [view for view in floor.halls if view.cards]
    first = next((view for view in halls if any(card.state == "found" for card in view.cards)), halls[0])
    hall = next((view for view in halls if view.plan.id == plan_id), first)
    tabs = [
        {
            "label": view.hall.name,
            "url": address(q=sought.query, scale=sought.scale, hall=view.plan.id, period=floor.period.id),
            "is_current": view is hall,
        }
        for view in halls
    ]
    return VendorMap(hall, tabs, floor.period.id, [(str(each.id), each.label) for each in floor.periods])


def _holders(db_session: Session, event: Event, period_id: int) -> dict[int, Vendor]:
    """Listed vendors with a confirmed place in a sale period, by place."""
    statement = (
        select(Reservation.place_id, Vendor)
        .join(Vendor, Vendor.id == Reservation.vendor_id)
        .where(
            Reservation.event_id == event.id,
            Reservation.sale_period_id == period_id,
            Reservation.released_at.is_(None),
            Reservation.state.in_(SOLD_STATES),
            Vendor.is_listed,
        )
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}


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
