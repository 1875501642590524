"""A mail server on 127.0.0.1 that keeps what it is sent."""

import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port


class SmtpSink:
    """`messages` in the order of arrival; `refuse(n)` answers the next n with a temporary error."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self._refusals = 0
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname=self.host, port=self.port)

    def refuse(self, count: int) -> None:
        self._refusals = count

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if address in str(message["To"])]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd for each mail."""
        with self._lock:
            if self._refusals:
                self._refusals -= 1
                return "451 Try again later"
            content = envelope.original_content or b""
            parsed: Any = message_from_bytes(content, policy=default)
            self.messages.append(parsed)
        return "250 Message accepted"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
