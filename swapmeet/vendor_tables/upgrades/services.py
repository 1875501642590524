"""Who of the placed vendors is offered what came back, taking it, and what ends such an offer.

A table on offer is held like one that the team holds, so nobody else can have it. Locks go from the order to the offer to
the places; whoever makes offers holds the row of the show's waiting list, as whoever serves the line does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event, EventState, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import guard_is_on, lock, lock_ids, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.errors import StillMoving
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.taxes import tax_of
from swapmeet.orders.waitlist.line import offer_end
from swapmeet.orders.waitlist.serving import lock_list, show_span
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import queries as application_queries
from swapmeet.vendor_tables.applications.models import Application, VendorSelling
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.applications.wishes import WishFloor
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.placing.judging import Floor, faults, met_wish, welfare
from swapmeet.vendor_tables.placing.problem import Problem, Vendor
from swapmeet.vendor_tables.runs import promoting
from swapmeet.vendor_tables.runs.problem import STEP_FREE, vendor_of
from swapmeet.vendor_tables.runs.words import lot_name
from swapmeet.vendor_tables.services import claims, desk
from swapmeet.vendor_tables.services.claims import listed
from swapmeet.vendor_tables.upgrades.errors import PriceMoved, UpgradeOver
from swapmeet.vendor_tables.upgrades.models import UPGRADE_MACHINE, UpgradeOffer, UpgradeState

MAIL = "vendor_tables.upgrade"
BY = Actor.job("upgrade round")
OVER = "This offer is over. You keep the tables you have."


@dataclass(frozen=True)
class Placed:
    """A vendor with tables in one period, in the order of their row."""

    application: Application
    rows: Sequence[Reservation]
    points: int


def run_round(db_session: Session, *, event: Event, now: datetime) -> int:
    """Offer what came back to placed vendors who like it better, by points. Call it with the list locked. Returns how many."""
    selling = db_session.get(VendorSelling, event.id)
    if selling is None or not selling.has_upgrades:
        return 0
    end_what_is_over(db_session, event=event, now=now)
    if event.state is not EventState.PUBLISHED or now >= show_span(event)["starts_at"]:
        return 0
    return sum(
        _offer(db_session, event, period, placed, now)
        for period in list_sale_periods(db_session, event_id=event.id)
        for placed in _placed(db_session, event, period)
    )


def run_all(db_session: Session, now: datetime) -> None:
    """Every show that wants it; the worker calls it several times a minute."""
    shows = select(VendorSelling.event_id).where(VendorSelling.has_upgrades).order_by(VendorSelling.event_id)
    for event_id in db_session.scalars(shows).all():
        found = lock_list(db_session, event_id)
        if found is None or not found.is_paused:
            run_round(db_session, event=db_session.get_one(Event, event_id), now=now)


def _placed(db_session: Session, event: Event, period: SalePeriod) -> list[Placed]:
    """Confirmed vendors with wishes, all their tables and no open offer: most points first, then by when they applied."""
    busy = select(UpgradeOffer.application_id).where(
        UpgradeOffer.event_id == event.id, UpgradeOffer.state == UpgradeState.OFFERED
    )
    statement = (
        select(Application)
        .where(
            Application.event_id == event.id,
            Application.state == ApplicationState.CONFIRMED,
            Application.id.not_in(busy),
            Application.wishes.any(),
        )
        .options(selectinload(Application.wishes), joinedload(Application.type))
        .order_by(Application.submitted_at, Application.id)
    )
    applications = list(db_session.scalars(statement))
    held: dict[int, list[Reservation]] = {}
    mine = select(Reservation).where(
        Reservation.event_id == event.id,
        Reservation.sale_period_id == period.id,
        Reservation.released_at.is_(None),
        Reservation.state == ReservationState.CONFIRMED,
        Reservation.line_id.is_not(None),
        Reservation.vendor_id.in_([row.vendor_id for row in applications]),
    )
    for row in db_session.scalars(mine.options(joinedload(Reservation.place), joinedload(Reservation.line))):
        held.setdefault(row.vendor_id or 0, []).append(row)
    points = application_queries.standings_of(
        db_session, organizer_id=event.organizer_id, vendor_ids=[row.vendor_id for row in applications]
    )
    found = [
        Placed(
            each,
            sorted(held.get(each.vendor_id, []), key=lambda row: natural(row.place.label)),
            points[each.vendor_id].points if each.vendor_id in points else 0,
        )
        for each in applications
    ]
    whole = [each for each in found if len(each.rows) == each.application.table_count and _is_one_order(each.rows)]
    return sorted(whole, key=lambda each: -each.points)


def _is_one_order(rows: Sequence[Reservation]) -> bool:
    return len({row.line.order_id for row in rows if row.line is not None}) == 1


def _offer(db_session: Session, event: Event, period: SalePeriod, placed: Placed, now: datetime) -> bool:
    """Hold the best run for one vendor, if it is better than what they have. False when there is none."""
    free = promoting.free_by_type(db_session, event, period, now)
    if sum(free.values()) - promoting.promised(db_session, event) < len(placed.rows):
        return False
    problem = promoting.problem_of(db_session, event, period)
    key = lot_name(placed.application.id)
    vendor = _vendor(db_session, event, placed, problem)
    others = tuple(kept for kept in problem.kept if kept.vendor != key)
    floor = Floor(replace(problem, vendors=(vendor,), kept=others))
    rank_now = met_wish(vendor, tuple(row.place.uid for row in placed.rows))
    run = _better_run(floor, vendor, rank_now, _on_offer(db_session, event, period, placed, now))
    if not run:
        return False
    try:
        with db_session.begin_nested():
            _hold(db_session, event, period, placed, run, (met_wish(vendor, run), rank_now), now)
    except StillMoving:
        raise
    except DomainError:
        return False  # somebody was faster
    return True


def _vendor(db_session: Session, event: Event, placed: Placed, problem: Problem) -> Vendor:
    places = floor_queries.list_places(db_session, event_id=event.id)
    known = {place.key for place in problem.places}
    uids = {place.id: place.uid for place in places if place.uid in known}
    knows_steps = any(STEP_FREE in place.tags for place in problem.places)
    return vendor_of(placed.application, 0, placed.points, WishFloor(places), uids, knows_steps)


def _on_offer(db_session: Session, event: Event, period: SalePeriod, placed: Placed, now: datetime) -> set[str]:
    """Stable names of places that came back, are free, and that this vendor has not said no to."""
    taken = floor_queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
    back = promoting.came_back(db_session, event, period)
    refused = select(UpgradeOffer.places).where(
        UpgradeOffer.application_id == placed.application.id,
        UpgradeOffer.state.in_([UpgradeState.DECLINED, UpgradeState.LAPSED]),
    )
    no = {place_id for ids in db_session.scalars(refused) for place_id in ids}
    return {
        place.uid
        for place in floor_queries.list_places(db_session, event_id=event.id)
        if place.id in back and place.id not in taken and place.id not in no and place.is_sellable
    }


def _better_run(floor: Floor, vendor: Vendor, rank_now: int, among: set[str]) -> tuple[str, ...]:
    """The best free run that meets an earlier wish than the present tables do; () when none does."""
    good = [
        run
        for run in floor.runs(vendor.tables)
        if all(place in among for place in run)
        and 0 < met_wish(vendor, run) < (rank_now or len(vendor.wishes) + 1)
        and not floor.lacks(vendor, run)
        and not faults(floor, {vendor.key: run})
    ]
    return max(good, key=lambda run: welfare(floor, {vendor.key: run}), default=())


def _hold(
    db_session: Session,
    event: Event,
    period: SalePeriod,
    placed: Placed,
    run: Sequence[str],
    ranks: tuple[int, int],
    now: datetime,
) -> None:
    places = [place for place in floor_queries.list_places(db_session, event_id=event.id) if place.uid in run]
    places.sort(key=lambda place: run.index(place.uid))
    ends = offer_end(now, **show_span(event))
    name = placed.application.name or "a vendor"
    holds = desk.hold_places(
        db_session, event=event, places=places, period=period, holder=name, reason="offered in the upgrade round",
        expires_at=ends, by=BY, now=now,
    )  # fmt: skip
    offer = UpgradeOffer(
        event_id=event.id,
        application_id=placed.application.id,
        state=UpgradeState.OFFERED,
        places=[place.id for place in places],
        origins=[row.id for row in placed.rows],
        holds=[row.id for row in holds],
        labels=listed([place.label for place in places])[:300],
        labels_now=listed([row.place.label for row in placed.rows])[:300],
        rank=ranks[0],
        rank_now=ranks[1],
        expires_at=ends,
        created_at=now,
    )
    db_session.add(offer)
    db_session.flush()
    record(
        db_session, now=now, by=BY, verb="upgrade.offered", subject=offer, target=offer.labels, origin=offer.labels_now
    )
    person = placed.application.vendor.person
    if person is not None and person.erased_at is None:
        queue_mail(
            db_session, kind=MAIL, to=person.email, payload={"offer_id": offer.id}, fact_key=f"upgrade:{offer.id}",
            now=now, event_id=event.id, person_id=person.id,
        )  # fmt: skip


def find_open(db_session: Session, *, application_id: int, now: datetime) -> UpgradeOffer | None:
    """The offer that a vendor may still take: its time is not over, its tables are held, those to be exchanged are theirs."""
    offer = db_session.scalar(
        select(UpgradeOffer).where(
            UpgradeOffer.application_id == application_id,
            UpgradeOffer.state == UpgradeState.OFFERED,
            UpgradeOffer.expires_at > now,
        )
    )
    return offer if offer is not None and _are_live(db_session, [*offer.origins, *offer.holds]) else None


def difference(db_session: Session, *, event: Event, offer: UpgradeOffer, now: datetime) -> int:
    """What the change costs today, with the tax that comes on top: positive is to be paid, negative goes back."""
    swaps = [(row.line, place) for row, place in _swaps(db_session, event, offer) if row.line is not None]
    quotes = desk.prices_there(db_session, event=event, swaps=swaps, now=now, keeps_promise=False)
    total = 0
    for line, _ in swaps:
        quote = quotes[line.id]
        if quote.unit_minor != line.unit_minor:
            added = tax_of(quote.unit_minor, line.tax_bp, is_added=True) if line.tax_is_added else 0
            total += quote.unit_minor + added - line.total_minor
    return total


def _swaps(db_session: Session, event: Event, offer: UpgradeOffer) -> list[tuple[Reservation, TablePlace]]:
    """What the vendor has, with the table that is offered for it."""
    ids = [int(each) for each in offer.places]
    places = floor_queries.by_id(floor_queries.list_places_by_id(db_session, event_id=event.id, ids=ids))
    rows = [db_session.get_one(Reservation, int(each)) for each in offer.origins]
    return [(row, places[place_id]) for row, place_id in zip(rows, ids, strict=True)]


def take(
    db_session: Session, *, event: Event, application: Application, seen_minor: int, by: Actor, now: datetime
) -> UpgradeOffer:
    """Move to the better tables in one transaction; the old ones are free, the difference is a line of the order.

    Raises UpgradeOver, PriceMoved.
    """
    offer = _lock(db_session, application, now)
    if difference(db_session, event=event, offer=offer, now=now) != seen_minor:
        raise PriceMoved("The price has changed meanwhile. Look at it again, then decide.")
    moves = _swaps(db_session, event, offer)
    claims.lock_places(db_session, [place_id for row, place in moves for place_id in (row.place_id, place.id)])
    _end(db_session, offer, UpgradeState.TAKEN, by, now)
    desk.move_reservations(
        db_session, event=event, moves=moves, reason="upgrade round", is_told=False, by=by, now=now,
        is_repriced=True, keeps_promise=False,
    )  # fmt: skip
    return offer


def decline(db_session: Session, *, application: Application, by: Actor, now: datetime) -> None:
    """Stay; what was held is free for the waiting list. Raises UpgradeOver."""
    _end(db_session, _lock(db_session, application, now), UpgradeState.DECLINED, by, now)


def _lock(db_session: Session, application: Application, now: datetime) -> UpgradeOffer:
    """The vendor's order, then the offer, read anew. Raises UpgradeOver."""
    offer = find_open(db_session, application_id=application.id, now=now)
    if offer is None:
        raise UpgradeOver(OVER)
    ids = (
        select(OrderLine.order_id)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .where(Reservation.id.in_([int(each) for each in offer.origins]))
    )
    if guard_is_on():
        lock_ids(db_session, Order, set(db_session.scalars(ids)))
        lock(db_session, offer)
    if offer.state is not UpgradeState.OFFERED or not _are_live(db_session, [*offer.origins, *offer.holds]):
        raise UpgradeOver(OVER)
    open_gap(db_session)
    return offer


