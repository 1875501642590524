"""A live site with the demo's content of one show, for tests that look at every page: no page of it is empty."""

import shutil
from datetime import UTC, datetime, time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from sqlalchemy import select

from swapmeet.accounts import sessions
from swapmeet.accounts.models import Person
from swapmeet.badges.models import Attendee, AttendeeRole, Badge, BadgeState
from swapmeet.cli.demo import ACCOUNTS, fill
from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests.support.crawl import crawl, endpoint_of
from tests.support.databases import create_schema, let_go, make_settings
from tests.support.once import alone
from tests.support.site import Site

SHOW = "quill-river-train-show"
STARTS = ("/", "/trades", "/me", "/manage")
# Who looks, in this order: a page counts for the first of them that it opens to.
VIEWERS = ("visitor", "organizer", "attendee", "vendor", "trader")


class DemoSite:
    """`url`, `slug`, `server`; `sign_in(context, "organizer")`; `pages()`: the addresses to look at, by viewer."""

    def __init__(self, folder: Path, made: Path) -> None:
        """`made` is where all workers of a run find the show that the first of them has made."""
        with alone(made):
            if not (made / "slug").exists():
                _make(made)
        shutil.copyfile(made / "site.db", folder / "site.db")
        self.site = Site(folder)
        self.url, self.server = self.site.url, self.site.server
        shutil.copytree(_settings(made).files_folder, self.server.settings.files_folder, dirs_exist_ok=True)
        self.slug = (made / "slug").read_text()
        with self.site.rows():
            event = db.session.scalars(select(Event).where(Event.slug == self.slug)).one()
            noon = datetime.combine(event.first_day, time(12), ZoneInfo(event.time_zone))
        self.noon = noon.astimezone(UTC)  # of the first day
        self._pages: dict[str, list[str]] = {}

    @property
    def page(self) -> str:
        return f"/shows/{self.slug}"

    @property
    def desk(self) -> str:
        return f"/manage/shows/{self.slug}"

    def token(self, viewer: str) -> str:
        with self.site.rows(), transaction() as db_session:
            person = db_session.scalars(select(Person).where(Person.email == ACCOUNTS[viewer][1])).one()
            return sessions.open_session(
                db_session, person=person, device="browser test", address="127.0.0.1", now=utcnow()
            )

    def sign_in(self, context: BrowserContext, viewer: str) -> None:
        """Nothing for "visitor"."""
        if viewer != "visitor":
            context.add_cookies([{"name": sessions.COOKIE, "value": self.token(viewer), "url": self.url}])

    def a_badge(self) -> tuple[str, str]:
        """Code and name of a visitor's badge that is good for the first day."""
        visitor = (
            Attendee.role == AttendeeRole.VISITOR,
            Attendee.canceled_at.is_(None),
            Badge.state == BadgeState.ISSUED,
        )
        with self.site.rows():
            statement = select(Badge.code, Attendee.name).join(Attendee, Badge.attendee_id == Attendee.id)
            row = db.session.execute(statement.where(*visitor).order_by(Badge.id)).first()
        assert row is not None
        return row.code, row.name

    def pages(self) -> dict[str, list[str]]:
        """One address of every page that links lead to, under the first viewer who sees it."""
        if not self._pages:
            seen: set[str] = set()
            for viewer in VIEWERS:
                found = crawl(self.site.app, self._client(viewer), STARTS, per_endpoint=1).bodies
                self._pages[viewer] = [address for address in found if self._is_new(address, seen)]
        return self._pages

    def _client(self, viewer: str) -> FlaskClient:
        client = self.site.app.test_client()
        if viewer != "visitor":
            client.set_cookie(sessions.COOKIE, self.token(viewer))
        return client

    def _is_new(self, address: str, seen: set[str]) -> bool:
        endpoint = endpoint_of(self.site.app, urlsplit(address).path)
        is_new = endpoint not in seen
        seen.add(endpoint)
        return is_new

    def close(self) -> None:
        self.site.close()


def _settings(made: Path) -> Settings:
    return make_settings(f"sqlite:///{made / 'site.db'}", made / "instance")


def _make(made: Path) -> None:
    """The database with its rows, the files, and last the show's name."""
    create_schema(settings := _settings(made))
    app = create_app(settings)
    with app.app_context():
        (event,) = fill(now=utcnow(), names=(SHOW,)).events
        slug = event.slug
        let_go()
    (made / "slug").write_text(slug)
