"""Wrong tries by account wait longer and longer; nobody is locked out for good."""

from datetime import timedelta
from typing import Any

from flask import Flask

from swapmeet.accounts import throttle
from tests.accounts.people import OTHER, is_signed_in, link_of, person, sign_in
from tests.support.forms import post

WRONG = "wrong but long enough"


def test_the_pause_doubles_up_to_an_hour_and_ends_in_none_after_a_hundred() -> None:
    minutes = [throttle.wait_after(count).total_seconds() / 60 for count in (0, 9, 10, 11, 12, 15, 16, 50, 99)]
    assert minutes == [0, 0, 1, 2, 4, 32, 60, 60, 60]
    assert throttle.wait_after(100) > timedelta(days=300)


def test_r_t34_after_ten_wrong_passwords_the_account_waits(app: Flask, client: Any, clock: Any) -> None:
    person(app, email="ann@example.org")
    statuses = [sign_in(client, "ann@example.org", WRONG).status_code for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    answer = sign_in(client, "ann@example.org")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "Wait a minute" in answer.get_data(as_text=True)
    clock.advance(seconds=61)
    assert sign_in(client, "ann@example.org").status_code == 303


def test_r_t35_an_unknown_address_waits_just_the_same(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    known = [sign_in(client, "ann@example.org", WRONG) for _ in range(11)]
    unknown = [sign_in(client, "nobody@example.org", WRONG) for _ in range(11)]
    assert [a.status_code for a in known] == [a.status_code for a in unknown]


def test_a_right_password_starts_the_count_anew(app: Flask, client: Any) -> None:
    person(app, email="ann@example.org")
    for _ in range(9):
        sign_in(client, "ann@example.org", WRONG)
    inside = app.test_client()
    assert sign_in(inside, "ann@example.org").status_code == 303
    assert [sign_in(client, "ann@example.org", WRONG).status_code for _ in range(9)] == [422] * 9


def test_the_owner_gets_back_in_by_mail_while_somebody_guesses(app: Flask, client: Any, mail: Any) -> None:
    person(app, email="ann@example.org")
    for _ in range(12):
        sign_in(client, "ann@example.org", WRONG)
    owner = app.test_client()
    post(owner, "/recover", {"email": "ann@example.org"}, page="/recover")
    link = link_of(mail.to("ann@example.org")[0])
    post(owner, link, {"password": OTHER, "password_confirm": OTHER}, page=link)
    assert sign_in(owner, "ann@example.org", OTHER).status_code == 303
    assert is_signed_in(owner)


def test_old_counts_are_forgotten_but_a_hundred_in_a_row_are_not(app: Flask, db_session: Any, clock: Any) -> None:
    from swapmeet.accounts.models import SignInFailure
    from swapmeet.infra.uow import transaction

    with transaction() as session:
        session.add(SignInFailure(address_digest="a", count=12, failed_at=clock.now()))
        session.add(SignInFailure(address_digest="b", count=100, failed_at=clock.now()))
    clock.advance(hours=25)
    with transaction() as session:
        throttle.forget_old(session, now=clock.now())
    assert [row.address_digest for row in db_session.query(SignInFailure)] == ["b"]
