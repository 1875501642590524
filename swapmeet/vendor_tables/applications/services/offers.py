"""Offers of tables: made with a clock, taken up into the usual cart, given back to the vendor when the cart runs out, lapsed.

An offer is a reservation in state "offered" under the vendor's name: of kind "offer" it belongs to an application, of
kind "incumbent" to a right of first refusal. Locks go from orders to the line of those who wait, to applications, to places:
whoever is paying for an offer holds the order before the application is looked at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.uow import lock, lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Refused
from swapmeet.orders.errors import StillMoving
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.sellables import FROM_LIST, Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, release_lines
from swapmeet.orders.waitlist.models import WaitState
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees, queries
from swapmeet.vendor_tables.applications.errors import OfferOver
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.moving import lock_seen, move
from swapmeet.vendor_tables.applications.services.writing import terms_of
from swapmeet.vendor_tables.applications.states import ApplicationState, Mover
from swapmeet.vendor_tables.errors import TablesNotOnSale
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.prices import load_tags
from swapmeet.vendor_tables.services import claims
from swapmeet.vendor_tables.tariffs import OFFER, OFFER_PRICE, OFFER_UNTIL, OFFER_VENDOR

LATE = "The time to accept this offer is over. Write to the organizer; there may be a place left."


def make_offer(
    db_session: Session,
    *,
    event: Event,
    application: Application,
    places: Sequence[TablePlace],
    expires_at: datetime,
    by: Actor,
    now: datetime,
    seen: int | None = None,
    message: str = "",
    reason: str = "",
    is_told: bool = False,
    mover: Mover = Mover.STAFF,
) -> list[Reservation]:
    """Offer these tables until a time; without any, the vendor may pick as many as were asked for.

    Price list, terms and profile are kept as they stand now. Raises PlaceTaken, TablesNotOnSale, MovedOn, IllegalTransition.
    """
    lock_seen(db_session, application, seen)
    fees.check_paid(db_session, application)
    if expires_at <= now:
        raise OfferOver("That time is over. Write a later one.", field="expires_at")
    period = period_of(db_session, event, application, places)
    _keep_offer(db_session, event, application, places, now)
    move(
        db_session,
        application=application,
        target=ApplicationState.OFFERED,
        mover=mover,
        by=by,
        now=now,
        reason=reason,
        message=message,
        is_told=is_told,
        expires_at=expires_at,
        places=[place.label for place in places],
    )
    if not places:
        return []
    terms = _terms(application, expires_at, reason)
    wants = [claims.Want(place.id, period.id) for place in places]
    return claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=now)


def _keep_offer(
    db_session: Session, event: Event, application: Application, places: Sequence[TablePlace], now: datetime
) -> None:
    """Write down what is offered, at which prices, under which terms, to whom."""
    owned = floor_queries.list_owned(
        db_session, event_id=event.id, person_id=application.vendor.person_id, cart_id=None, now=now
    )
    tags = load_tags(
        db_session,
        event=event,
        now=now,
        person_id=application.vendor.person_id,
        owned=[item.type_id for item in owned],
    )
    costs = tags.prices(places)
    write_offer(db_session, event, application, dict(zip([place.id for place in places], costs, strict=True)), now)


def write_offer(
    db_session: Session, event: Event, application: Application, costs: Mapping[int, int], now: datetime
) -> None:
    """What is offered, with the price of each table by its id; terms and profile as they stand now."""
    application.places = list(costs)
    application.snapshot = {
        **application.snapshot,
        "offer": {
            **terms_of(db_session, event, now),
            "profile": {"name": application.name, "sells": application.sells},
            "tables": {str(place_id): cost for place_id, cost in costs.items()},
        },
    }


def _terms(application: Application, expires_at: datetime, reason: str) -> claims.Terms:
    return claims.Terms(
        ReservationKind.OFFER,
        ReservationState.OFFERED,
        expires_at=expires_at,
        holder=application.name,
        sells=application.sells,
        reason=reason,
        vendor_id=application.vendor_id,
    )


def period_of(db_session: Session, event: Event, application: Application, places: Sequence[TablePlace]) -> SalePeriod:
    """What the tables are offered for: what was asked for, else the first period they are sold in. Raises TablesNotOnSale."""
    periods = list_sale_periods(db_session, event_id=event.id)
    wanted = [period for period in periods if period.id == application.sale_period_id] or periods
    fitting = [period for period in wanted if all(floor_queries.is_sold_in(place.type, period) for place in places)]
    if not fitting:
        raise TablesNotOnSale("These tables are not sold for the time that was asked for.", field="tables")
    return fitting[0]


def list_offered(db_session: Session, *, event_id: int, vendor_id: int) -> list[Reservation]:
    """Tables offered to a vendor and not taken up, by place; also those whose time is over and nobody has tidied away."""
    statement = (
        select(Reservation)
        .where(
            Reservation.event_id == event_id,
            Reservation.vendor_id == vendor_id,
            Reservation.state == ReservationState.OFFERED,
            Reservation.released_at.is_(None),
        )
        .order_by(Reservation.place_id)
    )
    return list(db_session.scalars(statement))


def take_up(
    db_session: Session, *, event: Event, application: Application, cart: Order, by: Actor, now: datetime
) -> list[OrderLine]:
    """The vendor accepts: the offered tables go into the cart, at the prices of the offer, to be paid like everything else.

    Raises OfferOver from the very second of its end on, and for an offer that is taken up already.
    """
    if cart.id is not None:
        lock(db_session, cart)
    lock(db_session, application)
    ends = application.offer_expires_at
    if application.state is not ApplicationState.OFFERED or ends is None:
        raise OfferOver("There is no open offer for you. This page shows where your application stands.")
    if now >= ends:
        raise OfferOver(LATE)
    rows = [
        row
        for row in list_offered(db_session, event_id=event.id, vendor_id=application.vendor_id)
        if row.kind is ReservationKind.OFFER
    ]
    if not rows:
        raise OfferOver("You have taken up this offer already. Go on in your cart, or choose your table on the plan.")
    prices = application.snapshot.get("offer", {}).get("tables", {})
    return put_in_cart(db_session, event=event, rows=rows, prices=prices, ends=ends, cart=cart, by=by, now=now)


def put_in_cart(
    db_session: Session,
    *,
    event: Event,
    rows: Sequence[Reservation],
    prices: Mapping[str, int],
    ends: datetime,
    cart: Order,
    by: Actor,
    now: datetime,
) -> list[OrderLine]:
    """Offered tables become cart lines in one transaction; what the vendor gives up again before `ends` is offered anew."""
    claims.end_reservations(db_session, rows, reason="taken up", by=by, now=now)
    wishes = []
    for row in rows:
        choice: dict[str, Any] = {
            "sale_period_id": row.sale_period_id,
            OFFER: row.kind.value,
            OFFER_VENDOR: row.vendor_id,
            OFFER_UNTIL: ends.isoformat(),
            "vendor_name": row.holder,
            "vendor_sells": row.sells,
        }
        if str(row.place_id) in prices:
            choice[OFFER_PRICE] = int(prices[str(row.place_id)])
        wishes.append(Wish(floor_queries.KIND, row.place_id, 1, choice))
    buyer = Buyer(cart.person_id, cart.buyer_email, cart)
    return add_to_cart(
        db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now, is_past_list=True
    )  # nobody in line comes before whom it was offered to


def check_still_offered(
    db_session: Session, *, event_id: int, choices: Iterable[Mapping[str, Any]], now: datetime
) -> None:
    """A cart that ran out may be tried again only while the offer stands. Raises OfferOver."""
    for choice in choices:
        if now >= datetime.fromisoformat(str(choice[OFFER_UNTIL])):
            raise OfferOver(LATE)
        is_from_list = bool(choice.get(FROM_LIST))
        if choice[OFFER] == ReservationKind.OFFER and not _stands(
            db_session, event_id, int(choice[OFFER_VENDOR]), is_from_list=is_from_list
        ):
            raise OfferOver("This offer does not stand any more.")


def _stands(db_session: Session, event_id: int, vendor_id: int, *, is_from_list: bool = False) -> bool:
    """Who waits is being offered something when the list asks."""
    state = db_session.scalar(
        select(Application.state).where(Application.event_id == event_id, Application.vendor_id == vendor_id)
    )
    return state is ApplicationState.OFFERED or (is_from_list and state is ApplicationState.WAITLISTED)


def offer_again(
    db_session: Session, *, event: Event, pairs: Sequence[tuple[Reservation, OrderLine]], by: Actor, now: datetime
) -> None:
    """Tables that a vendor took up and let go again (a cart that ran out) are the vendor's until the offer ends."""
    for row, line in pairs:
        if row.kind is not ReservationKind.CART or OFFER not in line.facts:
            continue
        ends = datetime.fromisoformat(str(line.facts[OFFER_UNTIL]))
        kind, vendor_id = ReservationKind(str(line.facts[OFFER])), int(line.facts[OFFER_VENDOR])
        if now >= ends or (kind is ReservationKind.OFFER and not _stands(db_session, event.id, vendor_id)):
            continue
        terms = claims.Terms(
            kind,
            ReservationState.OFFERED,
            expires_at=ends,
            holder=row.holder,
            sells=row.sells,
            reason="not bought yet",
            vendor_id=vendor_id,
        )
        want = claims.Want(row.place_id, row.sale_period_id)
        claims.claim_places(db_session, event=event, wants=[want], terms=terms, by=by, now=now)


