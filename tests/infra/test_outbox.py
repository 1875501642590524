"""One mail per committed fact, with a Message-ID that does not change, and no header a user could add."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.mailer import build_message, one_line
from swapmeet.infra.outbox import Mail, MailState, OutboxMessage, queue_mail
from swapmeet.infra.uow import transaction


@pytest.fixture
def composed(app: Any) -> Any:
    composers = app.extensions["swapmeet_registry"].composers
    composers["test.fact"] = lambda db_session, payload: (
        Mail(payload["subject"], "Text", "<p>HTML</p>") if payload["subject"] else None
    )
    yield
    del composers["test.fact"]


def queue(subject: str = "Hello", fact: str = "fact:1") -> None:
    with transaction() as db_session:
        queue_mail(
            db_session,
            kind="test.fact",
            to="ann@example.org",
            payload={"subject": subject},
            fact_key=fact,
            now=utcnow(),
        )


def test_a_fact_is_told_once(composed: Any, mail: Any) -> None:
    queue()
    queue()
    assert [str(message["Subject"]) for message in mail.deliver_all()] == ["Hello"]
    assert len(mail.deliver_all()) == 1


def test_both_parts_are_there(composed: Any, mail: Any) -> None:
    queue()
    message = mail.deliver_all()[0]
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}


def test_a_fact_that_no_longer_stands_is_not_told(composed: Any, mail: Any) -> None:
    queue(subject="")
    assert mail.deliver_all() == []
    assert db.session.scalar(select(OutboxMessage.state)) is MailState.DROPPED


def test_a_repeat_has_the_same_message_id(composed: Any, app: Any) -> None:
    queue()
    row = db.session.scalar(select(OutboxMessage))
    settings = app.extensions["swapmeet_settings"]
    ids = {build_message(settings, row, Mail("a", "b", "c"), at=utcnow())["Message-ID"] for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize("evil", ["Hi\r\nBcc: x@example.org", "Hi\nBcc: x@example.org", "Hi\rBcc: x", "Hi\u2028Bcc: x"])
def test_r_t22_line_ends_add_no_header(composed: Any, mail: Any, evil: str) -> None:
    queue(subject=evil)
    message = mail.deliver_all()[0]
    assert message["Bcc"] is None and b"\nBcc:" not in message.as_bytes()
    assert "\n" not in one_line(evil)


def test_a_mail_server_that_is_away_delays_and_loses_nothing(
    composed: Any, mail: Any, clock: Any, monkeypatch: Any
) -> None:
    queue()
    deliver = mail.deliver

    def refuse(message: Any) -> None:
        raise ConnectionRefusedError("away")

    mail.deliver = refuse
    assert mail.deliver_all() == []
    mail.deliver = deliver
    clock.advance(minutes=10)
    assert len(mail.deliver_all()) == 1
