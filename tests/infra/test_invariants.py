"""`swapmeet doctor` is silent on a sound database and finds each violation that is planted."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from swapmeet.cli.doctor import INVARIANTS
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import delete_bytes, list_keys, save_file, store
from swapmeet.infra.idempotency import IdempotencyKey
from swapmeet.infra.invariants import (
    files_and_rows_differ,
    keys_used_twice,
    mails_sent_twice,
    mails_without_a_job,
    rows_across_events,
)
from swapmeet.infra.jobs import Job
from swapmeet.infra.outbox import OutboxMessage, queue_mail
from swapmeet.infra.uow import transaction
from swapmeet.orders.receipts import Receipt, ReceiptSeries, gaps_and_repeats, issue_receipt
from swapmeet.orders.services.carts import open_cart
from tests import factories
from tests.support.databases import make_settings
from tests.support.plant import planted_app


def queue(db_session: Any, fact: str) -> None:
    queue_mail(db_session, kind="test", to="ann@example.org", payload={}, fact_key=fact, now=utcnow())


def test_all_sixteen_invariants_have_a_query(app: Any) -> None:
    queries = app.extensions["swapmeet_registry"].doctor
    assert {query.invariant for query in queries} == set(INVARIANTS) == set(range(1, 17))


def test_a_sound_database_has_no_violation(world: Any, app: Any) -> None:
    with transaction() as db_session:
        queue(db_session, "fact:1")
        for key in list_keys():
            delete_bytes(key)  # of other tests: rows go between tests, files do not
        found = [
            sentence
            for query in app.extensions["swapmeet_registry"].doctor
            for sentence in query.find(db_session, utcnow())
        ]
    assert found == []


def test_i8_a_mail_sent_twice_is_found(empty_database: str, tmp_path: Path) -> None:
    row = {
        "fact_key": "fact:1",
        "to_address": "a@example.org",
        "kind": "t",
        "payload": {},
        "subject": "",
        "state": "queued",
    }
    with (
        planted_app(make_settings(empty_database, tmp_path), "uq_outbox_message_fact_key"),
        transaction() as db_session,
    ):
        db_session.execute(insert(OutboxMessage), [{**row, "created_at": utcnow()}])
        assert mails_sent_twice(db_session, utcnow()) == []
        db_session.execute(insert(OutboxMessage), [{**row, "created_at": utcnow()}])
        assert mails_sent_twice(db_session, utcnow()) == ["2 mails about the fact fact:1"]


def test_i8_a_mail_that_no_job_will_send_is_found(app: Any) -> None:
    with transaction() as db_session:
        queue(db_session, "fact:1")
        assert mails_without_a_job(db_session, utcnow()) == []
        db_session.execute(delete(Job))
        assert len(mails_without_a_job(db_session, utcnow())) == 1


def test_i6_a_key_used_twice_is_found(empty_database: str, tmp_path: Path) -> None:
    with (
        planted_app(make_settings(empty_database, tmp_path), "uq_idempotency_key_scope_key"),
        transaction() as db_session,
    ):
        row = {"scope": "cart:1", "key": "k", "request_digest": "d", "answer": "a", "created_at": utcnow()}
        db_session.execute(insert(IdempotencyKey), [row])
        assert keys_used_twice(db_session, utcnow()) == []
        db_session.execute(insert(IdempotencyKey), [row])
        assert keys_used_twice(db_session, utcnow()) == ["a key of cart:1 was used 2 times"]


def test_i12_a_row_that_points_into_another_show_is_found(empty_database: str, tmp_path: Path) -> None:
    """An order line of one show on an order of another: the composite foreign key forbids it, so the copy has none."""
    with planted_app(make_settings(empty_database, tmp_path), foreign_keys=False), transaction() as db_session:
        organizer = factories.organizer(db_session)
        first = factories.event(db_session, organizer=organizer)
        second = factories.event(db_session, organizer=organizer, name="Other Fair")
        order = open_cart(db_session, event=first, person_id=None, cart_key="k", now=utcnow())
        db_session.flush()
        db_session.add(Receipt(event_id=first.id, order_id=order.id, number=1, total_minor=1, issued_at=utcnow()))
        db_session.flush()
        assert rows_across_events(db_session, utcnow()) == []
        db_session.execute(update(Receipt).values(event_id=second.id))
        assert [line.partition(" ")[0] for line in rows_across_events(db_session, utcnow())] == ["receipt.order_id"]


@pytest.mark.parametrize("number", [1, 3, 7])
def test_i13_a_gap_or_repeat_in_receipt_numbers_is_found(empty_database: str, tmp_path: Path, number: int) -> None:
    with (
        planted_app(make_settings(empty_database, tmp_path), "uq_receipt_event_id_number"),
        transaction() as db_session,
    ):
        event = factories.event(db_session, organizer=factories.organizer(db_session))
        for key in "ab":
            order = open_cart(db_session, event=event, person_id=None, cart_key=key, now=utcnow())
            receipt = issue_receipt(db_session, order=order, now=utcnow())
        assert receipt.number == 2
        assert gaps_and_repeats(db_session, utcnow()) == []
        db_session.execute(update(Receipt).where(Receipt.id == receipt.id).values(number=number))
        assert len(gaps_and_repeats(db_session, utcnow())) == 1


def test_i13_a_series_that_ran_ahead_is_found(app: Any, world: Any) -> None:
    with transaction() as db_session:
        order = open_cart(db_session, event=world.show(), person_id=None, cart_key="k", now=utcnow())
        issue_receipt(db_session, order=order, now=utcnow())
        db_session.execute(update(ReceiptSeries).values(last_number=5))
        assert len(gaps_and_repeats(db_session, utcnow())) == 1


def test_i15_a_file_without_row_and_a_row_without_file_are_found(app: Any) -> None:
    with transaction() as db_session:
        row = save_file(db_session, b"x", purpose="test", suffix=".bin", content_type="text/plain", now=utcnow())
        assert [line for line in files_and_rows_differ(db_session, utcnow()) if row.key in line] == []
        store().put("test/zz/unnamed.bin", b"y")
        age(app, "test/zz/unnamed.bin", hours=2)
        delete_bytes(row.key)
        found = " ".join(files_and_rows_differ(db_session, utcnow()))
    assert "test/zz/unnamed.bin has no row" in found and f"{row.key} is gone" in found
    delete_bytes("test/zz/unnamed.bin")


def age(app: Any, key: str, *, hours: int) -> None:
    """Have the bytes been written hours ago."""
    path = app.extensions["swapmeet_settings"].files_folder / key
    os.utime(path, (time.time() - hours * 3600,) * 2)


def test_i15_bytes_whose_row_is_about_to_be_written_are_no_violation(app: Any) -> None:
    """A job puts the picture into the store, and names it when it ends."""
    store().put("test/zz/fresh.bin", b"y")
    assert [line for line in files_and_rows_differ(db.session(), utcnow()) if "fresh.bin" in line] == []
    age(app, "test/zz/fresh.bin", hours=2)
    assert "the file test/zz/fresh.bin has no row" in files_and_rows_differ(db.session(), utcnow())
    delete_bytes("test/zz/fresh.bin")
