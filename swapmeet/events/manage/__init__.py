"""The organizer's pages of shows. Each module adds its views to the one blueprint."""

from swapmeet.events.manage import clones, details, imports, log, news, overview, policies, rooms, series, shows, states
from swapmeet.events.manage.blueprint import bp

__all__ = [
    "bp",
    "clones",
    "details",
    "imports",
    "log",
    "news",
    "overview",
    "policies",
    "rooms",
    "series",
    "shows",
    "states",
]
