"""The sellable "ticket": prices from the tiers, places from the quotas, badges once the order is confirmed."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.badges.holding import KIND
from swapmeet.badges.queries import list_attendees_of_lines
from swapmeet.badges.services import Admission, admit, rename_attendees, withdraw
from swapmeet.events.models import Event
from swapmeet.infra.search import fold
from swapmeet.infra.uow import guard_is_on, lock_ids, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.errors import NotOnSale, OverLimit
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState, Quota
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import (
    FROM_LIST,
    HELD,
    PARTS,
    UNLOCKED,
    VARIANT,
    Buyer,
    CheckoutField,
    Product,
    Quote,
    Waitable,
    Wish,
)
from swapmeet.registration import ages, rules, wording
from swapmeet.registration import line as in_line
from swapmeet.registration.errors import NamesFixed, TicketTypeNotFound
from swapmeet.registration.line import window_of
from swapmeet.registration.models import TicketType
from swapmeet.registration.passing import tell_canceled
from swapmeet.registration.pricing import Price, SaleState, price_at, sale_state
from swapmeet.registration.queries import (
    SoldType,
    extras_of,
    list_ticket_types,
    tiers_of,
    types_by_id,
    units_elsewhere,
    units_in_order,
)
from swapmeet.registration.special import Members, deal_of, members_of
from swapmeet.registration.variants import Variants, chosen, title_of, variants_of
from swapmeet.web.filters import short_day

NAME_LIMIT = 120
IN_CART = ("expired", "removed")  # reasons for which no attendee can exist yet


class TicketSellable:
    """Implements orders.sellables.Sellable for ticket types. The product of a line is the ticket type's id."""

    kind = KIND
    noun = "ticket"
    can_change_quantity = True

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        """Prices as of now. Raises TicketTypeNotFound, NotOnSale outside the sale window, OverLimit above a limit."""
        types = types_by_id(db_session, event_id=event.id, ids=[wish.product_id for wish in wishes])
        counted = [tier.quota_id for kind in types.values() for tier in kind.tiers if tier.quota_id is not None]
        free = free_units(db_session, counted, now=now)
        fresh = [wish for wish in wishes if HELD not in wish.choice]
        if fresh:
            self._check_limits(db_session, types, fresh, buyer)
        members = members_of(db_session, event, types, fresh, now=now)
        by_choice = [kind.id for kind in types.values() if kind.has_variants]
        choices = variants_of(db_session, event_id=event.id, type_ids=by_choice, with_off=True)
        is_real = buyer.order is not None
        return [
            self._quote(event, types.get(wish.product_id), wish, free, now, members, choices, is_real=is_real)
            for wish in wishes
        ]

    def _quote(
        self,
        event: Event,
        kind: SoldType | None,
        wish: Wish,
        free: Mapping[int, int | None],
        now: datetime,
        members: Members,
        choices: Variants,
        *,
        is_real: bool,
    ) -> Quote:
        is_held = HELD in wish.choice
        if kind is None or (not is_held and (kind.archived_at is not None or _is_locked(kind, wish))):
            raise TicketTypeNotFound("One of these tickets is not sold here, or not any more. Look at the list again.")
        if not is_held:
            _check_is_on_sale(event, kind, now)
        variant = chosen(kind, wish, choices, is_real=is_real)
        tiers = tiers_of(kind, _with_held_tier(free, kind, wish), event.time_zone)
        if wish.choice.get(FROM_LIST):
            tiers = [tier for tier in tiers if tier.left is None or tier.left >= wish.quantity]
        price = price_at(kind.price_minor, tiers, now)
        if variant is not None and variant.price_minor is not None:  # a price of its own knows no steps
            price = Price(variant.price_minor)
        if not is_held:
            _check_units_at_price(event, kind, price, wish)
        deal = deal_of(event, kind, wish, price, members, is_real=is_real)
        days = wording.validity(kind.days, kind.entry_from, kind.days_allowed, locale=event.locale)
        return Quote(
            wish=wish,
            title=title_of(kind.name, variant.name) if variant is not None else kind.name,
            unit_minor=deal.price.minor,
            detail=", ".join(
                each
                for each in (kind.parts_words, days if kind.is_admission or kind.entry_from else "", deal.words)
                if each
            )[:300],
            quotas={**_quotas(kind, deal.price), **deal.quotas, **({variant.quota_id: 1} if variant else {})},
            facts={
                "tier_id": deal.price.tier_id,
                **deal.facts,
                **({VARIANT: variant.id} if variant else {}),
                **_parts_of(kind),
            },
            refund_policy=kind.refund_policy,
        )

    def _check_limits(
        self, db_session: Session, types: Mapping[int, SoldType], wishes: Sequence[Wish], buyer: Buyer
    ) -> None:
        limited = {wish.product_id for wish in wishes if wish.product_id in types}
        held = (
            units_in_order(db_session, order_id=buyer.order.id, ticket_type_ids=limited)
            if buyer.order is not None and buyer.order.id is not None
            else {}
        )
        for type_id in sorted(limited):
            kind = types[type_id]
            wanted = sum(wish.quantity for wish in wishes if wish.product_id == type_id) + held.get(type_id, 0)
            if wanted > kind.per_order_limit:
                raise OverLimit(
                    f"One order can hold {kind.per_order_limit} of {kind.name} at most, and this would be {wanted}.",
                    field=f"ticket-{type_id}",
                )

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        """Without those whose price the buyer chooses: no code takes anything off them."""
        types = [
            each
            for each in list_ticket_types(db_session, event_id=event.id)
            if not (each.rule and each.rule.is_open_price)
        ]
        variants = variants_of(db_session, event_id=event.id)
        return [
            Product(
                *(KIND, each.id, each.name, each.quota_id, each.is_hidden),
                choices=[(row.id, title_of(each.name, row.name)) for row in variants.get(each.id, ())],
            )
            for each in types
        ]

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        return in_line.waitables(db_session, event, now)

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return [Wish(KIND, thing.product_id, count, dict(thing.choice))]

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        """Tickets have no places of their own; the quotas find expired carts by themselves."""
        return []

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
        """Nothing beyond the quotas is taken."""

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        """The order's own expiry is the ticket's."""

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        """A name for each admission, as it stands now. The first is prefilled with the buyer's own where it is known."""
        seats = _seats(db_session, lines)
        asks_age = any(kind.asks_age for kinds in seats.values() for kind in kinds)
        day = _first_day(db_session, lines[0]) if asks_age else ""
        issued, passed_on = _issued_names(db_session, lines) if _is_confirmed(buyer.order) else ({}, set())
        own = _name_of(db_session, buyer.person_id)
        asked: dict[int, list[CheckoutField]] = {}
        for line in lines:
            if not seats[line.id]:
                continue
            kept = issued.get(line.id) or dict(enumerate(line.facts.get("names", []), 1))
            asked[line.id] = []
            for seat in range(1, len(seats[line.id]) + 1):
                if (line.id, seat) in passed_on:
                    continue
                value = kept.get(seat, own)
                own = "" if value == own else own
                asked[line.id].append(_name_field(line, seat, seats[line.id], value))
                asked[line.id] += ages.age_fields(line, seat, seats[line.id], day)
        return asked

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """Extras without what they belong to, and more than one person may have."""
        own: Counter[int] = Counter()
        for line in lines:
            own[line.product_id] += line.quantity
        types = types_by_id(db_session, event_id=event.id, ids=own)
        for kind in [types[type_id] for type_id in list(own)]:  # what a bundle brings counts as what it is
            for part, count in kind.parts:
                own[part.id] += count * own[kind.id]
        types = types_by_id(db_session, event_id=event.id, ids=own)
        ids = {each.only_with_id for each in types.values() if each.only_with_id is not None} | set(own)
        if any(each.has_extras for each in types.values()):
            ids.update(extras_of(db_session, event_id=event.id, ticket_type_ids=own))
        types = types_by_id(db_session, event_id=event.id, ids=ids)
        unguarded = ages.guardian_faults(order, lines, types) if is_final or order.state in OPEN_STATES else []
        ruled = [_rule(each) for each in types.values() if each.only_with_id or each.per_person_limit]
        if not ruled:
            return unguarded
        bounded = [types[each.type_id].quota_id for each in ruled if each.per_person_limit is not None]
        if is_final and bounded and guard_is_on():  # two orders of one person at once: one after the other
            lock_ids(db_session, Quota, bounded)
        elsewhere = units_elsewhere(db_session, order=order, ticket_type_ids=ids)
        if is_final and bounded:
            open_gap(db_session)
        names = {each.id: each.name for each in types.values()}
        found = rules.extras_at_fault(ruled, names, own, elsewhere)
        found += unguarded
        return found + (rules.too_many_for_one(ruled, own, elsewhere) if order.state is OrderState.CART else [])

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        """Keep the names in the line until badges are issued, and on the badges afterwards. A missing name may follow later.

        Raises NamesFixed when names are changed after the last day for it.
        """
        is_issued = _is_confirmed(db_session.get(Order, line.order_id))
        attendees = list_attendees_of_lines(db_session, line_ids=[line.id]) if is_issued else []
        theirs = {each.seat: each.name for each in attendees if each.passed_on_at is not None}
        kind = types_by_id(db_session, event_id=line.event_id, ids=[line.product_id])[line.product_id]
        seats = kind.seats(line.quantity)
        count = len(seats) if kind.has_parts else line.quantity
        given = {seat: tidy_name(answers.get(field_name(line.id, seat), "")) for seat in range(1, count + 1)}
        names = [theirs.get(seat, name) for seat, name in given.items()]
        before = line.facts.get("names")
        if before is not None and names != before:
            _check_names_may_change(db_session, line, now)
        line.facts = {**line.facts, "names": names, **ages.read_ages(line, seats, answers)}
        if attendees:
            by_id = {each.id: names[each.seat - 1] for each in attendees if names[each.seat - 1]}
            rename_attendees(db_session, attendees=attendees, names=by_id, by=Actor.guest("buyer"), now=now)

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        """One attendee with a badge for each admission sold."""
        types = types_by_id(db_session, event_id=order.event_id, ids=[line.product_id for line in lines])
        own = fold(_name_of(db_session, order.person_id))
        admissions = [
            _admission(order, line, kind, seat, own)
            for line in lines
            for seat, kind in enumerate(types[line.product_id].seats(line.quantity), 1)
        ]
        admit(db_session, event_id=order.event_id, admissions=admissions, order_code=order.code, now=now)

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        """Void the badges of lines that were given up."""
        if reason not in IN_CART:
            tell_canceled(db_session, line_ids=[line.id for line in lines], now=now)
            withdraw(db_session, line_ids=[line.id for line in lines], reason=reason, now=now)


