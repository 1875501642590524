"""PURE. Reads the tables of a show file: every fault is told with its row, what is right becomes plain values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from swapmeet.vendor_tables.geometry import (
    TOUCH_MM,
    Row,
    Spot,
    exact,
    features,
    feet,
    inches,
    lay_row,
    list_outside,
    list_overlaps,
)
from swapmeet.vendor_tables.pricing import SPOTS

MAX_FEET = 5000
MAX_IN_ROW = 500
MAX_MONEY = 10**9
EXTRAS = (
    ("power", "electricity_fee", "Power at your table"),
    ("badge", "helper_badge_fee", "Badge for one more helper"),
)
PARTS = {"zone": 120, "row": 20, "at": 20, "hall": 40}  # what a price can hang on, with the length of its name


@dataclass(frozen=True)
class PriceInFile:
    """One rule of a type's price: "listed", "further" or "member"; columns of the same names."""

    kind: str
    part: str | None = None
    until_days_before: int | None = None
    from_count: int | None = None
    price_minor: int | None = None
    percent_off: int | None = None


@dataclass(frozen=True)
class DepositInFile:
    """What is due with the order, a percentage or a sum for each table; the rest so many days before the show."""

    percent: int | None
    each_minor: int | None
    balance_days_before: int
    lapses: bool


@dataclass(frozen=True)
class ExtraInFile:
    """What can be had with a table: "power", "chair", "badge" or "other"."""

    kind: str
    name: str
    price_minor: int


@dataclass(frozen=True)
class DatesInFile:
    """Prices that hang on the day: so much less up to a day, more from a day on, more at the show itself."""

    early_until: int | None
    early_off: int | None
    late_from: int | None
    late_add: int | None
    door_add: int | None


@dataclass(frozen=True)
class TypeInFile:
    """One table type, lengths in millimeters, money in minor units."""

    code: str
    name: str
    length_ft: Fraction
    length_mm: int
    depth_mm: int
    chairs: int
    has_power: bool
    power_on_request: bool
    price_minor: int
    first_price_minor: int | None
    badges: int
    first_badges: int | None
    max_badges: int | None
    limit_per_vendor: int | None
    sold_by_period: bool
    rule: str
    prices: tuple[PriceInFile, ...] = ()


@dataclass
class TablesInFile:
    """What a file says about tables. `spots` by hall code; `kind` of a spot is its type's code."""

    types: list[TypeInFile] = field(default_factory=list)
    spots: dict[str, list[Spot]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)  # by label
    max_tables: int | None = None
    closes_days_before: int | None = None
    deposit: "DepositInFile | None" = None
    extras: list[ExtraInFile] = field(default_factory=list)
    quotas: dict[str, int] = field(default_factory=dict)  # tables at most, by kind of wares
    problems: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def read_tables(show: Mapping[str, Any]) -> TablesInFile:
    """Everything a file says about tables, and every fault in it. Never raises, whatever the mapping holds."""
    found = TablesInFile()
    for index, raw in enumerate(_list_at(show, "table_types", found)):
        _read_type(found, f"table_types[{index}]", raw, _sessions_limit(show))
    halls = _halls(show)
    for index, raw in enumerate(_list_at(show, "table_rows", found)):
        _read_row(found, f"table_rows[{index}]", raw, halls)
    _check_labels(found)
    _check_drawing(found, halls)
    _check_quantities(found, show)
    _read_policy(found, show)
    return found


def _list_at(show: Mapping[str, Any], key: str, found: TablesInFile) -> Sequence[Any]:
    raw = show.get(key, [])
    if isinstance(raw, list):
        return raw
    found.problems.append((key, "must be a list"))
    return []


