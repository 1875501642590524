"""Sells tables: the sellable of kind "table". One line is one place in one sale period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.badges.models import AttendeeRole
from swapmeet.badges.queries import list_attendees_of_lines
from swapmeet.badges.services import Admission, admit, rename_attendees, withdraw
from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import Window, end_of_day, to_local
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import HELD, Buyer, CheckoutField, Product, Quote, Waitable, Wish
from swapmeet.vendor_tables import line as in_line
from swapmeet.vendor_tables import pricing, queries, words
from swapmeet.vendor_tables.applications.admission import check_may_buy
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.errors import PlaceIsYours, PlaceNotFound, PlaceTaken, TablesNotOnSale, TooManyTables
from swapmeet.vendor_tables.models import ReservationKind, ReservationState, TablePlace, Vendor
from swapmeet.vendor_tables.prices import load_tags
from swapmeet.vendor_tables.services import claims
from swapmeet.vendor_tables.services.profiles import index, vendor_for
from swapmeet.vendor_tables.tariffs import OFFER, OFFER_VENDOR, STAFF, fixed_price, tariff_of


@dataclass(frozen=True)
class Asked:
    """A wish with the rows it names."""

    wish: Wish
    place: TablePlace
    period: SalePeriod

    @property
    def is_by_staff(self) -> bool:
        """The team gives it, by hand or by an offer: windows and limits do not bind."""
        return bool(self.wish.choice.get(STAFF)) or OFFER in self.wish.choice

    @property
    def limit_key(self) -> tuple[int, int]:
        """Types sold by period are limited in each period, the others in the show."""
        table_type = self.place.type
        return table_type.id, self.period.id if table_type.sold_by_period else 0


class TableSellable:
    """A numbered table. The reservation row is the claim; no quota is involved."""

    kind = queries.KIND
    noun = "table"
    can_change_quantity = False

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        """One quote a wish. Raises PlaceNotFound, TablesNotOnSale, TooManyTables, PlaceIsYours, PlaceTaken."""
        asked = _find_rows(db_session, event, wishes)
        held = {int(wish.choice[HELD]) for wish in wishes if HELD in wish.choice}
        cart_id = buyer.order.id if buyer.order is not None else None
        owned = [
            item
            for item in queries.list_owned(
                db_session, event_id=event.id, person_id=buyer.person_id, cart_id=cart_id, now=now
            )
            if item.line_id not in held
        ]
        fresh = [item for item in asked if HELD not in item.wish.choice]
        if fresh:
            _check_sale(event, fresh, now)
            _check_admission(db_session, event, fresh, buyer, len(owned), now)
            _check_limits(db_session, event, fresh, owned)
            _check_free(db_session, event, fresh, owned, cart_id, now)
        places = [item.place for item in asked]
        first = min(held, default=0) if not fresh else None  # what came after a held table does not change its turn
        earlier = [item.type_id for item in owned if first is None or item.line_id < first]
        tags = load_tags(db_session, event=event, now=now, person_id=buyer.person_id, owned=earlier)
        costs = tags.prices(places)
        return [_quote(event, item, cost) for item, cost in zip(asked, costs, strict=True)]

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        return [Product(self.kind, each.id, each.name) for each in queries.list_types(db_session, event_id=event.id)]

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        return in_line.waitables(db_session, event, now) if sale_window(event).contains(now) else []

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return in_line.pick(db_session, event, thing, count, is_adjacent, now)

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        """Expired carts on the wanted places. Where there are any, these places and all that the carts would free are locked."""
        places = {wish.product_id for wish in wishes}
        periods = {int(wish.choice["sale_period_id"]) for wish in wishes}
        find = queries.list_expired_orders
        known = find(db_session, event_id=event.id, places=places, periods=periods, now=now)
        if not known:
            return []
        claims.lock_places(db_session, places.union(queries.list_places_of_orders(db_session, known)))
        return find(db_session, event_id=event.id, places=places, periods=periods, now=now)

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
        """Reserve the places of these lines, all or none. Raises PlaceTaken."""
        wants = [claims.Want(line.product_id, int(line.facts["sale_period_id"]), line.id) for line in lines]
        first = lines[0].facts
        terms = claims.Terms(
            kind=ReservationKind.CART,
            state=ReservationState.HELD,
            expires_at=expires_at,
            holder=str(first.get("vendor_name") or by.label),
            sells=str(first.get("vendor_sells") or ""),
            vendor_id=first.get(OFFER_VENDOR),
        )
        claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=now)

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        claims.set_expiry(db_session, queries.list_live_of_lines(db_session, lines), expires_at=expires_at)

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        """Once an order: the name for the sign and what is sold. For each table: who else gets a badge, if known."""
        if not lines:
            return {}
        ordered = sorted(lines, key=lambda line: line.id)
        profile = queries.find_vendor_of(db_session, person_id=buyer.person_id) if buyer.person_id else None
        seats = _helper_seats(db_session, ordered)
        found = {line.id: _helper_fields(line, seats[line.id]) for line in ordered}
        found[ordered[0].id] = _sign_fields(ordered[0], profile, len(ordered)) + found[ordered[0].id]
        return {line_id: asked for line_id, asked in found.items() if asked}

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """Tables stand by themselves."""
        return []

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        """Keep the answers: sign and wares with every table of the order, helpers with their own. Also after the sale."""
        if _field(line, "vendor") in answers:
            _take_sign(db_session, line, answers, now)
        prefix = _field(line, "helper-")
        helpers = {
            name.removeprefix(prefix): text.strip()[:200] for name, text in answers.items() if name.startswith(prefix)
        }
        if helpers:
            line.facts = {**line.facts, "helpers": helpers}
        _rename_badges(db_session, line, now)

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        """The places are sold, the vendor has a profile, the badges that come with the tables are issued.

        Raises PlaceTaken when a line has lost its place: no sale without a live reservation.
        """
        rows = queries.list_live_of_lines(db_session, lines)
        if {row.line_id for row in rows} != {line.id for line in lines}:
            raise PlaceTaken("A table of this order is not held any more. Choose another one for it first.")
        name = str(lines[0].facts.get("vendor_name") or order.buyer_name)
        sells = str(lines[0].facts.get("vendor_sells") or "")
        vendor = rows[0].vendor or vendor_for(
            db_session, person_id=order.person_id, name=name, sells=sells, email=order.buyer_email, now=now
        )
        for row in rows:
            row.vendor, row.holder, row.sells = vendor, name, sells or row.sells
        claims.confirm_reservations(db_session, rows, by=by, now=now)
        offers.note_sold(db_session, event_id=order.event_id, vendor_id=vendor.id, lines=lines, by=by, now=now)
        _admit(db_session, order, lines, name, now)

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        """The tables are free at once; an offered one that was not bought is the vendor's until the offer ends."""
        rows = queries.list_live_of_lines(db_session, lines)
        by_id = {line.id: line for line in lines}
        pairs = [(row, by_id[row.line_id]) for row in rows if row.line_id in by_id]
        claims.end_reservations(db_session, rows, reason=reason, by=by, now=now)
        withdraw(db_session, line_ids=[line.id for line in lines], reason=reason, now=now)
        if pairs:
            event = db_session.get_one(Event, pairs[0][0].event_id)
            offers.offer_again(db_session, event=event, pairs=pairs, by=by, now=now)
        for vendor_id in sorted({row.vendor_id for row in rows if row.vendor_id is not None}):
            offers.note_given_up(
                db_session, event_id=rows[0].event_id, vendor_id=vendor_id, reason=reason, by=by, now=now
            )


