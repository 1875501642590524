"""Browsing: words, filters, near scales, counts, pages, and what is left out."""

from typing import Any

import pytest
from sqlalchemy import insert

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades import catalog, queries
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.services import listings
from tests.support.forms import post
from tests.trades.stall import list_thing, says


def _titles(world: Any, **filters: Any) -> list[str]:
    db.session.rollback()
    found = catalog.find_listings(
        db.session(), event_ids=[world.event_id], filters=catalog.Filters(**filters), number=1
    )
    return [row.title for row in found.page.rows]


@pytest.fixture
def stall(world: Any) -> Any:
    list_thing(world, "tess", title="Hay wagon, red wheels", category="vehicle", scale="1-12", condition="fair")
    list_thing(world, "tess", title="Café table", category="furniture", scale="1-24", description="Zinc top")
    list_thing(world, "tom", title="Tank engine", category="loco", scale="N", wants="gondolas", intent="trade")
    list_thing(world, "tom", title="Micro village", category="house", scale="1-144", intent="give", wants="")
    return world


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("wagon", ["Hay wagon, red wheels"]),
        ("WAG", ["Hay wagon, red wheels"]),
        ("cafe", ["Café table"]),
        ("CAFÉ zinc", ["Café table"]),
        ("gondola", ["Tank engine"]),
        ("one inch", ["Hay wagon, red wheels"]),
        ("1:12", ["Hay wagon, red wheels"]),
        ("half inch", ["Café table"]),
        ("1:24", ["Café table"]),
        ("locomotive", ["Tank engine"]),
        ("wagon engine", []),
        ("", ["Micro village", "Tank engine", "Café table", "Hay wagon, red wheels"]),
        ("???", ["Micro village", "Tank engine", "Café table", "Hay wagon, red wheels"]),
        ('" OR zebra --', []),
        ("NEAR(a b) *", []),
        ("' & | !", ["Micro village", "Tank engine", "Café table", "Hay wagon, red wheels"]),
    ],
)
def test_words_find_things_newest_first(stall: Any, query: str, titles: list[str]) -> None:
    assert _titles(stall, q=query) == titles


def test_filters_narrow_and_near_scales_widen(stall: Any) -> None:
    assert _titles(stall, category="loco") == ["Tank engine"]
    assert _titles(stall, scale="N") == ["Tank engine"]
    assert _titles(stall, scale="N", near=True) == ["Micro village", "Tank engine"]
    assert _titles(stall, condition="excellent") == ["Micro village", "Tank engine", "Café table"]
    assert _titles(stall, condition="fair")[-1] == "Hay wagon, red wheels"
    assert _titles(stall, intent="give") == ["Micro village"]
    assert _titles(stall, photo=True) == []


def test_each_filter_counts_with_the_others_applied(stall: Any) -> None:
    found = catalog.find_listings(
        db.session(), event_ids=[stall.event_id], filters=catalog.Filters(category="loco"), number=1
    )
    assert found.facets.total == 1 and not found.facets.is_capped
    assert found.facets.by["category"] == {"vehicle": 1, "furniture": 1, "loco": 1, "house": 1}
    assert found.facets.by["scale"] == {"N": 1}


def test_the_page_shows_chips_that_leave_a_filter_out(stall: Any) -> None:
    page = stall.client().get(f"/shows/{stall.slug}/trades?q=engine&scale=N&near=1&category=loco").text
    assert "Tank engine" in page and "Café table" not in page
    assert f"/shows/{stall.slug}/trades?q=engine&amp;category=loco" in page


def test_nonsense_in_the_address_counts_as_not_given(stall: Any) -> None:
    page = stall.client().get(
        f"/shows/{stall.slug}/trades?scale=nope&category=%00&condition=&intent=7&near=x&page=-3&q=%00"
    )
    assert page.status_code == 200 and "Tank engine" in page.text


@pytest.mark.parametrize(
    "query", ["x" * 5000, "😀🚂", "שלום", "a" * 300 + "*", "\x00\x00", "%", "'; DROP TABLE listing"]
)
def test_odd_queries_answer_with_an_empty_list(stall: Any, query: str) -> None:
    for page in ("/trades", f"/shows/{stall.slug}/trades"):
        assert stall.client().get(page, query_string={"q": query}).status_code == 200


def test_a_very_long_word_can_be_listed_and_found(world: Any) -> None:
    list_thing(world, "tess", title="Long", description="ab" * 2400)
    assert _titles(world, q="ab" * 100) == ["Long"]


def test_what_was_changed_is_found_by_its_new_words_only(world: Any) -> None:
    listing_id = list_thing(world, "tess")
    with transaction() as db_session:
        listing = queries.get_own_listing(db_session, listing_id, owner_id=world.ids["tess"])
        listings.change_listing(
            db_session,
            listing=listing,
            says=says(title="Oak stools", description=""),
            seen_version=1,
            by=Actor.person(world.ids["tess"]),
            now=utcnow(),
        )
    assert _titles(world, q="oak") == ["Oak stools"] and _titles(world, q="walnut") == []


def test_drafts_and_things_taken_back_are_not_found(world: Any) -> None:
    list_thing(world, "tess", is_listed=False)
    listing_id = list_thing(world, "tess", title="Taken back")
    post(world.client("tess"), f"/trades/{listing_id}/withdrawal")
    assert _titles(world) == [] and _titles(world, q="walnut") == []


def test_long_lists_have_pages_and_past_the_end_is_the_last(world: Any) -> None:
    _many(world, 50)
    page = world.client().get(f"/shows/{world.slug}/trades?page=2").text
    assert "Thing 26" in page and "Thing 27" not in page and "25–48 of 50" in page
    assert "Thing 1<" in world.client().get(f"/shows/{world.slug}/trades?page=999").text


def test_counts_stop_at_two_thousand(world: Any) -> None:
    _many(world, 2010)
    found = catalog.find_listings(db.session(), event_ids=[world.event_id], filters=catalog.Filters(), number=9999)
    assert found.facets.is_capped and found.page.total == 2000 and found.page.rows
    narrowed = catalog.find_listings(
        db.session(), event_ids=[world.event_id], filters=catalog.Filters(scale="HO"), number=1
    )
    assert narrowed.page.total == 1005
    assert "newest 2,000" in world.client().get(f"/shows/{world.slug}/trades").text


def test_a_page_of_things_needs_few_statements(world: Any) -> None:
    _many(world, 30)
    db.session.rollback()
    db.session().info["statements"] = 0
    catalog.find_listings(db.session(), event_ids=[world.event_id], filters=catalog.Filters(q=""), number=1)
    assert db.session().info["statements"] <= 2


def _many(world: Any, count: int) -> None:
    """Rows put in at once; their words are not indexed."""
    plain = {
        "event_id": world.event_id,
        "owner_id": world.ids["tess"],
        "category": "furniture",
        "condition": "good",
        "completeness": "complete",
        "intent": "trade",
        "wants": "anything",
        "state": ListingState.LISTED,
        "created_at": utcnow(),
        "changed_at": utcnow(),
    }
    with transaction() as db_session:
        rows = [{**plain, "title": f"Thing {n}", "scale": "HO" if n % 2 else "N"} for n in range(1, count + 1)]
        db_session.execute(insert(Listing), rows)
