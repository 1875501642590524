"""The organizer's list of attendees: find, correct, print, export, give a new badge."""

import csv
import io

import pytest
from sqlalchemy import select

from swapmeet.badges.models import Attendee, Badge, BadgeState
from swapmeet.badges.services import Admission, admit
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from tests import factories
from tests.badges import build
from tests.registration import build as shop
from tests.support.forms import post


def listing(world, query="", key="olga"):
    return world.client(key).get(f"/manage/shows/{world.slug}/attendees{query}").get_data(as_text=True)


def test_an_empty_list_says_what_will_be_there(world):
    assert "Nobody is registered yet" in listing(world)


@pytest.mark.parametrize("query", ["lee", "ann+l", "example", "K7Q2", "k7q2mmmm", "%231", "Ann%20Lee", "ANN"])
def test_any_part_of_name_address_order_or_number_finds(world, query):
    build.admitted(world)
    build.admitted(world, "Bo Winter", email="bo@nowhere.test", order_code="ZZZZZZZZ")
    html = listing(world, f"?q={query}")
    assert "Ann Lee" in html
    assert "Bo Winter" not in html


def test_accents_and_case_do_not_matter(world):
    build.admitted(world, "Zoë Núñez")
    assert "Zoë Núñez" in listing(world, "?q=nunez+zoe")


def test_what_is_not_found_offers_the_whole_list(world):
    build.admitted(world)
    assert "Nobody found" in listing(world, "?q=nobody")


def test_filters_by_door_and_ticket(world, clock):
    build.at_show_time(world, clock)
    inside = build.admitted(world)
    build.admitted(world, "Bo Winter", ticket_label="Saturday")
    post(world.client("dora"), f"/manage/shows/{world.slug}/door/entries", {"code": inside.code})
    assert "Bo Winter" not in listing(world, "?status=in")
    assert "Ann Lee" not in listing(world, "?status=not_in")
    assert "Ann Lee" not in listing(world, "?ticket=Saturday")
    assert "Bo Winter" in listing(world, "?ticket=Saturday&status=not_in")
    assert "Ann Lee" in listing(world, "?status=nonsense")


def test_long_lists_have_pages(world):
    with transaction() as db_session:
        people = [Admission(name=f"Person {number:03}") for number in range(120)]
        admit(db_session, event_id=world.event_id, admissions=people, now=utcnow())
    assert "1–50 of 120 people" in listing(world)
    assert "101–120 of 120 people" in listing(world, "?page=3")
    assert "101–120 of 120 people" in listing(world, "?page=999999"), "past the end is the last page"
    assert "1–50" in listing(world, "?page=-1")


def test_r_t23_formulas_in_names_are_text_in_the_export(world):
    for name in ('=HYPERLINK("http://evil","x")', "+1", "-1", "@SUM(A1)", "Ann, Lee"):
        build.admitted(world, name)
    response = world.client("olga").get(f"/manage/shows/{world.slug}/attendees.csv")
    assert response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows[0][0] == "Name"
    names = sorted(row[0] for row in rows[1:])
    assert names == sorted(['\'=HYPERLINK("http://evil","x")', "'+1", "'-1", "'@SUM(A1)", "Ann, Lee"])


def test_the_printed_list_goes_by_last_name(world):
    for name in ("Ann Zebra", "Zoe Apple", "7 of 9", "Éric Édouard"):
        build.admitted(world, name)
    html = world.client("olga").get(f"/manage/shows/{world.slug}/attendees/print").get_data(as_text=True)
    order = [html.index(name) for name in ("7 of 9", "Zoe Apple", "Éric Édouard", "Ann Zebra")]
    assert order == sorted(order)
    assert "<h2>E</h2>" in html


def test_a_name_is_corrected_and_found_again(world):
    badge = build.admitted(world)
    url = f"/manage/shows/{world.slug}/attendees/{badge.attendee_id}"
    assert post(world.client("olga"), url, {"name": "Anna Leigh", "email": "anna@example.org"}).status_code == 303
    assert "Anna Leigh" in listing(world, "?q=leigh")
    response = post(world.client("olga"), url, {"name": " ", "email": "not an address"})
    assert response.status_code == 422
    html = response.get_data(as_text=True)
    assert "Write the name" in html
    assert "not an address" in html, "what was typed is kept"


def test_a_lost_badge_is_replaced(world):
    old = build.admitted(world)
    url = f"/manage/shows/{world.slug}/attendees/{old.attendee_id}/badges"
    assert post(world.client("olga"), url, {"reason": ""}).status_code == 422
    assert post(world.client("olga"), url, {"reason": "lost"}).status_code == 303
    badges = list(shop.fresh(world).scalars(select(Badge).order_by(Badge.id)))
    assert [badge.state for badge in badges] == [BadgeState.VOID, BadgeState.ISSUED]
    assert [badge.number for badge in badges] == [1, 2]
    assert badges[0].code != badges[1].code
    assert "Ann Lee" in listing(world, "?q=%232")


def test_a_canceled_person_gets_no_new_badge(world):
    badge = build.admitted(world)
    with transaction() as db_session:
        build.attendee_of(db_session, badge).canceled_at = utcnow()
    url = f"/manage/shows/{world.slug}/attendees/{badge.attendee_id}/badges"
    assert post(world.client("olga"), url, {"reason": "lost"}).status_code == 303
    assert len(list(world.session.scalars(select(Badge)))) == 1


@pytest.mark.parametrize("path", ["", "/badges"])
def test_people_of_other_shows_are_not_there(world, path):
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        badge = build.attendee(db_session, other)
    url = f"/manage/shows/{world.slug}/attendees/{badge.attendee_id}"
    assert world.client("olga").get(url).status_code == 404
    assert post(world.client("olga"), url + path, {"name": "X", "reason": "x"}).status_code == 404
    assert world.session.get_one(Attendee, badge.attendee_id).name == "Ann Lee"


def test_the_treasurer_reads_and_changes_nothing(world):
    badge = build.admitted(world)
    url = f"/manage/shows/{world.slug}/attendees/{badge.attendee_id}"
    assert world.client("trudy").get(url).status_code == 200
    assert post(world.client("trudy"), url, {"name": "X"}).status_code == 403


@pytest.mark.parametrize("query", ["%00", "%", "_", "'", "\\", "😀", "x" * 3000])
def test_odd_searches_find_nothing_and_break_nothing(world, query):
    build.admitted(world)
    assert (
        world.client("olga").get(f"/manage/shows/{world.slug}/attendees", query_string={"q": query}).status_code == 200
    )
