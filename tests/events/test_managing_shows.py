"""Organizers create shows and edit their details."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events import services
from swapmeet.events.errors import FrozenOncePublished
from swapmeet.events.models import Event, EventSeries, EventState, PolicyKind
from swapmeet.events.queries import find_event, list_policies_in_force, list_sale_periods
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from tests import factories
from tests.events.shows import BY, NEW, details_of, fresh, log_of
from tests.support.forms import post


def test_a_new_show_is_a_draft_with_the_settings_of_its_kind(world):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", NEW)
    assert (answer.status_code, answer.location) == (303, "/manage/shows/spring-swap-2027")
    show = find_event(db.session(), "spring-swap-2027")
    assert show.state is EventState.DRAFT and show.vendor_word == "Seller"
    assert (show.first_day, show.last_day) == (date(2027, 4, 10), date(2027, 4, 10))
    assert [period.code for period in list_sale_periods(db.session(), event_id=show.id)] == ["whole"]
    assert set(list_policies_in_force(db.session(), event_id=show.id)) == {
        PolicyKind.ATTENDEE_REFUND,
        PolicyKind.VENDOR_REFUND,
    }
    assert log_of(show.id) == ["event.created"]


def test_two_shows_of_one_name_get_two_addresses(world):
    client = world.client("olga")
    first, second = (post(client, "/manage/organizers/lakeside-club/shows", NEW).location for _ in range(2))
    assert (first, second) == ("/manage/shows/spring-swap-2027", "/manage/shows/spring-swap-2027-2")


def test_a_taken_address_is_told_at_its_field_and_what_was_typed_stays(world):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", {**NEW, "slug": world.slug})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Another show has this address" in page and 'value="Spring Swap"' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Give the show a name."),
        ("name", "x" * 201, "At most 200 characters."),
        ("name", "a\0b", "control characters"),
        ("kind", "rave", "Choose one of the list."),
        ("first_day", "", "Choose a day."),
        ("first_day", "tomorrow", "Write a day such as 2027-05-15."),
        ("first_day", "1066-10-14", "Write a year from 2000 to 2100."),
        ("last_day", "2027-04-01", "The last day cannot be before the first."),
        ("last_day", "2028-04-01", "60 days at most"),
        ("time_zone", "Mars/Olympus", "Choose one of the list."),
        ("currency", "XXQ", "Choose one of the list."),
        ("slug", "Über uns!", "small letters"),
        ("place", "\u202e" + "y" * 121, "At most 120 characters."),
        ("venue_name", "z" * 1_000_00, "At most 200 characters."),
    ],
)
def test_a_wrong_field_is_told_in_words_and_nothing_is_created(world, field, value, words):
    answer = post(world.client("olga"), "/manage/organizers/lakeside-club/shows", {**NEW, field: value})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert db.session.scalar(select(Event.id).where(Event.name != "Lakeside Fair")) is None


def test_only_the_team_creates_shows(world):
    for who, status in (("otto", 404), ("dora", 403), ("trudy", 403)):
        assert post(world.client(who), "/manage/organizers/lakeside-club/shows", NEW).status_code == status, who
    assert post(world.client("olga"), "/manage/organizers/nobody/shows", NEW).status_code == 404


def test_saving_changed_details_moves_the_version_and_writes_the_log(world):
    show = world.show()
    version = show.version
    data = details_of(show, name="Lakeside Grand Fair", place="Lakeside-on-Sea")
    answer = post(world.client("olga"), f"/manage/shows/{world.slug}/details", data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    fresh()
    show = world.show()
    assert show.name == "Lakeside Grand Fair" and show.version == version + 1
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.verb == "event.changed"))
    assert entry.facts["before"]["name"] == "Lakeside Fair" and entry.facts["after"]["name"] == "Lakeside Grand Fair"
    assert "Grand" in world.client().get("/?q=grand+sea").get_data(as_text=True)


def test_a_published_show_that_moves_waits_for_news(world, clock):
    client, base = world.client("olga"), f"/manage/shows/{world.slug}"
    clock.advance(minutes=1)
    post(client, f"{base}/details", details_of(world.show(), summary="Trains"))
    overview = client.get(base).get_data(as_text=True)
    assert "The show has moved" not in overview
    moved = details_of(world.show(), venue_name="The other hall")
    assert post(client, f"{base}/details", moved).status_code == 303
    assert "nobody is told by itself" in client.get(f"{base}/details").get_data(as_text=True)
    assert "The show has moved" in client.get(base).get_data(as_text=True)
    clock.advance(minutes=1)
    assert post(client, f"{base}/news", {"title": "Another hall", "body": "We moved."}).status_code == 303
    assert "The show has moved" not in client.get(base).get_data(as_text=True)


def test_saving_untouched_details_changes_nothing(world):
    show = world.show()
    version = show.version
    assert post(world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(show)).status_code == 303
    fresh()
    assert world.show().version == version and "event.changed" not in log_of(world.event_id)


def test_zone_and_currency_are_frozen_once_published(world):
    for field, value in (("time_zone", "Europe/London"), ("currency", "GBP")):
        answer = post(
            world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(world.show(), **{field: value})
        )
        assert answer.status_code == 422 and "cannot change after publishing" in answer.get_data(as_text=True)
    with pytest.raises(FrozenOncePublished), transaction() as db_session:
        services.update_event(
            db_session, event=db_session.merge(world.show()), changes={"currency": "EUR"}, by=BY, now=utcnow()
        )


def test_r_t05_a_manager_of_one_show_cannot_reach_for_others_through_a_series(world):
    """Nothing but the show's own details page puts it into a series, and only into a series of its organizer."""
    with transaction() as db_session:
        foreign_club = factories.organizer(db_session, "Foreign Club")
        foreign = factories.event(
            db_session, organizer=foreign_club, name="Foreign Secret Fair", state=EventState.DRAFT
        )
        other = factories.event(db_session, organizer=world.organizer, name="Other Secret Fair", state=EventState.DRAFT)
        series = EventSeries(
            organizer_id=foreign_club.id, slug="foreign", name="Foreign Secret Series", created_at=utcnow()
        )
        own = EventSeries(organizer_id=world.organizer.id, slug="own", name="Own Series", created_at=utcnow())
        db_session.add_all([series, own])
        person = db_session.merge(world.person("tess"))
        factories.member(
            db_session,
            organizer=world.organizer,
            person=person,
            roles=["manager"],
            event=db_session.merge(world.show()),
        )
        db_session.flush()
        series_id, own_id, slugs = series.id, own.id, (foreign.slug, other.slug)
    client = world.client("tess")
    for slug in slugs:
        for address in ("", "/details", "/clones/new"):
            answer = client.get(f"/manage/shows/{slug}{address}")
            assert answer.status_code == 404 and "Secret" not in answer.get_data(as_text=True)
        assert post(client, f"/manage/shows/{slug}/details", {"series_id": own_id, "name": "Mine"}).status_code == 404
    assert client.get("/manage/organizers/lakeside-club/series/own").status_code == 404
    answer = post(client, f"/manage/shows/{world.slug}/details", details_of(world.show(), series_id=series_id))
    assert answer.status_code == 422 and "Secret" not in answer.get_data(as_text=True)
    assert (
        post(client, f"/manage/shows/{world.slug}/details", details_of(world.show(), series_id=own_id)).status_code
        == 303
    )
    answer = post(client, f"/manage/shows/{world.slug}/clones", {"name": "Sneaky", "first_day": "2028-02-22"})
    assert answer.status_code == 403


