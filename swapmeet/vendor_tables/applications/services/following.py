"""What becomes of an application when its place on the waiting list moves: offered, let go, lapsed, left, waited for again."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.vendor_tables.applications.errors import MovedOn
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.queries import find_entry
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.services.standing import KIND
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover

S = ApplicationState


def follow(db_session: Session, entry: WaitingEntry, origin: WaitState, *, by: Actor, now: datetime) -> None:
    """Called with each step of the waiting list; does nothing about those who wait for other things."""
    step = STEPS.get(entry.state)
    if step is None or not entry.items or entry.items[0].kind != KIND:
        return
    application = db_session.get_one(Application, entry.items[0].product_id)
    lock(db_session, application)
    step(db_session, application, entry, by, now)


def _offered(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    """Its tables are held in the cart of the list until the same instant."""
    event = db_session.get_one(Event, application.event_id)
    lines = list_live_lines(db_session, db_session.get_one(Order, entry.offer_order_id))
    offers.write_offer(db_session, event, application, {line.product_id: line.unit_minor for line in lines}, now)
    move(
        db_session,
        application=application,
        target=S.OFFERED,
        mover=Mover.JOB,
        by=by,
        now=now,
        reason="from the waiting list",
        expires_at=entry.offer_ends_at,
        places=[line.facts["label"] for line in lines],
    )


def _lapsed(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    if application.state is S.OFFERED:
        _end(db_session, application, S.LAPSED, Mover.JOB, by, now, "the time to accept is over")


def _declined(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    if application.state is S.OFFERED:
        _end(db_session, application, S.WITHDRAWN, Mover.VENDOR, by, now, "did not want what was offered")


def _end(
    db_session: Session, application: Application, target: ApplicationState, mover: Mover, by: Actor, now: datetime,
    reason: str,
) -> None:  # fmt: skip
    move(db_session, application=application, target=target, mover=mover, by=by, now=now, reason=reason)
    offers.let_go(db_session, application=application, reason=reason, by=by, now=now)


def _left(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    if application.state is S.WAITLISTED:
        move(
            db_session, application=application, target=S.WITHDRAWN, mover=Mover.VENDOR, by=by, now=now,
            reason="left the waiting list",
        )  # fmt: skip


def _ended(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    """Nothing came free in time. With the show over, where it stood is left as it was."""
    is_late = entry.willing_until is not None and entry.willing_until <= now
    if application.state is S.WAITLISTED and is_late:
        move(
            db_session, application=application, target=S.DECLINED, mover=Mover.JOB, by=by, now=now,
            reason="nothing came free in time",
        )  # fmt: skip


def _waits(db_session: Session, application: Application, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    """After an offer that lapsed or was declined: they wait again, at the end. Raises MovedOn where the team did something else."""
    if application.state is S.WAITLISTED:
        return
    own = find_entry(db_session, application.id)
    if own is None or own.id != entry.id or application.state not in (S.LAPSED, S.WITHDRAWN):
        raise MovedOn("Your application has moved on since. Look at its page to see where it stands.")
    move(
        db_session, application=application, target=S.WAITLISTED, mover=Mover.VENDOR, by=by, now=now,
        reason="waits again",
    )  # fmt: skip


STEPS: dict[WaitState, Callable[[Session, Application, WaitingEntry, Actor, datetime], None]] = {
    WaitState.OFFERED: _offered,
    WaitState.LAPSED: _lapsed,
    WaitState.DECLINED: _declined,
    WaitState.LEFT: _left,
    WaitState.ENDED: _ended,
    WaitState.WAITING: _waits,
}
