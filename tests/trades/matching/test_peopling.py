"""Most people among the best results: by walks and cuts, against branch and bound over every arc of those results."""

import random

import pytest

from swapmeet.trades.matching import Level, Options, solve
from swapmeet.trades.matching.measuring import Measure, Rules
from swapmeet.trades.matching.model import Canceled, Item, Problem, Want
from swapmeet.trades.matching.network import compile_network
from swapmeet.trades.matching.optimum import Optimum, find_optimum
from swapmeet.trades.matching.peopling import Face, find_most_people
from swapmeet.trades.matching.searching import ArcSearch
from swapmeet.trades.matching.watching import Watch

LISTS, SOUGHT, PLAIN = 16, 9, 32


def _best_results(seed):
    """Plain things go for sought ones only, and for each of those one plain thing comes in: whose has to be chosen."""
    chance = random.Random(seed)
    sought, plain = range(SOUGHT), range(SOUGHT, SOUGHT + PLAIN)
    owner = [
        chance.randrange(SOUGHT) if i in sought else SOUGHT + chance.randrange(PLAIN // 2)
        for i in range(SOUGHT + PLAIN)
    ]
    items = []
    for i in (*sought, *plain):
        wished = chance.sample(plain, 7) if i in sought else chance.sample(sought, 2)
        if i in sought and chance.random() < 0.3:
            wished += chance.sample(sought, 1)
        wants = tuple(Want(f"i{j:02}") for j in sorted(wished) if owner[j] != owner[i])
        items.append(Item(f"i{i:02}", f"p{owner[i]:02}", wants))
    problem = Problem(tuple(items))
    network = compile_network(problem, use_cash=False)
    return problem, network, find_optimum(network)


def _by_every_arc(problem, network, optimum: Optimum):
    search = ArcSearch(Measure(network), Rules(problem, network), optimum.face)
    found = search.run([Level.PEOPLE], 60, {Level.PEOPLE: 10**6}, optimum.pairs, watch=Watch())
    return found.reached[0].value, found.reached[0].proven


def _all_in(network, optimum: Optimum) -> int:
    """If everybody traded who does in some result."""
    face = Face(network, optimum, optimum.column_of)
    return face.always + len(face.things)


def test_nobody_more_can_come_in():
    proven = short_of_all = 0
    for seed in range(LISTS):
        problem, network, optimum = _best_results(seed)
        most = find_most_people(network, optimum, optimum.column_of, seconds=60, watch=Watch())
        pairs = [(i, j) for i, j in enumerate(most.column_of) if i != j]
        assert sorted(most.column_of) == list(range(network.size)), seed
        assert all(j == i or j in optimum.face[i] for i, j in enumerate(most.column_of)), seed
        assert Measure(network).of(Level.ITEMS, pairs) == optimum.traded, seed
        assert Measure(network).of(Level.PEOPLE, pairs) == most.value, seed
        best, is_proven = _by_every_arc(problem, network, optimum)
        assert is_proven and most.value <= best <= most.bound, seed
        report = solve(problem, Options(levels=frozenset({Level.ITEMS, Level.PEOPLE}))).report(Level.PEOPLE)
        assert (report.value, report.bound, report.proven) == (best, best, True), seed
        proven += most.value == most.bound
        short_of_all += best < _all_in(network, optimum)
    assert proven > 0.9 * LISTS, "hardly ever every arc has to be searched"
    assert short_of_all > LISTS / 2, "cuts are asked for often enough"


def test_without_time_there_is_a_result_and_a_bound_that_holds():
    for seed in range(LISTS):
        _, network, optimum = _best_results(seed)
        hasty = find_most_people(network, optimum, optimum.column_of, seconds=0, watch=Watch())
        most = find_most_people(network, optimum, optimum.column_of, seconds=60, watch=Watch())
        assert hasty.value <= most.value <= hasty.bound, seed


def test_it_is_the_same_each_time_and_stops_when_told():
    _, network, optimum = next(
        found
        for found in map(_best_results, range(LISTS))
        if Face(*found[1:], found[2].column_of).people() < _all_in(*found[1:])
    )
    once, again = (find_most_people(network, optimum, optimum.column_of, seconds=60, watch=Watch()) for _ in range(2))
    assert once.column_of == again.column_of
    with pytest.raises(Canceled):
        find_most_people(network, optimum, optimum.column_of, seconds=60, watch=Watch(cancel=lambda: True))
