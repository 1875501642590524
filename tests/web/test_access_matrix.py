"""Every route × who asks, against the table: anonymous, a stranger, members with and without the right, the owner.

The views themselves are not run: what stands in for each answers 299 when access lets somebody through. So the walk
changes nothing, needs no sample rows but the show and the club, and tells "not allowed" from "not found".
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_PERMISSIONS, Role
from swapmeet.accounts import sessions
from swapmeet.accounts.models import ApiToken, Person
from swapmeet.cli.routes import list_routes
from swapmeet.infra import codes
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.web.access import rule_of
from tests import factories
from tests.cast import World
from tests.support.forms import token_of
from tests.web.access_table import ARGUMENTS, ROWS

THROUGH = 299
SIGN_IN = "303 to sign in"
# The same rules above both databases, walked in thousands of requests: once is enough. Programs with tokens knock on both.
once = pytest.mark.only("sqlite")
SIGNED = {  # no page of ours comes before these
    "card_hooks.stripe_message",  # believed by its signature alone: tests/payments/test_cards.py
    "news_hooks.stop",  # by the key in its address alone: tests/orders/test_news_mail.py
}


class Doors:
    """The application with a stand-in for each view, one client for each kind of person, and tokens for the API."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self.clients: dict[str, FlaskClient] = {"anonymous": app.test_client(), "stranger": world.client("otto")}
        self.secrets: dict[str, str] = {}
        with transaction() as db_session:
            people = {role: factories.person(db_session, f"{role} person") for role in Role}
            for role, person in people.items():
                factories.member(db_session, organizer=world.organizer, person=person, roles=[role.value])
            admin = factories.person(db_session, "Site Admin", is_site_admin=True)
            for name, person in [*people.items(), ("site admin", admin)]:
                self.clients[str(name)] = self._client(db_session, person)
            self._make_tokens(db_session, people[Role.OWNER])
        self.tokens = {name: token_of(client) for name, client in self.clients.items()}

    def _client(self, db_session: Any, person: Person) -> FlaskClient:
        client = self.app.test_client()
        token = sessions.open_session(db_session, person=person, device="test", address="", now=utcnow())
        client.set_cookie(sessions.COOKIE, token)
        return client

    def _make_tokens(self, db_session: Any, owner: Person) -> None:
        """One token for each right, one of another club with every right."""
        other = factories.organizer(db_session, "Other Club")
        factories.member(db_session, organizer=other, person=owner, roles=["owner"])
        everything = [right.value for right in Permission]
        wanted = [(right.value, self.world.organizer.id, [right.value]) for right in Permission]
        for name, organizer_id, rights in [*wanted, ("other club", other.id, everything)]:
            self.secrets[name] = codes.link_key()
            row = ApiToken(
                organizer_id=organizer_id,
                person_id=owner.id,
                label=name,
                token_digest=codes.digest(self.secrets[name]),
                permissions=rights,
                created_at=utcnow(),
            )
            db_session.add(row)

    def knock(self, who: str, route: Route, method: str) -> str:
        """What somebody gets: "299", "404", "303 to sign in", …"""
        data = {"csrf_token": self.tokens[who]} if method != "GET" else None
        answer = self.clients[who].open(path_of(route, self.world.slug), method=method, data=data)
        return words(answer)

    def knock_with(self, secret: str, route: Route, method: str) -> str:
        """The same for a program with a token."""
        headers = {"Authorization": f"Bearer {self.secrets[secret]}"}
        answer = self.app.test_client().open(path_of(route, self.world.slug), method=method, headers=headers)
        return words(answer)


def words(answer: Any) -> str:
    if answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?next="):
        return SIGN_IN
    return str(answer.status_code)


def path_of(route: Route, slug: str) -> str:
    """The address with sample values; the show and the club are real."""
    known = {"slug": slug, "organizer_slug": "lakeside-club", **ARGUMENTS}
    path = route.rule
    for converter, name in re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", route.rule):
        value = known.get(name, slug if name.endswith("slug") else "1" if converter == "int" else "x")
        path = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", value, path, count=1)
    return path


