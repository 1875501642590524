"""Bad input in every form of every page: a clear 4xx (or a harmless success), never a 5xx."""

import re
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from swapmeet.accounts import sessions
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from tests.cast import World
from tests.support.crawl import FoundForm, crawl
from tests.support.filled import Filled, account

STARTS = [
    "/",
    "/manage",
    "/me",
    "/trades",
    "/me/tickets",
    "/me/orders",
    "/me/tables",
    "/me/vendor",
    "/me/trades",
    "/register",
    "/sign-in",
]

# What a database of one kind may refuse and the other keep; the rest is the same code above both.
OF_BOTH = ("nul", "lone surrogate", "ten to the twentieth", "not a number", "infinite", "long")
VALUES = {
    "nul": "%00",
    "lone surrogate": "%ED%A0%80",
    "a thousand million": "1000000000",
    "ten to the twentieth": "1" + "0" * 20,
    "minus one": "-1",
    "not a number": "NaN",
    "too small": "0.001",
    "infinite": "1e309",
    "emoji": quote("🚂🏠" * 20),
    "right to left": quote("\u202eabc\u2066"),
    "markup": quote("</script><script>alert(1)</script>"),
    "long": "x" * 200_000,
}

# Signing out or ending one's own sessions would end the walk.
LEFT_OUT = {"security.logout", "accounts.erase_account"}


@pytest.fixture
def site(app: Flask, filled: Filled) -> Any:
    """A small show in full swing, and its organizer's client."""
    filled.put_into(app)
    with transaction() as db_session:
        person = account(db_session, "organizer")
        token = sessions.open_session(db_session, person=person, device="test", address="", now=utcnow())
    client = app.test_client()
    client.set_cookie(sessions.COOKIE, token)
    return client


def one_of_each(names: list[str]) -> list[str]:
    """Of fields that differ by a number only (the rows of a table), the first one: the same code reads them all."""
    return list({re.sub(r"\d+", "0", name): name for name in reversed(names)}.values())[::-1]


def body_with(form: FoundForm, name: str, raw: str) -> bytes:
    """The form as a browser sends it, one field replaced by raw percent-encoded bytes."""
    values = {key: value for key, value in form.values().items() if key != name}
    return (urlencode(values) + f"&{quote(name)}={raw}").encode()


def test_r_t27_every_page_answers_and_no_field_of_any_form_breaks_the_site(
    app: Flask, site: Any, database: str
) -> None:
    kinds = VALUES if database == "postgresql" else {kind: VALUES[kind] for kind in OF_BOTH}
    found = crawl(app, site, STARTS)
    assert {address: status for address, status in found.statuses.items() if status >= 400} == {}
    assert len(found.statuses) > 40
    broken = []
    for form in found.forms.values():
        if form.endpoint in LEFT_OUT or form.is_multipart:
            continue
        for name in one_of_each(form.typed())[:14]:
            for kind, raw in kinds.items():
                answer = site.post(
                    form.action, data=body_with(form, name, raw), content_type="application/x-www-form-urlencoded"
                )
                if answer.status_code >= 500:
                    broken.append(f"{form.endpoint} {name}={kind}: {answer.status_code}")
    assert broken == []
    assert len(found.forms) > 25


def test_a_megabyte_in_a_field_is_too_large(app: Flask, world: World) -> None:
    client = world.client("olga")
    found = crawl(app, client, ["/manage/organizers/new"], per_endpoint=1)
    form = next(form for form in found.forms.values() if form.typed())
    answer = client.post(
        form.action,
        data=body_with(form, form.typed()[0], "x" * 1_000_000),
        content_type="application/x-www-form-urlencoded",
        headers={"Referer": "http://localhost/manage/organizers/new"},
    )
    assert answer.status_code == 413
    assert '<a class="btn btn-primary" href="/manage/organizers/new">Back to the form</a>' in answer.get_data(
        as_text=True
    )


def test_hostile_addresses_get_404(world: World) -> None:
    client = world.client("olga")
    for path in (
        "/shows/%00",
        "/shows/" + "x" * 3000,
        "/trades/99999999999999999999",
        "/orders/XXXX/" + "y" * 500,
        "/shows/..%2f..%2fetc",
        "/documents/%F0%9F%98%80",
    ):
        assert client.get(path).status_code in (400, 404), path


@pytest.mark.parametrize("number", ["-1", "0", "999999999999", "abc", "%00", "1e9"])
def test_senseless_page_numbers_show_a_page(world: World, number: str) -> None:
    client = world.client("olga")
    for address in ("/", "/trades"):
        assert client.get(f"{address}?page={number}&q={number}").status_code == 200
