"""A copy of the schema without some of its constraints, so that a test can plant what they forbid."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, MetaData, Table, UniqueConstraint

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


@contextmanager
def planted_app(settings: Settings, *without: str, foreign_keys: bool = True) -> Iterator[Flask]:
    """An app on an empty database, its schema made without the named constraints; its context is pushed."""
    app = create_app(settings)
    with app.app_context():
        schema_without(without, foreign_keys=foreign_keys).create_all(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
