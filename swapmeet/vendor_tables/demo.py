"""Demo: vendors with tables in every state, most of them with two or three side by side, over the weeks before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.orders.demo_buying import actor_of, hold, pay, place
from swapmeet.orders.models import Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.sellables import Wish
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.demo_vendors import sample_vendors
from swapmeet.vendor_tables.geometry import chains
from swapmeet.vendor_tables.models import ExtraKind, TableExtra, TablePlace, TableType
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.prices import list_rules
from swapmeet.vendor_tables.services import desk
from swapmeet.vendor_tables.services.profiles import save_profile

SHARE_TAKEN = 0.68  # of all tables
DAYS_BACK = 120
PAYS_LATE = 0.04  # of the vendors: their check has not come in time
CANCELS = 0.05
HOLDS = (("Raffle desk", "Needs the wall"), ("Club table", "Members sign up here"), ("Guest of honor", "Ask Olga"))


@dataclass(frozen=True)
class Trader:
    """A person who sells, and under which name."""

    person: Any
    name: str
    sells: str


@dataclass(frozen=True)
class Fate:
    """When somebody reserves, and what becomes of it."""

    at: datetime
    is_paid: bool
    is_canceled: bool


def fill(db_session: Session, stage: Stage) -> None:
    """Profiles first; then, show by show, orders by time, holds of the team, and carts of this very minute."""
    traders = _traders(db_session, stage)
    for event in stage.events:
        _extras(db_session, event)
        for period in list_sale_periods(db_session, event_id=event.id):
            _show(db_session, stage, event, period, traders)


def _extras(db_session: Session, event: Event) -> None:
    """What can be had with a table, where there are tables at all."""
    if not queries.list_types(db_session, event_id=event.id):
        return
    wanted = (
        ("One more chair", ExtraKind.CHAIR, 500),
        ("Power at your table", ExtraKind.POWER, 2500),
        ("Badge for one more helper", ExtraKind.BADGE, 1000),
    )
    for table_type in queries.list_types(db_session, event_id=event.id)[:1]:
        _prices(db_session, event, table_type)
    known = set(db_session.scalars(select(TableExtra.kind).where(TableExtra.event_id == event.id)))
    for position, (name, kind, cost) in enumerate(wanted, len(known)):
        if kind not in known:
            db_session.add(
                TableExtra(
                    event_id=event.id, name=name, kind=kind, price_minor=cost, limit_per_order=4, position=position
                )
            )
    db_session.flush()


def _prices(db_session: Session, event: Event, table_type: TableType) -> None:
    """The commonest table costs less until a month before the show, or by its file, and less from the third one on.

    Where the file says nothing it costs more at corners.
    """
    full = table_type.price_minor
    early, rules = event.first_day - timedelta(days=30), {"event_id": event.id, "type_id": table_type.id}
    if not list_rules(db_session, event_id=event.id).get(table_type.id):
        db_session.add_all(
            [
                TablePrice(kind=PriceKind.LISTED, part="at:corner", price_minor=full + 1000, **rules),
                TablePrice(kind=PriceKind.LISTED, part="", until_on=early, price_minor=max(0, full - 500), **rules),
            ]
        )
    db_session.add_all(
        [
            TablePrice(kind=PriceKind.FURTHER, from_count=3, percent_off=10, **rules),
            TablePrice(kind=PriceKind.MEMBER, percent_off=10, **rules),
        ]
    )


def _traders(db_session: Session, stage: Stage) -> list[Trader]:
    """Vic first, then the sample vendors as some of the people, then people who sell under their own name."""
    vic = stage.accounts["vendor"]
    found = [Trader(vic, "Vance Miniature Lighting", "lamps, wire and tiny chandeliers")]
    _profile(db_session, found[0], ["1:12", "1:24"], stage.now)
    people = stage.random.sample(stage.people, 60)
    for person, (name, sells, scales) in zip(people, sample_vendors(), strict=False):
        found.append(Trader(person, name, sells))
        _profile(db_session, found[-1], scales, stage.now)
    for person in people[len(found) - 1 :]:
        found.append(
            Trader(person, person.name, stage.random.choice(("a collection in parts", "odds and ends", "kits")))
        )
    return found


def _profile(db_session: Session, trader: Trader, scales: Sequence[str], now: datetime) -> None:
    person = trader.person
    save_profile(
        db_session,
        person_id=person.id,
        name=trader.name,
        sells=trader.sells,
        scales=scales,
        about="",
        website="",
        email=person.email,
        is_listed=True,
        by=Actor.person(person.id, person.name),
        now=now - timedelta(days=DAYS_BACK + 1),
    )


def _show(db_session: Session, stage: Stage, event: Event, period: SalePeriod, traders: Sequence[Trader]) -> None:
    places = [
        place for place in queries.list_places(db_session, event_id=event.id) if queries.is_sold_in(place.type, period)
    ]
    if len(places) < 4:
        return
    terms = queries.find_terms(db_session, event_id=event.id)
    most = min(4, terms.max_tables) if terms is not None and terms.max_tables else 4
    if places[0].type.sold_by_period:
        most = 1
    runs = _Runs(stage, places)
    _team(db_session, stage, event, period, runs)
    wanted = int(len(places) * SHARE_TAKEN)
    others = stage.random.sample(list(traders[1:]), len(traders) - 1)
    count = min(len(traders), 2 * wanted // (most + 1))  # runs are (most + 1) / 2 places on average
    for trader, fate in zip([traders[0], *others], _fates(stage, count), strict=False):
        size = min(2, most) if trader is traders[0] else stage.random.randint(1, most)
        _reserve(db_session, stage, event, period, trader, runs.take(size), fate)
    for trader in others[:2]:
        _cart(db_session, event, period, trader, runs.take(1), stage.now - timedelta(minutes=5))


def _fates(stage: Stage, count: int) -> Iterator[Fate]:
    """By time. Vic, who is first, has paid long ago; the checks of the last two are still on their way."""
    ages = sorted((stage.random.uniform(2, DAYS_BACK) for _ in range(count)), reverse=True)
    for number, days in enumerate(ages):
        at = stage.now - timedelta(days=days)
        is_paid = number == 0 or (stage.random.random() > PAYS_LATE and number < count - 2)
        yield Fate(at, is_paid, number > 0 and stage.random.random() < CANCELS)


class _Runs:
    """Free places side by side, taken from the front of a random row so that neighbors stay together."""

    def __init__(self, stage: Stage, places: Sequence[TablePlace]) -> None:
        self.stage = stage
        self.places = queries.by_id(places)
        self.rows = [[int(spot.key) for spot in run] for run in chains([queries.spot_of(place) for place in places])]

    def take(self, size: int) -> list[TablePlace]:
        """Up to `size` places; now and then one is left free between neighbors."""
        usable = [row for row in self.rows if len(row) >= size] or self.rows
        if not usable:
            return []
        row = self.stage.random.choice(usable)
        if len(row) > size and self.stage.random.random() < 0.25:
            row.pop(0)
        got = [row.pop(0) for _ in range(min(size, len(row)))]
        self.rows = [each for each in self.rows if each]
        return [self.places[place_id] for place_id in got]


def _team(db_session: Session, stage: Stage, event: Event, period: SalePeriod, runs: _Runs) -> None:
    """The organizer keeps a few tables; one of the holds ends in two days."""
    organizer = stage.accounts["organizer"]
    for number, (holder, reason) in enumerate(HOLDS[: len(runs.places) // 12]):
        desk.hold_places(
            db_session,
            event=event,
            places=runs.take(1),
            period=period,
            holder=holder,
            reason=reason,
            expires_at=stage.now + timedelta(days=2) if number == 2 else None,
            by=Actor.person(organizer.id, organizer.name),
            now=stage.now - timedelta(days=DAYS_BACK + 1 - number),
        )


def _reserve(
    db_session: Session,
    stage: Stage,
    event: Event,
    period: SalePeriod,
    trader: Trader,
    places: Sequence[TablePlace],
    fate: Fate,
) -> None:
    held = _cart(db_session, event, period, trader, places, fate.at)
    if held is None:
        return
    cart, lines = held
    first = min(line.id for line in lines)
    order = place(
        db_session,
        event=event,
        person=trader.person,
        cart=cart,
        method=PayMethod.CHECK,
        answers={first: _answers(first, trader)},
        at=fate.at + timedelta(minutes=6),
    )
    if fate.is_paid and order.state is OrderState.PLACED:
        paid_at = fate.at + timedelta(days=stage.random.randint(2, 8))
        pay(db_session, stage, order, reference=str(stage.random.randint(1000, 9999)), at=paid_at)
    if fate.is_canceled and order.state is OrderState.CONFIRMED:
        at = stage.now - timedelta(days=1)
        preview = preview_cancellation(db_session, event=event, order=order, now=at)
        cancel_order(
            db_session,
            event=event,
            order=order,
            seen_back_minor=preview.back_minor,
            reason="Our van broke down.",
            by=actor_of(trader.person),
            now=at,
        )


def _answers(line_id: int, trader: Trader) -> Mapping[str, str]:
    return {f"line-{line_id}-vendor": trader.name, f"line-{line_id}-sells": trader.sells}


def _cart(
    db_session: Session,
    event: Event,
    period: SalePeriod,
    trader: Trader,
    places: Sequence[TablePlace],
    at: datetime,
) -> tuple[Order, list[OrderLine]] | None:
    """A cart with these tables; None when there are none, or the show's rules forbid it (a limit, a closed sale)."""
    wishes = [Wish(queries.KIND, place.id, 1, {"sale_period_id": period.id}) for place in places]
    return hold(db_session, event=event, person=trader.person, wishes=wishes, at=at) if wishes else None
