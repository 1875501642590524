"""A host lets a round be solved and publishes it, and Tess reads her trades on a phone; both without an accessibility fault."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import PHONE
from tests.trades.rounds.swap import three_way


def test_a_run_from_the_button_to_my_trades_on_a_phone(
    site: Any, page: Page, sign_in: Callable[[str], None], axe: Any, new_context: Callable[..., BrowserContext]
) -> None:
    world = site.world()
    with site.rows():
        round_id, _entries = three_way(world)
    sign_in("olga")
    page.goto(f"{site.url}/manage/shows/{world.slug}/rounds/{round_id}")
    axe.everywhere(page)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="What came out")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Loop 1: 3 things change hands")).to_be_visible()
    axe.everywhere(page)
    page.get_by_text("Publish this result", exact=True).first.click()
    page.locator("form[action$='/publication'] button[type=submit]").click()
    expect(page.get_by_text("The result is out. Everybody with a thing")).to_be_visible()

    phone = new_context(viewport=PHONE)
    site.sign_in(phone, "tess")
    mine = phone.new_page()
    mine.goto(f"{site.url}/shows/{world.slug}/rounds/{round_id}/mine")
    mine.get_by_role("link", name="My trades").first.click()
    expect(mine.get_by_role("heading", level=1, name="My trades")).to_be_visible()
    expect(mine.get_by_role("img", name="A loop of 3")).to_be_visible()
    expect(mine.get_by_text("from trader 2", exact=True)).to_be_visible()
    axe.everywhere(mine)
    mine.get_by_role("link", name="The whole result").click()
    expect(mine.get_by_role("heading", level=2, name="Check it yourself")).to_be_visible()
    assert mine.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe.everywhere(mine)
