"""Clubs and their teams: founding, inviting, joining, roles, leaving."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from swapmeet.accounts.models import Invitation, InvitationState, Organizer, TeamMember
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.accounts.people import link_of
from tests.support.forms import post

TEAM = "/manage/organizers/lakeside-club/team"
SHOW_TEAM = "/manage/shows/lakeside-fair/team"


def member_id(world: Any, key: str, *, event: bool = False) -> int:
    statement = select(TeamMember.id).where(TeamMember.person_id == world.ids[key])
    statement = statement.where(TeamMember.event_id.is_not(None) if event else TeamMember.event_id.is_(None))
    return int(db.session.scalars(statement).one())


def roles_of(world: Any, key: str) -> list[list[str]]:
    db.session.rollback()
    statement = select(TeamMember.roles).where(TeamMember.person_id == world.ids[key]).order_by(TeamMember.id)
    return list(db.session.scalars(statement))


def invite(world: Any, email: str, *roles: str, team: str = TEAM, by: str = "olga") -> Any:
    return post(world.client(by), f"{team}/invitations", {"email": email, "roles": list(roles)}, page="/me")


def verbs() -> list[str]:
    db.session.rollback()
    found = db.session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id))
    return [verb for verb in found if verb.startswith(("organizer.", "team."))]


def test_anybody_founds_a_club_and_owns_it(world: Any) -> None:
    data = {"name": "Café Modélisme", "email": "Club@Example.org", "website": "www.club.org", "country": "FR"}
    assert post(world.client("otto"), "/manage/organizers/new", data, page="/me").headers["Location"] == "/manage"
    club = db.session.scalars(select(Organizer).where(Organizer.slug == "cafe-modelisme")).one()
    assert (club.email, club.website, club.country) == ("club@example.org", "https://www.club.org", "FR")
    assert roles_of(world, "otto") == [["owner"]]
    assert verbs() == ["organizer.created"]


def test_clubs_of_one_name_get_addresses_of_their_own(world: Any) -> None:
    for _ in range(3):
        post(world.client("otto"), "/manage/organizers/new", {"name": "Lakeside Club", "country": ""}, page="/me")
    slugs = db.session.scalars(select(Organizer.slug).order_by(Organizer.id)).all()
    assert slugs == ["lakeside-club", "lakeside-club-2", "lakeside-club-3", "lakeside-club-4"]


@pytest.mark.parametrize("name", ["new", "新しい", "---", "😀"])
def test_names_without_latin_letters_have_an_address_too(world: Any, name: str) -> None:
    assert (
        post(world.client("otto"), "/manage/organizers/new", {"name": name, "country": ""}, page="/me").status_code
        == 303
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "go to evil.com"},
        {"email": "nonsense"},
        {"website": "javascript:alert(1)"},
        {"country": "XX9"},
        {"website": "http://[::"},
    ],
)
def test_a_club_with_a_fault_is_not_founded_and_keeps_what_was_typed(world: Any, wrong: dict[str, str]) -> None:
    data = {"name": "A club", "about": "Words that stay", "country": "", **wrong}
    answer = post(world.client("otto"), "/manage/organizers/new", data, page="/me")
    assert answer.status_code == 422
    assert "Words that stay" in answer.get_data(as_text=True)


def test_the_owner_changes_the_details_and_the_address_stays(world: Any) -> None:
    data = {"name": "Lakeside and Harbor Club", "country": "US", "email": "", "website": "", "about": ""}
    assert post(world.client("olga"), "/manage/organizers/lakeside-club/details", data, page="/me").status_code == 303
    db.session.expire_all()
    club = db.session.scalars(select(Organizer)).one()
    assert (club.slug, club.name) == ("lakeside-club", "Lakeside and Harbor Club")
    assert verbs() == ["organizer.edited"]


def test_an_invitation_is_mailed_seen_and_accepted(world: Any, mail: Any) -> None:
    assert invite(world, "Vic.Vendor@example.org", "registrar", "door").status_code == 303
    (message,) = mail.to("vic.vendor@example.org")
    link = link_of(message)
    vic = world.client("vic")
    page = vic.get(link).get_data(as_text=True)
    assert "Join the team of Lakeside Club" in page and "Registrar, Door" in page
    assert roles_of(world, "vic") == []
    assert post(vic, link, page=link).headers["Location"] == "/manage"
    assert roles_of(world, "vic") == [["registrar", "door"]]
    assert post(vic, link, page="/me").status_code == 409
    assert "stands no more" in vic.get(link).get_data(as_text=True)
    assert verbs() == ["team.invited", "team.joined"]


def test_an_invitation_to_one_show_gives_rights_there_alone(world: Any, mail: Any) -> None:
    with transaction() as db_session:
        factories.event(db_session, organizer=db_session.get_one(Organizer, world.organizer.id), name="Other Fair")
    invite(world, "vic.vendor@example.org", "viewer", team=SHOW_TEAM)
    vic = world.client("vic")
    link = link_of(mail.to("vic.vendor@example.org")[0])
    post(vic, link, page=link)
    assert vic.get(SHOW_TEAM).status_code == 200
    assert vic.get("/manage/shows/other-fair/team").status_code == 404
    assert vic.get(TEAM).status_code == 404


def test_somebody_without_an_account_is_led_to_one(app: Flask, world: Any, mail: Any) -> None:
    invite(world, "nora@example.org", "door")
    link = link_of(mail.to("nora@example.org")[0])
    client = app.test_client()
    page = client.get(link).get_data(as_text=True)
    assert "Open an account" in page and f"/sign-in?next={link}" in page
    assert post(client, link, page=link).headers["Location"] == f"/sign-in?next={link}"


def test_the_wrong_account_is_explained_and_refused(world: Any, mail: Any) -> None:
    invite(world, "nora@example.org", "owner")
    link = link_of(mail.to("nora@example.org")[0])
    otto = world.client("otto")
    page = otto.get(link).get_data(as_text=True)
    assert "You are signed in with another address" in page and "nora@example.org" not in page
    assert post(otto, link, page="/me").status_code == 409
    assert roles_of(world, "otto") == []


def test_a_withdrawn_an_old_and_an_unknown_invitation_open_nothing(world: Any, mail: Any, clock: Any) -> None:
    invite(world, "vic.vendor@example.org", "door")
    first = link_of(mail.to("vic.vendor@example.org")[0])
    row = db.session.scalars(select(Invitation)).one()
    vic = world.client("vic")
    assert post(world.client("olga"), f"{TEAM}/invitations/{row.id}/withdrawal", page="/me").status_code == 303
    assert post(vic, first, page="/me").status_code == 409
    invite(world, "vic.vendor@example.org", "door")
    second = link_of(mail.to("vic.vendor@example.org")[1])
    clock.advance(days=15)
    assert post(vic, second, page="/me").status_code == 409
    assert vic.get("/invitations/nonsense").status_code == 404
    assert roles_of(world, "vic") == []


def test_inviting_again_voids_the_first_link(world: Any, mail: Any) -> None:
    invite(world, "vic.vendor@example.org", "door")
    invite(world, "vic.vendor@example.org", "viewer")
    states = db.session.scalars(select(Invitation.state).order_by(Invitation.id)).all()
    assert states == [InvitationState.WITHDRAWN, InvitationState.OPEN]
    assert len(mail.to("vic.vendor@example.org")) == 1


@pytest.mark.parametrize(
    ("email", "roles", "words"),
    [
        ("", ["door"], "Write your e-mail address."),
        ("nonsense", ["door"], "Write an e-mail address such as"),
        ("vic.vendor@example.org", [], "Choose at least one."),
        ("vic.vendor@example.org", ["emperor"], "Choose from the list."),
        ("dora.door@example.org", ["viewer"], "is on this team already"),
    ],
)
def test_a_faulty_invitation_says_what_is_wrong(world: Any, email: str, roles: list[str], words: str) -> None:
    answer = invite(world, email, *roles)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert db.session.scalars(select(Invitation)).all() == []


def test_roles_are_changed_and_written_down(world: Any) -> None:
    target = member_id(world, "dora")
    answer = post(world.client("olga"), f"{TEAM}/members/{target}", {"roles": ["door", "moderator"]}, page="/me")
    assert answer.status_code == 303
    assert roles_of(world, "dora") == [["door", "moderator"]]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "TeamMember")).one()
    assert (entry.verb, entry.facts["before"], entry.facts["roles"]) == (
        "team.roles_changed",
        ["door"],
        ["door", "moderator"],
    )
    assert entry.organizer_id == world.organizer.id


def test_the_last_owner_stays_owner(world: Any) -> None:
    own = member_id(world, "olga")
    olga = world.client("olga")
    answer = post(olga, f"{TEAM}/members/{own}", {"roles": ["manager"]}, page="/me")
    assert answer.status_code == 422 and "only owner" in answer.get_data(as_text=True)
    assert post(olga, f"{TEAM}/members/{own}/removal", page="/me").status_code == 409
    assert post(olga, f"/me/teams/{own}/departure", page="/me").status_code == 409
    assert roles_of(world, "olga") == [["owner"]]
    post(olga, f"{TEAM}/members/{member_id(world, 'trudy')}", {"roles": ["owner"]}, page="/me")
    assert post(olga, f"/me/teams/{own}/departure", page="/me").status_code == 303
    assert roles_of(world, "olga") == []
    assert olga.get(TEAM).status_code == 404


def test_an_owner_whose_account_is_closed_does_not_count(world: Any) -> None:
    with transaction() as db_session:
        factories.member(db_session, organizer=world.organizer, person=world.person("tom"), roles=["owner"])
        world.person("tom").active = False
    assert post(world.client("olga"), f"/me/teams/{member_id(world, 'olga')}/departure", page="/me").status_code == 409


def test_a_removed_member_loses_the_rights_at_once(world: Any) -> None:
    dora = world.client("dora")
    assert dora.get(TEAM).status_code == 403
    post(world.client("olga"), f"{TEAM}/members/{member_id(world, 'dora')}/removal", page="/me")
    assert dora.get(TEAM).status_code == 404


def test_only_the_owner_changes_the_team(world: Any) -> None:
    target = member_id(world, "dora")
    for key, status in (("trudy", 403), ("dora", 403), ("otto", 404)):
        client = world.client(key)
        assert post(client, f"{TEAM}/members/{target}", {"roles": ["owner"]}, page="/me").status_code == status
        assert post(client, f"{TEAM}/members/{target}/removal", page="/me").status_code == status
        assert invite(world, "x@example.org", "owner", by=key).status_code == status
    assert roles_of(world, "dora") == [["door"]]


def test_r_t03_the_owner_of_another_club_reaches_nobody_here(world: Any) -> None:
    post(world.client("otto"), "/manage/organizers/new", {"name": "Otto Club", "country": ""}, page="/me")
    invite(world, "vic.vendor@example.org", "door")
    invitation = db.session.scalars(select(Invitation)).one()
    target, otto = member_id(world, "dora"), world.client("otto")
    for path in (f"members/{target}", f"members/{target}/removal", f"invitations/{invitation.id}/withdrawal"):
        assert post(otto, f"{TEAM}/{path}", {"roles": ["owner"]}, page="/me").status_code == 404, path
        own = f"/manage/organizers/otto-club/team/{path}"
        assert post(otto, own, {"roles": ["owner"]}, page="/me").status_code == 404, own
    assert roles_of(world, "dora") == [["door"]]
    assert db.session.scalars(select(Invitation.state)).all() == [InvitationState.OPEN]


def test_a_member_of_the_club_is_not_reached_through_a_show(world: Any) -> None:
    target = member_id(world, "dora")
    assert post(world.client("olga"), f"{SHOW_TEAM}/members/{target}/removal", page="/me").status_code == 404


def test_nobody_leaves_for_somebody_else(world: Any) -> None:
    assert post(world.client("otto"), f"/me/teams/{member_id(world, 'dora')}/departure", page="/me").status_code == 404


def test_is_organizer_needs_no_query_of_its_own(world: Any) -> None:
    from swapmeet.accounts import sessions
    from swapmeet.infra.clock import utcnow

    token = world.client("olga").get_cookie(sessions.COOKIE).value
    row = sessions.find_live(db.session(), token, now=utcnow())
    before = db.session().info.get("statements", 0)
    assert row is not None and row.person.is_organizer
    assert db.session().info.get("statements", 0) == before