def _find_rows(db_session: Session, event: Event, wishes: Sequence[Wish]) -> list[Asked]:
    """The place and period of every wish. Unknown and foreign ids are PlaceNotFound."""
    ids = [wish.product_id for wish in wishes]
    places = queries.by_id(queries.list_places_by_id(db_session, event_id=event.id, ids=ids))
    periods = queries.by_id(list_sale_periods(db_session, event_id=event.id))
    asked = []
    for wish in wishes:
        place, period = places.get(wish.product_id), periods.get(_whole_number(wish.choice.get("sale_period_id")))
        if place is None or period is None:
            raise PlaceNotFound("There is no such table at this show.")
        asked.append(Asked(wish, place, period))
    return asked


def _whole_number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0


def _check_sale(event: Event, asked: Sequence[Asked], now: datetime) -> None:
    for item in asked:
        label = item.place.label
        if item.wish.quantity != 1:
            raise TooManyTables(f"Table {label} is there once.", field="quantity")
        if not queries.is_sold_in(item.place.type, item.period):
            raise TablesNotOnSale(f"Table {label} is not sold for “{item.period.label}”.")
        if not item.place.is_sellable and not item.is_by_staff:
            raise TablesNotOnSale(f"Table {label} is not for sale.")
    if len({(item.place.id, item.period.id) for item in asked}) < len(asked):
        raise TooManyTables("One table was asked for twice.")
    if not all(item.is_by_staff for item in asked):
        _check_window(event, now)


def _check_admission(
    db_session: Session, event: Event, asked: Sequence[Asked], buyer: Buyer, owned: int, now: datetime
) -> None:
    """Offers that are taken up must still stand; everything else is bought by whom the show lets buy."""
    taken_up = [item.wish.choice for item in asked if OFFER in item.wish.choice]
    offers.check_still_offered(db_session, event_id=event.id, choices=taken_up, now=now)
    own = [item.place for item in asked if not item.is_by_staff]
    if own:
        check_may_buy(db_session, event=event, person_id=buyer.person_id, places=own, owned=owned, now=now)


