"""One's own account: sign-ins, name, data, the end of it."""

import json
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from swapmeet.accounts.models import Person, SignInSession, TeamMember
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.registry import registry
from tests.accounts.people import PASSWORD, find, is_signed_in, person, sign_in
from tests.support.forms import post


def test_the_account_page_says_everything_at_a_glance(world: Any) -> None:
    page = world.client("olga").get("/me").get_data(as_text=True)
    for words in (
        "Olga Organizer",
        "olga.organizer@example.org",
        "Lakeside Club",
        "Owner",
        "None yet",
        "1 device",
        "Off",
    ):
        assert words in page, words
    page = world.client("otto").get("/me").get_data(as_text=True)
    assert "Add your club" in page


def test_sign_ins_are_listed_and_one_is_ended(app: Flask) -> None:
    person(app, email="ann@example.org")
    here, there = app.test_client(), app.test_client()
    sign_in(here, "ann@example.org")
    there.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) AppleWebKit Safari/605"
    sign_in(there, "ann@example.org")
    page = here.get("/me/sign-ins").get_data(as_text=True)
    assert "Safari on an iPhone" in page and "This one" in page
    other = db.session.scalars(select(SignInSession).where(SignInSession.device.contains("iPhone"))).one()
    assert post(here, f"/me/sign-ins/{other.id}/removal", page="/me/sign-ins").status_code == 303
    assert is_signed_in(here) and not is_signed_in(there)
    assert post(here, f"/me/sign-ins/{other.id}/removal", page="/me/sign-ins").status_code == 404


def test_sign_out_everywhere_else(app: Flask) -> None:
    person(app, email="ann@example.org")
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client, "ann@example.org")
    post(clients[0], "/me/sign-ins/removal", page="/me/sign-ins")
    assert [is_signed_in(client) for client in clients] == [True, False, False]


def test_nobody_ends_the_sign_in_of_another(world: Any) -> None:
    victim = world.client("ann")
    row = db.session.scalars(select(SignInSession).where(SignInSession.person_id == world.ids["ann"])).one()
    assert post(world.client("otto"), f"/me/sign-ins/{row.id}/removal", page="/me").status_code == 404
    assert is_signed_in(victim)


def test_the_name_is_changed_and_keeps_what_was_typed(world: Any) -> None:
    client = world.client("ann")
    assert post(client, "/me/name", {"name": "Anna Lee"}, page="/me/name").status_code == 303
    assert "Anna Lee" in client.get("/me").get_data(as_text=True)
    answer = post(client, "/me/name", {"name": "x" * 200}, page="/me/name")
    assert answer.status_code == 422 and "x" * 200 in answer.get_data(as_text=True)


def test_r_t12_the_name_form_changes_the_name_alone(world: Any) -> None:
    post(
        world.client("ann"),
        "/me/name",
        {"name": "Ann", "is_site_admin": "1", "email": "x@example.org", "id": "1"},
        page="/me",
    )
    ann = db.session.get_one(Person, world.ids["ann"])
    db.session.refresh(ann)
    assert (ann.is_site_admin, ann.email) == (False, "ann.attendee@example.org")


def test_the_download_has_every_feature_and_no_secret(world: Any) -> None:
    client = world.client("olga")
    answer = client.get("/me/data.json")
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.get_data(as_text=True))
    assert set(data) == {part.name for part in registry().personal_data}
    assert data["account"]["email"] == "olga.organizer@example.org"
    assert data["account"]["teams"][0]["roles"] == ["owner"]
    cookie = client.get_cookie("swapmeet_id").value
    assert cookie not in answer.get_data(as_text=True)


def test_the_download_asks_for_the_password_again_after_a_while(world: Any, clock: Any) -> None:
    client = world.client("ann")
    clock.advance(minutes=31)
    assert client.get("/me/data.json").headers["Location"].startswith("/me/verify")
    assert client.get("/me/erasure").headers["Location"].startswith("/me/verify")


def test_erasing_needs_the_tick(world: Any) -> None:
    assert post(world.client("ann"), "/me/erasure", page="/me/erasure").status_code == 422
    assert find("ann.attendee@example.org") is not None


def test_an_erased_person_keeps_the_id_and_loses_the_rest(app: Flask, world: Any) -> None:
    client, elsewhere = world.client("trudy"), world.client("trudy")
    post(client, "/recover", {"email": "trudy.treasurer@example.org"}, page="/me")
    assert post(client, "/me/erasure", {"sure": "y"}, page="/me/erasure").headers["Location"] == "/"
    assert not is_signed_in(client) and not is_signed_in(elsewhere)
    db.session.expire_all()
    gone = db.session.get_one(Person, world.ids["trudy"])
    assert (gone.name, gone.email) == ("", f"erased-{gone.id}@erased.invalid")
    assert not gone.active and gone.password is None and gone.erased_at is not None
    count = select(func.count()).select_from(TeamMember).where(TeamMember.person_id == gone.id)
    assert db.session.scalar(count) == 0
    texts = [repr(row) for row in db.session.execute(select(AuditEntry.actor_label, AuditEntry.facts))]
    assert not any("Trudy" in text or "trudy" in text for text in texts)
    assert not db.session.scalars(select(OutboxMessage).where(OutboxMessage.to_address.contains("trudy"))).all()
    assert not [job for job in db.session.scalars(select(Job)) if "trudy" in repr(job.payload)]
    assert sign_in(app.test_client(), "trudy.treasurer@example.org", PASSWORD).status_code == 422


def test_the_last_owner_cannot_close_the_account(world: Any) -> None:
    client = world.client("olga")
    answer = post(client, "/me/erasure", {"sure": "y"}, page="/me/erasure")
    assert answer.status_code == 409
    assert "only owner of Lakeside Club" in answer.get_data(as_text=True)
    assert is_signed_in(client)
