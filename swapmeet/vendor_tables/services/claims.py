"""Claiming places, all or nothing, and letting them go: the only code that writes the life of a reservation.

The partial unique index over live rows makes a second holder impossible. Rows are written in ascending place id, and who
frees the places of expired carts first locks all of them in that order, so no two buyers wait for each other in a circle.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import guard_is_on, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.errors import PlaceTaken
from swapmeet.vendor_tables.geometry import natural, nearest_free_run
from swapmeet.vendor_tables.models import (
    RESERVATION_MACHINE,
    Reservation,
    ReservationKind,
    ReservationState,
    TablePlace,
    new_stamp,
)


@dataclass(frozen=True)
class Want:
    """One place in one sale period, and the order line it is for (None: by hand)."""

    place_id: int
    sale_period_id: int
    line_id: int | None = None


@dataclass(frozen=True)
class Terms:
    """What every reservation of one claim has in common."""

    kind: ReservationKind
    state: ReservationState
    expires_at: datetime | None = None
    holder: str = ""
    sells: str = ""
    reason: str = ""
    vendor_id: int | None = None


def lock_places(db_session: Session, place_ids: Iterable[int]) -> None:
    """Row locks in ascending id, once a transaction, before the reads a decision rests on. Nothing to do on SQLite.

    They do not stop plain claims, whose foreign keys only share the key of a place: those meet at the unique index.
    """
    if guard_is_on():
        statement = select(TablePlace.id).where(TablePlace.id.in_(sorted(set(place_ids)))).order_by(TablePlace.id)
        db_session.execute(statement.with_for_update(key_share=True)).all()


def claim_places(
    db_session: Session, *, event: Event, wants: Sequence[Want], terms: Terms, by: Actor, now: datetime
) -> list[Reservation]:
    """Reserve all of these, or none: raises PlaceTaken naming the lost ones and offering the nearest free run.

    Holds of the team whose time is over are let go first. The caller's transaction rolls back on an error.
    """
    ordered = sorted(set(wants), key=lambda want: (want.place_id, want.sale_period_id))
    places, periods = {want.place_id for want in ordered}, {want.sale_period_id for want in ordered}
    ended = queries.list_ended(db_session, places=places, periods=periods, now=now)
    end_reservations(db_session, ended, reason="time is over", by=Actor.job("expiry"), now=now)
    values = [_row(event, want, terms, now) for want in ordered]
    got = _insert(db_session, values) if guard_is_on() else _insert_without_guard(db_session, values, now)
    lost = [want for want in ordered if (want.place_id, want.sale_period_id) not in got]
    if lost:
        raise place_taken(db_session, event=event, wants=ordered, lost=lost, now=now)
    _check_on_plan(db_session, places)
    return _written_down(db_session, got.values(), by, now)


def _check_on_plan(db_session: Session, place_ids: Iterable[int]) -> None:
    """After the claim, which waits for a plan that is being published: the table may have left it meanwhile."""
    gone = select(TablePlace.label).where(TablePlace.id.in_(sorted(place_ids)), TablePlace.retired_at.is_not(None))
    labels = sorted(db_session.scalars(gone), key=natural) if guard_is_on() else []
    if labels:
        verb = "is" if len(labels) == 1 else "are"
        words = f"{listed(labels)} {verb} not on the plan any more. Nothing was reserved for you; choose another."
        raise PlaceTaken(words, lost=labels, wanted=labels, offer=[], instead=[], instead_label="")


def end_reservations(
    db_session: Session, rows: Sequence[Reservation], *, reason: str, by: Actor, now: datetime
) -> None:
    """Let go of live reservations; the places are free at once. An offer lapses, everything else is released."""
    for row in rows:
        origin = row.state
        over_time = origin is ReservationState.OFFERED and row.expires_at is not None and row.expires_at <= now
        target = ReservationState.LAPSED if over_time else ReservationState.RELEASED
        RESERVATION_MACHINE.check(origin, target)
        row.state, row.released_at, row.release_reason = target, now, reason
        _write_down(db_session, row, "table.released", by, now, origin=origin.value, reason=reason)
    db_session.flush()


def confirm_reservations(db_session: Session, rows: Sequence[Reservation], *, by: Actor, now: datetime) -> None:
    """These places are sold."""
    for row in rows:
        origin = row.state
        RESERVATION_MACHINE.check(origin, ReservationState.CONFIRMED)
        row.state, row.kind = ReservationState.CONFIRMED, ReservationKind.SOLD
        row.expires_at, row.stamp = None, new_stamp()
        _write_down(db_session, row, "table.confirmed", by, now, origin=origin.value)
    db_session.flush()


def set_expiry(db_session: Session, rows: Sequence[Reservation], *, expires_at: datetime | None) -> None:
    """The holds now end at another time; None: no clock of their own (the order's due date bounds them)."""
    for row in rows:
        row.expires_at = expires_at
        if expires_at is None:
            row.stamp = new_stamp()  # "on hold" becomes "taken" for everybody
    db_session.flush()


def place_taken(
    db_session: Session, *, event: Event, wants: Sequence[Want], lost: Sequence[Want], now: datetime
) -> PlaceTaken:
    """The refusal, with what is needed to go on: the lost labels, and as many free places side by side nearby."""
    spots, on_sale = queries.list_spots(db_session, event_id=event.id)
    names = {spot.key: spot.label for spot in spots}
    period_id = lost[0].sale_period_id
    wanted = [want.place_id for want in wants if want.sale_period_id == period_id]
    types = {spot.kind for spot in spots if spot.key in set(wanted)}
    taken = queries.live_states(db_session, event_id=event.id, sale_period_id=period_id, now=now)
    free = {spot.key for spot in spots if spot.key in on_sale and spot.kind in types and spot.key not in taken}
    lost_ids = [want.place_id for want in lost if want.sale_period_id == period_id]
    aim = lost_ids + [place_id for place_id in wanted if place_id not in lost_ids]
    run = nearest_free_run(spots, free=free - set(lost_ids), wanted=aim, size=len(wanted))
    labels = sorted((names[place_id] for place_id in lost_ids if place_id in names), key=natural)
    return PlaceTaken(
        _words(labels, [spot.label for spot in run], size=len(wanted), left=len(free - set(lost_ids))),
        lost=labels,
        wanted=sorted((names[place_id] for place_id in wanted if place_id in names), key=natural),
        offer=[spot.label for spot in run],
        instead=[(f"{queries.KIND}-{spot.key}", str(period_id)) for spot in run],
        instead_label=f"Take {listed([spot.label for spot in run])} instead" if run else "",
    )


def _words(lost: Sequence[str], offer: Sequence[str], *, size: int, left: int) -> str:
    """What went, and what is free instead: a run of as many, else how many one by one, else nothing."""
    verb = "was" if len(lost) == 1 else "were"
    noun = "Table" if len(lost) == 1 else "Tables"
    words = f"{noun} {listed(lost)} {verb} just taken. Nothing was reserved for you."
    if offer:
        return f"{words} {listed(offer)} {'is' if len(offer) == 1 else 'are'} free nearby."
    if left:
        return f"{words} No {size} of this kind are free side by side any more, {left} one by one."
    return f"{words} None of this kind is free any more."


def listed(labels: Sequence[str]) -> str:
    """ "A1", "A1 and A2", "A1, A2 and A3"."""
    return labels[0] if len(labels) == 1 else ", ".join(labels[:-1]) + " and " + labels[-1]


def _row(event: Event, want: Want, terms: Terms, now: datetime) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "place_id": want.place_id,
        "sale_period_id": want.sale_period_id,
        "line_id": want.line_id,
        "kind": terms.kind,
        "state": terms.state,
        "vendor_id": terms.vendor_id,
        "holder": terms.holder[:200],
        "sells": terms.sells[:300],
        "reason": terms.reason[:500],
        "expires_at": terms.expires_at,
        "release_reason": "",
        "created_at": now,
        "stamp": new_stamp(),
    }


