"""What program brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import (
    CloneStep,
    DemoStep,
    DoctorQuery,
    ImportStep,
    NavEntry,
    Panel,
    Registry,
    StatementKind,
)
from swapmeet.infra.signals import line_divided
from swapmeet.program import demo, importing, invariants, queries
from swapmeet.program.mail import compose_canceled
from swapmeet.program.manage import bp as manage_blueprint
from swapmeet.program.people import ProgramData
from swapmeet.program.seats import SeatDivider, SeatSellable, follow_division
from swapmeet.program.views import bp, teaser

BLUEPRINTS: list[Blueprint] = [bp, manage_blueprint]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.sellables["seat"] = SeatSellable()
    registry.dividers["seat"] = SeatDivider()
    line_divided.connect(follow_division)
    registry.statements["teacher"] = StatementKind(
        "Teacher", "Teachers", queries.list_selling_teachers, products=queries.list_products_of_teacher
    )
    registry.composers["program.canceled"] = compose_canceled
    registry.personal_data.append(ProgramData())
    registry.panels.append(Panel("show.about", 50, "program/_teaser.html", teaser))
    registry.navigation += [
        NavEntry("show.tabs", 20, "Program", "program.show_program"),
        NavEntry("manage.side", 30, "Program", "program_manage.list_planned", "calendar", Permission.PROGRAM_EDIT),
    ]
    keys = frozenset({"sessions", "schedule_blocks"})
    registry.import_steps.append(ImportStep(50, "program", keys, importing.check, importing.apply))
    registry.clone_steps.append(CloneStep(50, importing.copy))
    registry.doctor += [
        DoctorQuery(2, "one seat per person and session", invariants.doubled_sign_ups),
        DoctorQuery(14, "sign-ups and canceled sessions", invariants.unaudited_sign_ups),
    ]
    registry.demo.append(DemoStep(50, "program", demo.fill))
