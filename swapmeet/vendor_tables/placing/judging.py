"""PURE. The judge of a placing: hard rules kept, worth, and the figures that runs are compared by. Shares nothing with the rules."""

from collections.abc import Iterator
from dataclasses import dataclass

from swapmeet.vendor_tables.placing.problem import BASE, Given, Place, Problem, Vendor, pair, weight_of

CORNER = "corner"


@dataclass(frozen=True, slots=True)
class Measures:
    """`envy`: vendors who would rather have the places of somebody with fewer points who has as many."""

    vendors: int
    placed: int
    with_wishes: int
    first_choices: int
    any_wish: int
    near_asked: int
    near_met: int
    rivals_side_by_side: int
    envy: int


class Floor:
    """A problem with its lookups: what a run is to a vendor."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.places = {place.key: place for place in problem.places}
        self.spot = {key: (row, at) for row, keys in enumerate(problem.rows) for at, key in enumerate(keys)}
        self.kept_by = {key: kept for kept in problem.kept for key in kept.places}

    def runs(self, tables: int) -> Iterator[tuple[str, ...]]:
        """All runs of so many touching places, in order."""
        for row in self.problem.rows:
            for start in range(len(row) - tables + 1):
                yield row[start : start + tables]

    def beside(self, run: tuple[str, ...]) -> list[str]:
        """The places that touch the two ends of a run."""
        row, first = self.spot[run[0]]
        keys, last = self.problem.rows[row], first + len(run)
        return [keys[at] for at in (first - 1, last) if 0 <= at < len(keys)]

    def is_run(self, places: tuple[str, ...]) -> bool:
        if not places or any(key not in self.spot for key in places):
            return False
        row, first = self.spot[places[0]]
        return self.problem.rows[row][first : first + len(places)] == places

    def circuit(self, vendor: Vendor, run: tuple[str, ...]) -> str:
        """Where the vendor plugs in: the first place of the run whose circuit could carry it alone, else ""."""
        for key in run:
            circuit = self.places[key].circuit
            if circuit and self.problem.circuits.get(circuit, 0) >= vendor.amps:
                return circuit
        return ""

    def lacks(self, vendor: Vendor, run: tuple[str, ...]) -> str:
        """The first thing that rules this run out for this vendor whoever else comes, "" when it fits.

        "kept", "kind", "height", "power", "away" (beside a fixed neighbor), or the tag that is missing.
        """
        for key in run:
            if key in self.kept_by:
                return "kept"
            if lack := lack_of(vendor, self.places[key]):
                return lack
        if vendor.amps and not self.circuit(vendor, run):
            return "power"
        for key in self.beside(run):
            kept = self.kept_by.get(key)
            if kept is not None and kept.vendor and pair(vendor.key, kept.vendor) in self.problem.away:
                return "away"
        return ""


def lack_of(vendor: Vendor, place: Place) -> str:
    """What one place lacks for this vendor: its kind, its height, a tag; "" for nothing."""
    if vendor.kinds and place.kind not in vendor.kinds:
        return "kind"
    if place.most_height_mm is not None and vendor.height_mm > place.most_height_mm:
        return "height"
    return min(vendor.needs - place.tags, default="")


def met_wish(vendor: Vendor, run: tuple[str, ...]) -> int:
    """The rank of the best wish that the run meets, from 1; 0 for none."""
    for rank, wish in enumerate(vendor.wishes, start=1):
        inside = [key in wish.places for key in run]
        if inside and (all(inside) if wish.is_area else any(inside)):
            return rank
    return 0


def liking(floor: Floor, vendor: Vendor, run: tuple[str, ...]) -> int:
    """What a run is worth to a vendor by itself, before points and neighbors; 0 without a run."""
    if not run:
        return 0
    weights = floor.problem.weights
    rank = met_wish(vendor, run)
    wish = max(0, weights.first_wish - weights.rank * (rank - 1)) if rank else 0
    at_corner = vendor.likes_corner and any(CORNER in floor.places[key].tags for key in run)
    return weights.placed + wish + (weights.corner if at_corner else 0)


def faults(floor: Floor, given: Given) -> list[str]:
    """Every hard rule that a placing breaks, in words. Empty: none."""
    problem = floor.problem
    found: list[str] = []
    vendors = {vendor.key: vendor for vendor in problem.vendors}
    seen: set[str] = set()
    load = _kept_load(floor)
    for key, run in given.items():
        vendor = vendors.get(key)
        if vendor is None or not floor.is_run(run) or len(run) != vendor.tables:
            found.append(f"{key}: not a vendor of this placing, or not so many places side by side")
            continue
        if seen & set(run):
            found.append(f"{key}: a place is given twice")
        seen |= set(run)
        if lack := floor.lacks(vendor, run):
            found.append(f"{key}: {lack}")
        if vendor.amps and (circuit := floor.circuit(vendor, run)):
            load[circuit] = load.get(circuit, 0) + vendor.amps
    found += [f"circuit {name}: overloaded" for name, amps in load.items() if amps > problem.circuits.get(name, 0)]
    found += [f"{a} and {b} are side by side" for a, b in _touching(floor, given) if pair(a, b) in problem.away]
    return found


def _kept_load(floor: Floor) -> dict[str, int]:
    """Amps by circuit of what is fixed; a fixed load above the capacity leaves nothing and is nobody's fault here."""
    load: dict[str, int] = {}
    for kept in floor.problem.kept:
        circuit = next((floor.places[key].circuit for key in kept.places if floor.places[key].circuit), "")
        if kept.amps and circuit:
            load[circuit] = load.get(circuit, 0) + kept.amps
    return {name: min(amps, floor.problem.circuits.get(name, 0)) for name, amps in load.items()}


