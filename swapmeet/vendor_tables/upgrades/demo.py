"""Demo: the show with applications lets placed vendors move up; Vic is offered two tables that came back, others wait for more."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.orders.demo_buying import actor_of
from swapmeet.orders.waitlist.serving import serve
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications.models import Application, VendorSelling
from swapmeet.vendor_tables.applications.services import handling, offers, writing
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.services.writing import Written
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from swapmeet.vendor_tables.applications.wishes import load_wish_floor, read_wishes
from swapmeet.vendor_tables.geometry import chains
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.queries import WHOLE
from swapmeet.vendor_tables.services import claims

S = ApplicationState


def fill(db_session: Session, stage: Stage) -> None:
    """Where Vic has tables by one order and has not applied, and as many stand free side by side; else nothing happens."""
    shows = db_session.scalars(select(VendorSelling.event_id)).all()
    for event in stage.events:
        if event.id in shows and event.state is EventState.PUBLISHED and event.first_day > stage.now.date():
            _play(db_session, stage, event)


def _play(db_session: Session, stage: Stage, event: Event) -> None:
    period = next((each for each in list_sale_periods(db_session, event_id=event.id) if each.code == WHOLE), None)
    vic, team = stage.accounts["vendor"], Actor.person(stage.accounts["organizer"].id, stage.accounts["organizer"].name)
    vendor = floor_queries.find_vendor_of(db_session, person_id=vic.id)
    if period is None or vendor is None:
        return
    has = list(
        db_session.scalars(
            select(Reservation).where(
                Reservation.event_id == event.id,
                Reservation.vendor_id == vendor.id,
                Reservation.sale_period_id == period.id,
                Reservation.state == ReservationState.CONFIRMED,
                Reservation.released_at.is_(None),
            )
        )
    )
    better = _free_run(db_session, event, period, has[0].place.type_id, len(has), stage.now) if has else []
    if not better:
        return
    handling.save_selling(db_session, event=event, values={"has_upgrades": True}, by=team, now=stage.now)
    _apply(db_session, stage, event, better, team)
    _come_back(db_session, event, period, better, stage.now)
    serve(db_session, event=event, now=stage.now)


def _free_run(
    db_session: Session, event: Event, period: SalePeriod, type_id: int, size: int, now: datetime
) -> list[TablePlace]:
    taken = floor_queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
    meant = {place_id for ids in db_session.scalars(select(Application.places)) for place_id in ids}
    free = {
        place.id: place
        for place in floor_queries.list_places(db_session, event_id=event.id)
        if place.id not in taken and place.id not in meant and place.is_sellable and place.type_id == type_id
    }
    runs = chains([floor_queries.spot_of(place) for place in free.values()])
    run = next((run for run in runs if len(run) >= size), [])
    return [free[int(spot.key)] for spot in run[:size]]


def _apply(db_session: Session, stage: Stage, event: Event, better: Sequence[TablePlace], team: Actor) -> None:
    """Vic applies with a wish for tables that others have, and stands where tables were left."""
    vic, at = stage.accounts["vendor"], stage.now - timedelta(days=30)
    columns = {
        "name": "Vance Miniature Lighting",
        "sells": "lamps, wire and tiny chandeliers",
        "about": "Lamps that light up, in 1:12 and 1:24.",
        "table_count": len(better),
    }
    wishes = read_wishes([("wish_1", better[0].label)], load_wish_floor(db_session, event_id=event.id))
    row: Application = writing.send(
        db_session, event=event, person_id=vic.id, written=Written(columns, wishes), by=actor_of(vic), now=at
    )
    handling.waive_fee(db_session, application=row, by=team, now=at)  # a fee is asked of those who come after
    ends, later = at + timedelta(days=5), at + timedelta(days=1)
    offers.make_offer(db_session, event=event, application=row, places=[], expires_at=ends, by=team, now=later)
    move(db_session, application=row, target=S.CONFIRMED, mover=Mover.STAFF, by=team, now=later)


def _come_back(
    db_session: Session, event: Event, period: SalePeriod, places: Sequence[TablePlace], now: datetime
) -> None:
    """Somebody had been offered them and said no."""
    terms = claims.Terms(
        ReservationKind.OFFER, ReservationState.OFFERED, expires_at=now, holder="Old Mill Models", reason="offered"
    )
    wants = [claims.Want(place.id, period.id) for place in places]
    by, then = Actor.job("demo"), now - timedelta(days=2)
    rows = claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=then)
    claims.end_reservations(db_session, rows, reason="declined", by=by, now=then)
