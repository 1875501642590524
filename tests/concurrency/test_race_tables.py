"""Vendors race for tables from processes of their own: no table twice, no half group, every loser told what went.

Each race has its control: the guard off and the index gone, it must double-book, or the race would prove nothing.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event, SalePeriod
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import OrderLine
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.vendor_tables import doctor, queries
from swapmeet.vendor_tables.errors import PlaceTaken
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.services.desk import hold_places
from tests import factories
from tests.support.databases import make_settings
from tests.support.processes import ROUNDS, race
from tests.vendor_tables.floor import rows_of_places, table_type

ROWS = "ABCD"  # ten tables each
ROW_A = [f"A{number:02d}" for number in range(1, 11)]
MOST_TRIES = 40
VENDORS = 64
RACERS = 8


def fill(settings: Settings) -> tuple[Flask, int]:
    """A published show with four rows of ten tables."""
    app = create_app(settings)
    with app.app_context(), transaction() as db_session:
        event = factories.event(db_session, organizer=factories.organizer(db_session))
        hall = factories.hall(db_session, event=event)
        rows_of_places(db_session, event, table_type(db_session, event), names=ROWS, count=10, hall=hall)
        return app, int(event.id)


def claim(event_id: int, labels: list[str]) -> None:
    """One group, in a cart of its own. Raises PlaceTaken."""

    def work(db_session: Session) -> None:
        event = db_session.get_one(Event, event_id)
        period = db_session.scalars(select(SalePeriod.id).where(SalePeriod.event_id == event_id)).one()
        places = select(TablePlace.id).where(TablePlace.event_id == event_id, TablePlace.label.in_(labels))
        cart = open_cart(db_session, event=event, person_id=None, cart_key=link_key(), now=utcnow())
        wishes = [Wish("table", place, 1, {"sale_period_id": period}) for place in db_session.scalars(places)]
        buyer = Buyer(None, "", cart)
        add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=Actor.guest(), now=utcnow())

    attempt(work)


def take_runs(number: int, event_id: int) -> list[tuple[list[str], list[str]]]:
    """A browser through which some vendors go one after the other, as fast as they can."""
    return [take_a_run(vendor, event_id) for vendor in range(number, VENDORS, RACERS)]


def take_a_run(number: int, event_id: int) -> tuple[list[str], list[str]]:
    """A vendor wants one to three tables side by side, the first rows most of all, and goes on with what is offered.

    Returns (what the vendor got, faults of the refusals on the way).
    """
    rng = random.Random(number)
    size = rng.randint(1, 3)
    faults: list[str] = []
    wanted = _some_run(rng, size)
    for _ in range(MOST_TRIES):
        try:
            claim(event_id, wanted)
            return wanted, faults
        except PlaceTaken as error:
            facts: Any = error.facts
            lost, offer = facts["lost"], facts["offer"]
            if not lost or not set(lost) <= set(wanted):
                faults.append(f"lost {lost} of {wanted}")
            if not offer:
                return [], faults
            wanted = list(offer) if rng.random() < 0.8 else _some_run(rng, size)
    return [], faults


def _some_run(rng: random.Random, size: int) -> list[str]:
    row = rng.choices(ROWS, weights=[8, 4, 2, 1])[0]
    first = rng.randint(1, 11 - size)
    return [f"{row}{first + step:02d}" for step in range(size)]


def take_each(number: int, event_id: int, labels: list[str]) -> list[str]:
    """Go for these tables one after the other, like everybody else. Returns what was won and what was told as lost."""
    told = []
    for label in labels:
        try:
            claim(event_id, [label])
            told.append(label)
        except PlaceTaken as error:
            facts: Any = error.facts
            told += [f"lost {lost}" for lost in facts["lost"]]
    return told


def holders(app: Flask) -> Counter[str]:
    """Live reservations by label."""
    with app.app_context():
        end_reading()
        live = (
            select(TablePlace.label, func.count())
            .join(Reservation, Reservation.place_id == TablePlace.id)
            .where(Reservation.released_at.is_(None))
            .group_by(TablePlace.label)
        )
        return Counter({row[0]: row[1] for row in db.session.execute(live)})


def groups(app: Flask) -> list[list[str]]:
    """Tables of each cart."""
    with app.app_context():
        end_reading()
        lines = (
            select(OrderLine.order_id, TablePlace.label)
            .join(Reservation, Reservation.line_id == OrderLine.id)
            .join(TablePlace, TablePlace.id == Reservation.place_id)
            .where(Reservation.released_at.is_(None))
            .order_by(TablePlace.label)
        )
        carts: dict[int, list[str]] = {}
        for order_id, label in db.session.execute(lines):
            carts.setdefault(order_id, []).append(label)
        return sorted(carts.values())


def remove_the_guard(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_reservation_live"))


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_sixty_four_vendors_and_forty_tables(schema_database: str, tmp_path: Path, round_: int) -> None:
    """V-I1 and V-I2: no place twice, no half group, every loser told which places went."""
    settings = make_settings(schema_database, tmp_path / "instance")
    app, event_id = fill(settings)
    answers = race(take_runs, settings, processes=8, threads=RACERS // 8, arguments=(event_id,), timeout_s=240)
    results = [result for answer in answers for result in answer]
    assert [fault for _, faults in results for fault in faults] == []
    assert set(holders(app).values()) == {1}
    assert groups(app) == sorted(sorted(got) for got, _ in results if got)
    assert sum(holders(app).values()) >= 36, "few tables are left, all of them single ones between others"
    with app.app_context():
        assert [found for query in doctor.QUERIES for found in query.find(db.session(), utcnow())] == []


def test_control_without_guard_and_index_tables_are_booked_twice(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    app, event_id = fill(settings)
    remove_the_guard(app)
    race(take_runs, settings, processes=4, threads=4, arguments=(event_id,), timeout_s=240, keep_failures=True)
    assert max(holders(app).values()) > 1


def test_four_tables_one_after_the_other_and_sixteen_vendors(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    app, event_id = fill(settings)
    wanted = ROW_A[:4]
    results = race(take_each, settings, processes=4, threads=4, arguments=(event_id, wanted))
    told = Counter(words for answer in results for words in answer)
    assert told == {**dict.fromkeys(wanted, 1), **{f"lost {label}": 15 for label in wanted}}
    assert holders(app) == dict.fromkeys(wanted, 1)


def test_control_without_guard_and_index_one_of_ten_tables_has_two_holders(
    schema_database: str, tmp_path: Path
) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    app, event_id = fill(settings)
    remove_the_guard(app)
    race(take_each, settings, processes=4, threads=4, arguments=(event_id, ROW_A), keep_failures=True)
    assert max(holders(app).values()) > 1


def take_what_ran_out(number: int, event_id: int) -> str:
    """Even vendors want the first table of an expired cart, odd ones the second: its holds change hands in a rush."""
    label = "A01" if number % 2 == 0 else "A02"
    try:
        claim(event_id, [label])
    except PlaceTaken as error:
        return f"lost {error.facts['lost']}"
    return f"won {label}"


def test_an_expired_cart_gives_each_of_its_tables_to_one(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    app, event_id = fill(settings)
    with app.app_context():
        claim(event_id, ["A01", "A02"])
        with transaction() as db_session:
            for table in ("reservation", "order"):
                statement = text(f"""UPDATE "{table}" SET expires_at = :then""")
                db_session.execute(statement, {"then": "2020-01-01 00:00:00.000000"})
    results: Any = race(take_what_ran_out, settings, processes=4, threads=4, arguments=(event_id,))
    assert Counter(results) == {"won A01": 1, "won A02": 1, "lost ['A01']": 7, "lost ['A02']": 7}
    assert holders(app) == {"A01": 1, "A02": 1}


def take_or_hold(number: int, event_id: int) -> str:
    """Half of them are vendors, half floor managers who hold the same table at the desk."""

    def hold(db_session: Session) -> None:
        event = db_session.get_one(Event, event_id)
        period = db_session.scalars(select(SalePeriod).where(SalePeriod.event_id == event_id)).one()
        wanted = select(TablePlace.id).where(TablePlace.event_id == event_id, TablePlace.label == "A01")
        place_id = db_session.scalars(wanted).one()
        hold_places(
            db_session,
            event=event,
            places=[queries.get_place(db_session, event_id=event_id, place_id=place_id)],
            period=period,
            holder="",
            reason="kept",
            expires_at=None,
            by=Actor.guest(),
            now=utcnow(),
        )

    try:
        if number % 2:
            attempt(hold)
        else:
            claim(event_id, ["A01"])
    except PlaceTaken as error:
        return f"lost {error.facts['lost']}"
    return "won"


def test_r_t44_vendors_and_the_desk_want_one_table(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    app, event_id = fill(settings)
    results: Any = race(take_or_hold, settings, processes=4, threads=4, arguments=(event_id,))
    assert Counter(results) == {"won": 1, "lost ['A01']": 15}
    assert holders(app) == {"A01": 1}
