"""The waiting list: who is served when, what an offer holds, and what becomes of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.errors import CartExpired, SoldOut
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import cancellations, carts
from swapmeet.orders.services.buying import WENT_TO_LIST, buy
from swapmeet.orders.waitlist import answers, joining
from swapmeet.orders.waitlist import doctor as waiting_doctor
from swapmeet.orders.waitlist.errors import KeptForList, NotEnoughFree, StillFree, WaitsAlready
from swapmeet.orders.waitlist.forms import field_name
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.queries import position_of
from swapmeet.orders.waitlist.serving import offer_by_hand, serve, serve_all, waitables_of
from tests.orders.conftest import GUEST, Shop, fresh

OLGA = Actor.person(1, "Olga")


@dataclass
class Line:
    """The waiting list as visitors and the organizer use it, each step in its own transaction."""

    shop: Shop

    def join(self, name: str, *wants: tuple[int, int], **changes: Any) -> int:
        with transaction() as db_session:
            event = self.shop.world.show()
            things = {each.product_id: each for each in waitables_of(db_session, event, utcnow()).values()}
            wanted = [joining.Wanted(things[q], n, field_name(things[q])) for q, n in wants]
            who = joining.Newcomer(name, f"{name.lower()}@example.org", **changes)
            entry = joining.join(db_session, event=event, wanted=wanted, who=who, by=GUEST, now=utcnow())
            return int(entry.id)

    def serve(self) -> int:
        with transaction() as db_session:
            return serve(db_session, event=self.shop.world.show(), now=utcnow())

    def entry(self, entry_id: int) -> WaitingEntry:
        fresh()
        return db.session.get_one(WaitingEntry, entry_id)

    def states(self, *ids: int) -> list[str]:
        return [self.entry(each).state.value for each in ids]

    def buy(self, quota_id: int, count: int = 1) -> int:
        """Somebody of the public, past the page's own tries."""
        with transaction() as db_session:
            event = self.shop.world.show()
            cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=f"k{utcnow()}", now=utcnow())
            wishes = [Wish("ticket", quota_id, count)]
            buy(
                db_session, event=event, cart=cart, wishes=wishes, buyer=Buyer(None, order=cart), by=GUEST, now=utcnow()
            )
            return int(cart.id)

    def cancel(self, order: Order) -> None:
        with transaction() as db_session:
            row = db_session.get_one(Order, order.id)
            cancellations.cancel_order(
                db_session,
                event=self.shop.world.show(),
                order=row,
                seen_back_minor=0,
                reason="",
                by=GUEST,
                now=utcnow(),
            )

    def answer(self, deed: str, entry_id: int) -> Any:
        with transaction() as db_session:
            entry, event = db_session.get_one(WaitingEntry, entry_id), self.shop.world.show()
            if deed == "accept":
                return answers.accept(db_session, event=event, entry=entry, now=utcnow())
            if deed == "decline":
                return answers.decline(db_session, event=event, entry=entry, by=GUEST, now=utcnow())
            if deed == "leave":
                return joining.leave(db_session, entry=entry, reason="", by=GUEST, now=utcnow())
            return joining.stand_again(db_session, event=event, entry=entry, by=GUEST, now=utcnow())

    def check(self) -> None:
        """All invariants hold."""
        fresh()
        found = [
            words
            for query in (*orders_doctor.QUERIES, *waiting_doctor.QUERIES)
            for words in query.find(db.session(), utcnow())
            if "capacity" not in words
        ]
        assert found == []


@pytest.fixture
def line(shop: Shop) -> Line:
    return Line(shop)


def test_a_place_given_back_goes_to_the_first_in_line(line: Line, mail: Any) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann, bob = line.join("Ann", (quota, 1)), line.join("Bob", (quota, 1))
    assert line.serve() == 0
    line.cancel(sold)
    assert line.serve() == 1
    assert line.states(ann, bob) == ["offered", "waiting"]
    assert line.entry(ann).offer_ends_at == utcnow() + timedelta(hours=48)
    assert line.shop.taken(quota) == 1
    line.check()


def test_the_public_is_served_after_the_line_also_without_a_worker(line: Line) -> None:
    quota = line.shop.quota(2)
    first, second = line.shop.order((quota, 1)), line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    line.cancel(first)
    with pytest.raises(SoldOut) as refused:
        line.buy(quota)
    assert refused.value.facts[WENT_TO_LIST] is True
    line.cancel(second)
    line.buy(quota)  # one for Ann, one is left for the public
    assert line.states(ann) == ["offered"]
    assert line.shop.taken(quota) == 2
    line.check()


