"""The only code that moves an application from one state to another: who may, what it says in the log, whether a mail goes."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications.errors import MovedOn
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services import standing
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover, check_move

MAIL = "applications.moved"


def lock_seen(db_session: Session, application: Application, seen: int | None) -> None:
    """Lock it and see that nobody has moved it since it was read. Raises MovedOn."""
    standing.lock_line(db_session, application.event_id)
    if guard_is_on():
        lock(db_session, application)
    if seen is not None and application.moves != seen:
        raise MovedOn("Somebody else has changed this application meanwhile. Look at it again, then decide.")
    open_gap(db_session)


def move(
    db_session: Session,
    *,
    application: Application,
    target: ApplicationState,
    mover: Mover,
    by: Actor,
    now: datetime,
    reason: str = "",
    message: str = "",
    is_told: bool = False,
    expires_at: datetime | None = None,
    **facts: Any,
) -> None:
    """One step of a locked application. `message` goes to the vendor's page, and by mail where `is_told`.

    `expires_at` belongs to an offer. Raises IllegalTransition, NotYourMove.
    """
    origin = application.state
    check_move(origin, target, mover)
    application.state, application.moves = target, application.moves + 1
    application.message = message
    application.offer_expires_at = expires_at if target is ApplicationState.OFFERED else None
    application.waitlisted_at = now if target is ApplicationState.WAITLISTED else None
    if target is not ApplicationState.CHANGES_REQUESTED:
        application.editable_until = None
    if target is not ApplicationState.IN_REVIEW:
        application.decision, application.decision_message = None, ""
        application.places = application.places if target is ApplicationState.OFFERED else []
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="application.moved",
        subject=application,
        origin=origin.value,
        target=target.value,
        reason=reason,
        **facts,
    )
    if target is ApplicationState.WAITLISTED:
        standing.enter(db_session, application, by=by, now=now)
    elif origin is ApplicationState.WAITLISTED:
        standing.leave(db_session, application, by=by, now=now, reason=reason)
    fees.ask_back(db_session, application, now=now)
    if is_told:
        tell(db_session, application, now=now)


def tell(db_session: Session, application: Application, *, now: datetime) -> None:
    """Queue the mail about where the application stands now."""
    person = application.vendor.person
    if person is None or person.erased_at is not None:
        return
    queue_mail(
        db_session,
        kind=MAIL,
        to=person.email,
        payload={"application_id": application.id, "moves": application.moves},
        fact_key=f"application:{application.id}:{application.moves}",
        now=now,
        event_id=application.event_id,
        person_id=person.id,
    )