def _number(value: Any) -> Fraction | None:
    """A finite number as written, or None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return exact(value)
    except (ValueError, OverflowError):
        return None


def _whole(value: Any, low: int, high: int) -> int | None:
    ok = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return int(value) if ok else None


@dataclass
class _Reader:
    """Reads fields of one mapping and writes down each that is missing or out of range."""

    where: str
    raw: Mapping[str, Any]
    problems: list[tuple[str, str]]

    def text(self, key: str, limit: int) -> str:
        value = self.raw.get(key)
        if isinstance(value, str) and value.strip() and len(value) <= limit:
            return value.strip()
        self.problems.append((self.where, f"{key} must be text of 1 to {limit} characters"))
        return ""

    def length(self, key: str, low: int, high: int) -> Fraction:
        value = _number(self.raw.get(key))
        if value is not None and low <= value <= high:
            return value
        self.problems.append((self.where, f"{key} must be a number from {low} to {high}"))
        return Fraction(0)

    def count(self, key: str, low: int, high: int, default: int | None = None) -> int:
        if key not in self.raw and default is not None:
            return default
        value = _whole(self.raw.get(key), low, high)
        if value is not None:
            return value
        self.problems.append((self.where, f"{key} must be a whole number from {low} to {high}"))
        return low

    def maybe(self, key: str, low: int, high: int) -> int | None:
        return None if self.raw.get(key) is None else self.count(key, low, high)


def _read_type(found: TablesInFile, where: str, raw: Any, session_limit: int | None) -> None:
    if not isinstance(raw, Mapping):
        found.problems.append((where, "must be an object"))
        return
    before = len(found.problems)
    read = _Reader(where, raw, found.problems)
    code = read.text("code", 40)
    length = read.length("length_ft", 1, MAX_FEET)
    depth = read.length("depth_in", 1, MAX_FEET * 12)
    power = raw.get("power", False)
    if not isinstance(power, bool) and power != "on request":
        found.problems.append((where, "power must be true, false or “on request”"))
    if code and any(other.code == code for other in found.types):
        found.problems.append((where, f"the code {code} is there twice"))
    by_period = raw.get("per_session") is True
    new = TypeInFile(
        code=code,
        name=read.text("name", 200),
        length_ft=length,
        length_mm=feet(length),
        depth_mm=inches(depth),
        chairs=read.count("chairs", 0, 100, 0),
        has_power=power is True,
        power_on_request=power == "on request",
        price_minor=read.count("price", 0, MAX_MONEY),
        first_price_minor=read.maybe("first_price", 0, MAX_MONEY),
        badges=read.count("badges", 0, 100, 0),
        first_badges=read.maybe("first_table_badges", 0, 100),
        max_badges=read.maybe("max_badges", 0, 1000),
        limit_per_vendor=read.maybe("limit_per_vendor", 1, 10_000) or (session_limit if by_period else None),
        sold_by_period=by_period,
        rule=str(raw.get("rule") or "")[:1000],
        prices=tuple(_read_prices(found, where, raw)),
    )
    extras = _read_extras(found, where, raw)
    if len(found.problems) == before:
        found.types.append(new)
        known = {each.name for each in found.extras}
        found.extras += [each for each in extras if each.name not in known]


def _read_prices(found: TablesInFile, where: str, raw: Mapping[str, Any]) -> list[PriceInFile]:
    """The price list, the prices of further tables, the members' price."""
    rules = []
    for index, row in enumerate(_rows_of(found, where, raw, "price_list")):
        read = _Reader(f"{where}.price_list[{index}]", row, found.problems)
        until, part = read.maybe("until_days_before", -1000, 2000), _read_part(read)
        rules.append(PriceInFile("listed", part, until, price_minor=read.count("price", 0, MAX_MONEY)))
    for index, row in enumerate(_rows_of(found, where, raw, "further_tables")):
        read = _Reader(f"{where}.further_tables[{index}]", row, found.problems)
        count = read.count("from", 2, 1000)
        rules.append(_read_change(read, "further", from_count=count))
    members = raw.get("members")
    if members is not None:
        read = _Reader(f"{where}.members", members if isinstance(members, Mapping) else {}, found.problems)
        rules.append(_read_change(read, "member"))
    keys = [(rule.kind, rule.part, rule.until_days_before, rule.from_count) for rule in rules]
    if len(set(keys)) < len(keys):
        found.problems.append((where, "has two prices for the same place and day, or for the same number of tables"))
    return rules


def _read_extras(found: TablesInFile, where: str, raw: Mapping[str, Any]) -> list[ExtraInFile]:
    """What can be had with tables of this kind; extras are the show's, so the same name in two kinds is one."""
    extras: dict[str, ExtraInFile] = {}
    for index, row in enumerate(_rows_of(found, where, raw, "extras")):
        read = _Reader(f"{where}.extras[{index}]", row, found.problems)
        name, cost = read.text("name", 200), read.count("price", 0, MAX_MONEY)
        code = str(row.get("code") or "")
        name = name[:1].upper() + name[1:]
        extras.setdefault(name, ExtraInFile(code if code in ("power", "chair") else "other", name, cost))
    return list(extras.values())


