"""Offers: made, countered, accepted whole or not at all, declined, taken back, and over when time says so."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries
from swapmeet.trades.errors import BadOffer, ItemsTaken, NoSuchListing
from swapmeet.trades.jobs import tidy
from swapmeet.trades.models import Listing, Offer, OfferItem, Side, TradeClaim
from swapmeet.trades.services import listings
from tests.support.forms import post
from tests.trades.stall import accept, agreed_trade, list_thing, listing_state, offer_of, offer_state, says


def _live_claims() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(TradeClaim.id)).where(TradeClaim.released_at.is_(None))) or 0


def _seen(world: Any, key: str, offer_id: int) -> str:
    page = world.client(key).get(f"/me/trades/offers/{offer_id}").text
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_an_offer_is_made_and_accepted_by_hand(world: Any) -> None:
    chairs = list_thing(world, "tess")
    wagon = list_thing(world, "tom", title="Hay wagon", category="vehicle")
    tess, tom = world.client("tess"), world.client("tom")
    page = tess.get(f"/trades/{wagon}/offer").text
    assert "Walnut ladder-back chairs" in page and "Hay wagon" in page
    sent = post(
        tess, f"/trades/{wagon}/offer", {"give": chairs, "take": wagon, "note": "Saturday at noon?", "key": "k"}
    )
    assert sent.status_code == 303
    offer_id = int(sent.location.rsplit("/", 1)[1])
    assert "Saturday at noon?" in tom.get(f"/me/trades/offers/{offer_id}").text
    done = post(tom, f"/me/trades/offers/{offer_id}/acceptance", {"seen": _seen(world, "tom", offer_id)})
    assert done.status_code == 303 and offer_state(offer_id) == "accepted"
    assert listing_state(chairs) == listing_state(wagon) == "reserved" and _live_claims() == 2
    assert "Walnut" not in world.client().get(f"/shows/{world.slug}/trades").text
    assert "promised to somebody" in world.client().get(f"/trades/{wagon}").text


def test_an_offer_without_own_things_needs_a_gift_or_a_price(world: Any) -> None:
    wagon = list_thing(world, "tom", title="Hay wagon")
    gift = list_thing(world, "tom", title="Slate strips", intent="give", wants="")
    tess = world.client("tess")
    refused = post(tess, f"/trades/{wagon}/offer", {"take": wagon, "note": "Please?", "key": "a"})
    assert refused.status_code == 422 and "Choose at least one of your own things" in refused.text
    assert "Please?" in refused.text
    assert post(tess, f"/trades/{gift}/offer", {"take": gift, "key": "b"}).status_code == 303


def test_a_wanted_notice_is_nothing_to_ask_for(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    notice = list_thing(world, "tom", title="Any brass bed", intent="wanted", wants="")
    tess = world.client("tess")
    assert "Any brass bed" not in tess.get(f"/trades/{wagon}/offer").text
    for take in ([notice], [wagon, notice]):
        with pytest.raises(BadOffer, match="wanted notice"):
            offer_of(world, "tess", "tom", give=[chairs], take=take)
    data = {"give": chairs, "take": [notice], "note": "For my chairs?", "key": "k"}
    refused = post(tess, f"/trades/{notice}/offer", data)
    assert refused.status_code == 422 and "A wanted notice is no thing to ask for" in refused.text
    assert "For my chairs?" in refused.text and f'value="{chairs}" checked' in refused.text
    assert db.session.scalar(select(func.count(Offer.id))) == 0


def test_a_wanted_notice_is_nothing_to_ask_for_in_an_answer_either(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    notice = list_thing(world, "tess", title="Any brass bed", intent="wanted", wants="")
    first = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    tom = world.client("tom")
    assert "Any brass bed" not in tom.get(f"/me/trades/offers/{first}/counter").text
    refused = post(tom, f"/me/trades/offers/{first}/counter", {"give": wagon, "take": [chairs, notice], "key": "k"})
    assert refused.status_code == 422 and "A wanted notice is no thing to ask for" in refused.text
    assert offer_state(first) == "open"


def test_a_wanted_notice_is_answered_with_things_for_things(world: Any) -> None:
    list_thing(world, "tess")
    notice = list_thing(world, "tom", title="Any brass bed", intent="wanted", wants="")
    tess = world.client("tess")
    assert "nothing listed here yet that you could ask for" in tess.get(f"/trades/{notice}/offer").text
    wagon = list_thing(world, "tom", title="Hay wagon")
    assert "Offer what you have" in tess.get(f"/trades/{notice}").text
    page = tess.get(f"/trades/{notice}/offer").text
    assert "Tom T. looks for it" in page and f'value="{wagon}"' in page and f'value="{notice}"' not in page


def test_a_thing_that_became_a_wanted_notice_is_not_handed_over(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    with transaction() as db_session:
        listings.change_listing(
            db_session,
            listing=db_session.get_one(Listing, chairs),
            says=says(intent="wanted", wants=""),
            seen_version=1,
            by=Actor.person(world.ids["tess"]),
            now=utcnow(),
        )
    answer = post(
        world.client("tom"), f"/me/trades/offers/{offer_id}/acceptance", {"seen": _seen(world, "tom", offer_id)}
    )
    assert answer.status_code == 409 and "Now a wanted notice" in answer.text
    assert offer_state(offer_id) == "open" and listing_state(wagon) == "listed" and _live_claims() == 0


def test_r_t57_a_listing_named_twice_is_refused(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    with pytest.raises(BadOffer, match="twice"):
        offer_of(world, "tess", "tom", give=[chairs, chairs], take=[wagon])
    with pytest.raises((BadOffer, NoSuchListing)):
        offer_of(world, "tess", "tom", give=[wagon], take=[wagon])
    answer = post(world.client("tess"), f"/trades/{wagon}/offer", {"give": [chairs, chairs], "take": wagon, "key": "k"})
    assert answer.status_code == 422 and "twice" in answer.text


def test_r_t57_the_database_refuses_a_listing_named_twice_without_the_check(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.add(
            OfferItem(event_id=world.event_id, offer_id=offer_id, listing_id=chairs, side=Side.GIVE, listing_version=1)
        )


def test_nobody_offers_what_is_not_theirs(world: Any) -> None:
    ann, wagon = list_thing(world, "ann", title="Ann's bear"), list_thing(world, "tom", title="Hay wagon")
    answer = post(world.client("tess"), f"/trades/{wagon}/offer", {"give": ann, "take": wagon, "key": "k"})
    assert answer.status_code == 404
    own = post(world.client("tom"), f"/trades/{wagon}/offer", {"take": wagon, "key": "k"})
    assert own.status_code == 422 and "your own" in own.text
    assert db.session.scalar(select(func.count(Offer.id))) == 0


@pytest.mark.parametrize("value", ["-1", "abc", "99999999999999999999999", "1.5", "\x00"])
def test_odd_numbers_in_an_offer_are_4xx(world: Any, value: str) -> None:
    wagon = list_thing(world, "tom", title="Hay wagon")
    answer = post(world.client("tess"), f"/trades/{wagon}/offer", {"give": value, "take": wagon, "key": "k"})
    assert 400 <= answer.status_code < 500


def test_the_same_offer_twice_is_one(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    tess = world.client("tess")
    data = {"give": chairs, "take": wagon, "key": "same"}
    first, second = post(tess, f"/trades/{wagon}/offer", data), post(tess, f"/trades/{wagon}/offer", data)
    assert first.location == second.location
    third = post(tess, f"/trades/{wagon}/offer", {**data, "key": "other"})
    assert third.status_code == 409 and "this very offer already" in third.text


def test_an_offer_is_answered_with_another_one(world: Any) -> None:
    chairs, bed = list_thing(world, "tess"), list_thing(world, "tess", title="Brass bed")
    wagon = list_thing(world, "tom", title="Hay wagon")
    first = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    tom, tess = world.client("tom"), world.client("tess")
    assert f'value="{chairs}" checked' in tom.get(f"/me/trades/offers/{first}/counter").text
    same = post(tom, f"/me/trades/offers/{first}/counter", {"give": wagon, "take": chairs, "key": "k"})
    assert same.status_code == 422 and "unchanged" in same.text
    sent = post(tom, f"/me/trades/offers/{first}/counter", {"give": wagon, "take": bed, "key": "k"})
    second = int(sent.location.rsplit("/", 1)[1])
    assert offer_state(first) == "countered" and offer_state(second) == "open"
    assert f"/me/trades/offers/{second}" in tess.get(f"/me/trades/offers/{first}").text
    post(tess, f"/me/trades/offers/{second}/acceptance", {"seen": _seen(world, "tess", second)})
    assert offer_state(second) == "accepted" and listing_state(chairs) == "listed"
    assert listing_state(bed) == listing_state(wagon) == "reserved"


def test_an_offer_is_declined_with_a_word_or_taken_back(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    post(world.client("tom"), f"/me/trades/offers/{offer_id}/refusal", {"note": "Sorry, promised elsewhere"})
    assert offer_state(offer_id) == "declined" and listing_state(chairs) == "listed"
    assert "Sorry, promised elsewhere" in world.client("tess").get(f"/me/trades/offers/{offer_id}").text
    again = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    post(world.client("tess"), f"/me/trades/offers/{again}/withdrawal")
    assert offer_state(again) == "withdrawn"
    late = post(world.client("tom"), f"/me/trades/offers/{again}/acceptance", {"seen": ""})
    assert late.status_code == 409 and "answered or taken back" in late.text


def test_only_the_two_see_an_offer_and_only_the_right_one_answers(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    otto = world.client("otto")
    for step in ("", "/counter", "/report"):
        assert otto.get(f"/me/trades/offers/{offer_id}{step}").status_code == 404
    for step in ("acceptance", "refusal", "withdrawal", "completion", "cancellation", "messages", "block", "counter"):
        assert post(otto, f"/me/trades/offers/{offer_id}/{step}", {"body": "hi"}).status_code == 404
    own = post(world.client("tess"), f"/me/trades/offers/{offer_id}/acceptance", {"seen": ""})
    assert own.status_code == 409
    assert post(world.client("tom"), f"/me/trades/offers/{offer_id}/withdrawal").status_code == 409
    assert offer_state(offer_id) == "open"


def test_accepting_reserves_all_or_nothing(world: Any) -> None:
    chairs, bed = list_thing(world, "tess"), list_thing(world, "tess", title="Brass bed")
    wagon, bear = list_thing(world, "tom", title="Hay wagon"), list_thing(world, "ann", title="Bear")
    both = offer_of(world, "tom", "tess", give=[wagon], take=[chairs, bed])
    one = offer_of(world, "ann", "tess", give=[bear], take=[bed])
    accept(world, "tess", one)
    with pytest.raises(ItemsTaken, match="Brass bed"):
        accept(world, "tess", both)
    assert offer_state(both) == "open" and listing_state(chairs) == listing_state(wagon) == "listed"
    page = world.client("tess").get(f"/me/trades/offers/{both}").text
    assert "No longer to be had" in page and "/acceptance" not in page


def test_what_was_changed_after_the_offer_must_be_looked_at_again(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    seen = _seen(world, "tom", offer_id)
    with transaction() as db_session:
        listings.change_listing(
            db_session,
            listing=queries.get_own_listing(db_session, chairs, owner_id=world.ids["tess"]),
            says=says(title="One broken chair"),
            seen_version=1,
            by=Actor.person(world.ids["tess"]),
            now=utcnow(),
        )
    tom = world.client("tom")
    late = post(tom, f"/me/trades/offers/{offer_id}/acceptance", {"seen": seen})
    assert late.status_code == 409 and "Look at it again" in late.text and "Changed since this offer" in late.text
    again = post(tom, f"/me/trades/offers/{offer_id}/acceptance", {"seen": _seen(world, "tom", offer_id)})
    assert again.status_code == 303


def test_an_offer_is_over_at_its_time_though_no_worker_runs(world: Any, clock: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    clock.advance(hours=72)
    late = post(world.client("tom"), f"/me/trades/offers/{offer_id}/acceptance", {"seen": ""})
    assert late.status_code == 409 and "time to answer this offer is over" in late.text
    assert "Time is over" in world.client("tess").get(f"/me/trades/offers/{offer_id}").text
    with transaction() as db_session:
        tidy(db_session, now=utcnow())
    assert offer_state(offer_id) == "expired"


def test_the_end_of_the_show_ends_its_offers_and_listings(world: Any, clock: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    clock.advance(days=91, hours=10)
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    clock.advance(hours=12)
    late = post(world.client("tom"), f"/me/trades/offers/{offer_id}/acceptance", {"seen": ""})
    assert late.status_code == 409 and "The show is over" in late.text
    with transaction() as db_session:
        tidy(db_session, now=utcnow())
    assert listing_state(chairs) == "expired"


def test_both_sides_tick_and_everything_is_traded(world: Any) -> None:
    offer_id, chairs, wagon = agreed_trade(world)
    tess, tom = world.client("tess"), world.client("tom")
    post(tess, f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    assert offer_state(offer_id) == "accepted" and listing_state(chairs) == "reserved"
    assert "Tess Trader says it is done" in tom.get(f"/me/trades/offers/{offer_id}").text
    post(tess, f"/me/trades/offers/{offer_id}/completion", {"done": "0"})
    assert "Meet Tess Trader" in tom.get(f"/me/trades/offers/{offer_id}").text
    post(tom, f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    post(tom, f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    post(tess, f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    assert offer_state(offer_id) == "completed"
    assert listing_state(chairs) == listing_state(wagon) == "traded" and _live_claims() == 2
    late = post(tom, f"/me/trades/offers/{offer_id}/cancellation")
    assert late.status_code == 409 and offer_state(offer_id) == "completed"


def test_an_agreed_trade_is_called_off_and_everything_is_free_again(world: Any) -> None:
    offer_id, chairs, wagon = agreed_trade(world)
    post(world.client("tom"), f"/me/trades/offers/{offer_id}/cancellation", {"note": "My car broke down"})
    assert offer_state(offer_id) == "withdrawn" and _live_claims() == 0
    assert listing_state(chairs) == listing_state(wagon) == "listed"
    page = world.client("tess").get(f"/me/trades/offers/{offer_id}").text
    assert "Called off" in page and "My car broke down" in page
    bear = list_thing(world, "ann", title="Bear")
    accept(world, "tess", offer_of(world, "ann", "tess", give=[bear], take=[chairs]))
    assert listing_state(chairs) == "reserved"


def test_what_is_promised_cannot_be_changed_or_taken_back(world: Any) -> None:
    _, chairs, _ = agreed_trade(world)
    tess = world.client("tess")
    from tests.trades.stall import form_of

    assert post(tess, f"/trades/{chairs}/edit", form_of(title="Other", seen="1")).status_code == 409
    page = post(tess, f"/trades/{chairs}/withdrawal", follow_redirects=True).text
    assert "promised in an agreed trade" in page and listing_state(chairs) == "reserved"


def test_an_agreed_trade_nobody_ticked_lapses_after_the_show(world: Any, clock: Any) -> None:
    offer_id, chairs, _ = agreed_trade(world)
    clock.advance(days=92)
    assert offer_state(offer_id) == "accepted"
    clock.advance(days=4)
    late = post(world.client("tess"), f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    assert late.status_code == 409
    with transaction() as db_session:
        tidy(db_session, now=utcnow())
    assert offer_state(offer_id) == "expired" and _live_claims() == 0
    assert listing_state(chairs) in ("listed", "expired")


def test_one_tick_keeps_a_trade_from_lapsing(world: Any, clock: Any) -> None:
    offer_id, _, wagon = agreed_trade(world)
    post(world.client("tess"), f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    clock.advance(days=100)
    with transaction() as db_session:
        tidy(db_session, now=utcnow())
    post(world.client("tom"), f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    assert offer_state(offer_id) == "completed" and listing_state(wagon) == "traded"


def test_a_lapsed_claim_is_free_for_whoever_asks_next(world: Any, clock: Any) -> None:
    offer_id, chairs, _ = agreed_trade(world)
    with transaction() as db_session:
        db_session.get_one(Offer, offer_id).expires_at = utcnow() + timedelta(hours=1)
    clock.advance(hours=1)
    bear = list_thing(world, "ann", title="Bear")
    with pytest.raises(ItemsTaken):  # making an offer looks at the written state; the tidying job frees it
        offer_of(world, "ann", "tess", give=[bear], take=[chairs])
    with transaction() as db_session:
        tidy(db_session, now=utcnow())
    accept(world, "tess", offer_of(world, "ann", "tess", give=[bear], take=[chairs]))
    assert listing_state(chairs) == "reserved" and _live_claims() == 2


def test_my_trades_shows_what_waits_what_is_agreed_and_my_things(world: Any) -> None:
    agreed_trade(world)
    bed, bear = list_thing(world, "tess", title="Brass bed"), list_thing(world, "ann", title="Bear")
    offer_of(world, "ann", "tess", give=[bear], take=[bed])
    page = world.client("tess").get("/me/trades").text
    assert "Offer from Ann A." in page and "Meet Tom Trader" in page and "Brass bed" in page
    assert "Your offer to Tess T." in world.client("ann").get("/me/trades").text
    assert "You have nothing listed" in world.client("otto").get("/me/trades").text
    assert "No offers yet" in world.client("otto").get("/me/trades/offers").text
    assert "Brass bed" in world.client("tess").get("/me/trades/offers").text
