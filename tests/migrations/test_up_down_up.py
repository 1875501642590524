"""Migrations go up, down and up again with the demo's rows, and end where the models are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from swapmeet import migrations
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from swapmeet.migrations.include import include_object
from swapmeet.migrations.setup import init_migrations
from swapmeet.orders.models import Order
from swapmeet.orders.queries import get_order_by_link
from tests.support.databases import Databases, let_go, make_settings
from tests.support.filled import Filled

VERSIONS = Path(migrations.__file__).parent / "versions"
STEPS = tuple(path.name[:4] for path in sorted(VERSIONS.glob("0*.py"), reverse=True))[1:]  # back to each but the newest


@pytest.fixture(scope="module")
def upgraded(database: str, _databases: Databases, filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database at the newest revision with the demo's rows, to be copied."""
    folder = tmp_path_factory.mktemp("upgraded")
    app = create_app(make_settings(address := _databases.empty(database, folder), folder))
    init_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()
        filled.put_into(app)
        let_go()
    return address


@pytest.fixture
def demo(upgraded: str, _databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application on a copy of `upgraded`."""
    address = _databases.copy_of(upgraded, tmp_path)
    app = create_app(make_settings(address, tmp_path))
    init_migrations(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    _databases.drop(address)


@pytest.fixture
def migrated(empty_database: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(make_settings(empty_database, tmp_path))
    init_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def rows() -> dict[str, int]:
    """Rows by table, of the tables that are there."""
    db.session.remove()
    with db.engine.connect() as connection:
        names = [
            name for name in inspect(connection).get_table_names() if "_fts" not in name and name != "alembic_version"
        ]
        return {
            name: connection.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0 for name in names
        }


def test_the_newest_revision_is_what_the_models_say(migrated: Flask) -> None:
    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_object": include_object}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
    assert found == []


def test_migrations_build_the_same_triggers_as_the_models(migrated: Flask, app: Flask) -> None:
    def triggers(engine: Any) -> set[str]:
        is_sqlite = engine.dialect.name == "sqlite"
        own = (
            "name FROM sqlite_master WHERE type = 'trigger'"
            if is_sqlite
            else "tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        with engine.connect() as connection:
            return set(connection.scalars(text(f"SELECT {own}")))

    with migrated.app_context():
        ours = triggers(db.engine)
    with app.app_context():
        assert ours == triggers(db.engine) != set()


def test_each_step_down_keeps_the_rows_of_what_stays_and_up_again_works(demo: Flask) -> None:
    before = rows()
    assert (
        min(
            before[name]
            for name in ("order", "ledger_entry", "badge", "sign_up", "reservation", "listing", "audit_entry")
        )
        > 0
    )
    for revision in STEPS:
        db.session.remove()
        flask_migrate.downgrade(revision=revision)
        left = rows()
        assert left == {name: before[name] for name in left}
    flask_migrate.upgrade()
    after = rows()
    assert after.keys() == before.keys()
    assert after["event"] == before["event"] and after["audit_entry"] == before["audit_entry"]


def test_order_links_stay_good_down_and_up_and_no_key_stands_in_the_newest_schema(demo: Flask) -> None:
    wanted = select(Order).where(Order.key_digest.is_not(None)).order_by(Order.id)
    links = {order.code: str(order.link_key) for order in db.session.scalars(wanted)}
    seals = column("link_seal")
    assert len(links) > 5 and not set(links.values()) & set(seals.values())
    flask_migrate.downgrade(revision="0007")
    assert column("link_key") == links, "the version before reads the keys as they were sent"
    flask_migrate.upgrade()
    assert column("link_seal") == seals
    for code, key in links.items():
        assert get_order_by_link(db.session(), code=code, key=key).link_key == key


def test_rounds_at_their_result_go_back_to_their_wants_and_the_check_on_phases_stays(demo: Flask) -> None:
    published = "SELECT count(*) FROM trade_round WHERE phase = 'preview'"
    flask_migrate.downgrade(revision="0009")  # rounds on their day go back to their first result
    with db.engine.connect() as connection:
        assert (before := connection.scalar(text(published)) or 0) > 0
    flask_migrate.downgrade(revision="0008")
    for revision in ("0008", "head"):
        with db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(text("UPDATE trade_round SET phase = 'nonsense'"))
        flask_migrate.upgrade(revision=revision)
    with db.engine.connect() as connection:
        assert connection.scalar(text(published)) == 0
        assert (connection.scalar(text("SELECT count(*) FROM trade_round WHERE phase = 'wants'")) or 0) > before


def column(name: str) -> dict[str, str]:
    db.session.remove()
    with db.engine.connect() as connection:
        found = connection.execute(text(f'SELECT code, {name} FROM "order" WHERE {name} IS NOT NULL'))
        return {row.code: str(row[1]) for row in found}


def test_all_the_way_down_leaves_nothing(migrated: Flask) -> None:
    flask_migrate.downgrade(revision="base")
    assert rows() == {}
