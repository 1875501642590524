"""Commands in a place that holds no database yet: they say so, and write nothing; those that make one or need none work."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from swapmeet.cli.backup import backup
from swapmeet.cli.database import db_group
from swapmeet.cli.demo import demo
from swapmeet.cli.doctor import doctor
from swapmeet.cli.routes import routes


@pytest.mark.parametrize("command", [backup, demo, doctor])
def test_a_command_says_that_there_is_no_database(
    command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWAPMEET_INSTANCE", str(tmp_path / "new"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    target = tmp_path / "backup.tar.gz"
    done = CliRunner().invoke(command, [str(target)] if command is backup else [])
    assert done.exit_code == 2
    assert "There is no Swapmeet database here yet" in done.output
    assert not target.exists()


def test_the_database_is_made_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAPMEET_INSTANCE", str(tmp_path / "new"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "database empty" in CliRunner().invoke(db_group, ["current"]).output
    assert CliRunner().invoke(db_group, ["upgrade"]).exit_code == 0
    assert CliRunner().invoke(db_group, ["current", "--require-head"]).exit_code == 0


def test_addresses_are_listed_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAPMEET_INSTANCE", str(tmp_path / "new"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = CliRunner().invoke(routes, [])
    assert done.exit_code == 0 and "/shows/<slug>" in done.output