def tidy_name(text: str) -> str:
    """One line without control characters, at most NAME_LIMIT long. Anything else people write in names stays."""
    plain = "".join(ch if unicodedata.category(ch) not in ("Cc", "Cs") else " " for ch in text)
    return " ".join(plain.split())[:NAME_LIMIT]


def field_name(line_id: int, seat: int) -> str:
    """The name of the form field for one attendee of a line."""
    return f"line-{line_id}-name-{seat}"


def _name_field(line: OrderLine, seat: int, seats: Sequence[SoldType], value: str) -> CheckoutField:
    which = f"badge {seat} of {len(seats)}" if len(seats) > 1 else "the badge"
    kind = seats[seat - 1]
    title = line.title if kind.id == line.product_id else f"{line.title}: {kind.name}"
    return CheckoutField(
        name=field_name(line.id, seat),
        label=f"Name on {which} ({title})",
        value=value,
        hint="As it should stand on the badge. You can change it later." if seat == 1 else "",
        limit=NAME_LIMIT,
        autocomplete="name" if seat == 1 else "off",
        seat=seat,
    )


def _is_confirmed(order: Order | None) -> bool:
    return order is not None and order.state is OrderState.CONFIRMED


def _issued_names(
    db_session: Session, lines: Sequence[OrderLine]
) -> tuple[dict[int, dict[int, str]], set[tuple[int, int]]]:
    """Names on badges by line and seat: the organizer may have corrected them; and which seats were passed on to others."""
    names: dict[int, dict[int, str]] = {}
    passed_on = set()
    for attendee in list_attendees_of_lines(db_session, line_ids=[line.id for line in lines]):
        if attendee.line_id is not None:
            names.setdefault(attendee.line_id, {})[attendee.seat] = attendee.name
            if attendee.passed_on_at is not None:
                passed_on.add((attendee.line_id, attendee.seat))
    return names, passed_on


