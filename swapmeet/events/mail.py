"""Mails about a show: as text and as a page, and whoever answers reaches the show."""

from collections.abc import Sequence
from typing import Any

from flask import render_template

from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail


def mail_of_show(
    event: Event,
    *,
    subject: str,
    text: str,
    html: str,
    values: dict[str, Any],
    pictures: Sequence[Any] = (),
    attachments: Sequence[Any] = (),
) -> Mail:
    """`text` and `html` are templates; both get `values`, the show as `event`, and the subject."""
    given = {"event": event, "subject": subject, **values}
    return Mail(
        subject=subject,
        text=render_template(text, **given),
        html=render_template(html, **given),
        pictures=list(pictures),
        attachments=list(attachments),
        headers={"Reply-To": event.contact_email} if event.contact_email else {},
    )