def test_two_or_none_is_passed_over_and_may_read_why(line: Line) -> None:
    quota = line.shop.quota(2)
    first, second = line.shop.order((quota, 1)), line.shop.order((quota, 1))
    pair, single = line.join("Pat", (quota, 2)), line.join("Sam", (quota, 1))
    line.cancel(first)
    line.serve()
    assert line.states(pair, single) == ["waiting", "offered"]
    entry = line.entry(pair)
    assert entry.passed_reason == "1 of 2 × Weekend was free, and you asked for all or none."
    assert entry.passed_count == 1
    line.serve()
    assert line.entry(pair).passed_count == 1
    line.answer("decline", single)
    line.cancel(second)
    line.serve()
    assert line.states(pair, single) == ["offered", "declined"]
    assert line.entry(pair).passed_reason == ""
    line.check()


def test_several_things_together_share_one_fate(line: Line) -> None:
    weekend, supper = line.shop.quota(1, "Weekend"), line.shop.quota(1, "Supper")
    one, two = line.shop.order((weekend, 1)), line.shop.order((supper, 1))
    both = line.join("Bea", (weekend, 1), (supper, 1))
    line.cancel(one)
    line.serve()
    assert line.states(both) == ["waiting"]
    line.cancel(two)
    line.serve()
    assert line.states(both) == ["offered"]
    cart = line.entry(both).offer_order_id
    assert cart is not None and [each.title for each in line.shop.lines(cart)] == ["Weekend", "Supper"]


def test_a_part_is_taken_and_the_rest_is_waited_for_in_the_old_place(line: Line) -> None:
    quota = line.shop.quota(3)
    sold = [line.shop.order((quota, 1)) for _ in range(3)]
    family = line.join("Fay", (quota, 3), is_whole=False)
    late = line.join("Lou", (quota, 1))
    line.cancel(sold[0])
    line.serve()
    cart = line.entry(family).offer_order_id
    assert cart is not None and sum(each.quantity for each in line.shop.lines(cart)) == 1
    line.shop.place(cart)
    entry = line.entry(family)
    assert entry.state is WaitState.WAITING and [item.quantity for item in entry.items] == [2]
    place = position_of(db.session(), entry)
    assert place is not None and (place.number, place.length) == (1, 2)
    line.cancel(sold[1])
    line.cancel(sold[2])
    line.serve()
    cart = line.entry(family).offer_order_id
    assert cart is not None
    line.shop.place(cart)
    assert line.states(family, late) == ["taken", "waiting"]
    line.check()


def test_an_offer_lapses_at_its_second_and_goes_on_to_the_next(line: Line, clock: Any, mail: Any) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann, bob = line.join("Ann", (quota, 1)), line.join("Bob", (quota, 1))
    line.cancel(sold)
    line.serve()
    clock.advance(hours=48, seconds=-1)
    line.serve()
    assert line.states(ann, bob) == ["offered", "waiting"]
    clock.advance(seconds=1)
    with pytest.raises(CartExpired):
        line.answer("accept", ann)
    line.serve()
    assert line.states(ann, bob) == ["lapsed", "offered"]
    assert line.shop.taken(quota) == 1
    line.answer("return", ann)
    assert line.states(ann, bob) == ["waiting", "offered"]
    line.check()


@pytest.mark.parametrize(("days", "hours"), [(30, 48), (5, 24), (1, 2)])
def test_the_clock_of_an_offer_by_distance_to_the_show(line: Line, clock: Any, days: int, hours: int) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    away = (line.shop.world.show().first_day - utcnow().date()).days
    clock.advance(days=away - days)
    line.cancel(sold)
    line.serve()
    assert line.entry(ann).offer_ends_at == utcnow() + timedelta(hours=hours)


def test_whoever_takes_it_in_the_last_minute_has_time_for_the_checkout(line: Line, clock: Any) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    line.cancel(sold)
    line.serve()
    clock.advance(hours=47, minutes=59)
    key = line.answer("accept", ann)
    assert key == line.answer("accept", ann)
    entry = line.entry(ann)
    assert entry.offer_ends_at == utcnow() + timedelta(minutes=15)
    clock.advance(minutes=14)
    assert entry.offer_order_id is not None
    line.shop.place(entry.offer_order_id)
    assert line.states(ann) == ["taken"]
    with pytest.raises(DomainError):
        line.answer("accept", ann)
    line.check()


