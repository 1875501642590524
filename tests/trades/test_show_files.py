"""The trade settings of show files and of clones."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.events.models import Event
from swapmeet.events.showfile import sample_shows
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import transaction
from swapmeet.trades import queries
from swapmeet.trades.importing import apply_trade, check_trade, copy_trade
from tests import factories

TRADE = {
    "enabled": True,
    "listings_open_days_before": 40,
    "listings_close": {"day": 1, "time": "12:00"},
    "max_live_listings_each": 20,
    "hold_hours": 24,
    "desk": {
        "place": "beside the west door",
        "hand_in": {"day": 0, "from": "09:00", "until": "12:00"},
        "collect": {"day": 0, "from": "13:00", "until": "16:00"},
    },
    "uncollected": "held to Sunday 15:00",
    "circle_trade": None,
}


def _problems(trade: Any) -> list[str]:
    report = ImportReport()
    check_trade({"trade": trade}, report)
    return [where for where, _ in report.problems]


def test_the_sample_shows_have_no_problems() -> None:
    for show in sample_shows()["shows"]:
        assert _problems(show.get("trade")) == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"enabled": "yes"}, "trade.enabled"),
        ({"listings_open_days_before": -1}, "trade.listings_open_days_before"),
        ({"listings_open_days_before": True}, "trade.listings_open_days_before"),
        ({"max_live_listings_each": 0}, "trade.max_live_listings_each"),
        ({"hold_hours": 10**9}, "trade.hold_hours"),
        ({"hold_hours": 1.5}, "trade.hold_hours"),
        ({"listings_close": {"day": 0, "time": "25:00"}}, "trade.listings_close"),
        ({"listings_close": {"day": "0", "time": "12:00"}}, "trade.listings_close"),
        ({"listings_close": "noon"}, "trade.listings_close"),
        ({"desk": "west door"}, "trade.desk"),
    ],
)
def test_each_problem_is_told_at_its_key(changes: dict[str, Any], where: str) -> None:
    assert _problems({**TRADE, **changes}) == [where]


def test_a_file_that_is_damaged_there_is_told_so() -> None:
    assert _problems([1, 2]) == ["trade"] and _problems(None) == []


def test_the_settings_are_written_on_the_shows_own_clock_and_a_second_time_changes_nothing(world: Any) -> None:
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        event.first_day, event.last_day, event.opens_from = date(2027, 3, 13), date(2027, 3, 14), date(2027, 3, 13)
        apply_trade(db_session, event, {"trade": TRADE}, utcnow())
    event = world.show()
    assert event.trades_open_at == datetime(2027, 2, 1, 5, tzinfo=UTC)
    assert event.trades_close_at == datetime(2027, 3, 14, 16, tzinfo=UTC)  # noon after the clocks went forward
    terms = queries.get_terms(db.session(), event_id=world.event_id)
    assert (terms.max_live_listings, terms.hold_hours) == (20, 24)
    assert terms.desk_text == (
        "Trade desk: beside the west door; hand in Saturday 09:00 to 12:00; collect Saturday 13:00 to 16:00; "
        "not collected: held to Sunday 15:00."
    )
    before, version = _entries(), event.version
    with transaction() as db_session:
        apply_trade(db_session, db_session.get_one(Event, world.event_id), {"trade": TRADE}, utcnow())
    assert (_entries(), world.show().version) == (before, version)


def test_a_show_without_trades_says_why(world: Any) -> None:
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        apply_trade(db_session, event, {"trade": {"enabled": False, "why": "wanted cards only"}}, utcnow())
    assert "Wanted cards only." in world.client().get(f"/shows/{world.slug}/trades").text
    assert (
        ">Trades</a>" not in world.client().get(f"/shows/{world.slug}/trades").text.split("<main")[1].split("tabs")[0]
    )


def test_a_clone_trades_by_the_same_rules_at_its_own_time(world: Any) -> None:
    with transaction() as db_session:
        source = db_session.get_one(Event, world.event_id)
        apply_trade(db_session, source, {"trade": TRADE}, utcnow())
        target = factories.event(
            db_session,
            organizer=world.organizer,
            name="Next Year",
            first_day=source.first_day + timedelta(days=364),
        )
        copy_trade(db_session, source, target, 364, utcnow())
    db.session.rollback()
    target = db.session.scalars(select(Event).where(Event.slug == "next-year")).one()
    source = world.show()
    assert (target.trades_open_at - source.trades_open_at).days in (363, 364)
    terms = queries.get_terms(db.session(), event_id=target.id)
    assert terms == queries.get_terms(db.session(), event_id=source.id)


def _entries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(AuditEntry.id))) or 0