def _check_window(event: Event, now: datetime) -> None:
    window = sale_window(event)
    if window.contains(now):
        return
    if window.start is not None and now < window.start:
        opens = to_local(window.start, event.time_zone)
        raise TablesNotOnSale(f"Tables go on sale on {opens:%B} {opens.day}, {opens.year} at {opens:%H:%M}.")
    raise TablesNotOnSale("The sale of tables has ended. Write to the organizer; there may be a place left.")


def sale_window(event: Event) -> Window:
    """When vendors may reserve: until the show's last day is over unless the organizer says otherwise."""
    return Window(event.tables_open_at, event.tables_close_at or end_of_day(event.last_day, event.time_zone))


def _check_limits(db_session: Session, event: Event, asked: Sequence[Asked], owned: Sequence[queries.Owned]) -> None:
    mine = [item for item in asked if not item.is_by_staff]
    types = {item.place.type_id: item.place.type for item in mine}
    have = [
        (item.type_id, item.sale_period_id if types[item.type_id].sold_by_period else 0)
        for item in owned
        if item.type_id in types
    ]
    limits = {item.limit_key: item.place.type.limit_per_vendor for item in mine if item.place.type.limit_per_vendor}
    for key in pricing.over_limit([item.limit_key for item in mine], have, limits):
        table_type = types[key[0]]
        already = f" You have {have.count(key)} already." if key in have else ""
        raise TooManyTables(
            f"One vendor can have {table_type.limit_per_vendor} of “{table_type.name}” at most.{already}"
        )
    terms = queries.find_terms(db_session, event_id=event.id) if mine else None
    if terms is not None and terms.max_tables is not None and len(mine) + len(owned) > terms.max_tables:
        raise TooManyTables(f"One vendor can have {terms.max_tables} tables at this show at most.")


def _check_free(
    db_session: Session,
    event: Event,
    asked: Sequence[Asked],
    owned: Sequence[queries.Owned],
    cart_id: int | None,
    now: datetime,
) -> None:
    """A friendly look before the claim: what is gone already, and what is one's own."""
    own = {(item.place_id, item.sale_period_id) for item in owned if item.order_id == cart_id}
    twice = [item.place.label for item in asked if (item.place.id, item.period.id) in own]
    if twice:
        raise PlaceIsYours(f"You hold {claims.listed(twice)} already; it is in your cart. Nothing was added.")
    lost = []
    for period_id in sorted({item.period.id for item in asked}):
        taken = queries.live_states(db_session, event_id=event.id, sale_period_id=period_id, now=now)
        lost += [item for item in asked if item.period.id == period_id and item.place.id in taken]
    if lost:
        raise claims.place_taken(
            db_session, event=event, wants=[_want(item) for item in asked], lost=[_want(item) for item in lost], now=now
        )


def _want(item: Asked) -> claims.Want:
    return claims.Want(item.place.id, item.period.id)


def _quote(event: Event, item: Asked, cost: int) -> Quote:
    choice, place = item.wish.choice, item.place
    promised = fixed_price(choice)
    facts: dict[str, Any] = {key: value for key, value in choice.items() if key != HELD}
    facts |= {"sale_period_id": item.period.id, "label": place.label, "place_uid": place.uid}
    features = words.feature_words(place.tags, has_power=place.type.has_power, power_on_request=False)
    where = [place.type.name, place.plan.hall.name, item.period.label if place.type.sold_by_period else ""]
    return Quote(
        wish=item.wish,
        title=f"Table {place.label}",
        detail=words.sentence([*where, *features])[:300],
        unit_minor=cost if promised is None else promised,
        facts=facts,
        refund_policy="vendor_refund",
        group_id=place.type_id,
        queues=(in_line.queue(place.type_id, item.period.id),),
    )


def _field(line: OrderLine, name: str) -> str:
    return f"line-{line.id}-{name}"


def _sign_fields(line: OrderLine, profile: Vendor | None, table_count: int) -> list[CheckoutField]:
    """Asked with the first table, for all tables of the order."""
    is_one = table_count == 1
    return [
        CheckoutField(
            name=_field(line, "vendor"),
            label="Name on your table sign" if is_one else "Name on the signs of all your tables",
            value=str(line.facts.get("vendor_name") or (profile.name if profile else "")),
            hint="Your trading name, or your own. It is shown in the list of vendors.",
            autocomplete="organization",
            is_shared=True,
        ),
        CheckoutField(
            name=_field(line, "sells"),
            label="What do you sell?",
            value=str(line.facts.get("vendor_sells") or (profile.sells if profile else "")),
            hint="A few words visitors can search for, such as “lighting and kits in 1:12”.",
            limit=300,
            is_shared=True,
        ),
    ]


