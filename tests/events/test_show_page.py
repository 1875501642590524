"""The public page of a show, and the list of shows."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from swapmeet.events.models import Announcement, EventKind, EventState, Policy, PolicyKind
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories

BUDGET = 8


@contextmanager
def counted_statements() -> Any:
    """Collects every statement that is not transaction control."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            seen.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)


def test_the_page_says_when_where_and_what_comes_back(world):
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "<h1>Lakeside Fair</h1>" in page
    assert "Tue, Feb 23 to Wed, Feb 24, 2027" in page
    assert "Harbour Hall, Lakeside" in page
    assert "If you cancel by Fri, Dec 25, 2026: you get everything back, less $5.00 an order." in page
    assert "If you cancel by Tue, Feb 9, 2027: you get half back." in page
    assert "After that, nothing is paid back." in page


def test_a_draft_is_not_there_for_the_public_but_its_team_can_preview_it(world):
    with transaction() as db_session:
        factories.event(
            db_session, organizer=world.organizer, name="Secret Fair", state=EventState.DRAFT, published_at=None
        )
    assert world.client().get("/shows/secret-fair").status_code == 404
    assert world.client("olga").get("/shows/secret-fair").status_code == 404
    preview = world.client("olga").get("/manage/shows/secret-fair/preview")
    assert preview.status_code == 200 and "This is a preview" in preview.get_data(as_text=True)
    assert world.client("otto").get("/manage/shows/secret-fair/preview").status_code == 404
    assert world.client().get("/manage/shows/secret-fair/preview").status_code == 303


def test_the_page_says_on_which_clock_its_times_are(world):
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "All times are New York time (EST)." in page
    with transaction() as db_session:
        show = factories.event(
            db_session,
            organizer=world.organizer,
            name="Autumn Fair",
            first_day=date(2027, 11, 6),
            tables_open_at=datetime(2027, 9, 1, 5, tzinfo=UTC),
            time_zone="America/Chicago",
            trades_enabled=True,
            trades_open_at=datetime(2027, 9, 1, 5, tzinfo=UTC),
        )
        slug = show.slug
    page = world.client().get(f"/shows/{slug}").get_data(as_text=True)
    assert "All times are Chicago time (CDT, and CST from Sun, Nov 7)." in page
    assert "Trades from the start of Wed, Sep 1, 2027 (CDT)" in page and "12:00" not in page


def test_an_unknown_show_is_404(world):
    for slug in ("nowhere", "a" * 5000, "%00", "😀", "lakeside-fair%0d%0a"):
        assert world.client().get(f"/shows/{slug}").status_code == 404, slug


def test_a_canceled_show_says_so_and_why(world):
    with transaction() as db_session:
        factories.event(
            db_session,
            organizer=world.organizer,
            name="Gone Fair",
            state=EventState.CANCELED,
            canceled_at=utcnow(),
            cancel_reason="The hall burned down.",
        )
    page = world.client().get("/shows/gone-fair").get_data(as_text=True)
    assert "This show is canceled" in page and "The hall burned down." in page


def test_a_show_is_over_from_the_day_after_its_last_in_its_own_zone(world, clock):
    last = world.show().last_day  # New York
    clock.set(datetime.combine(last + timedelta(days=1), time(4, 59), tzinfo=UTC))
    assert "This show is over" not in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    clock.set(datetime.combine(last + timedelta(days=1), time(5, 0), tzinfo=UTC))
    assert "This show is over" in world.client().get(f"/shows/{world.slug}").get_data(as_text=True)


def test_news_and_house_rules_stand_on_the_page(world):
    with transaction() as db_session:
        show = db_session.merge(world.show())
        db_session.add(
            Announcement(event_id=show.id, title="Bus from the station", body="Every half hour.", published_at=utcnow())
        )
        db_session.add(
            Policy(
                event_id=show.id,
                kind=PolicyKind.TERMS,
                number=1,
                steps=[],
                text="- Photos: ask first\n- No pets",
                created_at=utcnow(),
            )
        )
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "Bus from the station" in page and "Every half hour." in page
    assert "<li>Photos: ask first</li>" in page


def test_the_page_needs_at_most_eight_queries(world):
    client = world.client()
    client.get(f"/shows/{world.slug}")
    with counted_statements() as seen:
        assert client.get(f"/shows/{world.slug}").status_code == 200
    assert len(seen) <= BUDGET, "\n".join(seen)


