"""The fixed cast: Olga organizes, Trudy keeps the money, Dora minds the door, Vic sells, Ann attends.

Tess and Tom trade, Otto is a stranger.
"""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from swapmeet.accounts import sessions
from swapmeet.accounts.models import Organizer, Person
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories

CAST = {
    "olga": "Olga Organizer",
    "trudy": "Trudy Treasurer",
    "dora": "Dora Door",
    "vic": "Vic Vendor",
    "ann": "Ann Attendee",
    "tess": "Tess Trader",
    "tom": "Tom Trader",
    "otto": "Otto Stranger",
}
ROLES = {"olga": ["owner"], "trudy": ["treasurer"], "dora": ["door"]}


class World:
    """A published show and the people around it. Made inside an application context; rows are committed."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with transaction() as db_session:
            self.people: dict[str, Person] = {key: factories.new_person(name) for key, name in CAST.items()}
            db_session.add_all(self.people.values())
            self.organizer: Organizer = factories.organizer(db_session)
            for key, roles in ROLES.items():
                factories.member(db_session, organizer=self.organizer, person=self.people[key], roles=roles)
            self.event: Event = factories.event(db_session, organizer=self.organizer)
            factories.hall(db_session, event=self.event)
            self.ids = {key: person.id for key, person in self.people.items()}
            self.slug = self.event.slug
            self.event_id = self.event.id

    @property
    def session(self) -> Session:
        return db.session()

    def person(self, key: str) -> Person:
        return db.session.get_one(Person, self.ids[key])

    def show(self) -> Event:
        return db.session.get_one(Event, self.event_id)

    def client(self, key: str | None = None, **kwargs: Any) -> FlaskClient:
        """A test client, signed in as one of the cast (or anonymous)."""
        client = self.app.test_client(**kwargs)
        if key is not None:
            with transaction() as db_session:
                token = sessions.open_session(
                    db_session,
                    person=db_session.get_one(Person, self.ids[key]),
                    device="test",
                    address="127.0.0.1",
                    now=utcnow(),
                )
            client.set_cookie(sessions.COOKIE, token)
        return client