HOSTILE = [
    "<script>alert(1)</script><b>bold</b>",
    '<img src=x onerror="alert(1)"><p onclick="x()">words</p>',
    '<a href="javascript:alert(1)">link</a>',
    '<a href="JaVaScRiPt&#58;alert(1)">link</a>',
    "<svg><style><img src=x onerror=alert(1)></style></svg><p>x</p>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<iframe src=//evil.example></iframe><noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_r_t14_rich_text_is_cleaned_on_save_and_again_on_show(world, hostile):
    client = world.client("olga")
    assert (
        post(
            client, f"/manage/shows/{world.slug}/details", details_of(world.show(), about=hostile, summary=hostile)
        ).status_code
        == 303
    )
    assert (
        post(client, f"/manage/shows/{world.slug}/news", {"title": hostile[:150], "body": hostile}).status_code == 303
    )
    terms = {"text": hostile}
    assert post(client, f"/manage/shows/{world.slug}/policies/terms", terms).status_code == 303
    fresh()
    show = world.show()
    assert all(word not in show.about for word in ("<script", "<img", "<svg", "<iframe", "javascript:"))
    live = live_nodes(world.client().get(f"/shows/{world.slug}").get_data(as_text=True))
    assert live == []
    with transaction() as db_session:
        db_session.merge(show).about = hostile  # as if it came into the database another way
    assert live_nodes(world.client().get(f"/shows/{world.slug}").get_data(as_text=True)) == []


def live_nodes(page: str) -> list[str]:
    """What a browser would run: scripts other than the page's own files, handlers, javascript links, foreign frames."""
    from html.parser import HTMLParser

    found: list[str] = []

    class Finder(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            known = dict(attrs)
            if tag == "script" and not (known.get("src") or "").startswith("/static/"):
                found.append("script")
            if tag in ("iframe", "object", "embed", "math"):
                found.append(tag)
            found.extend(f"{tag} {name}" for name in known if name.startswith("on"))
            if "javascript:" in (known.get("href") or "").lower():
                found.append("javascript link")
            if tag == "img" and (known.get("src") or "") == "x":
                found.append("img")

    Finder().feed(page)
    return found


def test_plain_text_keeps_its_signs_and_gets_paragraphs_and_lists(world):
    about = "R & D for 3 < 4 people\nnext line\n\n- one\n- two"
    assert (
        post(
            world.client("olga"), f"/manage/shows/{world.slug}/details", details_of(world.show(), about=about)
        ).status_code
        == 303
    )
    fresh()
    assert world.show().about == about
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "<p>R &amp; D for 3 &lt; 4 people<br>next line</p>" in page and "<ul><li>one</li><li>two</li></ul>" in page
