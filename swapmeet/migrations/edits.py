"""Edits of a table's rules that SQLite has no statement for: the values of a CHECK, and NOT NULL.

On SQLite the text of the table is changed in the schema itself, the way its manual describes for changes that leave the
rows on disk as they are (https://www.sqlite.org/lang_altertable.html, section 7): no row is copied, no trigger is lost.
"""

from collections.abc import Sequence
from typing import Any


def change_values(op: Any, table: str, column: str, constraint: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Let a column hold `new` instead of `old`. PostgreSQL checks the rows; SQLite is asked to before."""
    before, after = _words(old), _words(new)
    gone = [value for value in old if value not in new]
    if gone and _count(op, f'SELECT count(*) FROM "{table}" WHERE "{column}" IN {_words(gone)}'):
        raise RuntimeError(f"{table}.{column} holds {', '.join(gone)}: the version before knows no such values")
    if op.get_bind().dialect.name == "sqlite":
        _edit(
            op,
            table,
            f"CONSTRAINT {constraint} CHECK ({column} IN {before})",
            f"CONSTRAINT {constraint} CHECK ({column} IN {after})",
        )
        return
    op.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT {constraint}')
    op.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT {constraint} CHECK ({column} IN {after})')


def let_be_null(op: Any, table: str, column: str, kind: str, *, nullable: bool) -> None:
    """Drop or set NOT NULL of a column, whose SQLite type is `kind`."""
    if not nullable and _count(op, f'SELECT count(*) FROM "{table}" WHERE "{column}" IS NULL'):
        raise RuntimeError(f"{table}.{column} is empty in some rows: the version before does not know such rows")
    if op.get_bind().dialect.name == "sqlite":
        strict, loose = f"\t{column} {kind} NOT NULL, ", f"\t{column} {kind}, "
        _edit(op, table, *((strict, loose) if nullable else (loose, strict)))
        return
    op.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" {"DROP" if nullable else "SET"} NOT NULL')


def _words(values: Sequence[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def _count(op: Any, statement: str) -> int:
    return int(op.get_bind().exec_driver_sql(statement).scalar() or 0)


def _edit(op: Any, table: str, old: str, new: str) -> None:
    """Replace a part of the table's text, then have every connection read the schema anew. Raises RuntimeError."""
    bind = op.get_bind()
    text = str(
        bind.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).scalar()
    )
    if text.count(old) != 1:
        raise RuntimeError(f"the table {table} does not say {old!r} once")
    version = int(bind.exec_driver_sql("PRAGMA schema_version").scalar() or 0)
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?", (text.replace(old, new), table)
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")
