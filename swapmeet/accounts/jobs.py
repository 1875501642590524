"""Work that waits for the worker: mails that were asked for with an address.

Whether it has an account is only looked up here, so the page that asked took the same time for every address.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_security import confirmable, recoverable
from sqlalchemy.orm import Session

from swapmeet.accounts import sessions, steps, throttle
from swapmeet.accounts.library import own_link
from swapmeet.accounts.mail import queue_account_mail
from swapmeet.accounts.queries import find_person_by_email

# The library's functions carry no types.
reset_token: Any = recoverable.generate_reset_password_token
confirmation_token: Any = confirmable.generate_confirmation_token


def send_reset_link(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """A link to set a new password, to the address as it is stored, or nothing."""
    person = find_person_by_email(db_session, payload["email"])
    if person is None or not person.active:
        return
    link = own_link(f"/recover/{reset_token(person)}")
    queue_account_mail(
        db_session, kind="accounts.reset", to=person.email, person=person, now=now, link=link, key=payload["key"]
    )


def send_confirmation_link(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """Another link to confirm the address, while it is not confirmed."""
    person = find_person_by_email(db_session, payload["email"])
    if person is None or not person.active or person.confirmed_at is not None:
        return
    link = own_link(f"/confirm/{confirmation_token(person)}")
    queue_account_mail(
        db_session, kind="accounts.confirm", to=person.email, person=person, now=now, link=link, key=payload["key"]
    )


def tidy(db_session: Session, *, now: datetime) -> None:
    """Forget sign-in sessions, half sign-ins and counts of wrong tries that are over."""
    sessions.forget_old(db_session, now=now)
    steps.forget_old(db_session, now=now)
    throttle.forget_old(db_session, now=now)
