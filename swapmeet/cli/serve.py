"""`swapmeet run`: the web server and one worker, watched over by a small parent that loads no framework."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click

from swapmeet.config import Settings, SettingsError

RESTART_PAUSE_S = 1.0
NAMES = {"web": "The web server (gunicorn)", "worker": "The job worker"}


@click.command()
@click.option("--bind", help="Address and port, for example 127.0.0.1:8000.")
@click.option("--with-demo", is_flag=True, help="First fill an empty database with the demo, and print its sign-ins.")
@click.option("--no-worker", is_flag=True, help="Only the web server; run `swapmeet worker` elsewhere.")
def run(bind: str | None, with_demo: bool, no_worker: bool) -> None:
    """Start the web server and one worker. Outside production the database is brought up to date first."""
    if bind:
        os.environ["SWAPMEET_BIND"] = bind
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    _prepare(settings, with_demo)
    click.echo(f"Swapmeet is at {settings.public_url} (stop with Ctrl-C)")
    parts = {"web": [sys.executable, "-m", "gunicorn", "-c", "python:swapmeet.gunicorn_conf", "swapmeet.wsgi:app"]}
    if settings.with_worker and not no_worker:
        parts["worker"] = [sys.executable, "-m", "swapmeet", "worker", "--parent", str(os.getpid())]
    sys.exit(Supervisor(parts).run())


def _prepare(settings: Settings, with_demo: bool) -> None:
    """Migrate (and fill) in a process of its own, so that the parent stays small."""
    if settings.is_production:
        _step("db", "current", "--require-head")
        return
    _step("db", "upgrade")
    if with_demo:
        _step("demo", "--accounts", "--if-empty")


def _step(*arguments: str) -> None:
    status = subprocess.call([sys.executable, "-m", "swapmeet", *arguments])
    if status:
        sys.exit(status)


class Supervisor:
    """Starts the parts, starts a dead worker anew, ends everything when the web server ends or a signal comes."""

    def __init__(self, parts: dict[str, list[str]]) -> None:
        self.parts = parts
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.stop_signal = 0

    @property
    def stopping(self) -> bool:
        return self.stop_signal != 0

    def run(self) -> int:
        """Returns the exit status of the web server."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        for name, command in self.parts.items():
            self.running[name] = subprocess.Popen(command, start_new_session=False)
        while not self.stopping:
            time.sleep(0.2)
            if self.running["web"].poll() is not None and not self.stopping:
                click.echo(f"Swapmeet stops: {_ended('web', self.running['web'])} Its last words are above.", err=True)
                break
            self._revive("worker")
        return self._end()

    def _revive(self, name: str) -> None:
        part = self.running.get(name)
        if part is not None and part.poll() is not None and not self.stopping:
            click.echo(f"{_ended(name, part)} It is started anew.", err=True)
            time.sleep(RESTART_PAUSE_S)
            self.running[name] = subprocess.Popen(self.parts[name])

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_signal = number

    def _end(self) -> int:
        if self.stopping:
            click.echo(f"Swapmeet stops: it was asked to ({signal.Signals(self.stop_signal).name}).", err=True)
        for part in self.running.values():
            if part.poll() is None:
                part.terminate()
        for part in self.running.values():
            try:
                part.wait(30)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        return 0 if self.stopping else _exit_status(self.running["web"])


def _ended(name: str, part: subprocess.Popen[bytes]) -> str:
    """Which process ended and how, as a sentence."""
    status = part.returncode
    how = f"was killed by {_signal_name(-status)}" if status < 0 else f"ended by itself with status {status}"
    return f"{NAMES.get(name, name)}, process {part.pid}, {how}."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _exit_status(part: subprocess.Popen[bytes]) -> int:
    """The status as a shell would say it: 128 and the number of the signal for a process that was killed."""
    return part.returncode if part.returncode >= 0 else 128 - part.returncode
