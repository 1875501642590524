"""What people can stand in line for: tickets, each choice of those that are sold by choice, and bundles."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.badges.holding import KIND
from swapmeet.events.models import Event
from swapmeet.kernel.time import Window
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import VARIANT, Waitable
from swapmeet.registration.bundles import units_of
from swapmeet.registration.models import TicketType, TicketVariant
from swapmeet.registration.pricing import SaleState, sale_state, sale_window
from swapmeet.registration.queries import SoldType, bundles_of, list_ticket_types, types_by_id
from swapmeet.registration.variants import title_of, variants_of


def waitables(db_session: Session, event: Event, now: datetime) -> list[Waitable]:
    """What the public can buy now, as far as it is limited. A bundle takes what its parts take."""
    listed = [each for each in list_ticket_types(db_session, event_id=event.id) if _can_run_out(each)]
    types = [each for each in listed if sale_state(window_of(event, each), now, left=None) is SaleState.ON_SALE]
    variants = variants_of(db_session, event_id=event.id)
    bundles = types_by_id(db_session, event_id=event.id, ids=bundles_of(db_session, event_id=event.id))
    things = [thing for each in types for thing in _things(each, variants.get(each.id, ()), bundles.get(each.id))]
    free = free_units(db_session, {quota for thing in things for quota in thing.quotas}, now=now)
    return [replace(thing, left=left) for thing in things if (left := _left(thing, free)) is not None]


def window_of(event: Event, kind: SoldType | TicketType) -> Window:
    """When it is sold."""
    return sale_window(
        starts_at=kind.sale_starts_at,
        ends_at=kind.sale_ends_at,
        valid_days=kind.days,
        last_day=event.last_day,
        zone_name=event.time_zone,
    )


def _things(kind: TicketType, choices: Sequence[TicketVariant], bundle: SoldType | None) -> list[Waitable]:
    most = kind.per_order_limit
    own = {quota: 1 for quota in (kind.quota_id, kind.shared_quota_id) if quota is not None}
    if bundle is not None:
        return [Waitable(KIND, kind.id, kind.name, None, most, {**own, **units_of(bundle)})]
    if not choices:
        return [Waitable(KIND, kind.id, kind.name, None, most, own)]
    return [
        Waitable(
            KIND,
            kind.id,
            title_of(kind.name, each.name),
            None,
            most,
            {**own, each.quota_id: 1},
            choice={VARIANT: each.id},
        )
        for each in choices
    ]


def _left(thing: Waitable, free: Mapping[int, int | None]) -> int | None:
    """How many pieces of it; None where nothing bounds them."""
    bounds = [left // units for quota, units in thing.quotas.items() if (left := free[quota]) is not None]
    return max(0, min(bounds)) if bounds else None


def _can_run_out(kind: TicketType) -> bool:
    """Nobody waits for an extra alone, or to give something."""
    is_special = kind.rule is not None and (kind.rule.only_with_id is not None or kind.rule.is_open_price)
    return not kind.is_hidden and not kind.is_door_only and not is_special
