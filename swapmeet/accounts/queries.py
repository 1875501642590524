"""Reads of people, organizers and their teams."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from swapmeet.access.decide import Standing
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import Role
from swapmeet.accounts.models import ApiToken, Invitation, InvitationState, Organizer, Person, TeamMember
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


def list_team(db_session: Session, *, organizer_id: int, event_id: int | None) -> list[TeamMember]:
    """The members of a club's team, or those of one show only (with `event_id`), by name, then id; with their persons."""
    statement = (
        select(TeamMember)
        .join(TeamMember.person)
        .where(TeamMember.organizer_id == organizer_id, _same_show(TeamMember.event_id, event_id))
        .options(contains_eager(TeamMember.person))
        .order_by(func.lower(Person.name), TeamMember.id)
    )
    return list(db_session.scalars(statement))


def get_member(db_session: Session, member_id: int, *, organizer_id: int, event_id: int | None) -> TeamMember:
    """A member of that very team. Raises NotFound."""
    statement = (
        select(TeamMember)
        .where(
            TeamMember.id == member_id,
            TeamMember.organizer_id == organizer_id,
            _same_show(TeamMember.event_id, event_id),
        )
        .options(joinedload(TeamMember.person))
    )
    member = db_session.scalar(statement)
    if member is None:
        raise NotFound("There is no such member in this team.")
    return member


def find_member(db_session: Session, *, organizer_id: int, event_id: int | None, person_id: int) -> TeamMember | None:
    statement = select(TeamMember).where(
        TeamMember.organizer_id == organizer_id,
        TeamMember.person_id == person_id,
        _same_show(TeamMember.event_id, event_id),
    )
    return db_session.scalar(statement)


def find_member_by_email(
    db_session: Session, *, organizer_id: int, event_id: int | None, email: str
) -> TeamMember | None:
    person = find_person_by_email(db_session, email)
    if person is None:
        return None
    return find_member(db_session, organizer_id=organizer_id, event_id=event_id, person_id=person.id)


def list_owners(db_session: Session, *, organizer_id: int) -> list[TeamMember]:
    """Owners of the whole club whose accounts are open, by id."""
    statement = (
        select(TeamMember)
        .join(TeamMember.person)
        .where(TeamMember.organizer_id == organizer_id, TeamMember.event_id.is_(None), Person.active)
        .order_by(TeamMember.id)
    )
    return [member for member in db_session.scalars(statement) if Role.OWNER in member.role_set]


def list_organizers_owned_alone(db_session: Session, *, person_id: int) -> list[Organizer]:
    """Clubs that would have no owner without this person, by name."""
    alone = []
    for organizer in list_organizers_of(db_session, person_id=person_id):
        owners = list_owners(db_session, organizer_id=organizer.id)
        if [owner.person_id for owner in owners] == [person_id]:
            alone.append(organizer)
    return alone


def list_memberships(db_session: Session, *, person_id: int) -> list[TeamMember]:
    """Every team somebody is on, with its club, by the club's name."""
    statement = (
        select(TeamMember)
        .join(TeamMember.organizer)
        .where(TeamMember.person_id == person_id)
        .options(contains_eager(TeamMember.organizer))
        .order_by(Organizer.name, TeamMember.id)
    )
    return list(db_session.scalars(statement))


def get_membership(db_session: Session, member_id: int, *, person_id: int) -> TeamMember:
    """One of somebody's own memberships, with its club. Raises NotFound."""
    statement = (
        select(TeamMember)
        .where(TeamMember.id == member_id, TeamMember.person_id == person_id)
        .options(joinedload(TeamMember.organizer))
    )
    member = db_session.scalar(statement)
    if member is None:
        raise NotFound("You are not on that team.")
    return member


def list_open_invitations(
    db_session: Session, *, organizer_id: int, event_id: int | None, now: datetime
) -> list[Invitation]:
    """Newest first."""
    statement = (
        select(Invitation)
        .where(
            Invitation.organizer_id == organizer_id,
            _same_show(Invitation.event_id, event_id),
            Invitation.state == InvitationState.OPEN,
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id.desc())
    )
    return list(db_session.scalars(statement))


def get_invitation(db_session: Session, invitation_id: int, *, organizer_id: int, event_id: int | None) -> Invitation:
    """An invitation to that very team. Raises NotFound."""
    statement = select(Invitation).where(
        Invitation.id == invitation_id,
        Invitation.organizer_id == organizer_id,
        _same_show(Invitation.event_id, event_id),
    )
    invitation = db_session.scalar(statement)
    if invitation is None:
        raise NotFound("There is no such invitation.")
    return invitation


def get_invitation_by_key(db_session: Session, key: str) -> Invitation:
    """The invitation behind a mail's link, with its club. Raises NotFound."""
    statement = (
        select(Invitation).where(Invitation.key_digest == codes.digest(key)).options(joinedload(Invitation.organizer))
    )
    invitation = db_session.scalar(statement)
    if invitation is None:
        raise NotFound("This invitation is not known. Open the link in the mail again; it may have been cut off.")
    return invitation


def list_tokens(db_session: Session, *, organizer_id: int, event_id: int | None) -> list[ApiToken]:
    """Newest first, those that ended too; with their owners."""
    statement = (
        select(ApiToken)
        .where(ApiToken.organizer_id == organizer_id, _same_show(ApiToken.event_id, event_id))
        .options(joinedload(ApiToken.person))
        .order_by(ApiToken.id.desc())
    )
    return list(db_session.scalars(statement))


def get_token(db_session: Session, token_id: int, *, organizer_id: int, event_id: int | None) -> ApiToken:
    """A token of that very club or show. Raises NotFound."""
    statement = select(ApiToken).where(
        ApiToken.id == token_id,
        ApiToken.organizer_id == organizer_id,
        _same_show(ApiToken.event_id, event_id),
    )
    token = db_session.scalar(statement)
    if token is None:
        raise NotFound("There is no such token.")
    return token


def _same_show(column: Any, event_id: int | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if event_id is None else column == event_id
    return found
