"""The site that browser tests visit: one live server a run, emptied before each test, and its rows within reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from playwright.sync_api import BrowserContext

from swapmeet.accounts import sessions
from swapmeet.accounts.models import Person
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests.support.databases import create_schema, empty_tables, make_settings
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from tests.cast import World

PLACING_S = 1  # the search's answer will do; what the programs add is tested where it is cheap


class Site:
    """`url`, `server` (mails, clock, commands), `world()` (the cast and a published show), `sign_in(context, "olga")`."""

    def __init__(self, folder: Path, database: str = "", **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        address = database or f"sqlite:///{folder / 'site.db'}"
        create_schema(make_settings(address, folder / "schema"))
        self.server = LiveServer(folder, address, placing_seconds=PLACING_S, **settings).start()
        self.url = self.server.url
        self.app: Flask = create_app(self.server.settings)
        self._world: World | None = None

    def empty(self) -> None:
        """No rows, no mails, the real time."""
        self.server.set_clock(None)
        with self.app.app_context():
            empty_tables(db.engine)
        for path in self.server.settings.mail_folder.glob("*.eml"):
            path.unlink()
        self._world = None

    @contextmanager
    def rows(self) -> Iterator[Flask]:
        """The installation's application context, to look at rows or write them (inside `transaction()`)."""
        with self.app.app_context():
            yield self.app

    def world(self) -> "World":
        """The cast of tests/cast.py, made when first asked for. Touch its rows inside `rows()` only."""
        from tests.cast import World

        if self._world is None:
            with self.rows():
                self._world = World(self.app)
        return self._world

    def sign_in(self, context: BrowserContext, key: str) -> None:
        """One of the cast is signed in from now on in this browser context (none: it is new)."""
        world = self.world()
        with self.rows(), transaction() as db_session:
            person = db_session.get_one(Person, world.ids[key])
            token = sessions.open_session(
                db_session, person=person, device="browser test", address="127.0.0.1", now=utcnow()
            )
        context.add_cookies([{"name": sessions.COOKIE, "value": token, "url": self.url}])

    def set_clock(self, moment: datetime | None) -> None:
        self.server.set_clock(moment)

    def close(self) -> None:
        self.server.stop()
        with self.app.app_context():
            db.engine.dispose()
