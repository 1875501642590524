"""Browsing and searching listings: one condition for rows and counts, newest first, counts over at most 2,000 hits."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.trades import vocab
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.search_index import Source, source_of
from swapmeet.web.paging import Page

HIT_LIMIT = 2000
PAGE_SIZE = 24


@dataclass(frozen=True)
class Filters:
    """What was asked for; empty means any. `near` widens the scale to its neighbors, `condition` means "this or better"."""

    q: str = ""
    category: str = ""
    scale: str = ""
    condition: str = ""
    intent: str = ""
    near: bool = False
    photo: bool = False

    @property
    def scales(self) -> tuple[str, ...]:
        if not self.scale:
            return ()
        return vocab.near_scales(self.scale) if self.near else (self.scale,)

    @property
    def conditions(self) -> tuple[str, ...]:
        return vocab.conditions_from(self.condition) if self.condition else ()

    @property
    def is_narrowed(self) -> bool:
        """Anything chosen besides the words."""
        return bool(self.category or self.scale or self.condition or self.intent or self.photo)

    def without(self, name: str) -> "Filters":
        """The same without one of them, for counting what choosing another would give."""
        return replace(self, **{name: type(getattr(self, name))()})


def read_filters(arguments: Mapping[str, str]) -> Filters:
    """Filters from an address; whatever is not in our lists counts as not given."""
    intent = arguments.get("intent", "")
    return Filters(
        q=arguments.get("q", "").replace("\x00", " ").strip()[:200],
        category=vocab.known((row.code for row in vocab.CATEGORIES), arguments.get("category", "")),
        scale=vocab.known((row.code for row in vocab.SCALES), arguments.get("scale", "")),
        condition=vocab.known((row.code for row in vocab.CONDITIONS), arguments.get("condition", "")),
        intent=vocab.known((row.value for row in vocab.Intent), intent),
        near=arguments.get("near") == "1",
        photo=arguments.get("photo") == "1",
    )


@dataclass(frozen=True)
class Hit:
    """How many listings share these values."""

    category: str
    scale: str
    condition: str
    intent: str
    photo: bool
    count: int

    def fits(self, filters: Filters) -> bool:
        return (
            filters.category in ("", self.category)
            and (not filters.scale or self.scale in filters.scales)
            and (not filters.condition or self.condition in filters.conditions)
            and filters.intent in ("", self.intent)
            and (self.photo or not filters.photo)
        )


@dataclass(frozen=True)
class Facets:
    """Counts by value of each filter, each with all other filters applied. `is_capped`: there are more than were counted."""

    total: int
    is_capped: bool
    by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def options(self, name: str, labels: Collection[tuple[str, str]], chosen: str) -> list[tuple[str, str]]:
        """(value, "label (count)") for a select: values that would find something, and the chosen one."""
        counts = self.by[name]
        more = "+" if self.is_capped else ""
        return [
            (value, f"{label} ({counts.get(value, 0)}{more})")
            for value, label in labels
            if counts.get(value) or value == chosen
        ]


def on_offer(event_ids: Collection[int], without_owners: Collection[int]) -> ColumnElement[bool]:
    """The condition for what everybody may see in the lists of these shows."""
    shown = and_(Listing.event_id.in_(event_ids), Listing.state == ListingState.LISTED, Listing.hidden_at.is_(None))
    return and_(shown, Listing.owner_id.not_in(without_owners)) if without_owners else shown


def of_kind(filters: Filters, table: Any) -> list[ColumnElement[bool]]:
    """What is asked of category, scale and condition, on a table that has these columns."""
    conditions: list[ColumnElement[bool]] = []
    if filters.category:
        conditions.append(table.category == filters.category)
    if filters.scale:
        conditions.append(table.scale.in_(filters.scales))
    if filters.condition:
        conditions.append(table.condition.in_(filters.conditions))
    return conditions


def _narrow(filters: Filters) -> list[ColumnElement[bool]]:
    conditions = of_kind(filters, Listing)
    if filters.intent:
        conditions.append(Listing.intent == filters.intent)
    if filters.photo:
        conditions.append(Listing.cover_key.is_not(None))
    return conditions


@dataclass(frozen=True)
class Found:
    """One page of listings, newest first, and the counts beside it."""

    page: Page
    facets: Facets


def find_listings(
    db_session: Session,
    *,
    event_ids: Collection[int],
    filters: Filters,
    number: int,
    without_owners: Collection[int] = (),
) -> Found:
    """One page for these shows. Two queries; a third when there are more hits than are counted and a filter is set."""
    source = source_of(db_session, filters.q)
    base = [on_offer(event_ids, without_owners), *source.where]
    hits, is_capped = _count_hits(db_session, source, base)
    narrow = _narrow(filters)
    total = min(sum(hit.count for hit in hits if hit.fits(filters)), HIT_LIMIT)
    if is_capped and narrow:
        ids = select(Listing.id).select_from(source.table).where(*base, *narrow).limit(HIT_LIMIT)
        total = _count(db_session, ids)
    number = min(number, max(1, -(-total // PAGE_SIZE)))
    statement = (
        select(Listing)
        .select_from(source.table)
        .where(*base, *narrow)
        .order_by(source.newest_first)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
        .options(joinedload(Listing.event))
    )
    rows = db_session.scalars(statement).all() if total else []
    return Found(Page(rows, number, PAGE_SIZE, total), _facets(hits, filters, total=total, is_capped=is_capped))


def _count(db_session: Session, statement: Select[Any]) -> int:
    return db_session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def _count_hits(db_session: Session, source: Source, base: list[ColumnElement[bool]]) -> tuple[list[Hit], bool]:
    """The newest HIT_LIMIT hits, grouped by all values at once; and whether there are more."""
    has_photo = Listing.cover_key.is_not(None).label("photo")
    newest = (
        select(Listing.category, Listing.scale, Listing.condition, Listing.intent, has_photo)
        .select_from(source.table)
        .where(*base)
        .order_by(source.newest_first)
        .limit(HIT_LIMIT + 1)
        .subquery()
    )
    columns = [newest.c.category, newest.c.scale, newest.c.condition, newest.c.intent, newest.c.photo]
    rows = db_session.execute(select(*columns, func.count()).group_by(*columns)).all()
    hits = [Hit(row[0], row[1], row[2], row[3], bool(row[4]), row[5]) for row in rows]
    return hits, sum(hit.count for hit in hits) > HIT_LIMIT


def _facets(hits: list[Hit], filters: Filters, *, total: int, is_capped: bool) -> Facets:
    by: dict[str, dict[str, int]] = {}
    for name in ("category", "scale", "condition", "intent"):
        others = filters.without(name)
        counter: Counter[str] = Counter()
        for hit in hits:
            if hit.fits(others):
                counter[getattr(hit, name)] += hit.count
        by[name] = dict(counter)
    by["condition"] = _or_better(by["condition"])
    return Facets(total, is_capped, by)


def _or_better(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts of "this or better" from counts of each condition."""
    return {row.code: sum(counts.get(code, 0) for code in vocab.conditions_from(row.code)) for row in vocab.CONDITIONS}
