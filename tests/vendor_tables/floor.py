"""A small floor for tests: rows of touching tables in the world's hall, and short ways to buy them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall, SalePeriod
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine, PayMethod
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
from swapmeet.vendor_tables.geometry import Row, features, lay_row
from swapmeet.vendor_tables.importing import ensure_plan
from swapmeet.vendor_tables.models import Reservation, TablePlace, TableType
from swapmeet.vendor_tables.places import new_place, values_of


def table_type(db_session: Session, event: Event, **changes: Any) -> TableType:
    values: dict[str, Any] = {
        "event_id": event.id,
        "code": "std6",
        "name": "6 ft table",
        "length_mm": 1829,
        "depth_mm": 762,
        "chairs": 2,
        "price_minor": 4500,
        "badges_included": 1,
    }
    row = TableType(**{**values, **changes})
    db_session.add(row)
    db_session.flush()
    return row


def rows_of_places(
    db_session: Session, event: Event, kind: TableType, *, names: str = "AB", count: int = 6, hall: Hall | None = None
) -> list[TablePlace]:
    """Rows A, B, … of touching tables, three meters apart, facing south."""
    found = hall or db_session.scalars(select(Hall).where(Hall.event_id == event.id).order_by(Hall.id)).first()
    assert found is not None
    plan = ensure_plan(db_session, event, found, utcnow())
    places = []
    for index, name in enumerate(names):
        spots = lay_row(Row(name, count, 3, 4 + 10 * index, 6, kind.depth_mm))
        tags = features(spots, width_mm=found.width_mm, depth_mm=found.depth_mm)
        for spot in spots:
            places.append(new_place(plan, values_of(spot, type_id=kind.id, tags=tags[spot.key])))
    db_session.add_all(places)
    db_session.flush()
    return places


class Floor:
    """Two rows of six in the world's show, sold for the whole of it. Rows are committed."""

    def __init__(self, world: Any) -> None:
        self.world = world
        with transaction() as db_session:
            event = world.show()
            self.type_id = table_type(db_session, event).id
            kind = db_session.get_one(TableType, self.type_id)
            self.ids = {place.label: place.id for place in rows_of_places(db_session, event, kind)}
            self.period_id = self.period("whole").id

    def period(self, code: str) -> SalePeriod:
        wanted = select(SalePeriod).where(SalePeriod.event_id == self.world.event_id, SalePeriod.code == code)
        return db.session.scalars(wanted).one()

    def place(self, label: str) -> TablePlace:
        return db.session.get_one(TablePlace, self.ids[label])

    def type(self) -> TableType:
        return db.session.get_one(TableType, self.type_id)

    def wish(self, label: str, period_id: int | None = None) -> Wish:
        return Wish("table", self.ids[label], 1, {"sale_period_id": period_id or self.period_id})

    def cart(self, db_session: Session, *, who: str | None = None) -> Order:
        person_id = self.world.ids[who] if who else None
        return open_cart(db_session, event=self.world.show(), person_id=person_id, cart_key=link_key(), now=utcnow())

    def hold(
        self, *labels: str, who: str | None = None, cart_id: int | None = None, period_id: int | None = None
    ) -> int:
        """Put these tables into a cart (a new one by default) and return its id."""
        with transaction() as db_session:
            cart = db_session.get_one(Order, cart_id) if cart_id else self.cart(db_session, who=who)
            self.add(db_session, cart, labels, period_id)
            return cart.id

    def add(
        self, db_session: Session, cart: Order, labels: Sequence[str], period_id: int | None = None
    ) -> list[OrderLine]:
        return add_to_cart(
            db_session,
            event=self.world.show(),
            cart=cart,
            wishes=[self.wish(label, period_id) for label in labels],
            buyer=Buyer(cart.person_id, "", cart),
            by=Actor.guest(),
            now=utcnow(),
        )

    def place_order(self, cart_id: int, *, name: str = "Vic Vendor", sign: str = "Tiny Works") -> Order:
        with transaction() as db_session:
            cart = db_session.get_one(Order, cart_id)
            lines = list_live_lines(db_session, cart)
            first = lines[0].id
            return place_order(
                db_session,
                event=self.world.show(),
                cart=cart,
                contact=Contact(name=name, email="vic@example.org", method=PayMethod.CHECK),
                answers={first: {f"line-{first}-vendor": sign, f"line-{first}-sells": "lamps"}},
                seen_total_minor=cart.total_minor,
                by=Actor.guest(),
                now=utcnow(),
            )

    def pay(self, order_id: int) -> None:
        with transaction() as db_session:
            order = db_session.get_one(Order, order_id)
            record_payment(
                db_session,
                order=order,
                method=PayMethod.CHECK,
                amount_minor=order.total_minor,
                reference="1001",
                received_at=utcnow(),
                by=Actor.person(self.world.ids["trudy"]),
                now=utcnow(),
            )

    def buy(self, *labels: str, who: str | None = None, sign: str = "Tiny Works") -> int:
        """Cart, order, payment. Returns the order's id."""
        cart_id = self.hold(*labels, who=who)
        self.place_order(cart_id, sign=sign)
        self.pay(cart_id)
        return cart_id

    def reservations(self, label: str) -> list[Reservation]:
        """Oldest first, read anew."""
        db.session.rollback()
        wanted = select(Reservation).where(Reservation.place_id == self.ids[label]).order_by(Reservation.id)
        return list(db.session.scalars(wanted))

    def live(self, label: str) -> Reservation | None:
        return next((row for row in self.reservations(label) if row.released_at is None), None)

    def states(self, now: datetime | None = None) -> dict[str, str]:
        """ "held" or "taken" by label."""
        from swapmeet.vendor_tables.queries import live_states

        db.session.rollback()
        names = {place_id: label for label, place_id in self.ids.items()}
        found = live_states(
            db.session(), event_id=self.world.event_id, sale_period_id=self.period_id, now=now or utcnow()
        )
        return {names[place_id]: state for place_id, state in found.items()}
