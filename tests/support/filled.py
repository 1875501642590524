"""The demo's rows of one small show, made once a run and then put into any database: making them takes ten times as long."""

import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.cli.demo import ACCOUNTS, fill
from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import FixedClock
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.models import Listing
from swapmeet.trades.search_index import index_listing
from tests.support.databases import create_schema, make_settings
from tests.support.once import alone

SHOW = "juniper-state-day"
Rows = dict[str, list[Any]]


class Filled:
    """Keeps rows and files in a folder that all workers of a run share; the first who asks makes them."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.folder = folder / "filled"
        self.now = now
        self._rows: Rows | None = None

    def rows(self) -> Rows:
        """By table, in the order of the columns."""
        if self._rows is None:
            kept = self.folder / "rows"
            with alone(self.folder):
                if not kept.exists():
                    kept.write_bytes(pickle.dumps(self._make()))
            self._rows = pickle.loads(kept.read_bytes())
        return self._rows

    def _settings(self) -> Settings:
        return make_settings(f"sqlite:///{self.folder / 'filled.db'}", self.folder / "instance")

    def _make(self) -> Rows:
        create_schema(settings := self._settings())
        app = create_app(settings)
        app.extensions["swapmeet_clock"] = FixedClock(self.now)
        with app.app_context():
            fill(now=self.now, names=(SHOW,))
            db.session.remove()
            with db.engine.connect() as connection:
                tables = db.metadata.sorted_tables
                rows = {table.name: [tuple(row) for row in connection.execute(select(table))] for table in tables}
            db.engine.dispose()
        return rows

    def put_into(self, app: Flask) -> None:
        """Into the empty database of an application, whose context is pushed; its files too."""
        rows = self.rows()
        with _unguarded() as connection:
            for table in db.metadata.sorted_tables:
                if rows.get(table.name):
                    names = [column.name for column in table.columns]
                    connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows[table.name]])
            if connection.dialect.name == "postgresql":
                _move_sequences(connection)
        with transaction() as db_session:
            for listing in db_session.scalars(select(Listing)):
                index_listing(db_session, listing)
        settings: Settings = app.extensions["swapmeet_settings"]
        shutil.copytree(self._settings().files_folder, settings.files_folder, dirs_exist_ok=True)


def account(db_session: Session, key: str) -> Person:
    """One of the demo's people who can sign in, "organizer" or another key of its accounts."""
    return db_session.scalars(select(Person).where(Person.email == ACCOUNTS[key][1])).one()


@contextmanager
def _unguarded() -> Iterator[Connection]:
    """A connection for rows that are whole already: in any order, with no trigger in between."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            connection.commit()
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        yield connection
        connection.commit()
        driver.execute("PRAGMA foreign_keys=ON")


def _move_sequences(connection: Connection) -> None:
    """Behind the highest numbers that are taken."""
    for table in db.metadata.sorted_tables:
        key = table.autoincrement_column
        highest = connection.scalar(select(func.max(key))) if key is not None else None
        if key is not None and highest:
            named = {"table": f'"{table.name}"', "column": key.name, "highest": highest}
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), named)
