"""Want lists and results as the traders' text: written, read back, and somebody else's result checked."""

import json
import random
from dataclasses import replace

import pytest
from click.testing import CliRunner

from swapmeet.cli.trade import trade_group
from swapmeet.trades.matching import Group, Item, Level, Limit, Options, Person, Problem, Want, solve, verify
from swapmeet.trades.matching.jsonform import problem_to_json, result_to_json
from swapmeet.trades.matching.listing import FormatError
from swapmeet.trades.matching.reading import read_problem
from swapmeet.trades.matching.textresult import result_from_text, result_to_text
from swapmeet.trades.matching.writing import NotWritable, problem_to_text
from tests.trades.matching.oracle import random_problem

LISTS = {
    "plain": "(u) a : b\n(v) b : a\nc : a\n",
    "groups": "#! ALLOW-DUMMIES\n(u) %x : b %y\n(u) %y : c\n(u) a : %x\n(v) b : a\n(v) c :\n",
    "ranks": "#! TRIANGLE-PRIORITIES ALLOW-DUMMIES NONTRADE-COST=7\n(u) %x : c d\n(u) a : b ; %x c\n(v) b : a\n(v) c : a\n(v) d : a\n",
    "titles": "!BEGIN-OFFICIAL-NAMES\nA ==> a tender\nB ==> a coach\n!END-OFFICIAL-NAMES\n(u) a : b\n(v) b : a\n",
    "money": "(u) a : $25 b\n(v) b : $3.50 a\n(w) $30 : a b\n(w) $4 : b\n(w) LIMIT: $31.50\n(x) $40 : a\n",
    "ranked money": "#! LINEAR-PRIORITIES\n(u) a : b $25\n(v) b : a\n(w) $30 : a b\n",
    "case": "#! CASE-SENSITIVE\n(Ünal) a : A\n(v w) A : a\n",
}
OTHERS = """Some Trade Program 9.9

TRADE LOOPS (3 total trades):

(ANN) A    receives (BOB) B
(BOB) B    receives (CAT) C
(CAT) C    receives (ANN) A

ITEM SUMMARY (3 total trades):

(ANN) A    receives (BOB) B    and sends to (CAT) C
(DAN) D    does not trade

Num trades  = 3 of 4 items (75.0%)
"""
SWAP = "#! ALLOW-DUMMIES\n(ann) a : %x\n(ann) %x : b\n(bob) b : c\n(cat) c : a\n(dan) d : a\n"


def _run(*arguments):
    return CliRunner().invoke(trade_group, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", LISTS)
def test_want_lists_read_back_as_they_were_written(name):
    problem = read_problem(LISTS[name]).problem
    reading = read_problem(problem_to_text(problem))
    assert problem_to_json(reading.problem) == problem_to_json(problem)
    assert [item.title for item in reading.problem.items] == [item.title for item in problem.items]
    assert reading.messages == ()


@pytest.mark.parametrize("feature", ["plain", "groups", "cash"])
def test_any_swap_that_can_be_written_has_the_same_best_result(feature):
    options = Options(use_cash=True, levels=frozenset({Level.ITEMS, Level.COST}))
    for seed in range(100):
        problem = random_problem(random.Random(f"text {feature} {seed}"), feature)
        again = read_problem(problem_to_text(problem)).problem
        assert solve(again, options).items_traded == solve(problem, options).items_traded, seed


ITEM = Item("a", "u", (Want("b"),))


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem((replace(ITEM, key="two words"),)), "cannot be an item's name"),
        (Problem((replace(ITEM, key="%a"),)), "cannot be an item's name"),
        (Problem((replace(ITEM, owner="u (new)"),)), "cannot be a person's name"),
        (Problem((ITEM, Item("b", "v", (Want("a", 2),)))), "one or the other"),
        (Problem((ITEM,), groups=(Group("g", "u", (Want("b", 2),)),)), "inside a group"),
        (Problem((ITEM,), limits=(Limit("l", "u", ("b",), 1),)), "limits cannot be written"),
        (Problem((ITEM,), people=(Person("u", avoids=frozenset("v")),)), "avoid cannot be written"),
        (Problem((ITEM,), groups=(Group("g h", "u", ()), Group("g_h", "u", ()))), "both be named"),
    ],
)
def test_what_the_format_cannot_say_is_refused_not_left_out(problem, said):
    with pytest.raises(NotWritable, match=said):
        problem_to_text(problem)


