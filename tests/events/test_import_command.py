"""`swapmeet import-show`, as a program."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from swapmeet.events.showfile import sample_shows

CREATE = """
from swapmeet.cli.context import command_app
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
with command_app():
    db.create_all()
    with transaction() as db_session:
        factories.organizer(db_session)
"""
COUNT = """
from sqlalchemy import func, select
from swapmeet.cli.context import command_app
from swapmeet.events.models import Event, Hall
from swapmeet.infra.db import db
with command_app():
    print(db.session.scalar(select(func.count()).select_from(Event)), db.session.scalar(select(func.count()).select_from(Hall)))
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "shows.json").write_text(json.dumps(sample_shows()))
    run_python(tmp_path, "-c", CREATE)
    return tmp_path


def run_python(place: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SWAPMEET_", "DATABASE_URL"))}
    environment = {**kept, "SWAPMEET_INSTANCE": str(place), "PYTHONPATH": os.getcwd()}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def import_show(place: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run_python(place, "-m", "swapmeet", "import-show", str(place / "shows.json"), *arguments)


def test_a_show_is_imported_and_a_second_time_changes_nothing(place):
    arguments = ("--show", "juniper-state-day", "--organizer", "lakeside-club", "--first-day", "2027-06-12")
    first = import_show(place, *arguments)
    assert first.returncode == 0, first.stderr
    assert "/manage/shows/juniper-state-day-luncheon-2027" in first.stdout
    second = import_show(place, *arguments)
    assert second.returncode == 0 and second.stdout == first.stdout
    assert run_python(place, "-c", COUNT).stdout.split() == ["1", "2"]


def test_faults_are_told_and_the_exit_status_is_one(place):
    day = ("--organizer", "lakeside-club", "--first-day", "2027-06-12")
    several = import_show(place, *day)
    assert several.returncode == 1 and "thimble-creek-houseparty, maple-hearth-weekend" in several.stderr
    nobody = import_show(place, "--show", "juniper-state-day", "--organizer", "nobody", "--first-day", "2027-06-12")
    assert nobody.returncode == 1 and "no organizer 'nobody'" in nobody.stderr
    data = sample_shows()
    data["shows"][9]["venue"]["halls"][0]["width_ft"] = -1
    (place / "shows.json").write_text(json.dumps(data))
    damaged = import_show(place, "--show", "juniper-state-day", *day)
    assert (
        damaged.returncode == 1 and "venue.halls[0] lunch.width_ft: This number cannot be below zero." in damaged.stderr
    )
    (place / "shows.json").write_text("{")
    assert "not valid JSON" in import_show(place, *day).stderr
    assert run_python(place, "-c", COUNT).stdout.split() == ["0", "0"]


def test_check_says_what_is_in_the_file_and_writes_nothing(place):
    done = import_show(
        place, "--show", "juniper-state-day", "--organizer", "lakeside-club", "--first-day", "2027-06-13", "--check"
    )
    assert done.returncode == 0 and "2 halls" in done.stdout
    assert "usually starts on a Saturday" in done.stderr
    assert run_python(place, "-c", COUNT).stdout.split() == ["0", "0"]
