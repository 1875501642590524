"""What a list can sell: the show's tickets with their choices and prices, and what is left while rows take of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.orders.models import PayMethod
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.taxes import Tax, rule_for, tax_of
from swapmeet.registration.lists.columns import folded
from swapmeet.registration.models import TicketVariant
from swapmeet.registration.pricing import Price, price_at
from swapmeet.registration.queries import SoldType, list_ticket_types, tiers_of, types_by_id
from swapmeet.registration.rules import Rule
from swapmeet.registration.variants import title_of, variants_of
from swapmeet.web.filters import price as price_words

NAMED = 6  # tickets told beside one that is not known


class Bad(Exception):
    """Why a row cannot be taken, in a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence[:400]


@dataclass(frozen=True)
class Entry:
    """One row: a person with a ticket. `said` is the row as it stood; `key` names it for ever, `digest` what it says."""

    number: int
    said: Sequence[str]
    name: str
    email: str
    phone: str
    note: str
    kind: SoldType
    variant: TicketVariant | None
    age: int | None
    price_minor: int | None
    is_paid: bool
    paid_minor: int
    method: PayMethod | None
    reference: str
    received_at: datetime | None
    key: str = ""
    digest: str = ""
    group: str = ""


@dataclass(frozen=True)
class Sold:
    """What one piece costs and takes."""

    kind: SoldType
    unit_minor: int
    tier_id: int | None = None
    tier_quota_id: int | None = None
    has_own_price: bool = False  # that of the row, not today's

    def quotas_of(self, entry: Entry) -> list[int]:
        """One unit of each."""
        variant = entry.variant.quota_id if entry.variant else None
        wanted = (self.kind.quota_id, self.kind.shared_quota_id, self.tier_quota_id, variant)
        return [quota_id for quota_id in wanted if quota_id is not None]


@dataclass
class Offering:
    """Everything that rows are checked against. `free` falls as orders are taken; None is no limit."""

    kinds: Mapping[int, SoldType]
    by_word: Mapping[str, SoldType]
    variants: Mapping[int, Sequence[TicketVariant]]
    rules: Mapping[int, Rule]
    free: dict[int, int | None]
    tax: Tax | None
    order_limit: int
    currency: str
    locale: str
    zone_name: str
    takes_money: bool
    names: Sequence[str] = field(default_factory=tuple)

    def find(self, ticket: str, choice: str) -> tuple[SoldType, TicketVariant | None]:
        """The ticket that a row names, by name or short name, with its choice ("Shirt: L", or L in a column of its own)."""
        if not ticket:
            raise Bad("The ticket is missing.")
        kind = self.by_word.get(folded(ticket))
        if kind is None and ":" in ticket and not choice:
            before, _, after = ticket.rpartition(":")
            kind, choice = self.by_word.get(folded(before)), after.strip()
        if kind is None:
            listed = ", ".join(self.names[:NAMED]) + (" and others" if len(self.names) > NAMED else "")
            raise Bad(f"“{ticket[:80]}” is no ticket of this show. There are: {listed}.")
        if kind.has_parts:
            raise Bad(f"{kind.name} is a bundle ({kind.parts_words}). Enter it by hand, as a form that came by post.")
        own = [each for each in self.variants.get(kind.id, ()) if each.off_at is None]
        found = next((each for each in own if folded(each.name) == folded(choice)), None)
        if own and found is None:
            listed = ", ".join(each.name for each in own[:NAMED])
            raise Bad(
                f"Say which {kind.name} it is: {listed}." + (f" “{choice[:40]}” is none of them." if choice else "")
            )
        if choice and not own:
            raise Bad(f"{kind.name} has no choices, and the row says “{choice[:40]}”.")
        return kind, found

    def price(self, rows: Sequence[Entry], now: datetime) -> list[tuple[Sold, Entry]]:
        """What each row costs and takes, the first ones at the present step of the price. Raises Bad when it is more than is left."""
        left = {**self.free}
        found = []
        for entry in rows:
            sold = self._sold(entry, left, now)
            for quota_id in sold.quotas_of(entry):
                rest = left.get(quota_id)
                if rest is not None and rest < 1:
                    raise Bad(f"{self._title(entry)} is sold out: nothing is left for this row.")
                left[quota_id] = None if rest is None else rest - 1
            found.append((sold, entry))
        return found

    def _sold(self, entry: Entry, left: Mapping[int, int | None], now: datetime) -> Sold:
        kind = entry.kind
        price = price_at(kind.price_minor, tiers_of(kind, left, self.zone_name), now)
        if entry.variant is not None and entry.variant.price_minor is not None:
            price = Price(entry.variant.price_minor)
        counted = next((tier.quota_id for tier in kind.tiers if tier.id == price.tier_id), None)
        sold = Sold(kind, price.minor, price.tier_id, counted)
        if entry.price_minor is None or entry.price_minor == price.minor:
            return sold
        if kind.is_open_price and entry.price_minor < price.minor:
            raise Bad(f"{kind.name} is {self.money(price.minor)} at least.")
        return Sold(kind, entry.price_minor, has_own_price=True)  # what was agreed elsewhere takes of no step

    def take(self, units: Iterable[int]) -> None:
        """These units are promised to an order of the list."""
        for quota_id in units:
            rest = self.free.get(quota_id)
            if rest is not None:
                self.free[quota_id] = rest - 1

    def line_total(self, unit_minor: int, count: int) -> int:
        """What so many cost, tax and all, rounded once."""
        price = unit_minor * count
        return price + (tax_of(price, self.tax.basis_points, is_added=True) if self.tax and self.tax.is_added else 0)

    def money(self, minor: int) -> str:
        return price_words(minor, self.currency, self.locale)

    def _title(self, entry: Entry) -> str:
        return title_of(entry.kind.name, entry.variant.name) if entry.variant else entry.kind.name


def read_offering(db_session: Session, *, event: Event, takes_money: bool, now: datetime) -> Offering:
    """As the team sells: hidden tickets and those of the door too, whatever the dates of their sale."""
    listed = list_ticket_types(db_session, event_id=event.id)
    kinds = types_by_id(db_session, event_id=event.id, ids=[each.id for each in listed])
    variants = variants_of(db_session, event_id=event.id)
    by_word = {folded(each.code): kinds[each.id] for each in listed}
    by_word |= {folded(each.name): kinds[each.id] for each in listed}
    quotas = [each.quota_id for each in kinds.values()]
    quotas += [each.shared_quota_id for each in kinds.values() if each.shared_quota_id is not None]
    quotas += [tier.quota_id for each in kinds.values() for tier in each.tiers if tier.quota_id is not None]
    quotas += [row.quota_id for rows in variants.values() for row in rows]
    return Offering(
        kinds=kinds,
        by_word=by_word,
        variants=variants,
        rules={
            each.id: Rule(
                each.id, each.name, each.only_with_id, each.least_each or 0, each.most_each, each.per_person_limit
            )
            for each in kinds.values()
            if (each.only_with_id or each.per_person_limit)
            and (each.only_with_id is None or each.only_with_id in kinds)
        },
        free=dict(free_units(db_session, quotas, now=now)),
        tax=rule_for(event.taxes, "ticket"),
        order_limit=event.per_order_limit,
        currency=event.currency,
        locale=event.locale,
        zone_name=event.time_zone,
        takes_money=takes_money,
        names=[each.name for each in listed],
    )
