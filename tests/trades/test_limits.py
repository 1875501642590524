"""What trades may cost: statements a page, and how often one address may ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from swapmeet.infra.db import db
from swapmeet.web import security
from tests.support.forms import post, token_of
from tests.trades.stall import agreed_trade, list_thing, offer_of


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent meanwhile, without BEGIN and its like."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE", "INSERT", "DELETE")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("address", "budget"),
    [
        ("/trades", 3),
        ("/shows/{slug}/trades", 4),
        ("/shows/{slug}/trades?q=chairs&scale=1-12&near=1", 4),
        ("/trades/{id}", 4),
    ],
)
def test_public_pages_need_few_statements(world: Any, address: str, budget: int) -> None:
    ids = [list_thing(world, "tess", title=f"Chairs {n}") for n in range(8)]
    client = world.client()
    with counted() as sent:
        assert client.get(address.format(slug=world.slug, id=ids[0])).status_code == 200
    assert len(sent) <= budget, sent


def test_my_pages_need_as_many_statements_for_many_offers_as_for_one(world: Any) -> None:
    agreed_trade(world)
    tess = world.client("tess")
    with counted() as few:
        tess.get("/me/trades")
    for number in range(6):
        wagon = list_thing(world, "tom", title=f"Cart {number}")
        offer_of(world, "tess", "tom", give=[list_thing(world, "tess", title=f"Chair {number}")], take=[wagon])
    with counted() as many:
        tess.get("/me/trades")
    assert len(many) <= len(few) + 1


@pytest.fixture
def strict(app: Any) -> Iterator[None]:
    """The limits of a real installation instead of the tests' thousandfold ones."""
    before = security._factor
    security._factor = 1
    security.limiter.reset()
    yield
    security._factor = before
    security.limiter.reset()


def test_r_t06_offers_and_searches_without_end_are_slowed_down(world: Any, strict: None) -> None:
    wagon = list_thing(world, "tom", title="Hay wagon")
    tess = world.client("tess")
    data = {"take": wagon, "csrf_token": token_of(tess)}
    answers = [tess.post(f"/trades/{wagon}/offer", data=data).status_code for _ in range(31)]
    assert answers[:30] == [422] * 30 and answers[30] == 429
    browse = [world.client().get("/trades?q=x").status_code for _ in range(241)]
    assert browse[0] == 200 and browse[240] == 429
    late = post(world.client("ann"), f"/trades/{wagon}/offer", {"take": wagon})
    assert late.status_code == 429 and "Too many tries" in late.text
