"""The hold of a cart in a real browser: the time that is left, what happens when it is over, how many are held."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from swapmeet.infra.uow import transaction
from tests.registration import build
from tests.support.browser import Accessibility
from tests.support.journey import NewContext
from tests.support.site import Site

TWO_HOURS_FAST = "const real = Date.now; Date.now = () => real() + 2 * 3600 * 1000;"
HELD = timedelta(minutes=15)


@pytest.fixture
def now(site: Site) -> Iterator[datetime]:
    """The server's clock stands still at this moment, until told otherwise."""
    moment = datetime.now(UTC).replace(microsecond=0)
    site.set_clock(moment)
    yield moment
    site.set_clock(None)


@pytest.fixture
def cart(site: Site, now: datetime) -> str:
    """The address of a show's pages that sells five free tickets."""
    world = site.world()
    with site.rows(), transaction() as db_session:
        build.ticket_type(db_session, world.show(), "Weekend pass", price=0, capacity=5)
    return f"/shows/{world.slug}"


def take_two(page: Page, show: str) -> None:
    page.goto(show)
    page.get_by_role("spinbutton", name="Weekend pass, how many").fill("2")
    page.get_by_role("button", name="Continue").click()


def test_a_wrong_clock_of_the_visitor_does_no_harm(page: Page, cart: str, site: Site) -> None:
    page.add_init_script(TWO_HOURS_FAST)
    take_two(page, cart)
    page.goto(f"{cart}/cart")
    left = page.locator(".countdown:visible b")
    expect(left).to_have_text(re.compile(r"^1[45]:\d\d$"))
    before = left.inner_text()
    expect(left).not_to_have_text(before)
    expect(left).to_have_text(re.compile(r"^14:\d\d$"))


def test_when_the_hold_ends_before_ones_eyes_what_was_typed_is_kept(
    page: Page, cart: str, site: Site, now: datetime
) -> None:
    take_two(page, cart)
    site.set_clock(now + HELD - timedelta(seconds=4))
    page.goto(f"{cart}/checkout")
    page.get_by_label("Your name").fill("Gus Guest")
    page.get_by_label("Name on badge 1 of 2 (Weekend pass)").fill("Ann Attendee")
    site.set_clock(now + HELD)
    expect(page.get_by_text("Your hold ended at")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Try again with what is still free").click()
    expect(page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_value("Gus Guest")
    expect(page.get_by_label("Name on badge 1 of 2 (Weekend pass)")).to_have_value("Ann Attendee")
    expect(page.locator(".countdown:visible b")).to_have_text(re.compile(r"^1[45]:\d\d$"))


def test_a_cart_left_alone_says_that_its_hold_ended(page: Page, cart: str, site: Site, now: datetime) -> None:
    take_two(page, cart)
    site.set_clock(now + HELD - timedelta(seconds=2))
    page.goto(f"{cart}/cart")
    site.set_clock(now + HELD)
    expect(page.get_by_text("Your hold ended at")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("has_script", [True, False])
def test_how_many_is_changed_in_the_cart(
    new_context: NewContext, cart: str, axe: Accessibility, has_script: bool
) -> None:
    narrow = {"width": 320, "height": 800}
    page = new_context(java_script_enabled=has_script, viewport=narrow).new_page()
    take_two(page, cart)
    page.goto(f"{cart}/cart")
    number = page.get_by_role("spinbutton", name="Weekend pass, how many")
    expect(number).to_have_value("2")
    if has_script:
        page.get_by_role("button", name="One more: Weekend pass").click()
        axe.check(page)
    else:
        number.fill("3")
    page.get_by_role("button", name="Change how many: Weekend pass").click()
    expect(page.get_by_text("3 × Weekend pass")).to_be_visible()
    expect(number).to_have_value("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= narrow["width"]
