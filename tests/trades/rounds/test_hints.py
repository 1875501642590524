"""What one more want would do for people without a trade: told to the host, true, and never for people who keep apart."""

import random
from dataclasses import replace
from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.matching import Item, Limit, Options, Problem, Want, solve
from swapmeet.trades.models import Block
from swapmeet.trades.rounds import hints, queries
from swapmeet.trades.rounds.models import Phase
from tests.trades.rounds.swap import ask_for_run, host, open_round, put_in, run_of, switch, want, work


def _round_of(seed: int, *, limits: bool) -> Problem:
    """A dozen people, two things each, few wants."""
    chance = random.Random(f"hints {seed}")
    owner = {f"{number}": f"trader {number // 2}" for number in range(24)}
    items = tuple(
        Item(
            key,
            who,
            tuple(Want(key, place) for place, key in enumerate(chance.sample(sorted(set(owner) - {key}), 2), 1)),
        )
        for key, who in owner.items()
    )
    items = tuple(replace(row, wants=tuple(w for w in row.wants if owner[w.target] != row.owner)) for row in items)
    rules = (
        Limit("one", "trader 1", tuple(sorted(owner))[:12], 1),
        Limit("two", "trader 4", tuple(sorted(owner))[6:], 1),
    )
    return Problem(items, limits=rules if limits else ())


def test_each_hint_does_what_it_says() -> None:
    told = 0
    for seed in range(25):
        problem = _round_of(seed, limits=seed % 2 == 1)
        result = solve(problem, Options(moves=10))
        trading = {move.giver for move in result.moves}
        for hint in hints.hints_for(problem, result):
            assert hint["owner"] not in trading
            mine = next(row for row in problem.items if row.key == hint["item"])
            wished = replace(mine, wants=(*mine.wants, Want(hint["target"], 99)))
            again = solve(
                replace(problem, items=tuple(wished if row is mine else row for row in problem.items)),
                Options(moves=10),
            )
            assert again.items_traded == result.items_traded + hint["gain"], (seed, hint)
            told += 1
    assert told > 20


def test_people_who_keep_apart_are_no_hint_for_each_other() -> None:
    problem = Problem((Item("1", "ann"), Item("2", "bob", (Want("1"),)), Item("3", "cat", (Want("1"),))))
    result = solve(problem)
    known = [(row["owner"], row["item"], row["target"], row["gain"]) for row in hints.hints_for(problem, result)]
    assert known == [("ann", "1", "2", 2), ("ann", "1", "3", 2)]
    apart = hints.hints_for(problem, result, {("ann", "bob"), ("bob", "ann")})
    assert [(row["item"], row["target"]) for row in apart] == [("1", "3")]


def test_the_host_reads_what_one_more_want_would_do(world: Any) -> None:
    host(world, "otto")
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    (lamp,) = put_in(world, round_id, "vic", ["Lamp"])
    (bear,) = put_in(world, round_id, "ann", ["Bear"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    want(world, round_id, {chair: [lamp], bear: [lamp]})
    with transaction() as db_session:
        db_session.add(Block(blocker_id=world.ids["ann"], blocked_id=world.ids["vic"], created_at=utcnow()))
    switch(world, round_id, Phase.PREVIEW)
    run_id = ask_for_run(world, round_id)
    work(world)
    assert [(row["item"], row["target"], row["gain"]) for row in run_of(run_id).hints or []] == [("2", "1", 2)]
    page = f"/manage/shows/{world.slug}/rounds/{round_id}/runs/{run_id}"
    shown = world.client("otto").get(page).text
    assert "If they also took" in shown and "2 more things would trade" in shown and "switch back to" in shown
    assert queries.entries_by_number(db.session(), round_id=round_id, numbers=[2])[2].title == "Lamp"