@pytest.fixture
def doors(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Doors:
    made = Doors(app, world)
    behind = stand_ins(app)

    def swapped(function: Any) -> Any:
        return (lambda *args, **kwargs: ("", THROUGH)) if id(function) in behind else function

    monkeypatch.setattr(app, "ensure_sync", swapped)
    return made


def stand_ins(app: Flask) -> set[int]:
    """The functions that Flask or an access decorator would run once somebody is let through."""
    foreign = app.extensions["swapmeet_foreign_rules"]
    found = set()
    for endpoint, view in app.view_functions.items():
        rule = rule_of(view)
        if foreign.get(endpoint) == "closed":
            continue
        if endpoint in foreign or endpoint == "static" or (rule is not None and rule.kind in ("public", "link")):
            found.add(id(view))
            continue
        inner = view
        while rule_of(inner) is not None:
            inner = inner.__wrapped__
        found.add(id(inner))
    return found


def routes(app: Flask) -> list[tuple[Route, str]]:
    """Every address and method that has a row; one without fails the first test, and that one alone."""
    return [
        (route, method)
        for route in app.url_map.iter_rules()
        if route.endpoint in ROWS
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    endpoints = {str(row["endpoint"]) for row in list_routes(app)}
    assert sorted(endpoints - set(ROWS)) == [], "run: python -m tests.web.access_table"
    assert sorted(set(ROWS) - endpoints) == []


def test_every_row_says_what_the_code_says(app: Flask) -> None:
    stated = {str(row["endpoint"]): row["access"] for row in list_routes(app)}
    assert {name: stated.get(name) for name in ROWS if stated.get(name) != ROWS[name]} == {}


def test_no_route_is_without_a_rule(app: Flask) -> None:
    assert [row for row in list_routes(app) if row["access"] == "none"] == []


@once
def test_r_t13_everybody_gets_what_the_table_says_and_nothing_else(app: Flask, doors: Doors) -> None:
    wrong: list[str] = []
    for route, method in routes(app):
        for who, expected in expectations(ROWS[route.endpoint], route.rule):
            got = doors.knock(who, route, method)
            if got != expected:
                wrong.append(f"{method} {route.rule} ({ROWS[route.endpoint]}): {who} got {got}, not {expected}")
    assert wrong == [], "\n".join(["", *wrong])


def expectations(row: str, address: str) -> Iterator[tuple[str, str]]:
    """Who, and what they must get."""
    through, people = str(THROUGH), ("stranger", str(Role.DOOR), str(Role.OWNER))
    if address.startswith("/api/"):
        yield from ((who, "401") for who in ("anonymous", "stranger", str(Role.OWNER), "site admin"))
    elif row in ("public", "link"):
        yield from ((who, through) for who in ("anonymous", *people))
    elif row == "closed":
        yield from ((who, "404") for who in ("anonymous", *people))
    elif row == "after the password":
        yield from [("anonymous", through), *((who, "303") for who in people)]
    elif row.startswith("signed in"):
        yield from [("anonymous", SIGN_IN), *((who, through) for who in people)]
    else:
        yield from _for_permission(Permission(row.partition(" on ")[0]))


def _for_permission(permission: Permission) -> Iterator[tuple[str, str]]:
    yield from [("anonymous", SIGN_IN), ("stranger", "404"), ("site admin", str(THROUGH))]
    without = [role for role in Role if permission not in ROLE_PERMISSIONS[role]]
    holding = [role for role in Role if permission in ROLE_PERMISSIONS[role]]
    yield from ((str(role), "403") for role in without[-2:])
    yield from ((str(role), str(THROUGH)) for role in {*holding[:1], *holding[-1:]})


def test_r_t10_programs_get_what_their_token_says_and_nothing_else(app: Flask, doors: Doors) -> None:
    wrong: list[str] = []
    api = [(route, method) for route, method in routes(app) if route.rule.startswith("/api/")]
    for route, method in api:
        right = ROWS[route.endpoint].partition(" on ")[0]
        lacking = next(p.value for p in Permission if p.value != right)
        for secret, expected in ((right, str(THROUGH)), (lacking, "403"), ("other club", "404")):
            got = doors.knock_with(secret, route, method)
            if got != expected:
                wrong.append(f"{method} {route.rule}: a token with {secret} got {got}, not {expected}")
    assert wrong == [], "\n".join(["", *wrong])


@once
def test_tokens_open_nothing_outside_the_api(app: Flask, doors: Doors) -> None:
    wrong = []
    for route, method in routes(app):
        if method == "GET" and " on " in ROWS[route.endpoint] and not route.rule.startswith("/api/"):
            got = doors.knock_with(ROWS[route.endpoint].partition(" on ")[0], route, method)
            if got != SIGN_IN:
                wrong.append(f"{route.rule}: {got}")
    assert wrong == [], "\n".join(["", *wrong])


@once
def test_unknown_shows_and_clubs_are_like_foreign_ones(app: Flask, doors: Doors) -> None:
    """R-T11: a stranger cannot tell a show that is not theirs from one that never was."""
    wrong = []
    for route, method in routes(app):
        if " on " not in ROWS[route.endpoint] or route.rule.startswith("/api/"):
            continue
        path = path_of(route, "no-such-show").replace("lakeside-club", "no-such-club")
        for who, expected in (("anonymous", SIGN_IN), ("stranger", "404"), (str(Role.OWNER), "404")):
            data = {"csrf_token": doors.tokens[who]} if method != "GET" else None
            got = words(doors.clients[who].open(path, method=method, data=data))
            if got != expected:
                wrong.append(f"{method} {path}: {who} got {got}, not {expected}")
    assert wrong == [], "\n".join(["", *wrong])


@once
def test_r_t32_no_form_is_taken_without_the_token_of_its_page(app: Flask, doors: Doors) -> None:
    wrong = []
    for route, method in routes(app):
        if method == "GET" or route.endpoint in SIGNED:
            continue
        path = path_of(route, doors.world.slug)
        expected = "401" if path.startswith("/api/") else "400"
        for who in ("anonymous", str(Role.OWNER)):
            for data in ({}, {"csrf_token": "forged"}, {"csrf_token": doors.tokens["stranger"]}):
                got = words(doors.clients[who].open(path, method=method, data=data))
                if got != expected:
                    wrong.append(f"{method} {path}: {who} got {got}, not {expected}")
    assert wrong == [], "\n".join(["", *wrong])


def test_wrong_links_and_foreign_things_are_not_found(app: Flask, world: World) -> None:
    """Views whose rule is the link itself, or what is one's own: an unknown secret or number is 404 for everybody."""
    wrong = []
    for route, method in routes(app):
        row = ROWS[route.endpoint]
        has_number = bool(route.arguments - {"slug"}) and (row == "link" or row.startswith("signed in"))
        if method != "GET" or not has_number or route.endpoint in ("security.reset_password",):
            continue
        path = re.sub(r"=?\b1\b", "987654", path_of(route, world.slug))
        got = world.client("otto").get(path).status_code
        if got != 404:
            wrong.append(f"{path}: {got}")
    assert wrong == [], "\n".join(["", *wrong])


def test_r_t29_what_is_private_is_never_stored_and_what_is_public_sets_no_cookie(app: Flask, world: World) -> None:
    wrong = []
    for route, method in routes(app):
        if method != "GET" or route.endpoint == "static":
            continue
        answer = world.client("olga").get(path_of(route, world.slug))
        policy = answer.headers.get("Cache-Control", "")
        stored = "no-store" not in policy
        if stored and (answer.headers.getlist("Set-Cookie") or ROWS[route.endpoint] not in ("public", "link")):
            wrong.append(f"{route.rule}: {policy!r} with {answer.headers.getlist('Set-Cookie')}")
        if stored and "Cookie" in answer.headers.get("Vary", "") and "public" in policy:
            wrong.append(f"{route.rule}: public, yet it varies by cookie")
    assert wrong == [], "\n".join(["", *wrong])
