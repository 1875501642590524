"""Starts a real server over a filled database, loads it from this process, and reads CPU from the operating system.

Figures are CPU milliseconds per unit of work over the whole process tree (web workers and database), and ratios to the
yardstick, measured in turns with the work in one run. Rates and times stand beside them and depend on the machine.
"""

import http.client
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.browser import Browser, wait_for
from benchmarks.processes import busy_seconds, cpu_seconds
from tests.support.postgres import TestPostgres

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgresql")
NAME = "bench"  # of the database on PostgreSQL
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:swapmeet.gunicorn_conf", "swapmeet.wsgi:app"]
ROUNDS = 3
YARD_UNITS = 1500

Fill = Callable[[Any], Any]
Work = Callable[[int], Any]


@dataclass
class Site:
    """A running server. `pids` are the roots of the trees whose CPU counts."""

    port: int
    pids: list[int]
    folder: Path
    environ: dict[str, str]
    database: str
    server: TestPostgres | None = None

    @property
    def web_pid(self) -> int:
        return self.pids[0]

    def cpu(self) -> float:
        return sum(cpu_seconds(pid) for pid in self.pids)

    def settle(self) -> None:
        """What PostgreSQL's autovacuum does within a minute on a site in use: look at what the tables hold by now.

        Plans made while they were empty read them whole, for ever. SQLite plans without figures and needs nothing.
        """
        if self.server is not None:
            self.server.sql("VACUUM ANALYZE", NAME)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """The settings of an installation of its own: this shell's settings do not reach it."""
    ours = ("SWAPMEET_", "DATABASE_URL", "REDIS_URL", "STORAGE_URL")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(ours)},
        "SWAPMEET_ENV": "development",
        "SWAPMEET_INSTANCE": str(folder),
        "SWAPMEET_BIND": f"127.0.0.1:{port}",
        "SWAPMEET_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SWAPMEET_RATE_LIMIT_FACTOR": "100000",
        "SWAPMEET_SECRET_KEY": "b" * 40,
        **settings,
    }


@contextmanager
def installation(database: str, fill: Fill | None = None) -> Iterator[tuple[Site, Any]]:
    """A database with the schema, on "sqlite" (synchronous=FULL) or "postgresql" (synchronous_commit=on), and no server.

    Yields the site (its web process is not started) and what `fill(app)` returned.
    """
    folder = Path(tempfile.mkdtemp(prefix="swbench"))
    server = TestPostgres(durable=True).start() if database == "postgresql" else None
    try:
        url = server.create_database(NAME) if server else f"sqlite:///{folder / 'bench.db'}"
        port = free_port()
        environ = environment(folder, port, DATABASE_URL=url)
        filled = in_app(environ, _make_schema)
        filled = in_app(environ, fill) if fill else None
        pids = [server.process.pid] if server and server.process else []
        site = Site(port, pids, folder, environ, database, server)
        site.settle()
        yield site, filled
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serve(database: str, fill: Fill | None = None) -> Iterator[tuple[Site, Any]]:
    """An installation with its web server (gthread, 2 workers x 8 threads) running."""
    with installation(database, fill) as (site, filled), _server(GUNICORN, site.environ, site.port, "/healthz") as pid:
        site.pids.insert(0, pid)
        yield site, filled


@contextmanager
def yardstick() -> Iterator[Site]:
    """The hello-world route on the same kind of server."""
    port = free_port()
    options = ["-b", f"127.0.0.1:{port}", "-k", "gthread", "-w", "2", "--threads", "8", "--keep-alive", "15"]
    command = [sys.executable, "-m", "gunicorn", *options, "--log-level", "error", "benchmarks.hello:app"]
    with _server(command, dict(os.environ), port, "/") as pid:
        yield Site(port, [pid], ROOT, {}, "none")


@contextmanager
def _server(command: list[str], environ: dict[str, str], port: int, path: str) -> Iterator[int]:
    process = subprocess.Popen(command, env=environ, cwd=ROOT)
    try:
        wait_for(port, path)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def in_app(environ: dict[str, str], work: Fill) -> Any:
    """`work(app)` in the context of an application with these settings, its connections closed afterwards."""
    from swapmeet.config import Settings
    from swapmeet.factory import create_app
    from swapmeet.infra.db import db

    app = create_app(Settings.from_env(environ))
    with app.app_context():
        try:
            return work(app)
        finally:
            db.session.remove()
            db.engine.dispose()


def _make_schema(app: Any) -> None:
    import flask_migrate

    from swapmeet.infra.db import db
    from swapmeet.migrations.setup import init_migrations

    init_migrations(app)
    if any((ROOT / "swapmeet" / "migrations" / "versions").glob("*.py")):
        flask_migrate.upgrade()
    else:
        db.create_all()


@dataclass(frozen=True)
class Figure:
    """One measurement: CPU ms a unit, units a second, p50 and p95 in ms, cores that others used, the ratio to the yardstick."""

    cpu_ms: float
    rate: float
    p50_ms: float
    p95_ms: float
    units: int
    foreign: float = 0.0
    ratio: float = 0.0


