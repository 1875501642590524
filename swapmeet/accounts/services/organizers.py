"""Clubs: founding one, changing what it says about itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.access.roles import Role
from swapmeet.accounts.models import Organizer, TeamMember
from swapmeet.accounts.slugs import free_slug, slug_of
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor

FIELDS = ("name", "email", "website", "about", "country")


def create_organizer(
    db_session: Session, *, details: Mapping[str, str], owner_id: int, by: Actor, now: datetime
) -> Organizer:
    """A new club with its first owner. `details` has the texts of FIELDS; what is missing stays empty."""
    slug = slug_of(details["name"])
    taken = db_session.scalars(select(Organizer.slug).where(Organizer.slug.startswith(slug, autoescape=True)))
    texts = {name: details.get(name, "") for name in FIELDS}
    organizer = Organizer(slug=free_slug(slug, frozenset(taken)), created_at=now, **texts)
    db_session.add(organizer)
    db_session.flush()
    db_session.add(TeamMember(organizer_id=organizer.id, person_id=owner_id, roles=[Role.OWNER.value], created_at=now))
    record(db_session, now=now, by=by, verb="organizer.created", subject=organizer, organizer_id=organizer.id)
    return organizer


def edit_organizer(
    db_session: Session, *, organizer: Organizer, details: Mapping[str, Any], by: Actor, now: datetime
) -> None:
    """Change the texts. The address of its pages stays, so links go on working."""
    changed = [name for name in FIELDS if getattr(organizer, name) != details[name]]
    for name in changed:
        setattr(organizer, name, details[name])
    if changed:
        record(
            db_session,
            now=now,
            by=by,
            verb="organizer.edited",
            subject=organizer,
            organizer_id=organizer.id,
            fields=changed,
        )
