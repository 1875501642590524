"""The money page: what is owed by how late it is, what was sold by kind, both adding up to the books."""

from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.time import to_local
from swapmeet.orders import books, statements
from tests.orders.conftest import Shop, fresh


def ages(shop: Shop, as_of: Any = None) -> list[tuple[int, int]]:
    fresh()
    event, then = shop.world.show(), as_of or utcnow()
    orders = statements.read_order_sums(db.session(), event, as_of=then)
    found = books.list_ages(event, [(each.due_at, each.sums.owed) for each in orders], as_of=then)
    return [(age.orders, age.owed_minor) for age in found]


def test_what_is_owed_grows_older_and_adds_up(shop: Shop, clock: Any) -> None:
    quota = shop.quota(price=5000)
    late, paid = shop.order((quota, 1)), shop.order((quota, 1))
    shop.pay(late.id, 2000)
    shop.pay(paid.id, 5000)
    assert ages(shop) == [(1, 3000), (0, 0), (0, 0), (0, 0)]
    then = utcnow()
    due_at = shop.read(late.id).due_at
    assert due_at is not None
    zone = shop.world.show().time_zone
    left = (to_local(due_at, zone).date() - to_local(utcnow(), zone).date()).days
    clock.advance(hours=24 * (left + 1))
    assert ages(shop) == [(0, 0), (1, 3000), (0, 0), (0, 0)]
    clock.advance(hours=24 * 7)
    assert ages(shop) == [(0, 0), (0, 0), (1, 3000), (0, 0)]
    clock.advance(hours=24 * 40)
    assert ages(shop) == [(0, 0), (0, 0), (0, 0), (1, 3000)]
    assert books.read_books(db.session(), shop.world.show()).owed == 3000
    shop.pay(late.id, 3000)
    assert ages(shop) == [(0, 0)] * 4 and ages(shop, then) == [(1, 3000), (0, 0), (0, 0), (0, 0)]


def test_what_was_sold_stands_by_kind_as_of_any_day(shop: Shop, clock: Any) -> None:
    quota = shop.quota(price=5000)
    shop.order((quota, 2))
    then = utcnow()
    clock.advance(hours=48)
    shop.order((quota, 1))
    fresh()
    event = shop.world.show()
    assert books.read_books(db.session(), event, as_of=then).sold_by_kind == [("ticket", 10000)]
    assert books.read_books(db.session(), event).sold_by_kind == [("ticket", 15000)]
    client, url = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money"
    page = client.get(url).get_data(as_text=True)
    assert "Owed by buyers, by how late it is" in page and "Not due yet" in page
    past = client.get(f"{url}?day={to_local(then, event.time_zone).date().isoformat()}").get_data(as_text=True)
    assert "Sold, by kind of thing" in past and "Not due yet" in past
