"""Doctor finds each planted violation, and nothing where all is well."""

import pytest
from sqlalchemy import text

from swapmeet.badges import doctor
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from tests.badges import build
from tests.support.forms import post


@pytest.fixture
def planted(app):
    """Runs statements with one index or constraint dropped, in a transaction that is rolled back: a throw-away copy."""

    def plant(statements, find, *, without=None):
        db_session = db.session()
        db_session.rollback()
        try:
            if without:
                db_session.execute(text(without))
            for statement in statements:
                db_session.execute(text(statement))
            return find(db_session, utcnow())
        finally:
            db_session.rollback()

    return plant


def test_nothing_is_found_where_all_is_well(world, clock):
    build.at_show_time(world, clock)
    badge = build.admitted(world)
    dora = world.client("dora")
    post(dora, f"/manage/shows/{world.slug}/door/entries", {"code": badge.code})
    post(dora, f"/manage/shows/{world.slug}/door/entries/1/reversal")
    post(world.client("olga"), f"/manage/shows/{world.slug}/attendees/{badge.attendee_id}/badges", {"reason": "lost"})
    assert [sentence for query in doctor.QUERIES for sentence in query.find(world.session, utcnow())] == []


def test_two_live_badges_of_one_person_are_found(world, planted):
    badge = build.admitted(world)
    columns = "event_id, attendee_id, state, issued_at, void_reason"
    plant = f"INSERT INTO badge ({columns}, number, code) SELECT {columns}, 77, 'X' FROM badge WHERE id = {badge.id}"
    assert planted([plant], doctor.numbers_used_twice, without="DROP INDEX uq_badge_live") == [
        f"attendee {badge.attendee_id} has 2 live badges"
    ]


def test_a_live_badge_of_a_canceled_person_is_found(world, planted):
    badge = build.admitted(world)
    plant = "UPDATE attendee SET canceled_at = created_at"
    assert planted([plant], doctor.badges_of_canceled_people) == [
        f"attendee {badge.attendee_id} was canceled and badge {badge.id} is live"
    ]


def entered(world, clock):
    build.at_show_time(world, clock)
    badge = build.admitted(world)
    post(world.client("dora"), f"/manage/shows/{world.slug}/door/entries", {"code": badge.code})
    return badge


def test_two_entries_on_one_day_are_found(world, clock, planted):
    badge = entered(world, clock)
    columns = "event_id, attendee_id, badge_id, gate_id, day, at, by_label, undone_by"
    plant = f"INSERT INTO check_in ({columns}) SELECT {columns} FROM check_in"
    found = planted([plant], doctor.entered_twice, without="DROP INDEX uq_check_in_live")
    assert len(found) == 1
    assert found[0].startswith(f"attendee {badge.attendee_id} was let in 2 times")


def test_an_entry_by_somebody_elses_badge_is_found(world, clock, planted):
    entered(world, clock)
    other = build.admitted(world, "Bo")
    assert planted([f"UPDATE check_in SET badge_id = {other.id}"], doctor.entries_by_foreign_badges)


def test_an_entry_undone_by_nobody_is_found(world, clock, planted):
    entered(world, clock)
    assert planted(["UPDATE check_in SET undone_at = at"], doctor.changes_without_audit)


def test_a_badge_replaced_by_nobody_is_found(world, planted):
    badge = build.admitted(world)
    columns = "event_id, attendee_id, state, issued_at, void_reason"
    plants = [
        "UPDATE badge SET state = 'void'",
        f"INSERT INTO badge ({columns}, number, code) SELECT {columns}, 2, 'Y' FROM badge WHERE id = {badge.id}",
    ]
    assert planted(plants, doctor.changes_without_audit)
