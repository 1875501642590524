"""Eight scanners on two nodes read one QR code at the same moment: one lets the person in, seven say when and where that was.

With the unique index dropped and the guard off the same race lets several in, or it would prove nothing.
"""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import create_engine, func, select, text

from swapmeet.badges.models import CheckIn, Gate
from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.badges import build
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race

ROUNDS = 2
PROCESSES, THREADS = 2, 4
DOORS_OPEN = "2027-02-23T15:02:00+00:00"  # 10:02 in New York on the show's first day


@pytest.fixture
def settings(schema_database: str, tmp_path: Path) -> Settings:
    clock = tmp_path / "clock"
    clock.write_text("2026-11-25T12:00:00+00:00", encoding="ascii")
    return make_settings(schema_database, tmp_path / "instance", web_threads=THREADS, clock_file=str(clock))


def prepare(settings: Settings) -> SimpleNamespace:
    """One published show with two gates, a scanner's token, and a ticket for each round; then the clock moves to the day."""
    app = create_app(settings)
    with app.app_context():
        world: Any = World(app)
        with transaction() as db_session:
            db_session.add_all(Gate(event_id=world.event_id, name=name) for name in ("North", "South"))
        badges = [build.admitted(world, f"Ann {number}") for number in range(ROUNDS)]
        ready = SimpleNamespace(slug=world.slug, token=build.token(world), codes=[badge.code for badge in badges])
        assert world.show().first_day == factories.first_day()
        db.engine.dispose()
    Path(settings.clock_file).write_text(DOORS_OPEN, encoding="ascii")
    return ready


def scan(number: int, slug: str, token: str, code: str) -> tuple[str, str]:
    """One scanner sends the code; every second stands at the other gate."""
    gate = ("North", "South")[number % 2]
    with current_app.test_client() as client:
        response = client.post(
            f"/api/v1/shows/{slug}/check-ins",
            json={"code": code, "nonce": f"scanner-{number}-{code}", "gate": gate},
            headers={"Authorization": f"Bearer {token}"},
        )
    return response.json["result"], response.json["gate"]


def entries(settings: Settings) -> int:
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        count = connection.scalar(select(func.count()).select_from(CheckIn).where(CheckIn.undone_at.is_(None)))
    engine.dispose()
    return int(count or 0)


def drop_index(settings: Settings) -> None:
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        connection.execute(text("DROP INDEX uq_check_in_live"))
        connection.commit()
    engine.dispose()


def test_r_t55_of_eight_scanners_one_lets_in_and_seven_say_already(settings: Settings) -> None:
    ready = prepare(settings)
    for code in ready.codes:
        answers = race(scan, settings, processes=PROCESSES, threads=THREADS, arguments=(ready.slug, ready.token, code))
        assert Counter(result for result, _ in answers) == {"in": 1, "already": 7}
        assert len({gate for _, gate in answers}) == 1, "all name the gate of the one entry"
    assert entries(settings) == ROUNDS


def test_control_without_index_and_guard_several_are_let_in(settings: Settings) -> None:
    ready = prepare(settings)
    drop_index(settings)
    naive = settings.with_values(unsafe_no_guard=True)
    for code in ready.codes:
        race(scan, naive, processes=PROCESSES, threads=THREADS, arguments=(ready.slug, ready.token, code))
    assert entries(settings) > ROUNDS
