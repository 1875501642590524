"""Tables on the waiting list: one line a type, side by side if asked, before the public."""

from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services.buying import buy
from swapmeet.orders.services.carts import release_lines
from swapmeet.orders.waitlist import doctor, joining
from swapmeet.orders.waitlist.models import WaitingEntry
from swapmeet.orders.waitlist.serving import serve, waitables_of
from swapmeet.vendor_tables.errors import PlaceTaken
from tests.vendor_tables.floor import Floor

GUEST = Actor.guest()


@pytest.fixture
def floor(world: Any) -> Floor:
    return Floor(world)


def join(floor: Floor, name: str, count: int, **changes: Any) -> int:
    with transaction() as db_session:
        event = floor.world.show()
        (thing,) = (each for each in waitables_of(db_session, event, utcnow()).values() if each.kind == "table")
        who = joining.Newcomer(name, f"{name}@example.org", **changes)
        wanted = [joining.Wanted(thing, count, "")]
        return int(joining.join(db_session, event=event, wanted=wanted, who=who, by=GUEST, now=utcnow()).id)


def give_back(cart_id: int, *labels: str) -> None:
    with transaction() as db_session:
        cart = db_session.get_one(Order, cart_id)
        lines = [line for line in list_live_lines(db_session, cart) if line.facts["label"] in labels]
        release_lines(db_session, order=cart, lines=lines, reason="removed", by=GUEST, now=utcnow())


def line_up(floor: Floor) -> int:
    with transaction() as db_session:
        return serve(db_session, event=floor.world.show(), now=utcnow())


def offered(entry_id: int) -> list[str]:
    db.session.rollback()
    entry = db.session.get_one(WaitingEntry, entry_id)
    cart = db.session.get(Order, entry.offer_order_id) if entry.offer_order_id else None
    return [line.facts["label"] for line in list_live_lines(db.session(), cart)] if cart is not None else []


def test_two_side_by_side_wait_for_two_that_touch(floor: Floor) -> None:
    everything = floor.hold(*floor.ids)
    pair = join(floor, "pat", 2, is_adjacent=True)
    single = join(floor, "sam", 1)
    give_back(everything, "A01", "A03")
    assert line_up(floor) == 1
    assert offered(pair) == [] and offered(single) == ["A01"]
    entry = db.session.get_one(WaitingEntry, pair)
    assert "side by side" in entry.passed_reason
    give_back(everything, "A04")
    assert line_up(floor) == 1
    assert offered(pair) == ["A03", "A04"]
    assert floor.states()["A03"] == "held"
    assert [words for query in doctor.QUERIES for words in query.find(db.session(), utcnow())] == []


def test_the_public_cannot_take_a_table_before_the_line(floor: Floor) -> None:
    everything = floor.hold(*floor.ids)
    ann = join(floor, "ann", 1)
    give_back(everything, "B02")
    with pytest.raises(PlaceTaken), transaction() as db_session:
        cart = floor.cart(db_session)
        wishes = [floor.wish("B02")]
        show = floor.world.show()
        buy(db_session, event=show, cart=cart, wishes=wishes, buyer=Buyer(None, "", cart), by=GUEST, now=utcnow())
    assert line_up(floor) == 1
    assert offered(ann) == ["B02"]
