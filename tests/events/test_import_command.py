"""`swapmeet import-show`, from the command line down to the rows."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from swapmeet.cli.context import command_app, load_settings
from swapmeet.cli.shows import import_show
from swapmeet.events.models import Event, Hall
from swapmeet.events.showfile import sample_shows
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories

DAY = ("--organizer", "lakeside-club", "--first-day", "2027-06-12")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance of its own with one organizer and the file of sample shows."""
    monkeypatch.setenv("SWAPMEET_INSTANCE", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "shows.json").write_text(json.dumps(sample_shows()))
    with create_app(load_settings()).app_context():
        db.create_all()
        with transaction() as db_session:
            factories.organizer(db_session)
    return tmp_path


def run(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(import_show, [str(place / "shows.json"), *arguments])


def counts() -> tuple[int, int]:
    with command_app():
        events, halls = (db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Event, Hall))
    return events, halls


def test_a_show_is_imported_and_a_second_time_changes_nothing(place):
    first = run(place, "--show", "juniper-state-day", *DAY)
    assert first.exit_code == 0, first.output
    assert "/manage/shows/juniper-state-day-luncheon-2027" in first.stdout
    second = run(place, "--show", "juniper-state-day", *DAY)
    assert second.exit_code == 0 and second.stdout == first.stdout
    assert counts() == (1, 2)


def test_a_file_of_several_shows_lists_their_ids(place):
    several = run(place, *DAY)
    assert several.exit_code == 1 and "thimble-creek-houseparty, maple-hearth-weekend" in several.stderr


def test_an_unknown_organizer_is_told(place):
    nobody = run(place, "--show", "juniper-state-day", "--organizer", "nobody", "--first-day", "2027-06-12")
    assert nobody.exit_code == 1 and "no organizer 'nobody'" in nobody.stderr


def test_faults_are_told_by_row_and_nothing_is_written(place):
    data = sample_shows()
    data["shows"][9]["venue"]["halls"][0]["width_ft"] = -1
    (place / "shows.json").write_text(json.dumps(data))
    damaged = run(place, "--show", "juniper-state-day", *DAY)
    assert damaged.exit_code == 1
    assert "venue.halls[0] lunch.width_ft: This number cannot be below zero." in damaged.stderr
    (place / "shows.json").write_text("{")
    broken = run(place, *DAY)
    assert broken.exit_code == 1 and "not valid JSON" in broken.stderr
    assert counts() == (0, 0)


def test_check_says_what_is_in_the_file_and_writes_nothing(place):
    done = run(
        place, "--show", "juniper-state-day", "--organizer", "lakeside-club", "--first-day", "2027-06-13", "--check"
    )
    assert done.exit_code == 0 and "2 halls" in done.stdout
    assert "usually starts on a Saturday" in done.stderr
    assert counts() == (0, 0)
