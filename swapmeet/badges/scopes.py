"""The show a scanner's address names, with the standing of its token: one statement, since scanners ask all day.

It decides as accounts.queries.standing_of does (a test compares the two); only the reads are gathered.
"""

from dataclasses import dataclass
from datetime import date

from flask import g
from sqlalchemy import String, and_, bindparam, or_, select

from swapmeet.access.decide import Standing
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import Role
from swapmeet.accounts.models import ApiToken, TeamMember
from swapmeet.events.models import Event
from swapmeet.infra.db import db
from swapmeet.infra.types import BigId
from swapmeet.web.access import Scope


@dataclass(frozen=True, slots=True)
class ScannedShow:
    """What the door needs of a show. Plain values, so they outlive the read transaction."""

    id: int
    opens_from: date
    last_day: date
    time_zone: str
    locale: str
    currency: str
    asks_at_door: bool


_event, _member = Event.__table__.c, TeamMember.__table__.c

FIND_SHOW = (
    select(
        _event.id,
        _event.organizer_id,
        _event.opens_from,
        _event.last_day,
        _event.time_zone,
        _event.locale,
        _event.currency,
        _event.asks_at_door,
        _member.roles,
    )
    .select_from(Event.__table__)
    .outerjoin(
        TeamMember.__table__,
        and_(
            _member.organizer_id == _event.organizer_id,
            _member.person_id == bindparam("person_id", type_=BigId),
            or_(_member.event_id.is_(None), _member.event_id == _event.id),
        ),
    )
    .where(_event.slug == bindparam("slug", type_=String))
)


def load_scanned_show(slug: str) -> Scope | None:
    """For `@requires(..., scope="door_slug")`; the view receives `show`. Only tokens get this far."""
    token: ApiToken | None = g.get("api_token")
    if token is None:
        return None
    rows = db.session().connection().execute(FIND_SHOW, {"slug": slug, "person_id": token.person_id}).all()
    if not rows:
        return None
    row = rows[0]
    show = ScannedShow(row.id, row.opens_from, row.last_day, row.time_zone, row.locale, row.currency, row.asks_at_door)
    if token.organizer_id != row.organizer_id or token.event_id not in (None, row.id):
        return Scope("show", show, Standing())
    roles = frozenset(Role(value) for each in rows for value in each.roles or ())
    narrowed = frozenset(Permission(value) for value in token.permissions)
    return Scope("show", show, Standing(roles, token_permissions=narrowed))
