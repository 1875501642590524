"""A piece of news by mail: choose who gets it, see how many that are, send it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.events.queries import get_announcement
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.announcements.sending import EVERYBODY, count_addresses, segments, send_news
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage import bp
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural


@bp.get("/news/<int:announcement_id>/mail")
@requires(Permission.ORDERS_EDIT)
def mail_news(event: Event, announcement_id: int) -> ResponseReturnValue:
    """Who could get it; with `to`, how many that are."""
    return _page(event, announcement_id, request.args.get("to", EVERYBODY))


@bp.post("/news/<int:announcement_id>/mail")
@requires(Permission.ORDERS_EDIT)
def send_news_mail(event: Event, announcement_id: int) -> ResponseReturnValue:
    event_id, slug, to = event.id, event.slug, request.form.get("to", "")
    try:
        count = attempt(lambda db_session: _send(db_session, event_id, announcement_id, to))
    except DomainError as error:
        return _page(event, announcement_id, to, error.message), 422
    flash(f"On its way to {plural(count, 'address', 'addresses')}. Who has had this news already is left out.", "ok")
    return redirect(url_for("events_manage.list_news", slug=slug), 303)


def _send(db_session: Session, event_id: int, announcement_id: int, to: str) -> int:
    event = db_session.get_one(Event, event_id)
    news = get_announcement(db_session, event_id=event_id, announcement_id=announcement_id)
    return send_news(db_session, event=event, announcement=news, segment=to, by=actor(), now=utcnow())


def _page(event: Event, announcement_id: int, to: str, problem: str = "") -> str:
    db_session = db.session()
    news = get_announcement(db_session, event_id=event.id, announcement_id=announcement_id)
    groups = segments(db_session, event)
    chosen = to if to in [value for value, _ in groups] else EVERYBODY
    count = count_addresses(db_session, event, chosen)
    given = {"event": event, "news": news, "groups": groups, "chosen": chosen, "count": count, "problem": problem}
    return render_template("orders/manage_news.html", **given)
