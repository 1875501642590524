"""How many statements a buyer's way and the organizer's pages may need: what is slow under a rush is asked too often."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, insert

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order, OrderState
from tests.orders.conftest import Shop
from tests.orders.test_checkout import checkout_data
from tests.support.forms import token_of


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)
    sent[:] = [statement for statement in sent if not statement.startswith("BEGIN")]


def test_a_guests_way_to_a_free_ticket_stays_short(client: Any, shop: Shop) -> None:
    quota, slug = shop.quota(), shop.world.slug
    token = token_of(client, f"/shows/{slug}/cart")
    with counted() as sent:
        data = {f"ticket-{quota}": 1, "key": "k" * 32, "csrf_token": token}
        assert client.post(f"/shows/{slug}/cart/lines", data=data).status_code == 303
    assert len(sent) <= 9, sent
    with counted() as sent:
        assert client.get(f"/shows/{slug}/checkout").status_code == 200
    assert len(sent) <= 4, sent
    form = {**checkout_data(client, shop), "csrf_token": token}
    with counted() as sent:
        answer = client.post(f"/shows/{slug}/checkout", data=form)
    assert len(sent) <= 13, sent
    with counted() as sent:
        assert client.get(answer.headers["Location"]).status_code == 200
    assert len(sent) <= 5, sent


def test_the_organizers_pages_ask_the_same_for_many_orders_as_for_few(shop: Shop) -> None:
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}"
    order = shop.order((shop.quota(price=100), 1))
    paths = {"/orders": 6, "/orders?q=gus": 6, f"/orders/{order.code}": 13, "/money": 7, "/refunds": 4}
    now, event_id = utcnow(), shop.world.event_id
    many = [
        {
            "event_id": event_id,
            "code": f"CODE{number:04}",
            "state": OrderState.PLACED,
            "currency": "USD",
            "buyer_name": f"Gus {number}",
            "search_text": f"code{number:04} gus {number}",
            "created_at": now,
            "placed_at": now,
        }
        for number in range(300)
    ]
    with transaction() as db_session:
        db_session.execute(insert(Order), many)
    for path, budget in paths.items():
        with counted() as sent:
            assert client.get(base + path).status_code == 200
        assert len(sent) <= budget, (path, sent)
