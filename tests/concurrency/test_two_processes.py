"""Two processes with eight threads each on one database: nobody meets "database is locked", and nothing scarce is sold twice.

This is what the two hooks of infra/db.py promise, and all scarcity rests on it. Each promise has its control: the same
race with that hook or guard taken away must go wrong, or the race proves nothing.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import current_app, request
from sqlalchemy import create_engine, text

from swapmeet.config import Settings
from swapmeet.infra import db as database_module
from swapmeet.infra.db import db
from swapmeet.infra.uow import commit_foreign_views, end_reading, guard_is_on, open_gap, transaction
from tests.support.databases import make_settings
from tests.support.processes import Failure, race

CAPACITY = 100
TRIES = 20  # by each of 16 racers
COUNTER = "CREATE TABLE race_counter (id INTEGER PRIMARY KEY, taken INTEGER NOT NULL, capacity INTEGER NOT NULL)"
SALES = "CREATE TABLE race_sale (buyer INTEGER NOT NULL, try INTEGER NOT NULL)"


@pytest.fixture
def arena(empty_database: str, tmp_path: Path) -> Iterator[Settings]:
    """A database with one counter of CAPACITY units."""
    settings = make_settings(empty_database, tmp_path / "instance", web_threads=8)
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect().execution_options(**{database_module.WRITES_KEY: True}) as connection:
        connection.execute(text(COUNTER))
        connection.execute(text(SALES))
        connection.execute(text("INSERT INTO race_counter (id, taken, capacity) VALUES (1, 0, :n)"), {"n": CAPACITY})
        connection.commit()
    yield settings
    engine.dispose()


def sold(settings: Settings) -> tuple[int, int]:
    """(rows of sales, the counter)."""
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        sales = connection.scalar(text("SELECT count(*) FROM race_sale"))
        taken = connection.scalar(text("SELECT taken FROM race_counter"))
    engine.dispose()
    return int(sales or 0), int(taken or 0)


def buy(number: int) -> Counter[str]:
    """Look first as a page does, then try to take one unit; TRIES times."""
    outcome: Counter[str] = Counter()
    for turn in range(TRIES):
        db.session.execute(text("SELECT taken FROM race_counter")).scalar_one()
        end_reading()
        with transaction() as db_session:
            db_session.execute(text("SELECT taken FROM race_counter")).scalar_one()
            won = take_one()
            if won:
                values = {"buyer": number, "turn": turn}
                db_session.execute(text("INSERT INTO race_sale (buyer, try) VALUES (:buyer, :turn)"), values)
        outcome["won" if won else "lost"] += 1
    return outcome


def take_one() -> bool:
    if guard_is_on():
        guarded = text("UPDATE race_counter SET taken = taken + 1 WHERE id = 1 AND taken + 1 <= capacity")
        return bool(db.session.connection().execute(guarded).rowcount)
    taken, capacity = db.session.execute(text("SELECT taken, capacity FROM race_counter")).one()
    if taken + 1 > capacity:
        return False
    open_gap(db.session())
    db.session.execute(text("UPDATE race_counter SET taken = :taken"), {"taken": taken + 1})
    return True


def buy_with_plain_begin(number: int) -> Counter[str]:
    """The same without the second hook: a writer begins like a reader."""
    database_module._is_writer = lambda connection: False
    return buy(number)


def send_a_form_of_the_library(number: int) -> int:
    """A form of the account library, whose view reads, then writes and commits by itself, TRIES times."""
    for turn in range(TRIES):
        with current_app.test_request_context("/sign-in", method="POST"):
            assert request.blueprint == "security"
            db.session.execute(text("SELECT count(*) FROM race_sale")).scalar_one()
            values = {"buyer": number, "turn": turn}
            db.session.execute(text("INSERT INTO race_sale (buyer, try) VALUES (:buyer, :turn)"), values)
            commit_foreign_views()
    return TRIES


def test_two_processes_sell_exactly_what_is_there(arena: Settings) -> None:
    total = sum(race(buy, arena), Counter[str]())
    assert total == {"won": CAPACITY, "lost": 16 * TRIES - CAPACITY}
    assert sold(arena) == (CAPACITY, CAPACITY)


def test_control_without_the_guard_more_is_sold_than_there_is(arena: Settings) -> None:
    total = sum(race(buy, arena.with_values(unsafe_no_guard=True)), Counter[str]())
    sales, taken = sold(arena)
    assert total["won"] == sales > CAPACITY
    assert taken <= CAPACITY, "the counter itself looks right: only the sales tell"


@pytest.mark.only("sqlite")
def test_control_a_writer_that_begins_like_a_reader_meets_a_locked_database(arena: Settings) -> None:
    results = race(buy_with_plain_begin, arena, keep_failures=True)
    failures = [result for result in results if isinstance(result, Failure)]
    assert failures
    assert all("database is locked" in failure.message for failure in failures)


def test_forms_of_the_account_library_that_commit_by_themselves_never_meet_a_locked_database(arena: Settings) -> None:
    assert sum(race(send_a_form_of_the_library, arena)) == 16 * TRIES
    assert sold(arena) == (16 * TRIES, 0)
