"""The mails a test caused: runs the due jobs, remembers what was delivered."""

from email.message import EmailMessage

from flask import Flask

from swapmeet.cli.work import build_worker


class Mailbox:
    """A mailer in memory. `deliver_all()` does what is due and returns every mail so far, oldest first."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.messages: list[EmailMessage] = []
        app.extensions["swapmeet_mailer"] = self

    def deliver(self, message: EmailMessage) -> None:
        self.messages.append(message)

    def deliver_all(self) -> list[EmailMessage]:
        build_worker(self.app).drain()
        return self.messages

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.deliver_all() if address in str(message["To"])]

    @staticmethod
    def text(message: EmailMessage) -> str:
        part = message.get_body(("plain",))
        return part.get_content() if part else ""
