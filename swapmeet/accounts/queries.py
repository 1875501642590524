"""Reads of people, organizers and their teams."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from swapmeet.access.decide import Standing
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import Role
from swapmeet.accounts.models import ApiToken, Organizer, Person, TeamMember
from swapmeet.infra import codes
from swapmeet.kernel.errors import NotFound


def find_person_by_email(db_session: Session, email: str) -> Person | None:
    """By the address as stored (lower case)."""
    return db_session.scalar(select(Person).where(func.lower(Person.email) == email.strip().lower()))


def get_person(db_session: Session, person_id: int) -> Person:
    """Raises NotFound."""
    person = db_session.get(Person, person_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person


def find_organizer(db_session: Session, slug: str) -> Organizer | None:
    return db_session.scalar(select(Organizer).where(Organizer.slug == slug))


def standing_of(
    db_session: Session,
    *,
    person: Person | None,
    organizer_id: int,
    event_id: int | None = None,
    token: ApiToken | None = None,
) -> Standing:
    """The roles a person (or a token's owner, within the token's limits) has at an organizer and, if given, at one of its shows."""
    if person is None:
        return Standing()
    if token is not None and (token.organizer_id != organizer_id or token.event_id not in (None, event_id)):
        return Standing()
    memberships = select(TeamMember.roles).where(
        TeamMember.organizer_id == organizer_id,
        TeamMember.person_id == person.id,
        or_(TeamMember.event_id.is_(None), TeamMember.event_id == event_id),
    )
    roles = frozenset(Role(value) for row in db_session.scalars(memberships) for value in row)
    narrowed = frozenset(Permission(value) for value in token.permissions) if token is not None else None
    return Standing(roles, is_site_admin=person.is_site_admin and token is None, token_permissions=narrowed)


def is_on_any_team(db_session: Session, *, person_id: int) -> bool:
    return db_session.scalar(select(TeamMember.id).where(TeamMember.person_id == person_id).limit(1)) is not None


def list_organizers_of(db_session: Session, *, person_id: int) -> list[Organizer]:
    """Organizers on whose team the person is, by name."""
    mine = select(TeamMember.organizer_id).where(TeamMember.person_id == person_id)
    return list(
        db_session.scalars(select(Organizer).where(Organizer.id.in_(mine)).order_by(Organizer.name, Organizer.id))
    )


def find_live_token(db_session: Session, secret: str, *, now: datetime) -> ApiToken | None:
    """The API token behind a secret, unless it is revoked, expired or its owner's account is closed."""
    statement = (
        select(ApiToken)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.token_digest == codes.digest(secret),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
            Person.active,
        )
    )
    return db_session.scalar(statement)
