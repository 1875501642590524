"""Ending news by mail, and wanting it again. The link in the mail opens a page; a mail program may end it by itself."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.orders.announcements.sending import choose_news, get_order_by_news_key, is_out
from swapmeet.orders.attempts import attempt
from swapmeet.orders.views import bp
from swapmeet.web.access import by_link

hooks = Blueprint("news_hooks", __name__)


@bp.get("/news/<code>/<key>")
@by_link
def news_wanted(code: str, key: str) -> ResponseReturnValue:
    """Whether news come, and the button to change that."""
    order = get_order_by_news_key(db.session(), code=code, key=key)
    stopped = is_out(db.session(), order)
    return render_template("orders/news.html", order=order, event=order.event, key=key, is_stopped=stopped)


@bp.post("/news/<code>/<key>")
@by_link
def choose_news_mail(code: str, key: str) -> ResponseReturnValue:
    is_wanted = request.form.get("wanted") == "yes"
    _choose(code, key, is_wanted)
    flash("News come by mail again." if is_wanted else "No more news by mail.", "ok")
    return redirect(url_for("orders.news_wanted", code=code, key=key), 303)


@hooks.post("/news/<code>/<key>/stop")
@by_link
def stop(code: str, key: str) -> ResponseReturnValue:
    """The mail program's own button (RFC 8058). The key in the address is the proof, so no form of ours comes before it."""
    _choose(code, key, False)
    return "No more news by mail.", 200, {"Content-Type": "text/plain; charset=utf-8"}


@hooks.get("/news/<code>/<key>/stop")
@by_link
def ask_first(code: str, key: str) -> ResponseReturnValue:
    """For mail programs that open the address in a browser instead: looking ends nothing, the page has the button."""
    get_order_by_news_key(db.session(), code=code, key=key)
    return redirect(url_for("orders.news_wanted", code=code, key=key), 303)


def _choose(code: str, key: str, is_wanted: bool) -> None:
    attempt(
        lambda db_session: choose_news(
            db_session,
            order=get_order_by_news_key(db_session, code=code, key=key),
            is_wanted=is_wanted,
            now=utcnow(),
        )
    )
