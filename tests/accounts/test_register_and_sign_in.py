"""Registering, confirming by mail, signing in and out."""

import json
from typing import Any

import pytest
from flask import Flask
from itsdangerous import base64_decode

from swapmeet.accounts import sessions
from tests.accounts.people import PASSWORD, find, is_signed_in, link_of, person, register, sign_in
from tests.support.forms import post

IDENTITY = ("_user_id", "_fresh", "_id", "_remember", "fs_paa", "fs_cc", "fs_gexp", "tf_user_id", "tf_state")


def signed_cookie(client: Any) -> dict[str, Any]:
    """What Flask's signed cookie carries, read without its key."""
    cookie = client.get_cookie("swapmeet_form")
    if cookie is None:
        return {}
    payload = cookie.value.lstrip(".").split(".")[0]
    raw = base64_decode(payload)
    if cookie.value.startswith("."):
        import zlib

        raw = zlib.decompress(raw)
    return dict(json.loads(raw))


def test_a_person_registers_confirms_and_signs_in(app: Flask, client: Any, mail: Any) -> None:
    assert register(client).status_code == 303
    assert sign_in(client, "nora@example.org").status_code == 422
    (message,) = mail.to("nora@example.org")
    assert client.get(link_of(message)).status_code == 200
    assert find("nora@example.org").confirmed_at is None
    assert post(client, link_of(message), page=link_of(message)).headers["Location"] == "/sign-in"
    answer = sign_in(client, "nora@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_signed_in(client)


def test_who_opens_an_account_on_the_way_comes_back_to_the_page_they_wanted(app: Flask, client: Any, mail: Any) -> None:
    wanted = "/me/email"
    page = client.get(f"/sign-in?next={wanted}").get_data(as_text=True)
    assert "/register?next=/me/email" in page
    register(client, next=wanted)
    link = link_of(mail.to("nora@example.org")[0])
    back = post(client, link, page=link).headers["Location"]
    assert back == "/sign-in?next=/me/email"
    assert sign_in(client, "nora@example.org", next=wanted).headers["Location"] == wanted


def test_the_confirmation_link_does_nothing_on_get_however_often_it_is_fetched(
    app: Flask, client: Any, mail: Any
) -> None:
    register(client)
    link = link_of(mail.to("nora@example.org")[0])
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert find("nora@example.org").confirmed_at is None


def test_a_broken_confirmation_link_says_so(client: Any) -> None:
    answer = client.get("/confirm/nonsense")
    assert answer.status_code == 404
    assert "does not work any more" in answer.get_data(as_text=True)


def test_identity_is_an_opaque_cookie_and_the_signed_cookie_names_nobody(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    cookie = client.get_cookie(sessions.COOKIE)
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.path == "/"
    carried = signed_cookie(client)
    assert not set(IDENTITY) & set(carried), carried
    client.get("/me")
    assert not set(IDENTITY) & set(signed_cookie(client))


def test_the_signed_cookie_alone_signs_nobody_in(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    client.get("/me")
    thief = app.test_client()
    thief.set_cookie("swapmeet_form", client.get_cookie("swapmeet_form").value)
    assert not is_signed_in(thief)


def test_signing_out_needs_a_post_and_kills_a_copied_cookie_at_once(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    thief = app.test_client()
    thief.set_cookie(sessions.COOKIE, client.get_cookie(sessions.COOKIE).value)
    assert is_signed_in(thief)
    assert client.get("/sign-out").status_code == 405
    assert post(client, "/sign-out", page="/me").status_code == 303
    assert not is_signed_in(client)
    assert not is_signed_in(thief)


def test_r_t31_a_planted_session_token_is_not_the_one_after_signing_in(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    client.set_cookie(sessions.COOKIE, "planted-by-somebody-else")
    before = post_token(client)
    sign_in(client, "ann@example.org")
    assert client.get_cookie(sessions.COOKIE).value != "planted-by-somebody-else"
    assert post_token(client) != before
    planted = app.test_client()
    planted.set_cookie(sessions.COOKIE, "planted-by-somebody-else")
    assert not is_signed_in(planted)


def post_token(client: Any) -> str:
    client.get("/sign-in")
    client.get("/me")
    return str(signed_cookie(client).get("csrf_token"))


def test_a_short_session_ends_after_twelve_hours_and_a_kept_one_after_thirty_days(app: Flask, clock: Any) -> None:
    person(app, email="ann@example.org")
    short, kept = app.test_client(), app.test_client()
    post(short, "/sign-in", {"email": "ann@example.org", "password": PASSWORD}, page="/sign-in")
    sign_in(kept, "ann@example.org")
    assert short.get_cookie(sessions.COOKIE).max_age is None
    clock.advance(hours=13)
    assert not is_signed_in(short)
    assert is_signed_in(kept)
    clock.advance(days=30)
    assert not is_signed_in(kept)


def test_what_was_typed_stays_and_the_fault_is_named_at_its_field(app: Flask, client: Any) -> None:
    answer = register(client, email="not an address", password="short")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Write an e-mail address such as" in page and "at least 15 characters" in page
    assert 'value="not an address"' in page and 'value="Nora New"' in page
    answer = sign_in(client, "", "")
    assert answer.status_code == 422
    assert "Write your e-mail address." in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["see http://evil.example", "www.evil.example", "you@evil.example", "Evil.com wins", ""]
)
def test_names_that_would_carry_links_into_mails_are_refused(client: Any, name: str) -> None:
    assert register(client, name=name).status_code == 422


def test_r_t12_fields_that_are_not_on_the_form_are_ignored(app: Flask, client: Any) -> None:
    register(client, is_site_admin="1", active="0", confirmed_at="2026-01-01", id="1", roles="owner", role="admin")
    nora = find("nora@example.org")
    assert nora is not None
    assert not nora.is_site_admin and nora.active and nora.confirmed_at is None


def test_registering_an_unconfirmed_address_again_voids_the_first_link(app: Flask, client: Any, mail: Any) -> None:
    register(client, password="somebody else was first")
    first = link_of(mail.to("nora@example.org")[0])
    register(client)
    second = link_of(mail.to("nora@example.org")[1])
    assert client.get(first).status_code == 404
    post(client, second, page=second)
    assert sign_in(client, "nora@example.org", "somebody else was first").status_code == 422
    assert sign_in(client, "nora@example.org").status_code == 303


def test_a_closed_account_cannot_sign_in(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org", active=False)
    assert sign_in(client, "ann@example.org").status_code == 422


def test_no_get_page_of_accounts_writes(app: Flask, client: Any) -> None:
    for page in ("/sign-in", "/register", "/recover", "/confirm", "/sign-in/passkey"):
        assert client.get(page).status_code == 200, page
    for page in ("/sign-in/code", "/sign-in/recovery-code", "/me", "/me/password", "/me/email", "/me/passkeys"):
        assert client.get(page).status_code == 303, page
    for page in ("/sign-in/rescue", "/sign-in/select"):
        assert client.get(page).status_code == 404, page
