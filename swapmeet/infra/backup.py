"""Backup and restore: one archive with the database, every file, and a manifest of what must be found again."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text

from swapmeet.config import Settings
from swapmeet.infra.db import Base

FORMAT = 1


class BackupError(Exception):
    """The backup or restore cannot go on; the sentence says why. Nothing was overwritten."""


@dataclass(frozen=True)
class Figures:
    """What a restore must give again: rows by table, and the ledger's sum by show, account and currency."""

    rows: dict[str, int]
    ledger: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        return {"rows": self.rows, "ledger": self.ledger}


def figures(connection: Connection) -> Figures:
    """Counted inside the connection's transaction, so that they belong to one instant."""
    present = set(inspect(connection).get_table_names())
    rows = {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in Base.metadata.sorted_tables
        if table.name in present
    }
    ledger = {}
    if "ledger_entry" in present:
        entry = Base.metadata.tables["ledger_entry"]
        sums = select(entry.c.event_id, entry.c.account, entry.c.currency, func.sum(entry.c.amount_minor)).group_by(
            entry.c.event_id, entry.c.account, entry.c.currency
        )
        ledger = {
            f"{event_id}:{account}:{currency}": int(total)
            for event_id, account, currency, total in connection.execute(sums)
        }
    return Figures(rows, ledger)


def write_backup(engine: Engine, store: Any, settings: Settings, target: Path, *, now: datetime) -> dict[str, Any]:
    """Write the archive `target` (.tar.gz) while the application runs. Returns the manifest.

    The database is copied first, at one instant; then the files its rows name. A file deleted in between is listed as gone.
    Raises BackupError when the target exists or a tool is missing.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / ("database.sqlite" if settings.is_sqlite else "database.dump")
        counted, keys = _dump_sqlite(engine, dump) if settings.is_sqlite else _dump_postgres(engine, settings, dump)
        with tarfile.open(partial, "w:gz", compresslevel=3) as archive:
            archive.add(dump, dump.name)
            files, gone = _add_files(archive, store, keys)
            manifest = {
                "format": FORMAT,
                "made_at": now.isoformat(),
                "database": dump.name,
                **counted.as_json(),
                "files": files,
                "gone": gone,
            }
            _add_bytes(archive, "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    os.replace(partial, target)
    return manifest


def _dump_sqlite(engine: Engine, dump: Path) -> tuple[Figures, list[str]]:
    """SQLite's online backup: readers and writers go on meanwhile."""
    source = sqlite3.connect(str(engine.url.database))
    copy = sqlite3.connect(dump)
    with source, copy:
        source.backup(copy, pages=2000, sleep=0.01)
    source.close()
    copy.close()
    with _read_only(f"sqlite:///{dump}") as connection:
        return figures(connection), _file_keys(connection)


def _dump_postgres(engine: Engine, settings: Settings, dump: Path) -> tuple[Figures, list[str]]:
    """pg_dump on an exported snapshot, so that dump, counts and file list are of one instant."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        counted, keys = figures(connection), _file_keys(connection)
        _tool(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            f"--snapshot={snapshot}",
            f"--file={dump}",
            f"--dbname={_libpq(settings)}",
        )
        connection.rollback()
    return counted, keys


def _libpq(settings: Settings) -> str:
    return settings.sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _tool(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is needed: install PostgreSQL's client programs.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]} failed: {error.stderr.strip()[-500:]}") from error


def _file_keys(connection: Connection) -> list[str]:
    files = Base.metadata.tables["stored_file"]
    return list(connection.scalars(select(files.c.key).where(files.c.state != "refused").order_by(files.c.key)))


def _add_files(archive: tarfile.TarFile, store: Any, keys: list[str]) -> tuple[dict[str, str], list[str]]:
    """(key -> SHA-256, keys that were gone)."""
    hashes: dict[str, str] = {}
    gone: list[str] = []
    for key in keys:
        try:
            content = bytes(obstore.get(store, key).bytes())
        except FileNotFoundError:
            gone.append(key)
            continue
        hashes[key] = hashlib.sha256(content).hexdigest()
        _add_bytes(archive, f"files/{key}", content)
    return hashes, gone


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def restore_backup(settings: Settings, store: Any, source: Path) -> list[str]:
    """Restore into the database and store of `settings`, which must be empty. Returns what differs from the manifest (nothing).

    Raises BackupError for a damaged archive, one for the other kind of database, or a place that is not empty.
    """
    with tempfile.TemporaryDirectory() as folder:
        manifest = _unpack(source, Path(folder))
        _check_place(settings, manifest)
        dump = Path(folder) / manifest["database"]
        if settings.is_sqlite:
            place = Path(settings.sqlalchemy_url.removeprefix("sqlite:///"))
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(dump, place)
        else:
            _tool(
                "pg_restore",
                "--no-owner",
                "--exit-on-error",
                "--single-transaction",
                f"--dbname={_libpq(settings)}",
                str(dump),
            )
        _put_files(store, Path(folder) / "files", manifest["files"])
    return _differences(settings, store, manifest)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            _extract(archive, folder.resolve())
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, tarfile.TarError, EOFError, json.JSONDecodeError) as error:
        raise BackupError(f"{source} is not a whole backup: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{source} has format {manifest.get('format')}, this version reads {FORMAT}.")
    return manifest


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Plain files that stay inside `folder`, whose path is absolute; `extractall` can refuse others only since Python 3.11.4."""
    for member in archive:
        place = (folder / member.name).resolve()
        content = archive.extractfile(member) if member.isfile() else None
        if content is None or not place.is_relative_to(folder):
            raise BackupError(f"The archive holds {member.name!r}, which no backup of Swapmeet does.")
        place.parent.mkdir(parents=True, exist_ok=True)
        with content, place.open("wb") as file:
            shutil.copyfileobj(content, file)


def _check_place(settings: Settings, manifest: dict[str, Any]) -> None:
    if (manifest["database"] == "database.sqlite") != settings.is_sqlite:
        raise BackupError("The backup is of the other kind of database (SQLite or PostgreSQL).")
    if settings.is_sqlite:
        if Path(settings.sqlalchemy_url.removeprefix("sqlite:///")).exists():
            raise BackupError("There is a database here already. Restore into a new, empty place (SWAPMEET_INSTANCE).")
        return
    with _read_only(settings.sqlalchemy_url) as connection:
        if inspect(connection).get_table_names():
            raise BackupError("That database is not empty. Restore into a new one.")


def _put_files(store: Any, folder: Path, hashes: dict[str, str]) -> None:
    for key in hashes:
        obstore.put(store, key, (folder / key).read_bytes())


def _differences(settings: Settings, store: Any, manifest: dict[str, Any]) -> list[str]:
    with _read_only(settings.sqlalchemy_url) as connection:
        found = figures(connection).as_json()
    different = [
        f"{part} {name}: {manifest[part].get(name)} in the backup, {found[part].get(name)} here"
        for part in ("rows", "ledger")
        for name in sorted({*manifest[part], *found[part]})
        if manifest[part].get(name) != found[part].get(name)
    ]
    for key, digest in manifest["files"].items():
        if hashlib.sha256(bytes(obstore.get(store, key).bytes())).hexdigest() != digest:
            different.append(f"file {key} differs")
    return different


@contextmanager
def _read_only(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
