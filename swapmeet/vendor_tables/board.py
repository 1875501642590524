"""What the floor manager sees: every place with who holds it, the vendors of a show, one place's story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.search import words_of
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.floor import Floor, PlaceCard, load_floor
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace, Vendor
from swapmeet.web.paging import Page

ROWS_ON_A_PAGE = 50

# key -> (words, color)
STANDINGS: dict[str, tuple[str, str]] = {
    "free": ("Free", "free"),
    "in_cart": ("In a cart", "held"),
    "waiting": ("Waiting for payment", "held"),
    "held": ("Held by the team", "held"),
    "offered": ("Offered", "held"),
    "sold": ("Sold", "taken"),
    "hidden": ("Not for sale", "taken"),
}


@dataclass(frozen=True)
class BoardRow:
    """One place in one sale period. `order_code` is empty where no order stands behind it."""

    card: PlaceCard
    place: TablePlace
    standing: str
    holder: str = ""
    order_code: str = ""
    reservation: Reservation | None = None

    @property
    def words(self) -> str:
        return STANDINGS[self.standing][0]

    @property
    def vendor_id(self) -> int | None:
        return self.reservation.vendor_id if self.reservation is not None else None

    @property
    def can_move(self) -> bool:
        """Somebody holds it, and not only in a cart."""
        return self.reservation is not None and self.standing != "in_cart"

    @property
    def color(self) -> str:
        return STANDINGS[self.standing][1]


@dataclass(frozen=True)
class BoardFilter:
    standing: str = ""
    plan_id: int | None = None
    text: str = ""
    with_power: bool = False
    area: str = ""  # the name of a zone or a circuit
    lacks_documents: bool = False
    lacking: frozenset[int] = frozenset()  # vendors from whom documents are still to come

    def keeps(self, row: BoardRow) -> bool:
        wanted = self.text.strip().casefold()
        seen = f"{row.card.label} {row.holder} {row.order_code}".casefold()
        return (
            (not self.standing or row.standing == self.standing)
            and (self.plan_id is None or row.card.plan_id == self.plan_id)
            and (not self.with_power or row.card.has_power)
            and (not self.area or self.area in (row.card.zone, row.card.circuit))
            and (not self.lacks_documents or row.vendor_id in self.lacking)
            and (not wanted or all(word in seen for word in wanted.split()))
        )


@dataclass(frozen=True)
class Board:
    """The floor in one period. `rows` are all places, `page` those the filter keeps."""

    floor: Floor
    rows: Sequence[BoardRow]
    page: Page

    @property
    def period_options(self) -> list[tuple[str, str]]:
        return [(str(period.id), period.label) for period in self.floor.periods]

    @property
    def hall_options(self) -> list[tuple[str, str]]:
        return [(str(view.plan.id), view.hall.name) for view in self.floor.halls]

    @property
    def area_options(self) -> list[tuple[str, str]]:
        """Zones first, then the circuits that feed tables."""
        cards = [row.card for row in self.rows]
        zones = sorted({card.zone for card in cards if card.zone})
        circuits = sorted({card.circuit for card in cards if card.circuit})
        return [*((zone, zone) for zone in zones), *((name, f"Circuit {name}") for name in circuits)]

    @property
    def standing_options(self) -> list[tuple[str, str]]:
        return [(key, words) for key, (words, _) in STANDINGS.items()]

    def count(self, standing: str) -> int:
        return sum(1 for row in self.rows if row.standing == standing)

    @property
    def total(self) -> int:
        return sum(1 for row in self.rows if row.standing != "hidden")


def load_board(
    db_session: Session, *, event: Event, period_id: int | None, wanted: BoardFilter, number: int, now: datetime
) -> Board:
    """Seven queries for the floor and one for the holders, however many places there are."""
    floor = load_floor(db_session, event=event, period_id=period_id, now=now, is_for_team=True)
    holders = _holders(db_session, event, floor.period, now)
    places = queries.by_id(floor.places)
    cards = sorted(floor.cards, key=lambda card: natural(card.label))
    rows = [_row(card, places[card.id], holders.get(card.id)) for card in cards]
    for row in rows:
        row.card.state = row.color
        row.card.note = row.holder
        row.card.detail = ", ".join(part for part in (row.card.features, row.words, row.holder) if part)
    kept = [row for row in rows if wanted.keeps(row)]
    number = min(number, max(1, -(-len(kept) // ROWS_ON_A_PAGE)))
    shown = kept[(number - 1) * ROWS_ON_A_PAGE : number * ROWS_ON_A_PAGE]
    return Board(floor, rows, Page(shown, number, ROWS_ON_A_PAGE, len(kept)))


def _holders(
    db_session: Session, event: Event, period: SalePeriod | None, now: datetime
) -> dict[int, tuple[Reservation, str, OrderState | None]]:
    if period is None:
        return {}
    statement = (
        select(Reservation, Order.code, Order.state)
        .outerjoin(OrderLine, OrderLine.id == Reservation.line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .where(Reservation.event_id == event.id, Reservation.sale_period_id == period.id, queries.live_at(now))
    )
    return {row.place_id: (row, code or "", state) for row, code, state in db_session.execute(statement)}


def standing_of(reservation: Reservation) -> str:
    """The key into STANDINGS of a live reservation."""
    if reservation.state in queries.SOLD_STATES:
        return "sold"
    if reservation.state is ReservationState.OFFERED:
        return "offered"
    if reservation.kind is ReservationKind.CART:
        return "waiting" if reservation.expires_at is None else "in_cart"
    return "held"


def _row(card: PlaceCard, place: TablePlace, found: tuple[Reservation, str, OrderState | None] | None) -> BoardRow:
    if found is None:
        return BoardRow(card, place, "free" if place.is_sellable else "hidden")
    reservation, code, state = found
    standing = standing_of(reservation)
    holder = reservation.holder or (reservation.reason if reservation.kind is ReservationKind.STAFF else "")
    shown_code = code if state is not None and state is not OrderState.CART else ""
    return BoardRow(card, place, standing, holder, shown_code, reservation)


@dataclass(frozen=True)
class PlaceStory:
    """One place: who holds it in each of its periods, and what happened to it, newest first."""

    place: TablePlace
    now_in: Sequence[tuple[SalePeriod, Reservation | None]]
    entries: Sequence[AuditEntry]


def tell_story(
    db_session: Session, *, place: TablePlace, periods: Sequence[SalePeriod], now: datetime, limit: int = 50
) -> PlaceStory:
    """The live reservation of each period, and the last `limit` entries about this place and its reservations."""
    live = select(Reservation).where(Reservation.place_id == place.id, queries.live_at(now))
    live = live.options(joinedload(Reservation.line).joinedload(OrderLine.order), joinedload(Reservation.vendor))
    holders = {row.sale_period_id: row for row in db_session.scalars(live)}
    ids = select(Reservation.id).where(Reservation.place_id == place.id)
    entries = (
        select(AuditEntry)
        .where(
            AuditEntry.event_id == place.event_id,
            or_(
                (AuditEntry.subject == "Reservation") & AuditEntry.subject_id.in_(ids),
                (AuditEntry.subject == "TablePlace") & (AuditEntry.subject_id == place.id),
            ),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    fitting = [period for period in periods if queries.is_sold_in(place.type, period)]
    return PlaceStory(
        place, [(period, holders.get(period.id)) for period in fitting], list(db_session.scalars(entries))
    )


@dataclass(frozen=True)
class VendorRow:
    """A holder of tables at one show: the name on the sign, how to reach them, labels, and whether all is paid."""

    name: str
    sells: str
    buyer: str
    email: str
    labels: str
    standing: str
    order_code: str
    has_arrived: bool = False


def list_holders(db_session: Session, *, event: Event, query: str, standing: str, number: int, now: datetime) -> Page:
    """Orders that hold tables, by the name on the sign. One query for the orders, one for their tables."""
    orders = _orders_with_tables(event, query, standing, now)
    total = db_session.scalar(select(func.count()).select_from(orders.subquery())) or 0
    number = min(number, max(1, -(-total // ROWS_ON_A_PAGE)))
    shown = orders.limit(ROWS_ON_A_PAGE).offset((number - 1) * ROWS_ON_A_PAGE)
    return Page(_with_labels(db_session, shown, now), number, ROWS_ON_A_PAGE, total)


def count_arrivals(db_session: Session, *, event: Event) -> tuple[int, int]:
    """(tables whose vendors are still expected, tables whose vendors are here)."""
    statement = (
        select(Reservation.state, func.count())
        .where(
            Reservation.event_id == event.id,
            Reservation.released_at.is_(None),
            Reservation.state.in_(queries.SOLD_STATES),
        )
        .group_by(Reservation.state)
    )
    counts = {row[0]: int(row[1]) for row in db_session.execute(statement)}
    return counts.get(ReservationState.CONFIRMED, 0), counts.get(ReservationState.CHECKED_IN, 0)


def list_all_holders(db_session: Session, *, event: Event, query: str, standing: str, now: datetime) -> list[VendorRow]:
    """As `list_holders`, all of them."""
    return _with_labels(db_session, _orders_with_tables(event, query, standing, now), now)


def list_missing(db_session: Session, *, event: Event, now: datetime) -> list[VendorRow]:
    """Those with paid tables who have not arrived."""
    sold = list_all_holders(db_session, event=event, query="", standing="sold", now=now)
    return [row for row in sold if not row.has_arrived]


def _with_labels(db_session: Session, orders: Any, now: datetime) -> list[VendorRow]:
    found = db_session.execute(orders).all()
    labels: dict[int, list[str]] = {}
    tables = (
        select(OrderLine.order_id, TablePlace.label)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .where(OrderLine.order_id.in_([row.id for row in found]), queries.live_at(now))
    )
    for order_id, label in db_session.execute(tables):
        labels.setdefault(order_id, []).append(label)
    return [
        VendorRow(
            name=row.sign,
            sells=row.sells,
            buyer=row.buyer_name,
            email=row.buyer_email,
            labels=", ".join(sorted(labels.get(row.id, []), key=natural)),
            standing="sold" if row.state is OrderState.CONFIRMED else "waiting",
            order_code=row.code,
            has_arrived=row.expected == 0,
        )
        for row in found
    ]


def _orders_with_tables(event: Event, query: str, standing: str, now: datetime) -> Any:
    states = {"sold": (OrderState.CONFIRMED,), "waiting": (OrderState.PLACED,)}
    sign, sells = func.min(Reservation.holder).label("sign"), func.min(Reservation.sells).label("sells")
    expected = func.sum(case((Reservation.state != ReservationState.CHECKED_IN, 1), else_=0)).label("expected")
    statement = (
        select(Order.id, Order.code, Order.state, Order.buyer_name, Order.buyer_email, sign, sells, expected)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .outerjoin(Vendor, Vendor.id == Reservation.vendor_id)
        .where(
            Order.event_id == event.id,
            Order.state.in_(states.get(standing, OPEN_STATES)),
            queries.live_at(now),
        )
        .group_by(Order.id, Order.code, Order.state, Order.buyer_name, Order.buyer_email)
        .order_by(func.min(func.lower(Reservation.holder)), Order.id)
    )
    for word in words_of(query):
        statement = statement.where(
            or_(
                func.lower(Reservation.holder).contains(word, autoescape=True),
                func.lower(Reservation.sells).contains(word, autoescape=True),
                Vendor.search_text.contains(word, autoescape=True),
                Order.search_text.contains(word, autoescape=True),
            )
        )
    return statement
