"""The commands of the repository: make lists its targets, the locks are complete and name no registry, skips count as failures."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["setup", "run", "test", "check", "quick", "fix", "bench", "browser", "demo"]
LOCKS = ("requirements.lock", "requirements-dev.lock")
SKIPPING = """
import pytest
def test_skips(): pytest.skip("no time")
@pytest.mark.xfail
def test_is_expected_to_fail(): assert False
def test_passes(): pass
"""


def test_make_lists_exactly_its_targets_with_a_sentence_each() -> None:
    done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [re.fullmatch(r"  make (\w+) +(\S.*\.)", line) for line in done.stdout.splitlines()]
    assert [row and row[1] for row in rows] == TARGETS


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_with_hashes_and_names_no_address_or_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert re.findall(r"https?:|file:|find-links|index-url|@ |[\s=:(]/\w", text) == []
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", text, re.MULTILINE)
    blocks = re.split(r"(?m)^(?=[a-z0-9._-]+(?:\[[a-z,]+\])?==)", text)[1:]
    assert len(pins) == len(blocks) > 50
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_package_lock_of_static_files_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


@pytest.mark.parametrize(
    ("ci", "status", "closing"), [("true", 1, "2 failed, 1 passed"), ("", 0, "1 passed, 1 skipped")]
)
def test_where_nothing_may_be_skipped_a_skip_is_a_failure(ci: str, status: int, closing: str, tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_configure\n")
    environ = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    environ.pop("SWAPMEET_REQUIRE_BROWSER", None)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [*command, "-c", os.devnull, str(tmp_path)],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout
    assert closing in done.stdout
