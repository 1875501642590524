"""A person accepts a run: all its offers go out in one transaction, or none; the seed of its draw is shown.

Locks go from the applications by id to the show and its run, then to the places, as everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock, lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services import handling, offers
from swapmeet.vendor_tables.applications.services.standing import lock_line
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.errors import PlaceTaken
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.placing.problem import Weights
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.runs import queries
from swapmeet.vendor_tables.runs.errors import StaleRun
from swapmeet.vendor_tables.runs.models import RUN_MACHINE, PlacingRun, PlacingSeat, RunState
from swapmeet.vendor_tables.runs.problem import asked_hashes, build_problem
from swapmeet.vendor_tables.runs.words import lot_name
from swapmeet.vendor_tables.services.claims import listed

SHOWN = 12


@dataclass(frozen=True)
class Acceptance:
    """What goes with the offers: until when, whether mails go out, and whether the others go on the waiting list."""

    expires_at: datetime
    is_told: bool = False
    is_waiting: bool = True


@dataclass(frozen=True)
class Changes:
    """What is not any more as the run found it: vendors (by application id, and why), and tables that are taken by now."""

    vendors: Mapping[int, str]
    lost: Sequence[str]


@dataclass(frozen=True)
class Accepted:
    """How many got an offer, how many went on the waiting list, how many were left out because they had changed."""

    offered: int
    waiting: int
    left_out: int


def list_changes(db_session: Session, *, event: Event, run: PlacingRun, seats: Sequence[PlacingSeat]) -> Changes:
    """Compare a run with what there is now. Reads the whole floor and all applications once more."""
    problem = build_problem(db_session, event=event, period=run.period, weights=Weights(**run.weights))
    asked = asked_hashes(problem)
    changed: dict[int, str] = {}
    for seat in seats:
        key = lot_name(seat.application_id)
        if key not in asked:
            changed[seat.application_id] = _gone_words(seat.application.state)
        elif asked[key] != seat.asked_hash:
            changed[seat.application_id] = "has changed something since"
    labels = {place.uid: place.label for place in floor_queries.list_places(db_session, event_id=event.id)}
    taken = {key for kept in problem.kept for key in kept.places}
    ids = _places_by_id(db_session, event, seats)
    lost = [
        ids[place_id].label if place_id in ids else "a table that is gone"
        for seat in seats
        if seat.application_id not in changed
        for place_id in seat.places
        if place_id not in ids or ids[place_id].uid in taken or ids[place_id].uid not in labels
    ]
    return Changes(changed, lost)


def _gone_words(state: ApplicationState) -> str:
    if state is ApplicationState.WITHDRAWN:
        return "has withdrawn"
    if state is ApplicationState.CHANGES_REQUESTED:
        return "is asked to change something"
    return "does not wait for a table any more"


def _places_by_id(db_session: Session, event: Event, seats: Sequence[PlacingSeat]) -> dict[int, TablePlace]:
    wanted = [place_id for seat in seats for place_id in seat.places]
    found = floor_queries.list_places_by_id(db_session, event_id=event.id, ids=wanted)
    return {place.id: place for place in found}


def accept_run(
    db_session: Session, *, event: Event, run: PlacingRun, acceptance: Acceptance, by: Actor, now: datetime
) -> Accepted:
    """Offer every vendor of the run its tables. Whoever has withdrawn or changed something since is left out.

    Raises Invalid (a time that is over), IllegalTransition (accepted already), StaleRun (a table is taken; nobody is left).
    """
    if acceptance.expires_at <= now:
        raise Invalid("That time is over. Write a later one.", field="expires_at")
    lock_line(db_session, event.id)
    seats = queries.list_seats(db_session, run_id=run.id)
    lock_ids(db_session, Application, [seat.application_id for seat in seats])
    lock(db_session, [event, run])
    RUN_MACHINE.check(run.state, RunState.ACCEPTED)
    changes = list_changes(db_session, event=event, run=run, seats=seats)
    if changes.lost:
        raise StaleRun(_lost_words(changes.lost))
    fresh = [seat for seat in seats if seat.application_id not in changes.vendors]
    if not any(seat.places for seat in fresh):
        raise StaleRun("Nobody of this run waits for a table as they did then. Run it again.")
    places = _places_by_id(db_session, event, seats)
    _end(db_session, run, by=by, now=now)
    offered = [seat for seat in fresh if seat.places]
    for seat in offered:
        _offer(db_session, event, run, seat, [places[place_id] for place_id in seat.places], acceptance, by, now)
    waiting = [seat for seat in fresh if not seat.places] if acceptance.is_waiting else []
    for seat in sorted(waiting, key=lambda seat: _rank(run, seat)):
        _put_on_list(db_session, seat, acceptance, by, now)
    return Accepted(len(offered), len(waiting), len(changes.vendors))


def _rank(run: PlacingRun, seat: PlacingSeat) -> tuple[object, ...]:
    """The order in which those without a place get in line: as the rule had them, by points or by when they applied."""
    applied = (seat.application.submitted_at, seat.application_id)
    return applied if run.rule is Rule.FIRST_COME else (-seat.points, *applied)


def _lost_words(lost: Sequence[str]) -> str:
    labels = list(dict.fromkeys(lost))
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    shown = ", ".join(labels[:SHOWN]) + more if more else listed(labels)
    return f"Meanwhile {shown} {'is' if len(labels) == 1 else 'are'} taken. Nothing was offered. Run it again."


def _end(db_session: Session, run: PlacingRun, *, by: Actor, now: datetime) -> None:
    """Accepted for good, and the seed of its draw open to everybody."""
    origin = run.state
    run.state, run.accepted_at = RunState.ACCEPTED, now
    run.draw.shown_at = run.draw.shown_at or now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="placing_run.accepted",
        subject=run,
        origin=origin.value,
        target=run.state.value,
        input_hash=run.input_hash,
        result_hash=run.result_hash,
    )


def _offer(
    db_session: Session,
    event: Event,
    run: PlacingRun,
    seat: PlacingSeat,
    places: Sequence[TablePlace],
    acceptance: Acceptance,
    by: Actor,
    now: datetime,
) -> None:
    application = seat.application
    application.sale_period_id = run.sale_period_id
    try:
        offers.make_offer(
            db_session,
            event=event,
            application=application,
            places=places,
            expires_at=acceptance.expires_at,
            by=by,
            now=now,
            message=" ".join(seat.reasons),
            reason=f"placing run {run.number}",
            is_told=acceptance.is_told,
        )
    except PlaceTaken as error:
        raise StaleRun(_lost_words([place.label for place in places])) from error


def _put_on_list(db_session: Session, seat: PlacingSeat, acceptance: Acceptance, by: Actor, now: datetime) -> None:
    """The reasons go to the vendor's page; who waits already keeps the place in the list."""
    application, words = seat.application, " ".join(seat.reasons)
    if application.state is ApplicationState.WAITLISTED:
        application.message = words
        return
    handling.take_step(
        db_session,
        application=application,
        target=ApplicationState.WAITLISTED,
        seen=None,
        word=handling.Word("no place in the accepted placing", words, acceptance.is_told),
        by=by,
        now=now,
    )
