"""`swapmeet db`: create, migrate and check the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from swapmeet.cli.context import bare_app
from swapmeet.infra.db import db
from swapmeet.migrations.setup import init_migrations


def heads(app: Flask) -> tuple[str | None, str | None]:
    """(revision of the database, newest revision of the code)."""
    script = ScriptDirectory(app.extensions["migrate"].directory)
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, script.get_current_head()


@contextmanager
def _migrating_app() -> Iterator[Flask]:
    with bare_app() as app:
        init_migrations(app)
        yield app


@click.group("db")
def db_group() -> None:
    """Create, migrate and check the database."""


@db_group.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to a revision (default: the newest)."""
    with _migrating_app():
        flask_migrate.upgrade(revision=revision)


@db_group.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the database back to a revision (default: one step)."""
    with _migrating_app():
        flask_migrate.downgrade(revision=revision)


@db_group.command()
@click.option("--require-head", is_flag=True, help="Exit with 3 when the database is not at the newest revision.")
def current(require_head: bool) -> None:
    """Show the revision of the database and of the code."""
    with _migrating_app() as app:
        at, newest = heads(app)
    if not require_head or at != newest:
        click.echo(f"database {at or 'empty'}, code {newest}")
    if require_head and at != newest:
        click.echo("Run `swapmeet db upgrade` first.", err=True)
        sys.exit(3)


@db_group.command()
def check() -> None:
    """Exit with an error when models and migrations differ."""
    with _migrating_app():
        flask_migrate.upgrade()
        flask_migrate.check()


@db_group.command()
@click.option("-m", "--message", required=True)
def revision(message: str) -> None:
    """Write a new migration from the difference between models and database (for developers)."""
    with _migrating_app():
        flask_migrate.migrate(message=message)