def test_declining_frees_it_once_and_serves_the_next_at_once(line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann, bob = line.join("Ann", (quota, 1)), line.join("Bob", (quota, 1))
    line.cancel(sold)
    line.serve()
    line.answer("decline", ann)
    assert line.states(ann, bob) == ["declined", "offered"]
    with pytest.raises(IllegalTransition):
        line.answer("decline", ann)
    assert line.shop.taken(quota) == 1
    line.check()


def test_a_cancel_after_the_offer_was_taken_frees_it_exactly_once(line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann, bob, cid = (line.join(name, (quota, 1)) for name in ("Ann", "Bob", "Cid"))
    line.cancel(sold)
    line.serve()
    cart = line.entry(ann).offer_order_id
    assert cart is not None
    order = line.shop.place(cart)
    line.cancel(order)
    assert line.serve() == 1
    assert line.serve() == 0
    assert line.states(ann, bob, cid) == ["taken", "offered", "waiting"]
    assert line.shop.taken(quota) == 1
    line.check()


def test_taking_the_line_out_of_the_cart_is_declining(line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    line.cancel(sold)
    line.serve()
    cart_id = line.entry(ann).offer_order_id
    assert cart_id is not None
    with transaction() as db_session:
        cart = db_session.get_one(Order, cart_id)
        (held,) = carts.live_lines(db_session, cart)
        carts.remove_line(db_session, cart=cart, line_id=held.id, by=GUEST, now=utcnow())
    assert line.states(ann) == ["declined"]
    assert line.shop.taken(quota) == 0
    line.check()


def test_willing_until_ends_the_wait_with_a_word(line: Line, clock: Any, mail: Any) -> None:
    quota = line.shop.quota(1)
    line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1), willing_until=utcnow() + timedelta(days=3))
    clock.advance(days=3, seconds=-1)
    line.serve()
    assert line.states(ann) == ["waiting"]
    clock.advance(seconds=1)
    with transaction() as db_session:
        serve_all(db_session, now=utcnow())
    assert line.states(ann) == ["ended"]
    line.check()


def test_nobody_waits_for_what_is_free_or_waits_twice(line: Line) -> None:
    quota = line.shop.quota(2)
    with pytest.raises(StillFree):
        line.join("Ann", (quota, 1))
    line.shop.order((quota, 2))
    line.join("Ann", (quota, 1))
    with pytest.raises(WaitsAlready):
        line.join("Ann", (quota, 1))
    line.join("Bob", (quota, 1))
    line.check()


def test_a_paused_list_keeps_what_comes_back_and_offers_by_hand(line: Line) -> None:
    quota = line.shop.quota(2)
    sold = line.shop.order((quota, 1))
    line.shop.order((quota, 1))
    ann, bob = line.join("Ann", (quota, 1)), line.join("Bob", (quota, 1))
    _pause(line, True)
    line.cancel(sold)
    assert line.serve() == 0
    with pytest.raises(KeptForList):
        line.buy(quota)
    _by_hand(line, bob)
    assert line.states(ann, bob) == ["waiting", "offered"]
    with pytest.raises(NotEnoughFree):
        _by_hand(line, ann)
    line.answer("decline", bob)
    assert line.states(ann) == ["waiting"]
    _pause(line, False)
    assert line.states(ann) == ["offered"]
    line.check()


def _pause(line: Line, is_paused: bool) -> None:
    with transaction() as db_session:
        joining.set_paused(db_session, event=line.shop.world.show(), is_paused=is_paused, by=OLGA, now=utcnow())


def _by_hand(line: Line, entry_id: int) -> None:
    with transaction() as db_session:
        entry = db_session.get_one(WaitingEntry, entry_id)
        event = line.shop.world.show()
        offer_by_hand(db_session, event=event, entry=entry, reason="promised at the desk", by=OLGA, now=utcnow())


def test_who_leaves_is_not_in_anybodys_way(line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    line.answer("leave", ann)
    line.cancel(sold)
    line.buy(quota)
    assert line.states(ann) == ["left"]
    line.check()


def test_an_order_that_was_an_offer_is_an_order_like_any_other(line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann = line.join("Ann", (quota, 1))
    line.cancel(sold)
    line.serve()
    cart = line.entry(ann).offer_order_id
    assert cart is not None
    assert line.shop.place(cart).state is OrderState.CONFIRMED


def test_the_worked_example_of_the_document(line: Line, clock: Any) -> None:
    """docs/algorithms/waiting-list.md, step by step."""
    quota = line.shop.quota(10, "Workshop")
    sold = [line.shop.order((quota, 1)) for _ in range(10)]
    pat, fay = line.join("Pat", (quota, 2)), line.join("Fay", (quota, 3), is_whole=False)
    sam = line.join("Sam", (quota, 1))
    line.cancel(sold[0])
    line.serve()
    assert line.states(pat, fay, sam) == ["waiting", "offered", "waiting"]
    assert line.entry(pat).passed_reason == "1 of 2 × Workshop was free, and you asked for all or none."
    cart = line.entry(fay).offer_order_id
    assert cart is not None
    line.shop.place(cart)
    line.cancel(sold[1])
    line.cancel(sold[2])
    line.serve()
    assert line.states(pat, fay, sam) == ["offered", "waiting", "waiting"]
    assert line.shop.taken(quota) == 10
    clock.advance(hours=48)
    line.serve()
    assert line.states(pat, fay, sam) == ["lapsed", "offered", "waiting"]
    cart = line.entry(fay).offer_order_id
    assert cart is not None and sum(each.quantity for each in line.shop.lines(cart)) == 2
    line.answer("return", pat)
    line.answer("leave", sam)
    line.cancel(sold[3])
    line.buy(quota)
    assert line.states(pat, fay, sam) == ["waiting", "offered", "left"]
    line.check()
