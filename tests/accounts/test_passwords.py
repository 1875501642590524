"""NIST SP 800-63B-4: length and a block list, nothing about signs or capitals."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from swapmeet.accounts import blocklist, passwords
from swapmeet.accounts.models import Person
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from tests.accounts.people import OTHER, PASSWORD, find, is_signed_in, link_of, person, register, sign_in
from tests.support.databases import make_settings
from tests.support.forms import post

KNOWN = ("Nora Newcomer", "nora.newcomer@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "abcdefghijklmnopq",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "123456789012345678",
        "9876543210987654",
        "passwordpassword",
        "Password Password 1",
        "p@ssw0rdp@ssw0rd",
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple!",
        "to be or not to be",
        "iloveyouiloveyou1",
        "swapmeetswapmeet",
        "Swapmeet 2026 2026",
        "Nora Newcomer 1950",
        "nora.newcomer@example.org",
        "NoraNewcomerNora1",
        "ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ",
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    assert blocklist.find_fault(password, KNOWN) is not None


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        OTHER,
        "the attic smells of glue",
        "Xk9#mQ2$vL7@pW4!",
        "青い鳥が窓辺で歌っている朝のこと",
        "nora paints tiny sofas",
    ],
)
def test_good_passwords_are_taken(password: str) -> None:
    assert blocklist.find_fault(password, KNOWN) is None


def test_no_signs_or_capitals_are_asked_for_and_spaces_count(client: Any) -> None:
    assert register(client, password="small words only here").status_code == 303


@pytest.mark.parametrize("length", [64, 128, 256])
def test_long_passwords_are_taken_whole(app: Flask, client: Any, length: int) -> None:
    long = ("every kind of glue and paint dries in its own time " * 6)[:length]
    register(client, password=long)
    stored = find("nora@example.org").password
    assert passwords.matches(long, stored)
    assert not passwords.matches(long[:-1], stored)


def test_passwords_past_256_signs_are_refused_in_words(client: Any) -> None:
    answer = register(client, password="every kind of glue dries " * 20)
    assert answer.status_code == 422
    assert "at most 256 characters" in answer.get_data(as_text=True)


@pytest.mark.parametrize("password", ["gravel\x00lantern otter", "😀 lantern otter gravel", "x" * 600_000])
def test_odd_passwords_never_break_the_page(client: Any, password: str) -> None:
    assert register(client, password=password).status_code in (303, 413, 422)
    assert sign_in(client, "nora@example.org", password).status_code in (413, 422)


def test_composed_and_decomposed_letters_are_one_password(app: Flask, client: Any) -> None:
    stored_by = "caf\u00e9 lantern otter gravel"
    typed_as = "cafe\u0301 lantern otter gravel"
    register(client, password=stored_by)
    assert passwords.matches(typed_as, find("nora@example.org").password)


def test_stored_hashes_are_argon2id_with_19_mib(schema_database: str, tmp_path: Path) -> None:
    app = create_app(make_settings(schema_database, tmp_path / "instance"))
    with app.app_context():
        register(app.test_client())
        assert find("nora@example.org").password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        db.session.remove()
        db.engine.dispose()


def test_s_t10_the_hash_has_those_parameters_for_everybody(app: Flask) -> None:
    assert app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"]["argon2__memory_cost"] == 19456


def test_changing_the_password_ends_every_other_session(app: Flask, mail: Any) -> None:
    person(app, email="ann@example.org")
    here, there = app.test_client(), app.test_client()
    sign_in(here, "ann@example.org")
    sign_in(there, "ann@example.org")
    before = here.get_cookie("swapmeet_id").value
    data = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER}
    assert post(here, "/me/password", data, page="/me/password").headers["Location"] == "/me"
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert here.get_cookie("swapmeet_id").value != before
    copied = app.test_client()
    copied.set_cookie("swapmeet_id", before)
    assert not is_signed_in(copied)
    assert [m["Subject"] for m in mail.to("ann@example.org")] == ["Your password was changed"]
    assert sign_in(app.test_client(), "ann@example.org", OTHER).status_code == 303


def test_changing_the_password_needs_the_present_one(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    data = {"password": "wrong but long enough", "new_password": OTHER, "new_password_confirm": OTHER}
    answer = post(client, "/me/password", data, page="/me/password")
    assert answer.status_code == 422
    assert "That is not your password." in answer.get_data(as_text=True)


@pytest.mark.parametrize("typed", ["x" * 5_000, "\ufdfa" * 900], ids=["long", "long once composed"])
@pytest.mark.parametrize("page", ["/sign-in", "/me/password", "/me/verify"])
def test_a_password_longer_than_any_can_be_is_refused_in_words(app: Flask, client: Any, typed: str, page: str) -> None:
    person(app, email="ann@example.org")
    if page != "/sign-in":
        sign_in(client, "ann@example.org")
    data = {"email": "ann@example.org", "password": typed, "new_password": OTHER, "new_password_confirm": OTHER}
    answer = post(client, page, data, page=page)
    assert answer.status_code == 422
    assert "That is too long." in answer.get_data(as_text=True)


def test_a_shorter_password_is_possible_only_with_the_second_step(app: Flask, client: Any) -> None:
    ann = person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    short = {"password": PASSWORD, "new_password": "tin glue 9", "new_password_confirm": "tin glue 9"}
    assert post(client, "/me/password", short, page="/me/password").status_code == 422
    secret = app.extensions["security"].totp_factory.generate_totp_secret()
    ann = db.session.get_one(Person, ann.id)
    ann.tf_primary_method, ann.tf_totp_secret = "authenticator", secret
    db.session.commit()
    assert post(client, "/me/password", short, page="/me/password").status_code == 303
    db.session.expire_all()
    assert db.session.get_one(Person, ann.id).password_is_short
    answer = post(client, "/me/second-factor", {"setup": "disable"}, page="/me/second-factor")
    assert answer.status_code == 422
    assert "Set a password of 15 characters" in answer.get_data(as_text=True)


def test_a_new_password_by_mail_ends_every_session_and_does_not_sign_in(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    inside = app.test_client()
    sign_in(inside, "ann@example.org")
    assert post(client, "/recover", {"email": "ann@example.org"}, page="/recover").status_code == 303
    link = link_of(mail.to("ann@example.org")[0])
    assert client.get(link).status_code == 200
    answer = post(client, link, {"password": OTHER, "password_confirm": OTHER}, page=link)
    assert answer.headers["Location"] == "/sign-in"
    assert not is_signed_in(client)
    assert not is_signed_in(inside)
    again = client.get(link)
    assert (again.status_code, again.headers.get("Location")) == (303, "/recover")
    assert sign_in(client, "ann@example.org", OTHER).status_code == 303


def test_a_new_password_by_mail_also_confirms_the_address(app: Flask, client: Any, mail: Any) -> None:
    register(client)
    post(client, "/recover", {"email": "nora@example.org"}, page="/recover")
    link = link_of(mail.to("nora@example.org")[1])
    post(client, link, {"password": OTHER, "password_confirm": OTHER}, page=link)
    assert sign_in(client, "nora@example.org", OTHER).status_code == 303


def test_reset_never_skips_the_second_step(app: Flask, client: Any, mail: Any) -> None:
    secret = app.extensions["security"].totp_factory.generate_totp_secret()
    person(app, email="ann@example.org", tf_primary_method="authenticator", tf_totp_secret=secret)
    post(client, "/recover", {"email": "ann@example.org"}, page="/recover")
    link = link_of(mail.to("ann@example.org")[0])
    post(client, link, {"password": OTHER, "password_confirm": OTHER}, page=link)
    assert sign_in(client, "ann@example.org", OTHER).headers["Location"].startswith("/sign-in/code")
    assert not is_signed_in(client)
