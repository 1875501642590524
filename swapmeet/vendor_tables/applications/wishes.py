"""Where vendors would like to stand: what was typed becomes a table, a row or a hall, and is found again on today's floor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from swapmeet.infra.search import fold
from swapmeet.kernel.errors import Invalid
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.applications.models import ApplicationWish, WishKind
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.words import plain_label


@dataclass(frozen=True)
class Wished:
    """One wish as it is stored: what kind of thing, its stable name, and what people read."""

    kind: WishKind
    target: str
    label: str


@dataclass
class WishFloor:
    """The floor of a show as wishes see it. Ids are in the order of labels as people count."""

    places: Sequence[TablePlace]
    by_uid: dict[str, TablePlace] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    halls: dict[str, tuple[str, list[int]]] = field(default_factory=dict)  # code -> (name, place ids)

    def __post_init__(self) -> None:
        for place in self.places:
            self.by_uid[place.uid] = place
            if place.row:
                self.rows.setdefault(place.row, []).append(place.id)
            hall = place.plan.hall
            self.halls.setdefault(hall.code, (hall.name, []))[1].append(place.id)

    def find(self, kind: WishKind, target: str) -> tuple[str, list[int]]:
        """(what it is called today, the ids of its tables); no ids where it is gone."""
        if kind is WishKind.PLACE:
            place = self.by_uid.get(target)
            return (place.label, [place.id]) if place is not None else ("", [])
        if kind is WishKind.ROW:
            return f"Row {target}", self.rows.get(target, [])
        return self.halls.get(target, ("", []))

    def words(self) -> list[str]:
        """What may be typed, for the list of suggestions: tables first, then rows, then halls."""
        labels = [place.label for place in self.places if place.is_sellable]
        halls = [name for name, _ in self.halls.values()] if len(self.halls) > 1 else []
        return labels + [f"Row {row}" for row in sorted(self.rows)] + halls


def load_wish_floor(db_session: Session, *, event_id: int) -> WishFloor:
    """Two queries."""
    return WishFloor(queries.list_places(db_session, event_id=event_id))


def read_wishes(texts: Iterable[tuple[str, str]], floor: WishFloor) -> list[Wished]:
    """What was typed, as (field, text) pairs in order of rank; empty ones are left out, of equal ones the first counts.

    Raises Invalid on the field for what is not on the plan.
    """
    found: dict[tuple[WishKind, str], Wished] = {}
    for name, text in texts:
        if text.strip():
            wish = _read(text, name, floor)
            found.setdefault((wish.kind, wish.target), wish)
    return list(found.values())


def _read(text: str, name: str, floor: WishFloor) -> Wished:
    wanted = fold(text).strip()
    for place in floor.places:
        if fold(place.label) == wanted:
            return Wished(WishKind.PLACE, place.uid, place.label)
    plain = plain_label(wanted.removeprefix("table "))
    for place in floor.places:
        if plain_label(fold(place.label)) == plain:
            return Wished(WishKind.PLACE, place.uid, place.label)
    for row in floor.rows:
        if wanted in (fold(row), f"row {fold(row)}"):
            return Wished(WishKind.ROW, row, f"Row {row}")
    for code, (hall, _) in floor.halls.items():
        if wanted in (fold(hall), fold(code)):
            return Wished(WishKind.ZONE, code, hall[:80])
    raise Invalid(f"There is no table or row “{text.strip()[:40]}” on the plan.", field=name)


@dataclass(frozen=True)
class ShownWish:
    """A stored wish on today's floor. `place_ids` are empty when what was wished for has gone."""

    rank: int
    label: str
    place_ids: Sequence[int]

    @property
    def is_gone(self) -> bool:
        return not self.place_ids


def show_wishes(wishes: Iterable[ApplicationWish], floor: WishFloor) -> list[ShownWish]:
    """By rank. A table that has got another number is shown with the number of today; one that has gone by its old name."""
    shown = []
    for wish in wishes:
        label, ids = floor.find(wish.kind, wish.target)
        shown.append(ShownWish(wish.rank, label if ids else wish.label, ids))
    return shown