def _are_live(db_session: Session, ids: Sequence[Any]) -> bool:
    """Are all these reservations still there?"""
    live = select(func.count()).where(
        Reservation.id.in_([int(each) for each in ids]), Reservation.released_at.is_(None)
    )
    return db_session.scalar(live) == len(ids)


def _end(db_session: Session, offer: UpgradeOffer, target: UpgradeState, by: Actor, now: datetime) -> None:
    UPGRADE_MACHINE.check(offer.state, target)
    origin, offer.state, offer.ended_at = offer.state, target, now
    held = select(Reservation).where(
        Reservation.id.in_([int(each) for each in offer.holds]),
        Reservation.released_at.is_(None),
        Reservation.kind == ReservationKind.STAFF,
    )
    rows = list(db_session.scalars(held.order_by(Reservation.id)))
    claims.end_reservations(db_session, rows, reason=f"upgrade {target.value}", by=by, now=now)
    record(
        db_session, now=now, by=by, verb="upgrade.moved", subject=offer, origin=origin.value, target=target.value,
        reason=offer.labels,
    )  # fmt: skip


def end_what_is_over(db_session: Session, *, event: Event, now: datetime) -> None:
    """Offers whose time is over lapse. Void are those of vendors who have other tables by now, those whose tables the team
    took back, and those of a show that is off.
    """
    statement = select(UpgradeOffer.id).where(
        UpgradeOffer.event_id == event.id, UpgradeOffer.state == UpgradeState.OFFERED
    )
    for offer in lock_ids(db_session, UpgradeOffer, set(db_session.scalars(statement))):
        if offer.state is not UpgradeState.OFFERED:
            continue
        if event.state is not EventState.PUBLISHED or not _are_live(db_session, offer.origins):
            _end(db_session, offer, UpgradeState.VOID, BY, now)
        elif offer.expires_at <= now:
            _end(db_session, offer, UpgradeState.LAPSED, BY, now)
        elif not _are_live(db_session, offer.holds):  # the team has let them go, or given them to somebody
            _end(db_session, offer, UpgradeState.VOID, BY, now)
