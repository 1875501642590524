"""`kill -9` of the worker in the middle of a run: another takes it up when the lease is over, and there is one result."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.trades.rounds import doctor
from swapmeet.trades.rounds.models import Phase, RunState, TradeRun, TradeRunMove
from tests.cast import World
from tests.trades.rounds.swap import ask_for_run, open_round, put_in, switch, want

ROOT = Path(__file__).resolve().parents[2]
THINGS_EACH = 45


def fill(environ: dict[str, str]) -> int:
    """A round whose run takes seconds: 180 things of four people, without a rule that couples lists."""
    app = create_app(Settings.from_env(environ))
    with app.app_context():
        world = World(app)
        round_id = open_round(world)
        chance = random.Random(8)
        own = {
            key: put_in(world, round_id, key, [f"{key} {number}" for number in range(THINGS_EACH)])
            for key in ("tess", "tom", "ann", "vic")
        }
        switch(world, round_id, Phase.FREEZE, Phase.WANTS)
        wants = {}
        for key, entries in own.items():
            others = [entry for other, rows in own.items() if other != key for entry in rows]
            wants |= {entry: chance.sample(others, 5) for entry in entries}
        want(world, round_id, wants)
        switch(world, round_id, Phase.PREVIEW)
        run_id = ask_for_run(world, round_id)
        db.session.remove()
        db.engine.dispose()
    return run_id


def run_state(app: Flask, run_id: int) -> tuple[RunState, int, int]:
    """(state, how often begun, moves written)"""
    with app.app_context():
        run = db.session.get_one(TradeRun, run_id)
        moves = db.session.scalar(select(func.count(TradeRunMove.id)).where(TradeRunMove.run_id == run_id)) or 0
        found = run.state, run.attempts, moves
        db.session.remove()
        db.engine.dispose()
    return found


def wait_until_it_runs(app: Flask, run_id: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the worker ended by itself"
        if run_state(app, run_id)[0] is RunState.RUNNING:
            return
        time.sleep(0.1)
    raise AssertionError("the worker did not take up the run")


def test_kill_9_in_the_middle_of_a_run_leaves_one_whole_result(place: dict[str, str], tmp_path: Path) -> None:
    run_id = fill(place)
    app = create_app(Settings.from_env(place))
    environ = {**os.environ, **place}
    command = [sys.executable, "-m", "swapmeet", "worker"]
    process = subprocess.Popen(command, env=environ, cwd=ROOT, start_new_session=True)
    try:
        wait_until_it_runs(app, run_id, process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the worker and the child that solves
        process.wait()
    assert run_state(app, run_id) == (RunState.RUNNING, 1, 0)
    subprocess.run([*command, "--once"], env=environ, cwd=ROOT, check=True)
    assert run_state(app, run_id)[0] is RunState.RUNNING  # the lease of the dead worker still holds
    (tmp_path / "clock").write_text("+600")
    subprocess.run([*command, "--once"], env=environ, cwd=ROOT, check=True)
    state, attempts, moves = run_state(app, run_id)
    with app.app_context():
        assert moves == db.session.get_one(TradeRun, run_id).things_traded > 100
        assert [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())] == []
        db.session.remove()
        db.engine.dispose()
    assert (state, attempts) == (RunState.DONE, 2)
