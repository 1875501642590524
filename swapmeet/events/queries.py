"""Reads of shows."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, EventState, Hall, Policy, PolicyKind, SalePeriod
from swapmeet.kernel.errors import NotFound

PUBLIC_STATES = (EventState.PUBLISHED, EventState.FINISHED, EventState.CANCELED)


def find_event(db_session: Session, slug: str) -> Event | None:
    """The show at this address, whatever its state, with its organizer."""
    return db_session.scalar(select(Event).where(Event.slug == slug).options(joinedload(Event.organizer)))


def get_public_event(db_session: Session, slug: str) -> Event:
    """The show for everybody. Raises NotFound for drafts and unknown addresses alike."""
    event = find_event(db_session, slug)
    if event is None or event.state not in PUBLIC_STATES:
        raise NotFound("There is no show at this address.")
    return event


def find_policy(db_session: Session, *, event_id: int, kind: PolicyKind) -> Policy | None:
    """The version in force: the newest."""
    return db_session.scalar(
        select(Policy).where(Policy.event_id == event_id, Policy.kind == kind).order_by(Policy.number.desc()).limit(1)
    )


def list_halls(db_session: Session, *, event_id: int) -> list[Hall]:
    """By position, then id."""
    return list(db_session.scalars(select(Hall).where(Hall.event_id == event_id).order_by(Hall.position, Hall.id)))


def list_sale_periods(db_session: Session, *, event_id: int) -> list[SalePeriod]:
    """By position, then id."""
    return list(
        db_session.scalars(
            select(SalePeriod).where(SalePeriod.event_id == event_id).order_by(SalePeriod.position, SalePeriod.id)
        )
    )
