"""What stands in the rows, which of them can become orders, and why the others cannot. Nothing is written here."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from swapmeet.registration import rules
from swapmeet.registration.lists.columns import Columns, find_columns
from swapmeet.registration.lists.offering import Offering, Sold
from swapmeet.registration.lists.reading import Bad, Entry, read_entry
from swapmeet.registration.lists.table import Table

LONGEST_KEY = 98
EVERY = 1000  # rows between two words about how far it is

Told = Callable[[int], None]


@dataclass(frozen=True)
class Fault:
    """Why a row cannot be taken."""

    number: int
    sentence: str
    who: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Line:
    """So many of one ticket at one price, with who they are for."""

    sold: Sold
    entries: Sequence[Entry]
    total_minor: int


@dataclass(frozen=True)
class NewOrder:
    """Rows that become one order. The first one is who ordered."""

    entries: Sequence[Entry]
    lines: Sequence[Line]
    total_minor: int
    paid_minor: int

    @property
    def buyer(self) -> Entry:
        return self.entries[0]


@dataclass
class Checked:
    """The outcome: orders to write, faults by row, rows that are orders already, and what the columns were taken for."""

    columns: Columns
    header: Sequence[str]
    row_count: int
    orders: list[NewOrder] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: list[Entry] = field(default_factory=list)
    left_out: int = 0

    @property
    def good_count(self) -> int:
        return sum(len(order.entries) for order in self.orders)


def check_table(
    table: Table,
    offering: Offering,
    known: Callable[[Iterable[str]], Mapping[str, str]],
    *,
    only: set[int] | None = None,
    tell: Told = lambda done: None,
    now: datetime,
) -> Checked:
    """Read every row, then fit whole orders into what is left, in the order of the file.

    `known` finds the digests of row keys that are orders already. `only` names rows; the others are left out, and an order
    is taken with all of its rows or not at all. `tell` hears how many rows were read.
    """
    columns = find_columns(table.header)
    checked = Checked(columns, table.header, len(table.rows))
    cells = dict(table.rows)
    entries, bad = _read(table, columns, offering, tell, now)
    for lacking in _lacking(columns):
        bad = {number: Bad(lacking) for number in cells}
        entries = []
    _set_known_apart(checked, entries, known({entry.key for entry in entries}), bad)
    done = {entry.number for entry in checked.known}
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.group].append(entry)
    members: dict[str, list[int]] = defaultdict(list)
    for number, row in table.rows:
        members[_group_of(columns, number, row)].append(number)
    for group, rows in groups.items():
        _take(checked, offering, [each for each in rows if each.number not in bad and each.number not in done], members[group],
              bad, done, only, now)  # fmt: skip
    checked.faults = [
        Fault(number, each.sentence, columns.of(cells[number], "name"), cells[number])
        for number, each in sorted(bad.items())
        if only is None or number in only
    ]
    checked.left_out = 0 if only is None else sum(number not in only and number not in done for number in cells)
    return checked


def _lacking(columns: Columns) -> list[str]:
    """Why no row at all can be read."""
    if "ticket" not in columns.places:
        return ["No column says which ticket it is. Write “ticket” over it."]
    if not {"name", "last_name"} & set(columns.places):
        return ["No column says who it is. Write “name” over it."]
    return []


def _group_of(columns: Columns, number: int, cells: Sequence[str]) -> str:
    named = columns.of(cells, "order")
    return f"order {named}" if named else f"row {number}"


def _read(
    table: Table, columns: Columns, offering: Offering, tell: Told, now: datetime
) -> tuple[list[Entry], dict[int, Bad]]:
    """Each row by itself. Without a column of keys a row is known by what it says, and by how often it says so."""
    entries: list[Entry] = []
    bad: dict[int, Bad] = {}
    said: Counter[str] = Counter()
    keyed: dict[str, int] = {}
    for done, (number, cells) in enumerate(table.rows, 1):
        try:
            entry = read_entry(columns, number, cells, offering, now=now)
        except Bad as fault:
            bad[number] = fault
            continue
        finally:
            if done % EVERY == 0:
                tell(done)
        digest = hashlib.sha256("\x1f".join((entry.group, *entry.said)).encode()).hexdigest()
        said[digest] += 1
        own = columns.of(cells, "key")
        key = _key_of(own) if own else f"f:{digest}:{said[digest]}"
        if key in keyed:
            bad[number] = Bad(f"The row key {own} stands in row {keyed[key]} already. Each row needs its own.")
            continue
        keyed[key] = number
        group = _group_of(columns, number, cells)
        entries.append(replace(entry, key=key, digest=digest, group=group))
    return entries, bad


def _key_of(own: str) -> str:
    """The file's own row key; a long one by its digest, so that keys which differ late stay apart."""
    return f"k:{own}" if len(own) <= LONGEST_KEY else f"h:{hashlib.sha256(own.encode()).hexdigest()}"


