"""What moves on a page by itself: the plan when somebody else takes a table, the time that is left on a hold."""

import re

from playwright.sync_api import Page, expect

from tests.support import journey
from tests.support.demo_site import DemoSite
from tests.support.journey import NewContext, Visitor

POLL_MS = 15_000  # the page looks every five seconds


def visitor(demo_site: DemoSite, new_context: NewContext, name: str) -> Visitor:
    return Visitor(new_context(base_url=demo_site.url).new_page(), demo_site.server, name)


def two_free_tables(page: Page) -> tuple[str, str]:
    labels = page.locator("#choose .pick.is-free input").evaluate_all("(all) => all.map((each) => each.dataset.label)")
    return labels[-1], labels[-2]


def test_the_plan_changes_when_another_buyer_takes_a_table(demo_site: DemoSite, new_context: NewContext) -> None:
    """A chosen table that goes to somebody else is said and left out; another one just changes its state."""
    vera, walt = (visitor(demo_site, new_context, name) for name in ("Vera Vendor", "Walt Vendor"))
    for each in (vera, walt):
        each.page.goto(f"{demo_site.page}/tables")
    wanted, other = two_free_tables(vera.page)
    journey.tick_table(vera, wanted)
    expect(vera.page.locator("[data-continue]")).to_have_text(re.compile("1 table"))
    for label in (wanted, other):
        journey.tick_table(walt, label)
    walt.page.locator("[data-continue]").click()
    walt.sees_title("Your cart")
    place = vera.page.locator(".place", has=vera.page.locator(f"text={other}"))
    expect(place).to_have_class(re.compile("is-held"), timeout=POLL_MS)
    expect(vera.page.locator("[data-say]")).to_contain_text(f"{wanted} was just taken")
    expect(vera.page.locator("[data-continue]")).to_have_text("Continue")
    walt.page.get_by_role("button", name=f"Remove Table {other}").click()
    walt.sees_title("Your cart")
    expect(place).to_have_class(re.compile("is-free"), timeout=POLL_MS)


def test_the_time_left_runs_and_one_tap_adds_to_it(demo_site: DemoSite, new_context: NewContext) -> None:
    walt = visitor(demo_site, new_context, "Walt Vendor")
    walt.page.goto(demo_site.page)
    journey.choose_tickets(walt, Parking=1)
    left = walt.page.locator(".countdown:visible b")
    expect(left).to_have_text(re.compile(r"^14:\d\d$"))
    before = left.inner_text()
    expect(left).not_to_have_text(before)
    walt.press("Add 15 minutes")
    expect(left).to_have_text(re.compile(r"^29:\d\d$"))


def test_without_scripts_the_hold_is_a_time_of_day(demo_site: DemoSite, new_context: NewContext) -> None:
    page = new_context(base_url=demo_site.url, java_script_enabled=False).new_page()
    walt = Visitor(page, demo_site.server, "Walt Vendor")
    page.goto(demo_site.page)
    journey.choose_tickets(walt, Parking=1)
    expect(page.locator(".countdown:visible time")).to_have_text(re.compile(r"^\d+:\d\d\s?[AP]M E[SD]T$"))
    walt.press("Add 15 minutes")
    walt.sees("Held for you until")
