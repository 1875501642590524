"""Runs migrations on the app's own engine, safely for SQLite's copy-and-move of tables."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from flask_security import AsaList
from sqlalchemy import Connection, text

from swapmeet.infra.types import UtcDateTime
from swapmeet.migrations.include import include_object

config = context.config


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Our own column types are written as what they are in the database: a migration must not depend on today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AsaList):
        return "sa.UnicodeText()"
    return False


def run(connection: Connection) -> None:
    """SQLite: foreign keys off while tables are copied (a dropped table would cascade), checked afterwards."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.rollback()
        _raw(connection, "PRAGMA foreign_keys=OFF")
    extension = current_app.extensions["migrate"]
    context.configure(
        connection=connection,
        target_metadata=extension.db.metadata,
        include_object=include_object,
        render_item=render_item,
        transaction_per_migration=True,
        **{**extension.configure_args, "compare_server_default": False},
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_sqlite:
        connection.commit()
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        connection.rollback()
        _raw(connection, "PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"the migration left {len(broken)} rows pointing nowhere, first {broken[0]}")


def _raw(connection: Connection, statement: str) -> None:
    """Outside any transaction: SQLite ignores this pragma inside one."""
    driver: Any = connection.connection.driver_connection
    driver.execute(statement)


if context.is_offline_mode():
    raise SystemExit("Offline migrations are not supported: give a database.")

with current_app.extensions["migrate"].db.engine.connect().execution_options(swapmeet_writes=True) as _connection:
    run(_connection)
