"""Listing something: the form, drafts, limits, windows, change and taking back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.models import Listing, TradeSettings
from tests.support.forms import post
from tests.trades.stall import form_of, list_thing, listing_state


def _new(world: Any) -> str:
    return f"/shows/{world.slug}/trades/new"


def _count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Listing.id))) or 0


def test_a_thing_is_written_listed_and_found(world: Any) -> None:
    tess = world.client("tess")
    answer = post(tess, _new(world), form_of())
    assert answer.status_code == 303 and answer.location.endswith("/photos")
    listing_id = int(answer.location.split("/")[-2])
    assert world.client().get(f"/trades/{listing_id}").status_code == 404
    assert post(tess, f"/trades/{listing_id}/publication").status_code == 303
    page = world.client().get(f"/trades/{listing_id}")
    assert page.status_code == 200 and "Walnut ladder-back chairs" in page.text and "Tess T." in page.text
    assert "tess.trader@example.org" not in page.text
    assert "Walnut ladder-back chairs" in world.client().get(f"/shows/{world.slug}/trades").text
    assert "Walnut ladder-back chairs" in world.client().get("/trades").text


def test_strangers_are_asked_to_sign_in_first(world: Any) -> None:
    answer = world.client().get(_new(world))
    assert answer.status_code == 303 and "/sign-in" in answer.location


def test_the_form_keeps_what_was_typed_and_names_each_fault(world: Any) -> None:
    answer = post(world.client("tess"), _new(world), form_of(title="", wants="", scale="", description="Kept words"))
    assert answer.status_code == 422
    assert "Kept words" in answer.text and "Give it a title." in answer.text
    assert "Say what you would like for it" in answer.text and "Choose a scale" in answer.text
    assert _count() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"intent": "sell", "wants": ""}, "Say what you ask for it."),
        ({"intent": "trade-or-sell", "wants": ""}, "or give a price"),
        ({"intent": "give", "wants": "", "price": "5"}, "A gift has no price."),
        ({"intent": "sell", "price": "-1"}, "Write an amount"),
        ({"intent": "sell", "price": "1e99"}, "Write an amount"),
        ({"category": "spaceship"}, "Not a valid choice"),
        ({"is_mine": ""}, "Please confirm this"),
        ({"title": "x" * 121}, "At most 120 characters"),
        ({"title": "nul\x00byte"}, "control characters"),
    ],
)
def test_a_fault_is_told_in_words(world: Any, changes: dict[str, str], words: str) -> None:
    answer = post(world.client("tess"), _new(world), form_of(**changes))
    assert answer.status_code == 422 and words in answer.text


def test_the_same_key_sent_twice_makes_one_listing(world: Any) -> None:
    tess = world.client("tess")
    first, second = post(tess, _new(world), form_of()), post(tess, _new(world), form_of())
    assert first.location == second.location and _count() == 1


def test_a_show_without_trades_says_so(world: Any) -> None:
    with transaction() as db_session:
        db_session.get_one(Event, world.event_id).trades_enabled = False
        db_session.add(TradeSettings(event_id=world.event_id, why_off="Wanted cards only."))
    assert "Wanted cards only." in world.client().get(f"/shows/{world.slug}/trades").text
    assert post(world.client("tess"), _new(world), form_of()).status_code == 422
    assert _count() == 0


def test_before_the_window_there_are_only_drafts(world: Any) -> None:
    with transaction() as db_session:
        db_session.get_one(Event, world.event_id).trades_open_at = utcnow() + timedelta(days=3)
    listing_id = list_thing(world, "tess", is_listed=False)
    tess = world.client("tess")
    post(tess, f"/trades/{listing_id}/publication")
    assert listing_state(listing_id) == "draft"
    assert "Trades open soon" in world.client().get(f"/shows/{world.slug}/trades").text


def test_after_the_window_nothing_new_is_listed_but_the_rest_stays(world: Any, clock: Any) -> None:
    listing_id = list_thing(world, "tess")
    with transaction() as db_session:
        db_session.get_one(Event, world.event_id).trades_close_at = utcnow() + timedelta(hours=1)
    clock.advance(hours=1)
    assert post(world.client("tom"), _new(world), form_of()).status_code == 422
    assert "New listings are closed" in world.client("tom").get(_new(world)).text
    assert world.client().get(f"/trades/{listing_id}").status_code == 200
    assert "Walnut" in world.client().get(f"/shows/{world.slug}/trades").text


def test_when_the_show_is_over_its_things_are_off_the_lists(world: Any, clock: Any) -> None:
    list_thing(world, "tess")
    clock.advance(days=92)
    assert "Trades are over" in world.client().get(f"/shows/{world.slug}/trades").text
    assert "Walnut" not in world.client().get("/trades").text


def test_the_limit_of_a_person_holds(world: Any) -> None:
    with transaction() as db_session:
        db_session.add(TradeSettings(event_id=world.event_id, max_live_listings=1))
    list_thing(world, "tess")
    second = list_thing(world, "tess", is_listed=False, title="Another")
    page = post(world.client("tess"), f"/trades/{second}/publication", follow_redirects=True)
    assert "and that is its limit" in page.text and listing_state(second) == "draft"


def test_a_listing_is_changed_and_the_page_opened_before_is_stale(world: Any) -> None:
    listing_id = list_thing(world, "tess")
    tess = world.client("tess")
    url = f"/trades/{listing_id}/edit"
    assert 'value="Walnut ladder-back chairs, pair"' in tess.get(url).text
    assert post(tess, url, form_of(title="Oak stools", seen="1")).status_code == 303
    late = post(tess, url, form_of(title="Something else", seen="1"))
    assert late.status_code == 409 and "changed in another window" in late.text and "Something else" in late.text
    assert "Oak stools" in world.client().get(f"/trades/{listing_id}").text


def test_other_peoples_listings_cannot_be_touched(world: Any) -> None:
    listing_id = list_thing(world, "tess")
    tom = world.client("tom")
    assert tom.get(f"/trades/{listing_id}/edit").status_code == 404
    for step in ("edit", "photos", "publication", "withdrawal"):
        assert post(tom, f"/trades/{listing_id}/{step}", form_of()).status_code == 404
    assert listing_state(listing_id) == "listed"


def test_a_listing_is_taken_back_and_listed_again(world: Any) -> None:
    listing_id = list_thing(world, "tess")
    tess = world.client("tess")
    post(tess, f"/trades/{listing_id}/withdrawal")
    assert listing_state(listing_id) == "withdrawn"
    assert world.client().get(f"/trades/{listing_id}").status_code == 404
    assert tess.get(f"/trades/{listing_id}").status_code == 200
    post(tess, f"/trades/{listing_id}/publication")
    assert listing_state(listing_id) == "listed"


@pytest.mark.parametrize("listing_id", ["0", "999999", "99999999999999999999"])
def test_an_unknown_listing_is_not_found(world: Any, listing_id: str) -> None:
    assert world.client().get(f"/trades/{listing_id}").status_code == 404


def test_r_t15_a_title_with_markup_is_text(world: Any) -> None:
    listing_id = list_thing(world, "tess", title="<script>alert(1)</script>", wants="<img src=x onerror=alert(1)>")
    for page in (f"/trades/{listing_id}", f"/shows/{world.slug}/trades", "/trades"):
        html = world.client().get(page).text
        assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
        assert "<img src=x" not in html
