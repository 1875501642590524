"""A vendor applies, the team decides in private and sends, the vendor accepts and comes to the checkout: each page clean."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from swapmeet.vendor_tables.applications.models import SellingMode
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor


def test_from_the_form_to_the_checkout(
    site: Any, page: Page, sign_in: Callable[[str], None], new_context: Callable[..., BrowserContext], axe: Any
) -> None:
    world = site.world()
    with site.rows():
        applying = Applying(Floor(world))
        applying.settings(mode=SellingMode.APPLICATION, intro="Welcome, makers.")
        applying.write("ann", near=["Tiny Works"])
    sign_in("vic")
    page.goto(f"{site.url}/shows/{world.slug}")
    page.get_by_role("link", name="Apply for a table").click()
    axe.everywhere(page)
    page.get_by_role("link", name="Write my application").click()
    page.get_by_label("Name on your table sign").fill("Tiny Works")
    page.get_by_label("First wish").fill("Z99")
    page.get_by_role("button", name="Send my application").click()
    expect(page.get_by_role("alert")).to_contain_text("Write what you sell.")
    axe.everywhere(page)
    page.get_by_label("What do you sell?").fill("lamps")
    page.get_by_role("button", name="Send my application").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no table or row “Z99” on the plan.")
    page.get_by_label("First wish").fill("A02")
    page.get_by_role("button", name="Send my application").click()
    expect(page.get_by_text("Your application has been sent.")).to_be_visible()
    page.get_by_role("button", name="Yes, please").click()
    expect(page.get_by_text("You said yes")).to_be_visible()
    axe.everywhere(page)
    _decide(site, new_context, world, axe)
    page.reload()
    expect(page.get_by_text("There is a table for you.")).to_be_visible()
    axe.everywhere(page)
    page.get_by_role("button", name="Accept and pay").click()
    expect(page.get_by_text("Table A02").first).to_be_visible()
    expect(page).to_have_url(f"{site.url}/shows/{world.slug}/checkout")


def _decide(site: Any, new_context: Callable[..., BrowserContext], world: Any, axe: Any) -> None:
    """Olga's side, with scripts off."""
    context = new_context(java_script_enabled=False)
    site.sign_in(context, "olga")
    page = context.new_page()
    page.goto(f"{site.url}/manage/shows/{world.slug}/applications")
    page.get_by_role("link", name="Tiny Works").click()
    page.get_by_label("Decision").select_option("offer")
    page.get_by_label("Tables to offer").fill("A02")
    page.get_by_role("button", name="Keep this decision").click()
    expect(page.get_by_text("Nobody is told before you send the decisions.")).to_be_visible()
    page.goto(f"{site.url}/manage/shows/{world.slug}/applications/decisions")
    page.get_by_text("A table for you at").click()
    page.get_by_role("button", name="Send 1 decision").click()
    expect(page.get_by_text("Sent. Offers: 1")).to_be_visible()
    sighted = new_context()
    site.sign_in(sighted, "olga")
    look = sighted.new_page()
    for rest in ("", "/settings", "/waves", "/decisions", "/review", f"/{_first(look, site, world)}"):
        look.goto(f"{site.url}/manage/shows/{world.slug}/applications{rest}")
        axe.everywhere(look)


def _first(page: Page, site: Any, world: Any) -> str:
    page.goto(f"{site.url}/manage/shows/{world.slug}/applications")
    return str(page.get_by_role("link", name="Ann’s Stall").get_attribute("href")).rpartition("/")[2]
