"""What buyers do about money on their order: spend a credit."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import ledger
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.queries import get_order_by_link
from swapmeet.payments.forms import SpendForm
from swapmeet.payments.models import Credit
from swapmeet.payments.services import credits
from swapmeet.web.access import actor, by_link
from swapmeet.web.filters import money
from swapmeet.web.security import limit

bp = Blueprint("payments", __name__)


def load_credit_panel(db_session: Session, order: Order, now: datetime) -> dict[str, Any] | None:
    """The field for a credit's code, where the order waits for money and the organizer has given credits."""
    if order.state is not OrderState.PLACED:
        return None
    given = exists().where(Credit.organizer_id == order.event.organizer_id, Credit.left_minor > 0)
    return {"spend": SpendForm()} if db_session.scalar(select(given)) else None


@bp.post("/orders/<code>/<key>/credit")
@by_link
@limit("20 per hour")
def spend_credit(code: str, key: str) -> ResponseReturnValue:
    """Pay with a credit; what it does not cover is still to be paid."""
    order = get_order_by_link(db.session(), code=code, key=key)
    form, currency, locale = SpendForm(), order.currency, order.event.locale
    if not form.validate_on_submit():
        flash("Write the code of the credit.", "warn")
        return redirect(url_for("orders.show_order", code=code, key=key), 303)
    try:
        paid, owed = attempt(lambda db_session: _spend(db_session, code, key, form.code.data or ""))
    except DomainError as error:
        flash(error.message, "warn")
    else:
        rest = f" {money(owed, currency, locale)} is still to be paid." if owed > 0 else ""
        flash(f"{money(paid, currency, locale)} is paid with your credit.{rest}", "ok")
    return redirect(url_for("orders.show_order", code=code, key=key), 303)


def _spend(db_session: Session, code: str, key: str, credit_code: str) -> tuple[int, int]:
    """(paid, still owed) in minor units."""
    order = get_order_by_link(db_session, code=code, key=key)
    payment = credits.spend_credit(
        db_session, event=order.event, order=order, code=credit_code, by=actor(), now=utcnow()
    )
    return payment.amount_minor, ledger.owed(db_session, order)
