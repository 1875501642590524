"""A person's own account: the name, and the end of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from swapmeet.accounts import passwords, queries, sessions, throttle
from swapmeet.accounts.errors import LastOwner
from swapmeet.accounts.models import Organizer, Person
from swapmeet.infra.audit import record
from swapmeet.infra.registry import PersonalData
from swapmeet.infra.signals import person_erased
from swapmeet.infra.uow import lock, lock_ids
from swapmeet.kernel.actor import Actor


def rename(db_session: Session, *, person: Person, name: str) -> None:
    person.name = name


def create_person(db_session: Session, *, name: str, email: str, now: datetime) -> Person:
    """A confirmed person without a password: they set one by mail ("Forgot your password?")."""
    person = Person(
        name=name,
        email=email,
        active=True,
        fs_uniquifier=uuid4().hex,
        confirmed_at=now.replace(tzinfo=None),
        created_at=now,
    )
    db_session.add(person)
    db_session.flush()
    return person


def set_password(db_session: Session, *, person: Person, password: str, now: datetime) -> None:
    """Set a password that was found good. Who was signed in is out, and wrong tries are forgotten."""
    person.password = passwords.hashed(password)
    person.password_is_short = len(passwords.normalize(password)) < passwords.LENGTH_ALONE
    person.fs_uniquifier = uuid4().hex
    sessions.revoke(db_session, person_id=person.id, now=now)
    throttle.forget_failures(db_session, address=person.email)


def reset_password(db_session: Session, *, person: Person, password: str, by: Actor, now: datetime) -> None:
    """Somebody else sets a new password for a person: as above, and written down."""
    set_password(db_session, person=person, password=password, now=now)
    record(db_session, now=now, by=by, verb="person.password_reset", subject=person)


def make_site_admin(db_session: Session, *, person: Person, by: Actor, now: datetime) -> None:
    """Give every right on this installation. A second time changes nothing."""
    if not person.is_site_admin:
        person.is_site_admin = True
        record(db_session, now=now, by=by, verb="person.made_admin", subject=person)


def erase_person(
    db_session: Session, *, person: Person, parts: Iterable[PersonalData], by: Actor, now: datetime
) -> None:
    """Forget who somebody is, in every feature; numbers and sums stay, under an id without a name.

    Raises LastOwner while a club would be left without an owner.
    """
    organizers = queries.list_organizers_of(db_session, person_id=person.id)
    lock_ids(db_session, Organizer, [organizer.id for organizer in organizers])
    lock(db_session, person)
    alone = queries.list_organizers_owned_alone(db_session, person_id=person.id)
    if alone:
        names = ", ".join(organizer.name for organizer in alone)
        raise LastOwner(f"You are the only owner of {names}. Make somebody else an owner there first.")
    for part in reversed(list(parts)):  # the features above first, the account itself last
        part.erase(db_session, person_id=person.id, now=now)
    record(db_session, now=now, by=by, verb="person.erased", subject=person)
    person_erased.send("accounts", db_session=db_session, person=person, now=now)
