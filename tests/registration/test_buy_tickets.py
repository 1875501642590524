"""Tickets through the one cart: prices, limits, windows, quotas, names and badges."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from swapmeet.badges.models import Attendee, Badge, BadgeState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import NotOnSale, OverLimit, PriceChanged, SoldOut
from swapmeet.orders.models import Order, OrderState, Quota
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.registration.models import TicketType
from swapmeet.registration.sellable import TicketSellable
from tests import factories
from tests.registration import build
from tests.support.forms import post

GUEST = Actor.guest()


@pytest.fixture
def kind(world):
    with transaction() as db_session:
        return build.ticket_type(db_session, world.show(), capacity=4).id


def left(db_session, kind_id):
    kind = db_session.get_one(TicketType, kind_id)
    quota = db_session.get_one(Quota, kind.quota_id)
    db_session.refresh(quota)
    return quota.capacity - quota.taken


def test_a_free_ticket_is_confirmed_at_once_and_gives_a_badge(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, "Young maker", price=0)
        order = build.buy(db_session, event, {kind.id: 2}, names=["Ann Lee", "Bo Lee"])
        assert order.state is OrderState.CONFIRMED
    attendees = list(world.session.scalars(select(Attendee).order_by(Attendee.id)))
    assert [attendee.name for attendee in attendees] == ["Ann Lee", "Bo Lee"]
    badges = list(world.session.scalars(select(Badge).order_by(Badge.id)))
    assert [badge.number for badge in badges] == [1, 2]


def test_r_t08_badge_codes_cannot_be_guessed_from_each_other(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        order = build.buy(db_session, event, {kind.id: 3}, names=["A", "B", "C"])
        codes = list(db_session.scalars(select(Badge.code)))
    assert len(set(codes)) == 3
    assert all(len(code) == 26 for code in codes), "26 of 31 characters: more than 128 bits"
    assert all(order.code not in code for code in codes)


def test_an_unpaid_order_has_no_badge_yet(world, kind):
    with transaction() as db_session:
        order = build.buy(db_session, world.show(), {kind: 1}, names=["Ann"], paid=False)
        assert order.state is OrderState.PLACED
        assert db_session.scalar(select(Badge.id)) is None
        build.pay(db_session, order)
        assert db_session.scalar(select(Badge.state)) is BadgeState.ISSUED


def test_canceling_voids_the_badges_and_frees_the_places(world, kind):
    with transaction() as db_session:
        event = world.show()
        order = build.buy(db_session, event, {kind: 2}, names=["Ann", "Bo"])
        assert left(db_session, kind) == 2
    with transaction() as db_session:
        event = world.show()
        preview = preview_cancellation(db_session, event=event, order=order, now=utcnow())
        cancel_order(
            db_session,
            event=event,
            order=order,
            seen_back_minor=preview.back_minor,
            reason="ill",
            by=Actor.guest(),
            now=utcnow(),
        )
        assert left(db_session, kind) == 4
    badges = list(world.session.scalars(select(Badge)))
    assert {badge.state for badge in badges} == {BadgeState.VOID}
    assert all(attendee.canceled_at for attendee in world.session.scalars(select(Attendee)))


def test_r_t43_five_of_four_are_refused_as_a_whole(world, kind):
    with pytest.raises(SoldOut, match="Only 4"), transaction() as db_session:
        build.cart(db_session, world.show(), {kind: 5})
    assert left(world.session, kind) == 4


@pytest.mark.parametrize("quantity", [-1, 0, 10**9])
def test_r_t52_senseless_quantities_are_refused(world, kind, quantity):
    with pytest.raises(OverLimit), transaction() as db_session:
        build.cart(db_session, world.show(), {kind: quantity})
    assert left(world.session, kind) == 4


def test_the_limit_counts_what_the_cart_holds_already(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, per_order_limit=2)
        cart = build.cart(db_session, event, {kind.id: 2})
    with pytest.raises(OverLimit, match="2 of Weekend pass"), transaction() as db_session:
        build.cart(db_session, world.show(), {kind.id: 1}, into=cart)


def test_a_shared_limit_binds_all_types_that_share_it(world):
    with transaction() as db_session:
        event = world.show()
        pool = Quota(event_id=event.id, name="Beds", capacity=3)
        db_session.add(pool)
        db_session.flush()
        shared = build.ticket_type(db_session, event, "Shared room", shared_quota_id=pool.id)
        single = build.ticket_type(db_session, event, "Own room", shared_quota_id=pool.id)
        build.cart(db_session, event, {shared.id: 2})
    with pytest.raises(SoldOut, match="Only 1 of Beds left"), transaction() as db_session:
        build.cart(db_session, world.show(), {single.id: 2})


def test_r_t54_a_type_at_its_limit_does_not_stop_the_others(world, kind):
    with transaction() as db_session:
        event = world.show()
        other = build.ticket_type(db_session, event, "Saturday").id
        build.cart(db_session, event, {kind: 4})
    with transaction() as db_session:
        build.cart(db_session, world.show(), {other: 1})
    with pytest.raises(SoldOut), transaction() as db_session:
        build.cart(db_session, world.show(), {kind: 1})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sale_starts_at": timedelta(days=1)}, "not on sale yet"),
        ({"sale_ends_at": timedelta(seconds=0)}, "has ended"),
        ({"is_door_only": True}, "at the door"),
    ],
)
def test_outside_its_sale_a_type_is_not_sold(world, changes, words):
    values = {key: utcnow() + value if isinstance(value, timedelta) else value for key, value in changes.items()}
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), **values).id
    with pytest.raises(NotOnSale, match=words), transaction() as db_session:
        build.cart(db_session, world.show(), {kind: 1})


def ask(client, world, fields):
    return post(client, f"/shows/{world.slug}/cart/lines", {**fields, "key": "k" * 32})


def test_unknown_foreign_hidden_and_archived_types_are_404_alike_and_what_was_chosen_stays(world, kind):
    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        gone = {
            "unknown": 987654,
            "foreign": build.ticket_type(db_session, other).id,
            "hidden": build.ticket_type(db_session, world.show(), "Hidden", is_hidden=True).id,
            "archived": build.ticket_type(db_session, world.show(), "Old", archived_at=utcnow()).id,
        }
    said = set()
    for number in gone.values():
        answer = ask(world.client(), world, {f"ticket-{kind}": "2", f"ticket-{number}": "1"})
        html = answer.get_data(as_text=True)
        assert answer.status_code == 404
        assert f'name="ticket-{kind}"' in html and "Nothing was added" in html
        said.update(re.findall(r"<p>(One of these [^<]+)</p>", html) or [html])
    assert said == {"One of these tickets is not sold here, or not any more. Look at the list again."}
    assert ask(world.client(), world, {"seat-987654": "1"}).status_code == 404


def test_the_first_so_many_pay_less_and_it_is_exact(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=2400)
        build.tier(db_session, kind, 2000, first=2)
        assert build.cart(db_session, event, {kind.id: 1}).total_minor == 2000
        with pytest.raises(OverLimit, match="Only 1 of Weekend pass left at"):
            build.cart(db_session, event, {kind.id: 2})
        last = build.cart(db_session, event, {kind.id: 1})
        assert last.total_minor == 2000
        assert build.cart(db_session, event, {kind.id: 1}).total_minor == 2400
        assert build.place(db_session, event, last, names=["Ann"]).total_minor == 2000, "a held line keeps its price"


def test_units_of_a_tier_come_back_when_a_cart_ends(world, clock):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=2400)
        build.tier(db_session, kind, 2000, first=1)
        build.cart(db_session, event, {kind.id: 1})
    clock.advance(minutes=16)
    with transaction() as db_session:
        assert build.cart(db_session, world.show(), {kind.id: 1}).total_minor == 2000


def test_a_price_that_rises_while_held_is_said_before_placing(world, clock):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=2400)
        build.tier(db_session, kind, 2000, until_at=utcnow() + timedelta(minutes=5))
        cart = build.cart(db_session, event, {kind.id: 1})
    clock.advance(minutes=6)
    with pytest.raises(PriceChanged), transaction() as db_session:
        build.place(db_session, world.show(), db_session.merge(cart), names=["Ann"])


def test_a_cart_that_ends_leaves_no_attendee(world, kind, clock):
    with transaction() as db_session:
        build.cart(db_session, world.show(), {kind: 1})
    clock.advance(minutes=20)
    with transaction() as db_session:
        assert sweep_expired(db_session, now=utcnow()) == 1
    assert left(world.session, kind) == 4
    assert world.session.scalar(select(Attendee.id)) is None


def test_a_ticket_that_admits_nobody_gives_no_badge(world):
    with transaction() as db_session:
        event = world.show()
        parking = build.ticket_type(db_session, event, "Parking", price=0, is_admission=False)
        build.buy(db_session, event, {parking.id: 2})
        assert db_session.scalar(select(Badge.id)) is None


def test_missing_names_are_filled_from_the_buyer(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        build.buy(db_session, event, {kind.id: 2}, names=["", ""], buyer="Ann Lee")
        names = list(db_session.scalars(select(Attendee.name).order_by(Attendee.id)))
    assert names == ["Ann Lee", "Guest of Ann Lee"]


def test_control_characters_in_a_name_become_spaces(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        build.buy(db_session, event, {kind.id: 1}, names=["An\x00n\n \u05d0\u05d1 😀" + "x" * 500])
        name = db_session.scalar(select(Attendee.name))
    assert name.startswith("An n \u05d0\u05d1 😀x")
    assert len(name) == 120


def test_each_badge_is_asked_for_by_its_number_where_there_are_several(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event)
        order = build.cart(db_session, event, {kind.id: 1})
        build.cart(db_session, event, {kind.id: 2}, into=order)
        lines = build.lines_of(db_session, order)
        asked = TicketSellable().fields(db_session, lines=lines, buyer=Buyer(None, order=order))
    assert [field.label for line in lines for field in asked[line.id]] == [
        "Name on the badge (Weekend pass)",
        "Name on badge 1 of 2 (Weekend pass)",
        "Name on badge 2 of 2 (Weekend pass)",
    ]


def change(world, order, kind_id, quantity):
    with transaction() as db_session:
        line = next(line for line in build.lines_of(db_session, order) if line.product_id == kind_id)
        cart = db_session.get_one(Order, order.id)
        buyer = Buyer(None, order=cart)
        event, now = world.show(), utcnow()
        return change_quantity(
            db_session, event=event, cart=cart, line_id=line.id, quantity=quantity, buyer=buyer, by=GUEST, now=now
        )


def shown(world, order):
    return [(line.quantity, line.unit_minor) for line in build.lines_of(build.fresh(world), order)]


def test_more_of_a_ticket_counts_on_its_own_and_its_shared_limit(world):
    with transaction() as db_session:
        event = world.show()
        pool = Quota(event_id=event.id, name="Beds", capacity=3)
        db_session.add(pool)
        db_session.flush()
        kind = build.ticket_type(db_session, event, shared_quota_id=pool.id)
        order = build.cart(db_session, event, {kind.id: 1})
    change(world, order, kind.id, 3)
    assert shown(world, order) == [(3, 2400)]
    with pytest.raises(SoldOut, match="No more of Weekend pass are free"):
        change(world, order, kind.id, 4)
    assert left(build.fresh(world), kind.id) == 97


def test_more_than_one_order_may_hold_of_a_type_is_refused_with_the_number(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, per_order_limit=4)
        order = build.cart(db_session, event, {kind.id: 2})
    with pytest.raises(OverLimit, match="4 of Weekend pass at most, and this would be 5"):
        change(world, order, kind.id, 5)
    change(world, order, kind.id, 4)
    assert shown(world, order) == [(4, 2400)]


def test_more_at_the_next_price_stand_in_a_line_of_their_own(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=2400)
        build.tier(db_session, kind, 2000, first=3)
        order = build.cart(db_session, event, {kind.id: 2})
    change(world, order, kind.id, 3)
    assert shown(world, order) == [(3, 2000)]
    change(world, order, kind.id, 4)
    assert shown(world, order) == [(3, 2000), (1, 2400)]
    change(world, order, kind.id, 1)
    assert shown(world, order) == [(1, 2000), (1, 2400)]
    with transaction() as db_session:
        event = world.show()
        assert build.cart(db_session, event, {kind.id: 2}).total_minor == 4000, (
            "the two at the first price are free again"
        )


def test_after_the_sale_fewer_can_be_had_but_not_more(world, clock):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, sale_ends_at=utcnow() + timedelta(minutes=5))
        order = build.cart(db_session, event, {kind.id: 2})
    clock.advance(minutes=6)
    with pytest.raises(NotOnSale, match="has ended"):
        change(world, order, kind.id, 3)
    change(world, order, kind.id, 1)
    assert shown(world, order) == [(1, 2400)]
