"""A person's own tickets, and tickets as a PDF."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.orders.queries import get_order_by_link
from swapmeet.registration import tickets
from swapmeet.web.access import by_link, signed_in
from swapmeet.web.security import limit

bp = Blueprint("registration", __name__)


@bp.get("/me/tickets")
@signed_in
def my_tickets() -> ResponseReturnValue:
    """Every ticket one holds or ordered, with its QR code, shows to come first."""
    shows = tickets.list_my_tickets(db.session(), person_id=current_user.id, now=utcnow())
    return render_template("registration/my_tickets.html", shows=shows)


@bp.post("/me/tickets/documents")
@signed_in
@limit("30 per hour")
def make_my_pdf() -> ResponseReturnValue:
    """One's tickets of one show as a PDF, made by a job; the page it leads to waits for it."""
    person_id = current_user.id
    slug = request.form.get("show", "").replace("\x00", "")[:80]
    with transaction() as db_session:
        event = get_public_event(db_session, slug)
        payload = {"person_id": person_id, "event_id": event.id, "name": event.slug}
        token = request_document(db_session, kind=tickets.KIND, payload=payload, now=utcnow(), event_id=event.id)
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.post("/orders/<code>/<key>/tickets")
@by_link
@limit("30 per hour")
def make_order_pdf(code: str, key: str) -> ResponseReturnValue:
    """The tickets of one order as a PDF, for whoever has the order's link."""
    with transaction() as db_session:
        order = get_order_by_link(db_session, code=code, key=key)
        payload = {"order_id": order.id, "event_id": order.event_id, "name": order.code}
        token = request_document(db_session, kind=tickets.KIND, payload=payload, now=utcnow(), event_id=order.event_id)
    return redirect(url_for("documents.show_document", token=token), 303)
