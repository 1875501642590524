"""Hosts, ways back, limits, look-alikes, and answers that tell nothing."""

import hashlib
import html
import json
import logging
import re
import statistics
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import cbor2
import pytest
from flask import Flask
from sqlalchemy import func, select

from swapmeet.accounts.models import Person
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.web import security as web_security
from tests.accounts.people import PASSWORD, find, link_of, person, register, sign_in
from tests.support.forms import post

EVIL = [
    "https://evil.example",
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x19//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "https:///evil.example",
    "http://localhost@evil.example/",
    "http://localhost.evil.example/",
    "evil.example",
    "/\r\nLocation: https://evil.example",
    "security.logout",
]


def stays(location: str | None) -> bool:
    return location is not None and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20]*", location) is not None


@pytest.mark.parametrize("target", EVIL)
def test_r_t30_signing_in_stays_on_this_site(app: Flask, client: Any, target: str) -> None:
    person(app, email="ann@example.org")
    in_form = sign_in(client, "ann@example.org", next=target)
    assert in_form.status_code == 303 and stays(in_form.headers["Location"])
    other = app.test_client()
    in_address = post(
        other,
        "/sign-in",
        {"email": "ann@example.org", "password": PASSWORD},
        page="/sign-in",
        query_string={"next": target},
    )
    assert in_address.status_code == 303 and stays(in_address.headers["Location"])
    proved = post(
        other, "/me/verify", {"password": PASSWORD, "next": target}, page="/me/verify", query_string={"next": target}
    )
    assert proved.status_code == 303 and stays(proved.headers["Location"])


@pytest.mark.parametrize("target", EVIL)
def test_r_t30_registering_recovering_and_signing_out_stay_on_this_site(app: Flask, client: Any, target: str) -> None:
    for answer in (
        register(client, next=target),
        post(
            client,
            "/recover",
            {"email": "a@example.org", "next": target},
            page="/recover",
            query_string={"next": target},
        ),
        post(client, "/sign-out", {"next": target}, page="/sign-in", query_string={"next": target}),
    ):
        assert answer.status_code == 303 and stays(answer.headers["Location"])


