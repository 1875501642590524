"""Commands in a place that holds no database yet: they say so, and write nothing."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from swapmeet.cli.backup import backup
from swapmeet.cli.demo import demo
from swapmeet.cli.doctor import doctor


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
