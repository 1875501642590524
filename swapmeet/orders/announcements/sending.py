"""Sending a piece of news: who gets it, the mail itself, and the link that ends such mails."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Announcement, Event
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.jobs import Handler, enqueue
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.infra.registry import Registry
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, NotFound
from swapmeet.orders.announcements.models import NewsOptOut
from swapmeet.orders.links import link_key
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState
from swapmeet.orders.vouchers.pages import products_of

JOB, MAIL = "news.mail_some", "orders.news"
AT_ONCE = 200  # mails queued in one transaction
EVERYBODY, UNPAID = "all", "unpaid"
BY_PRODUCT = ("seat", "ticket")  # kinds whose lines name the product itself


def register(to: Registry) -> None:
    to.composers[MAIL] = compose
    to.jobs[JOB] = Handler(run=mail_some)


def segments(db_session: Session, event: Event) -> list[tuple[str, str]]:
    """(value, words) of everybody news can be sent to."""
    things = [each for each in products_of(db_session, event) if each.kind in BY_PRODUCT]
    return [
        (EVERYBODY, "Everybody with an order"),
        (UNPAID, "Those whose order is not paid yet"),
        *((f"{each.kind}-{each.group_id}", f"Those with: {each.title}") for each in things),
    ]


def _addresses(event: Event, segment: str) -> Any:
    """Each address of the segment once, with an order of it, those that want no news left out."""
    wanted = select(Order.buyer_email, func.min(Order.id).label("order_id")).where(
        Order.event_id == event.id, Order.state.in_(OPEN_STATES), Order.buyer_email != ""
    )
    if segment == UNPAID:
        wanted = wanted.where(Order.state == OrderState.PLACED)
    elif segment != EVERYBODY:
        kind, _, product_id = segment.partition("-")
        has_it = exists().where(
            OrderLine.order_id == Order.id,
            OrderLine.kind == kind,
            OrderLine.product_id == int(product_id),
            OrderLine.released_at.is_(None),
        )
        wanted = wanted.where(has_it)
    is_out = exists().where(NewsOptOut.organizer_id == event.organizer_id, NewsOptOut.email == Order.buyer_email)
    return wanted.where(~is_out).group_by(Order.buyer_email)


def count_addresses(db_session: Session, event: Event, segment: str) -> int:
    return db_session.scalar(select(func.count()).select_from(_addresses(event, segment).subquery())) or 0


def list_names(db_session: Session, event: Event, segment: str, limit: int) -> list[tuple[str, str]]:
    """(name, address) of who would get it now, by address."""
    found = _addresses(event, segment).subquery()
    wanted = select(Order.buyer_name, Order.buyer_email).join(found, found.c.order_id == Order.id)
    return [(name, email) for name, email in db_session.execute(wanted.order_by(Order.buyer_email).limit(limit))]


def send_news(
    db_session: Session, *, event: Event, announcement: Announcement, segment: str, by: Actor, now: datetime
) -> int:
    """Mail it to the segment, some in each transaction of a job. Nobody gets the same news twice. Returns how many are meant.

    Raises Invalid for a segment that the show does not have, and for one in which there is nobody.
    """
    if segment not in [value for value, _ in segments(db_session, event)]:
        raise Invalid("Choose who gets it.", field="to")
    count = count_addresses(db_session, event, segment)
    if not count:
        raise Invalid("There is nobody in this group.", field="to")
    payload = {"announcement_id": announcement.id, "event_id": event.id, "segment": segment, "after": ""}
    enqueue(db_session, JOB, payload, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="announcement.mailed",
        subject=announcement,
        event_id=event.id,
        to=segment,
        count=count,
    )
    return count


def mail_some(db_session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Queue some of the mails, in the order of the addresses; asks for the next round while there are more."""
    event = db_session.get_one(Event, int(payload["event_id"]))
    news_id, after = int(payload["announcement_id"]), str(payload["after"])
    wanted = _addresses(event, str(payload["segment"])).having(Order.buyer_email > after)
    rows = db_session.execute(wanted.order_by(Order.buyer_email).limit(AT_ONCE)).all()
    for email, order_id in rows:
        queue_mail(
            db_session,
            kind=MAIL,
            to=email,
            payload={"announcement_id": news_id, "order_id": order_id},
            fact_key=f"news:{news_id}:{codes.digest(email)}",
            now=now,
            event_id=event.id,
        )
    if len(rows) == AT_ONCE:
        enqueue(db_session, JOB, {**payload, "after": rows[-1].buyer_email}, now=now)


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """None where the news was taken off, the address has no open order any more, or it wants no news by now."""
    news = db_session.get(Announcement, int(payload["announcement_id"]))
    order = db_session.get(
        Order, int(payload["order_id"]), options=[joinedload(Order.event).joinedload(Event.organizer)]
    )
    if news is None or order is None or not order.buyer_email or is_out(db_session, order):
        return None
    still = select(Order.id).where(
        Order.event_id == order.event_id, Order.buyer_email == order.buyer_email, Order.state.in_(OPEN_STATES)
    )
    if db_session.scalar(still.limit(1)) is None:
        return None
    event, key = order.event, news_key(order)
    values = {
        "news": news,
        "link": url_for("events.show_event", slug=event.slug, _external=True),
        "stop_link": url_for("orders.news_wanted", code=order.code, key=key, _external=True),
    }
    mail = mail_of_show(
        event,
        subject=f"{news.title} · {event.name}",
        text="email/orders/news.txt",
        html="email/orders/news.html",
        values=values,
    )
    one_click = url_for("news_hooks.stop", code=order.code, key=key, _external=True)
    mail.headers.update({"List-Unsubscribe": f"<{one_click}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    return mail


def news_key(order: Order) -> str:
    """The secret of the link that ends news to the order's address. It opens nothing else."""
    return link_key(f"news {order.code}", order.link_seal or "")


def get_order_by_news_key(db_session: Session, *, code: str, key: str) -> Order:
    """Raises NotFound, the same for a wrong code and a wrong key."""
    order = db_session.scalar(select(Order).where(Order.code == code[:16])) if code.isprintable() else None
    known = news_key(order) if order is not None and order.link_seal else None
    if not codes.is_key(key, known) or order is None or not order.buyer_email:
        raise NotFound("There is nothing at this address. Open it with the link in your mail.")
    return order


def is_out(db_session: Session, order: Order) -> bool:
    return db_session.get(NewsOptOut, (order.event.organizer_id, order.buyer_email)) is not None


def choose_news(db_session: Session, *, order: Order, is_wanted: bool, now: datetime) -> None:
    """News of this organizer's shows to the order's address, or none any more. Doing it twice changes nothing."""
    row = db_session.get(NewsOptOut, (order.event.organizer_id, order.buyer_email))
    if is_wanted == (row is None):
        return
    if row is None:
        db_session.add(NewsOptOut(organizer_id=order.event.organizer_id, email=order.buyer_email, created_at=now))
    else:
        db_session.delete(row)
    verb = "news.wanted" if is_wanted else "news.stopped"
    record(db_session, now=now, by=Actor.guest("buyer"), verb=verb, subject=order)
    db_session.flush()