def _check_names_may_change(db_session: Session, line: OrderLine, now: datetime) -> None:
    kind = db_session.get(TicketType, line.product_id)
    event = db_session.get(Event, line.event_id)
    if kind is None or event is None or kind.names_until_on is None:
        return
    if now >= end_of_day(kind.names_until_on, event.time_zone):
        last = short_day(kind.names_until_on, event.locale)
        raise NamesFixed(f"Names on {kind.name} could be changed until {last}. Write to the organizer.")


def _check_is_on_sale(event: Event, kind: SoldType, now: datetime) -> None:
    if kind.is_door_only:
        raise NotOnSale(f"{kind.name} is sold at the door only.", field=f"ticket-{kind.id}")
    state = sale_state(window_of(event, kind), now, left=None)
    if state is SaleState.NOT_YET:
        raise NotOnSale(f"{kind.name} is not on sale yet.", field=f"ticket-{kind.id}")
    if state is SaleState.OVER:
        raise NotOnSale(f"The sale of {kind.name} has ended.", field=f"ticket-{kind.id}")


def _is_locked(kind: SoldType, wish: Wish) -> bool:
    """Hidden, and no code opens it."""
    return kind.is_hidden and not wish.choice.get(UNLOCKED)


def _rule(kind: SoldType) -> rules.Rule:
    return rules.Rule(
        kind.id, kind.name, kind.only_with_id, kind.least_each or 0, kind.most_each, kind.per_person_limit
    )