def test_a_plain_way_back_is_kept(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    assert client.get("/me/email").headers["Location"] == "/sign-in?next=/me/email"
    assert sign_in(client, "ann@example.org", next="/shows/a?page=2").headers["Location"] == "/shows/a?page=2"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "localhost@evil.example", ""]
)
def test_r_t28_a_forged_host_is_refused_and_sends_no_mail(app: Flask, client: Any, host: str) -> None:
    person(app, email="ann@example.org")
    answer = client.post("/recover", data={"email": "ann@example.org"}, headers={"Host": host})
    assert answer.status_code == 400
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_r_t28_links_in_mails_have_the_configured_address(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    client.environ_base["HTTP_HOST"] = "127.0.0.1:9999"
    register(client, email="nora@example.org")
    post(client, "/recover", {"email": "ann@example.org"}, page="/recover")
    texts = [mail.text(message) for message in mail.deliver_all()]
    assert len(texts) == 2
    for text in texts:
        assert re.findall(r"https?://[^/\s]+", text) == ["http://localhost"]


def test_r_t35_known_and_unknown_addresses_get_the_same_answers(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    pairs = [
        [
            sign_in(app.test_client(), email, "wrong but long enough")
            for email in ("ann@example.org", "bob@example.org")
        ],
        [register(app.test_client(), email=email) for email in ("ann@example.org", "bob@example.org")],
        [recover(app, email) for email in ("ann@example.org", "cleo@example.org")],
        [confirm(app, email) for email in ("ann@example.org", "cleo@example.org")],
    ]
    for known, unknown in pairs:
        assert known.status_code == unknown.status_code
        assert known.headers.get("Location") == unknown.headers.get("Location")
        assert plain(known) == plain(unknown)


def plain(answer: Any) -> str:
    """The page without what differs anyway: tokens and the address that was typed."""
    text = re.sub(r"csrf_token\" value=\"[^\"]+|X-CSRFToken[^}]+", "", answer.get_data(as_text=True))
    return re.sub(r"\w+@example\.org", "", text)


def recover(app: Flask, email: str) -> Any:
    return post(app.test_client(), "/recover", {"email": email}, page="/recover")


def confirm(app: Flask, email: str) -> Any:
    return post(app.test_client(), "/confirm", {"email": email}, page="/confirm")


@pytest.mark.parametrize("deed", ["sign in", "recover", "register"])
def test_r_t35_the_answers_take_the_same_time(app: Flask, deed: str) -> None:
    person(app, email="ann@example.org")
    deeds = {
        "sign in": lambda email: sign_in(app.test_client(), email, "wrong but long enough"),
        "recover": lambda email: recover(app, email),
        "register": lambda email: register(app.test_client(), email=email),
    }
    deeds[deed]("warm@example.org")
    times = [(timed(deeds[deed], "ann@example.org"), timed(deeds[deed], f"u{n}@example.org")) for n in range(7)]
    known, unknown = (statistics.median(column) for column in zip(*times, strict=True))
    assert abs(known - unknown) < 0.05 or max(known, unknown) < 2 * min(known, unknown)


def timed(deed: Any, email: str) -> float:
    started = time.perf_counter()
    deed(email)
    return time.perf_counter() - started


def test_r_t35_registering_a_known_address_tells_its_owner_by_mail(app: Flask, client: Any, mail: Any) -> None:
    person(app, name="Ann Attendee", email="ann@example.org")
    register(client, email="ann@example.org")
    (message,) = mail.to("ann@example.org")
    assert message["Subject"] == "You have an account already"
    assert find("ann@example.org").name == "Ann Attendee"
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(
    "look_alike", ["m\u0131ke@example.org", "mike@ex\u0430mple.org", "mi\u212ae@example.org", "ｍｉｋｅ@example.org"]
)
def test_r_t36_look_alikes_reach_nobody_else(app: Flask, client: Any, mail: Any, look_alike: str) -> None:
    person(app, name="Mike", email="mike@example.org")
    post(client, "/recover", {"email": look_alike}, page="/recover")
    assert all(str(message["To"]) == "mike@example.org" for message in mail.deliver_all())
    register(client, email=look_alike)
    assert all(str(message["To"]) in ("mike@example.org", "mike@xn--exmple-4nf.org") for message in mail.deliver_all())


@pytest.mark.parametrize("typed", ["Mike@Example.ORG", " mike@example.org "])
def test_capitals_and_blanks_are_the_same_address(app: Flask, client: Any, typed: str) -> None:
    person(app, name="Mike", email="mike@example.org")
    assert sign_in(client, typed).status_code == 303


def test_a_mailbox_is_not_flooded(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    for _ in range(12):
        post(client, "/recover", {"email": "ann@example.org"}, page="/recover")
    assert len(mail.to("ann@example.org")) == 5


def test_s_t6_no_mail_of_the_library_is_lost(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    assert post(client, "/me/email", {"email": "new@example.org"}, page="/me/email").status_code == 200
    db.session.rollback()
    assert [row.kind for row in db.session.scalars(select(OutboxMessage))] == ["accounts.address"]


def test_s_t5_no_domain_is_looked_up(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dns.resolver

    monkeypatch.setattr(dns.resolver.Resolver, "resolve", lambda *a, **k: pytest.fail("looked up a domain"))
    assert register(client, email="nora@no-such-domain-anywhere.org").status_code == 303


def test_the_new_address_counts_once_its_link_is_confirmed(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    post(client, "/recover", {"email": "ann@example.org"}, page="/me")
    old_link = link_of(mail.to("ann@example.org")[0])
    post(client, "/me/email", {"email": "New@example.org"}, page="/me/email")
    link = link_of(mail.to("new@example.org")[0])
    stranger = app.test_client()
    assert stranger.get(link).status_code == 200
    assert find("new@example.org") is None
    assert post(stranger, link, page=link).status_code == 303
    assert find("new@example.org") is not None and find("ann@example.org") is None
    assert [m["Subject"] for m in mail.to("ann@example.org")][-1] == "Your e-mail address was changed"
    assert client.get(old_link).headers["Location"] == "/recover"
    assert client.get(link).status_code == 404


def test_changing_to_an_address_that_is_taken_tells_nothing_and_changes_nothing(
    app: Flask, client: Any, mail: Any
) -> None:
    person(app, email="ann@example.org")
    person(app, name="Bob", email="bob@example.org")
    sign_in(client, "ann@example.org")
    answer = post(client, "/me/email", {"email": "bob@example.org"}, page="/me/email")
    assert answer.status_code == 200
    assert "We have sent a link to bob@example.org" in answer.get_data(as_text=True)
    assert mail.deliver_all() == []


@pytest.fixture
def strict_limits(app: Flask) -> Iterator[None]:
    """The limits as they are in production, counted from zero."""
    factor = web_security._factor
    web_security._factor = 1
    web_security.limiter.reset()
    yield
    web_security._factor = factor
    web_security.limiter.reset()


def test_r_t34_forty_wrong_sign_ins_with_a_changing_header_meet_the_limit(
    app: Flask, client: Any, strict_limits: None
) -> None:
    statuses = []
    for n in range(40):
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"10.0.0.{n}"
        statuses.append(sign_in(client, f"user{n}@example.org", "wrong but long enough").status_code)
    assert statuses[:30] == [422] * 30
    assert set(statuses[30:]) == {429}


def test_registering_and_recovering_are_limited_too(app: Flask, client: Any, strict_limits: None) -> None:
    recovered = [
        post(client, "/recover", {"email": f"u{n}@example.org"}, page="/recover").status_code for n in range(22)
    ]
    registered = [register(client, email=f"u{n}@example.org", password="short").status_code for n in range(32)]
    assert (recovered.count(303), recovered.count(429)) == (20, 2)
    assert (registered.count(422), registered.count(429)) == (30, 2)
    assert client.get("/recover").status_code == 200


@pytest.mark.parametrize("page", ["/sign-in", "/register", "/recover", "/confirm"])
@pytest.mark.parametrize("body", ['{"email": "a"}', "[1, 2]", "nonsense"])
def test_json_is_not_taken_by_account_pages(client: Any, page: str, body: str) -> None:
    token = client.get(page) and re.search(
        r'name="csrf_token" value="([^"]+)"', client.get(page).get_data(as_text=True)
    )
    assert token
    answer = client.post(page, data=body, content_type="application/json", headers={"X-CSRFToken": token.group(1)})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "value", ["\x00", "😀" * 300, "\u202eevil", "9" * 1000, "a" * 300_000, "\ufffd@\ufffd", "a@b" + "c" * 400]
)
@pytest.mark.parametrize("page", ["/sign-in", "/register", "/recover", "/confirm"])
def test_r_t27_odd_values_are_refused_not_broken(client: Any, page: str, value: str) -> None:
    data = {
        "email": value,
        "password": value,
        "password_confirm": value,
        "name": value,
        "next": value,
        "remember": value,
    }
    assert post(client, page, data, page=page).status_code in (303, 413, 422)


def test_account_pages_are_private_and_never_stored(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    for page in ("/me", "/me/password", "/me/passkeys"):
        answer = client.get(page)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "nonce" not in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_cookies_are_secure_when_the_site_is(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    person(app, email="ann@example.org")
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
    token = re.search(
        r'name="csrf_token" value="([^"]+)"',
        client.get("/sign-in", base_url="https://localhost").get_data(as_text=True),
    )
    assert token
    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"email": "ann@example.org", "password": PASSWORD, "csrf_token": token.group(1)},
        headers={"Referer": "https://localhost/sign-in"},
    )
    assert answer.status_code == 303
    for header in answer.headers.getlist("Set-Cookie"):
        assert "Secure" in header and "HttpOnly" in header and "SameSite=Lax" in header


def test_no_password_and_no_link_gets_into_a_log(
    app: Flask, client: Any, mail: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    register(client)
    confirmation = link_of(mail.to("nora@example.org")[0])
    post(client, confirmation, page=confirmation)
    sign_in(client, "nora@example.org", "wrong but long enough")
    sign_in(client, "nora@example.org")
    post(client, "/recover", {"email": "nora@example.org"}, page="/me")
    reset = link_of(mail.to("nora@example.org")[1])
    client.post("/sign-in", data={"email": "nora@example.org", "password": PASSWORD})
    secrets = [PASSWORD, "wrong but long enough", confirmation, reset, client.get_cookie("swapmeet_id").value]
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert "nora@example.org" not in caplog.text


CREDENTIALS = [
    "",
    "{}",
    "[]",
    "null",
    "7",
    "nonsense",
    '{"id": 1, "rawId": 1, "type": 1, "response": 1}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "authenticatorData": "AA",'
    ' "signature": "AA", "userHandle": "AA", "attestationObject": "AA", "transports": [1, null]}}',
    '{"id": "\u0000", "rawId": "\u0000", "type": "public-key", "response": {"clientDataJSON": "\u0000"}}',
    "\x00",
    "[" * 5000,
]


@pytest.mark.parametrize("credential", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_senseless_answers_of_a_passkey_are_refused_not_broken(app: Flask, client: Any, credential: str) -> None:
    state = r'action="(/[^"]+/[^"/]{40,})"'
    page = post(client, "/sign-in/passkey", page="/sign-in").get_data(as_text=True)
    answer = post(client, html.unescape(re.findall(state, page)[0]), {"credential": credential}, page="/sign-in")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/passkey")
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    page = post(client, "/me/passkeys", {"name": "My phone"}, page="/me").get_data(as_text=True)
    answer = post(client, html.unescape(re.findall(state, page)[0]), {"credential": credential}, page="/me")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/passkeys")
    assert "No passkey yet" in client.get("/me/passkeys").get_data(as_text=True)


@pytest.mark.parametrize("name", ["", "   ", "<b>x</b>", "x" * 100, "\x00", "😀"])
def test_senseless_names_of_passkeys_are_refused_in_words(app: Flask, client: Any, name: str) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    assert post(client, "/me/passkeys", {"name": name}, page="/me").status_code == 422
    assert post(client, "/me/passkeys/removal", {"name": name}, page="/me").status_code == 303


def test_opening_the_sign_in_page_while_signed_in_leads_on(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    assert client.get("/sign-in?next=/me/email").headers["Location"] == "/me/email"
    assert client.get("/sign-in?next=/sign-in").headers["Location"] == "/"
    assert client.get("/sign-in/code").headers["Location"] == "/"
    assert client.get("/me").status_code == 200


def test_a_made_up_key_of_a_passkey_is_refused_not_broken(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    page = post(client, "/me/passkeys", {"name": "My phone"}, page="/me").get_data(as_text=True)
    action = html.unescape(re.findall(r'action="(/[^"]+/[^"/]{40,})"', page)[0])
    options = json.loads(html.unescape(re.findall(r'data-options="([^"]+)"', page)[0]))
    data = {"type": "webauthn.create", "challenge": options["challenge"], "origin": "http://localhost"}
    authenticator = hashlib.sha256(b"localhost").digest() + b"\x45" + b"\x00" * 20 + b"\x00\x04abcd" + cbor2.dumps([1])
    made_up = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": authenticator})
    response = {"clientDataJSON": base64url(json.dumps(data).encode()), "attestationObject": base64url(made_up)}
    credential = {"id": "YWJjZA", "rawId": "YWJjZA", "type": "public-key", "response": response}
    answer = post(client, action, {"credential": json.dumps(credential)}, page="/me")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/passkeys")


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
