"""What tables cost this buyer now: the rules of a show's table types, laid over the places that are asked for. Reads only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import list_halls
from swapmeet.kernel.time import to_local
from swapmeet.vendor_tables import pricing
from swapmeet.vendor_tables.applications.models import VendorStanding
from swapmeet.vendor_tables.areas import list_zones
from swapmeet.vendor_tables.models import TablePlace, TableType, Vendor
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.pricing import AT, HALL, ROW, SPOTS, ZONE
from swapmeet.vendor_tables.tariffs import tariff_of
from swapmeet.web.filters import price, short_day

AT_WORDS = {"corner": "corners", "wall": "along a wall", "end": "ends of rows", "power": "with a power point"}


@dataclass(frozen=True)
class Tag:
    """What a place costs the buyer now, and what it will cost after a last day, if that is known."""

    minor: int
    next_price: tuple[date, int] | None = None


@dataclass(frozen=True)
class PriceTags:
    """The rules of a show for one buyer on one day. `owned` counts the tables the buyer has, by type."""

    event: Event
    today: date
    rules: Mapping[int, Sequence[TablePrice]]
    owned: Mapping[int, int] = field(default_factory=dict)
    is_member: bool = False
    known: dict[int, pricing.Tariff] = field(default_factory=dict)

    def tariff(self, table_type: TableType) -> pricing.Tariff:
        """With every rule of the type."""
        if table_type.id not in self.known:
            self.known[table_type.id] = tariff_of(table_type, self.rules.get(table_type.id, ()))
        return self.known[table_type.id]

    def ask(self, place: TablePlace) -> pricing.Ask:
        tariff = self.tariff(place.type)
        parts = tariff.parts
        inside = parts & parts_of(place, parts) if parts else ()
        return pricing.Ask(place.type_id, tariff, inside)

    def tag(self, place: TablePlace) -> Tag:
        """The next table of its type that the buyer takes."""
        return self._tag(self.ask(place), place.type_id)

    def tag_anywhere(self, table_type: TableType) -> Tag:
        """The next table of a type where no part of the floor has a price of its own."""
        return self._tag(pricing.Ask(table_type.id, self.tariff(table_type)), table_type.id)

    def _tag(self, ask: pricing.Ask, type_id: int) -> Tag:
        nth = self.owned.get(type_id, 0) + 1
        minor = pricing.price(ask, nth=nth, today=self.today, is_member=self.is_member)
        return Tag(minor, pricing.next_price(ask, nth=nth, today=self.today, is_member=self.is_member))

    def steps(self, place: TablePlace) -> list[int]:
        """What it costs as the buyer's next table of the type, as the one after that, and so on; the last one holds for all more."""
        ask, first = self.ask(place), self.owned.get(place.type_id, 0) + 1
        last = max([first + 1, *(each.from_count for each in ask.tariff.further)])
        found = [
            pricing.price(ask, nth=nth, today=self.today, is_member=self.is_member) for nth in range(first, last + 1)
        ]
        while len(found) > 1 and found[-1] == found[-2]:
            found.pop()
        return found

    def prices(self, places: Iterable[TablePlace], owned: Iterable[int] | None = None) -> list[int]:
        """What these cost together, each in its turn. `owned` replaces what is known of the buyer's tables: ids of types."""
        have = Counter(self.owned).elements() if owned is None else owned
        asked = [self.ask(place) for place in places]
        return pricing.prices(asked, have, today=self.today, is_member=self.is_member)


def load_tags(
    db_session: Session,
    *,
    event: Event,
    now: datetime,
    person_id: int | None = None,
    owned: Iterable[int] = (),
) -> PriceTags:
    """One query, and one more where members pay less. `owned`: ids of types, one a table."""
    rules = list_rules(db_session, event_id=event.id)
    pays_less = any(rule.kind is PriceKind.MEMBER for each in rules.values() for rule in each)
    return PriceTags(
        event,
        to_local(now, event.time_zone).date(),
        rules,
        Counter(owned),
        pays_less and is_member(db_session, event=event, person_id=person_id),
    )


def list_rules(db_session: Session, *, event_id: int) -> dict[int, list[TablePrice]]:
    """By type, as they were written down."""
    found: dict[int, list[TablePrice]] = {}
    statement = select(TablePrice).where(TablePrice.event_id == event_id).order_by(TablePrice.type_id, TablePrice.id)
    for row in db_session.scalars(statement):
        found.setdefault(row.type_id, []).append(row)
    return found