def _insert(db_session: Session, values: Sequence[dict[str, Any]]) -> dict[tuple[int, int], int]:
    """Insert what the live index lets in; returns ids by (place, period). A rival at the same moment is waited for."""
    is_sqlite = db_session.get_bind().dialect.name == "sqlite"
    insert: Any = sqlite.insert if is_sqlite else postgresql.insert
    statement = (
        insert(Reservation)
        .values(list(values))
        .on_conflict_do_nothing(
            index_elements=[Reservation.place_id, Reservation.sale_period_id],
            index_where=Reservation.released_at.is_(None),
        )
        .returning(Reservation.id, Reservation.place_id, Reservation.sale_period_id)
    )
    return {(row.place_id, row.sale_period_id): row.id for row in db_session.execute(statement)}


def _insert_without_guard(
    db_session: Session, values: Sequence[dict[str, Any]], now: datetime
) -> dict[tuple[int, int], int]:
    """The naive way (look, pause, write), for the control of the race tests only: it must double-book."""
    got = {}
    for value in values:
        key = (value["place_id"], value["sale_period_id"])
        taken = select(Reservation.id).where(
            Reservation.place_id == key[0], Reservation.sale_period_id == key[1], queries.live_at(now)
        )
        if db_session.scalar(taken.limit(1)) is None:
            open_gap(db_session)
            row = Reservation(**value)
            db_session.add(row)
            db_session.flush()
            got[key] = row.id
    return got


def _written_down(db_session: Session, ids: Iterable[int], by: Actor, now: datetime) -> list[Reservation]:
    statement = select(Reservation).where(Reservation.id.in_(list(ids))).order_by(Reservation.place_id, Reservation.id)
    rows = list(db_session.scalars(statement))
    for row in rows:
        _write_down(db_session, row, "table.reserved", by, now, origin=None, reason=row.reason)
    return rows


def _write_down(
    db_session: Session,
    row: Reservation,
    verb: str,
    by: Actor,
    now: datetime,
    *,
    origin: str | None,
    reason: str = "",
) -> None:
    record(
        db_session,
        now=now,
        by=by,
        verb=verb,
        subject=row,
        origin=origin,
        target=row.state.value,
        reason=reason,
        place_id=row.place_id,
        sale_period_id=row.sale_period_id,
    )
