"""What badges brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.accounts.security import csrf
from swapmeet.badges import api, demo, doctor, manage, services, views
from swapmeet.badges.personal import BadgesData
from swapmeet.badges.scopes import load_scanned_show
from swapmeet.infra.registry import DemoStep, NavEntry, Registry
from swapmeet.infra.signals import line_divided

BLUEPRINTS: list[Blueprint] = [views.bp, api.bp, manage.bp]

csrf.exempt(api.bp)  # tokens only, see api._token_only


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.scopes["door_slug"] = load_scanned_show
    registry.navigation += [
        NavEntry("manage.side", 60, "Attendees", "badges_manage.list_attendees", "people", Permission.ATTENDEES_VIEW),
        NavEntry("manage.side", 11, "Door", "badges.door", "door", Permission.DOOR_CHECK_IN),
    ]
    registry.doctor += doctor.QUERIES
    line_divided.connect(services.follow_division)
    registry.personal_data.append(BadgesData())
    registry.demo.append(DemoStep(70, "badges", demo.fill))
