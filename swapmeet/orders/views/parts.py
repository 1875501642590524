"""The buyer gives back a part of an order: choose, look at the sum, confirm."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.events.models import EventState
from swapmeet.infra import idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, lock
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.forms import GiveBackPartForm, minor_of
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.models import Order
from swapmeet.orders.order_view import view_of
from swapmeet.orders.part_pages import Item, chosen, list_items
from swapmeet.orders.pieces import read_tokens
from swapmeet.orders.queries import get_order_by_link
from swapmeet.orders.services import giving_back
from swapmeet.orders.services.parts import PartPreview
from swapmeet.orders.views import bp
from swapmeet.orders.views.carts import own_address
from swapmeet.web.access import actor, by_link
from swapmeet.web.filters import price


@bp.route("/orders/<code>/<key>/parts", methods=["GET", "POST"])
@by_link
def give_back_part(code: str, key: str) -> ResponseReturnValue:
    """People and things of the order to choose from, then the sum, then it is done."""
    form = GiveBackPartForm()
    if not form.validate_on_submit() or form.again.data:
        return _page(code, key, form), 422 if form.errors else 200
    try:
        if not form.seen_back.data:
            return _page(code, key, form, _preview(code, key, form))
        is_mailed = may_mail(get_order_by_link(db.session(), code=code, key=key).buyer_email, own=own_address())
        attempt(lambda db_session: _give_back(db_session, code, key, form, is_mailed=is_mailed))
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return _page(code, key, form), 409
    flash("It is given back. The rest of your order stands.", "ok")
    return redirect(url_for("orders.show_order", code=code, key=key), 303)


def _preview(code: str, key: str, form: GiveBackPartForm) -> PartPreview:
    order = get_order_by_link(db.session(), code=code, key=key)
    whole, some = read_tokens(form.lines.data or [])
    return giving_back.preview_giving_back(
        db.session(), event=order.event, order=order, line_ids=whole, some=some, now=utcnow()
    )


def _give_back(db_session: Session, code: str, key: str, form: GiveBackPartForm, *, is_mailed: bool) -> None:
    """Once per key of the form, however often it is sent."""
    order = get_order_by_link(db_session, code=code, key=key)
    lock(db_session, order)
    tokens, now = form.lines.data or [], utcnow()
    scope, content = f"part:{order.id}", f"{' '.join(sorted(tokens))} {form.seen_back.data}"
    if idempotency.find_answer(db_session, scope=scope, key=form.key.data, content=content) is not None:
        return
    whole, some = read_tokens(tokens)
    done = giving_back.give_back_part(
        db_session,
        event=order.event,
        order=order,
        line_ids=whole,
        some=some,
        seen_back_minor=minor_of(form.seen_back.data),
        reason=form.reason.data or "",
        is_mailed=is_mailed,
        by=actor(),
        now=now,
    )
    answer = str(done.back_minor)
    idempotency.keep_answer(db_session, scope=scope, key=form.key.data, content=content, answer=answer, now=now)


def _page(code: str, key: str, form: GiveBackPartForm, preview: PartPreview | None = None) -> str:
    """What there is to choose from, or (`preview`) what was chosen and its sum."""
    end_reading()
    db_session = db.session()
    order = get_order_by_link(db_session, code=code, key=key)
    view = view_of(db_session, order, order.event)
    items = list_items(db_session, event=order.event, order=order, now=utcnow()) if view.is_open else []
    is_paid = view.sums.captured > 0
    form.lines.choices = [(item.token, _label(order, item, is_paid)) for item in items if item.is_free_to_go]
    form.seen_back.data = "" if preview is None else str(preview.back_minor)
    form.seen_back.raw_data = None
    return render_template(
        "orders/give_back.html",
        order=order,
        event=order.event,
        view=view,
        form=form,
        items=items,
        chosen=[(item, _comes_back(order, item, is_paid)) for item in chosen(items, form.lines.data or [])],
        preview=preview,
        veto=giving_back.veto_of(db_session, order),
        fee_minor=max((item.terms.fee_minor for item in items if item.price_minor and item.terms.percent), default=0),
    )


def _label(order: Order, item: Item, is_paid: bool) -> str:
    sum_ = price(item.price_minor, order.currency, order.event.locale)
    return ", ".join(filter(None, [item.label, sum_, _comes_back(order, item, is_paid)]))


def _comes_back(order: Order, item: Item, is_paid: bool) -> str:
    if not is_paid or not item.price_minor:
        return ""
    percent = 100 if order.event.state is EventState.CANCELED else item.terms.percent
    return {0: "nothing comes back", 100: "all of it comes back"}.get(percent, f"{percent} % comes back")
