"""Publishing, canceling and finishing a show: the features' own checks and steps are walked through the registry."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.errors import NotReady
from swapmeet.events.models import EVENT_MACHINE, Event, EventState
from swapmeet.events.pages import today_at
from swapmeet.events.services.shows import touch
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import event_canceled, event_published
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, Refused


def list_missing(db_session: Session, event: Event) -> list[str]:
    """What stands in the way of publishing, in sentences, in the order of the features."""
    return [sentence for check in registry().publish_checks for sentence in check(db_session, event)]


def publish_event(db_session: Session, *, event: Event, by: Actor, now: datetime) -> None:
    """Draft to published. Raises NotReady with everything that is missing, IllegalTransition when it is no draft."""
    lock(db_session, event)
    EVENT_MACHINE.check(event.state, EventState.PUBLISHED)
    missing = list_missing(db_session, event)
    if today_at(now, event.time_zone) > event.last_day:
        missing = ["The show's days are over. Give it new days first.", *missing]
    if missing:
        raise NotReady("Some things are missing before this show can be published.", missing=missing)
    event.state, event.published_at = EventState.PUBLISHED, now
    touch(db_session, event)
    record(
        db_session,
        now=now,
        by=by,
        verb="event.published",
        subject=event,
        event_id=event.id,
        origin="draft",
        target="published",
    )
    event_published.send(None, db_session=db_session, event=event, now=now, by=by)


def preview_cancellation(db_session: Session, event: Event, *, now: datetime) -> list[tuple[str, str]]:
    """What canceling would do now, as (what, how much): orders, money that goes back."""
    return [line for preview in registry().cancel_previews for line in preview(db_session, event, now)]


def cancel_event(db_session: Session, *, event: Event, reason: str, by: Actor, now: datetime) -> None:
    """Cancel a draft or published show: every feature gives back what it holds, the public page says why.

    Raises Invalid without a reason, IllegalTransition when the show is over or canceled already.
    """
    lock(db_session, event)
    EVENT_MACHINE.check(event.state, EventState.CANCELED)
    if not reason.strip():
        raise Invalid("Write why: visitors and vendors read it.", field="reason")
    origin = event.state
    event.state, event.canceled_at, event.cancel_reason = EventState.CANCELED, now, reason.strip()
    touch(db_session, event)
    record(
        db_session,
        now=now,
        by=by,
        verb="event.canceled",
        subject=event,
        event_id=event.id,
        origin=origin.value,
        target="canceled",
        reason=reason.strip(),
    )
    for step in registry().cancel_steps:
        step(db_session, event, by, now)
    event_canceled.send(None, db_session=db_session, event=event, now=now, by=by)


def finish_event(db_session: Session, *, event: Event, by: Actor, now: datetime) -> None:
    """Close the books on a show whose last day is over. Raises Refused before that."""
    lock(db_session, event)
    EVENT_MACHINE.check(event.state, EventState.FINISHED)
    if today_at(now, event.time_zone) <= event.last_day:
        raise Refused("A show can be closed from the day after its last day.")
    event.state = EventState.FINISHED
    touch(db_session, event)
    record(
        db_session,
        now=now,
        by=by,
        verb="event.finished",
        subject=event,
        event_id=event.id,
        origin="published",
        target="finished",
    )
