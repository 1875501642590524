"""R-T59: times on the show's own clock stay where they are, however often the page is saved."""

from datetime import UTC, datetime
from typing import Any

import pytest

from swapmeet.events.models import Event, EventState
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.events.test_managing_shows import details_of, fresh
from tests.support.forms import post

WINDOWS = ("tables_open_at", "tables_close_at", "trades_open_at", "trades_close_at")

# zone -> four instants: winter, summer, and both passes of the hour that comes twice in autumn
ZONES = {
    "America/New_York": ["2027-01-15T14:00", "2027-07-15T13:00", "2027-11-07T05:30", "2027-11-07T06:30"],
    "Europe/London": ["2027-01-15T09:00", "2027-07-15T08:00", "2027-10-31T00:30", "2027-10-31T01:30"],
    "Australia/Sydney": ["2027-01-15T01:00", "2027-07-15T01:00", "2027-04-03T15:30", "2027-04-03T16:30"],
    "America/St_Johns": ["2027-01-15T12:30", "2027-07-15T11:30", "2027-11-07T03:31", "2027-11-07T04:31"],
    "Asia/Kolkata": ["2027-01-15T03:30", "2027-07-15T03:30", "2027-10-31T00:30", "2027-11-07T05:30"],
    "Pacific/Chatham": ["2027-01-15T01:15", "2027-07-15T01:15", "2027-04-03T13:45", "2027-04-03T14:45"],
}
SKIPPED = {
    "America/New_York": "2027-03-14T02:30",
    "Europe/London": "2027-03-28T01:30",
    "Australia/Sydney": "2027-10-03T02:30",
    "America/St_Johns": "2027-03-14T02:30",
    "Pacific/Chatham": "2027-09-26T03:00",
}


def instants(zone_name: str) -> list[datetime]:
    return [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in ZONES[zone_name]]


def draft(world: Any, zone_name: str) -> str:
    moments = instants(zone_name)
    with transaction() as db_session:
        values = dict(zip(WINDOWS, (moments[2], moments[3], moments[0], moments[1]), strict=True))
        show = factories.event(
            db_session,
            organizer=db_session.merge(world.organizer),
            name=f"Fair {zone_name.replace('/', ' ').replace('_', ' ')}",
            time_zone=zone_name,
            state=EventState.DRAFT,
            **values,
        )
        return show.slug


def show_of(slug: str) -> Event:
    fresh()
    from swapmeet.events.queries import find_event

    found = find_event(db.session(), slug)
    assert found is not None
    return found


@pytest.mark.parametrize("zone_name", ZONES)
def test_r_t59_saving_five_times_changes_nothing_in_any_zone(world, zone_name):
    slug = draft(world, zone_name)
    before = {name: getattr(show_of(slug), name) for name in WINDOWS}
    version = show_of(slug).version
    for _ in range(5):
        answer = post(world.client("olga"), f"/manage/shows/{slug}/details", details_of(show_of(slug)))
        assert answer.status_code == 303, answer.get_data(as_text=True)
    after = show_of(slug)
    assert {name: getattr(after, name) for name in WINDOWS} == before
    assert after.version == version


@pytest.mark.parametrize("zone_name", SKIPPED)
def test_r_t59_a_time_that_spring_skips_is_refused_in_words(world, zone_name):
    slug = draft(world, zone_name)
    sent = details_of(show_of(slug), trades_open_at=SKIPPED[zone_name], trades_close_at="")
    answer = post(world.client("olga"), f"/manage/shows/{slug}/details", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "The clocks change over that time" in page and f'value="{SKIPPED[zone_name]}"' in page


def test_r_t59_a_time_typed_in_the_autumn_hour_means_its_first_pass(world):
    slug = draft(world, "America/New_York")
    sent = details_of(show_of(slug), tables_open_at="2027-11-07T00:10", tables_close_at="2027-11-07T01:10")
    assert post(world.client("olga"), f"/manage/shows/{slug}/details", sent).status_code == 303
    assert show_of(slug).tables_close_at == datetime(2027, 11, 7, 5, 10, tzinfo=UTC)


def test_r_t59_a_window_ends_at_the_written_minute(world):
    slug = draft(world, "Europe/London")
    sent = details_of(show_of(slug), tables_open_at="2027-03-27T12:00", tables_close_at="2027-03-28T23:59")
    assert post(world.client("olga"), f"/manage/shows/{slug}/details", sent).status_code == 303
    assert show_of(slug).tables_close_at == datetime(2027, 3, 28, 22, 59, tzinfo=UTC)


def test_times_keep_their_place_on_the_clock_when_a_draft_moves_to_another_zone(world):
    slug = draft(world, "America/New_York")
    sent = details_of(
        show_of(slug),
        time_zone="America/Chicago",
        tables_open_at="2027-01-10T09:00",
        tables_close_at="2027-01-20T21:00",
    )
    assert post(world.client("olga"), f"/manage/shows/{slug}/details", sent).status_code == 303
    show = show_of(slug)
    assert show.time_zone == "America/Chicago"
    assert show.tables_open_at == datetime(2027, 1, 10, 15, 0, tzinfo=UTC)


def test_r_t59_sale_periods_stay_too(world):
    from swapmeet.events.models import SalePeriod
    from swapmeet.events.queries import list_sale_periods

    slug = draft(world, "Australia/Sydney")
    moments = instants("Australia/Sydney")
    show_id = show_of(slug).id
    with transaction() as db_session:
        db_session.add(
            SalePeriod(event_id=show_id, code="n", label="Night", starts_at=moments[2], ends_at=moments[3], position=1)
        )
    fresh()
    period = list_sale_periods(db.session(), event_id=show_id)[1]
    sent = {"label": "Night", "starts_at": "2027-04-04T02:30", "ends_at": "2027-04-04T02:30"}
    for _ in range(5):
        answer = post(world.client("olga"), f"/manage/shows/{slug}/periods/{period.id}", sent)
        assert answer.status_code == 303, answer.get_data(as_text=True)
    fresh()
    period = list_sale_periods(db.session(), event_id=show_id)[1]
    assert [period.starts_at, period.ends_at] == moments[2:]
