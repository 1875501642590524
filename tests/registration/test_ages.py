"""Tickets for an age: it is asked with the name and must fit, and the young have an adult of the same order."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from swapmeet.badges.holding import find_held
from swapmeet.badges.models import Attendee
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import OrderLine
from swapmeet.registration import passing, rules
from swapmeet.registration.models import TicketAge, TicketType
from tests.registration import build
from tests.registration.test_ticket_types import GOOD
from tests.support.forms import post


@pytest.fixture
def family(client: Any, world: Any) -> dict[str, str]:
    """A cart with an adult's and a youth's ticket. Returns the names of its fields: adult, name, age, guardian."""
    with transaction() as db_session:
        event = world.show()
        adult = build.ticket_type(db_session, event, "Adult", price=0).id
        youth = build.ticket_type(db_session, event, "Youth", price=0, min_age=6).id
        db_session.add(TicketAge(ticket_type_id=youth, event_id=event.id, max_age=17, guardian_below=16))
    wishes = {f"ticket-{adult}": 1, f"ticket-{youth}": 1, "key": "k" * 32}
    assert post(client, f"/shows/{world.slug}/cart/lines", wishes).status_code == 303
    html = client.get(f"/shows/{world.slug}/checkout").get_data(as_text=True)
    first, second = re.findall(r'name="(line-\d+-name-1)"', html)
    assert "from 6 to 17 years" in html
    about = {key: second.replace("name", key) for key in ("age", "adult")}
    return {"grown": first, "name": second, "age": about["age"], "guardian": about["adult"]}


def checkout(client: Any, world: Any, family: dict[str, str], age: str, guardian: str = "") -> Any:
    data = {family["grown"]: "Ann Lee", family["name"]: "Tim Lee", family["age"]: age, family["guardian"]: guardian}
    data |= {"buyer_name": "Gus Guest", "buyer_email": "gus@example.org", "key": "z" * 32, "seen_total": "0"}
    return post(client, f"/shows/{world.slug}/checkout", data)


def test_a_family_of_two_with_a_guardian(client: Any, world: Any, family: dict[str, str]) -> None:
    at_field = f'id="{family["age"]}-error"'
    for age, guardian, words in (
        ("", "", at_field),
        ("twelve", "", "Write the age in years"),
        ("5", "Ann Lee", at_field),
        ("18", "", at_field),
        ("12", "", "Tim Lee is 12: write the name of an adult"),
        ("12", "Otto Stranger", "Tim Lee is 12: write the name of an adult"),
        ("12", "Tim Lee", "Tim Lee is 12: write the name of an adult"),
    ):
        refused = checkout(client, world, family, age, guardian)
        html = refused.get_data(as_text=True)
        assert refused.status_code in (409, 422), (age, guardian)
        assert words in html, (age, guardian)
        assert (f'id="{family["guardian"]}-error"' in html) is words.startswith("Tim Lee"), (
            "it hangs where it is mended"
        )
        assert "Ann Lee" in html, "what was typed stays"
    placed = checkout(client, world, family, "12", "ann lee")
    assert placed.status_code == 303
    db.session.rollback()
    line = db.session.scalars(select(OrderLine).where(OrderLine.title == "Youth")).one()
    assert line.facts["ages"] == [12]
    assert line.facts["adults"] == ["ann lee"]
    staff = world.client("olga").get(f"/manage/shows/{world.slug}/orders/{placed.headers['Location'].split('/')[2]}")
    assert "ann lee" in staff.get_data(as_text=True), "the team sees who agreed"


def test_who_is_old_enough_needs_nobody_and_the_buyer_may_be_the_adult(
    client: Any, world: Any, family: dict[str, str]
) -> None:
    assert checkout(client, world, family, "12", "Gus Guest").status_code == 303
    with transaction() as db_session:
        tim = db_session.scalars(select(Attendee).where(Attendee.name == "Tim Lee")).one()
        held = find_held(db_session, attendee_id=tim.id)
        assert held is not None
        assert "only the organizer" in passing.why_not(db_session, held, now=utcnow())


def test_sixteen_comes_alone(client: Any, world: Any, family: dict[str, str]) -> None:
    assert checkout(client, world, family, "16").status_code == 303


def test_the_organizer_says_for_what_age_a_ticket_is(world: Any) -> None:
    olga, page = world.client("olga"), f"/manage/shows/{world.slug}/tickets/new"
    good = {**GOOD, "name": "Youth", "min_age": "6", "asks_age": "y", "max_age": "17", "guardian_below": "16"}
    for change, words in (
        ({"asks_age": ""}, "Tick that the age is asked for"),
        ({"max_age": "5"}, "younger than the least age"),
        ({"guardian_below": "40"}, "from 1 to 21"),
        ({"is_admission": ""}, "there is no age to ask for"),
    ):
        data = {key: value for key, value in {**good, **change}.items() if value != ""}
        refused = post(olga, page, data)
        assert refused.status_code == 422, change
        assert words in refused.get_data(as_text=True), change
    assert post(olga, page, good).status_code == 303
    db.session.rollback()
    kind = db.session.scalars(select(TicketType).where(TicketType.name == "Youth")).one()
    assert kind.age is not None
    assert (kind.age.max_age, kind.age.guardian_below) == (17, 16)
    edit = f"/manage/shows/{world.slug}/tickets/{kind.id}"
    assert "Ask for the age" in olga.get(edit).get_data(as_text=True)
    plain = {key: value for key, value in good.items() if key not in ("asks_age", "max_age", "guardian_below")}
    assert post(olga, edit, plain).status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(TicketAge.ticket_type_id)) is None


def test_the_database_refuses_ages_that_nobody_has(world: Any) -> None:
    for wrong in ({"max_age": 121}, {"guardian_below": 0}):
        with pytest.raises(IntegrityError), transaction() as db_session:
            kind = build.ticket_type(db_session, world.show(), "Youth")
            db_session.add(TicketAge(ticket_type_id=kind.id, event_id=world.event_id, **wrong))


def test_an_age_fits_or_it_is_said_why() -> None:
    assert rules.age_fault(6, 6, 17) == rules.age_fault(17, 6, 17) == rules.age_fault(0, None, None) == ""
    assert "from 6 years on" in rules.age_fault(5, 6, None)
    assert "up to 17 years" in rules.age_fault(18, None, 17)
    assert "in years" in rules.age_fault(None, None, None)
    assert "in years" in rules.age_fault(121, None, None)
