"""The code from an app, recovery codes, and steps that cannot be skipped."""

import re
import time
from typing import Any

import pyotp
import pytest
from flask import Flask

from swapmeet.accounts.models import Person, SignInStep
from swapmeet.infra.db import db
from tests.accounts.people import PASSWORD, find, is_signed_in, person, sign_in
from tests.support.forms import post


def app_of(client: Any) -> pyotp.TOTP:
    """Turn the second step on as a person would; returns the authenticator app."""
    page = post(client, "/me/second-factor", {"setup": "authenticator"}, page="/me/second-factor").get_data(
        as_text=True
    )
    key = re.search(r'<span class="code">([A-Z2-7-]+)</span>', page)
    action = re.search(r'action="(/me/second-factor/[^"]+)"', page)
    assert key and action, page
    authenticator = pyotp.TOTP(key.group(1).replace("-", ""))
    answer = post(client, action.group(1), {"code": authenticator.now()}, page="/me/second-factor")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return authenticator


def next_code(authenticator: pyotp.TOTP) -> str:
    """The code of the next half minute, which the server takes as well."""
    return authenticator.at(int(time.time()) + 30)


@pytest.fixture
def ann(app: Flask, client: Any) -> pyotp.TOTP:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    return app_of(client)


def test_a_wrong_first_code_leaves_the_key_that_is_in_the_app(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    setup = "/me/second-factor"
    page = post(client, setup, {"setup": "authenticator"}, page=setup).get_data(as_text=True)
    key, action = re.search(r'"code">([A-Z2-7-]+)<', page), re.search(rf'action="({setup}/[^"]+)"', page)
    assert key and action
    wrong = post(client, action.group(1), {"code": "000000"}, page=setup)
    again = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and again.count("That code is not right") == 2, "in the summary and at the field"
    assert key.group(1) in again and action.group(1) in again
    code = pyotp.TOTP(key.group(1).replace("-", "")).now()
    assert post(client, action.group(1), {"code": f"{code[:3]} {code[3:]}"}, page=setup).headers["Location"] == "/me"


def test_with_the_second_step_on_the_password_alone_does_not_sign_in(app: Flask, ann: pyotp.TOTP) -> None:
    client = app.test_client()
    answer = sign_in(client, "ann@example.org")
    assert answer.headers["Location"].startswith("/sign-in/code")
    assert not is_signed_in(client)
    assert post(client, "/sign-in/code", {"code": next_code(ann)}, page="/sign-in/code").headers["Location"] == "/"
    assert is_signed_in(client)


def test_the_way_back_survives_the_second_step(app: Flask, ann: pyotp.TOTP) -> None:
    client = app.test_client()
    location = sign_in(client, "ann@example.org", next="/me/email").headers["Location"]
    assert post(client, location, {"code": next_code(ann)}, page=location).headers["Location"] == "/me/email"


def test_s_t8_the_same_code_never_signs_in_twice(app: Flask, ann: pyotp.TOTP) -> None:
    code = next_code(ann)
    first, second = app.test_client(), app.test_client()
    sign_in(first, "ann@example.org")
    sign_in(second, "ann@example.org")
    assert post(first, "/sign-in/code", {"code": code}, page="/sign-in/code").status_code == 303
    answer = post(second, "/sign-in/code", {"code": code}, page="/sign-in/code")
    assert answer.status_code == 422
    assert not is_signed_in(second)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "1" * 500, "１２３４５６", "12345\x00", "-12345"])
def test_wrong_codes_are_refused_in_words(app: Flask, ann: pyotp.TOTP, code: str) -> None:
    client = app.test_client()
    sign_in(client, "ann@example.org")
    answer = post(client, "/sign-in/code", {"code": code}, page="/sign-in/code")
    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_codes_can_be_guessed_ten_times_only(app: Flask, ann: pyotp.TOTP) -> None:
    client = app.test_client()
    sign_in(client, "ann@example.org")
    for _ in range(10):
        post(client, "/sign-in/code", {"code": "000000"}, page="/sign-in/code")
    answer = post(client, "/sign-in/code", {"code": next_code(ann)}, page="/sign-in/code")
    assert answer.status_code == 422
    assert "Too many wrong tries" in answer.get_data(as_text=True)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/sign-in/code", {"code": "123456"}),
        ("/sign-in/recovery-code", {"code": "aaaa-bbbb-cccc"}),
        ("/sign-in/passkey/forged", {"credential": "{}"}),
        ("/me/second-factor/forged", {"code": "123456"}),
        ("/me/passkeys/forged", {"credential": "{}"}),
        ("/me/verify/passkey/forged", {"credential": "{}"}),
        ("/recover/forged", {"password": PASSWORD, "password_confirm": PASSWORD}),
        ("/confirm/forged", {}),
        ("/me/email/forged", {}),
    ],
)
def test_r_t37_posting_the_last_step_alone_is_refused(
    app: Flask, client: Any, address: str, data: dict[str, str]
) -> None:
    person(app, email="ann@example.org")
    answer = post(client, address, data, page="/sign-in")
    assert answer.status_code in (303, 404)
    assert not is_signed_in(client)


