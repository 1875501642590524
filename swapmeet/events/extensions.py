"""What events brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.events import importing, invariants
from swapmeet.events.checks import publish_problems
from swapmeet.events.manage import bp as manage_blueprint
from swapmeet.events.scopes import load_event
from swapmeet.events.uploads import sweep
from swapmeet.events.views import bp
from swapmeet.events.waiting import list_waiting
from swapmeet.infra.registry import DoctorQuery, ImportStep, NavEntry, Registry

BLUEPRINTS: list[Blueprint] = [bp, manage_blueprint]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.scopes["slug"] = load_event
    registry.publish_checks.append(publish_problems)
    registry.waiting.append((Permission.EVENT_PUBLISH, list_waiting))
    registry.import_steps += [
        ImportStep(10, "show", importing.SHOW_KEYS, importing.check_show_keys, importing.apply_policies),
        ImportStep(20, "halls", importing.HALL_KEYS, importing.check_halls, importing.apply_halls),
    ]
    registry.doctor += [
        DoctorQuery(2, "a sale period a show", invariants.periodless),
        DoctorQuery(14, "states of shows", invariants.unaudited_states),
    ]
    registry.periodic.append((3600.0, "tidy show uploads", sweep))
    registry.navigation += [
        NavEntry("show.tabs", 10, "About", "events.show_event"),
        NavEntry("manage.side", 10, "Overview", "events_manage.overview", "home", Permission.EVENT_VIEW),
        NavEntry("manage.side", 20, "Show details", "events_manage.edit_show", "settings", Permission.EVENT_EDIT),
        NavEntry("manage.side", 25, "Halls", "events_manage.list_halls", "building", Permission.EVENT_EDIT),
        NavEntry("manage.side", 34, "Log", "events_manage.show_log", "history", Permission.AUDIT_VIEW),
        NavEntry("account.side", 60, "Shows I run", "events_manage.list_mine", "megaphone"),
    ]
