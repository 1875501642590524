"""Check-in by API: token only, one word for what happened, nonce-safe, one show only."""

import pytest
from flask import g
from sqlalchemy import func, select

from swapmeet.accounts.queries import find_live_token, standing_of
from swapmeet.badges.models import CheckIn
from swapmeet.badges.scopes import load_scanned_show
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.badges import build


@pytest.fixture
def api(world, clock):
    build.at_show_time(world, clock)
    secret = build.token(world)
    client = world.client()

    def send(code, *, nonce="nonce-0001", slug=None, secret=secret, **more):
        return client.post(
            f"/api/v1/shows/{slug or world.slug}/check-ins",
            json={"code": code, "nonce": nonce, **more},
            headers={"Authorization": f"Bearer {secret}"},
        )

    send.client, send.secret = client, secret
    return send


def test_the_first_scan_is_in_and_the_second_is_already(world, api):
    badge = build.admitted(world)
    first = api(badge.code)
    assert first.status_code == 201
    assert first.json["result"] == "in"
    assert first.json["admitted"] is True
    assert first.json["color"] == "green"
    again = api(badge.code, nonce="nonce-0002")
    assert again.status_code == 200
    assert again.json["result"] == "already"
    assert again.json["gate"] == "Main door"
    assert again.json["by"] == "Scanner 1"


def test_the_same_nonce_gives_the_first_answer(world, api):
    badge = build.admitted(world)
    first, again = api(badge.code), api(badge.code)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["result"] == "in"
    assert again.json["repeated"] is True
    assert first.json["check_in"] == again.json["check_in"]


def test_a_nonce_of_another_badge_is_a_conflict(world, api):
    one, two = build.admitted(world), build.admitted(world, "Bo")
    api(one.code)
    response = api(two.code)
    assert response.status_code == 409
    assert response.json["code"] == "nonce_reused"


def test_five_hundred_scans_sent_twice_in_another_order_count_once_each(world, api):
    badges = [build.admitted(world, f"Person {number}") for number in range(25)]
    codes = [badge.code for badge in badges]
    for code in codes:
        api(code, nonce=f"queue-{code}")
    results = [api(code, nonce=f"queue-{code}").json["result"] for code in reversed(codes)]
    assert set(results) == {"in"}
    assert world.session.scalar(select(func.count()).select_from(CheckIn)) == 25


def test_unknown_codes_are_an_answer_not_an_error(world, api):
    response = api("NOSUCHCODE")
    assert response.status_code == 200
    assert response.json["result"] == "unknown"
    assert response.json["color"] == "red"


def test_r_t02_a_token_of_one_show_opens_no_other(world, api):
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        badge = build.attendee(db_session, other, "Secret Sam")
        other_slug = other.slug
    bound = build.token(world, event_id=world.event_id)
    response = api(badge.code, slug=other_slug, secret=bound)
    assert response.status_code == 404
    assert "Secret" not in response.get_data(as_text=True)
    listed = api.client.get(f"/api/v1/shows/{other_slug}/check-ins", headers={"Authorization": f"Bearer {bound}"})
    assert listed.status_code == 404
    crossed = api(badge.code, secret=bound)
    assert crossed.json["result"] == "other_show"
    assert crossed.json["name"] == ""


def test_entries_are_listed_and_shown_for_this_show_only(world, api):
    badge = build.admitted(world)
    entry_id = api(badge.code).json["check_in"]
    head = {"Authorization": f"Bearer {api.secret}"}
    url = f"/api/v1/shows/{world.slug}/check-ins"
    assert [row["id"] for row in api.client.get(url, headers=head).json["check_ins"]] == [entry_id]
    assert api.client.get(f"{url}?after={entry_id}", headers=head).json["check_ins"] == []
    assert api.client.get(f"{url}/{entry_id}", headers=head).json["name"] == "Ann Lee"
    assert api.client.get(f"{url}/{entry_id + 1}", headers=head).status_code == 404


def test_without_a_token_nothing_opens(world, api):
    badge = build.admitted(world)
    url = f"/api/v1/shows/{world.slug}/check-ins"
    body = {"code": badge.code, "nonce": "nonce-0001"}
    assert world.client().post(url, json=body).status_code == 401
    assert world.client("dora").post(url, json=body).status_code == 401, (
        "a cookie is not enough: there is no CSRF token"
    )
    assert api(badge.code, secret="wrong").status_code == 401
    weak = build.token(world, permissions=("event.view",))
    assert api(badge.code, secret=weak).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"code": 5, "nonce": "nonce-0001"}',
        b'{"code": "", "nonce": "nonce-0001"}',
        b'{"code": "X"}',
        b'{"code": "X", "nonce": "short"}',
        b'{"code": "X", "nonce": "nonce-0001", "more": 1}',
        b'{"code": "X", "nonce": "nonce-0001", "gate": ["a"]}',
        b'{"code": "' + b"9" * 300 + b'", "nonce": "nonce-0001"}',
        b'{"code": "\xff", "nonce": "nonce-0001"}',
    ],
)
def test_bad_bodies_are_told_as_problem_details(api, world, body):
    response = api.client.post(
        f"/api/v1/shows/{world.slug}/check-ins",
        data=body,
        headers={"Authorization": f"Bearer {api.secret}", "Content-Type": "application/json"},
    )
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.json["code"] == "bad_body"


@pytest.mark.parametrize("code", ["\x00", "😀" * 50, "'; drop table badge; --", "\u202e" + "A" * 26])
def test_odd_codes_are_unknown(api, code):
    assert api(code).json["result"] == "unknown"


def test_an_unknown_gate_is_a_404(world, api):
    badge = build.admitted(world)
    response = api(badge.code, gate="Back door")
    assert response.status_code == 404
    assert response.json["code"] == "gate_not_found"


@pytest.mark.parametrize("key", ["olga", "trudy", "dora", "otto"])
@pytest.mark.parametrize("is_bound", [True, False])
def test_the_scanners_short_way_decides_as_the_long_way_does(world, key, is_bound):
    """The scope of the API gathers its reads in one statement; the answer must be that of standing_of."""
    secret = build.token(world, key=key, event_id=world.event_id if is_bound else None)
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        club = factories.organizer(db_session, "Foreign Club")
        foreign = factories.event(db_session, organizer=club, name="Foreign Fair")
        factories.member(
            db_session, organizer=world.organizer, person=world.people["otto"], roles=["door"], event=other
        )
        shows = [(show.slug, show.id, show.organizer_id) for show in (world.show(), other, foreign)]
    with world.app.test_request_context():
        token = g.api_token = find_live_token(db.session(), secret, now=utcnow())
        for slug, event_id, organizer_id in shows:
            long_way = standing_of(
                db.session(), person=world.person(key), organizer_id=organizer_id, event_id=event_id, token=token
            )
            assert load_scanned_show(slug).standing == long_way
        assert load_scanned_show("no-such-show") is None