def test_r_t37_a_half_sign_in_ends_after_a_quarter_of_an_hour(app: Flask, ann: pyotp.TOTP, clock: Any) -> None:
    client = app.test_client()
    sign_in(client, "ann@example.org")
    clock.advance(minutes=16)
    assert post(client, "/sign-in/code", {"code": next_code(ann)}, page="/sign-in").status_code == 303
    assert not is_signed_in(client)


def test_a_used_half_sign_in_opens_nothing_more(app: Flask, ann: pyotp.TOTP) -> None:
    client = app.test_client()
    sign_in(client, "ann@example.org")
    step = client.get_cookie("swapmeet_step").value
    post(client, "/sign-in/code", {"code": next_code(ann)}, page="/sign-in/code")
    thief = app.test_client()
    thief.set_cookie("swapmeet_step", step)
    assert thief.get("/sign-in/code").status_code == 303
    assert db.session.query(SignInStep).count() == 0


def test_s_t9_recovery_codes_are_stored_encrypted_and_work_once(app: Flask, client: Any, ann: pyotp.TOTP) -> None:
    page = post(client, "/me/recovery-codes", {"generate_new_codes": "1"}, page="/me/recovery-codes").get_data(
        as_text=True
    )
    codes = re.findall(r'<li class="code">([0-9a-f-]+)</li>', page)
    assert len(codes) == 8
    stored = find("ann@example.org").mf_recovery_codes
    assert len(stored) == 8 and not set(codes) & set(stored)
    first, second = app.test_client(), app.test_client()
    for other in (first, second):
        sign_in(other, "ann@example.org")
    typed = codes[0].upper().replace("-", " ")
    assert post(first, "/sign-in/recovery-code", {"code": typed}, page="/sign-in/recovery-code").status_code == 303
    assert is_signed_in(first)
    assert post(second, "/sign-in/recovery-code", {"code": codes[0]}, page="/sign-in/recovery-code").status_code == 422
    assert not is_signed_in(second)
    assert len(find("ann@example.org").mf_recovery_codes) == 7


def test_turning_the_second_step_on_and_off_is_told_by_mail(
    app: Flask, client: Any, ann: pyotp.TOTP, mail: Any
) -> None:
    assert post(client, "/me/second-factor", {"setup": "disable"}, page="/me/second-factor").status_code == 303
    subjects = [message["Subject"] for message in mail.to("ann@example.org")]
    assert subjects == ["Your account was changed"] * 2
    assert not find("ann@example.org").has_second_factor


def test_what_guards_the_account_asks_for_the_password_again_after_a_while(app: Flask, client: Any, clock: Any) -> None:
    person(app, email="ann@example.org")
    sign_in(client, "ann@example.org")
    assert client.get("/me/second-factor").status_code == 200
    clock.advance(minutes=31)
    for page in ("/me/second-factor", "/me/email", "/me/passkeys", "/me/recovery-codes"):
        assert client.get(page).headers["Location"].startswith("/me/verify"), page
    wrong = post(client, "/me/verify?next=/me/email", {"password": "wrong but long enough"}, page="/me/verify")
    assert wrong.status_code == 422
    right = post(client, "/me/verify?next=/me/email", {"password": PASSWORD}, page="/me/verify")
    assert right.headers["Location"] == "/me/email"
    assert client.get("/me/email").status_code == 200


def test_another_account_cannot_lend_its_freshness(app: Flask, clock: Any) -> None:
    person(app, email="ann@example.org")
    person(app, name="Otto Stranger", email="otto@example.org")
    stolen, fresh = app.test_client(), app.test_client()
    sign_in(stolen, "ann@example.org")
    clock.advance(minutes=31)
    sign_in(fresh, "otto@example.org")
    fresh.get("/me/email")
    stolen.set_cookie("swapmeet_form", fresh.get_cookie("swapmeet_form").value)
    assert stolen.get("/me/email").headers["Location"].startswith("/me/verify")


def test_the_secret_of_the_app_is_stored_encrypted(app: Flask, ann: pyotp.TOTP) -> None:
    stored = db.session.query(Person).filter_by(email="ann@example.org").one().tf_totp_secret
    assert ann.secret not in stored
