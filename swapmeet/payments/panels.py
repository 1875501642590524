"""What of payments waits for somebody, on the organizer's overview."""

from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import Waiting
from swapmeet.payments import queries
from swapmeet.web.filters import plural


def list_bank_lines(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Bank lines that nobody has decided on."""
    count = queries.count_open_lines(db_session, event_id=event.id)
    if not count:
        return []
    return [
        Waiting(
            f"{plural(count, 'bank line waits', 'bank lines wait')} to be matched",
            "Money has come to the account, and no order has it yet.",
            "Match them",
            url_for("payments_manage.list_lines", slug=event.slug),
        )
    ]
