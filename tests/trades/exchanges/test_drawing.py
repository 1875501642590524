"""Who gets whose piece: as many change hands as can, nobody gets their own or two of a kind, and the seed decides alone."""

import itertools
import json
import random
import subprocess
import sys
from collections import Counter

from swapmeet.trades.exchanges import drawing


def most_by_trying(pieces: dict[int, int]) -> int:
    """As many pieces as can change hands when everybody gets as many as they give: every set of pairs is tried."""
    pairs = [(a, b) for a in pieces for b in pieces if a != b]
    best = 0
    for chosen in range(1 << len(pairs)):
        moves = [pair for place, pair in enumerate(pairs) if chosen >> place & 1]
        if len(moves) <= best:
            continue
        given, got = Counter(a for a, _ in moves), Counter(b for _, b in moves)
        if all(given[one] == got[one] <= pieces[one] for one in pieces):
            best = len(moves)
    return best


def test_as_many_pieces_change_hands_as_can_for_all_small_counts() -> None:
    tried = 0
    for people, most in ((2, 3), (3, 4), (4, 3)):
        for counts in itertools.combinations_with_replacement(range(most + 1), people):
            pieces = dict(enumerate(counts, start=1))
            assert len(drawing.draw(pieces, f"seed {tried}")) == most_by_trying(pieces), pieces
            tried += 1
    assert tried > 60


def test_two_thousand_draws_hold_the_rules() -> None:
    chance = random.Random(7)
    for number in range(2000):
        pieces = {person: chance.randint(0, 6) for person in range(1, chance.randint(2, 14))}
        moves = drawing.draw(pieces, f"s{number}")
        given, got = Counter(a for a, _ in moves), Counter(b for _, b in moves)
        assert len(set(moves)) == len(moves) and all(a != b for a, b in moves)
        assert all(given[one] == got[one] <= pieces[one] for one in pieces)
        assert sum(given.values()) == sum(drawing.shares(pieces).values())


def test_everybody_gets_all_when_all_bring_the_same_and_enough_take_part() -> None:
    for people, bring in ((2, 1), (7, 1), (7, 6), (40, 10), (200, 1)):
        moves = drawing.draw(dict.fromkeys(range(1, people + 1), bring), "seed")
        assert len(moves) == people * bring


def test_the_order_of_the_list_does_not_matter_and_the_seed_does() -> None:
    one = drawing.draw({1: 2, 2: 2, 3: 2, 4: 2, 5: 2}, "a")
    assert drawing.draw({5: 2, 3: 2, 1: 2, 4: 2, 2: 2}, "a") == one
    assert len({tuple(drawing.draw(dict.fromkeys(range(1, 9), 1), str(seed))) for seed in range(50)}) > 40


def test_each_pair_comes_up_about_as_often_as_the_others() -> None:
    counted: Counter[tuple[int, int]] = Counter()
    for seed in range(3000):
        counted.update(drawing.draw(dict.fromkeys(range(1, 6), 1), f"{seed}"))
    assert len(counted) == 20 and max(counted.values()) < 1.2 * min(counted.values())


def test_what_was_tampered_with_is_found_also_by_the_program_alone(tmp_path: object) -> None:
    pieces = {1: 2, 2: 2, 3: 2, 4: 1}
    right = drawing.published("Mini-swap", pieces, "the seed")
    assert drawing.faults_in(right, commitment=drawing.commitment_of("the seed")) == []
    assert drawing.faults_in(right, commitment="0" * 64) != []
    for change in (
        {"seed": "another"},
        {"format": "x"},
        {"moves": right["moves"][1:]},
        {"moves": [{"from": 1, "to": 1}, *right["moves"]]},
        {"pieces": [*right["pieces"], {"number": 1, "pieces": 1}]},
        {"pieces": [{"number": True, "pieces": 1}]},
        {"pieces": None},
    ):
        assert drawing.faults_in({**right, **change}) != [], change
    file = f"{tmp_path}/draw.json"
    for document, answer in ((right, 0), ({**right, "seed": "x"}, 1)):
        with open(file, "w", encoding="utf-8") as handle:
            json.dump(document, handle)
        assert subprocess.run([sys.executable, "-I", drawing.__file__, file], check=False).returncode == answer
