"""A person is forgotten as the page does it: by every feature, in the order of the application."""

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.accounts.services.people import erase_person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor


def forget(db_session: Session, person_id: int) -> None:
    """Raises LastOwner as the page does."""
    person = db_session.get_one(Person, person_id)
    erase_person(db_session, person=person, parts=registry().personal_data, by=Actor.job("test"), now=utcnow())
