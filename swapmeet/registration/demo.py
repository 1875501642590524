"""Demo: tickets sold over the weeks before, more each day, in every state an order can be in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.orders.demo_buying import actor_of, hold, pay, place
from swapmeet.orders.models import Order, OrderLine, OrderState, PayMethod, Refund
from swapmeet.orders.sellables import AMOUNT, VARIANT, Wish
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.closing import expire_unpaid
from swapmeet.orders.services.settling import settle_refund
from swapmeet.registration.bundles import Wanted, save_parts
from swapmeet.registration.members import add_numbers
from swapmeet.registration.models import TicketType, TicketVariant
from swapmeet.registration.pricing import sale_window
from swapmeet.registration.queries import list_ticket_types
from swapmeet.registration.sellable import field_name
from swapmeet.registration.services import add_ticket_type, write_rule
from swapmeet.registration.values import RuleValues, TicketTypeValues
from swapmeet.registration.variants import VariantValues, save_variants, variants_of

SHIRT, BY_CHOICE = "Show T-shirt", 7
BUNDLE = "Family bundle"
ORDERS_A_SHOW = 90
DAYS_BACK = 45
PAYS_LATE = 0.12  # of those who owe money: not paid yet
CANCELS = 0.05
FRIENDS = ("Lee", "Sam", "Robin", "Alex", "Jo", "Chris", "Pat", "Terry")


@dataclass(frozen=True)
class Fate:
    """What becomes of one order: when it is placed and how it goes on."""

    placed_at: datetime
    is_paid: bool
    is_canceled: bool


def fill(db_session: Session, stage: Stage) -> None:
    """Orders by time in each show, then carts of this very minute; the fixed accounts have theirs too."""
    _offer_more(db_session, stage)
    for event in stage.events:
        listed = list_ticket_types(db_session, event_id=event.id)
        by_choice = variants_of(db_session, event_id=event.id)
        kinds = [kind for kind in listed if not kind.is_door_only and kind.name != BUNDLE and kind.id not in by_choice]
        if not kinds:
            continue
        for fate in _fates(stage):
            _order(db_session, stage, event, kinds, stage.random.choice(stage.people), fate)
        _fixed(db_session, stage, event, kinds)
        for kind in [each for each in listed if each.id in by_choice]:
            _of_each_choice(db_session, stage, event, kind, by_choice[kind.id])
        for person in stage.random.sample(stage.people, 4):
            _cart(db_session, stage, event, kinds, person, stage.now - timedelta(minutes=stage.random.randint(1, 40)))


def _of_each_choice(
    db_session: Session, stage: Stage, event: Event, kind: TicketType, choices: Sequence[TicketVariant]
) -> None:
    """Some order a T-shirt or a supper each, one size or dish after the other; all but the last have paid."""
    at = stage.now - timedelta(days=6)
    for number, person in enumerate(stage.people[:BY_CHOICE]):
        wish = Wish("ticket", kind.id, 1, {VARIANT: choices[number % len(choices)].id})
        held = hold(db_session, event=event, person=person, wishes=[wish], at=at)
        if held is not None:
            given: Any = {
                "event": event,
                "person": person,
                "cart": held[0],
                "method": PayMethod.TRANSFER,
                "answers": {},
            }
            order = place(db_session, **given, at=at + timedelta(minutes=4))
            if number + 1 < BY_CHOICE:
                pay(db_session, stage, order, reference=f"7{number:03}", at=at + timedelta(days=2))


def _offer_more(db_session: Session, stage: Stage) -> None:
    """The first show takes donations, and has a members' price for some numbers."""
    event, by = stage.events[0], Actor.job("demo")
    donation = TicketTypeValues(
        name="Donation to the club",
        description="Helps us pay the hall",
        price_minor=0,
        per_order_limit=1,
        is_admission=False,
        rule=RuleValues(is_open_price=True),
    )
    kinds = list_ticket_types(db_session, event_id=event.id)
    if any(kind.name == donation.name for kind in kinds):
        return
    add_ticket_type(db_session, event=event, values=donation, by=by, now=stage.now)
    shirt = TicketTypeValues(
        name=SHIRT, description="Pick it up at the desk", price_minor=1800, capacity=120, is_admission=False
    )
    kind = add_ticket_type(db_session, event=event, values=shirt, by=by, now=stage.now)
    sizes = [VariantValues("S"), VariantValues("M"), VariantValues("L"), VariantValues("XL", 2000, 20)]
    save_variants(db_session, event=event, kind=kind, wanted=sizes, by=by, now=stage.now)
    by_choice = variants_of(db_session, event_id=event.id)
    plain = [each for each in kinds if each.price_minor and not each.is_door_only and each.id not in by_choice]
    parts = [each for each in plain if each.shared_quota_id is None]
    parts = sorted(parts, key=lambda each: each.quota.capacity is not None)[:2]  # of which there are enough
    if parts:
        alone = sum(2 * each.price_minor for each in parts)
        family = TicketTypeValues(name=BUNDLE, price_minor=alone * 8 // 10, capacity=40, per_order_limit=2)
        bundle = add_ticket_type(db_session, event=event, values=family, by=by, now=stage.now)
        wanted = [Wanted(each.id, 2) for each in parts]
        save_parts(db_session, event=event, kind=bundle, wanted=wanted, by=by, now=stage.now)
    first = next((kind for kind in kinds if kind.price_minor and kind.rule is None and not kind.is_door_only), None)
    if first is not None:
        rule = RuleValues(member_price_minor=first.price_minor // 2)
        write_rule(db_session, kind=first, known=kinds, values=rule, has_steps=bool(first.tiers))
    numbers = [f"{number:04}" for number in range(1001, 1041)]
    add_numbers(db_session, event=event, numbers=numbers, tickets_each=2, by=by, now=stage.now)


def _fates(stage: Stage) -> list[Fate]:
    """By time; the nearer the show, the more."""
    fates = []
    for _ in range(ORDERS_A_SHOW):
        days = min(DAYS_BACK, stage.random.expovariate(1 / 12))
        placed_at = stage.now - timedelta(days=days, minutes=stage.random.randint(0, 600))
        is_paid = stage.random.random() > PAYS_LATE
        fates.append(Fate(placed_at, is_paid, stage.random.random() < CANCELS))
    return sorted(fates, key=lambda fate: fate.placed_at)


def _fixed(db_session: Session, stage: Stage, event: Event, kinds: list[TicketType]) -> None:
    """Ann has two paid tickets in every show; Vic, Tess and Tom one each in the first."""
    first = stage.events[0].id == event.id
    for key in ("attendee", "vendor", "trader", "other_trader"):
        if key == "attendee" or first:
            fate = Fate(stage.now - timedelta(days=9, hours=3), is_paid=True, is_canceled=False)
            _order(db_session, stage, event, kinds, stage.accounts[key], fate, count=2 if key == "attendee" else 1)


def _order(
    db_session: Session,
    stage: Stage,
    event: Event,
    kinds: list[TicketType],
    person: Any,
    fate: Fate,
    count: int | None = None,
) -> None:
    held = _cart(db_session, stage, event, kinds, person, fate.placed_at, count)
    if held is None:
        return
    cart, lines = held
    order = place(
        db_session,
        event=event,
        person=person,
        cart=cart,
        method=stage.random.choice((PayMethod.CHECK, PayMethod.TRANSFER, PayMethod.TRANSFER)),
        answers={line.id: _names(stage, person.name, line) for line in lines},
        at=fate.placed_at + timedelta(minutes=4),
    )
    if order.state is OrderState.PLACED:
        _pay_or_not(db_session, stage, event, order, fate)
    if fate.is_canceled and order.state is OrderState.CONFIRMED:
        _cancel(db_session, stage, event, order, actor_of(person))


def _cart(
    db_session: Session,
    stage: Stage,
    event: Event,
    kinds: list[TicketType],
    person: Any,
    at: datetime,
    count: int | None = None,
) -> tuple[Order, list[OrderLine]] | None:
    on_sale = [kind for kind in kinds if _is_on_sale(event, kind, at)]
    if not on_sale:
        return None
    chosen = stage.random.choices(on_sale, weights=[1 / (place + 1) for place in range(len(on_sale))])[0]
    wanted = count or stage.random.choice((1, 1, 2, 2, 2, 3, 4))
    count = min(wanted, chosen.per_order_limit)
    wishes = [
        Wish("ticket", chosen.id, count, {AMOUNT: stage.random.choice(("5", "10", "20"))} if _is_open(chosen) else {})
    ]
    if chosen.rule is not None and chosen.rule.only_with_id is not None:
        if chosen.rule.only_with_id not in {kind.id for kind in on_sale}:
            return None
        wishes.append(Wish("ticket", chosen.rule.only_with_id, count))
    return hold(db_session, event=event, person=person, wishes=wishes, at=at)


def _is_open(kind: TicketType) -> bool:
    return kind.rule is not None and kind.rule.is_open_price


def _is_on_sale(event: Event, kind: TicketType, at: datetime) -> bool:
    window = sale_window(
        starts_at=kind.sale_starts_at,
        ends_at=kind.sale_ends_at,
        valid_days=kind.days,
        last_day=event.last_day,
        zone_name=event.time_zone,
    )
    return window.contains(at)


def _names(stage: Stage, buyer: str, line: OrderLine) -> dict[str, str]:
    last = buyer.rpartition(" ")[2]
    friends = stage.random.sample(FRIENDS, line.quantity)
    names = [buyer, *(f"{friend} {last}" for friend in friends)]
    return {field_name(line.id, seat): names[seat - 1] for seat in range(1, line.quantity + 1)}


def _pay_or_not(db_session: Session, stage: Stage, event: Event, order: Order, fate: Fate) -> None:
    """Paid within some days, still waiting, or ended unpaid."""
    paid_at = fate.placed_at + timedelta(days=stage.random.randint(1, 5), hours=stage.random.randint(0, 8))
    if fate.is_paid and paid_at < stage.now:
        pay(db_session, stage, order, reference=str(stage.random.randint(1000, 9999)), at=paid_at)
    elif order.due_at is not None and order.due_at + timedelta(days=1) < stage.now:
        expire_unpaid(db_session, order=order, by=Actor.job("expiry"), now=order.due_at + timedelta(days=1))


def _cancel(db_session: Session, stage: Stage, event: Event, order: Order, by: Actor) -> None:
    """Given back; every second refund is sent already, the others wait for the treasurer."""
    latest = order.confirmed_at or order.created_at
    at = latest + (stage.now - latest) / 2
    preview = preview_cancellation(db_session, event=event, order=order, now=at)
    refund: Refund | None = cancel_order(
        db_session,
        event=event,
        order=order,
        seen_back_minor=preview.back_minor,
        reason="Cannot come after all.",
        by=by,
        now=at,
    )
    if refund is not None and stage.random.random() < 0.5:
        treasurer = Actor.person(stage.accounts["treasurer"].id, stage.accounts["treasurer"].name)
        settle_refund(
            db_session,
            refund=refund,
            method=refund.method,
            reference=str(stage.random.randint(1000, 9999)),
            by=treasurer,
            now=at + (stage.now - at) / 2,
        )
