"""Sign-in sessions: rows behind an opaque cookie. Signing out, or a new password, kills a copied cookie at once."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session, joinedload

from swapmeet.accounts.models import Person, SignInSession
from swapmeet.infra import codes

COOKIE = "swapmeet_id"
LIFETIME = timedelta(days=30)
SHORT_LIFETIME = timedelta(hours=12)
FORGET_AFTER = timedelta(days=30)


def open_session(
    db_session: Session, *, person: Person, device: str, address: str, now: datetime, is_kept: bool = True
) -> str:
    """A new session row; returns the token for the cookie. Only its digest is kept."""
    token = codes.link_key()
    row = SignInSession(
        person_id=person.id,
        token_digest=codes.digest(token),
        created_at=now,
        verified_at=now,
        expires_at=now + (LIFETIME if is_kept else SHORT_LIFETIME),
        is_kept=is_kept,
        device=device[:200],
        address=address[:64],
    )
    db_session.add(row)
    db_session.flush()
    return token


def find_live(db_session: Session, token: str, *, now: datetime) -> SignInSession | None:
    """The live session of a cookie, with its person and the person's memberships, or None. One read, no write."""
    statement = (
        select(SignInSession)
        .where(
            SignInSession.token_digest == codes.digest(token),
            SignInSession.revoked_at.is_(None),
            SignInSession.expires_at > now,
        )
        .options(joinedload(SignInSession.person).joinedload(Person.memberships))
    )
    row = db_session.scalars(statement).unique().one_or_none()
    return row if row is not None and row.person.active and row.person.erased_at is None else None


def list_live(db_session: Session, *, person_id: int, now: datetime) -> list[SignInSession]:
    """Newest first."""
    live = select(SignInSession).where(
        SignInSession.person_id == person_id, SignInSession.revoked_at.is_(None), SignInSession.expires_at > now
    )
    return list(db_session.scalars(live.order_by(SignInSession.id.desc())))


def verify_again(db_session: Session, token: str, *, now: datetime) -> None:
    """The person behind the cookie has just proved again who they are."""
    statement = update(SignInSession).where(SignInSession.token_digest == codes.digest(token))
    db_session.execute(statement.values(verified_at=now).execution_options(synchronize_session=False))


def revoke(
    db_session: Session, *, person_id: int, now: datetime, only_id: int | None = None, except_token: str | None = None
) -> int:
    """End one session of a person, or all, or all but the one behind `except_token`. Returns how many ended."""
    statement = update(SignInSession).where(SignInSession.person_id == person_id, SignInSession.revoked_at.is_(None))
    if only_id is not None:
        statement = statement.where(SignInSession.id == only_id)
    if except_token is not None:
        statement = statement.where(SignInSession.token_digest != codes.digest(except_token))
    result = db_session.execute(statement.values(revoked_at=now).execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def revoke_token(db_session: Session, token: str, *, now: datetime) -> None:
    """End the session of a cookie."""
    statement = update(SignInSession).where(
        SignInSession.token_digest == codes.digest(token), SignInSession.revoked_at.is_(None)
    )
    db_session.execute(statement.values(revoked_at=now).execution_options(synchronize_session=False))


def forget_old(db_session: Session, *, now: datetime) -> None:
    """Delete sessions that ended a month ago or longer."""
    db_session.execute(
        delete(SignInSession)
        .where(SignInSession.expires_at < now - FORGET_AFTER)
        .execution_options(synchronize_session=False)
    )
