"""Fixtures: each database test runs on SQLite and on a real PostgreSQL that the tests start themselves."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from tests.support.client import SeparateClient
from tests.support.postgres import TestPostgres

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgresql", "both"), default=os.environ.get("SWAPMEET_TEST_DB", "both"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        choice = metafunc.config.getoption("--db")
        names = ["sqlite", "postgresql"] if choice == "both" else [choice]
        metafunc.parametrize("database", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    server = TestPostgres().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database of the wanted kind."""
    if request.param == "postgresql":
        server: TestPostgres = request.getfixturevalue("postgres")
        name = f"test_{os.getpid()}"
        return server.create_database(name)
    return f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"


@pytest.fixture(scope="session")
def shared_app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One application a database, with its schema."""
    from swapmeet.config import Settings
    from swapmeet.factory import create_app
    from swapmeet.infra.db import db

    settings = Settings(
        env="test",
        instance_path=tmp_path_factory.mktemp("instance"),
        database_url=database,
        secret_key="x" * 40,
        public_url="http://localhost",
        rate_limit_factor=1000,
    )
    app = create_app(settings)
    app.test_client_class = SeparateClient
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application inside its context, every table emptied before the test."""
    from swapmeet.infra.clock import FixedClock
    from swapmeet.infra.db import db

    shared_app.extensions["swapmeet_clock"] = FixedClock(NOW)
    with shared_app.app_context():
        empty_tables(db.engine)
        yield shared_app
        db.session.remove()


def empty_tables(engine: Any) -> None:
    """Delete every row, constraints and triggers off: a few milliseconds for a small database."""
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if "_fts" not in name and name != "alembic_version"]
        connection.rollback()
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text("; ".join(f'DELETE FROM "{name}"' for name in names)))
            connection.commit()
            connection.execute(text("SET session_replication_role = DEFAULT"))
            connection.commit()
            return
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("BEGIN IMMEDIATE")
        virtual = [row[0] for row in driver.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")]
        for name in [*names, *virtual]:
            driver.execute(f'DELETE FROM "{name}"')
        driver.execute("COMMIT")
        driver.execute("PRAGMA foreign_keys=ON")


@pytest.fixture
def db_session(app: Flask) -> Session:
    from swapmeet.infra.db import db

    return db.session()


@pytest.fixture
def clock(app: Flask) -> Any:
    return app.extensions["swapmeet_clock"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def world(app: Flask) -> Any:
    from tests.cast import World

    return World(app)


@pytest.fixture
def mail(app: Flask) -> Any:
    """Does the due jobs and returns the mails as (to, subject, EmailMessage), oldest first."""
    from tests.support.mail import Mailbox

    return Mailbox(app)


def instance_of(app: Flask) -> Path:
    return Path(app.instance_path)
