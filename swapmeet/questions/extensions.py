"""What questions bring to the whole: their blueprints, and their part of every extension point."""

from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, NavEntry, Panel, Registry
from swapmeet.infra.signals import line_divided, ticket_passed_on
from swapmeet.questions import (
    at_door,
    cloning,
    demo,
    doctor,
    exports,
    manage,
    manage_answers,
    panels,
    reminding,
    services,
    showfile,
    views,
)
from swapmeet.questions.asking import CheckoutQuestions, questions_for_vendors
from swapmeet.questions.personal import AnswersData

BLUEPRINTS: list[Blueprint] = [views.bp, manage.bp, manage_answers.bp]
PURGE_EVERY_S = 3600.0


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    ticket_passed_on.connect(services.forget_seat)
    line_divided.connect(services.follow_division)
    registry.checkout_parts.append(CheckoutQuestions())
    registry.vendor_questions.append(questions_for_vendors)
    registry.door_questions.append(at_door.sheet_of)
    registry.panels += [
        Panel("order.more", 20, "questions/_order.html", panels.load_own),
        Panel("badge.main", 10, "questions/_order.html", panels.load_for_holder),
        Panel("manage.order", 10, "questions/_manage_order.html", panels.load_for_team),
        Panel("manage.entered", 10, "questions/_manage_entered.html", panels.load_entered, Permission.ORDERS_EDIT),
        Panel("manage.attendee", 10, "questions/_manage_order.html", panels.load_of_attendee),
    ]
    registry.navigation.append(
        NavEntry("manage.side", 51, "Questions", "questions_manage.list_questions", "help", Permission.TICKETS_EDIT)
    )
    registry.order_columns.append(exports.order_columns)
    registry.attendee_columns.append(exports.attendee_columns)
    registry.import_steps.append(ImportStep(40, "questions", showfile.KEYS, showfile.check, showfile.apply))
    registry.clone_steps.append(CloneStep(35, cloning.copy))
    registry.doctor += doctor.QUERIES
    registry.demo.append(DemoStep(44, "questions for vendors", demo.ask_vendors))
    registry.demo.append(DemoStep(85, "questions", demo.fill))
    registry.personal_data.append(AnswersData())
    registry.composers[reminding.KIND] = reminding.compose
    registry.jobs[reminding.JOB] = Handler(run=reminding.remind_some)
    registry.periodic.append((PURGE_EVERY_S, "remind of answers that are missing", reminding.ask_to_remind))
    registry.periodic.append((PURGE_EVERY_S, "delete answers about health", purge))


def purge(db_session: Session, *, now: datetime) -> None:
    services.purge_health(db_session, now=now)
