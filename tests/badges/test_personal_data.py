"""What badges knows about a person can be taken along and erased."""

from sqlalchemy import select

from swapmeet.badges.models import Attendee, CheckIn
from swapmeet.badges.personal import BadgesData
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import OrderLine
from tests.badges import build
from tests.registration import build as shop
from tests.support.forgetting import forget
from tests.support.forms import post


def buy(world):
    with transaction() as db_session:
        event = world.show()
        kind = shop.ticket_type(db_session, event, price=0)
        shop.buy(
            db_session,
            event,
            {kind.id: 2},
            names=["Ann Attendee", "Bo Guest"],
            person_id=world.ids["ann"],
            buyer="Ann Attendee",
        )


def test_the_export_has_own_admissions_and_those_ordered_for_others(world):
    buy(world)
    build.admitted(world, "Somebody Else")
    data = BadgesData().export(world.session, person_id=world.ids["ann"])
    assert [row["name"] for row in data] == ["Ann Attendee", "Bo Guest"]
    assert data[0]["badges"] == [1]


def test_erasing_takes_the_own_name_and_leaves_the_guests(world):
    buy(world)
    with transaction() as db_session:
        BadgesData().erase(db_session, person_id=world.ids["ann"], now=utcnow())
    rows = list(world.session.scalars(select(Attendee).order_by(Attendee.id)))
    assert [row.name for row in rows] == ["Erased", "Bo Guest"]
    assert all(row.email == "" for row in rows)
    assert all("ann" not in row.search_text for row in rows)


def test_a_holder_of_a_ticket_of_somebody_elses_order_is_erased_in_that_order_too(world):
    buy(world)
    with transaction() as db_session:
        bo = db_session.scalars(select(Attendee).where(Attendee.name == "Bo Guest")).one()
        bo.person_id = world.ids["vic"]
    with transaction() as db_session:
        forget(db_session, world.ids["vic"])
    line = world.session.scalars(select(OrderLine)).one()
    assert line.facts["names"] == ["Ann Attendee", "Erased"]


def test_erasing_a_door_helper_takes_their_name_from_entries(world, clock):
    build.at_show_time(world, clock)
    badge = build.admitted(world)
    post(world.client("dora"), f"/manage/shows/{world.slug}/door/entries", {"code": badge.code})
    with transaction() as db_session:
        BadgesData().erase(db_session, person_id=world.ids["dora"], now=utcnow())
    assert world.session.scalar(select(CheckIn.by_label)) == ""
