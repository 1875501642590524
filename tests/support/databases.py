"""The databases of a test run: one application for each kind, its schema made once, its rows deleted before each test."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import FixedClock
from swapmeet.infra.db import db
from tests.support.client import SeparateClient
from tests.support.postgres import TestPostgres
from tests.support.spares import Spares

SECRET = ("only for tests " * 3).strip()  # as the environment would give it


@event.listens_for(Session, "do_orm_execute")
def _count_statements(state: ORMExecuteState) -> None:
    """Keeps the number of ORM statements on the session, for tests with a budget of them."""
    info = state.session.info
    info["statements"] = info.get("statements", 0) + 1


def make_settings(address: str, instance: Path, **changes: Any) -> Settings:
    """Settings of a test installation: rate limits out of the way, mail into files."""
    values: dict[str, Any] = {
        "env": "test",
        "instance_path": instance,
        "database_url": address,
        "secret_key": SECRET,
        "public_url": "http://localhost",
        "rate_limit_factor": 1000,
    }
    return Settings(**{**values, **changes})


class Databases:
    """Makes applications and databases on demand. `server()` starts PostgreSQL when first called."""

    def __init__(self, folder: Path, server: Callable[[], TestPostgres]) -> None:
        self.folder = folder
        self.server = server
        self.apps: dict[str, Flask] = {}
        self.templates: dict[str, str] = {}
        self.spares = Spares()
        self.count = 0

    def app(self, kind: str) -> Flask:
        """The shared application on this kind of database."""
        if kind not in self.apps:
            self.apps[kind] = self._make(kind)
        return self.apps[kind]

    def _make(self, kind: str) -> Flask:
        folder = self.folder / kind
        folder.mkdir()
        app = create_app(make_settings(self.empty(kind, folder), folder / "instance"))
        app.test_client_class = SeparateClient
        app.extensions["security"].pwd_context.update(argon2__memory_cost=64, argon2__time_cost=1)  # hundreds sign in
        with app.app_context():
            if kind == "sqlite":
                event.listen(db.engine, "connect", _no_sync)
            db.create_all()
        return app

    def empty(self, kind: str, folder: Path) -> str:
        """The address of a new database without tables."""
        self.count += 1
        if kind == "postgresql":
            return self.server().create_database(f"test_{os.getpid()}_{self.count}")
        return f"sqlite:///{folder.resolve() / f'test{self.count}.db'}"

    def copy(self, kind: str, folder: Path) -> str:
        """The address of a new database with the schema and no rows."""
        if kind not in self.templates:
            self.templates[kind] = self._make_template(kind)
        if kind == "sqlite":
            return self.copy_of(self.templates[kind], folder)
        return self.spares.take() or self.spares.lend(self.copy_of(self.templates[kind], folder))

    def copy_of(self, address: str, folder: Path) -> str:
        """The address of a new database with the rows of another one that nobody is connected to."""
        self.count += 1
        if address.startswith("postgresql"):
            return self.server().clone(urlsplit(address).path.lstrip("/"), f"test_{os.getpid()}_{self.count}")
        target = folder.resolve() / f"test{self.count}.db"
        shutil.copyfile(address.removeprefix("sqlite:///"), target)
        return f"sqlite:///{target}"

    def _make_template(self, kind: str) -> str:
        on_server = kind == "postgresql"
        address = (
            self.server().create_database("template_schema")
            if on_server
            else f"sqlite:///{self.folder / 'template.db'}"
        )
        create_schema(make_settings(address, self.folder / f"template_{kind}"))
        return address

    def drop(self, address: str) -> None:
        """PostgreSQL: the database of this address, and who is still connected to it. Files go with their folder.

        A copy whose schema is as it was is emptied and kept for the next test.
        """
        if address.startswith("postgresql") and not self.spares.give_back(address):
            self.server().drop_database(urlsplit(address).path.lstrip("/"))

    @contextmanager
    def fresh(self, app: Flask, now: datetime) -> Iterator[None]:
        """The application's context over empty tables and a clock that stands still; what a test puts on sale goes with it."""
        app.extensions["swapmeet_clock"] = FixedClock(now)
        registry = app.extensions["swapmeet_registry"]
        kept = [(each, dict(each)) for each in (registry.sellables, registry.dividers)]
        try:
            with app.app_context():
                empty_tables(db.engine)
                yield
        finally:
            for each, before in kept:
                each.clear()
                each.update(before)

    def dispose(self) -> None:
        for app in self.apps.values():
            with app.app_context():
                db.engine.dispose()


