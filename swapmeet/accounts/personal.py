"""What accounts knows about a person: handed out to them, and erased."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from swapmeet.accounts import throttle
from swapmeet.accounts.models import (
    ApiToken,
    Invitation,
    InvitationState,
    Person,
    SignInSession,
    TeamMember,
    WebAuthn,
)
from swapmeet.infra.jobs import Job
from swapmeet.infra.outbox import MailState, OutboxMessage

MAIL_REQUESTS = ("accounts.recover", "accounts.confirm_again")


class AccountsData:
    """The account itself, sign-ins, passkeys, teams, tokens, and the mails that were sent to it."""

    name = "account"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Plain values; instants are ISO 8601 in UTC. Secrets (password, keys, codes) are not part of it."""
        person = db_session.get_one(Person, person_id)
        return {
            "name": person.name,
            "email": person.email,
            "created_at": person.created_at.isoformat(),
            "second_factor": person.has_second_factor,
            "passkeys": [
                {"name": key.name, "last_used_at": key.lastuse_datetime.isoformat()} for key in person.webauthn
            ],
            "sign_ins": _sign_ins(db_session, person_id),
            "teams": _teams(db_session, person_id),
            "api_tokens": _tokens(db_session, person_id),
            "mails": _mails(db_session, person),
        }

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """The row and its id stay, so that what points to it keeps its sums; nothing in it names anybody."""
        person = db_session.get_one(Person, person_id)
        _erase_mails(db_session, person)
        throttle.forget_failures(db_session, address=person.email)
        plain = {"synchronize_session": False}
        for column in (WebAuthn.user_id, TeamMember.person_id, SignInSession.person_id):
            statement = delete(column.class_).where(column == person_id)
            db_session.execute(statement.execution_options(**plain))
        own_tokens = update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        db_session.execute(own_tokens.values(revoked_at=now).execution_options(**plain))
        open_to = update(Invitation).where(Invitation.email == person.email, Invitation.state == InvitationState.OPEN)
        db_session.execute(open_to.values(state=InvitationState.WITHDRAWN).execution_options(**plain))
        address = f"erased-{person_id}@erased.invalid"
        to_it = update(Invitation).where(Invitation.email == person.email)
        db_session.execute(to_it.values(email=address).execution_options(**plain))
        _erase_row(person, address, now)


def _erase_row(person: Person, address: str, now: datetime) -> None:
    person.name, person.email, person.password = "", address, None
    person.active, person.is_site_admin, person.erased_at = False, False, now
    person.fs_uniquifier, person.fs_webauthn_user_handle = uuid4().hex, uuid4().hex
    person.tf_primary_method = person.tf_totp_secret = person.tf_phone_number = None
    person.tf_last_counter, person.mf_recovery_codes = None, None


def _erase_mails(db_session: Session, person: Person) -> None:
    """Sent mails keep that they were sent; what still waits is not sent."""
    mine = (OutboxMessage.person_id == person.id) | (OutboxMessage.to_address == person.email)
    plain = {"synchronize_session": False}
    asked = delete(Job).where(Job.kind.in_(MAIL_REQUESTS), Job.payload["email"].as_string() == person.email)
    db_session.execute(asked.execution_options(**plain))
    waiting = update(OutboxMessage).where(mine, OutboxMessage.state == MailState.QUEUED)
    db_session.execute(waiting.values(state=MailState.DROPPED).execution_options(**plain))
    gone = update(OutboxMessage).where(mine)
    db_session.execute(
        gone.values(to_address=f"erased-{person.id}@erased.invalid", payload={}, subject="").execution_options(**plain)
    )


def _sign_ins(db_session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = db_session.scalars(
        select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.id)
    )
    return [
        {
            "at": row.created_at.isoformat(),
            "device": row.device,
            "address": row.address,
            "ended": row.revoked_at is not None,
        }
        for row in rows
    ]


def _teams(db_session: Session, person_id: int) -> list[dict[str, Any]]:
    statement = (
        select(TeamMember)
        .where(TeamMember.person_id == person_id)
        .options(selectinload(TeamMember.organizer))
        .order_by(TeamMember.id)
    )
    return [
        {"organizer": row.organizer.name, "roles": list(row.roles), "only_show_id": row.event_id}
        for row in db_session.scalars(statement)
    ]


def _tokens(db_session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = db_session.scalars(select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.id))
    return [
        {"label": row.label, "rights": list(row.permissions), "created_at": row.created_at.isoformat()} for row in rows
    ]


def _mails(db_session: Session, person: Person) -> list[dict[str, Any]]:
    mine = (OutboxMessage.person_id == person.id) | (OutboxMessage.to_address == person.email)
    rows = db_session.scalars(select(OutboxMessage).where(mine).order_by(OutboxMessage.id))
    return [{"queued_at": row.created_at.isoformat(), "kind": row.kind, "subject": row.subject} for row in rows]
