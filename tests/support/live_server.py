"""A real installation for tests: gunicorn with its workers, and the job worker, on a free port with a folder of its own."""

import os
import subprocess
import sys
import time
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import psutil

from swapmeet.config import VARIABLES, Settings
from tests.support.children import end_group, tied
from tests.support.databases import SECRET
from tests.support.http import HttpClient
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 120
GUNICORN = ["gunicorn", "-c", "python:swapmeet.gunicorn_conf", "swapmeet.wsgi:app"]


class LiveServer:
    """`start()` waits until /healthz answers. `changes` are fields of Settings. The schema must be in the database.

    `url` says localhost, since passkeys want a name. Everything below `folder`: instance, mail, clock file, logs.
    """

    def __init__(self, folder: Path, database: str, *, with_worker: bool = True, **changes: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.with_worker = with_worker
        self.clock_file = folder / "clock"
        values: dict[str, Any] = {
            "env": "test",
            "instance_path": folder / "instance",
            "database_url": database,
            "secret_key": SECRET,
            "public_url": self.url,
            "bind": f"127.0.0.1:{self.port}",
            "web_workers": 1,
            "rate_limit_factor": 1000,
            "clock_file": str(self.clock_file),
        }
        self.settings = Settings(**{**values, **changes})
        self.web: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The settings as variables, and the little else that Python needs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        said = {key: _said(getattr(self.settings, field)) for field, (key, _) in VARIABLES.items()}
        return {**kept, **{key: value for key, value in said.items() if value}, "PYTHONPATH": str(ROOT)}

    def start(self) -> "LiveServer":
        """Web server and (with_worker) job worker. Raises RuntimeError with the log when it does not come up."""
        self.web = self._spawn("web", "-m", *GUNICORN)
        if self.with_worker:
            self.start_worker()
        self._wait()
        return self

    def start_worker(self) -> None:
        self.worker = self._spawn("worker", "-m", "swapmeet", "worker")

    def run(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """A `swapmeet` command in this installation."""
        command = [sys.executable, "-m", "swapmeet", *arguments]
        return subprocess.run(
            command, env=self.environ, cwd=self.folder, capture_output=True, text=True, check=False, timeout=timeout_s
        )

    def http(self) -> HttpClient:
        return HttpClient(self.url)

    def set_clock(self, moment: datetime | None) -> None:
        """One clock for all processes; it stands still. None: the real time."""
        self.clock_file.write_text(moment.isoformat() if moment else "", encoding="ascii")

    def mails(self) -> list[EmailMessage]:
        """What the worker has sent so far, oldest first."""
        paths = sorted(self.settings.mail_folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        parsed: list[Any] = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return parsed

    def wait_for_mail(self, to: str, *, subject: str = "", timeout_s: float = 20) -> EmailMessage:
        """The newest mail to an address (part of it is enough) whose subject has these words. Raises AssertionError."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = [mail for mail in self.mails() if to in str(mail["To"]) and subject in str(mail["Subject"])]
            if found:
                return found[-1]
            time.sleep(0.1)
        raise AssertionError(f"no mail to {to} with {subject!r} in its subject; there are {len(self.mails())} mails")

    def web_workers(self) -> list[int]:
        """Process ids of the web workers, for tests that kill them. gunicorn starts a new one for each."""
        assert self.web is not None
        return [child.pid for child in psutil.Process(self.web.pid).children()]

    def memory(self) -> int:
        """Resident bytes of the web server and its workers together."""
        assert self.web is not None
        main = psutil.Process(self.web.pid)
        return sum(int(process.memory_info().rss) for process in [main, *main.children(recursive=True)])

    def stop(self) -> None:
        for process in (self.web, self.worker):
            if process is not None:
                end_group(process)

    def log(self, part: str = "web") -> str:
        return (self.folder / f"{part}.log").read_text(errors="replace")

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                tied([sys.executable, *arguments]),
                env=self.environ,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.web is not None and self.web.poll() is None:
            try:
                if HttpClient(self.url, timeout_s=5).get("/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log()}")


def _said(value: Any) -> str:
    """A setting as its variable would be written; "" when it is unset."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)