def is_member(db_session: Session, *, event: Event, person_id: int | None) -> bool:
    """Does the show's organizer know this person's vendor as a member?"""
    if person_id is None:
        return False
    statement = (
        select(VendorStanding.is_member)
        .join(Vendor, Vendor.id == VendorStanding.vendor_id)
        .where(Vendor.person_id == person_id, VendorStanding.organizer_id == event.organizer_id)
    )
    return bool(db_session.scalar(statement))


def parts_of(place: TablePlace, wanted: Iterable[str]) -> set[str]:
    """Every part of the floor it stands in, as rules name them. The hall is looked up only where one is wanted."""
    found = {f"{AT}{tag}" for tag in place.tags if tag in SPOTS}
    if place.row:
        found.add(f"{ROW}{place.row}")
    if place.area is not None and place.area.zone:
        found.add(f"{ZONE}{place.area.zone}")
    if any(part.startswith(HALL) for part in wanted):
        found.add(f"{HALL}{place.plan.hall.code}")
    return found


def part_options(db_session: Session, *, event_id: int, places: Sequence[TablePlace]) -> list[tuple[str, str]]:
    """The parts of a show's floor that a price can hang on, with words for each: zones, rows, corners and the like, halls."""
    zones = list_zones(db_session, event_id=event_id)
    rows = dict.fromkeys(place.row for place in places if place.row)
    tags = [tag for tag in SPOTS if any(tag in place.tags for place in places)]
    halls = dict.fromkeys(place.plan.hall.code for place in places)
    parts = [f"{ZONE}{zone}" for zone in zones] + [f"{ROW}{row}" for row in rows] + [f"{AT}{tag}" for tag in tags]
    parts += [f"{HALL}{code}" for code in halls] if len(halls) > 1 else []
    names = {place.plan.hall.code: place.plan.hall.name for place in places}
    return [(part, part_words(part, names)) for part in parts]


def part_words(part: str, halls: Mapping[str, str]) -> str:
    """ "Row A", "Miniatures", "corners"; `halls` are names by code."""
    stem, _, name = part.partition(":")
    if stem == "row":
        return f"row {name}"
    return {"at": AT_WORDS.get(name, name), "hall": halls.get(name, name)}.get(stem, name)


def then_words(event: Event, tag: Tag) -> str:
    """ "until Sat, May 1, then $55.00"; "" where the price stays."""
    if tag.next_price is None:
        return ""
    last, then = tag.next_price
    return f"until {short_day(last, event.locale)}, then {price(then, event.currency, event.locale)}"


def list_rule_words(
    db_session: Session, tags: PriceTags, types: Iterable[TableType], *, with_plain: bool = True
) -> dict[int, list[str]]:
    """By type, its whole price list in short sentences, without what is over.

    Not `with_plain` leaves out the one price that holds everywhere for good: for pages that show today's price above.
    """
    halls = {hall.code: hall.name for hall in list_halls(db_session, event_id=tags.event.id)}
    event, today = tags.event, tags.today
    return {kind.id: rule_words(event, tags.tariff(kind), today, halls, with_plain=with_plain) for kind in types}


def rule_words(
    event: Event, tariff: pricing.Tariff, today: date, halls: Mapping[str, str], *, with_plain: bool = True
) -> list[str]:
    """The same of one type; `halls` are names by code."""
    found = []
    if tariff.first_price_minor is not None:
        found.append(f"a vendor’s first one: {price(tariff.first_price_minor, event.currency, event.locale)}")
    still = [each for each in tariff.listed if each.until_on is None or today <= each.until_on]
    everywhere = [each for each in still if not each.part]
    is_plain = len(everywhere) == 1 and everywhere[0].until_on is None and tariff.first_price_minor is None
    for each in still:
        if with_plain or not (is_plain and each is everywhere[0]):
            where = part_words(each.part, halls) if each.part else ""
            until = f"until {short_day(each.until_on, event.locale)}" if each.until_on is not None else ""
            what = ", ".join(word for word in (where, until) if word) or "everywhere"
            found.append(f"{what}: {price(each.price_minor, event.currency, event.locale)}")
    for step in tariff.further:
        found.append(f"from the {ordinal(step.from_count)} table on: {change_words(event, step.change)}")
    if tariff.member is not None:
        found.append(f"members of the club: {change_words(event, tariff.member)}")
    return found


def change_words(event: Event, change: pricing.Change) -> str:
    if change.price_minor is not None:
        return price(change.price_minor, event.currency, event.locale)
    return f"{change.percent_off} % less"


def ordinal(number: int) -> str:
    """ "2nd", "3rd", "11th"."""
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{last}"
