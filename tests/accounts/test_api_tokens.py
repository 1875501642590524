"""API tokens: shown once, narrowed, revocable, never wider than their owner."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from swapmeet.accounts.models import ApiToken, Organizer, TeamMember
from swapmeet.accounts.queries import standing_of
from swapmeet.infra import codes
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.support.forms import post

CLUB = "/manage/organizers/lakeside-club/tokens"
SHOW = "/manage/shows/lakeside-fair/tokens"


def make(world: Any, *rights: str, place: str = SHOW, by: str = "olga", **changes: str) -> str:
    data = {"label": "Door scanner", "permissions": list(rights), "days": "30", **changes}
    answer = post(world.client(by), place, data, page="/me")
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found = re.search(r'<code class="code">(swm_[\w-]+)</code>', answer.get_data(as_text=True))
    assert found
    return found.group(1)


def bearer(app: Flask, secret: str, path: str, method: str = "GET") -> int:
    return app.test_client().open(path, method=method, headers={"Authorization": f"Bearer {secret}"}).status_code


def api(show: str) -> str:
    """An address of the API that needs the right to check people in."""
    return f"/api/v1/shows/{show}/check-ins"


def test_a_token_is_shown_once_and_kept_as_a_digest(world: Any) -> None:
    secret = make(world, "attendees.view")
    row = db.session.scalars(select(ApiToken)).one()
    assert row.token_digest == codes.digest(secret) and row.event_id == world.event_id
    page = world.client("olga").get(SHOW).get_data(as_text=True)
    assert secret not in page and "Door scanner" in page and "See attendees" in page


def test_a_token_opens_what_it_was_made_for(app: Flask, world: Any) -> None:
    secret = make(world, "door.check_in")
    assert bearer(app, secret, api("lakeside-fair")) == 200


@pytest.mark.parametrize("given", ["", "nonsense", "swm_" + "a" * 5000, "ünïcode", "\x00"])
def test_wrong_tokens_get_401(app: Flask, world: Any, given: str) -> None:
    header = {"Authorization": f"Bearer {given}".encode().decode("latin-1")}
    assert app.test_client().get(api("lakeside-fair"), headers=header).status_code == 401


def test_revoked_and_old_tokens_get_401(app: Flask, world: Any, clock: Any) -> None:
    first, second = make(world, "door.check_in"), make(world, "door.check_in")
    row = db.session.scalars(select(ApiToken).order_by(ApiToken.id)).first()
    assert post(world.client("olga"), f"{SHOW}/{row.id}/revocation", page="/me").status_code == 303
    assert bearer(app, first, api("lakeside-fair")) == 401
    assert bearer(app, second, api("lakeside-fair")) == 200
    clock.advance(days=31)
    assert bearer(app, second, api("lakeside-fair")) == 401


def test_r_t10_a_token_of_one_show_sees_no_other(app: Flask, world: Any) -> None:
    with transaction() as db_session:
        factories.event(db_session, organizer=db_session.get_one(Organizer, world.organizer.id), name="Other Fair")
    secret = make(world, "door.check_in")
    assert bearer(app, secret, api("other-fair")) == 404
    assert bearer(app, secret, api("no-such-fair")) == 404
    whole_club = make(world, "door.check_in", place=CLUB)
    assert bearer(app, whole_club, api("other-fair")) == 200


def test_r_t10_a_token_does_only_what_was_chosen(app: Flask, world: Any) -> None:
    secret = make(world, "attendees.view")
    assert bearer(app, secret, api("lakeside-fair")) == 403


def test_r_t10_a_token_opens_no_page_outside_the_api(app: Flask, world: Any) -> None:
    secret = make(world, "team.view", "event.view")
    assert bearer(app, secret, "/manage/shows/lakeside-fair/team") == 303
    assert bearer(app, secret, "/me") == 303


def test_a_token_falls_with_the_rights_of_its_owner(app: Flask, world: Any) -> None:
    with transaction() as db_session:
        factories.member(db_session, organizer=world.organizer, person=world.person("tom"), roles=["owner"])
    secret = make(world, "door.check_in", by="tom")
    assert bearer(app, secret, api("lakeside-fair")) == 200
    with transaction() as db_session:
        member = db_session.scalars(select(TeamMember).where(TeamMember.person_id == world.ids["tom"])).one()
        member.roles = ["viewer"]
    assert bearer(app, secret, api("lakeside-fair")) == 403
    with transaction() as db_session:
        db_session.delete(db_session.get_one(TeamMember, member.id))
    assert bearer(app, secret, api("lakeside-fair")) == 404


def test_a_site_admins_token_is_bound_to_its_place_too(world: Any) -> None:
    with transaction() as db_session:
        other = factories.organizer(db_session, name="Other Club")
        world.person("otto").is_site_admin = True
        token = ApiToken(
            organizer_id=world.organizer.id, person_id=world.ids["otto"], label="x", token_digest="d", permissions=[]
        )
    standing = standing_of(db.session(), person=world.person("otto"), organizer_id=other.id, token=token)
    assert not standing.roles and not standing.is_site_admin


def test_the_cookie_counts_for_nothing_under_the_api(world: Any) -> None:
    assert world.client("olga").get(api("lakeside-fair")).status_code == 401


@pytest.mark.parametrize(
    "right", ["team.edit", "organizer.edit", "site.admin", "event.cancel", "money.refund", "nonsense"]
)
def test_some_rights_are_never_given_to_programs(world: Any, right: str) -> None:
    data = {"label": "x", "permissions": [right], "days": "30"}
    assert post(world.client("olga"), SHOW, data, page="/me").status_code == 422
    assert db.session.scalars(select(ApiToken)).all() == []


def test_only_the_owner_makes_and_revokes_tokens(world: Any) -> None:
    make(world, "door.check_in")
    row = db.session.scalars(select(ApiToken)).one()
    for key, status in (("trudy", 403), ("dora", 403), ("otto", 404)):
        client = world.client(key)
        assert client.get(SHOW).status_code == status
        assert (
            post(client, SHOW, {"label": "x", "permissions": ["door.check_in"], "days": "30"}, page="/me").status_code
            == status
        )
        assert post(client, f"{SHOW}/{row.id}/revocation", page="/me").status_code == status