def _touching(floor: Floor, given: Given) -> list[tuple[str, str]]:
    """Pairs of holders side by side, once each; both placed now, or one placed and one fixed."""
    holder = {place: key for key, run in given.items() for place in run}
    found = set()
    for key, run in given.items():
        for place in floor.beside(run):
            other = holder.get(place) or (floor.kept_by[place].vendor if place in floor.kept_by else "")
            if other and other != key:
                found.add(pair(key, other))
    return sorted(found)


def _rivals(floor: Floor, given: Given) -> int:
    """Borders between two holders of one category, of which one at least is placed now."""
    category = {vendor.key: vendor.category for vendor in floor.problem.vendors}
    holder = {place: key for key, run in given.items() for place in run}
    count = 0
    for key, run in given.items():
        for place in floor.beside(run):
            if place in holder:
                count += category[key] != "" and category[holder[place]] == category[key]
            elif place in floor.kept_by:
                count += 2 * (category[key] != "" and floor.kept_by[place].category == category[key])
    return count // 2


def welfare(floor: Floor, given: Given) -> int:
    """What a placing is worth, in hundredths: likings by points, near wishes met, less rivals side by side."""
    problem = floor.problem
    own = sum(weight_of(vendor) * liking(floor, vendor, given.get(vendor.key, ())) for vendor in problem.vendors)
    near = sum(two in problem.near for two in _touching(floor, given))
    return own + BASE * (problem.weights.near * near - problem.weights.rival * _rivals(floor, given))


def measure(floor: Floor, given: Given) -> Measures:
    """The figures of one placing."""
    problem = floor.problem
    ranks = {vendor.key: met_wish(vendor, given.get(vendor.key, ())) for vendor in problem.vendors}
    return Measures(
        vendors=len(problem.vendors),
        placed=len(given),
        with_wishes=sum(bool(vendor.wishes) for vendor in problem.vendors),
        first_choices=sum(rank == 1 for rank in ranks.values()),
        any_wish=sum(rank > 0 for rank in ranks.values()),
        near_asked=len(problem.near),
        near_met=sum(two in problem.near for two in _touching(floor, given)),
        rivals_side_by_side=_rivals(floor, given),
        envy=sum(_envies(floor, vendor, given) for vendor in problem.vendors),
    )


def _envies(floor: Floor, vendor: Vendor, given: Given) -> bool:
    mine = liking(floor, vendor, given.get(vendor.key, ()))
    for other in floor.problem.vendors:
        run = given.get(other.key, ())
        is_weaker = other.points < vendor.points and len(run) == vendor.tables
        if is_weaker and liking(floor, vendor, run) > mine and not floor.lacks(vendor, run):
            return True
    return False
