"""Money that came after its tables had gone: the vendor is seated at the nearest free run of the same kind and price."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.sellables import HELD, Buyer, Wish
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.geometry import natural, nearest_free_run
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.prices import PriceTags, load_tags
from swapmeet.vendor_tables.sellable import TableSellable

RESEATED_MAIL = "vendor_tables.reseated"


def reseat(
    db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], by: Actor, now: datetime
) -> bool:
    """Let released lines name places that are free now, side by side, of the same type at the same price. Claims nothing.

    What is all free still stays as it is. False when there is no such run, or nothing had to change. The caller claims
    the new places in the same transaction, or gives everything up.
    """
    tables = [line for line in lines if line.kind == queries.KIND]
    places = queries.by_id(
        queries.list_places_by_id(db_session, event_id=event.id, ids=[line.product_id for line in tables])
    )
    if any(line.product_id not in places for line in tables):
        return False
    tags = load_tags(db_session, event=event, now=now, person_id=order.person_id)
    groups: dict[tuple[int, int, int], list[OrderLine]] = {}
    for line in tables:
        place = places[line.product_id]
        key = int(line.facts["sale_period_id"]), place.type_id, tags.tag(place).minor
        groups.setdefault(key, []).append(line)
    moved: list[tuple[str, str]] = []
    for (period_id, type_id, cost), group in groups.items():
        found = _seats(db_session, event, group, period_id, type_id, cost, tags, now)
        if not found:
            return False
        moved += _rewrite(db_session, event, order, group, found, now)
    if not moved:
        return False
    record(db_session, now=now, by=by, verb="order.reseated", subject=order, moved=[list(pair) for pair in moved])
    _tell(db_session, order, moved, now)
    return True


def _seats(
    db_session: Session,
    event: Event,
    group: Sequence[OrderLine],
    period_id: int,
    type_id: int,
    cost: int,
    tags: PriceTags,
    now: datetime,
) -> list[int]:
    """Ids of as many free places, in the order of labels; those of the lines themselves while all are free."""
    taken = queries.live_states(db_session, event_id=event.id, sale_period_id=period_id, now=now)
    own = [line.product_id for line in group]
    spots, on_sale = queries.list_spots(db_session, event_id=event.id)
    there = {spot.key for spot in spots}
    if not any(place_id in taken or place_id not in there for place_id in own):
        return own
    likely = [int(spot.key) for spot in spots if spot.kind == type_id and spot.key in on_sale and spot.key not in taken]
    alike = queries.list_places_by_id(db_session, event_id=event.id, ids=likely)
    free = {place.id for place in alike if tags.tag(place).minor == cost}
    run = nearest_free_run(spots, free=free, wanted=own, size=len(own))
    return [int(spot.key) for spot in sorted(run, key=lambda spot: natural(spot.label))]


def _rewrite(
    db_session: Session, event: Event, order: Order, group: Sequence[OrderLine], seats: Sequence[int], now: datetime
) -> list[tuple[str, str]]:
    """The lines name their new places; prices stay. Returns (old label, new label) of those that changed."""
    if [line.product_id for line in group] == list(seats):
        return []
    ordered = sorted(group, key=lambda line: natural(str(line.facts["label"])))
    places = queries.by_id(queries.list_places_by_id(db_session, event_id=event.id, ids=seats))
    buyer = Buyer(order.person_id, order.buyer_email, order)
    moved = []
    for line, place_id in zip(ordered, seats, strict=True):
        place: TablePlace = places[place_id]
        if place.id == line.product_id:
            continue
        moved.append((str(line.facts["label"]), place.label))
        wish = Wish(queries.KIND, place.id, 1, {**line.facts, HELD: line.id})
        quote = TableSellable().quote(db_session, event=event, wishes=[wish], buyer=buyer, now=now)[0]
        line.product_id, line.title, line.detail = place.id, quote.title, quote.detail
        line.facts = {**line.facts, **quote.facts}
    db_session.flush()
    return moved


def _tell(db_session: Session, order: Order, moved: Sequence[tuple[str, str]], now: datetime) -> None:
    if order.buyer_email:
        queue_mail(
            db_session,
            kind=RESEATED_MAIL,
            to=order.buyer_email,
            payload={"order_id": order.id, "moved": [list(pair) for pair in moved]},
            fact_key=f"order:{order.id}:reseated:{now.isoformat()}",
            now=now,
            event_id=order.event_id,
            person_id=order.person_id,
        )