def _helper_fields(line: OrderLine, seats: Sequence[int]) -> list[CheckoutField]:
    return [_helper_field(line, seat, number, len(seats)) for number, seat in enumerate(seats, 1)]


def _helper_field(line: OrderLine, seat: int, number: int, count: int) -> CheckoutField:
    people = "one more person. The name" if count == 1 else f"{count} more people. Their names"
    return CheckoutField(
        name=_field(line, f"helper-{seat}"),
        label="Name of a helper" if count == 1 else f"Name of helper {number} of {count}",
        value=str(line.facts.get("helpers", {}).get(str(seat), "")),
        hint=f"This table brings {'a badge' if count == 1 else 'badges'} for {people} can follow later."
        if number == 1
        else "",
        required=False,
    )


def _badges_of(db_session: Session, lines: Sequence[OrderLine]) -> dict[int, int]:
    """How many badges each line's table brings, by line id."""
    ids = [line.product_id for line in lines]
    places = queries.by_id(queries.list_places_by_id(db_session, event_id=lines[0].event_id, ids=ids))
    types = [places[line.product_id].type for line in lines]
    counts = pricing.badges([(table_type.id, tariff_of(table_type)) for table_type in types])
    return {line.id: count for line, count in zip(lines, counts, strict=True)}


def _helper_seats(db_session: Session, lines: Sequence[OrderLine]) -> dict[int, list[int]]:
    """Seats of each line that are helpers': all badges but the order's very first, which is the buyer's own."""
    seats = {line_id: list(range(1, count + 1)) for line_id, count in _badges_of(db_session, lines).items()}
    first = next((line.id for line in lines if seats[line.id]), None)
    if first is not None:
        seats[first] = seats[first][1:]
    return seats


def _take_sign(db_session: Session, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
    name = answers[_field(line, "vendor")].strip()[:200]
    sells = answers.get(_field(line, "sells"), "").strip()[:300]
    if not name:
        raise Invalid("Write the name for your table sign.", field=_field(line, "vendor"))
    order = db_session.get_one(Order, line.order_id)
    tables = [other for other in list_live_lines(db_session, order) if other.kind == queries.KIND]
    for other in tables:
        other.facts = {**other.facts, "vendor_name": name, "vendor_sells": sells}
    rows = queries.list_live_of_lines(db_session, tables)
    vendor = next((row.vendor for row in rows if row.vendor is not None), None)
    if vendor is None and order.person_id is not None:
        vendor = vendor_for(
            db_session, person_id=order.person_id, name=name, sells=sells, email=order.buyer_email, now=now
        )
    for row in rows:
        row.holder, row.sells, row.vendor = name, sells, vendor
    if vendor is not None:  # also when the name is corrected after the sale
        vendor.name, vendor.sells = name, sells or vendor.sells
        index(vendor)


def _admit(db_session: Session, order: Order, lines: Sequence[OrderLine], vendor_name: str, now: datetime) -> None:
    """Badges that come with the tables: the buyer gets the first, the rest are helpers until they are named."""
    ordered = sorted(lines, key=lambda line: line.id)
    helpers = _helper_seats(db_session, ordered)
    admissions = [
        Admission(
            name=_helper_name(line, seat, vendor_name) if seat in helpers[line.id] else order.buyer_name,
            line_id=line.id,
            seat=seat,
            email="" if seat in helpers[line.id] else order.buyer_email,
            person_id=None if seat in helpers[line.id] else order.person_id,
            role=AttendeeRole.ASSISTANT if seat in helpers[line.id] else AttendeeRole.VENDOR,
            ticket_label=f"Vendor, table {line.facts['label']}",
        )
        for line, count in zip(ordered, _badges_of(db_session, ordered).values(), strict=True)
        for seat in range(1, count + 1)
    ]
    admit(db_session, event_id=order.event_id, admissions=admissions, order_code=order.code, now=now)


def _helper_name(line: OrderLine, seat: int, vendor_name: str) -> str:
    return str(line.facts.get("helpers", {}).get(str(seat)) or f"{vendor_name}, helper")


def _rename_badges(db_session: Session, line: OrderLine, now: datetime) -> None:
    """Names that were given or corrected after the sale go onto the badges; there are none before it."""
    attendees = list_attendees_of_lines(db_session, line_ids=[line.id])
    sign = str(line.facts.get("vendor_name") or "")
    names = {each.id: _helper_name(line, each.seat, sign) for each in attendees if each.role is AttendeeRole.ASSISTANT}
    if names:
        rename_attendees(db_session, attendees=attendees, names=names, by=Actor.guest("buyer"), now=now)