def note_sold(
    db_session: Session, *, event_id: int, vendor_id: int, lines: Sequence[OrderLine], by: Actor, now: datetime
) -> None:
    """An order of this vendor is paid: the application whose offer, or right to pick, it took up is confirmed."""
    application = _of(db_session, event_id, vendor_id)
    if application is None or application.state is not ApplicationState.OFFERED:
        return
    lock(db_session, application)
    is_offer = any(line.facts.get(OFFER) == ReservationKind.OFFER for line in lines)
    if application.state is ApplicationState.OFFERED and (is_offer or not application.places):
        move(
            db_session,
            application=application,
            target=ApplicationState.CONFIRMED,
            mover=Mover.PAYMENT,
            by=by,
            now=now,
            order_ids=sorted({line.order_id for line in lines}),
        )


def note_given_up(db_session: Session, *, event_id: int, vendor_id: int, reason: str, by: Actor, now: datetime) -> None:
    """The last table of a confirmed vendor is given up: the application is canceled with it."""
    application = _of(db_session, event_id, vendor_id)
    if application is None or application.state is not ApplicationState.CONFIRMED:
        return
    left = select(Reservation.id).where(
        Reservation.event_id == event_id, Reservation.vendor_id == vendor_id, Reservation.released_at.is_(None)
    )
    if db_session.scalar(left.limit(1)) is not None:
        return
    lock(db_session, application)
    is_own = by.person_id is not None and by.person_id == application.vendor.person_id
    move(
        db_session,
        application=application,
        target=ApplicationState.CANCELED,
        mover=Mover.VENDOR if is_own else Mover.STAFF,
        by=by,
        now=now,
        reason=reason,
    )


