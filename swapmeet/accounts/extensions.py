"""What accounts brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.accounts import jobs, mail, manage, views
from swapmeet.accounts.personal import AccountsData
from swapmeet.accounts.scopes import load_organizer
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import NavEntry, Registry

BLUEPRINTS: list[Blueprint] = [views.bp, manage.bp]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.scopes["organizer_slug"] = load_organizer
    registry.jobs["accounts.recover"] = Handler(run=jobs.send_reset_link)
    registry.jobs["accounts.confirm_again"] = Handler(run=jobs.send_confirmation_link)
    registry.periodic.append((3600.0, "accounts.tidy", jobs.tidy))
    registry.personal_data.append(AccountsData())
    registry.navigation += [
        NavEntry("manage.side", 32, "Team", "accounts_manage.show_team", "user", Permission.TEAM_VIEW),
        NavEntry("account.side", 90, "Your account", "accounts.my_account", "settings"),
    ]
    mail.register(registry)
