"""What registration brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, NavEntry, Panel, Registry
from swapmeet.registration import (
    demo,
    doctor,
    holder_views,
    importing,
    mail,
    mailing,
    mailing_views,
    manage,
    manage_bundles,
    manage_choices,
    manage_members,
    manage_paper,
    overview,
    panels,
    passing,
    tickets,
    views,
)
from swapmeet.registration.dividing import TicketDivider
from swapmeet.registration.lists import doctor as lists_doctor
from swapmeet.registration.lists import jobs as lists_jobs
from swapmeet.registration.lists import manage as lists_manage
from swapmeet.registration.lists import services as lists
from swapmeet.registration.sellable import TicketSellable

BLUEPRINTS: list[Blueprint] = [
    views.bp,
    holder_views.bp,
    mailing_views.bp,
    manage.bp,
    manage_bundles.bp,
    manage_choices.bp,
    manage_members.bp,
    manage_paper.bp,
    lists_manage.bp,
]

TIDY_EVERY_S = 3600.0


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.sellables[TicketSellable.kind] = TicketSellable()
    registry.dividers[TicketSellable.kind] = TicketDivider()
    registry.panels += [
        Panel("order.main", 10, "registration/_tickets.html", tickets.load_panel),
        Panel("order.more", 96, "registration/_extras.html", panels.load_extras),
        Panel("show.side", 10, "registration/_side.html", panels.load_card),
        Panel("manage.order", 5, "registration/_manage_tickets.html", mailing.load_panel, Permission.ORDERS_EDIT),
        Panel("manage.numbers", 10, "registration/_numbers.html", overview.load_numbers, Permission.EVENT_VIEW),
        Panel("manage.charts", 10, "registration/_chart.html", overview.load_chart, Permission.EVENT_VIEW),
    ]
    registry.navigation += [
        NavEntry("account.side", 10, "My tickets", "registration.my_tickets", "ticket"),
        NavEntry("manage.side", 56, "Posted forms", "paper.enter", "mail", Permission.ORDERS_EDIT),
        NavEntry("manage.side", 58, "Import a list", "order_lists.list_lists", "upload", Permission.ORDERS_EDIT),
        NavEntry(
            "manage.side", 50, "Tickets", "registration_manage.list_ticket_types", "ticket", Permission.TICKETS_EDIT
        ),
    ]
    registry.import_steps.append(ImportStep(30, "tickets", importing.KEYS, importing.check, importing.apply))
    registry.clone_steps.append(CloneStep(30, importing.copy))
    registry.publish_checks.append(importing.publish_problems)
    registry.mail_parts.append(tickets.mail_part)
    registry.cancel_vetoes.append(passing.veto_cancellation)
    mail.register(registry)
    registry.documents[tickets.KIND] = tickets.DOCUMENT
    registry.doctor += [*doctor.QUERIES, *lists_doctor.QUERIES]
    registry.jobs.update(lists_jobs.HANDLERS)
    registry.periodic.append((TIDY_EVERY_S, "tidy lists of orders", lists.sweep))
    registry.demo.append(DemoStep(30, "tickets", demo.fill))
