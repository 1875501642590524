"""The ticket card on a show's page."""

import re
from datetime import timedelta

import pytest

from swapmeet.events.models import EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.registration.panels import load_card
from tests.registration import build


def card(world):
    return load_card(build.fresh(world), world.show(), utcnow())


def stubs(world):
    return {stub.name: stub for stub in card(world)["stubs"]}


def page(world):
    return world.client().get(f"/shows/{world.slug}").get_data(as_text=True)


def add(world, name="Weekend pass", **changes):
    with transaction() as db_session:
        return build.ticket_type(db_session, world.show(), name, **changes)


def test_the_card_posts_to_the_cart_with_a_stepper_for_each_ticket(world):
    kind = add(world)
    html = page(world)
    assert f'action="/shows/{world.slug}/cart/lines"' in html
    assert re.search(
        rf'<input class="stepper-value"[^>]*name="ticket-{kind.id}"[^>]*max="10"[^>]*data-price="2400"', html
    )
    assert "Held for 15 minutes once you continue." in html
    assert "Refunds until" in html


def test_what_few_are_left_of_is_said_and_cannot_be_exceeded(world):
    add(world, capacity=3)
    stub = stubs(world)["Weekend pass"]
    assert (stub.max, stub.note) == (3, "3 left")


def test_carts_that_ran_out_count_as_free(world, clock):
    kind = add(world, capacity=3)
    with transaction() as db_session:
        build.cart(db_session, world.show(), {kind.id: 3})
    assert stubs(world)["Weekend pass"].note == "Sold out"
    clock.advance(minutes=16)
    assert stubs(world)["Weekend pass"].note == "3 left"


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"sale_starts_at": timedelta(days=3)}, "On sale from"),
        ({"sale_ends_at": timedelta(0)}, "Sale has ended"),
        ({"is_door_only": True}, "Sold at the door"),
        ({"capacity": 0}, "Sold out"),
    ],
)
def test_what_cannot_be_bought_says_why(world, changes, note):
    add(world, **{key: utcnow() + value if isinstance(value, timedelta) else value for key, value in changes.items()})
    stub = stubs(world)["Weekend pass"]
    assert stub.max == 0
    assert stub.note.startswith(note)


def test_the_next_price_is_announced(world):
    kind = add(world, price=2400)
    with transaction() as db_session:
        build.tier(db_session, db_session.merge(kind), 2000, until_at=utcnow() + timedelta(days=2))
    stub = stubs(world)["Weekend pass"]
    assert stub.price == "$20.00"
    assert stub.next_words.startswith("$24.00 from Fri, Nov 27")


def test_hidden_and_archived_tickets_are_not_on_the_card(world):
    add(world, is_hidden=True)
    add(world, "Old pass", archived_at=utcnow())
    assert card(world) is None


def test_a_shared_limit_bounds_every_ticket_that_shares_it(world):
    from swapmeet.orders.models import Quota

    with transaction() as db_session:
        event = world.show()
        pool = Quota(event_id=event.id, name="Beds", capacity=2)
        db_session.add(pool)
        db_session.flush()
        build.ticket_type(db_session, event, "Own room", shared_quota_id=pool.id)
        build.ticket_type(db_session, event, "Day")
    assert stubs(world)["Own room"].max == 2
    assert stubs(world)["Day"].max == 10


def test_the_card_takes_two_queries_however_many_tickets(world):
    for number in range(10):
        add(world, f"Ticket {number}")
    session = build.fresh(world)
    event = world.show()
    before = session.info.get("statements", 0)
    assert len(load_card(session, event, utcnow())["stubs"]) == 10
    assert session.info["statements"] - before <= 2


def test_a_canceled_show_sells_nothing(world):
    add(world)
    with transaction():
        world.show().state = EventState.CANCELED
    assert card(world) is None


def test_odd_names_are_shown_as_they_are(world):
    add(world, "<b>Família</b> \u202e 😀")
    assert "&lt;b&gt;Família&lt;/b&gt;" in page(world)
