"""`kill -9` at each statement of each step of the day: a thing moves with its whole loop or not at all, and the step can be repeated."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.trades.rounds import doctor, hand_queries, repairing
from swapmeet.trades.rounds.models import Phase
from tests.cast import World
from tests.support.databases import make_settings
from tests.trades.rounds.swap import (
    ask_for_run,
    at_drop_off,
    bring,
    collect,
    lose,
    phase_of,
    publish,
    run_of,
    switch,
    work,
)

KILLED = -signal.SIGKILL


def _in_child(app: Flask, step: Callable[[], Any], statements: int) -> int:
    """The exit status of a child that does the step and is killed before its n-th statement, or before its last COMMIT."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = [statements]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(db.engine, "before_cursor_execute", die)
    event.listen(db.engine, "commit", die)
    status = 1
    try:
        step()
        status = 0
    finally:
        os._exit(status)


def _state(round_id: int) -> Any:
    """Where everything is, as one value."""
    db.session.rollback()
    db.session.expire_all()
    rows = repairing.list_live(db.session(), round_id=round_id)
    places = db.session.execute(text("SELECT entry_id, state FROM round_intake ORDER BY entry_id")).all()
    listed = [(row.entry_id, row.receiver_id, row.state.value, row.settled_at is not None) for row in rows]
    phase = db.session.scalar(text(f"SELECT phase FROM trade_round WHERE id = {round_id}"))
    published = db.session.scalar(text("SELECT count(*) FROM trade_run WHERE state = 'published'"))
    return phase, published, listed, [tuple(row) for row in places]


def _walk(app: Flask, round_id: int, step: Callable[[], Any]) -> int:
    """Kill the step before each of its statements; each time nothing has happened. Then it is done. Returns the kills."""
    before = _state(round_id)
    for statement in range(1, 400):
        status = _in_child(app, step, statement)
        if statement % 5 == 1 or status != KILLED:
            faults = [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]
            assert faults == [], f"killed before statement {statement}"
        if status != KILLED:
            assert status == 0 and _state(round_id) != before
            return statement - 1
        assert _state(round_id) == before, f"killed before statement {statement}"
    raise AssertionError("the step never came to its end")


def test_kill_9_at_every_statement_leaves_whole_loops(schema_database: str, tmp_path: Path) -> None:
    app = create_app(make_settings(schema_database, tmp_path / "instance"))
    with app.app_context():
        world = World(app)
        round_id, entries = at_drop_off(world)
        bring(world, round_id, *entries.values())
        switch(world, round_id, Phase.FINAL)
        final = ask_for_run(world, round_id, seen=1)
        work(world)
        kills = _walk(app, round_id, lambda: publish(world, round_id, final))
        switch(world, round_id, Phase.PICK_UP)
        kills += _walk(app, round_id, lambda: collect(world, round_id, "tess"))
        kills += _walk(app, round_id, lambda: lose(world, round_id, entries["bear"]))
        mend = ask_for_run(world, round_id, seen=run_of(final).number)
        work(world)
        kills += _walk(app, round_id, lambda: publish(world, round_id, mend))
        switch(world, round_id, Phase.DISPUTES)
        kills += _walk(app, round_id, lambda: switch(world, round_id, Phase.CLOSED))
        assert kills > 60 and phase_of(world, round_id) == "closed"
        assert [row.member.number for row in hand_queries.list_short(db.session(), round_id=round_id)] == [2]
        db.session.remove()
        db.engine.dispose()
