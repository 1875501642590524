"""`kill -9` of a web worker every second while people check out: what was answered as confirmed is there, and there once."""

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from typing import Any

from sqlalchemy import select

from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order, OrderState
from tests.cast import World
from tests.registration import build
from tests.support.http import Answer, HttpClient
from tests.support.live_server import LiveServer

LASTS_S = 8.0
BUYERS = 4
KILL_EVERY_S = 1.0
PATIENCE_S = 30.0
NAME = re.compile(r'name="(line-\d+-name-\d+)"')
HIDDEN = re.compile(r'name="(key|seen_total)"[^>]*value="([^"]*)"')


def fill(server: LiveServer) -> tuple[str, int]:
    """A published show with a free ticket without limit: (slug, id of the ticket type)."""
    app = create_app(server.settings)
    with app.app_context():
        world = World(app)
        with transaction() as db_session:
            kind = build.ticket_type(db_session, world.show(), price=0, capacity=None)
            found = world.slug, kind.id
        db.session.remove()
        db.engine.dispose()
    return found


def insist(ask: Callable[[], Answer]) -> Answer:
    """What a person does when the connection is lost: the same once more."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            answer = ask()
        except (OSError, HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            if answer.status != 503 or time.monotonic() > deadline:
                return answer
            time.sleep(0.05)


def buy(url: str, slug: str, ticket: int, email: str) -> str:
    """One guest from the cart to the order. Returns the order's address, which only a placed order has."""
    browser = HttpClient(url)
    insist(lambda: browser.get(f"/shows/{slug}/cart"))
    held = insist(
        lambda: browser.post(f"/shows/{slug}/cart/lines", {f"ticket-{ticket}": 1, "key": f"cart-key-of-{email}"})
    )
    assert held.status == 303, held.text
    page = insist(lambda: browser.get(f"/shows/{slug}/checkout")).text
    form: dict[str, Any] = dict.fromkeys(NAME.findall(page), "Ann")
    form |= dict(HIDDEN.findall(page)) | {"buyer_name": "Ann", "buyer_email": email}
    placed = insist(lambda: browser.post(f"/shows/{slug}/checkout", form))
    assert placed.status == 303, placed.text
    return placed.location


def keep_buying(number: int, url: str, slug: str, ticket: int, until: float, answered: dict[str, str]) -> None:
    turn = 0
    while time.monotonic() < until:
        email = f"buyer{number}-{turn}@example.org"
        answered[email] = buy(url, slug, ticket, email)
        turn += 1


def keep_killing(server: LiveServer, until: float) -> int:
    """Returns how many workers were killed."""
    killed = 0
    while time.monotonic() < until:
        time.sleep(KILL_EVERY_S)
        workers = server.web_workers()
        if workers:
            os.kill(workers[killed % len(workers)], signal.SIGKILL)
            killed += 1
    return killed


def test_r_t58_kill_9_of_web_workers_loses_no_confirmed_order(live_server: Callable[..., LiveServer]) -> None:
    server = live_server(web_workers=2, with_worker=False)
    slug, ticket = fill(server)
    answered: dict[str, str] = {}
    until = time.monotonic() + LASTS_S
    buyers = [
        threading.Thread(target=keep_buying, args=(number, server.url, slug, ticket, until, answered))
        for number in range(BUYERS)
    ]
    for buyer in buyers:
        buyer.start()
    killed = keep_killing(server, until)
    for buyer in buyers:
        buyer.join(PATIENCE_S * 4)
    assert killed >= 4
    assert len(answered) >= BUYERS, server.log()
    check(server, answered)


def check(server: LiveServer, answered: dict[str, str]) -> None:
    app = create_app(server.settings)
    with app.app_context():
        rows = db.session.execute(select(Order).where(Order.state != OrderState.CART)).scalars().all()
        there = {f"/orders/{order.code}/{order.link_key}": order for order in rows}
        for email, url in answered.items():
            assert there[url].state is OrderState.CONFIRMED, f"{email} was told that {url} is confirmed"
            assert there[url].buyer_email == email
        assert max(Counter(order.buyer_email for order in rows).values()) == 1, "nobody ordered twice"
        broken = [
            sentence
            for query in registry().doctor
            if query.invariant != 14  # the test makes its ticket and quota by hand, without the log
            for sentence in query.find(db.session(), utcnow())
        ]
        assert broken == []
        db.session.remove()
        db.engine.dispose()