def _rows_of(found: TablesInFile, where: str, raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = raw.get(key, [])
    if isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows) and len(rows) <= 100:
        return rows
    found.problems.append((where, f"{key} must be a list of at most 100 objects"))
    return []


def _read_part(read: "_Reader") -> str:
    named = [key for key in PARTS if read.raw.get(key) is not None]
    if not named:
        return ""
    name = read.text(named[0], PARTS[named[0]])
    if len(named) > 1:
        read.problems.append((read.where, f"says more than one of {', '.join(PARTS)}"))
    if named[0] == "at" and name and name not in SPOTS:
        read.problems.append((read.where, f"at must be one of {', '.join(SPOTS)}"))
    return f"{named[0]}:{name}"


def _read_change(read: "_Reader", kind: str, from_count: int | None = None) -> PriceInFile:
    cost, less = read.maybe("price", 0, MAX_MONEY), read.maybe("percent_off", 1, 100)
    if (cost is None) == (less is None):
        read.problems.append((read.where, "must say either price or percent_off"))
    return PriceInFile(kind, from_count=from_count, price_minor=cost, percent_off=less)


def _sessions_limit(show: Mapping[str, Any]) -> int | None:
    market = show.get("flea_market")
    return _whole(market.get("limit_per_person_per_session"), 1, 10_000) if isinstance(market, Mapping) else None


def _halls(show: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """(width, depth) in millimeters by hall code; faulty halls are told by the step that reads halls."""
    venue = show.get("venue")
    raw_halls = venue.get("halls", []) if isinstance(venue, Mapping) else []
    halls: dict[str, tuple[int, int]] = {}
    for raw in raw_halls if isinstance(raw_halls, list) else []:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("code"), str):
            continue
        width, depth = _number(raw.get("width_ft")), _number(raw.get("depth_ft"))
        if width is not None and depth is not None and 0 < width <= MAX_FEET and 0 < depth <= MAX_FEET:
            halls[raw["code"]] = feet(width), feet(depth)
    return halls


def _read_row(found: TablesInFile, where: str, raw: Any, halls: Mapping[str, tuple[int, int]]) -> None:
    if not isinstance(raw, Mapping):
        found.problems.append((where, "must be an object"))
        return
    before = len(found.problems)
    read = _Reader(where, raw, found.problems)
    name = read.text("row", 12)
    read.where = where = f"{where} {name}".rstrip()
    hall, kind = read.text("hall", 40), read.text("table_type", 40)
    if hall and hall not in halls:
        found.problems.append((where, f"there is no hall {hall}"))
    table_type = next((each for each in found.types if each.code == kind), None)
    if kind and table_type is None:
        found.problems.append((where, f"there is no usable table type {kind}"))
    for key in ("runs", "facing"):
        if raw.get(key) not in ("N", "E", "S", "W"):
            found.problems.append((where, f"{key} must be N, E, S or W"))
    x, y = read.length("x_ft", 0, MAX_FEET), read.length("y_ft", 0, MAX_FEET)
    count, first = read.count("count", 1, MAX_IN_ROW), read.count("first_number", 0, 10_000, 1)
    if table_type is None or len(found.problems) > before:
        return
    row = Row(name, count, x, y, table_type.length_ft, table_type.depth_mm, raw["runs"], raw["facing"], first)
    found.spots.setdefault(hall, []).extend(lay_row(row, hall=hall, kind=kind))


def _check_labels(found: TablesInFile) -> None:
    counts = Counter(spot.label for spots in found.spots.values() for spot in spots)
    for label, count in sorted(counts.items()):
        if count > 1:
            found.problems.append(("table_rows", f"the place {label} is there {count} times"))


def _check_drawing(found: TablesInFile, halls: Mapping[str, tuple[int, int]]) -> None:
    for hall, spots in found.spots.items():
        width, depth = halls[hall]
        for spot in list_outside(spots, width_mm=width, depth_mm=depth):
            found.problems.append((f"table_rows {spot.row}", f"the place {spot.label} is outside of the hall {hall}"))
        for one, other in list_overlaps(spots):
            found.problems.append(
                (f"table_rows {one.row}", f"{one.label} and {other.label} stand on each other (over {TOUCH_MM} mm)")
            )
        for label, tags in features(spots, width_mm=width, depth_mm=depth).items():
            found.tags[str(label)] = tags


