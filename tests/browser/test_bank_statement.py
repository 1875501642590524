"""A treasurer and a bank statement of two hundred lines: read, recorded, the rest decided, read again without effect."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState, Payment, PayMethod
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts, checkout
from swapmeet.registration.models import TicketType
from tests import factories
from tests.payments.files import Row, german_csv

ORDERS = 60
DAY = date(2026, 11, 24)


def place_orders(world: Any) -> list[str]:
    """Codes of orders of 24.50, by different buyers."""
    codes = []
    with transaction() as db_session:
        event = world.show()
        quota = factories.quota(db_session, event=event, capacity=500)
        ticket = TicketType(
            event_id=event.id, code="day", name="Day ticket", quota_id=quota.id, price_minor=2450, created_at=utcnow()
        )
        db_session.add(ticket)
        db_session.flush()
        for number in range(ORDERS):
            cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=link_key(), now=utcnow())
            wishes = [Wish("ticket", ticket.id, 1)]
            buyer, by = Buyer(None, order=cart), Actor.guest()
            (line,) = carts.add_to_cart(
                db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=utcnow()
            )
            name = f"Gus Guest{number}"
            contact = checkout.Contact(name, f"gus{number}@example.org", method=PayMethod.TRANSFER)
            order = checkout.place_order(
                db_session,
                event=event,
                cart=cart,
                contact=contact,
                answers={line.id: {f"line-{line.id}-name-1": name}},
                seen_total_minor=2450,
                by=by,
                now=utcnow(),
            )
            codes.append(order.code)
    return codes


def statement(codes: list[str]) -> bytes:
    """Fifty lines that fit, and 150 that somebody has to look at."""
    rows: list[Row] = [(DAY, 2450, f"Gus Guest{n}", f"Your order {code}") for n, code in enumerate(codes[:50])]
    rows += [(DAY, 2400, f"Gus Guest{n}", codes[n]) for n in range(50, 55)]
    rows += [(DAY, 2450, f"GUEST{n}, GUS", "tickets") for n in (55,)]
    rows += [(DAY, 1000 + n, f"Unknown {n}", "no code") for n in range(134)]
    rows += [(DAY, -9900, "Hall", "rent"), *rows[:1]]
    rows += [(DAY, 500 + n, "Bank", f"interest {n}") for n in range(8)]
    assert len(rows) == 200
    return german_csv(rows)


def test_two_hundred_lines_of_a_bank(
    site: Any, page: Page, sign_in: Callable[[str], None], axe: Any, tmp_path: Path
) -> None:
    world = site.world()
    with site.rows():
        codes = place_orders(world)
    file = tmp_path / "november.csv"
    file.write_bytes(statement(codes))
    sign_in("trudy")
    page.goto(f"{site.url}/manage/shows/{world.slug}/money")
    page.get_by_role("link", name="Bank statements").click()
    page.get_by_label("Statement file").set_input_files(file)
    page.get_by_role("button", name="Read the statement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("november.csv")
    expect(page.get_by_text("stand in this file before")).to_be_visible()
    axe.everywhere(page)
    page.get_by_role("button", name="Record 50 payments").click(timeout=60_000)
    expect(page.get_by_text("50 payments are recorded.")).to_be_visible(timeout=60_000)
    page.get_by_role("row", name="GUEST55, GUS").get_by_role("link", name="Decide").click()
    expect(page.get_by_label("Order (required)", exact=True)).to_have_value(codes[55])
    axe.everywhere(page)
    page.get_by_role("button", name="Record the payment").click()
    expect(page.get_by_text("The payment is recorded.")).to_be_visible()
    page.get_by_role("row", name="Unknown 3").first.get_by_role("link", name="Decide").click()
    page.get_by_label("What is it?").fill("For another club")
    page.get_by_role("button", name="Put it aside").click()
    expect(page.get_by_text("The line is put aside.")).to_be_visible()
    page.get_by_role("link", name="Bank statements").click()
    page.get_by_label("Statement file").set_input_files(file)
    page.get_by_role("button", name="Read the statement").click()
    expect(page.get_by_text("known before, nothing changed")).to_be_visible()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    with site.rows():
        assert db.session.scalar(select(func.count(Payment.id))) == 51
        paid = select(func.count(Order.id)).where(Order.state == OrderState.CONFIRMED)
        assert db.session.scalar(paid) == 51