@pytest.mark.parametrize("name", ["thimble-creek-houseparty", "shieldwall-weekend", "lanternfield-international-fair"])
def test_the_page_of_an_imported_show_needs_at_most_eight_queries(world, name):
    """With all its ticket types, up to 372 tables and 16 sessions."""
    from swapmeet.events.services import import_show
    from swapmeet.events.showfile import sample_shows
    from swapmeet.kernel.actor import Actor

    show = next(show for show in sample_shows()["shows"] if show["id"] == name)
    with transaction() as db_session:
        organizer = db_session.merge(world.organizer)
        event = import_show(
            db_session,
            organizer=organizer,
            show=show,
            first_day=date(2027, 6, 11),
            by=Actor.command("test"),
            now=utcnow(),
        )
        event.state = EventState.PUBLISHED
        slug = event.slug
    client = world.client()
    client.get(f"/shows/{slug}")
    with counted_statements() as seen:
        answer = client.get(f"/shows/{slug}")
    assert answer.status_code == 200
    assert len(seen) <= BUDGET, "\n".join(seen)
    assert len(answer.data) < 100_000


def test_the_list_shows_coming_shows_first_and_past_ones_on_request(world):
    with transaction() as db_session:
        old = date(2026, 5, 1)
        factories.event(db_session, organizer=world.organizer, name="Old Fair", first_day=old)
        factories.event(db_session, organizer=world.organizer, name="Soon Fair", first_day=date(2026, 12, 5))
        factories.event(db_session, organizer=world.organizer, name="Hidden Fair", state=EventState.DRAFT)
    page = world.client().get("/").get_data(as_text=True)
    assert page.index("Soon Fair") < page.index("Lakeside Fair")
    assert "Old Fair" not in page and "Hidden Fair" not in page
    past = world.client().get("/?when=past").get_data(as_text=True)
    assert "Old Fair" in past and "Soon Fair" not in past


def test_the_list_is_narrowed_by_place_kind_and_words(world):
    with transaction() as db_session:
        for name, place, kind in (
            ("Café Trains", "Döbeln", EventKind.TRAIN_SHOW),
            ("Doll Day", "Quay", EventKind.CLUB_DAY),
        ):
            factories.event(
                db_session, organizer=world.organizer, name=name, slug=place.lower(), place=place, kind=kind
            )
    client = world.client()

    def names(query: str) -> set[str]:
        page = client.get(query).get_data(as_text=True)
        return {name for name in ("Café Trains", "Doll Day", "Lakeside Fair") if f">{name}</a>" in page}

    assert names("/?place=Quay") == {"Doll Day"}
    assert names("/?kind=train+show") == {"Café Trains"}
    assert names("/?q=cafe") == {"Café Trains"}
    assert names("/?q=lakeside+fair") == {"Lakeside Fair"}
    assert names("/?q=lakeside+club") == {"Café Trains", "Doll Day", "Lakeside Fair"}  # by the club's name
    assert names("/?kind=nonsense&place=") == {"Café Trains", "Doll Day", "Lakeside Fair"}
    assert "No show fits" in client.get("/?q=zzz").get_data(as_text=True)


def test_an_empty_list_says_what_will_be_there(client):
    page = client.get("/").get_data(as_text=True)
    assert "No shows are announced yet" in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%F0%9F%98%80",
        "page=-1",
        "page=99999999999999999999",
        "kind=%00",
        "place=%00",
        "q=" + "x" * 5000,
        "q=%25_%5C",
    ],
)
def test_r_t27_odd_queries_of_the_list_never_break_it(world, query):
    assert world.client().get(f"/?{query}").status_code == 200


def test_long_lists_have_pages(world):
    with transaction() as db_session:
        for number in range(30):
            factories.event(
                db_session,
                organizer=world.organizer,
                name=f"Fair {number}",
                first_day=date(2027, 7, 1) + timedelta(days=number),
            )
    client = world.client()
    first, second = (client.get(f"/?page={page}").get_data(as_text=True) for page in (1, 2))
    assert "1–24 of 31 shows" in first and "25–31 of 31 shows" in second


def test_a_series_lists_its_public_editions(world):
    from swapmeet.events.models import EventSeries

    with transaction() as db_session:
        series = EventSeries(organizer_id=world.organizer.id, slug="fair", name="The Fair", created_at=utcnow())
        db_session.add(series)
        db_session.flush()
        factories.event(db_session, organizer=world.organizer, name="Fair One", series_id=series.id)
        factories.event(
            db_session, organizer=world.organizer, name="Fair Draft", series_id=series.id, state=EventState.DRAFT
        )
    page = world.client().get("/series/lakeside-club/fair").get_data(as_text=True)
    assert "Fair One" in page and "Fair Draft" not in page
    assert world.client().get("/series/lakeside-club/nothing").status_code == 404
    assert world.client().get("/series/nobody/fair").status_code == 404


def test_the_list_needs_at_most_six_queries(world):
    with transaction() as db_session:
        for number in range(24):
            factories.event(db_session, organizer=world.organizer, name=f"Fair {number}")
    client = world.client()
    with counted_statements() as seen:
        assert client.get("/").status_code == 200
    assert len(seen) <= 6, "\n".join(seen)
