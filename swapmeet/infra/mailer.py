"""Delivers composed mails: by SMTP, or as .eml files in a folder (development, and tests from outside)."""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import Composer, Mail, MailState, OutboxMessage
from swapmeet.infra.uow import end_reading

SMTP_TIMEOUT_S = 30
DOT_BEFORE_WORD = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2,})")


class Mailer(Protocol):
    def deliver(self, message: EmailMessage) -> None: ...


class FileMailer:
    """Writes each mail as a file named by its Message-ID, so a repeat overwrites instead of doubling."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "".join(ch if ch.isalnum() or ch in ".-" else "_" for ch in str(message["Message-ID"]).strip("<>"))
        partial = self.folder / f".{name}.part"
        partial.write_bytes(message.as_bytes(policy=SMTP))
        os.replace(partial, self.folder / f"{name}.eml")


class SmtpMailer:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def deliver(self, message: EmailMessage) -> None:
        settings = self.settings
        opener = smtplib.SMTP_SSL if settings.smtp_tls == "tls" else smtplib.SMTP
        with opener(settings.smtp_host, settings.smtp_port, timeout=SMTP_TIMEOUT_S) as smtp:
            if settings.smtp_tls == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                smtp.login(settings.smtp_user, settings.smtp_password)
            smtp.send_message(message)


def mailer_for(settings: Settings) -> Mailer:
    return SmtpMailer(settings) if settings.mail_backend == "smtp" else FileMailer(settings.mail_folder)


def one_line(text: str, limit: int = 300) -> str:
    """User text for a header: control characters become spaces, so no header can be added."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())[:limit]


def unlinked(text: str) -> str:
    """What somebody typed, on one line and so that no mail program makes a link of it."""
    return DOT_BEFORE_WORD.sub(". ", one_line(text, 120).replace("://", ": //").replace("@", " at "))


def build_message(settings: Settings, row: OutboxMessage, mail: Mail, *, at: datetime) -> EmailMessage:
    """The MIME message with a Message-ID fixed by the row: sent twice, it is still one mail."""
    sender_name, sender_address = parseaddr(settings.mail_from)
    domain = urlsplit(settings.public_url).hostname or "localhost"
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(mail.subject)
    message["From"] = Address(display_name=one_line(sender_name), addr_spec=sender_address or "no-reply@localhost")
    message["To"] = Address(addr_spec=row.to_address)
    message["Message-ID"] = f"<outbox-{row.id}-{row.created_at:%Y%m%d%H%M%S}@{domain}>"
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        message[name] = one_line(value)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for picture_id, content_type, content in mail.pictures:
        maintype, _, subtype = content_type.partition("/")
        html_part: Any = message.get_payload(1)
        html_part.add_related(content, maintype=maintype, subtype=subtype, cid=f"<{picture_id}>")
    for name, content_type, content in mail.attachments:
        maintype, _, subtype = content_type.partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=one_line(name, 100))
    return message


def prepare_mail(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Compose and deliver, outside any write transaction. Returns what `mark_sent` writes."""
    row = db.session.get(OutboxMessage, int(payload["message_id"]))
    if row is None or row.state is not MailState.QUEUED:
        return {"skipped": True}
    composers: Mapping[str, Composer] = current_app.extensions["swapmeet_registry"].composers
    settings: Settings = current_app.extensions["swapmeet_settings"]
    with current_app.test_request_context(base_url=settings.public_url):  # so that links carry the public address
        mail = composers[row.kind](db.session(), row.payload)
    if mail is None:
        return {"dropped": True}
    message = build_message(settings, row, mail, at=utcnow())
    end_reading()
    mailer: Mailer = current_app.extensions["swapmeet_mailer"]
    mailer.deliver(message)
    return {"message_id": str(message["Message-ID"]), "subject": str(message["Subject"])}


def mark_sent(db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Mapping[str, Any]) -> None:
    """Write the outcome of `prepare_mail`, in the transaction that ends the job."""
    row = db_session.get(OutboxMessage, int(payload["message_id"]))
    if row is None or prepared.get("skipped"):
        return
    if prepared.get("dropped"):
        row.state = MailState.DROPPED
        return
    row.state = MailState.SENT
    row.sent_at = now
    row.message_id = prepared["message_id"]
    row.subject = prepared["subject"][:300]
