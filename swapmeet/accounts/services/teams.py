"""Teams: inviting, joining, roles, leaving. A team belongs to a club, or (with `event_id`) to one of its shows.

Each of these locks the club's row first, so that two owners cannot take the last ownership from each other at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.access.roles import ROLE_LABELS, Role
from swapmeet.accounts import queries
from swapmeet.accounts.errors import AlreadyMember, InvitationOver, LastOwner, OtherAddress
from swapmeet.accounts.models import Invitation, InvitationState, Organizer, Person, TeamMember
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid

STANDS_FOR = timedelta(days=14)
MAX_OPEN = 50


def invite(
    db_session: Session,
    *,
    organizer: Organizer,
    event_id: int | None,
    email: str,
    roles: Iterable[Role],
    public_url: str,
    by: Actor,
    now: datetime,
) -> Invitation:
    """Ask somebody by mail to join. An earlier invitation of the same address to the same team is withdrawn.

    Raises AlreadyMember, and Invalid without a role or with fifty invitations open.
    """
    lock(db_session, organizer)
    wanted = _checked(roles)
    if queries.find_member_by_email(db_session, organizer_id=organizer.id, event_id=event_id, email=email) is not None:
        raise AlreadyMember(f"{email} is on this team already. Change the roles there.", field="email")
    waiting = queries.list_open_invitations(db_session, organizer_id=organizer.id, event_id=event_id, now=now)
    for earlier in waiting:
        if earlier.email == email:
            earlier.state = InvitationState.WITHDRAWN
    if len(waiting) >= MAX_OPEN:
        raise Invalid(f"There are {MAX_OPEN} invitations open. Withdraw some first.", field="email")
    key = codes.link_key()
    invitation = Invitation(
        organizer_id=organizer.id,
        event_id=event_id,
        email=email,
        roles=wanted,
        key_digest=codes.digest(key),
        invited_by=by.person_id,
        created_at=now,
        expires_at=now + STANDS_FOR,
    )
    db_session.add(invitation)
    _record(db_session, invitation, "team.invited", organizer.id, by, now, roles=wanted)
    queue_mail(
        db_session,
        kind="accounts.invitation",
        to=email,
        payload={"link": f"{public_url}/invitations/{key}", "invitation_id": invitation.id},
        fact_key=f"accounts.invitation:{invitation.id}",
        now=now,
    )
    return invitation


def withdraw_invitation(db_session: Session, *, invitation: Invitation, by: Actor, now: datetime) -> None:
    """Take an open invitation back. Raises InvitationOver when it is open no more."""
    lock(db_session, invitation)
    _check_open(invitation, now)
    invitation.state = InvitationState.WITHDRAWN
    _record(db_session, invitation, "team.invitation_withdrawn", invitation.organizer_id, by, now)


def accept_invitation(
    db_session: Session, *, invitation: Invitation, person: Person, by: Actor, now: datetime
) -> TeamMember:
    """Join the team; who is on it already gets the roles besides. Raises InvitationOver and OtherAddress."""
    lock(db_session, invitation)
    _check_open(invitation, now)
    if person.email != invitation.email:
        raise OtherAddress("This invitation was sent to another address than the one of your account.")
    invitation.state = InvitationState.ACCEPTED
    member = queries.find_member(
        db_session, organizer_id=invitation.organizer_id, event_id=invitation.event_id, person_id=person.id
    )
    if member is None:
        member = TeamMember(
            organizer_id=invitation.organizer_id,
            event_id=invitation.event_id,
            person_id=person.id,
            roles=[],
            created_at=now,
        )
        db_session.add(member)
    before = list(member.roles)
    member.roles = _checked({*(Role(value) for value in before), *(Role(value) for value in invitation.roles)})
    _record(db_session, member, "team.joined", invitation.organizer_id, by, now, before=before, roles=member.roles)
    return member


def change_roles(
    db_session: Session, *, organizer: Organizer, member: TeamMember, roles: Iterable[Role], by: Actor, now: datetime
) -> None:
    """Give a member other roles. Raises LastOwner, and Invalid without any role."""
    lock(db_session, organizer)
    wanted = _checked(roles)
    before = list(member.roles)
    if Role.OWNER.value not in wanted:
        _keep_an_owner(db_session, member)
    if wanted != before:
        member.roles = wanted
        _record(db_session, member, "team.roles_changed", organizer.id, by, now, before=before, roles=wanted)


def remove_member(db_session: Session, *, organizer: Organizer, member: TeamMember, by: Actor, now: datetime) -> None:
    """Take somebody off the team (or leave it). Their API tokens stop with the rights. Raises LastOwner."""
    lock(db_session, organizer)
    _keep_an_owner(db_session, member)
    person_id, roles = member.person_id, list(member.roles)
    _record(db_session, member, "team.left", organizer.id, by, now, person_id=person_id, before=roles)
    db_session.delete(member)


def _keep_an_owner(db_session: Session, member: TeamMember) -> None:
    if member.event_id is not None or Role.OWNER not in member.role_set:
        return
    owners = queries.list_owners(db_session, organizer_id=member.organizer_id)
    if [owner.id for owner in owners] == [member.id]:
        raise LastOwner("This is the only owner. Make somebody else an owner first.", field="roles")


def _checked(roles: Iterable[Role]) -> list[str]:
    """In the order of the enum, each once. Raises Invalid for none."""
    wanted = set(roles)
    if not wanted:
        raise Invalid("Choose at least one role.", field="roles")
    return [role.value for role in ROLE_LABELS if role in wanted]


def _check_open(invitation: Invitation, now: datetime) -> None:
    if invitation.state is not InvitationState.OPEN or invitation.expires_at <= now:
        raise InvitationOver("This invitation stands no more. Ask the club for another one.")


def _record(
    db_session: Session,
    subject: Invitation | TeamMember,
    verb: str,
    organizer_id: int,
    by: Actor,
    now: datetime,
    **facts: Any,
) -> None:
    """Names and addresses stay out of the log: it outlives the erasure of an account."""
    record(db_session, now=now, by=by, verb=verb, subject=subject, organizer_id=organizer_id, **facts)