def test_somebody_elses_result_is_checked_hand_over_by_hand_over(tmp_path):
    lists, result = tmp_path / "lists.txt", tmp_path / "result.txt"
    lists.write_text(SWAP)
    result.write_text(OTHERS)
    told = _run("verify", lists, result)
    assert (told.exit_code, told.stdout.splitlines()[0]) == (0, "The result is right.")
    assert "3 things trade" in told.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("(BOB) B    receives (CAT) C\n", "", "does not close"),
        ("A    receives (BOB) B\n", "A    receives (DAN) D\n", "does not close"),
        ("(ANN) A    receives (BOB) B\n", "(ANN) A    receives (EVE) B\n", "B is not EVE's to give"),
        ("LOOPS (3", "LOOPS (4", "items_traded says 4"),
        ("of 4 items", "of 5 items", "items says 5"),
        ("(BOB) B    receives (CAT) C\n", "(BOB) B gets something\n", "not: (BOB) B gets something"),
        ("TRADE LOOPS (3 total trades):", "TRADE LOOPS (3 total trades):\n\n(DAN) D receives (DAN) D", "D"),
    ],
)
def test_a_fault_in_somebody_elses_result_is_named(tmp_path, old, new, said):
    lists, result = tmp_path / "lists.txt", tmp_path / "result.txt"
    lists.write_text(SWAP)
    assert old in OTHERS
    result.write_text(OTHERS.replace(old, new, 1))
    told = _run("verify", lists, result)
    assert told.exit_code == 1
    assert said in told.output


def test_a_wish_nobody_had_is_found_in_somebody_elses_result():
    problem = read_problem(SWAP.replace("(cat) c : a", "(cat) c : d")).problem
    assert verify(problem_to_json(problem), result_from_text(OTHERS, problem)) == [
        "Nothing says that CAT takes A for C."
    ]


def test_a_result_survives_its_own_text():
    for seed in range(40):
        problem = random_problem(random.Random(f"result {seed}"), "groups")
        result = solve(problem, Options())
        found = result_from_text(result_to_text(problem, result), problem)
        assert found["items_traded"] == result.items_traded
        assert {tuple(move) for loop in found["loops"] for move in loop["moves"]} == {
            (move.item, move.giver, move.receiver, move.for_) for move in result.moves
        }
        assert verify(problem_to_json(problem), found) == []


def test_a_file_that_holds_no_result_is_refused():
    with pytest.raises(FormatError, match="no line TRADE LOOPS"):
        result_from_text("nothing here\n", read_problem(SWAP).problem)


def test_the_command_converts_both_ways(tmp_path):
    lists, ours, again = tmp_path / "lists.txt", tmp_path / "ours.json", tmp_path / "again.txt"
    lists.write_text(SWAP)
    ours.write_text(_run("convert", lists).stdout)
    again.write_text(_run("convert", ours, "--to", "text").stdout)
    assert json.loads(_run("convert", again).stdout) == json.loads(ours.read_text())
    solved = tmp_path / "solved.txt"
    solved.write_text(_run("solve", lists).stdout)
    assert _run("verify", lists, solved).exit_code == 0
    limited = json.loads(ours.read_text())
    limited["limits"].append({"key": "l", "owner": "ANN", "items": ["B"], "most": 1, "gives": False})
    ours.write_text(json.dumps(limited))
    refused = _run("convert", ours, "--to", "text")
    assert (refused.exit_code, "limits cannot be written" in refused.stderr) == (1, True)


BUNDLED = """#! LINEAR-PRIORITIES
#bundle (ann) car-1 Car-2 : 1 of engine ; lamp
#BUNDLE (bob smith) engine:2 of car-1 car-2
# bundle (ann) of sticks : 3 of nothing
(ann) car-1 :
(ann) car-2 :
(bob smith) engine :
(bob smith) lamp : car-1
"""


def test_a_line_of_our_own_says_what_goes_together():
    reading = read_problem(BUNDLED)
    assert [
        (row.key, row.items, row.receives, [want.cost for want in row.wants]) for row in reading.problem.bundles
    ] == [
        ("BUNDLE:ANN:1", ("CAR-1", "CAR-2"), 1, [1, 11]),
        ("BUNDLE:BOB_SMITH:1", ("ENGINE",), 2, [1, 2]),
    ]
    assert reading.messages == ()
    result = solve(reading.problem)
    assert result.items_traded == 3
    text = result_to_text(reading.problem, result)
    assert verify(problem_to_json(reading.problem), result_from_text(text, reading.problem)) == []
    again = read_problem(problem_to_text(reading.problem)).problem
    assert result_to_json(solve(again))["loops"] == result_to_json(result)["loops"]
    head, *lines = BUNDLED.splitlines()
    assert problem_to_json(read_problem("\n".join([head, *reversed(lines)])).problem) == problem_to_json(
        reading.problem
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("#bundle (ann) car-1 engine : 1 of lamp", "ENGINE is no thing of ANN"),
        ("#bundle (eve) car-1 : lamp", "CAR-1 is no thing of EVE"),
        ("#bundle (ann) car-1 car-1 : lamp", "each thing stands once"),
        ("#bundle (ann) car-1 : 0 of lamp", "one comes at least"),
        ("#bundle (ann) car-1 : 1 of lamp tree car-2", "Unknown item TREE"),
    ],
)
def test_a_wrong_bundle_is_told_with_its_line(line, said):
    reading = read_problem(f"(ann) car-1 :\n(ann) car-2 :\n(bob) engine :\n(bob) lamp :\n{line}\n")
    assert reading.messages[0].line == 5
    assert said in reading.messages[0].text
