"""What orders brings to the whole: its blueprints, and its part of every extension point."""

from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.infra import documents, idempotency
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import NavEntry, Registry
from swapmeet.orders import doctor, mail, panels, receipt_pdf
from swapmeet.orders.manage import bp as manage_blueprint
from swapmeet.orders.manage import money as manage_money
from swapmeet.orders.manage import orders as manage_orders
from swapmeet.orders.personal import OrdersData
from swapmeet.orders.services import closing
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.views import bp, carts, checkout, orders
from swapmeet.orders.views.documents import bp as documents_blueprint

BLUEPRINTS: list[Blueprint] = [bp, manage_blueprint, documents_blueprint]
VIEWS = (carts, checkout, orders, manage_orders, manage_money)  # importing them puts their views on the blueprint

SWEEP_EVERY_S = 30.0
TIDY_EVERY_S = 3600.0


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.navigation += [
        NavEntry("account.side", 20, "My orders", "orders.my_orders", "receipt"),
        NavEntry("manage.side", 55, "Orders", "orders_manage.list_orders", "receipt", Permission.ORDERS_VIEW),
        NavEntry("manage.side", 90, "Money", "orders_manage.money", "money", Permission.MONEY_VIEW),
    ]
    registry.doctor += doctor.QUERIES
    registry.personal_data.append(OrdersData())
    registry.jobs[closing.CANCEL_JOB] = Handler(run=closing.cancel_some)
    registry.jobs[documents.JOB] = Handler(run=documents.keep, prepare=documents.prepare, heavy=True)
    registry.jobs[documents.FORGET_JOB] = Handler(run=documents.forget_old, heavy=True)
    registry.documents[receipt_pdf.KIND] = receipt_pdf.DOCUMENT
    registry.cancel_steps.append(closing.start_canceling)
    registry.cancel_previews.append(closing.preview_canceling)
    registry.periodic += [
        (SWEEP_EVERY_S, "sweep carts", sweep_carts),
        (SWEEP_EVERY_S, "sweep unpaid orders", sweep_unpaid),
        (TIDY_EVERY_S, "tidy idempotency keys", idempotency.forget_old),
        (TIDY_EVERY_S, "tidy documents", documents.ask_to_forget),
    ]
    mail.register(registry)
    panels.register(registry)


def sweep_carts(db_session: Session, *, now: datetime) -> None:
    sweep_expired(db_session, now=now)


def sweep_unpaid(db_session: Session, *, now: datetime) -> None:
    closing.sweep_unpaid(db_session, now=now)
