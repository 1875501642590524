"""What orders brings to the whole: its blueprints, and its part of every extension point."""

from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.accounts.security import csrf
from swapmeet.events.models import Event
from swapmeet.infra import documents, idempotency
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, NavEntry, Registry, StatementKind
from swapmeet.orders import demo, doctor, mail, panels, receipt_pdf, statement_pdf
from swapmeet.orders.announcements import rules, sending
from swapmeet.orders.announcements.personal import NewsData
from swapmeet.orders.manage import bp as manage_blueprint
from swapmeet.orders.manage import instalments as manage_instalments
from swapmeet.orders.manage import money as manage_money
from swapmeet.orders.manage import news as manage_news
from swapmeet.orders.manage import orders as manage_orders
from swapmeet.orders.manage import parts as manage_parts
from swapmeet.orders.manage import rules as manage_rules
from swapmeet.orders.manage import simulator as manage_simulator
from swapmeet.orders.manage import statements as manage_statements
from swapmeet.orders.manage import texts as manage_texts
from swapmeet.orders.manage import vouchers as manage_vouchers
from swapmeet.orders.manage import waiting as manage_waiting
from swapmeet.orders.personal import OrdersData
from swapmeet.orders.services import closing, due_dates, instalments
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.texts.writing import copy_texts
from swapmeet.orders.views import bp, carts, checkout, news, orders, parts, vouchers, waiting
from swapmeet.orders.views.documents import bp as documents_blueprint
from swapmeet.orders.vouchers import doctor as voucher_doctor
from swapmeet.orders.vouchers import mail as voucher_mail
from swapmeet.orders.vouchers import making
from swapmeet.orders.vouchers.personal import VouchersData
from swapmeet.orders.waitlist import doctor as waiting_doctor
from swapmeet.orders.waitlist import mail as waiting_mail
from swapmeet.orders.waitlist.personal import WaitingData
from swapmeet.orders.waitlist.serving import serve_all

BLUEPRINTS: list[Blueprint] = [bp, manage_blueprint, documents_blueprint, news.hooks]
csrf.exempt(news.hooks)  # mail programs post there; the key in the address is the proof
VIEWS = (
    carts,
    checkout,
    orders,
    parts,
    waiting,
    vouchers,
    manage_orders,
    manage_money,
    manage_parts,
    manage_instalments,
    manage_news,
    manage_waiting,
    manage_vouchers,
    manage_simulator,
    manage_statements,
    manage_texts,
    manage_rules,
)  # importing them puts their views on the blueprint

SWEEP_EVERY_S = 30.0
SERVE_EVERY_S = 20.0  # what comes back is offered to the next in line within a minute
TIDY_EVERY_S = 3600.0
REMIND_EVERY_S = 600.0


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.navigation += [
        NavEntry("account.side", 20, "My orders", "orders.my_orders", "receipt"),
        NavEntry("manage.side", 55, "Orders", "orders_manage.list_orders", "receipt", Permission.ORDERS_VIEW),
        NavEntry("manage.side", 52, "Codes", "orders_manage.list_codes", "tag", Permission.TICKETS_EDIT),
        NavEntry("manage.side", 81, "Scheduled mails", "orders_manage.list_rules", "clock", Permission.ORDERS_EDIT),
        NavEntry("manage.side", 80, "Mail texts", "orders_manage.list_texts", "mail", Permission.EVENT_EDIT),
        NavEntry("manage.side", 57, "Waiting list", "orders_manage.list_waiting", "clock", Permission.ORDERS_VIEW),
        NavEntry("manage.side", 12, "Money", "orders_manage.money", "money", Permission.MONEY_VIEW),
    ]
    registry.navigation += [
        NavEntry("money.tabs", 10, "Overview", "orders_manage.money", "", Permission.MONEY_VIEW),
        NavEntry("money.tabs", 65, "Statements", "orders_manage.list_statements", "", Permission.MONEY_VIEW),
        NavEntry("money.tabs", 15, "Refunds", "orders_manage.list_refunds", "", Permission.MONEY_REFUND),
    ]
    registry.doctor += [*doctor.QUERIES, *waiting_doctor.QUERIES, *voucher_doctor.QUERIES]
    registry.personal_data += [OrdersData(), WaitingData(), VouchersData(), NewsData()]
    registry.demo.append(DemoStep(80, "waiting list and codes", demo.fill))
    registry.jobs[closing.CANCEL_JOB] = Handler(run=closing.cancel_some)
    registry.jobs[documents.JOB] = Handler(run=documents.keep, prepare=documents.prepare, heavy=True)
    registry.jobs[documents.FORGET_JOB] = Handler(run=documents.forget_old, heavy=True)
    registry.documents[receipt_pdf.KIND] = receipt_pdf.DOCUMENT
    registry.documents[statement_pdf.KIND] = statement_pdf.DOCUMENT
    registry.statements["organizer"] = StatementKind("Organizer", "Organizer", list_organizers)
    registry.import_steps.append(
        ImportStep(35, "instalments", instalments.KEYS, instalments.check_file, instalments.apply_file)
    )
    registry.clone_steps.append(CloneStep(35, instalments.copy_plan))
    registry.clone_steps.append(CloneStep(36, copy_texts))
    registry.cancel_steps.append(closing.start_canceling)
    registry.cancel_previews.append(closing.preview_canceling)
    registry.periodic += [
        (SWEEP_EVERY_S, "sweep carts", sweep_carts),
        (SWEEP_EVERY_S, "sweep unpaid orders", sweep_unpaid),
        (SERVE_EVERY_S, "serve waiting lists", serve_lines),
        (TIDY_EVERY_S, "tidy idempotency keys", idempotency.forget_old),
        (REMIND_EVERY_S, "remind of sums that are due", remind_due),
        (REMIND_EVERY_S, "send scheduled mails", send_scheduled),
        (TIDY_EVERY_S, "tidy documents", documents.ask_to_forget),
    ]
    mail.register(registry)
    waiting_mail.register(registry)
    voucher_mail.register(registry)
    sending.register(registry)
    registry.jobs[making.MAIL_JOB] = Handler(run=making.mail_some)
    panels.register(registry)


def list_organizers(db_session: Session, *, event: Event) -> list[tuple[int, str]]:
    """Who runs the show: all it sells is theirs."""
    return [(event.organizer_id, event.organizer.name)]


def sweep_carts(db_session: Session, *, now: datetime) -> None:
    sweep_expired(db_session, now=now)


def sweep_unpaid(db_session: Session, *, now: datetime) -> None:
    closing.sweep_unpaid(db_session, now=now)
    closing.lapse_late(db_session, now=now)


def remind_due(db_session: Session, *, now: datetime) -> None:
    due_dates.remind_due(db_session, now=now)


def send_scheduled(db_session: Session, *, now: datetime) -> None:
    rules.send_due(db_session, now=now)


def serve_lines(db_session: Session, *, now: datetime) -> None:
    serve_all(db_session, now=now)
