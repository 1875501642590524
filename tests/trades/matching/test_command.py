"""`swapmeet trade` on a list in a file."""

import json
import random
import subprocess
import sys

import pytest
from click.testing import CliRunner

from swapmeet.cli.trade import trade_group
from swapmeet.trades.matching import verifier
from swapmeet.trades.matching.jsonform import problem_to_json
from tests.trades.matching.oracle import random_problem

LIST = "#! ALLOW-DUMMIES\n(ann) a : b\n(bob) b : c\n(cat) c : a\n(dan) d : a nothing\n"


def _run(*arguments):
    return CliRunner().invoke(trade_group, [str(argument) for argument in arguments])


def test_a_list_is_solved_printed_and_checked(tmp_path):
    file, answer = tmp_path / "list.txt", tmp_path / "result.json"
    file.write_text(LIST)
    told = _run("solve", file, "--json")
    assert "Line 5: Unknown item NOTHING" in told.stderr
    answer.write_text(told.stdout)
    result = json.loads(told.stdout)
    assert (result["items"], result["items_traded"], result["users"], result["users_trading"]) == (4, 3, 4, 3)
    assert result["proven"] == {"items": True, "people": True, "loops": False}
    assert _run("verify", file, answer).exit_code == 0
    answer.write_text(told.stdout.replace('"items_traded": 3', '"items_traded": 4'))
    assert _run("verify", file, answer).exit_code == 1
    assert "TRADE LOOPS (3 total trades)" in _run("solve", file).stdout


def test_the_verifier_runs_as_a_file_of_its_own(tmp_path):
    file, answer, problem = tmp_path / "list.txt", tmp_path / "result.json", tmp_path / "problem.json"
    file.write_text(LIST)
    answer.write_text(_run("solve", file, "--json", "--only", "items").stdout)
    problem.write_text(_run("convert", file).stdout)
    script = verifier.__file__
    done = subprocess.run(
        [sys.executable, "-I", "-S", script, problem, answer], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "The result is right.\n")


def test_it_says_why_an_item_stays_and_what_would_help(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("(ann) a : b\n(bob) b : a\n(cat) c :\n(dan) d : c\n")
    assert "Nobody wants it." in _run("explain", file, "D").stdout
    assert "Its owner wants nothing for it." in _run("explain", file, "C").stdout
    assert "With a wish for D: 2 more would trade." in _run("explain", file, "C").stdout
    assert _run("explain", file, "X").exit_code == 1


def test_a_broken_list_names_its_line(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("(ann) a : b\n(bob b : a\n")
    told = _run("solve", file)
    assert told.exit_code == 1
    assert "Line 2" in told.stderr


MIXED = """#! ALLOW-DUMMIES LINEAR-PRIORITIES
(ann) %g : b c
(ann) a : %g ; d $5
(bob) b : a
(bob) $8 : a c
(bob) $6 : c
(bob) LIMIT: $9
(cat) c : a b ; $4
(dan) d : a e
(eve) e : d
"""
KEYS = {
    "items",
    "items_traded",
    "users",
    "users_trading",
    "priority_cost",
    "proven",
    "bound",
    "loops",
    "input_hash",
    "seed",
    "seconds",
}


def _answer(file, *options):
    return json.loads(_run("solve", file, "--json", *options).stdout)


def test_equal_lists_in_any_order_give_equal_bytes(tmp_path):
    """All but the seconds, for each way to solve."""
    head, *lists = MIXED.splitlines()
    ways = (
        (),
        ("--cash",),
        ("--goal", "people"),
        ("--cash", "--max-loop", "3"),
        ("--even", "--few-partners", "--time-limit", "5"),
    )
    known = {}
    for order in range(6):
        file = tmp_path / f"{order}.txt"
        file.write_text("\n".join([head, *random.Random(order).sample(lists, len(lists))]) + "\n")
        for way in ways:
            answer = _answer(file, *way)
            assert set(answer) >= KEYS
            assert set(answer["seconds"]) == set(answer["proven"]) == set(answer["bound"])
            del answer["seconds"]
            assert known.setdefault(way, json.dumps(answer)) == json.dumps(answer), way
    assert len(set(known.values())) == len(ways)


GOOD = problem_to_json(random_problem(random.Random("json"), "mixed"))
ODD = (None, -1, 1.5, 10**30, "", [], {}, "x", True, [[]], float("nan"), "\ud800", ["a", 1])


def _broken(chance, node):
    """One value anywhere in the object is another one, or is gone."""
    while True:
        key = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
        if isinstance(node[key], (dict, list)) and node[key] and chance.random() < 0.75:
            node = node[key]
        elif isinstance(node, dict) and chance.random() < 0.15:
            return node.pop(key)
        else:
            node[key] = chance.choice(ODD)
            return None


def test_broken_json_is_refused_in_words(tmp_path):
    file = tmp_path / "problem.json"
    for number in range(300):
        chance = random.Random(number)
        data = json.loads(json.dumps(GOOD))
        _broken(chance, data)
        file.write_text(json.dumps(data))
        for command in (("solve", file, "--json", "--cash", "--only", "items"), ("convert", file, "--to", "text")):
            told = _run(*command)
            assert told.exception is None or isinstance(told.exception, SystemExit), (number, told.exception)
            assert told.exit_code == 0 or told.stderr.startswith("Error: "), number


@pytest.mark.parametrize(
    "data", [b"{", b"{}", b'{"a":' + b"[" * 200_000, b"\0" * 9_999, b"[]", bytes(range(256)) * 99, b"{\xff"]
)
def test_rubbish_ends_in_one_sentence(tmp_path, data):
    file = tmp_path / "file"
    file.write_bytes(data)
    for command in (
        ("solve", file, "--json"),
        ("verify", file, file),
        ("explain", file, "x"),
        ("solve", file, "--keep", file),
    ):
        told = _run(*command)
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception


def test_json_may_begin_with_a_mark(tmp_path):
    file = tmp_path / "problem.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    assert _run("solve", file, "--json").exit_code == 0
