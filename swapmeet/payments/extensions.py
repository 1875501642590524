"""What payments brings to the whole: its blueprint, and its part of every extension point."""

from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.accounts.security import csrf
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import DemoStep, NavEntry, Panel, Registry
from swapmeet.infra.signals import order_priced, order_released
from swapmeet.payments import card_views, demo, doctor, invoice_pdf, jobs, mail, panels, queries, views
from swapmeet.payments.manage import bp as manage_blueprint
from swapmeet.payments.manage import credits, deposits, papers, statements
from swapmeet.payments.personal import InvoicesData, PaymentsData
from swapmeet.payments.services import cards, invoicing, pay_later

BLUEPRINTS: list[Blueprint] = [manage_blueprint, views.bp, card_views.bp, card_views.hooks]
csrf.exempt(card_views.hooks)  # only signed messages, see stripe_message
LOOK_UP_EVERY_S = 60.0
REMIND_EVERY_S = 600.0
VIEWS = (statements, deposits, credits, papers)  # importing them puts their views on the blueprint


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.navigation += [
        NavEntry("money.tabs", 20, "Bank statements", "payments_manage.list_statements", "", Permission.MONEY_RECORD),
        NavEntry("money.tabs", 60, "Invoices", "payments_manage.list_invoices", "", Permission.MONEY_VIEW),
        NavEntry("money.tabs", 70, "Taxes", "payments_manage.edit_taxes", "", Permission.EVENT_EDIT),
        NavEntry("money.tabs", 40, "Deposits", "payments_manage.list_deposits", "", Permission.MONEY_RECORD),
        NavEntry("money.tabs", 50, "Credits", "payments_manage.list_credits", "", Permission.MONEY_VIEW),
        NavEntry("money.tabs", 30, "Bank lines", "payments_manage.list_lines", "", Permission.MONEY_RECORD),
    ]
    registry.panels.append(Panel("order.more", 90, "payments/_credit_panel.html", views.load_credit_panel))
    registry.panels.append(Panel("order.main", 5, "payments/_card_panel.html", card_views.load_card_panel))
    registry.refund_notes.append(queries.list_refund_notes)
    registry.panels.append(Panel("order.more", 95, "payments/_invoice_panel.html", views.load_invoice_panel))
    registry.documents[pay_later.PAPER] = invoice_pdf.DOCUMENT
    order_released.connect(invoicing.note_released)
    order_priced.connect(pay_later.note_priced)
    registry.pay_methods += [card_views.methods, pay_later.methods]
    registry.known_buyers.append(pay_later.is_club)
    registry.mail_files.append(pay_later.papers_of_mail)
    registry.demo.append(DemoStep(85, "orders on invoice", demo.fill))
    registry.composers["payments.credit"] = mail.compose_credit
    registry.composers["payments.late"] = mail.compose_late
    registry.jobs[cards.REFUND_JOB] = Handler(run=jobs.keep_refund, prepare=jobs.ask_refund)
    registry.jobs[cards.LOOK_UP_JOB] = Handler(run=jobs.keep_look_up, prepare=jobs.look_up)
    registry.periodic.append((LOOK_UP_EVERY_S, "ask for look-ups of cards", cards.ask_for_look_ups))
    registry.periodic.append((REMIND_EVERY_S, "remind of invoices", remind))
    registry.waiting.append((Permission.MONEY_RECORD, panels.list_bank_lines))
    registry.doctor += doctor.QUERIES
    registry.personal_data += [PaymentsData(), InvoicesData()]


def remind(db_session: Session, *, now: datetime) -> None:
    pay_later.remind(db_session, now=now)