def _of(db_session: Session, event_id: int, vendor_id: int) -> Application | None:
    return db_session.scalar(
        select(Application).where(Application.event_id == event_id, Application.vendor_id == vendor_id)
    )


def let_go(db_session: Session, *, application: Application, reason: str, by: Actor, now: datetime) -> None:
    """What was offered is free at once: the offered tables, and those in a cart that took them up.

    Call it after the application has left "offered". Raises Refused for an order that is placed: that is canceled on its page.
    """
    rows = list_offered(db_session, event_id=application.event_id, vendor_id=application.vendor_id)
    own = [row for row in rows if row.kind is ReservationKind.OFFER]
    claims.end_reservations(db_session, own, reason=reason, by=by, now=now)
    for order, lines in _taken_up(db_session, application).items():
        if order.state is not OrderState.CART:
            raise Refused(f"You have placed order {order.code} for it. Cancel that order first, on its own page.")
        release_lines(db_session, order=order, lines=lines, reason=reason, by=by, now=now)
        order.total_minor -= sum(line.total_minor for line in lines)
    db_session.flush()


def _taken_up(db_session: Session, application: Application) -> dict[Order, list[OrderLine]]:
    """Carts and unpaid orders that hold what was offered, by id, with those lines."""
    found: dict[Order, list[OrderLine]] = {}
    for line in _lines_taken_up(db_session, application):
        order = db_session.get_one(Order, line.order_id)
        found.setdefault(order, []).append(line)
    return found


def _lines_taken_up(db_session: Session, application: Application) -> list[OrderLine]:
    statement = (
        select(OrderLine)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .where(
            Reservation.event_id == application.event_id,
            Reservation.vendor_id == application.vendor_id,
            Reservation.kind == ReservationKind.CART,
            Reservation.released_at.is_(None),
        )
        .order_by(OrderLine.order_id, OrderLine.id)
    )
    fresh = statement.execution_options(populate_existing=True)
    return [line for line in db_session.scalars(fresh) if line.facts.get(OFFER) == ReservationKind.OFFER]


