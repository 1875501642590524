"""What comes after items, cost and people, where it is not tried against everything (`test_oracle`): least change at the door, the
verifier, the command."""

import json
from dataclasses import replace

from click.testing import CliRunner

from swapmeet.cli.trade import trade_group
from swapmeet.trades.matching import (
    Item,
    Level,
    Options,
    Problem,
    Want,
    published_from,
    solve,
    verify,
)
from swapmeet.trades.matching.jsonform import problem_to_json, published_from_json, result_to_json


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
