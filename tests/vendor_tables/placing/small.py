"""Small made-up placings, and every placing that is possible in them."""

import random
from collections.abc import Iterator

from swapmeet.vendor_tables.placing.judging import Floor, faults
from swapmeet.vendor_tables.placing.problem import Given, Kept, Place, Problem, Vendor, Wish, pair


def small_problem(chance: random.Random) -> Problem:
    """Up to four vendors on up to nine places, with everything that rules know."""
    places, rows = _floor(chance)
    keys = [place.key for place in places]
    vendors = [_vendor(chance, f"v{number}", keys, rows) for number in range(chance.randint(1, 4))]
    names = [vendor.key for vendor in vendors] + ["old"]
    pairs = [pair(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    mixed = chance.sample(pairs, len(pairs))
    near = chance.randint(0, min(3, len(mixed)))
    kept = [Kept((chance.choice(keys),), "old", "a", chance.choice((0, 3)))] if chance.random() < 0.4 else []
    return Problem(
        places=tuple(places),
        rows=rows,
        vendors=tuple(vendors),
        near=frozenset(mixed[:near]),
        away=frozenset(mixed[near : near + chance.randint(0, 2)]),
        kept=tuple(kept),
        circuits={"z0": chance.choice((5, 8, 20)), "z1": 6},
    )


def _floor(chance: random.Random) -> tuple[list[Place], tuple[tuple[str, ...], ...]]:
    places, rows = [], []
    for row in range(chance.randint(1, 3)):
        length = chance.randint(1, 3)
        rows.append(tuple(f"{row}-{at}" for at in range(length)))
        for at, key in enumerate(rows[-1]):
            tags = {tag for tag in ("wall", "step_free") if chance.random() < 0.6}
            tags |= {"corner"} if at in (0, length - 1) else set()
            circuit = chance.choice(("", "z0", "z1"))
            height = chance.choice((None, None, 2000))
            places.append(Place(key, key, chance.choice(("six", "six", "eight")), frozenset(tags), circuit, height))
    return places, tuple(rows)


def _vendor(chance: random.Random, key: str, keys: list[str], rows: tuple[tuple[str, ...], ...]) -> Vendor:
    wishes = []
    for _ in range(chance.randint(0, 3)):
        if chance.random() < 0.7:
            place = chance.choice([*keys, "gone"])
            wishes.append(Wish(place, frozenset({place})))
        else:
            wishes.append(Wish("row", frozenset(chance.choice(rows)), is_area=True))
    return Vendor(
        key=key,
        tables=chance.choice((1, 1, 2, 3)),
        kinds=frozenset({"six"}) if chance.random() < 0.4 else frozenset(),
        points=chance.choice((0, 0, 20, 80)),
        applied=chance.randint(1, 9),
        category=chance.choice(("", "a", "b")),
        wishes=tuple(wishes),
        amps=chance.choice((0, 0, 4, 7)),
        needs=frozenset({"wall"}) if chance.random() < 0.2 else frozenset(),
        likes_corner=chance.random() < 0.3,
        height_mm=chance.choice((0, 1500, 2500)),
    )


def all_placings(problem: Problem) -> Iterator[Given]:
    """Every placing that keeps the hard rules."""
    floor = Floor(problem)
    choices = [
        [(), *(run for run in floor.runs(vendor.tables) if not floor.lacks(vendor, run))] for vendor in problem.vendors
    ]

    def extend(at: int, given: dict[str, tuple[str, ...]], used: frozenset[str]) -> Iterator[Given]:
        if at == len(choices):
            if not faults(floor, given):
                yield dict(given)
            return
        for run in choices[at]:
            if not used & set(run):
                more = {**given, problem.vendors[at].key: run} if run else given
                yield from extend(at + 1, more, used | set(run))

    yield from extend(0, {}, frozenset())
