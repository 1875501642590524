"""Halls, sale periods, policies and news of a show."""

import pytest
from sqlalchemy import select

from swapmeet.events import services
from swapmeet.events.errors import StillInUse
from swapmeet.events.models import Policy, PolicyKind
from swapmeet.events.queries import list_halls, list_policies_in_force, list_sale_periods
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.events.shows import BY, fresh
from tests.support.forms import post


def test_halls_are_measured_in_the_shows_unit_and_saving_changes_nothing(world):
    client = world.client("olga")
    address = f"/manage/shows/{world.slug}/halls"
    assert post(client, address, {"name": "Annexe", "width_mm": "72.5", "depth_mm": "40"}).status_code == 303
    hall = next(hall for hall in list_halls(db.session(), event_id=world.event_id) if hall.name == "Annexe")
    assert (hall.width_mm, hall.depth_mm) == (round(72.5 * 304.8), round(40 * 304.8))
    old = next(hall for hall in list_halls(db.session(), event_id=world.event_id) if hall.name == "Main hall")
    page = client.get(f"{address}/{old.id}").get_data(as_text=True)
    assert 'value="98.425"' in page
    sent = {"name": "Main hall", "width_mm": "98.425", "depth_mm": "65.617", "max_people": "300"}
    assert post(client, f"{address}/{old.id}", sent).status_code == 303
    fresh()
    assert (old.width_mm, old.depth_mm) == (30000, 20000)
    for wrong in ("-3", "1e9", "x", "0", "99999999", "１２", "1" * 500):
        answer = post(client, address, {"name": "Odd", "width_mm": wrong, "depth_mm": "40"})
        assert answer.status_code == 422 and f'value="{wrong[:12]}' in answer.get_data(as_text=True), wrong


def test_a_hall_in_use_stays_and_a_hall_of_another_show_is_not_there(world):
    client = world.client("olga")
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        foreign = factories.hall(db_session, event=other)
        foreign_id = foreign.id
    hall = list_halls(db.session(), event_id=world.event_id)[0]
    assert client.get(f"/manage/shows/{world.slug}/halls/{foreign_id}").status_code == 404
    assert post(client, f"/manage/shows/{world.slug}/halls/{foreign_id}/removal").status_code == 404
    assert post(client, f"/manage/shows/{world.slug}/halls/{hall.id}/removal").status_code == 303
    fresh()
    assert list_halls(db.session(), event_id=world.event_id) == []


def test_the_last_sale_period_stays(world):
    with transaction() as db_session:
        show = db_session.merge(world.show())
        period = list_sale_periods(db_session, event_id=show.id)[0]
        with pytest.raises(StillInUse):
            services.remove_sale_period(db_session, event=show, period=period, by=BY, now=utcnow())


def test_a_saved_policy_is_a_new_version_and_the_old_one_stays(world):
    client = world.client("olga")
    before = list_policies_in_force(db.session(), event_id=world.event_id)[PolicyKind.ATTENDEE_REFUND]
    sent = {
        "steps-0-until_days_before": "30", "steps-0-refund_percent": "100", "steps-0-fee_minor": "2.50", "steps-0-only_if": "",
        "steps-1-until_days_before": "", "steps-1-refund_percent": "", "steps-1-fee_minor": "", "steps-1-only_if": "",
        "text": "Paid as received.",
    }  # fmt: skip
    address = f"/manage/shows/{world.slug}/policies/attendee_refund"
    assert post(client, address, sent).status_code == 303
    assert post(client, address, sent).status_code == 303
    fresh()
    versions = db.session.scalars(
        select(Policy)
        .where(Policy.event_id == world.event_id, Policy.kind == PolicyKind.ATTENDEE_REFUND)
        .order_by(Policy.number)
    ).all()
    assert [policy.number for policy in versions] == [1, 2]
    assert versions[0].id == before.id and versions[0].steps == factories.REFUND_STEPS
    assert versions[1].steps == [{"until_days_before": 30, "refund_percent": 100, "fee_minor": 250}]


def test_a_half_filled_refund_step_is_told_at_its_field(world):
    address = f"/manage/shows/{world.slug}/policies/vendor_refund"
    for sent, words in (
        ({"steps-0-until_days_before": "30", "steps-0-refund_percent": ""}, "Write how many percent go back."),
        ({"steps-0-until_days_before": "", "steps-0-refund_percent": "50"}, "Write until when"),
        ({"steps-0-until_days_before": "9", "steps-0-refund_percent": "101"}, "from 0 to 100"),
        (
            {"steps-0-until_days_before": "9", "steps-0-refund_percent": "50", "steps-0-fee_minor": "abc"},
            "Write an amount",
        ),
    ):
        answer = post(world.client("olga"), address, sent)
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), sent
    assert world.client("olga").get(f"/manage/shows/{world.slug}/policies/nothing").status_code == 404


def test_news_can_be_changed_and_taken_off(world):
    client = world.client("olga")
    address = f"/manage/shows/{world.slug}/news"
    assert post(client, address, {"title": "Bus", "body": "Every hour."}).status_code == 303
    from swapmeet.events.queries import list_announcements

    item = list_announcements(db.session(), event_id=world.event_id)[0]
    assert post(client, f"{address}/{item.id}", {"title": "Bus", "body": "Every half hour."}).status_code == 303
    assert "Every half hour." in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert post(client, f"{address}/{item.id}/removal").status_code == 303
    assert "Every half hour." not in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert post(client, address, {"title": "", "body": ""}).status_code == 422
