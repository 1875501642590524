"""The picker's page: the list, the plan beside it, what is chosen and what is held already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from swapmeet.events.models import Event, EventState
from swapmeet.kernel.numbers import whole
from swapmeet.orders.models import Order
from swapmeet.orders.queries import seconds_left
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.extras import list_extras
from swapmeet.vendor_tables.floor import (
    WALL,
    Floor,
    HallView,
    PlaceCard,
    PlaceFilter,
    by_rows,
    find_beside,
    load_floor,
)
from swapmeet.vendor_tables.models import TableExtra
from swapmeet.vendor_tables.prices import load_tags, ordinal
from swapmeet.vendor_tables.pricing import ROW, ZONE
from swapmeet.vendor_tables.sellable import sale_window
from swapmeet.web.filters import price

MOST_PICKS = 50


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for. Anything unreadable counts as not asked."""

    period_id: int | None
    filter: PlaceFilter
    picks: tuple[int, ...] = ()

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> "Asked":
        picks = [number for number in (whole(value, 17) for value in args.getlist("pick")[:MOST_PICKS]) if number]
        return cls(
            whole(args.get("period"), 17),
            PlaceFilter(
                type_id=whole(args.get("type"), 17),
                plan_id=whole(args.get("hall"), 17),
                most_minor=whole(args.get("most"), 17),
                part=args.get("part", "")[:140].replace("\x00", ""),
                circuit=args.get("circuit", "")[:120].replace("\x00", ""),
                with_power=args.get("power") == "1",
                corner=args.get("corner") == "1",
                next_to=args.get("next_to", "")[:20].replace("\x00", ""),
                everything=args.get("show") == "all",
            ),
            tuple(dict.fromkeys(picks)),
        )