def _check_units_at_price(event: Event, kind: SoldType, price: Price, wish: Wish) -> None:
    """A tier that has fewer units left than asked for is sold first by itself: nobody pays more for all because of one."""
    if price.left is not None and wish.quantity > price.left:
        shown = wording.money(price.minor, event)
        raise OverLimit(
            f"Only {price.left} of {kind.name} left at {shown}. Take {price.left} first, then add the others at the next price.",
            field=f"ticket-{kind.id}",
        )


def _with_held_tier(free: Mapping[int, int | None], kind: SoldType, wish: Wish) -> Mapping[int, int | None]:
    """A held line keeps the units of its tier, so for it that tier is not used up."""
    held = wish.choice.get("tier_id") if HELD in wish.choice else None
    own = next((tier.quota_id for tier in kind.tiers if tier.id == held and tier.quota_id is not None), None)
    others = {tier.quota_id: 0 for tier in kind.tiers if tier.quota_id is not None and tier.id != held}
    if HELD not in wish.choice:
        return free
    return {**others, own: wish.quantity} if own is not None else others


def _quotas(kind: SoldType, price: Price) -> dict[int, int]:
    taken = Counter({kind.quota_id: 1})
    for part, count in ((kind, 1), *kind.parts):
        if part is not kind:
            taken[part.quota_id] += count
        if part.shared_quota_id is not None:
            taken[part.shared_quota_id] += count
    counted = next((tier.quota_id for tier in kind.tiers if tier.id == price.tier_id), None)
    if counted is not None:
        taken[counted] = 1
    return dict(taken)


def _parts_of(kind: SoldType) -> dict[str, str]:
    """What a line remembers of a bundle, for lists and files."""
    return {PARTS: kind.parts_words} if kind.has_parts else {}


def _seats(db_session: Session, lines: Sequence[OrderLine]) -> dict[int, list[SoldType]]:
    """By line: the ticket of each person it lets in."""
    types = types_by_id(db_session, event_id=lines[0].event_id, ids=[line.product_id for line in lines])
    return {line.id: types[line.product_id].seats(line.quantity) for line in lines}


def _label(line: OrderLine, kind: SoldType) -> str:
    if kind.id != line.product_id:
        return f"{kind.name} ({line.title})"[:200]
    return line.title if VARIANT in line.facts else kind.name


def _first_day(db_session: Session, line: OrderLine) -> str:
    event = db_session.get_one(Event, line.event_id)
    return short_day(event.first_day, event.locale)


def _name_of(db_session: Session, person_id: int | None) -> str:
    person = db_session.get(Person, person_id) if person_id is not None else None
    return person.name if person is not None else ""


def _admission(order: Order, line: OrderLine, kind: SoldType, seat: int, own: str) -> Admission:
    names: list[Any] = line.facts.get("names", [])
    name = str(names[seat - 1]) if seat <= len(names) else ""
    return Admission(
        name=name or (order.buyer_name if seat == 1 else f"Guest of {order.buyer_name}"),
        line_id=line.id,
        seat=seat,
        email=order.buyer_email,
        person_id=order.person_id if own and fold(name) == own else None,
        ticket_label=_label(line, kind),
        valid_days=kind.valid_days,
        days_allowed=kind.days_allowed,
        entry_from=kind.entry_from,
    )
