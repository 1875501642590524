"""The door page: scanned codes, typed words, one glance, never twice, taken back."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee, CheckIn, Gate
from swapmeet.badges.services import reissue_badge, withdraw
from swapmeet.events.models import Event, EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from tests import factories
from tests.badges import build
from tests.registration import build as shop
from tests.support.forms import post


@pytest.fixture
def door(world, clock):
    build.at_show_time(world, clock)
    return world.client("dora")


def scan(client, world, code, **fields):
    return post(client, f"/manage/shows/{world.slug}/door/entries", {"code": code, **fields})


def verdict(response):
    html = response.get_data(as_text=True)
    found = re.search(r'class="verdict is-(\w+)".*?<h2>(.*?)</h2>(?:<p>(.*?)</p>)?', html, re.S)
    return found.groups() if found else None


def entries(world):
    return shop.fresh(world).scalar(select(func.count()).select_from(CheckIn).where(CheckIn.undone_at.is_(None)))


def test_a_scanned_ticket_lets_its_holder_in_and_says_so_in_green(world, door):
    badge = build.admitted(world)
    response = scan(door, world, badge.code)
    assert response.status_code == 303
    kind, title, text = verdict(door.get(response.location))
    assert (kind, title) == ("ok", "In: Ann Lee")
    assert text == "Weekend pass, badge 1"


def test_a_code_typed_in_groups_and_small_letters_is_the_same_code(world, door):
    badge = build.admitted(world)
    typed = " ".join(badge.code[i : i + 5] for i in range(0, 26, 5)).lower()
    assert scan(door, world, typed).status_code == 303


def test_the_second_scan_says_when_where_and_by_whom(world, door, clock):
    badge = build.admitted(world)
    scan(door, world, badge.code)
    clock.advance(minutes=20)
    response = scan(door, world, badge.code)
    assert response.status_code == 409
    kind, title, text = verdict(response)
    assert (kind, title.replace("\u202f", " ")) == ("warn", "Already in at 10:02 AM")
    assert text == "Ann Lee: Weekend pass, badge 1. Let in at Main door by Dora Door."
    assert entries(world) == 1


def test_another_gate_does_not_let_the_same_badge_in_again(world, door):
    badge = build.admitted(world)
    with transaction() as db_session:
        gates = [Gate(event_id=world.event_id, name=name, position=n) for n, name in enumerate(("North", "South"))]
        db_session.add_all(gates)
    scan(door, world, badge.code, gate=gates[0].id)
    assert verdict(scan(door, world, badge.code, gate=gates[1].id))[0] == "warn"
    assert entries(world) == 1


def test_the_next_day_is_a_new_entry(world, door, clock):
    badge = build.admitted(world)
    scan(door, world, badge.code)
    clock.advance(days=1)
    assert scan(world.client("dora"), world, badge.code).status_code == 303
    assert entries(world) == 2


def test_a_repeated_nonce_answers_as_the_first_time(world, door):
    badge = build.admitted(world)
    first = scan(door, world, badge.code, nonce="one-scan")
    again = scan(door, world, badge.code, nonce="one-scan")
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert entries(world) == 1


def test_an_unpaid_order_is_amber_with_the_sum(world, door):
    with transaction() as db_session:
        event = world.show()
        kind = shop.ticket_type(db_session, event, price=2400)
        order = shop.buy(db_session, event, {kind.id: 2}, paid=False)
        code = order.code
    response = scan(door, world, code.lower())
    kind, title, text = verdict(response)
    assert (kind, title) == ("warn", "Not paid yet: $48.00")
    assert code in text
    assert entries(world) == 0


def test_an_unpaid_order_is_found_by_the_buyers_name_too(world, door):
    with transaction() as db_session:
        event = world.show()
        kind = shop.ticket_type(db_session, event, price=2400)
        shop.buy(db_session, event, {kind.id: 1}, paid=False, buyer="Wilma Waits")
    html = scan(door, world, "wilma").get_data(as_text=True)
    assert "Wilma Waits" in html
    assert "$24.00" in html


@pytest.mark.parametrize("typed", ["lee", "Ann L", "K7Q2MMMM", "k7q2 mmmm", "#1", "1", "ann@example"])
def test_somebody_is_found_by_any_part_and_let_in_with_one_tap(world, door, typed):
    badge = build.admitted(world)
    html = scan(door, world, typed).get_data(as_text=True)
    assert "Check in" in html
    response = scan(door, world, "", attendee=badge.attendee_id, nonce=f"n-{typed}")
    assert response.status_code == 303
    assert entries(world) == 1


def test_nobody_found_says_what_to_try_next(world, door):
    assert verdict(scan(door, world, "zzz"))[:2] == ("bad", "Nobody found")


def test_signs_of_patterns_are_plain_letters(world, door):
    build.admitted(world)
    for typed in ("%", "_", "'", "\\", "a%n", "\x00", "😀", "\u202eeel", "x" * 5000):
        response = scan(door, world, typed)
        assert response.status_code == 200, typed


def test_r_t56_a_canceled_ticket_that_was_in_is_canceled(world, door):
    with transaction() as db_session:
        event = world.show()
        kind = shop.ticket_type(db_session, event, price=0)
        order = shop.buy(db_session, event, {kind.id: 1}, names=["Ann Lee"])
        badge_code = db_session.scalar(select(Attendee)).badges[0].code
        line_ids = [line.id for line in shop.lines_of(db_session, order)]
    scan(door, world, badge_code)
    with transaction() as db_session:
        withdraw(db_session, line_ids=line_ids, reason="canceled", now=utcnow())
    assert verdict(scan(door, world, badge_code))[:2] == ("bad", "Canceled ticket")


def test_a_lost_badge_is_void_and_its_new_one_does_not_let_a_second_person_in(world, door):
    old = build.admitted(world)
    scan(door, world, old.code)
    with transaction() as db_session:
        attendee = build.attendee_of(db_session, old)
        new = reissue_badge(db_session, attendee=attendee, reason="lost", by=Actor.job("test"), now=utcnow())
    kind, title, text = verdict(scan(door, world, old.code))
    assert (kind, title) == ("bad", "This badge is void")
    assert text.replace("\u202f", " ") == (
        "Ann Lee: Weekend pass, badge 1. Replaced by badge 2, issued Tue, Feb 23, 2027, 10:02 AM. Ask for that one."
    )
    assert verdict(scan(door, world, new.code))[0] == "warn"
    assert entries(world) == 1
    desk = door.get(f"/manage/shows/{world.slug}/door").get_data(as_text=True)
    assert "badge 1 (replaced by badge 2)" in desk
    person = world.client("olga").get(f"/manage/shows/{world.slug}/attendees/{new.attendee_id}").get_data(as_text=True)
    assert "Replaced by badge 2, issued Tue, Feb 23, 2027" in person


def test_the_number_of_a_replaced_badge_leads_to_its_holder(world, door):
    old = build.admitted(world)
    build.admitted(world, "Bo Lee")
    with transaction() as db_session:
        attendee = build.attendee_of(db_session, old)
        reissue_badge(db_session, attendee=attendee, reason="lost", by=Actor.job("test"), now=utcnow())
    for typed in ("#1", "1", "#3"):
        html = scan(door, world, typed).get_data(as_text=True)
        assert "Ann Lee" in html and "Bo Lee" not in html, typed
        assert "badge 3" in html and "It replaces badge 1, issued Tue, Feb 23, 2027" in html, typed


def test_too_early_says_from_when(world, door):
    badge = build.admitted(world, entry_from="10:20")
    kind, title, _ = verdict(scan(door, world, badge.code))
    assert (kind, title.replace("\u202f", " ")) == ("warn", "Too early: from 10:20 AM")


def test_a_sunday_ticket_does_not_open_saturdays_door(world, door):
    sunday = world.show().last_day.isoformat()
    badge = build.admitted(world, valid_days=[sunday])
    assert verdict(scan(door, world, badge.code))[:2] == ("bad", "Not valid today")


def test_a_one_day_ticket_opens_the_door_on_one_day(world, door, clock):
    badge = build.admitted(world, days_allowed=1)
    scan(door, world, badge.code)
    clock.advance(days=1)
    kind, title, _ = verdict(scan(world.client("dora"), world, badge.code))
    assert kind == "bad"
    assert title.startswith("Used on")


def test_r_t02_another_shows_ticket_is_refused_and_tells_nothing(world, door):
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        badge = build.attendee(db_session, other, "Secret Sam")
    response = scan(door, world, badge.code)
    assert verdict(response)[:2] == ("bad", "Ticket of another show")
    assert "Secret Sam" not in response.get_data(as_text=True)
    response = scan(door, world, "", attendee=badge.attendee_id)
    assert verdict(response)[0] == "bad"
    assert entries(world) == 0


def test_an_entry_can_be_taken_back_and_made_again(world, door):
    badge = build.admitted(world)
    scan(door, world, badge.code)
    entry_id = world.session.scalar(select(CheckIn.id))
    url = f"/manage/shows/{world.slug}/door/entries/{entry_id}/reversal"
    response = post(door, url)
    assert response.status_code == 303
    assert "Taken back" in door.get(response.location).get_data(as_text=True)
    entry = shop.fresh(world).get_one(CheckIn, entry_id)
    assert entry.undone_by == "Dora Door"
    assert scan(door, world, badge.code).status_code == 303
    assert post(door, url).status_code == 303, "a second tap says it was taken back before"
    assert entries(world) == 1


def test_counters_show_who_is_in_and_who_is_expected(world, door):
    badge = build.admitted(world)
    build.admitted(world, "Bo Lee")
    build.admitted(world, "Sunny", valid_days=[world.show().last_day.isoformat()])
    scan(door, world, badge.code)
    html = door.get(f"/manage/shows/{world.slug}/door").get_data(as_text=True)
    assert re.findall(r'class="kpi-value num">(\d+)<', html) == ["1", "1"]
    assert "in today, of 2 expected" in html and "still to come today" in html
    assert "Ann Lee" in html


def desk_of(world):
    return world.client("dora").get(f"/manage/shows/{world.slug}/door").get_data(as_text=True)


def test_before_the_show_the_page_says_that_it_is_not_open_and_when_it_is(world, clock):
    build.admitted(world)
    build.at_show_time(world, clock, day=-2)
    html = desk_of(world)
    assert "The show is not open today" in html
    assert "Today is Sun, Feb 21, 2027. The show is on Tue, Feb 23 to Wed, Feb 24, 2027, in 2 days." in html
    assert "Tickets do not open the door today." in html and f'href="/shows/{world.slug}"' in html
    assert "in today" not in html and "expected on the first day, Tue, Feb 23" in html
    badge = build.admitted(world, "Bo Lee")
    assert verdict(scan(world.client("dora"), world, badge.code))[:2] == ("bad", "Not valid today")


def test_a_ticket_that_names_a_day_outside_of_the_show_is_told_and_let_in(world, clock):
    build.admitted(world)
    build.at_show_time(world, clock, day=-1)
    badge = build.admitted(world, "Early Eve", valid_days=[(world.show().first_day - timedelta(days=1)).isoformat()])
    html = desk_of(world)
    assert "1 ticket names this day and opens the door all the same." in html
    assert "in today, of 1 expected" in html
    assert scan(world.client("dora"), world, badge.code).status_code == 303


def test_after_the_show_the_page_says_that_it_is_over(world, door, clock):
    scan(door, world, build.admitted(world).code)
    build.at_show_time(world, clock, day=3)
    html = desk_of(world)
    assert "The show is over" in html and "The show was on Tue, Feb 23 to Wed, Feb 24, 2027." in html
    assert "Tue, Feb 23, 10:02" in html.replace("\u202f", " "), "an entry of another day is shown with its day"


def test_on_a_day_of_the_show_nothing_stands_in_the_way(world, door):
    html = desk_of(world)
    assert "not open today" not in html and "is over" not in html and "canceled" not in html


def test_the_door_of_a_canceled_show_says_so(world, door):
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        event.state, event.canceled_at, event.cancel_reason = EventState.CANCELED, utcnow(), "The hall is flooded."
    html = desk_of(world)
    assert "This show is canceled" in html and "The hall is flooded." in html
    assert f'href="/shows/{world.slug}"' in html


def test_gates_are_added_and_renamed(world, clock):
    olga = world.client("olga")
    url = f"/manage/shows/{world.slug}/door/gates"
    assert post(olga, url, {"name": "North"}).status_code == 303
    assert post(olga, url, {"name": "north"}).status_code == 422
    assert post(olga, url, {"name": " "}).status_code == 422
    gate_id = world.session.scalar(select(Gate.id))
    assert post(olga, f"{url}/{gate_id}", {"name": "North door"}).status_code == 303
    assert "North door" in olga.get(url).get_data(as_text=True)
    assert post(olga, f"{url}/999999", {"name": "X"}).status_code == 404


def test_the_door_is_for_its_people_only(world):
    url = f"/manage/shows/{world.slug}/door"
    assert world.client("otto").get(url).status_code == 404
    assert world.client("trudy").get(url).status_code == 403
    assert world.client().get(url).status_code == 303
    assert world.client("dora").get(url).status_code == 200


@pytest.mark.parametrize("fields", [{"gate": "999999"}, {"attendee": "999999"}, {"attendee": "99999999999999999999"}])
def test_unknown_ids_are_no_fault_of_ours(world, door, fields):
    build.admitted(world)
    assert scan(door, world, "", **fields).status_code < 500
