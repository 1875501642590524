"""The application for commands: settings from the environment, every fault told in words."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from swapmeet.config import Settings, SettingsError
from swapmeet.factory import create_app


def load_settings() -> Settings:
    """Settings, or exit status 2 with the list of faults."""
    try:
        return Settings.from_env(os.environ)
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


@contextmanager
def command_app() -> Iterator[Flask]:
    """The app with its context pushed."""
    app = create_app(load_settings())
    with app.app_context():
        yield app
