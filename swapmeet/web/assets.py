"""Fingerprinted static files, and what every template may count on."""

import hashlib
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask.templating import Environment
from flask_login import current_user
from jinja2 import StrictUndefined

from swapmeet.infra.registry import registry
from swapmeet.web.access import Scope, may

SCHEME_COOKIE = "swapmeet_scheme"
MANAGE_GROUPS = ((80, "Mail"), (70, "Trades"), (50, "Tickets"), (40, "Tables"), (20, "The show"))  # from which order on
PLACE_WORDS = {"free": "Free", "held": "On hold", "taken": "Taken", "mine": "Yours"}  # of plan, list and legend alike
PLACE_LETTERS = {
    "free": "",
    "held": "H",
    "taken": "T",
    "mine": "Y",
}  # behind a table's number: states do not hang on colors


@dataclass(frozen=True)
class Link:
    """One entry of a bar, ready to show."""

    label: str
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True)
class LinkGroup:
    """Entries under one title; without one they stand alone."""

    title: str
    links: list[Link]


class Assets:
    """Addresses of static files with a piece of their hash, so they may be cached for a year."""

    def __init__(self, folder: Path, *, remember: bool) -> None:
        self.folder = folder
        self.remember = remember
        self._known: dict[str, str] = {}

    def url(self, name: str) -> str:
        if name not in self._known or not self.remember:
            content = (self.folder / name).read_bytes()
            self._known[name] = hashlib.sha256(content).hexdigest()[:12]
        return f"/static/{name}?v={self._known[name]}"


class Templates(Environment):
    """Flask's environment with globals that are settled once the app is made.

    Jinja chains them for each template, and compares the chain key by key whenever a page imports its macros.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def init_templates(app: Flask) -> None:
    """Strict templates: an undefined name is an error. One context for all pages."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    assets = Assets(Path(str(app.static_folder)), remember=not app.debug)
    app.jinja_env.globals.update(
        asset=assets.url,
        may=may,
        now_year=lambda: datetime.now(UTC).year,
        place_words=PLACE_WORDS,
        place_letters=PLACE_LETTERS,
        path_of=path_of,
    )
    app.extensions["swapmeet_assets"] = assets
    app.context_processor(page_context)
    app.after_request(_cache_static)


def _cache_static(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        seconds = 31536000 if request.args.get("v") else 3600
        response.headers["Cache-Control"] = f"public, max-age={seconds}" + (", immutable" if seconds > 3600 else "")
    return response


def page_context() -> dict[str, Any]:
    """viewer, scheme, current_path and the bars. The show's own bars come in when the page has `event` in `g.scope`."""
    scheme = request.cookies.get(SCHEME_COOKIE)
    viewer = current_user._get_current_object() if current_user.is_authenticated else None
    return {
        "viewer": viewer,
        "scheme": scheme if scheme in ("light", "dark") else None,
        "current_path": request.path,
        "nav_main": _main_links(),
        "nav_manage": manage_menu(),
        "nav_account": account_links(),
    }


def _main_links() -> list[Link]:
    path = request.path
    links = [
        Link("Shows", path_of("events.list_shows"), "calendar", path == "/" or path.startswith("/shows")),
        Link("Trades", path_of("trades.browse_all"), "swap", path.startswith("/trades")),
    ]
    if current_user.is_authenticated and current_user.is_organizer:
        links.append(Link("Manage", url_for("events_manage.list_mine"), "settings", path.startswith("/manage")))
    return links


@lru_cache(maxsize=4096)
def path_of(endpoint: str, **parts: Any) -> str:
    """The path of an address. It never changes, and every page of a show has a dozen of the same."""
    return url_for(endpoint, **parts)


def account_links() -> list[Link]:
    """What is one's own: tickets, trades, shows one runs, the account. The pages ask for sign-in themselves."""
    return [
        Link(entry.label, path_of(entry.endpoint), entry.icon, request.endpoint == entry.endpoint)
        for entry in registry().bar("account.side")
    ]


def show_tabs(event: Any) -> list[Link]:
    """The tabs of a show's public pages: About, Program, Tables, Vendors, Trades."""
    return [
        Link(entry.label, path_of(entry.endpoint, slug=event.slug), entry.icon, request.endpoint == entry.endpoint)
        for entry in registry().bar("show.tabs")
        if entry.shown(event)
    ]


def manage_menu() -> list[LinkGroup]:
    """The menu of a show's organizer pages: what the asker has a right to. Empty elsewhere."""
    scope: Scope | None = g.get("scope")
    if scope is None or scope.name != "event":
        return []
    entries = [
        entry
        for entry in registry().bar("manage.side")
        if (entry.permission is None or scope.can(entry.permission)) and entry.shown(scope.thing)
    ]
    urls = [url_for(entry.endpoint, slug=scope.thing.slug) for entry in entries]
    here = _current_of(urls, url_for("events_manage.overview", slug=scope.thing.slug))
    links = [Link(entry.label, url, entry.icon, url == here) for entry, url in zip(entries, urls, strict=True)]
    together = groupby(zip(entries, links, strict=True), key=lambda pair: _group_of(pair[0].order))
    return [LinkGroup(title, [link for _, link in pairs]) for title, pairs in together]


def _group_of(order: int) -> str:
    return next((title for first, title in MANAGE_GROUPS if order >= first), "")


def _current_of(urls: Sequence[str], top: str) -> str:
    """The one entry the page stands under: the longest address its own begins with. The top is current only by itself."""
    path = request.path
    above = [url for url in urls if path == url or (url != top and path.startswith(f"{url}/"))]
    return max(above, key=len, default="")


def fingerprint() -> str:
    """One short hash over the style sheet's address, part of the version tag of public pages."""
    assets: Assets = current_app.extensions["swapmeet_assets"]
    return assets.url("css/theme.css").rpartition("=")[2]
