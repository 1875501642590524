"""Fixtures: each database test runs on SQLite and on a real PostgreSQL that the tests start themselves."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.once import shared_folder
from tests.support.postgres import TestPostgres
from tests.support.skips import count_as_failures, refuse_skips

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from swapmeet.infra.clock import FixedClock
    from tests.cast import World
    from tests.support.databases import Databases
    from tests.support.filled import Filled
    from tests.support.live_server import LiveServer
    from tests.support.mail import Mailbox
    from tests.support.smtp_sink import SmtpSink

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
KINDS = ("sqlite", "postgresql")

# Requests make thousands of objects that are gone with the answer: looking after every 700 of them is an eighth of the whole run.
gc.set_threshold(50_000, 30, 30)

# Whoever forks children from a server (races, heavy jobs of a test's own worker) finds the application loaded there.
multiprocessing.set_forkserver_preload(["tests.support.loaded"])

# The application reads its settings from the environment: a developer's own must not reach the tests.
for key in [name for name in os.environ if name.startswith("SWAPMEET_") and name != "SWAPMEET_REQUIRE_BROWSER"]:
    del os.environ[key]
for key in ("DATABASE_URL", "REDIS_URL", "STORAGE_URL"):
    os.environ.pop(key, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=(*KINDS, "both"), default="both", help="the databases to run on (default: both)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only(kind): this test is about one database, 'sqlite' or 'postgresql'")
    if refuse_skips():
        count_as_failures(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        choice = metafunc.config.getoption("--db")
        metafunc.parametrize("database", KINDS if choice == "both" else [choice], indirect=True, scope="session")


LONG = ("browser", "concurrency", "packaging", "matching")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked for the other database only. The folders of long files come first, so that none is left over
    for one worker alone at the end."""
    foreign = [item for item in items if _is_for_the_other(item)]
    if foreign:
        config.hook.pytest_deselected(items=foreign)
        left_out = set(foreign)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.path.parent.name not in LONG)


def _is_for_the_other(item: pytest.Item) -> bool:
    only = item.get_closest_marker("only")
    callspec = getattr(item, "callspec", None)
    kind = callspec.params.get("database") if callspec else None
    return only is not None and kind is not None and kind not in only.args


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """A server of this worker's own. `create_database(name)` and `clone(source, name)` return addresses."""
    server = TestPostgres().start()
    os.environ["PATH"] = f"{server.binaries}{os.pathsep}{os.environ.get('PATH', '')}"  # pg_dump of the same version
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Databases]":
    """One application for each kind of database, made when first wanted and kept for the whole run."""
    from tests.support.databases import Databases

    made = Databases(tmp_path_factory.mktemp("databases"), lambda: request.getfixturevalue("postgres"))
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The kind, "sqlite" or "postgresql". Every test that wants it, directly or through `app`, runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def shared_app(database: str, _databases: "Databases") -> "Flask":
    """One application a database, with its schema. Tests want `app` instead."""
    return _databases.app(database)


@pytest.fixture
def app(shared_app: "Flask", _databases: "Databases") -> "Iterator[Flask]":
    """The application inside its context, every table emptied before the test, the clock at NOW."""
    with _databases.fresh(shared_app, NOW):
        yield shared_app


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> "Filled":
    """The demo's rows of one small show, for all workers of this run: `filled.put_into(app)`, where the database is empty."""
    from tests.support.filled import Filled

    return Filled(shared_folder(tmp_path_factory.getbasetemp()), NOW)


@pytest.fixture
def empty_database(database: str, _databases: "Databases", tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table, this test's own: for migrations, races between processes, live servers."""
    address = _databases.empty(database, tmp_path)
    yield address
    _databases.drop(address)


@pytest.fixture
def schema_database(database: str, _databases: "Databases", tmp_path: Path) -> Iterator[str]:
    """The address of a database with the schema and no rows, this test's own: a copy, made in some 50 ms."""
    address = _databases.copy(database, tmp_path)
    yield address
    _databases.drop(address)


@pytest.fixture
def db_session(app: "Flask") -> "Session":
    from swapmeet.infra.db import db

    return db.session()


@pytest.fixture
def clock(app: "Flask") -> "FixedClock":
    """`set(moment)`, `advance(minutes=15)`."""
    found: FixedClock = app.extensions["swapmeet_clock"]
    return found


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    return app.test_client()


@pytest.fixture
def world(app: "Flask") -> "World":
    from tests.cast import World

    return World(app)


@pytest.fixture
def mail(app: "Flask") -> "Iterator[Mailbox]":
    """Does the due jobs and returns the mails, oldest first."""
    from tests.support.mail import Mailbox

    before = app.extensions["swapmeet_mailer"]
    yield Mailbox(app)
    app.extensions["swapmeet_mailer"] = before


@pytest.fixture
def smtp() -> "Iterator[SmtpSink]":
    """A mail server on 127.0.0.1 that remembers what it was sent: `.host`, `.port`, `.messages`."""
    from tests.support.smtp_sink import SmtpSink

    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def live_server(schema_database: str, tmp_path: Path) -> "Iterator[Callable[..., LiveServer]]":
    """Starts real installations on one database of this test's own: `server = live_server(web_workers=2)`."""
    from tests.support.live_server import LiveServer

    started: list[LiveServer] = []

    def start(**changes: Any) -> LiveServer:
        server = LiveServer(tmp_path / f"server{len(started)}", schema_database, **changes)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


def instance_of(app: "Flask") -> Path:
    return Path(app.instance_path)
