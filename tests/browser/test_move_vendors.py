"""The floor manager drags a vendor to another table, is asked, and says yes; the plan carries names."""

import re

from playwright.sync_api import Page, expect

from tests.support.browser import Accessibility
from tests.support.site import Site
from tests.vendor_tables.floor import Floor


def test_a_vendor_is_dragged_to_a_free_table_and_moved_after_a_yes(page: Page, site: Site, axe: Accessibility) -> None:
    with site.rows():
        floor = Floor(site.world())
        floor.buy("A01", sign="Tiny Works")
    site.sign_in(page.context, "olga")
    page.goto(f"/manage/shows/{floor.world.slug}/tables")
    page.get_by_role("button", name="Move vendors by dragging").click()
    page.locator(f"#place-{floor.ids['A01']}").drag_to(page.locator(f"#place-{floor.ids['B04']}"))
    expect(page.get_by_role("heading", name="Move Tiny Works to B04?")).to_be_visible()
    axe.check(page)
    page.get_by_label("Reason").fill("nearer to the door")
    page.get_by_role("button", name="Move to B04").click()
    expect(page.locator("main")).to_contain_text("Moved from A01 to B04")
    page.goto(f"/manage/shows/{floor.world.slug}/tables")
    place = page.locator(f"#place-{floor.ids['B04']}")
    expect(place).to_have_attribute("aria-label", re.compile("Tiny Works"))
    expect(place.locator(".place-note")).to_have_text("Tiny Works")
