"""What registration shows on gathering pages: the ticket card of a show, the overview's number and chart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.codes import link_key
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.orders.scarcity import free_units
from swapmeet.registration import wording
from swapmeet.registration.bundles import units_of
from swapmeet.registration.models import TicketVariant
from swapmeet.registration.pricing import (
    NextPrice,
    SaleState,
    next_price,
    price_at,
    refunds_until,
    sale_state,
    sale_window,
)
from swapmeet.registration.queries import Offer, SoldType, list_offers, types_by_id
from swapmeet.registration.variants import variants_of
from swapmeet.web.filters import from_moment, short_day

FEW = 20  # from here on the card says how many are left


@dataclass(frozen=True, slots=True)
class Stub:
    """One ticket type on the card, in words. `max` 0 means it cannot be chosen now."""

    id: int
    name: str
    text: str
    price: str
    price_minor: int
    max: int
    kind: str
    note: str
    next_words: str
    can_wait: bool  # it is sold out, and there is a waiting list for it
    may_wait: bool  # there would be one if it, or a choice of it, were
    is_open_price: bool
    choices: Sequence["Choice"] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a ticket type on the card. `max` 0 means it cannot be chosen now."""

    id: int
    name: str
    price: str
    price_minor: int
    max: int
    note: str
    can_wait: bool = False


