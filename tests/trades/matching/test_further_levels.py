"""What comes after items, cost and people: evenness, few partners, and least change against a published result."""

import json
import random
from collections import Counter
from dataclasses import replace

import pytest
from click.testing import CliRunner

from swapmeet.cli.trade import trade_group
from swapmeet.trades.matching import (
    Item,
    Level,
    Options,
    Problem,
    Published,
    Want,
    published_from,
    solve,
    verify,
)
from swapmeet.trades.matching.jsonform import problem_to_json, published_from_json, result_to_json
from swapmeet.trades.matching.model import USUAL
from tests.trades.matching.oracle import random_problem, takings

FEATURES = ("plain", "costs", "groups", "pools", "limits", "rules")
ORDERS = ((Level.KEPT,), (Level.EVEN, Level.PARTNERS, Level.KEPT), (Level.PARTNERS,))


def _published(problem: Problem, chance: random.Random) -> Published:
    """Whatever was said before: some things to some people, one of them gone since."""
    people = sorted({item.owner for item in problem.items})
    moves = {(item.key, chance.choice(people)) for item in problem.items if chance.random() < 0.7}
    return Published(frozenset({*moves, ("gone", "p0"), ("i0", "nobody")}), "0" * 64)


def _values(problem: Problem, takes: dict[str, str], published: Published) -> dict[Level, int]:
    owner = {item.key: item.owner for item in problem.items}
    moves = [(taken, owner[taken], owner[taker]) for taker, taken in takes.items()]
    received = Counter(receiver for _, _, receiver in moves)
    return {
        Level.ITEMS: len(moves),
        Level.PEOPLE: len({giver for _, giver, _ in moves}),
        Level.EVEN: -sum(count * count for count in received.values()),
        Level.PARTNERS: -len({frozenset(move[1:]) for move in moves}),
        Level.KEPT: len({(item, receiver) for item, _, receiver in moves} & published.moves),
    }


@pytest.mark.parametrize("feature", FEATURES)  # 2,100 swaps
def test_no_result_that_is_as_good_is_better_by_the_further_levels(feature):
    for seed in range(350):
        chance = random.Random(f"further {feature} {seed}")
        problem = random_problem(chance, feature)
        published = _published(problem, chance)
        known = [(_values(problem, takes, published), cost) for takes, cost in takings(problem)]
        for asked in ORDERS[: 3 if seed % 5 == 0 else 2]:
            keep = published if Level.KEPT in asked else None
            levels = USUAL if seed % 5 == 0 else USUAL - {Level.LOOPS}
            result = solve(problem, Options(keep=keep, levels=levels | set(asked) - {Level.KEPT}))
            order = [Level.ITEMS, Level.PEOPLE, *asked]
            best = max((v[Level.ITEMS], -cost, *(v[level] for level in order[1:])) for v, cost in known)
            found = {report.level: report.value for report in result.levels}
            signed = [-found[level] if level in (Level.EVEN, Level.PARTNERS) else found[level] for level in order]
            assert (signed[0], -result.priority_cost, *signed[1:]) == best, (seed, asked)
            assert all(report.proven for report in result.levels if report.level is not Level.LOOPS)
            data = result_to_json(result)
            before = {"result_hash": "0" * 64, "loops": [{"moves": [[k, "", p, ""] for k, p in published.moves]}]}
            assert verify(problem_to_json(problem), data, before if keep else None) == [], (seed, asked)


def test_at_the_door_those_whose_things_came_get_what_they_were_told():
    wants = {"a": "bc", "b": "c", "c": "ab", "d": "e", "e": "df", "f": "e"}
    items = tuple(Item(key, f"of {key}", tuple(Want(target) for target in targets)) for key, targets in wants.items())
    preview = solve(Problem(items))
    left = Problem(tuple(
        replace(item, wants=tuple(want for want in item.wants if want.target != "b")) for item in items if item.key != "b"
    ))  # fmt: skip
    final = solve(left, Options(keep=published_from(preview)))
    assert final.report(Level.KEPT).proven
    told = {(move.item, move.receiver) for move in preview.moves}
    kept = [move for move in final.moves if (move.item, move.receiver) in told]
    assert final.report(Level.KEPT).value == len(kept) >= 2
    assert final.keeps == preview.result_hash


def test_the_verifier_counts_what_is_kept():
    problem = Problem((Item("a", "ann", (Want("b"),)), Item("b", "bob", (Want("a"),))))
    preview = solve(problem)
    before = result_to_json(preview)
    answer = result_to_json(solve(problem, Options(keep=published_from_json(before))))
    data = problem_to_json(problem)
    assert verify(data, answer, before) == []
    lie = json.loads(json.dumps(answer))
    lie["value"]["kept"] = lie["bound"]["kept"] = 1
    assert verify(data, lie, before) == ["The level kept says 1, counted are 2."]
    assert verify(data, answer, before | {"result_hash": "1" * 64}) == [
        "The result was to keep another one than the one published."
    ]
    for level, said in (("even", 3), ("partners", 0)):
        lie = json.loads(json.dumps(answer))
        for part, value in (("value", said), ("bound", said), ("proven", True)):
            lie[part][level] = value
        assert f"The level {level} says {said}" in verify(data, lie, before)[0]


def test_the_command_keeps_what_was_published(tmp_path):
    file, preview, final = tmp_path / "list.txt", tmp_path / "preview.json", tmp_path / "final.json"
    file.write_text("(ann) a : b c\n(bob) b : a\n(cat) c : a\n")
    run = CliRunner().invoke
    preview.write_text(run(trade_group, ["solve", str(file), "--json"]).stdout)
    arguments = ["--keep", str(preview), "--even", "--few-partners"]
    final.write_text(run(trade_group, ["solve", str(file), "--json", *arguments]).stdout)
    answer = json.loads(final.read_text())
    assert (answer["value"]["kept"], answer["value"]["even"], answer["value"]["partners"]) == (2, 2, 1)
    assert answer["loops"] == json.loads(preview.read_text())["loops"]
    assert run(trade_group, ["verify", str(file), str(final), "--kept", str(preview)]).exit_code == 0
    preview.write_text("{}")
    assert "holds no result" in run(trade_group, ["solve", str(file), "--keep", str(preview)]).output
