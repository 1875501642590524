"""The waiting list's view of tables: one line for each type and sale period; who waits may want them side by side."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import list_sale_periods
from swapmeet.orders.sellables import Waitable, Wish
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.geometry import Spot, natural, nearest_free_run

MOST = 10  # tables one entry may wait for, where the type has no limit of its own


def queue(type_id: int, period_id: int) -> str:
    """The name of the line for tables of a type in a sale period."""
    return f"table:{type_id}:{period_id}"


def waitables(db_session: Session, event: Event, now: datetime) -> list[Waitable]:
    """Every type of table in every period it is sold for, with how many are free."""
    types = queries.list_types(db_session, event_id=event.id)
    spots, on_sale = queries.list_spots(db_session, event_id=event.id)
    sold = {spot.kind for spot in spots if spot.key in on_sale}
    found = []
    for period in list_sale_periods(db_session, event_id=event.id):
        taken = queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
        for each in types:
            if each.id not in sold or not queries.is_sold_in(each, period):
                continue
            left = sum(1 for spot in spots if spot.kind == each.id and spot.key in on_sale and spot.key not in taken)
            name = f"{each.name}, {period.label}" if each.sold_by_period else each.name
            most = each.limit_per_vendor or MOST
            choice = {"sale_period_id": period.id}
            lines = (queue(each.id, period.id),)
            found.append(Waitable(queries.KIND, each.id, name, left, most, {}, lines, choice, can_adjoin=True))
    return found


def pick(
    db_session: Session, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
) -> list[Wish]:
    """Free places of the type, as many as asked or as there are: a run side by side if asked, else in the order of labels."""
    period_id = int(thing.choice["sale_period_id"])
    spots, on_sale = queries.list_spots(db_session, event_id=event.id)
    taken = queries.live_states(db_session, event_id=event.id, sale_period_id=period_id, now=now)
    free = [each for each in spots if each.kind == thing.product_id and each.key in on_sale and each.key not in taken]
    chosen = _run(spots, free, count) if is_adjacent else sorted(free, key=lambda each: natural(each.label))[:count]
    return [Wish(queries.KIND, int(each.key), 1, {"sale_period_id": period_id}) for each in chosen]


def _run(spots: list[Spot], free: list[Spot], count: int) -> list[Spot]:
    """The longest run of free places side by side, up to `count`."""
    keys = {each.key for each in free}
    for size in range(count, 0, -1):
        if run := nearest_free_run(spots, free=keys, wanted=[], size=size):
            return run
    return []
