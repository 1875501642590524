"""A copy of the schema without some of its constraints, so that a test can plant what they forbid."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import CheckConstraint, Engine, ForeignKeyConstraint, MetaData, Table, UniqueConstraint, event

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.db import db


def schema_without(names: Iterable[str], *, foreign_keys: bool = True) -> MetaData:
    """The models' metadata less the named unique and check constraints and indexes (and all foreign keys, if asked)."""
    unwanted, copy = set(names), MetaData(naming_convention=db.metadata.naming_convention)
    for table in db.metadata.sorted_tables:
        _strip(table.to_metadata(copy), unwanted, foreign_keys)
    if unwanted:
        raise ValueError(f"there is no constraint {', '.join(sorted(unwanted))}")
    return copy


def _strip(table: Table, unwanted: set[str], foreign_keys: bool) -> None:
    for constraint in list(table.constraints):
        is_key = isinstance(constraint, ForeignKeyConstraint) and not foreign_keys
        named = isinstance(constraint, UniqueConstraint | CheckConstraint) and str(constraint.name) in unwanted
        if named:
            unwanted.discard(str(constraint.name))
        if is_key or named:
            table.constraints.discard(constraint)
    for index in list(table.indexes):
        if index.name in unwanted:
            unwanted.discard(str(index.name))
            table.indexes.discard(index)


_made: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}


def _create(engine: Engine, without: tuple[str, ...], foreign_keys: bool) -> None:
    """Compiling the statements takes longer than running them, so they are kept for the next database like this one."""
    key = (engine.dialect.name, without, foreign_keys)
    if key not in _made:
        made: list[str] = []
        with engine.begin() as connection:
            event.listen(connection, "before_cursor_execute", lambda *call: made.append(call[2]))
            schema_without(without, foreign_keys=foreign_keys).create_all(connection, checkfirst=False)
        _made[key] = made
        return
    with engine.begin() as connection:
        for statement in _made[key]:
            connection.exec_driver_sql(statement)


@contextmanager
def planted_app(settings: Settings, *without: str, foreign_keys: bool = True) -> Iterator[Flask]:
    """An app on an empty database, its schema made without the named constraints; its context is pushed."""
    app = create_app(settings)
    with app.app_context():
        _create(db.engine, without, foreign_keys)
        yield app
        db.session.remove()
        db.engine.dispose()