@dataclass
class PickerPage:
    """What the template shows: `rows` is the list, `hall` the drawing, `elsewhere` what is chosen but not listed."""

    event: Event
    floor: Floor
    asked: Asked
    hall: HallView | None
    rows: Sequence[tuple[str, list[PlaceCard]]]
    elsewhere: Sequence[PlaceCard]
    held: Sequence[PlaceCard]
    lost: Sequence[str]
    standing: str  # "open", "not_yet", "over" or "none"
    hold: Order | None
    hold_left_s: int = 0
    extras: Sequence[TableExtra] = ()
    tabs: Sequence[Mapping[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(cards) for _, cards in self.rows)

    @property
    def period_options(self) -> list[tuple[str, str]]:
        return [(str(period.id), period.label) for period in self.floor.periods]

    @property
    def type_options(self) -> list[tuple[str, str]]:
        return [("", "Any")] + [(str(table_type.id), table_type.name) for table_type in self.floor.types]

    @property
    def price_options(self) -> list[tuple[str, str]]:
        """Only where tables of this hall differ in price."""
        prices = sorted({card.price_minor for card in self.hall.cards}) if self.hall else []
        event = self.event
        steps = [(str(most), f"{price(most, event.currency, event.locale)} or less") for most in prices[:-1]]
        return [("", "Any"), *steps] if steps else []

    @property
    def part_options(self) -> list[tuple[str, str]]:
        """Zones of this hall, its walls, and its rows as people count them."""
        cards = self.hall.cards if self.hall else []
        rows = dict.fromkeys(card.row for card in cards if card.row)
        walls = [(WALL, "Along a wall")] if any(card.is_wall for card in cards) else []
        zones = sorted({card.zone for card in cards if card.zone})
        return [
            ("", "Anywhere"),
            *((f"{ZONE}{zone}", zone) for zone in zones),
            *walls,
            *((f"{ROW}{row}", f"Row {row}") for row in rows),
        ]

    @property
    def circuit_options(self) -> list[tuple[str, str]]:
        """Circuits that feed tables of this hall, where there are several to choose from."""
        circuits = sorted({card.circuit for card in self.hall.cards if card.circuit}) if self.hall else []
        return [("", "Any"), *((name, name) for name in circuits)] if len(circuits) > 1 else []

    @property
    def hold_until_iso(self) -> str:
        until = self.hold.expires_at if self.hold is not None else None
        return until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if until is not None else ""

    @property
    def price_notes(self) -> list[str]:
        """How long the prices of this hall hold, and what the next table of a kind costs where that differs."""
        currency, locale = self.event.currency, self.event.locale
        notes = []
        for card in self.hall.cards if self.hall else []:
            cost = price(card.price_minor, currency, locale)
            more = [
                f"the {ordinal(nth)} you choose is {price(minor, currency, locale)}"
                for nth, (before, minor) in enumerate(pairwise(card.steps), start=2)
                if minor != before
            ]
            if card.then:
                notes.append(f"{card.type_name} at {cost}: {card.then}.")
            if more:
                notes.append(f"{card.type_name} at {cost}: {', '.join(more)}, and so is each after it.")
        return list(dict.fromkeys(notes))

    def is_picked(self, card: PlaceCard) -> bool:
        return card.id in self.asked.picks


def picker_page(
    db_session: Session, *, event: Event, asked: Asked, person_id: int | None, cart: Order | None, now: datetime
) -> PickerPage:
    """Reads the floor and lays one's own tables over it. Places of the address that are gone are named in `lost`."""
    open_cart = cart if cart is not None and cart.is_open_cart(now) else None
    cart_id = open_cart.id if open_cart is not None else None
    owned = queries.list_owned(db_session, event_id=event.id, person_id=person_id, cart_id=cart_id, now=now)
    types = [item.type_id for item in owned]
    tags = load_tags(db_session, event=event, now=now, person_id=person_id, owned=types)
    floor = load_floor(db_session, event=event, period_id=asked.period_id, now=now, tags=tags)
    held = _lay_own_over(floor, owned, cart_id)
    wanted = asked.filter
    hall = next((view for view in floor.halls if view.plan.id == wanted.plan_id), None)
    if hall is None and floor.halls:
        hall = next((view for view in floor.halls if view.free), floor.halls[0])
    shown = PlaceFilter(**{**wanted.__dict__, "plan_id": hall.plan.id if hall else None})
    beside = find_beside(floor, wanted.next_to)
    listed = [card for card in floor.cards if shown.keeps(card, beside)]
    picked = [card for card in floor.cards if card.id in asked.picks]
    page = PickerPage(
        event=event,
        floor=floor,
        asked=asked,
        hall=hall,
        rows=by_rows(listed),
        elsewhere=[card for card in picked if card.state == "free" and card not in listed],
        held=held,
        lost=[card.label for card in picked if card.state in ("held", "taken")],
        standing=_standing(event, floor, now),
        hold=open_cart if open_cart is not None and held else None,
        hold_left_s=seconds_left(open_cart, now) if open_cart is not None else 0,
        extras=list_extras(db_session, event_id=event.id, is_sold=True),
    )
    _lead_somewhere(page)
    return page


def _standing(event: Event, floor: Floor, now: datetime) -> str:
    if not floor.cards:
        return "none"
    window = sale_window(event)
    if event.state is not EventState.PUBLISHED or (window.end is not None and now >= window.end):
        return "over"
    return "open" if window.contains(now) else "not_yet"


def _lay_own_over(floor: Floor, owned: Sequence[queries.Owned], cart_id: int | None) -> list[PlaceCard]:
    """Mark what is one's own as "mine" and return what the open cart holds in this period."""
    here = [item for item in owned if floor.period is not None and item.sale_period_id == floor.period.id]
    mine = {item.place_id for item in here}
    in_cart = {item.place_id for item in here if item.order_id == cart_id}
    for card in floor.cards:
        if card.id in mine:
            card.state = "mine"
    return [card for card in floor.cards if card.id in in_cart]


def _lead_somewhere(page: PickerPage) -> None:
    """Links that work without script: a place on the plan ticks itself in the list or unticks, tabs change the hall."""
    picks = page.asked.picks
    period_id = page.floor.period.id if page.floor.period else None
    if page.hall is not None and page.standing == "open":
        for card in page.hall.cards:
            if card.state == "free":
                others = [pick for pick in picks if pick != card.id]
                chosen = others if card.id in picks else [*picks, card.id]
                target: dict[str, Any] = {
                    "period": period_id,
                    "hall": page.hall.plan.id,
                    "pick": chosen,
                    "_anchor": "plan-head",
                }
                card.url = url_for("vendor_tables.pick", slug=page.event.slug, **target)
    page.tabs = [
        {
            "label": f"{view.hall.name} ({view.free} free)",
            "url": url_for(
                "vendor_tables.pick", slug=page.event.slug, period=period_id, hall=view.plan.id, pick=list(picks)
            ),
            "is_current": view is page.hall,
        }
        for view in page.floor.halls
    ]