def create_schema(settings: Settings) -> None:
    """Every table, index and trigger of the models in an empty database, and no connection left open."""
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        let_go()


def let_go() -> None:
    """Leave the database of the application whose context is pushed whole in its file, with nobody connected: to be copied."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()


def _no_sync(dbapi_connection: Any, _record: Any) -> None:
    """No test pulls the plug, so none waits for the disk."""
    dbapi_connection.execute("PRAGMA synchronous=OFF")


def empty_tables(engine: Engine) -> None:
    """Delete every row, with constraints and triggers off: some two milliseconds."""
    if engine.dialect.name == "postgresql":
        _empty_postgresql(engine)
    else:
        _empty_sqlite(engine)


# Connections that only empty tables. Their triggers are off for good: to switch that each time would make PostgreSQL plan anew.
_sweepers: dict[Engine, Connection] = {}


def _empty_postgresql(engine: Engine) -> None:
    """By a function in the database that knows its tables: what it asks of each is planned once a connection, not each time."""
    try:
        _sweep(_sweepers[engine])
    except (KeyError, OperationalError):  # the first time, or a test has ended everybody's connections
        _sweepers[engine] = engine.connect()
        _sweepers[engine].detach()
        _sweepers[engine].execute(text("SET session_replication_role = replica"))
        _sweep(_sweepers[engine])


def _sweep(connection: Connection) -> None:
    names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
    function = f"pg_temp.empty_{hashlib.sha256(','.join(names).encode()).hexdigest()[:16]}"
    if connection.scalar(text("SELECT to_regproc(:name) IS NULL"), {"name": function}):
        each = " ".join(f'IF EXISTS (SELECT 1 FROM "{name}") THEN DELETE FROM "{name}"; END IF;' for name in names)
        connection.execute(text(f"CREATE FUNCTION {function}() RETURNS void LANGUAGE plpgsql AS $$BEGIN {each} END$$"))
    connection.execute(text(f"SELECT {function}()"))
    connection.commit()


@cache
def _filled_of(names: tuple[str, ...]) -> str:
    """One question for all tables, which ones have rows."""
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)


def _empty_sqlite(engine: Engine) -> None:
    """Full-text tables are emptied through their virtual table; triggers in the way are taken off and put back in one transaction."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        tables = driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        virtual = {name for name, sql in tables if sql and sql.upper().startswith("CREATE VIRTUAL TABLE")}
        names = [name for name, _ in tables if not name.startswith("sqlite_") and not _is_shadow(name, virtual)]
        used = {name for (name,) in driver.execute(_filled_of(tuple(names)))} if names else set()
        if not used:
            return
        asked = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(sql, 'DELETE') > 0"
        triggers = [(name, sql) for name, table, sql in driver.execute(asked).fetchall() if table in used]
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            driver.execute(f'DROP TRIGGER "{name}"')
        for name in sorted(used):
            driver.execute(f'DELETE FROM "{name}"')
        for _, sql in triggers:
            driver.execute(sql)
        driver.execute("COMMIT")
        driver.execute("PRAGMA foreign_keys=ON")


def _is_shadow(name: str, virtual: set[str]) -> bool:
    return any(name.startswith(f"{owner}_") for owner in virtual)
