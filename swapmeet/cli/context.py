"""The application for commands: settings from the environment, every fault told in words."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from sqlalchemy import inspect

from swapmeet.config import Settings, SettingsError
from swapmeet.factory import create_app
from swapmeet.infra.db import db


def load_settings() -> Settings:
    """Settings, or exit status 2 with the list of faults."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@contextmanager
def bare_app() -> Iterator[Flask]:
    """The app with its context pushed, whether or not there is a database: for commands that make one or need none."""
    app = create_app(load_settings())
    with app.app_context():
        yield app


@contextmanager
def command_app() -> Iterator[Flask]:
    """The app with its context pushed; exit status 2 in words where no database has been made yet."""
    with bare_app() as app:
        # A backup or a check of the wrong, empty place would otherwise look like a success.
        if not inspect(db.engine).has_table("person"):
            click.echo(
                "There is no Swapmeet database here yet. Run `swapmeet db upgrade`, or check the settings.", err=True
            )
            sys.exit(2)
        yield app
