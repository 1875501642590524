"""A freed table goes to the first application in line that it fits: the waiting list asks here what fits whom.

Nothing of this kind is ever a line of an order: what the list offers are tables, held for the vendor in a cart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.sellables import Buyer, CheckoutField, Product, Quote, Waitable, Wish
from swapmeet.orders.waitlist.line import offer_end
from swapmeet.orders.waitlist.serving import show_span
from swapmeet.vendor_tables import line as in_line
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications import queries as application_queries
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.standing import KIND
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.errors import PlaceNotFound
from swapmeet.vendor_tables.models import Reservation, ReservationKind
from swapmeet.vendor_tables.placing.judging import Floor, faults, welfare
from swapmeet.vendor_tables.placing.problem import Problem, Weights
from swapmeet.vendor_tables.runs.problem import build_problem
from swapmeet.vendor_tables.runs.words import lot_name
from swapmeet.vendor_tables.tariffs import OFFER, OFFER_UNTIL, OFFER_VENDOR

GIVEN = (ReservationKind.OFFER, ReservationKind.INCUMBENT, ReservationKind.SOLD)
CACHE = "floor of the waiting list"  # in the session's info


class ApplicationLine:
    """What waits are applications, each for its own tables; what is picked for them are tables."""

    kind = KIND
    noun = "application"
    is_priced = False  # so no tax is asked for
    can_change_quantity = False

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        """Every application that waits, with how many tables of its kind have come back and are promised to nobody."""
        statement = (
            select(Application)
            .where(Application.event_id == event.id, Application.state == ApplicationState.WAITLISTED)
            .options(joinedload(Application.type))
            .order_by(Application.id)
        )
        waiting = list(db_session.scalars(statement))
        if not waiting:
            return []
        spoken_for = promised(db_session, event)
        periods = list_sale_periods(db_session, event_id=event.id)
        free = {period.id: free_by_type(db_session, event, period, now) for period in periods}
        found = []
        for row in waiting:
            period = next((each for each in periods if each.id == row.sale_period_id), periods[0])
            kinds = [row.type_id] if row.type_id is not None else list(free[period.id])
            left = sum(free[period.id].get(kind, 0) for kind in kinds) - spoken_for
            queues = [in_line.queue(kind, period.id) for kind in kinds]
            title = row.type.name if row.type is not None else "Table of any kind"
            choice = {"sale_period_id": period.id}
            found.append(
                Waitable(
                    KIND,
                    row.id,
                    title,
                    max(0, left),
                    row.table_count,
                    {},
                    queues,
                    choice,
                    can_adjoin=True,
                    is_listed=False,
                )
            )
        return found

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        """Its tables side by side, the run that is worth the most to it; none where nothing has what it needs.

        None either before its application fee has come.
        """
        application = db_session.get_one(Application, thing.product_id)
        period = db_session.get_one(SalePeriod, int(thing.choice["sale_period_id"]))
        if count < application.table_count or _is_category_full(db_session, event, application):
            return []
        if fees.unpaid_among(db_session, [application]):
            return []
        back = came_back(db_session, event, period)
        places = floor_queries.list_places(db_session, event_id=event.id)
        ids = {place.uid: place.id for place in places if place.id in back}
        uids = best_run(problem_of(db_session, event, period), lot_name(application.id), ids)
        choice = {
            "sale_period_id": period.id,
            OFFER: ReservationKind.OFFER.value,
            OFFER_VENDOR: application.vendor_id,
            OFFER_UNTIL: offer_end(now, **show_span(event)).isoformat(),
            "vendor_name": application.name,
            "vendor_sells": application.sells,
        }
        return [Wish(floor_queries.KIND, ids[uid], 1, choice) for uid in uids]

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        raise PlaceNotFound("Applications are not put into a cart.")

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        return []

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        return []

    def claim(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        now: datetime,
        expires_at: datetime,
        by: Actor,
    ) -> None:
        return

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        return

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        return {}

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        return

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        return

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        return


def best_run(problem: Problem, key: str, among: Collection[str]) -> tuple[str, ...]:
    """The free run of these places that is worth the most to one vendor alone, the first of equals; () when nothing fits."""
    vendors = tuple(vendor for vendor in problem.vendors if vendor.key == key)
    if not vendors:
        return ()
    floor = Floor(replace(problem, vendors=vendors))
    runs = [run for run in floor.runs(vendors[0].tables) if all(place in among for place in run)]
    good = [run for run in runs if not floor.lacks(vendors[0], run) and not faults(floor, {key: run})]
    return max(good, key=lambda run: welfare(floor, {key: run}), default=())


def promised(db_session: Session, event: Event) -> int:
    """Tables of open offers whose vendors may still pick on the plan: they hold no place, and must find one."""
    statement = select(func.coalesce(func.sum(Application.table_count), 0)).where(
        Application.event_id == event.id,
        Application.state == ApplicationState.OFFERED,
        Application.places == [],
    )
    return int(db_session.scalar(statement) or 0)


def free_by_type(db_session: Session, event: Event, period: SalePeriod, now: datetime) -> dict[int, int]:
    """How many places of each type have come back and are free in a period; a type that is not sold in it is missing."""
    taken = floor_queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
    back = came_back(db_session, event, period)
    free: dict[int, int] = {}
    for place in floor_queries.list_places(db_session, event_id=event.id):
        if floor_queries.is_sold_in(place.type, period):
            is_free = place.is_sellable and place.id in back and place.id not in taken
            free[place.type_id] = free.get(place.type_id, 0) + is_free
    return free


def came_back(db_session: Session, event: Event, period: SalePeriod) -> set[int]:
    """Places that somebody had or was offered, and let go. What the team never gave out, it may be keeping back."""
    statement = select(Reservation.place_id).where(
        Reservation.event_id == event.id,
        Reservation.sale_period_id == period.id,
        Reservation.released_at.is_not(None),
        Reservation.kind.in_(GIVEN),
    )
    return set(db_session.scalars(statement.distinct()))


def _is_category_full(db_session: Session, event: Event, application: Application) -> bool:
    """Would these tables pass what the show wants of this kind of wares at most?"""
    for use in application_queries.category_uses(db_session, event_id=event.id):
        most = use.category.most_tables
        if use.category.id == application.category_id and most is not None:
            return use.given + application.table_count > most
    return False


def problem_of(db_session: Session, event: Event, period: SalePeriod) -> Problem:
    """The floor and all who wait, read once for a pass along the line and anew when a reservation has come or gone."""
    live = select(func.count(), func.max(Reservation.id)).where(
        Reservation.event_id == event.id, Reservation.released_at.is_(None)
    )
    waits = select(func.count(), func.sum(Application.moves)).where(Application.event_id == event.id)
    key = (event.id, period.id, *db_session.execute(live).one(), *db_session.execute(waits).one())
    known = db_session.info.get(CACHE)
    if known is None or known[0] != key:
        known = key, build_problem(db_session, event=event, period=period, weights=Weights())
        db_session.info[CACHE] = known
    problem: Problem = known[1]
    return problem
