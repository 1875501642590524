"""Installations whose processes these tests kill."""

from pathlib import Path

import pytest


@pytest.fixture
def place(schema_database: str, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation: a database of its own, mail folder and clock file."""
    return {
        "SWAPMEET_ENV": "test",
        "SWAPMEET_INSTANCE": str(tmp_path),
        "DATABASE_URL": schema_database,
        "SWAPMEET_SECRET_KEY": "k" * 40,
        "SWAPMEET_CLOCK_FILE": str(tmp_path / "clock"),
    }
