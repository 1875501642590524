"""This feature's parts of the organizer's overview: money, orders and money by day, what waits."""

from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import Panel, Registry, Waiting
from swapmeet.orders import books
from swapmeet.orders.mail_log import load_panel
from swapmeet.orders.models import Order, OrderState, Refund, RefundState
from swapmeet.web.filters import money, plural, short_day

CHART_DAYS = 14


def register(registry: Registry) -> None:
    registry.panels.append(Panel("manage.order", 80, "orders/_manage_mails.html", load_panel, Permission.ORDERS_VIEW))
    registry.panels += [
        Panel("manage.numbers", 10, "orders/_numbers.html", load_orders, Permission.ORDERS_VIEW),
        Panel("manage.numbers", 20, "orders/_money_numbers.html", load_money, Permission.MONEY_VIEW),
        Panel("manage.charts", 40, "orders/_money_chart.html", load_money_chart, Permission.MONEY_VIEW),
    ]
    registry.waiting += [
        (Permission.ORDERS_VIEW, list_overdue),
        (Permission.MONEY_REFUND, list_refunds),
    ]


def load_orders(db_session: Session, event: Event, now: datetime) -> dict[str, Any]:
    """How many orders stand in which state."""
    rows = db_session.execute(select(Order.state, func.count()).where(Order.event_id == event.id).group_by(Order.state))
    counts = {row[0].value: int(row[1]) for row in rows}
    return {"placed": counts.get("placed", 0), "confirmed": counts.get("confirmed", 0)}


def load_money(db_session: Session, event: Event, now: datetime) -> dict[str, Any]:
    return {"books": books.read_books(db_session, event)}


def load_money_chart(db_session: Session, event: Event, now: datetime) -> dict[str, Any]:
    days = books.sum_money_by_day(db_session, event, now=now, days=CHART_DAYS)
    points = [(short_day(day, event.locale), sum_, money(sum_, event.currency, event.locale)) for day, sum_ in days]
    return {"points": points if any(sum_ for _, sum_ in days) else []}


def list_overdue(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Orders whose due date has passed with part of the money, or within the grace."""
    late = select(func.count()).where(Order.event_id == event.id, Order.state == OrderState.PLACED, Order.due_at <= now)
    count = db_session.scalar(late) or 0
    if not count:
        return []
    url = url_for("orders_manage.list_orders", slug=event.slug, state="overdue")
    return [
        Waiting(
            f"{plural(count, 'order is', 'orders are')} past the due date",
            "Without any money they end by themselves half a day later.",
            "Look at them",
            url,
        )
    ]


def list_refunds(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Refunds that wait for the treasurer."""
    asked = select(func.count(), func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.event_id == event.id, Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED))
    )
    count, total = db_session.execute(asked).one()
    if not count:
        return []
    words = f"{plural(count, 'refund waits', 'refunds wait')} to be sent"
    detail = f"{money(int(total), event.currency, event.locale)} in all."
    return [Waiting(words, detail, "Send refunds", url_for("orders_manage.list_refunds", slug=event.slug))]
