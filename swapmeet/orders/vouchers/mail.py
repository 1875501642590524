"""The mail with a code."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.infra.registry import Registry
from swapmeet.orders.vouchers.models import Voucher
from swapmeet.orders.vouchers.pages import effect_words, products_of, scope_words


def register(to: Registry) -> None:
    to.composers["vouchers.code"] = compose


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """None for a code that was taken back meanwhile."""
    voucher = db_session.get(Voucher, int(payload["voucher_id"]))
    if voucher is None or voucher.off_at is not None:
        return None
    event = db_session.get_one(Event, voucher.event_id)
    values = {
        "voucher": voucher,
        "effect": effect_words(voucher, event),
        "scope": scope_words(voucher, products_of(db_session, event)),
        "link": url_for("orders.show_code", slug=event.slug, code=voucher.code, _external=True),
    }
    return mail_of_show(
        event,
        subject=f"A code for you · {event.name}",
        text="email/orders/voucher.txt",
        html="email/orders/voucher.html",
        values=values,
    )