def load_extras(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel order.main: what can be added to an order: extras of its tickets, meals, parking, shirts."""
    if order.state not in OPEN_STATES:
        return None
    held = {line.product_id for line in order.lines if line.is_live and line.kind == "ticket"}

    def fits(row: Any) -> bool:
        is_loose = row.only_with_id is None and not (row.is_admission or row.is_open_price or row.has_parts)
        return row.only_with_id in held or is_loose

    card = load_card(db_session, order.event, now, fits=fits) if held else None
    return card if card is not None and card["is_open"] else None


def load_card(
    db_session: Session, event: Event, now: datetime, *, fits: Callable[[Any], bool] = lambda row: True
) -> Mapping[str, Any] | None:
    """The ticket card: one query. None where nothing is offered (a draft shows its card to the organizer's preview).

    `fits` leaves out types by their rows.
    """
    if event.state not in (EventState.PUBLISHED, EventState.DRAFT):
        return None
    found = list_offers(db_session, event, now=now)
    offers = replace(found, offers=[offer for offer in found.offers if fits(offer.row)])
    by_choice = [offer.row.id for offer in offers.offers if offer.row.has_variants]
    choices = variants_of(db_session, event_id=event.id, type_ids=by_choice)
    in_bundles = [offer.row.id for offer in offers.offers if offer.row.has_parts]
    bundles = types_by_id(db_session, event_id=event.id, ids=in_bundles)
    quotas = [each.quota_id for group in choices.values() for each in group]
    quotas += [quota for kind in bundles.values() for quota in units_of(kind)]
    free = free_units(db_session, quotas, now=now) if quotas else {}
    stubs = [
        _with_parts(
            _with_choices(_stub(event, offer, now), choices.get(offer.row.id, ()), free, event),
            bundles.get(offer.row.id),
            free,
        )
        for offer in offers.offers
    ]
    if not stubs:
        return None
    last_refund = refunds_until(offers.refund_steps, event.first_day)
    return {
        "stubs": stubs,
        "has_member_price": any(offer.row.member_price_minor is not None for offer in offers.offers),
        "form_key": link_key(),
        "is_open": event.state is EventState.PUBLISHED and any(stub.max for stub in stubs),
        "hold_minutes": event.hold_minutes,
        "refund_words": _refund_words(last_refund, now, event),
    }


def _stub(event: Event, offer: Offer, now: datetime) -> Stub:
    row = offer.row
    window = sale_window(
        starts_at=row.sale_starts_at,
        ends_at=row.sale_ends_at,
        valid_days=wording.days_of(row.valid_days),
        last_day=event.last_day,
        zone_name=event.time_zone,
    )
    state = sale_state(window, now, left=offer.left)
    price = price_at(row.price_minor, offer.tiers, now)
    can_buy = state is SaleState.ON_SALE and not row.is_door_only and event.state is EventState.PUBLISHED
    most = min(value for value in (row.per_order_limit, offer.left, price.left) if value is not None)
    kind, note = _note(event, offer, state, window.start, price.left)
    following = next_price(row.price_minor, offer.tiers, now) if can_buy else None
    may_wait = (
        state in (SaleState.ON_SALE, SaleState.SOLD_OUT)
        and event.state is EventState.PUBLISHED
        and not (row.is_door_only or row.only_with_id or row.is_open_price)
    )
    return Stub(
        id=row.id,
        name=row.name,
        text=wording.card_text(row, event),
        price=_price_words(event, row, price.minor),
        price_minor=price.minor,
        max=most if can_buy else 0,
        kind=kind,
        note=note,
        next_words=_next_words(event, following),
        can_wait=may_wait and state is SaleState.SOLD_OUT,
        may_wait=may_wait,
        is_open_price=bool(row.is_open_price),
    )


def _with_choices(stub: Stub, variants: Sequence[TicketVariant], free: Mapping[int, int | None], event: Event) -> Stub:
    """The same stub with its choices, each with what is left of it. Who waits does so for a choice."""
    if not variants:
        return stub
    found = []
    for each in variants:
        minor = stub.price_minor if each.price_minor is None else each.price_minor
        left = free.get(each.quota_id)
        most = stub.max if left is None else min(stub.max, max(0, left))
        note = (
            "Sold out" if left is not None and left <= 0 else f"{left} left" if left is not None and left <= FEW else ""
        )
        shown = wording.money(minor, event)
        found.append(Choice(each.id, each.name, shown, minor, most, note, stub.may_wait and most < 1))
    low = min(each.price_minor for each in found)
    is_one = len({each.price_minor for each in found}) == 1
    price = wording.money(low, event) if is_one else f"from {wording.money(low, event)}"
    return replace(stub, choices=found, price=price, next_words=stub.next_words if is_one else "")


def _with_parts(stub: Stub, bundle: SoldType | None, free: Mapping[int, int | None]) -> Stub:
    """The same stub with what is in a bundle; there are as many of it as its scarcest part allows."""
    if bundle is None:
        return stub
    text = ". ".join(each for each in (stub.text, bundle.parts_words) if each)
    bounds = [left // units for quota, units in units_of(bundle).items() if (left := free.get(quota)) is not None]
    most = max(0, min([stub.max, *bounds]))
    if stub.max and not most:
        return replace(stub, text=text, max=0, kind="taken", note="Sold out", next_words="", can_wait=stub.may_wait)
    return replace(stub, text=text, max=most)


def _price_words(event: Event, row: Any, minor: int) -> str:
    if not row.is_open_price:
        return wording.money(minor, event)
    return f"from {wording.money(minor, event)}" if minor else "As you like"


def _note(
    event: Event, offer: Offer, state: SaleState, starts_at: datetime | None, left_at_price: int | None
) -> tuple[str, str]:
    """(kind of state, words) beside the name; two empty strings where nothing needs saying."""
    if offer.row.is_door_only and state is not SaleState.OVER:
        return "info", "Sold at the door"
    if state is SaleState.SOLD_OUT:
        return "taken", "Sold out"
    if state is SaleState.OVER:
        return "taken", "Sale has ended"
    if state is SaleState.NOT_YET and starts_at is not None:
        return "info", f"On sale from {from_moment(starts_at, event.time_zone, event.locale)}"
    if offer.left is not None and offer.left <= FEW:
        return "held", f"{offer.left} left"
    if left_at_price is not None:
        return "free", f"{left_at_price} left at this price"
    return "", ""


def _next_words(event: Event, following: NextPrice | None) -> str:
    if following is None:
        return ""
    shown = wording.money(following.minor, event)
    if following.at is None:
        return f"Then {shown}"
    return f"{shown} from {from_moment(following.at, event.time_zone, event.locale)}"


def _refund_words(last_day: Any, now: datetime, event: Event) -> str:
    if last_day is None or wording.today(now, event) > last_day:
        return "No refunds."
    return f"Refunds until {short_day(last_day, event.locale)}."
