"""A round as the engine reads it: limits kept, what stays home left out, nobody named, only for the host."""

from typing import Any

from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.matching import Options, solve
from swapmeet.trades.matching.jsonform import problem_from_json
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.models import Phase
from swapmeet.trades.rounds.problem import build_problem
from swapmeet.trades.rounds.services import wanting
from tests.support.forms import post
from tests.trades.rounds.swap import BY, open_round, put_in, switch


def _want(world: Any, round_id: int, entry_id: int, targets: list[int]) -> None:
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        entry = queries.get_entry(db_session, entry_id, round_id=round_id)
        wanting.add_wants(db_session, round_=round_, entry=entry, target_ids=targets, by=BY, now=round_.created_at)


def _copies(world: Any) -> tuple[int, list[int]]:
    """Tess would give chair and bed for the same lamp of Tom and of Ann; both would take either."""
    round_id = open_round(world)
    chair, bed = put_in(world, round_id, "tess", ["Chair", "Bed"])
    (lamp,) = put_in(world, round_id, "tom", ["Brass lamp"])
    (other,) = put_in(world, round_id, "ann", ["brass LAMP"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    for mine, theirs in (([chair, bed], [lamp, other]), ([lamp, other], [chair, bed])):
        for entry_id in mine:
            _want(world, round_id, entry_id, theirs)
    return round_id, [chair, bed, lamp, other]


def test_protection_keeps_a_second_copy_away_until_it_is_turned_off(world: Any) -> None:
    round_id, _ids = _copies(world)
    problem = build_problem(db.session(), round_id=round_id)
    assert len(problem.limits) == 1 and solve(problem, Options()).items_traded == 2
    page = f"/shows/{world.slug}/rounds/{round_id}"
    post(world.client("tess"), f"{page}/protection", {"protects": "0"})
    db.session.rollback()
    assert solve(build_problem(db.session(), round_id=round_id), Options()).items_traded == 4


def test_what_stays_home_takes_no_part(world: Any) -> None:
    round_id, ids = _copies(world)
    post(world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}/entries/{ids[0]}/home", {"stays": "1"})
    db.session.rollback()
    problem = build_problem(db.session(), round_id=round_id)
    assert sorted(item.key for item in problem.items) == ["2", "3", "4"]
    assert all(want.target != "1" for item in problem.items for want in item.wants)


def test_only_the_host_gets_the_file_and_it_names_nobody(world: Any) -> None:
    round_id, _ids = _copies(world)
    page = f"/manage/shows/{world.slug}/rounds/{round_id}/problem.json"
    answer = world.client("olga").get(page)
    assert answer.status_code == 200 and "Tess" not in answer.text and "example" not in answer.text
    assert problem_from_json(answer.get_json()) and world.client("tess").get(page).status_code == 404
    switch(world, round_id, Phase.FREEZE)
    assert world.client("olga").get(page).status_code in (403, 409)
