"""Start time, memory of web workers and of the whole stack, and what the help of the command costs."""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.browser import Browser, wait_for
from benchmarks.harness import GUNICORN, ROOT, Check, environment, finish, free_port, installation, report_checks
from benchmarks.processes import pss_mib, rss_mib, tree
from benchmarks.show import Filled, fill_show

SWAPMEET = [sys.executable, "-m", "swapmeet"]
HELP_RUNS = 5
START_RUNS = 5
PAGES = 600


def help_cpu() -> float:
    """CPU seconds of `swapmeet --help`."""
    before = os.times()
    subprocess.run([*SWAPMEET, "--help"], check=True, capture_output=True, cwd=ROOT)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def web_start() -> float:
    """Seconds from starting the web server to its first answer."""
    folder, port = Path(tempfile.mkdtemp(prefix="swbench")), free_port()
    start = time.perf_counter()
    process = subprocess.Popen(GUNICORN, env=environment(folder, port), cwd=ROOT)
    try:
        wait_for(port, "/healthz")
        return time.perf_counter() - start
    finally:
        stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def stack() -> tuple[float, list[float], float]:
    """`swapmeet run` after some load, in MiB: PSS of supervisor, web and worker; RSS of each web worker; RSS of the worker."""
    with installation("sqlite", fill_show) as (site, show):
        process = subprocess.Popen([*SWAPMEET, "run"], env=site.environ, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            wait_for(site.port, "/healthz")
            _look_around(site.port, show)
            time.sleep(5)
            total, sizes = pss_mib(process.pid), rss_mib(process.pid)
            web, worker = _parts(process.pid)
            return total, [sizes[pid] for pid in tree(web) if pid != web], sizes[worker]
        finally:
            stop(process)


def _look_around(port: int, show: Filled) -> None:
    """Public and signed-in pages, over new connections, so that both web workers get their share."""
    paths = [show.path, f"{show.path}/program", "/trades", f"/manage/shows/{show.slug}/orders", "/"]
    for number in range(PAGES):
        browser = Browser(port, cookies={"swapmeet_id": show.cookie})
        browser.get(paths[number % len(paths)]).expect(200)
        browser.close()


def _parts(supervisor: int) -> tuple[int, int]:
    """The pids of gunicorn's parent and of the worker."""
    found = {"gunicorn": 0, "worker": 0}
    for pid in tree(supervisor):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        for name in found:
            if name in words and not found[name]:
                found[name] = pid
    return found["gunicorn"], found["worker"]


def middle(measure: Callable[[], float], times: int) -> float:
    return statistics.median(measure() for _ in range(times))


def main() -> int:
    total, web, worker = stack()
    checks = [
        Check("`swapmeet --help`, CPU s", middle(help_cpu, HELP_RUNS), at_most=0.5),
        Check("web start to the first answer, s", middle(web_start, START_RUNS), at_most=1.5),
        Check("RSS of a web worker after load, MiB", max(web), at_most=110, digits=0),
        Check("RSS of the job worker, MiB", worker, digits=0),
        Check("whole stack on SQLite (PSS of supervisor, web, worker), MiB", total, at_most=260, digits=0),
    ]
    report_checks("Footprint", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
