"""What people see of a published result: their own trades, everybody's loops under handles, files that can be checked."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.matching import Options, solve, verify
from swapmeet.trades.matching.jsonform import problem_from_json
from swapmeet.trades.rounds import parts
from swapmeet.trades.rounds.picture import MOST_NAMED, draw_ring
from tests.trades.rounds.swap import ask_for_run, published_round, run_of, three_way, work


def test_my_trades_say_what_i_bring_what_i_take_and_why_the_rest_stays(world: Any) -> None:
    round_id, _run_id = published_round(world)
    page = world.client("tess").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    words = " ".join(page.split())
    assert "you are trader 1" in words
    bring, _, rest = words.partition(">You take<")
    take, _, rest = rest.partition(">Your loop<")
    loop, _, stays = rest.partition(">Stays with you<")
    assert "Chair" in bring and "for trader 3" in bring
    assert "Loco" in take and "from trader 2" in take and "Bear" not in take
    assert "<svg" in loop and 'role="img"' in loop and "<b>You</b> give" in loop and "Trader 2 gives" in loop
    assert "Bed" in stays and "Nobody chose it." in stays
    lamp = world.client("vic").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "Nothing trades this time" in lamp and "You chose nothing that you would take for it." in lamp
    assert (
        "You had nothing in this round"
        in world.client("otto").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    )


def test_before_the_result_is_out_nobody_sees_anything_of_it(world: Any) -> None:
    round_id, _entries = three_way(world)
    ask_for_run(world, round_id)
    work(world)
    page = f"/shows/{world.slug}/rounds/{round_id}"
    assert "No result yet" in world.client("tess").get(f"{page}/my-trades").text
    shown = world.client().get(f"{page}/result")
    assert shown.status_code == 200 and "No result yet" in shown.text and "Loop 1" not in shown.text
    for name in ("input.json", "result.json", "certificate.json", "verifier.py"):
        assert world.client().get(f"{page}/result/{name}").status_code == 404
    assert "drawn when wants closed" in world.client().get(page).text


def test_the_public_result_names_handles_only(world: Any) -> None:
    round_id, run_id = published_round(world)
    run = run_of(run_id)
    page = world.client().get(f"/shows/{world.slug}/rounds/{round_id}/result").text
    assert "3 things change hands" in page and "Trader 1 gives" in page
    assert f"{run.seed}" in page and run.input_hash in page and run.result_hash in page
    for name in ("Tess", "Tom T", "Ann A", "example."):
        assert name not in page


def test_anybody_can_check_the_files_without_us(world: Any, tmp_path: Path) -> None:
    round_id, run_id = published_round(world)
    run, client = run_of(run_id), world.client()
    page = f"/shows/{world.slug}/rounds/{round_id}/result"
    files = {}
    for name in ("input.json", "result.json", "certificate.json", "verifier.py"):
        answer = client.get(f"{page}/{name}")
        assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
        files[name] = answer.data
        (tmp_path / name).write_bytes(answer.data)
    assert hashlib.sha256(files["input.json"]).hexdigest() == run.input_hash
    problem, result = json.loads(files["input.json"]), json.loads(files["result.json"])
    assert verify(problem, result) == [] and json.loads(files["certificate.json"]) == result["certificate"]
    command = [sys.executable, "-I", "verifier.py", "input.json", "result.json"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert said.stdout == "The result is right.\n"
    again = solve(problem_from_json(problem), Options(seed=run.seed))
    assert again.result_hash == run.result_hash
    assert b"Tess" not in files["input.json"] + files["result.json"]


def test_everybody_with_a_thing_gets_one_mail(world: Any, mail: Any) -> None:
    round_id, _run_id = published_round(world)
    mails = {
        str(row["To"]): row
        for row in mail.deliver_all()
        if "result" in str(row["Subject"]) or "Your trades" in str(row["Subject"])
    }
    assert len(mails) == 4
    to_tess = next(row for to, row in mails.items() if to.startswith("Tess") or "tess" in to)
    text = mail.text(to_tess)
    assert str(to_tess["Subject"]).startswith("Your trades in the round at")
    assert "#1 Chair, for trader 3" in text and "#3 Loco, from trader 2" in text
    assert f"/shows/{world.slug}/rounds/{round_id}/my-trades" in text and "Tom" not in text
    to_vic = next(row for to, row in mails.items() if "vic" in to.casefold())
    assert str(to_vic["Subject"]).startswith("The result of the trade round") and "you keep everything" in mail.text(
        to_vic
    )


def test_my_data_has_my_trades_and_an_erased_person_leaves_only_a_number(world: Any) -> None:
    round_id, _run_id = published_round(world)
    data = parts.RoundsData().export(db.session(), person_id=world.ids["tess"])
    assert data[0]["trades"] == [
        {"number": 1, "title": "Chair", "i": "bring", "other_handle": 3},
        {"number": 3, "title": "Loco", "i": "take", "other_handle": 2},
    ]
    with transaction() as db_session:
        parts.RoundsData().erase(db_session, person_id=world.ids["tom"], now=utcnow())
    page = world.client("tess").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "Loco" not in page and "Removed" in page


def test_a_ring_draws_short_loops_with_names_and_long_ones_with_what_matters() -> None:
    two = draw_ring(["1", "you"], [False, True])
    assert (two.dots[0].x, two.dots[0].y) == (200.0, 60.0) and len(two.arrows) == 2 and two.dots[1].is_mine
    ring = draw_ring([f"{n}" for n in range(MOST_NAMED + 30)], [n == 7 for n in range(MOST_NAMED + 30)])
    assert ring.arrows == () and [dot.label for dot in ring.dots if dot.label] == ["7"]
    assert all(0 <= dot.x <= ring.size and 0 <= dot.y <= ring.size for dot in ring.dots)
