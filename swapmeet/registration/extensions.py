"""What registration brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import CloneStep, ImportStep, NavEntry, Panel, Registry
from swapmeet.registration import doctor, importing, manage, overview, panels
from swapmeet.registration.sellable import TicketSellable

BLUEPRINTS: list[Blueprint] = [manage.bp]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.sellables[TicketSellable.kind] = TicketSellable()
    registry.panels += [
        Panel("show.side", 10, "registration/_side.html", panels.load_card),
        Panel("manage.numbers", 10, "registration/_numbers.html", overview.load_numbers, Permission.EVENT_VIEW),
        Panel("manage.charts", 10, "registration/_chart.html", overview.load_chart, Permission.EVENT_VIEW),
    ]
    registry.navigation += [
        NavEntry(
            "manage.side", 50, "Tickets", "registration_manage.list_ticket_types", "ticket", Permission.TICKETS_EDIT
        ),
    ]
    registry.import_steps.append(ImportStep(30, "tickets", importing.KEYS, importing.check, importing.apply))
    registry.clone_steps.append(CloneStep(30, importing.copy))
    registry.publish_checks.append(importing.publish_problems)
    registry.doctor += doctor.QUERIES
