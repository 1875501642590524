"""Two or none, in a real browser: wait without an account, be passed over and read why, be offered two, take them."""

import re
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.services.carts import release_lines
from swapmeet.orders.waitlist.models import WaitingEntry
from swapmeet.orders.waitlist.serving import serve_all
from tests.registration import build
from tests.support.browser import Accessibility
from tests.support.site import Site


def give_back(site: Site, count: int) -> None:
    """So many of the sold tickets come back, and the worker moves the line."""
    with site.rows(), transaction() as db_session:
        lines = db_session.scalars(
            select(OrderLine).where(OrderLine.released_at.is_(None)).order_by(OrderLine.id)
        ).all()
        order = db_session.get_one(Order, lines[0].order_id)
        release_lines(db_session, order=order, lines=lines[:count], reason="removed", by=Actor.guest(), now=utcnow())
        serve_all(db_session, now=utcnow())


def test_two_or_none(page: Page, axe: Accessibility, site: Site) -> None:
    world = site.world()
    with site.rows(), transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), "Supper", price=0, capacity=3)
        cart = build.cart(db_session, world.show(), {kind.id: 1})
        for _ in range(2):
            build.cart(db_session, world.show(), {kind.id: 1}, into=cart)
    page.goto(f"/shows/{world.slug}")
    page.get_by_role("link", name="Waiting list for Supper").click()
    page.get_by_label("Supper").fill("2")
    page.get_by_label("I need all of it together, or nothing").check()
    page.get_by_label("Your name").fill("Pat Pair")
    page.get_by_label("Your e-mail address").fill("pat@example.org")
    axe.check(page)
    page.get_by_role("button", name="Get in line").click()
    expect(page.get_by_role("heading", name="You are number 1 of 1")).to_be_visible()
    own = page.url
    give_back(site, 1)
    page.goto(own)
    expect(page.get_by_text("1 of 2 × Supper was free, and you asked for all or none.")).to_be_visible()
    axe.check(page)
    give_back(site, 1)
    page.goto(own)
    expect(page.get_by_role("heading", name=re.compile("This is yours until"))).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Take it and go to checkout").click()
    expect(page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()
    page.get_by_label("Your name").fill("Pat Pair")
    page.get_by_label("Your e-mail address").fill("pat@example.org")
    page.get_by_label("Name on badge 1 of 2 (Supper)").fill("Pat Pair")
    page.get_by_label("Name on badge 2 of 2 (Supper)").fill("Sam Pair")
    page.get_by_role("button", name=re.compile("Place|Confirm|Order|Get", re.I)).first.click()
    expect(page.get_by_role("heading", level=1, name="Your order")).to_be_visible()
    page.goto(own)
    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    assert state_of(site) == "taken"


def state_of(site: Any) -> str:
    with site.rows(), transaction() as db_session:
        return str(db_session.scalars(select(WaitingEntry)).one().state.value)
