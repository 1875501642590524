"""Composes the mails of accounts. Names people choose for themselves are left out: a mail to an address that nobody
has confirmed must not carry a stranger's words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.access.roles import ROLE_LABELS, Role
from swapmeet.accounts.models import Invitation, InvitationState, Person
from swapmeet.infra import codes
from swapmeet.infra.outbox import Composer, Mail, OutboxMessage, queue_mail
from swapmeet.infra.registry import Registry

MAILS_AN_HOUR = 5

# What the account library calls its mails -> what they are here.
KIND_OF_TEMPLATE = {
    "security/email/welcome": "accounts.confirm",
    "security/email/welcome_existing": "accounts.known",
    "security/email/reset_notice": "accounts.password",
    "security/email/change_notice": "accounts.password",
    "security/email/change_email_instructions": "accounts.address",
}

SUBJECTS = {
    "accounts.confirm": "Confirm your e-mail address",
    "accounts.known": "You have an account already",
    "accounts.reset": "Set a new password",
    "accounts.password": "Your password was changed",
    "accounts.address": "Confirm your new e-mail address",
    "accounts.address_changed": "Your e-mail address was changed",
    "accounts.notice": "Your account was changed",
}


def queue_account_mail(
    db_session: Session,
    *,
    kind: str,
    to: str,
    person: Person,
    now: datetime,
    link: str = "",
    key: str = "",
    words: str = "",
) -> None:
    """Queue one mail about an account. `key` names the fact; without one each call is a fact of its own.

    No address gets more than five an hour of one kind: what is past that is dropped, so nobody's mailbox is flooded.
    """
    db_session.flush()
    since = now - timedelta(hours=1)
    recent = select(func.count()).where(
        OutboxMessage.to_address == to, OutboxMessage.kind == kind, OutboxMessage.created_at > since
    )
    if (db_session.scalar(recent) or 0) >= MAILS_AN_HOUR:
        return
    queue_mail(
        db_session,
        kind=kind,
        to=to,
        payload={"link": link, "words": words, "person_id": person.id},
        fact_key=f"{kind}:{key or codes.link_key()}",
        now=now,
        person_id=person.id,
    )


def register(registry: Registry) -> None:
    """Put the composers into the registry."""
    for kind, subject in SUBJECTS.items():
        registry.composers[kind] = _composer(kind, subject)
    registry.composers["accounts.invitation"] = compose_invitation


def _composer(kind: str, subject: str) -> Composer:
    def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
        person = db_session.get(Person, payload["person_id"])
        if person is None or person.erased_at is not None:
            return None
        return _mail(kind.removeprefix("accounts."), subject, payload)

    return compose


def compose_invitation(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """The invitation to a team; dropped when it was withdrawn before the mail went out."""
    invitation = db_session.get(Invitation, payload["invitation_id"])
    if invitation is None or invitation.state is not InvitationState.OPEN:
        return None
    roles = [ROLE_LABELS[Role(value)] for value in invitation.roles]
    values = {**payload, "organizer": invitation.organizer.name, "roles": roles, "until": invitation.expires_at}
    return _mail("invitation", f"{invitation.organizer.name} invites you to its team", values)


def _mail(template: str, subject: str, values: Mapping[str, Any]) -> Mail:
    environment = current_app.jinja_env
    text = environment.get_template(f"email/accounts/{template}.txt").render(**values)
    html = environment.get_template(f"email/accounts/{template}.html").render(**values)
    return Mail(subject, text, html)
