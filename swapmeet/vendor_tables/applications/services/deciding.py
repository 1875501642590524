"""Decisions: taken in private, one by one; sent together, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications.errors import MovedOn, NothingToSend
from swapmeet.vendor_tables.applications.models import Application, Decision
from swapmeet.vendor_tables.applications.services import handling
from swapmeet.vendor_tables.applications.services.moving import lock_seen, move
from swapmeet.vendor_tables.applications.services.offers import make_offer
from swapmeet.vendor_tables.applications.services.standing import lock_line
from swapmeet.vendor_tables.applications.states import DECIDABLE, LABELS, ApplicationState, Mover, NotYourMove
from swapmeet.vendor_tables.models import TablePlace

TARGETS = {Decision.WAITLIST: ApplicationState.WAITLISTED, Decision.DECLINE: ApplicationState.DECLINED}
WORDS = {Decision.OFFER: "Offer tables", Decision.WAITLIST: "Waiting list", Decision.DECLINE: "Decline"}


@dataclass(frozen=True)
class Meant:
    """What the team means to say. `places` belong to an offer; none: the vendor may pick."""

    decision: Decision | None
    message: str = ""
    places: Sequence[TablePlace] = ()


def decide(
    db_session: Session,
    *,
    application: Application,
    meant: Meant,
    seen: int,
    seen_decision: str,
    by: Actor,
    now: datetime,
) -> None:
    """Write down what is meant; the vendor sees nothing of it. Raises MovedOn when somebody else has decided meanwhile."""
    lock_seen(db_session, application, seen)
    before = application.decision.value if application.decision is not None else ""
    if before != seen_decision:
        raise MovedOn("Somebody else has decided about this application meanwhile. Look at it again, then decide.")
    if application.state not in DECIDABLE:
        raise NotYourMove(f"This application is at “{LABELS[application.state]}”: there is nothing to decide.")
    if meant.decision is not Decision.DECLINE:
        fees.check_paid(db_session, application)
    if application.state is ApplicationState.SUBMITTED:
        handling.open_review(db_session, application=application, by=by, now=now)
    application.decision = meant.decision
    application.decision_message = meant.message if meant.decision is not None else ""
    application.places = [place.id for place in meant.places] if meant.decision is Decision.OFFER else []
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="application.decided",
        subject=application,
        origin=before,
        target=meant.decision.value if meant.decision is not None else "",
        tables=[place.label for place in meant.places],
    )


def stamp_of(application: Application) -> str:
    """What a page has seen of a decision; it differs once anything of it has changed."""
    decision = application.decision.value if application.decision is not None else ""
    places = ",".join(str(place_id) for place_id in application.places)
    return f"{application.id}:{application.moves}:{decision}:{places}"


@dataclass(frozen=True)
class Sent:
    offered: int = 0
    waitlisted: int = 0
    declined: int = 0

    def words(self) -> str:
        return f"Sent. Offers: {self.offered}; waiting list: {self.waitlisted}; declined: {self.declined}."


def send_decisions(
    db_session: Session,
    *,
    event: Event,
    stamps: Sequence[str],
    expires_at: datetime,
    is_told: bool,
    by: Actor,
    now: datetime,
) -> Sent:
    """Say it to all of them in one transaction. Raises MovedOn when one has changed since the preview, PlaceTaken, NothingToSend."""
    ids = sorted({int(stamp.split(":")[0]) for stamp in stamps})
    if not ids:
        raise NothingToSend("Nothing is decided yet.")
    lock_line(db_session, event.id)
    rows = [row for row in lock_ids(db_session, Application, ids) if row.event_id == event.id]
    if sorted(stamp_of(row) for row in rows) != sorted(set(stamps)):
        raise MovedOn("Something has changed since this page was made. Look at it again, then send.")
    count = dict.fromkeys(Decision, 0)
    for row in rows:
        assert row.decision is not None
        count[row.decision] += 1
        if row.decision is Decision.OFFER:
            _offer(db_session, event, row, expires_at, is_told, by, now)
        else:
            move(
                db_session,
                application=row,
                target=TARGETS[row.decision],
                mover=Mover.STAFF,
                by=by,
                now=now,
                message=row.decision_message,
                is_told=is_told,
            )
    return Sent(count[Decision.OFFER], count[Decision.WAITLIST], count[Decision.DECLINE])


def _offer(
    db_session: Session, event: Event, row: Application, expires_at: datetime, is_told: bool, by: Actor, now: datetime
) -> None:
    make_offer(
        db_session,
        event=event,
        application=row,
        places=floor_queries.list_places_by_id(db_session, event_id=event.id, ids=row.places),
        expires_at=expires_at,
        message=row.decision_message,
        is_told=is_told,
        by=by,
        now=now,
    )