def _check_quantities(found: TablesInFile, show: Mapping[str, Any]) -> None:
    placed = Counter(str(spot.kind) for spots in found.spots.values() for spot in spots)
    raw_types = show.get("table_types")
    for index, raw in enumerate(raw_types if isinstance(raw_types, list) else []):
        if isinstance(raw, Mapping) and isinstance(raw.get("quantity"), int):
            code, stated = raw.get("code"), raw["quantity"]
            if any(each.code == code for each in found.types) and placed[str(code)] != stated:
                words = f"the file says {stated} of {code}, but its rows hold {placed[str(code)]}"
                found.warnings.append((f"table_types[{index}]", words))


def _read_policy(found: TablesInFile, show: Mapping[str, Any]) -> None:
    policy = show.get("vendor_policy")
    if not isinstance(policy, Mapping):
        return
    read = _Reader("vendor_policy", policy, found.problems)
    percent, each = read.maybe("deposit_percent", 1, 99), read.maybe("deposit", 0, MAX_MONEY)
    if percent is not None or each:
        if percent is not None and each:
            found.problems.append(("vendor_policy", "says both deposit and deposit_percent"))
        days, lapses = read.count("balance_due_days_before", 0, 2000), policy.get("late_balance_lapses") is True
        found.deposit = DepositInFile(percent, each or None, days, lapses)
    dates = _read_dates(read)
    found.types = [_with_dates(kind, dates) for kind in found.types]
    for kind, key, name in EXTRAS:
        cost = read.maybe(key, 0, MAX_MONEY)
        if cost and name not in {extra.name for extra in found.extras}:
            found.extras.append(ExtraInFile(kind, name, cost))
    found.quotas = _read_quotas(read)
    found.max_tables = _whole(policy.get("max_tables_each"), 1, 10_000)
    if str(policy.get("selection", "")).startswith("juried"):
        words = "this show picks its vendors by jury: say so on the page of its applications; until then tables are sold directly"
        found.warnings.append(("vendor_policy", words))
    else:
        found.closes_days_before = _whole(policy.get("application_closes_days_before"), 0, 2000)


def _read_quotas(read: _Reader) -> dict[str, int]:
    """Tables at most by kind of wares."""
    raw = read.raw.get("category_quotas", {})
    known = isinstance(raw, Mapping) and len(raw) <= 100
    quotas = {str(name).strip()[:80]: _whole(most, 0, 10_000) for name, most in raw.items()} if known else {"": None}
    if "" in quotas or None in quotas.values():
        read.problems.append(
            (read.where, "category_quotas must say a whole number from 0 to 10000 for each kind of wares")
        )
        return {}
    return {name[:1].upper() + name[1:]: most for name, most in quotas.items() if most is not None}


def _read_dates(read: _Reader) -> DatesInFile:
    found = DatesInFile(
        read.maybe("early_price_until_days_before", 1, 2000),
        read.maybe("early_price_off", 1, MAX_MONEY),
        read.maybe("late_price_from_days_before", 1, 2000),
        read.maybe("late_price_add", 1, MAX_MONEY),
        read.maybe("door_price_add", 1, MAX_MONEY),
    )
    halves = (
        (found.early_until, found.early_off, "early_price_until_days_before and early_price_off"),
        (found.late_from, found.late_add, "late_price_from_days_before and late_price_add"),
    )
    for day, money, names in halves:
        if (day is None) != (money is None):
            read.problems.append((read.where, f"{names} go together"))
    if found.early_until is not None and found.late_from is not None and found.early_until <= found.late_from:
        read.problems.append((read.where, "the early price must end before the late one begins"))
    return found


def _with_dates(kind: TypeInFile, dates: DatesInFile) -> TypeInFile:
    """The kind with the prices of the policy; one that is sold by the session, or has a list of its own, stays as it is."""
    if kind.sold_by_period or any(each.kind == "listed" and not each.part for each in kind.prices):
        return kind
    full, by_day = kind.price_minor, dict[int | None, int]()
    if dates.early_until is not None:
        by_day[dates.early_until] = max(0, full - (dates.early_off or 0))
    if dates.late_from is not None:
        by_day.setdefault(dates.late_from + 1, full)
    if dates.door_add is not None:
        by_day.setdefault(1, full + (dates.late_add or 0))
        by_day[None] = full + dates.door_add
    elif dates.late_add is not None:
        by_day[None] = full + dates.late_add
    steps = [PriceInFile("listed", "", until, price_minor=cost) for until, cost in by_day.items()]
    return replace(kind, prices=(*kind.prices, *steps))
