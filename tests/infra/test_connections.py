"""Connections outlive a restarted server, plain reads stay plain, and nothing is written past the one door."""

from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from swapmeet.events.models import Event
from swapmeet.infra import db as connections
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("rested_s", [0, 60])
def test_a_page_after_the_server_dropped_its_connections_is_shown(
    world: Any, client: Any, monkeypatch: pytest.MonkeyPatch, rested_s: int
) -> None:
    path = f"/shows/{world.show().slug}"
    assert client.get(path).status_code == 200
    db.session.rollback()
    _drop_connections()
    monkeypatch.setattr(connections, "TRIED_AFTER_S", connections.TRIED_AFTER_S - rested_s)
    assert client.get(path).status_code == 200


def _drop_connections() -> None:
    """As a restart does."""
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    )
    engine = create_engine(db.engine.url)
    with engine.connect() as connection:
        connection.execute(text(others + "pg_backend_pid()"))
    engine.dispose()


@pytest.mark.only("postgresql")
def test_a_page_that_only_reads_opens_no_transaction_on_the_server(world: Any, client: Any) -> None:
    path, modes = f"/shows/{world.show().slug}", set()

    def note(connection: Any, *_: Any) -> None:
        modes.add(connection.connection.driver_connection.autocommit)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        client.get(path)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert modes == {True}
    db.session.rollback()
    with transaction() as db_session:
        driver: Any = db_session.connection().connection.driver_connection
        assert driver.autocommit is False


def test_a_request_cannot_change_rows_outside_the_transaction(app: Any, world: Any) -> None:
    world.show()
    with app.test_request_context("/"):
        show = db.session.query(Event).first()
        show.name = "Renamed in passing"
        with pytest.raises(RuntimeError, match="outside"):
            db.session.flush()
        db.session.rollback()
