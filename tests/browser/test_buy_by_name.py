"""Tables are bought from the first page to the order by Tab, Space, Enter and letters, knowing only what a screen reader says."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.support.browser import Accessibility
from tests.support.site import Site
from tests.vendor_tables.floor import Floor

MOST_STOPS = 60


@pytest.fixture
def floor(site: Site) -> Floor:
    """Two rows of six tables; A02 is held by somebody else."""
    with site.rows():
        floor = Floor(site.world())
        floor.hold("A02")
    return floor


@dataclass
class Listener:
    """Somebody who hears the page and presses keys. `role` and `name` are those of the accessibility tree."""

    page: Page
    cdp: CDPSession

    def heard(self) -> tuple[str, str]:
        """Role and name of what has the focus."""
        focused = self.cdp.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
        node = self.cdp.send(
            "Accessibility.getPartialAXTree", {"objectId": focused["objectId"], "fetchRelatives": False}
        )["nodes"][0]
        return node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "")

    def tab_to(self, role: str, name: str) -> None:
        """Press Tab until this is said."""
        said = []
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            said.append(self.heard())
            if said[-1][0] == role and re.search(name, said[-1][1]):
                return
        raise AssertionError(f"nobody said {role} “{name}” on {self.page.url}, only {said}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def write(self, name: str, text: str) -> None:
        self.tab_to("textbox", name)
        self.page.keyboard.type(text)

    def title_is(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=words)).to_be_visible()


@pytest.fixture
def listen(new_context: Callable[..., BrowserContext]) -> Callable[..., Listener]:
    def begin(**changes: object) -> Listener:
        context = new_context(**changes)
        page = context.new_page()
        return Listener(page, context.new_cdp_session(page))

    return begin


def check_out(vera: Listener) -> None:
    vera.tab_to("link", "[Cc]heckout")
    vera.press("Enter")
    vera.title_is("Checkout")
    vera.write("^Your name", "Vera Vendor")
    vera.write("[Ee]-mail", "vera@example.org")
    vera.write("^Name on the signs", "Vera's Trains")
    vera.write("^What do you sell", "Trains in HO")
    vera.tab_to("radio", "check")
    vera.press("Space")
    vera.tab_to("button", "^Place")
    vera.press("Enter")
    vera.title_is("Your order")
    expect(vera.page.locator("main")).to_contain_text("Waiting for payment")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "scripts off"])
def test_two_tables_are_bought_from_the_list(
    scripts: bool, listen: Callable[..., Listener], floor: Floor, axe: Accessibility
) -> None:
    vera = listen(java_script_enabled=scripts)
    vera.page.goto(f"/shows/{floor.world.slug}")
    vera.tab_to("link", "^Tables$")
    vera.press("Enter")
    vera.title_is("Choose your tables")
    for label in ("A01", "B03"):
        vera.tab_to("checkbox", f"^{label} 6 ft.* \\$45.00$")
        vera.press("Space")
    vera.tab_to("button", "^Continue")
    vera.press("Enter")
    vera.title_is("Your cart")
    if scripts:
        axe.everywhere(vera.page)
    check_out(vera)
    for label in ("A01", "B03"):
        expect(vera.page.locator("main")).to_contain_text(f"Table {label}")


def test_a_run_is_bought_from_the_plan(listen: Callable[..., Listener], floor: Floor) -> None:
    vera = listen()
    vera.page.goto(f"/shows/{floor.world.slug}/tables")
    vera.tab_to("link", "^Table A01, 6 ft, corner, wall, \\$45.00, free$")
    vera.press("ArrowRight")
    assert vera.heard()[1].endswith("on hold"), "a table that is held can be visited and says so"
    vera.press("ArrowRight")
    vera.press("Enter")
    assert vera.heard() == ("link", "Table A03, 6 ft, wall, $45.00, yours")
    vera.press("ArrowRight")
    vera.press("Space")
    vera.tab_to("button", "^Continue with 2 tables, \\$90.00$")
    vera.press("Enter")
    vera.title_is("Your cart")
    check_out(vera)


def test_who_comes_late_hears_what_is_lost_and_takes_the_next_run(
    listen: Callable[..., Listener], site: Site, floor: Floor
) -> None:
    vera = listen()
    vera.page.goto(f"/shows/{floor.world.slug}/tables")
    for label in ("A04", "A05"):
        vera.tab_to("checkbox", f"^{label} ")
        vera.press("Space")
    with site.rows():
        floor.hold("A05")
    vera.tab_to("button", "^Continue")
    vera.press("Enter")
    expect(vera.page.get_by_role("alert")).to_contain_text("Table A05 was just taken. Nothing was reserved for you.")
    vera.tab_to("button", "^Take A03 and A04 instead$")
    vera.press("Enter")
    vera.title_is("Your cart")
