"""What accounts brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.accounts import jobs, mail, views
from swapmeet.accounts.scopes import load_organizer
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import Registry

BLUEPRINTS: list[Blueprint] = [views.bp]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.scopes["organizer_slug"] = load_organizer
    registry.jobs["accounts.recover"] = Handler(run=jobs.send_reset_link)
    registry.jobs["accounts.confirm_again"] = Handler(run=jobs.send_confirmation_link)
    registry.periodic.append((3600.0, "accounts.tidy", jobs.tidy))
    mail.register(registry)
