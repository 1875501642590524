"""What vendors do with their own application: keep a draft, send it, send it again, say yes to a neighbor, withdraw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.audit import record
from swapmeet.infra.codes import digest
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import end_of_day, to_local
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.errors import NoApplication, NotTaken, NotWritable
from swapmeet.vendor_tables.applications.models import (
    Application,
    ApplicationTie,
    ApplicationWish,
    SellingMode,
    TieKind,
    VendorSelling,
)
from swapmeet.vendor_tables.applications.services import ties
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from swapmeet.vendor_tables.applications.wishes import Wished
from swapmeet.vendor_tables.prices import list_rule_words, load_tags
from swapmeet.vendor_tables.services.profiles import vendor_for


@dataclass(frozen=True)
class Written:
    """What the vendor typed: columns by name, wishes by rank, names of others."""

    columns: Mapping[str, Any]
    wishes: Sequence[Wished] = ()
    near: Sequence[str] = ()
    away: Sequence[str] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)


def save_draft(
    db_session: Session, *, event: Event, person_id: int, written: Written, by: Actor, now: datetime
) -> Application:
    """Keep what was typed, to go on later. Raises NotTaken, NotWritable."""
    application = _open(db_session, event, person_id, written, now)
    _write(application, written)
    db_session.flush()
    record(db_session, now=now, by=by, verb="application.saved", subject=application)
    return application


def send(
    db_session: Session, *, event: Event, person_id: int, written: Written, by: Actor, now: datetime
) -> Application:
    """Send it, or send it again after changes were asked for. A late one goes onto the waiting list where the show takes those.

    The price list and the terms as they stand now are kept with it. Raises NotTaken, NotWritable, Invalid.
    """
    until = written.columns.get("willing_until")
    if until is not None and end_of_day(until, event.time_zone) <= now:
        raise Invalid("This day is over. Choose a later one, or leave it empty.", field="willing_until")
    application = _open(db_session, event, person_id, written, now)
    selling = queries.find_selling(db_session, event_id=event.id)
    assert selling is not None
    is_again = application.state is ApplicationState.CHANGES_REQUESTED
    is_late = False if is_again else check_window(selling, event, now)
    _write(application, written)
    told = {"fee_minor": selling.fee_minor, "fee_policy": selling.fee_policy}
    if is_again:  # the fee stays the one it was sent under at first
        told = {key: application.snapshot.get("sent", {}).get(key, value) for key, value in told.items()}
    application.snapshot = {**application.snapshot, "sent": terms_of(db_session, event, now) | told}
    application.submitted_at = application.submitted_at or now
    application.is_late = application.is_late or is_late
    db_session.flush()
    move(
        db_session,
        application=application,
        target=ApplicationState.WAITLISTED if is_late else ApplicationState.SUBMITTED,
        mover=Mover.VENDOR,
        by=by,
        now=now,
        is_told=selling.receipt_mail,
    )
    ties.link(db_session, application)
    return application


def check_window(selling: VendorSelling, event: Event, now: datetime) -> bool:
    """May an application be sent now? Returns whether it is late. Raises NotTaken in words."""
    if selling.opens_at is not None and now < selling.opens_at:
        opens = to_local(selling.opens_at, event.time_zone)
        raise NotTaken(
            f"Applications can be sent from {opens:%B} {opens.day}, {opens.year} at {opens:%H:%M}. Your draft is kept."
        )
    if selling.closes_at is None or now < selling.closes_at:
        return False
    if not selling.takes_late:
        raise NotTaken("The time for applications is over. Write to the organizer; there may be a place left.")
    return True


def terms_of(db_session: Session, event: Event, now: datetime) -> dict[str, Any]:
    """The price list and the terms for vendors as they stand now: what the application refers to from here on."""
    terms = floor_queries.find_terms(db_session, event_id=event.id)
    text = terms.text if terms is not None else ""
    tags = load_tags(db_session, event=event, now=now)
    types = floor_queries.list_types(db_session, event_id=event.id)
    rules = list_rule_words(db_session, tags, types)
    return {
        "at": now.isoformat(),
        "currency": event.currency,
        "prices": [
            {
                "type_id": kind.id,
                "name": kind.name,
                "price_minor": kind.price_minor,
                "first_minor": kind.first_price_minor,
                "rules": rules[kind.id],
            }
            for kind in types
        ],
        "terms": text,
        "terms_digest": digest(text),
    }


def _open(db_session: Session, event: Event, person_id: int, written: Written, now: datetime) -> Application:
    """The person's application, locked and open for writing; a new one where there is none."""
    selling = queries.find_selling(db_session, event_id=event.id)
    if selling is None or selling.mode is SellingMode.DIRECT or event.state is not EventState.PUBLISHED:
        raise NotTaken("This show takes no applications.")
    known = queries.find_own(db_session, event_id=event.id, person_id=person_id)
    if known is not None:
        lock(db_session, known)
        if not known.is_writable_at(now):
            raise NotWritable("Your application has been sent. Write to the organizer to have it opened for changes.")
        return known
    vendor = floor_queries.find_vendor_of(db_session, person_id=person_id)
    if vendor is None:
        name, sells = str(written.columns.get("name") or ""), str(written.columns.get("sells") or "")
        vendor = vendor_for(db_session, person_id=person_id, name=name, sells=sells, email="", now=now)
    fresh = Application(
        event_id=event.id, vendor_id=vendor.id, state=ApplicationState.DRAFT, moves=0, snapshot={}, created_at=now
    )
    fresh.vendor, fresh.wishes, fresh.ties = vendor, [], []
    db_session.add(fresh)
    return fresh


def _write(application: Application, written: Written) -> None:
    for name, value in written.columns.items():
        setattr(application, name, value)
    application.answers = dict(written.answers)
    wanted = {(wish.kind, wish.target): rank for rank, wish in enumerate(written.wishes, 1)}
    stands = [(wish.kind, wish.target) for wish in application.wishes]
    if stands != list(wanted):
        application.wishes.clear()
        application.wishes.extend(
            ApplicationWish(
                event_id=application.event_id, rank=rank, kind=wish.kind, target=wish.target, label=wish.label
            )
            for rank, wish in enumerate(written.wishes, 1)
        )
    named = [*((TieKind.NEAR, name) for name in written.near), *((TieKind.AWAY, name) for name in written.away)]
    for tie in [tie for tie in application.ties if (tie.kind, tie.name) not in named]:
        application.ties.remove(tie)
    known = {(tie.kind, tie.name) for tie in application.ties}
    application.ties.extend(
        ApplicationTie(event_id=application.event_id, kind=kind, name=name)
        for kind, name in dict.fromkeys(named)
        if (kind, name) not in known
    )


def answer_tie(
    db_session: Session, *, application: Application, tie_id: int, agrees: bool, by: Actor, now: datetime
) -> None:
    """Say yes or no to somebody who would like to stand near. Raises NoApplication when nobody asks that."""
    asked = {tie.id: tie for tie, _ in queries.list_asked_ties(db_session, application)}
    if tie_id not in asked:
        raise NoApplication("Nobody asks that any more. Reload the page.")
    tie = asked[tie_id]
    tie.is_agreed, tie.answered_at = agrees, now
    db_session.flush()
    record(db_session, now=now, by=by, verb="application.tie_answered", subject=tie, target="yes" if agrees else "no")