def _lock_with_orders(db_session: Session, application: Application, lock_it: Callable[[], None]) -> None:
    """The orders that hold what was offered, then the application. Raises StillMoving when one came in between: try again."""
    ids = {line.order_id for line in _lines_taken_up(db_session, application)}
    lock_ids(db_session, Order, ids)
    lock_it()
    if not {line.order_id for line in _lines_taken_up(db_session, application)} <= ids:
        raise StillMoving("Your cart has just changed. Try again.")


def withdraw(db_session: Session, *, application: Application, reason: str, by: Actor, now: datetime) -> None:
    """The vendor takes the application back before it is confirmed; what was offered is free at once.

    Raises Refused while an order for it waits for money.
    """
    _lock_with_orders(db_session, application, lambda: lock_seen(db_session, application, None))
    move(
        db_session, application=application, target=ApplicationState.WITHDRAWN, mover=Mover.VENDOR, by=by, now=now,
        reason=reason,
    )  # fmt: skip
    let_go(db_session, application=application, reason="withdrawn", by=by, now=now)


def is_taken_up(db_session: Session, application: Application, now: datetime) -> bool:
    """Does a cart or an unpaid order hold tables for this application?"""
    return find_taken_up(db_session, application, now) is not None


def find_taken_up(db_session: Session, application: Application, now: datetime) -> Order | None:
    """The cart or the unpaid order that holds tables for this application."""
    person_id = application.vendor.person_id
    is_theirs = Reservation.vendor_id == application.vendor_id
    if person_id is not None:  # a vendor without a sign-in has nothing to do with the orders of guests
        is_theirs |= Order.person_id == person_id
    held = (
        select(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .where(
            Reservation.event_id == application.event_id,
            Reservation.kind == ReservationKind.CART,
            floor_queries.live_at(now),
            is_theirs,
        )
    )
    return db_session.scalar(held.order_by(Order.id.desc()).limit(1))


def run_clocks(db_session: Session, *, now: datetime) -> int:
    """Offers whose time is over lapse, unless they were taken up in time; so does the time for changes. Returns how many."""
    over = (Application.state == ApplicationState.OFFERED) & (Application.offer_expires_at <= now)
    late = (Application.state == ApplicationState.CHANGES_REQUESTED) & (Application.editable_until <= now)
    ids = list(db_session.scalars(select(Application.id).where(over | late).order_by(Application.id).limit(200)))
    done = 0
    for application_id in ids:
        application = db_session.get_one(Application, application_id)
        _lock_with_orders(db_session, application, partial(lock, db_session, application))
        done += _run_clock(db_session, application, now)
    return done


def _run_clock(db_session: Session, application: Application, now: datetime) -> bool:
    by = Actor.job("clock")
    if application.state is ApplicationState.CHANGES_REQUESTED:
        if application.editable_until is None or application.editable_until > now:
            return False
        reason = "the time for changes is over"
        move(
            db_session, application=application, target=ApplicationState.SUBMITTED, mover=Mover.JOB, by=by, now=now,
            reason=reason,
        )  # fmt: skip
        return True
    ends = application.offer_expires_at
    if ends is None or ends > now or is_taken_up(db_session, application, now):
        return False
    entry = queries.find_entry(db_session, application.id)
    if entry is not None and entry.state is WaitState.OFFERED:
        return False  # an offer of the waiting list ends with its cart
    move(
        db_session, application=application, target=ApplicationState.LAPSED, mover=Mover.JOB, by=by, now=now,
        reason="the time to accept is over",
    )  # fmt: skip
    let_go(db_session, application=application, reason="not accepted in time", by=by, now=now)
    return True


def end_all(db_session: Session, *, event: Event, now: datetime) -> None:
    """No offer of this show stands any more: it is canceled."""
    statement = select(Application).where(
        Application.event_id == event.id, Application.state == ApplicationState.OFFERED
    )
    for application in db_session.scalars(statement.order_by(Application.id)).all():
        lock(db_session, application)
        if application.state is ApplicationState.OFFERED:
            move(
                db_session, application=application, target=ApplicationState.LAPSED, mover=Mover.JOB,
                by=Actor.job("clock"), now=now, reason="the show is canceled",
            )  # fmt: skip


def find_right_to_pick(
    db_session: Session, *, event_id: int, person_id: int | None, now: datetime
) -> Application | None:
    """An open offer without tables: the vendor picks on the plan."""
    if person_id is None:
        return None
    application = queries.find_own(db_session, event_id=event_id, person_id=person_id)
    if application is None or application.state is not ApplicationState.OFFERED or application.places:
        return None
    ends = application.offer_expires_at
    return application if ends is not None and now < ends else None
