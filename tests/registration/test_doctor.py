"""Doctor finds each planted violation about tickets."""

from sqlalchemy import text

from swapmeet.badges.models import Attendee
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.registration import doctor
from tests.registration import build
from tests.support.forms import post


def planted(world, statement, find):
    db_session = world.session
    db_session.rollback()
    try:
        db_session.execute(text(statement))
        return find(db_session, utcnow())
    finally:
        db_session.rollback()


def sold(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        build.buy(db_session, event, {kind.id: 2}, names=["Ann", "Bo"])
        return db_session.query(Attendee).count()


def added(world):
    data = {
        "name": "Pass",
        "price_minor": "5",
        "capacity": "9",
        "per_order_limit": "6",
        "sold_where": "online",
        "is_admission": "y",
    }
    assert post(world.client("olga"), f"/manage/shows/{world.slug}/tickets/new", data).status_code == 303
    world.session.rollback()


def test_a_lost_attendee_of_a_confirmed_order_is_found(world):
    assert sold(world) == 2
    assert doctor.attendees_differ_from_tickets(world.session, utcnow()) == []
    plant = "UPDATE attendee SET canceled_at = created_at WHERE seat = 2"
    assert len(planted(world, plant, doctor.attendees_differ_from_tickets)) == 1


def test_an_attendee_of_a_canceled_line_is_found(world):
    sold(world)
    plant = "UPDATE order_line SET released_at = created_at"
    assert len(planted(world, plant, doctor.attendees_differ_from_tickets)) == 1


def test_a_price_changed_behind_the_log_is_found(world):
    added(world)
    assert doctor.types_changed_without_audit(world.session, utcnow()) == []
    assert planted(world, "UPDATE ticket_type SET price_minor = 1", doctor.types_changed_without_audit)


def test_a_capacity_changed_behind_the_log_is_found(world):
    added(world)
    assert planted(world, "UPDATE quota SET capacity = 1000", doctor.types_changed_without_audit)


def test_a_type_archived_by_nobody_is_found(world):
    added(world)
    assert planted(world, "UPDATE ticket_type SET archived_at = created_at", doctor.archived_without_audit)
