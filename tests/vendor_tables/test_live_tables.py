"""The live state: public, without cookies, one small query while nothing changes, and a tag that never sleeps through a change."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from swapmeet.infra import uow
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.services.carts import extend_cart, sweep_expired
from tests.vendor_tables.floor import Floor


def look(world: Any, tag: str = "", period: Any = None) -> Any:
    client = world.app.test_client()
    headers = {"If-None-Match": f'"{tag}"'} if tag else {}
    return client.get(f"/shows/{world.slug}/tables/live.json?period={period or ''}", headers=headers)


def tag_of(floor: Floor) -> str:
    return str(look(floor.world, period=floor.period_id).json["v"])


def test_it_tells_held_and_taken_places(floor: Floor, world: Any) -> None:
    floor.hold("A01")
    floor.buy("B02")
    answer = look(world, period=floor.period_id)
    assert answer.json["held"] == [floor.ids["A01"]] and answer.json["taken"] == [floor.ids["B02"]]
    assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["ETag"] == f'"{answer.json["v"]}"' and "public" in answer.headers["Cache-Control"]


def test_unchanged_it_costs_one_query_a_second_and_no_sign_in(floor: Floor, world: Any, clock: Any) -> None:
    floor.hold("A01")
    tag = tag_of(floor)
    client = world.client("vic")
    for most in (1, 0):
        statements = statements_of_a_poll(client, floor, tag)
        assert [text for text in statements if "sign_in_session" in text] == []
        assert len(statements) == most
    clock.advance(seconds=1)
    assert len(statements_of_a_poll(client, floor, tag)) == 1


def test_what_another_process_wrote_is_seen_a_second_later(
    floor: Floor, world: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = tag_of(floor)
    monkeypatch.setattr(uow, "_note_commit", lambda: None)
    floor.hold("A01")
    assert look(world, tag, floor.period_id).status_code == 304
    clock.advance(seconds=1)
    changed = look(world, tag, floor.period_id)
    assert changed.status_code == 200 and changed.json["held"] == [floor.ids["A01"]]


def statements_of_a_poll(client: Any, floor: Floor, tag: str) -> list[str]:
    """What an unchanged poll reads."""
    statements: list[str] = []

    def listener(*args: Any) -> None:
        statements.append(args[2])

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", listener)
    answer = client.get(
        f"/shows/{floor.world.slug}/tables/live.json?period={floor.period_id}", headers={"If-None-Match": f'"{tag}"'}
    )
    sqlalchemy_event.remove(db.engine, "before_cursor_execute", listener)
    assert answer.status_code == 304 and answer.get_data() == b""
    return [text for text in statements if text.lstrip().startswith("SELECT")]


def test_the_tag_moves_with_every_step_of_a_table(floor: Floor, world: Any, clock: Any) -> None:
    seen = [tag_of(floor)]

    def moved() -> bool:
        seen.append(tag_of(floor))
        return seen[-1] not in seen[:-1]

    first = floor.hold("A01")
    assert moved(), "held"
    floor.place_order(first)
    assert moved(), "placed: on hold becomes taken"
    floor.pay(first)
    assert moved(), "paid"
    sold = seen[-1]
    floor.hold("A02")
    assert moved()
    clock.advance(minutes=16)
    assert moved(), "a hold ended by time alone, without any write"
    assert look(world, seen[-1]).status_code == 304
    with transaction() as db_session:
        sweep_expired(db_session, now=utcnow())
    assert tag_of(floor) == sold, "tidied away: the same floor has the same tag"
    assert look(world, period=floor.period_id).json["held"] == []


def test_a_longer_hold_is_no_news(floor: Floor, world: Any) -> None:
    cart_id = floor.hold("A01")
    tag = tag_of(floor)
    with transaction() as db_session:
        cart = db_session.get_one(Order, cart_id)
        extend_cart(db_session, event=world.show(), cart=cart, minutes=15, now=utcnow())
    assert look(world, tag).status_code == 304


def test_one_place_for_another_moves_the_tag(floor: Floor, world: Any) -> None:
    """The number of live rows is the same; what they are is not."""
    from swapmeet.kernel.actor import Actor
    from swapmeet.orders.services.carts import remove_line

    cart_id = floor.hold("A01")
    tag = tag_of(floor)
    floor.hold("A02", cart_id=cart_id)
    with transaction() as db_session:
        cart = db_session.get_one(Order, cart_id)
        line_id = db_session.scalars(select(OrderLine.id).where(OrderLine.order_id == cart_id)).first()
        assert line_id is not None
        remove_line(db_session, cart=cart, line_id=line_id, by=Actor.guest(), now=utcnow())
    assert tag_of(floor) != tag


def test_unknown_shows_and_senseless_periods(floor: Floor, world: Any, app: Flask) -> None:
    assert app.test_client().get("/shows/nowhere/tables/live.json").status_code == 404
    for period in ("x", "-1", "9" * 30, "1e3", "\x00"):
        answer = look(world, period=period)
        assert answer.status_code == 200 and answer.json["held"] == []
