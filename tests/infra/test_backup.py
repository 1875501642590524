"""A backup made under load, restored elsewhere, has the same rows, sums and files; a damaged or wrong one is refused."""

import shutil
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from swapmeet.infra.backup import BackupError, restore_backup, write_backup
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import open_store, read_file, save_file, store
from swapmeet.infra.uow import transaction
from tests import factories


@pytest.fixture
def other_place(app: Flask, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Settings of a new, empty place with the same kind of database."""
    settings = app.extensions["swapmeet_settings"]
    if settings.is_sqlite:
        yield settings.with_values(
            instance_path=tmp_path / "new", database_url=f"sqlite:///{tmp_path / 'new' / 'db.sqlite'}"
        )
        return
    server = request.getfixturevalue("postgres")
    name = f"restored_{tmp_path.name.replace('-', '_').lower()[:40]}"
    yield settings.with_values(instance_path=tmp_path / "new", database_url=server.create_database(name))
    server.drop_database(name)


def write_people(app: Flask, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        with app.app_context(), transaction() as db_session:
            factories.person(db_session, f"Busy {number}")
        number += 1


def back_up(app: Flask, target: Path) -> dict[str, Any]:
    return write_backup(db.engine, store(), app.extensions["swapmeet_settings"], target, now=utcnow())


def test_a_backup_under_load_is_restored_whole(world: Any, app: Flask, other_place: Any, tmp_path: Path) -> None:
    with transaction() as db_session:
        row = save_file(
            db_session, b"picture", purpose="test", suffix=".bin", content_type="application/octet-stream", now=utcnow()
        )
        key = row.key
    stop = threading.Event()
    writer = threading.Thread(target=write_people, args=(app, stop))
    writer.start()
    manifest = back_up(app, tmp_path / "b.tar.gz")
    stop.set()
    writer.join()
    assert manifest["rows"]["event"] == 1 and manifest["files"].keys() == {key}
    assert restore_backup(other_place, open_store(other_place), tmp_path / "b.tar.gz") == []
    assert bytes(open_store(other_place).get(key).bytes()) == read_file(key)


def test_a_place_that_is_not_empty_is_left_alone(world: Any, app: Flask, other_place: Any, tmp_path: Path) -> None:
    back_up(app, tmp_path / "b.tar.gz")
    restore_backup(other_place, open_store(other_place), tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match=r"already|not empty"):
        restore_backup(other_place, open_store(other_place), tmp_path / "b.tar.gz")


def test_a_backup_is_not_written_over_another(world: Any, app: Flask, tmp_path: Path) -> None:
    back_up(app, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="exists already"):
        back_up(app, tmp_path / "b.tar.gz")


def test_a_cut_off_backup_is_refused_and_nothing_is_restored(
    world: Any, app: Flask, other_place: Any, tmp_path: Path
) -> None:
    back_up(app, tmp_path / "b.tar.gz")
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError, match="not a whole backup"):
        restore_backup(other_place, open_store(other_place), tmp_path / "cut.tar.gz")
    assert not (tmp_path / "new" / "db.sqlite").exists()


def test_r_t40_names_that_climb_out_of_the_archive_are_refused(app: Flask, other_place: Any, tmp_path: Path) -> None:
    evil = tmp_path / "evil.tar.gz"
    (tmp_path / "x").write_text("x")
    with tarfile.open(evil, "w:gz") as archive:
        archive.add(tmp_path / "x", "../../escaped")
    with pytest.raises(BackupError, match="escaped"):
        restore_backup(other_place, open_store(other_place), evil)
    assert not (tmp_path.parent / "escaped").exists()


def test_r_t40_links_in_the_archive_are_refused(app: Flask, other_place: Any, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").symlink_to("/etc/hostname")
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "manifest.json", "manifest.json")
    with pytest.raises(BackupError, match=r"manifest\.json"):
        restore_backup(other_place, open_store(other_place), tmp_path / "evil.tar.gz")


def test_the_tools_of_postgresql_are_there() -> None:
    assert shutil.which("pg_dump") and shutil.which("pg_restore")
