"""Made-up want lists of any size in the traders' format: skewed to popular titles, a group for each wished title.

python -m benchmarks.trade_generator 2000 > list.txt
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator

WISHES = 34  # titles on one item's list, about
BROUGHT, WISHED = 0.15, 1.4  # how far popularity decides what is brought, and what is wished


def trade_list(items: int, seed: int = 1, *, priorities: bool = False) -> Iterator[str]:
    """The lines of a list. People bring 8 items in the middle; a title is wished as often as it is popular (Zipf)."""
    chance = random.Random(seed)
    owners = _owners(items, chance)
    popular = [1 / (rank + 10) for rank in range(max(4, items // 2))]
    title_of = chance.choices(range(len(popular)), [share**BROUGHT for share in popular], k=items)
    copies = defaultdict(list)
    for item, title in enumerate(title_of):
        copies[title].append(item)
    titles = sorted(copies)
    weights = [popular[title] ** WISHED for title in titles]
    yield "#! ALLOW-DUMMIES REQUIRE-COLONS REQUIRE-USERNAMES" + (" LINEAR-PRIORITIES" if priorities else "")
    yield "!BEGIN-OFFICIAL-NAMES"
    yield from (f"{item:05d}-T{title_of[item]:05d} ==> made up" for item in range(items))
    yield "!END-OFFICIAL-NAMES"
    for person, own in enumerate(owners):
        yield from _lists_of(f"P{person:05d}", own, titles, weights, copies, title_of, chance)


def _owners(items: int, chance: random.Random) -> list[range]:
    owners, first = [], 0
    while first < items:
        brings = min(items - first, max(1, round(chance.lognormvariate(2.08, 0.8))))
        owners.append(range(first, first + brings))
        first += brings
    return owners


def _lists_of(person, own, titles, weights, copies, title_of, chance) -> Iterator[str]:
    wished = sorted(set(chance.choices(titles, weights, k=round(len(own) * 2.6) + 8)))
    names: list[str] = []
    for title in wished:
        others = [item for item in copies[title] if item not in own]
        if others:
            yield f"({person}) %T{title:05d} : " + " ".join(f"{item:05d}-T{title:05d}" for item in others)
            names.append(f"%T{title:05d}")
    for item in own:
        if chance.random() < 0.06:
            yield f"({person}) {item:05d}-T{title_of[item]:05d} :"
            continue
        share = (
            chance.sample(names, max(1, min(len(names), round(chance.triangular(0.1, 1.0, 0.8) * WISHES))))
            if names
            else []
        )
        yield f"({person}) {item:05d}-T{title_of[item]:05d} : " + " ".join(share)


if __name__ == "__main__":
    print("\n".join(trade_list(int(sys.argv[1]))))
