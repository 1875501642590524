"""Made-up placings with the parameters of the study: islands of 2 x 10 and wall rows of 8, wishes by popularity, friends and rivals."""

import random

from swapmeet.vendor_tables.placing.problem import Place, Problem, Vendor, Wish, pair

SIZES = ((1, 65), (2, 25), (3, 7), (4, 3))  # tables of a vendor, of a hundred
CATEGORIES = 12
FILLED = 0.95  # demand over supply
WALL_SHARE = 0.2
ISLANDS_A_ZONE = 2


def placing(vendors: int, seed: int, *, filled: float = FILLED) -> Problem:
    """A show of this size; the same for the same seed."""
    chance = random.Random(seed)
    sizes = chance.choices([size for size, _ in SIZES], [share for _, share in SIZES], k=vendors)
    places, rows, zones, pull = _floor(chance, round(sum(sizes) / filled))
    keys = [place.key for place in places]
    names = sorted(zones)
    zone_pull = [sum(pull[key] for key in zones[name]) / len(zones[name]) for name in names]
    people = []
    arrival = list(range(1, vendors + 1))
    chance.shuffle(arrival)
    weights = [1 / rank for rank in range(1, CATEGORIES + 1)]
    for number, tables in enumerate(sizes):
        wishes = [Wish(key, frozenset({key})) for key in _some(chance, keys, [pull[key] for key in keys], 3)]
        wishes += [Wish(name, frozenset(zones[name]), is_area=True) for name in _some(chance, names, zone_pull, 3)]
        needs = {tag for tag, share in (("wall", 0.06), ("step_free", 0.05)) if chance.random() < share}
        people.append(
            Vendor(
                key=f"v{number:04d}",
                tables=tables,
                points=min(100, int(chance.expovariate(1 / 25))),
                applied=arrival[number],
                category=f"c{chance.choices(range(CATEGORIES), weights)[0]:02d}",
                wishes=tuple(wishes),
                amps=chance.choice((4, 6, 10)) if chance.random() < 0.3 else 0,
                needs=frozenset(needs),
                likes_corner=chance.random() < 0.25,
            )
        )
    mixed = [vendor.key for vendor in people]
    chance.shuffle(mixed)
    near, away = round(vendors * 0.06), max(1, round(vendors * 0.01))
    pairs = [pair(mixed[2 * i], mixed[2 * i + 1]) for i in range(near + away)]
    circuits = {place.circuit: 40 for place in places if place.circuit}
    return Problem(
        tuple(places), tuple(rows), tuple(people), frozenset(pairs[:near]), frozenset(pairs[near:]), circuits=circuits
    )


def _floor(
    chance: random.Random, units: int
) -> tuple[list[Place], list[tuple[str, ...]], dict[str, list[str]], dict[str, float]]:
    """Places, rows, zones and how much each place is wanted: near the entrance, at the end of a row."""
    lengths = [8] * round(units * WALL_SHARE / 8)
    while sum(lengths) < units:
        lengths += [10, 10]
    walls = sum(length == 8 for length in lengths)
    places, rows, zones, pull = [], [], {}, {}
    for number, length in enumerate(lengths):
        is_wall = number < walls
        zone = f"wall {number // 3}" if is_wall else f"zone {(number - walls) // 2 // ISLANDS_A_ZONE}"
        has_power = is_wall or (number - walls) // 2 % 3 == 0
        far = (number if is_wall else number - walls) / max(1, (walls if is_wall else len(lengths) - walls))
        is_step_free = chance.random() < 0.4
        row = []
        for at in range(length):
            key = f"{number:03d}-{at + 1:02d}"
            is_end = at in (0, length - 1)
            tags = {"wall"} if is_wall else set()
            tags |= {"corner"} if is_end and not is_wall else set()
            tags |= {"step_free"} if is_step_free else set()
            places.append(Place(key, key, tags=frozenset(tags), circuit=f"z{number:03d}" if has_power else ""))
            pull[key] = (1 - far) ** 2 + 0.15 + 0.6 * is_end
            zones.setdefault(zone, []).append(key)
            row.append(key)
        rows.append(tuple(row))
    return places, rows, zones, pull


def _some(chance: random.Random, items: list[str], weights: list[float], count: int) -> list[str]:
    """Different items drawn by weight, in the order drawn."""
    found: list[str] = []
    while len(found) < min(count, len(items)):
        item = chance.choices(items, weights)[0]
        if item not in found:
            found.append(item)
    return found