def _set_known_apart(checked: Checked, entries: Sequence[Entry], known: Mapping[str, str], bad: dict[int, Bad]) -> None:
    for entry in entries:
        if entry.key not in known:
            continue
        if known[entry.key] == entry.digest:
            checked.known.append(entry)
        else:
            bad[entry.number] = Bad("This row was imported before and said something else. Change its order by hand.")


def _take(
    checked: Checked,
    offering: Offering,
    rows: Sequence[Entry],
    members: Sequence[int],
    bad: dict[int, Bad],
    done: set[int],
    only: set[int] | None,
    now: datetime,
) -> None:
    """Make one order of these rows, or say of each why not."""
    if not rows or (only is not None and not any(each.number in only for each in rows)):
        return
    if (fault := _split(rows, members, bad, done, only)) is None:
        made = _order(offering, rows, now)
        if not isinstance(made, str):
            offering.take(unit for line in made.lines for entry in line.entries for unit in line.sold.quotas_of(entry))
            checked.orders.append(made)
            return
        fault = made
    for each in rows:
        bad[each.number] = Bad(fault)


def _split(
    rows: Sequence[Entry], members: Sequence[int], bad: Mapping[int, Bad], done: set[int], only: set[int] | None
) -> str | None:
    """Why an order would be in pieces; None when it is whole."""
    if ill := [number for number in members if number in bad]:
        return f"Row {ill[0]} of the same order is wrong, so the whole order waits."
    if there := [number for number in members if number in done]:
        return f"Row {there[0]} of the same order was imported before. Add this one to that order by hand."
    if only is not None and (out := [each.number for each in rows if each.number not in only]):
        return f"Row {out[0]} belongs to the same order and was not named."
    return None


def _order(offering: Offering, rows: Sequence[Entry], now: datetime) -> NewOrder | str:
    """The order, or the sentence that says why it cannot be."""
    try:
        priced = offering.price(rows, now)
    except Bad as fault:
        return fault.sentence
    lines = [Line(sold, group, offering.line_total(sold.unit_minor, len(group))) for sold, group in _grouped(priced)]
    total = sum(line.total_minor for line in lines)
    if against := _against_rules(offering, rows) or _without_guardian(rows):
        return against
    paid = _paid(rows, [sold for sold, _ in priced], total)
    if paid > total:
        return f"More is paid ({offering.money(paid)}) than the order costs ({offering.money(total)})."
    if not offering.takes_money and any(each.has_own_price for each, _ in priced):
        return "This row has a price of its own, and you may not record money. Leave the price out, or ask your treasurer to send the list."
    if paid and not offering.takes_money:
        return "This row brings money, and you may not record money. Ask your treasurer to send the list."
    return NewOrder(rows, lines, total, paid)


def _grouped(priced: Sequence[tuple[Sold, Entry]]) -> list[tuple[Sold, list[Entry]]]:
    found: dict[tuple[int, int | None, int, int | None], tuple[Sold, list[Entry]]] = {}
    for sold, entry in priced:
        variant = entry.variant.id if entry.variant else None
        key = (sold.kind.id, variant, sold.unit_minor, sold.tier_id)
        found.setdefault(key, (sold, []))[1].append(entry)
    return list(found.values())


def _paid(rows: Sequence[Entry], sold: Sequence[Sold], total: int) -> int:
    """What came in: the sums of the rows; "yes" on every row is the whole order, tax and all."""
    if all(each.is_paid for each in rows):
        return total
    return sum(
        each.paid_minor or (unit.unit_minor if each.is_paid else 0) for each, unit in zip(rows, sold, strict=True)
    )


def _against_rules(offering: Offering, rows: Sequence[Entry]) -> str:
    own = Counter(each.kind.id for each in rows)
    if len(rows) > offering.order_limit:
        return f"One order can hold {offering.order_limit} things at most, and this one has {len(rows)}."
    for kind_id, count in own.items():
        kind = offering.kinds[kind_id]
        if count > kind.per_order_limit:
            return f"One order can hold {kind.per_order_limit} of {kind.name} at most, and this one has {count}."
    wanted = [offering.rules[kind_id] for kind_id in offering.rules]
    names = {kind.id: kind.name for kind in offering.kinds.values()}
    found = rules.extras_at_fault(wanted, names, own, {}) + rules.too_many_for_one(wanted, own, {})
    return found[0] if found else ""


def _without_guardian(rows: Sequence[Entry]) -> str:
    """Who is too young to come alone is not the one who ordered."""
    for each in rows:
        limit = each.kind.guardian_below
        if limit is not None and each.age is not None and each.age < limit and each.name == rows[0].name:
            return f"{each.name} is {each.age}: the first row of the order must be the adult who looks after them."
    return ""
