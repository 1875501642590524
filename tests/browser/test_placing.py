"""The largest sample show with 250 applications: three rules side by side, reasons, one accepted, offers taken, declined and
missed, and what comes back offered to those who wait."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState, PayMethod
from swapmeet.orders.services.payments import record_payment
from swapmeet.orders.waitlist.mail import entry_url
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import serve_all
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.offers import run_clocks
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.runs.models import PlacingRun, PlacingSeat, RunState
from tests.support.browser import PHONE, Accessibility
from tests.vendor_tables.many_vendors import OWN_TABLES, VENDORS, large_show

SLOW_MS = 120_000  # three runs in the site's own worker, and 250 offers at once, beside everything else
S = ApplicationState


def test_from_three_rules_to_tables_that_come_back(
    site: Any,
    page: Page,
    sign_in: Callable[[str], None],
    axe: Accessibility,
    new_context: Callable[..., BrowserContext],
) -> None:
    world = site.world()
    with site.rows():
        slug = large_show(world, random.Random(5))
    sign_in("olga")
    _run_and_accept(page, f"{site.url}/manage/shows/{slug}/placing", axe)
    _all_have_their_answer(site)
    _vic_takes_it(site, new_context, slug, axe)
    _ann_declines_and_the_next_in_line_takes_it(site, new_context, slug, axe)
    _missed_offers_go_on(site)


def _run_and_accept(page: Page, base: str, axe: Accessibility) -> None:
    page.goto(base)
    expect(page.get_by_text(f"{VENDORS} vendors wait for")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("This page looks again by itself")).to_be_visible()
    closer = page.get_by_role("link", name="On the plan, with reasons")
    expect(closer).to_have_count(3, timeout=SLOW_MS)
    expect(page.get_by_role("columnheader", name="Best fit")).to_be_visible()
    axe.everywhere(page)
    closer.last.click()
    expect(page.get_by_role("heading", level=2, name="Every vendor, and why")).to_be_visible()
    expect(page.get_by_text("went to a vendor with").first).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Accept and make the offers").click(timeout=SLOW_MS)
    expect(page.get_by_text("have an offer now")).to_be_visible(timeout=SLOW_MS)


def _count(state: ApplicationState) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Application.state == state)) or 0


def _all_have_their_answer(site: Any) -> None:
    with site.rows():
        run = db.session.scalars(select(PlacingRun).where(PlacingRun.state == RunState.ACCEPTED)).one()
        assert run.measures["placed"] == _count(S.OFFERED)
        assert _count(S.WAITLISTED) == VENDORS - run.measures["placed"] > 0
        seats = db.session.scalars(select(PlacingSeat).where(PlacingSeat.run_id == run.id)).all()
        assert len(seats) == VENDORS and all(seat.reasons for seat in seats)
        waits = select(func.count()).where(WaitingEntry.state == WaitState.WAITING)
        assert db.session.scalar(waits) == _count(S.WAITLISTED), "everybody without a table stands in line"


def _vic_takes_it(site: Any, new_context: Callable[..., BrowserContext], slug: str, axe: Accessibility) -> None:
    """On a phone: the offer, why it is that table, the lot, the checkout, and a check that arrives."""
    phone = new_context(viewport=PHONE)
    site.sign_in(phone, "vic")
    page = phone.new_page()
    own = f"{site.url}/shows/{slug}/application"
    page.goto(own)
    expect(page.get_by_text("There is a table for you.")).to_be_visible()
    page.get_by_role("link", name="How the tables were given out").click()
    expect(page.get_by_text("possible for you")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe.check(page)
    page.get_by_role("link", name="Check the lot yourself").click()
    expect(page.get_by_text("Seed: ", exact=False).last).to_be_visible()
    page.goto(own)
    page.get_by_role("button", name="Accept and pay").click()
    _place(page)
    with site.rows(), transaction() as db_session:
        order = db_session.scalars(select(Order).where(Order.state == OrderState.PLACED)).one()
        record_payment(
            db_session,
            order=order,
            method=PayMethod.CHECK,
            amount_minor=order.total_minor,
            reference="1001",
            received_at=utcnow(),
            by=Actor.command("treasurer"),
            now=utcnow(),
        )
    page.goto(own)
    expect(page.get_by_text("Your table is confirmed.")).to_be_visible()


def _place(page: Page) -> None:
    expect(page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()
    if page.get_by_label("Your name").count():
        page.get_by_label("Your name").fill("Vera Vendor")
    if page.get_by_label("Your e-mail address").count():
        page.get_by_label("Your e-mail address").fill("vera@example.org")
    page.get_by_label("Check").first.check()
    page.get_by_role("button", name="Place").click()
    expect(page.get_by_role("heading", level=1, name="Your order")).to_be_visible()


def _ann_declines_and_the_next_in_line_takes_it(
    site: Any, new_context: Callable[..., BrowserContext], slug: str, axe: Accessibility
) -> None:
    context = new_context()
    site.sign_in(context, "ann")
    page = context.new_page()
    page.goto(f"{site.url}/shows/{slug}/application")
    expect(page.get_by_text("There are tables for you.")).to_be_visible()
    page.get_by_text("Withdraw my application").first.click()
    page.get_by_role("button", name="Withdraw my application").click()
    expect(page.get_by_text("Your application is withdrawn.")).to_be_visible()
    with site.rows():
        with transaction() as db_session:
            serve_all(db_session, now=utcnow())  # the worker does it within half a minute
        db.session.rollback()
        offered = select(WaitingEntry).where(WaitingEntry.state == WaitState.OFFERED).order_by(WaitingEntry.id)
        entries = db.session.scalars(offered).all()
        given = sum(item.quantity for entry in entries for item in entry.items)
        assert 1 <= given <= OWN_TABLES[1], "never more than Ann gave back, whoever stands first in the line"
        with site.app.test_request_context():
            link = entry_url(entries[0])
    guest = new_context().new_page()
    guest.goto(f"{site.url}{link}")
    expect(guest.get_by_role("heading", name="This is yours until")).to_be_visible()
    axe.everywhere(guest)
    guest.get_by_role("button", name="Take it and go to checkout").click()
    _place(guest)
    guest.goto(f"{site.url}{link}")
    expect(guest.get_by_role("heading", name="It is yours")).to_be_visible()


def _missed_offers_go_on(site: Any) -> None:
    """Offers that nobody answers end, and their tables are held for those in line."""
    with site.rows():
        late = utcnow() + timedelta(days=6)
        waiting = _count(S.WAITLISTED)
        with transaction() as db_session:
            assert run_clocks(db_session, now=late) > 0
        with transaction() as db_session:
            serve_all(db_session, now=late)
        assert _count(S.LAPSED) > 0 and _count(S.WAITLISTED) < waiting
