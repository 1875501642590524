"""API tokens: made once and shown once, narrowed to chosen rights, never wider than their owner."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.access.decide import Standing, can
from swapmeet.access.permissions import Permission
from swapmeet.accounts.errors import TooWide
from swapmeet.accounts.models import ApiToken
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid

PREFIX = "swm_"

# What a program may be given. Teams, the club itself and calling a show off stay with people.
TOKEN_PERMISSIONS = tuple(
    permission
    for permission in Permission
    if permission
    not in (
        Permission.SITE_ADMIN,
        Permission.TEAM_EDIT,
        Permission.ORGANIZER_EDIT,
        Permission.EVENT_CREATE,
        Permission.EVENT_PUBLISH,
        Permission.EVENT_CANCEL,
        Permission.MONEY_REFUND,
    )
)


def create_token(
    db_session: Session,
    *,
    organizer_id: int,
    event_id: int | None,
    owner_id: int,
    standing: Standing,
    label: str,
    permissions: Iterable[Permission],
    days: int,
    by: Actor,
    now: datetime,
) -> tuple[ApiToken, str]:
    """The row and the secret, which is nowhere else from then on. Raises TooWide, and Invalid without a right."""
    wanted = [permission for permission in TOKEN_PERMISSIONS if permission in set(permissions)]
    if not wanted:
        raise Invalid("Choose at least one right.", field="permissions")
    if not all(can(standing, permission) for permission in wanted):
        raise TooWide("You cannot give a program more rights than you have.", field="permissions")
    secret = PREFIX + codes.link_key()
    token = ApiToken(
        organizer_id=organizer_id,
        event_id=event_id,
        person_id=owner_id,
        label=label,
        token_digest=codes.digest(secret),
        permissions=[permission.value for permission in wanted],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db_session.add(token)
    record(
        db_session,
        now=now,
        by=by,
        verb="token.created",
        subject=token,
        organizer_id=organizer_id,
        permissions=token.permissions,
    )
    return token, secret


def revoke_token(db_session: Session, *, token: ApiToken, by: Actor, now: datetime) -> None:
    """End a token at once. A second time changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = now
        record(db_session, now=now, by=by, verb="token.revoked", subject=token, organizer_id=token.organizer_id)
