"""`swapmeet run` says which of its processes ended, and how."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

START = """
import sys
from swapmeet.cli.serve import Supervisor
python = sys.executable
sys.exit(Supervisor({parts}).run())
"""
WAITING = '[python, "-c", "import time; time.sleep(60)"]'


def supervise(parts: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", START.format(parts=parts)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize(
    ("deed", "words", "status"),
    [
        ("import sys; sys.exit(3)", "ended by itself with status 3.", 3),
        ("pass", "ended by itself with status 0.", 0),
        ("import os; os.kill(os.getpid(), 9)", "was killed by SIGKILL.", 137),
    ],
)
def test_a_web_server_that_ends_is_named_with_its_status(deed: str, words: str, status: int) -> None:
    running = supervise(f'{{"web": [python, "-c", "{deed}"], "worker": {WAITING}}}')
    _, said = running.communicate(timeout=30)
    assert "Swapmeet stops: The web server (gunicorn), process " in said and words in said, said
    assert running.returncode == status


def test_a_worker_that_ends_is_named_and_started_anew(tmp_path: Path) -> None:
    """The worker ends once; the second one tells the web server to end."""
    mark = tmp_path / "mark"
    worker = (
        f"import os, sys, time; p = {str(mark)!r}; "
        "n = len(open(p).read()) if os.path.exists(p) else 0; open(p, 'a').write('x'); "
        "time.sleep(60) if n else sys.exit(4)"
    )
    web = f"import os, time\nwhile not os.path.exists({str(mark)!r}) or len(open({str(mark)!r}).read()) < 2: time.sleep(0.1)"
    running = supervise(f'{{"web": [python, "-c", {web!r}], "worker": [python, "-c", {worker!r}]}}')
    _, said = running.communicate(timeout=30)
    assert "The job worker, process " in said and "ended by itself with status 4. It is started anew." in said, said
    assert said.count("It is started anew.") == 1 and running.returncode == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_who_stops_it_is_told_that_it_was_asked_to(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "mark"
    web = f"import time; open({str(mark)!r}, 'w').close(); time.sleep(60)"
    running = supervise(f'{{"web": [python, "-c", {web!r}]}}')
    until = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < until:
        time.sleep(0.05)
    running.send_signal(signal.Signals[name])
    _, said = running.communicate(timeout=30)
    assert said.strip() == f"Swapmeet stops: it was asked to ({name})."
    assert running.returncode == 0
