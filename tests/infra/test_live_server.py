"""A live installation answers, keeps one clock for all its processes, sends its mail, and survives the loss of a web worker."""

import os
import signal
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from http.client import HTTPException

import pytest

from tests.support.live_server import LiveServer
from tests.support.smtp_sink import SmtpSink


def test_a_live_installation_answers_and_outlives_a_killed_web_worker(live_server: Callable[..., LiveServer]) -> None:
    server = live_server(web_workers=1)
    assert server.http().get("/readyz").json == {"status": "ready"}
    [first] = server.web_workers()
    os.kill(first, signal.SIGKILL)
    assert _answers_again(server)
    assert first not in server.web_workers()


def _answers_again(server: LiveServer) -> bool:
    for _ in range(100):
        with suppress(OSError, HTTPException):
            if server.http().get("/readyz").status == 200:
                return True
        time.sleep(0.1)
    return False


def test_pages_of_a_live_installation_carry_a_token_and_its_commands_run(
    live_server: Callable[..., LiveServer],
) -> None:
    server = live_server(with_worker=False)
    server.set_clock(datetime(2027, 3, 1, 9, tzinfo=UTC))
    visitor = server.http()
    assert visitor.get("/styleguide").status == 200
    assert visitor.token
    assert visitor.post("/scheme", {"scheme": "dark", "next": "/styleguide"}).location.endswith("/styleguide")
    assert 'data-scheme="dark"' in visitor.get("/styleguide").text
    assert server.run("worker", "--once").stdout == "0 jobs done\n"


def test_the_mail_sink_keeps_what_it_is_sent(smtp: SmtpSink) -> None:
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = "ann@example.org", "shows@example.org", "Your table ✓"
    message.set_content("See you there")
    smtp.refuse(1)
    with smtplib.SMTP(smtp.host, smtp.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="Try again later"):
            client.send_message(message)
        client.send_message(message)
    assert [str(mail["Subject"]) for mail in smtp.to("ann")] == ["Your table ✓"]
