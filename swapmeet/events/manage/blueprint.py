"""The blueprint of the organizer's pages, and what several of them share."""

from typing import Any

from flask import Blueprint, request, url_for

from swapmeet.access.decide import can
from swapmeet.access.permissions import Permission
from swapmeet.accounts.queries import standing_of
from swapmeet.accounts.scopes import asker
from swapmeet.events.models import Event
from swapmeet.infra.db import db

bp = Blueprint("events_manage", __name__, url_prefix="/manage")

# Pages about how a show is set up, as tabs.
SETUP_TABS = (
    ("Details", "events_manage.edit_show"),
    ("Halls", "events_manage.list_halls"),
    ("Sale periods", "events_manage.list_periods"),
    ("Policies", "events_manage.list_policies"),
    ("News", "events_manage.list_news"),
)


def setup_tabs(event: Event) -> list[dict[str, Any]]:
    """Tabs over the set-up pages; the open one is marked."""
    return [
        {"label": label, "url": url_for(endpoint, slug=event.slug), "is_current": request.endpoint == endpoint}
        for label, endpoint in SETUP_TABS
    ]


def may_create_for(organizer_id: int) -> bool:
    """May the asker add shows to this organizer? A right on one show alone is not enough."""
    standing = standing_of(db.session(), person=asker(), organizer_id=organizer_id)
    return can(standing, Permission.EVENT_CREATE)
