"""`swapmeet worker`: does jobs until told to stop."""

import os
import signal
import sys
import threading

import click
from flask import Flask

from swapmeet.cli.context import load_settings
from swapmeet.factory import create_app
from swapmeet.infra.heavy import run_in_child
from swapmeet.infra.jobs import Worker
from swapmeet.infra.registry import Registry


def build_worker(app: Flask) -> Worker:
    """A worker for everything the features registered."""
    registry: Registry = app.extensions["swapmeet_registry"]
    return Worker(
        app,
        registry.jobs,
        run_heavy=lambda claim: run_in_child(app, registry.jobs, claim, create_app=create_app),
        periodic=registry.periodic,
    )


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@click.option("--parent", type=int, default=0, hidden=True, help="End when this process is gone.")
def worker(once: bool, parent: int) -> None:
    """Do jobs: mail, pictures, PDFs. Any number of workers may run."""
    app = create_app(load_settings())
    runner = build_worker(app)
    if once:
        click.echo(f"{runner.drain()} jobs done")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    if parent:
        threading.Thread(target=_stop_with, args=(runner, parent), daemon=True).start()
    runner.run()
    sys.exit(0)


def _stop_with(runner: Worker, parent: int) -> None:
    """Stop when the process that started this one has gone: no orphan keeps the database open."""
    while not runner.stopping.wait(1):
        if os.getppid() != parent:
            runner.stop()
