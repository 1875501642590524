"""What events brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.events.scopes import load_event
from swapmeet.events.views import bp
from swapmeet.infra.registry import Registry

BLUEPRINTS: list[Blueprint] = [bp]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.scopes["slug"] = load_event