def load(site: Site, work: Work, *, units: int, clients: int, first: int = 0) -> Figure:
    """Do `work(i)` for `units` numbers from `first` on, from `clients` threads; an exception ends the run."""
    times: list[float] = []
    faults: list[BaseException] = []
    numbers = iter(range(first, first + units))
    guard = threading.Lock()

    def run() -> None:
        while not faults:
            with guard:
                number = next(numbers, None)
            if number is None:
                return
            start = time.perf_counter()
            try:
                work(number)
            except (AssertionError, OSError, http.client.HTTPException, ValueError, LookupError) as fault:
                faults.append(fault)
                return
            times.append((time.perf_counter() - start) * 1000)

    threads = [threading.Thread(target=run) for _ in range(clients)]
    used, busy, own, start = site.cpu(), busy_seconds(), time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - start
    used, busy, own = site.cpu() - used, busy_seconds() - busy, time.process_time() - own
    if faults:
        raise faults[0]
    foreign = max(0.0, busy - used - own) / wall
    return Figure(used * 1000 / units, units / wall, percentile(times, 50), percentile(times, 95), units, foreign)


def percentile(values: list[float], share: int) -> float:
    """The value that `share` of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 100) - 1))]


def foreign_load() -> str:
    """Processes that wanted a core in the last 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def greet(yard: Site) -> Work:
    """One request of the yardstick, over a connection kept by each thread."""
    local = threading.local()

    def hello(_: int) -> None:
        if not hasattr(local, "browser"):
            local.browser = Browser(yard.port)
        local.browser.get("/").expect(200)

    return hello


def compare(yard: Site, site: Site, work: Work, *, units: int, clients: int = 8, warm: int = 400) -> Figure:
    """The work in three rounds after a warm-up, in turns with the yardstick. The ratio is the median of the rounds' ratios."""
    hello, rounds = greet(yard), []
    load(yard, hello, units=300, clients=8)
    load(site, work, units=warm, clients=clients)
    site.settle()
    for number in range(ROUNDS):
        unit = load(yard, hello, units=YARD_UNITS, clients=8)
        figure = load(site, work, units=units, clients=clients, first=warm + number * units)
        rounds.append(replace(figure, ratio=figure.cpu_ms / unit.cpu_ms))
    middle = {
        name: statistics.median(getattr(figure, name) for figure in rounds)
        for name in ("cpu_ms", "rate", "p50_ms", "p95_ms", "foreign", "ratio")
    }
    return Figure(**middle, units=units)


def measure_yardstick(units: int = 4000) -> Figure:
    """The yardstick alone."""
    with yardstick() as yard:
        load(yard, greet(yard), units=500, clients=8)
        return load(yard, greet(yard), units=units, clients=8)


@dataclass(frozen=True)
class Row:
    """A line of the report: what was measured, and the most that its ratio may be (None: no limit)."""

    name: str
    figure: Figure
    at_most: float | None = None

    @property
    def is_over(self) -> bool:
        return self.at_most is not None and self.figure.ratio > self.at_most

    def __str__(self) -> str:
        f = self.figure
        limit = "" if self.at_most is None else f"{self.at_most:g}" + (" **over**" if self.is_over else "")
        return (
            f"| {self.name} | {f.cpu_ms:.2f} | {f.ratio:.1f} | {limit} | {f.rate:.0f} "
            f"| {f.p50_ms:.1f} | {f.p95_ms:.1f} | {f.foreign:.2f} |"
        )


def report(title: str, rows: list[Row]) -> None:
    """A Markdown table: CPU ms, the ratio to the yardstick and its limit, rates and times, cores used by others."""
    print(f"\n### {title}\n")
    print("| work | CPU ms | × yardstick | at most | a second | p50 ms | p95 ms | foreign cores |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(row)


@dataclass(frozen=True)
class Check:
    """A plain figure with its limit, in the unit that its name says."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    digits: int = 2

    @property
    def is_over(self) -> bool:
        too_much = self.at_most is not None and self.value > self.at_most
        return too_much or (self.at_least is not None and self.value < self.at_least)

    def __str__(self) -> str:
        limit = "" if self.at_most is None else f"at most {self.at_most:g}"
        limit = limit if self.at_least is None else f"at least {self.at_least:g}"
        return f"| {self.name} | {self.value:.{self.digits}f} | {limit}{' **missed**' if self.is_over else ''} |"


def report_checks(title: str, checks: list[Check]) -> None:
    """A Markdown table of plain figures."""
    print(f"\n### {title}\n\n| what | measured | limit |\n| --- | --- | --- |")
    for check in checks:
        print(check)


def finish(results: list[Row] | list[Check]) -> int:
    """The exit status of a benchmark: 1 when something is over its limit."""
    return int(any(result.is_over for result in results))
