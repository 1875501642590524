"""Picking tables in a browser: on the plan, by keyboard, without script, while others pick too."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.browser import Accessibility
from tests.support.site import Site
from tests.vendor_tables.floor import Floor


@pytest.fixture
def floor(site: Site) -> Floor:
    """Two rows of six tables in the published show of the cast. Use its methods inside `site.rows()`."""
    with site.rows():
        floor = Floor(site.world())
    return floor


def open_picker(page: Page, floor: Floor, rest: str = "") -> None:
    page.goto(f"/shows/{floor.world.slug}/tables{rest}")
    expect(page.get_by_role("heading", name="Choose your tables")).to_be_visible()


def box_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return dict(box)


def test_the_list_comes_first_and_the_plan_stands_beside_it(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    listed, plan, yours = (box_of(page, each) for each in (".pick-list", ".pick-plan", ".pick-yours"))
    assert listed["x"] + listed["width"] <= plan["x"] and plan["x"] + plan["width"] <= yours["x"]
    assert abs(listed["y"] - plan["y"]) < 2 and abs(plan["y"] - yours["y"]) < 2
    expect(page.get_by_role("button", name="Continue")).to_be_in_viewport()
    wanted = "input[type=checkbox], .place[tabindex='0'], [data-continue]"
    stops = page.locator(f".pick-ways :is({wanted})").evaluate_all(
        """(all) => all.filter((each) => each.checkVisibility())
            .map((each) => (each.matches(".place") ? "plan" : each.matches("input") ? "list" : "next"))"""
    )
    assert stops == ["list"] * 12 + ["plan", "next"]


def test_on_a_phone_the_list_stands_above_the_plan_and_a_button_leads_on_to_it(page: Page, floor: Floor) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_picker(page, floor)
    expect(page.locator(f"#choose-{floor.ids['A01']}")).to_be_in_viewport()
    listed, plan = box_of(page, ".pick-list"), box_of(page, ".pick-plan")
    assert listed["y"] + listed["height"] <= plan["y"]
    page.get_by_role("link", name="See the plan").click()
    expect(page.get_by_role("heading", name="Plan of Main hall")).to_be_in_viewport()
    expect(page.get_by_role("link", name=re.compile("Table A01,"))).to_be_in_viewport()


def test_what_the_list_shows_is_chosen_behind_a_fold_that_stays_open(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    expect(page.get_by_label("Corners only")).to_be_hidden()
    page.locator("summary", has_text="Choose what the list shows").click()
    page.get_by_label("Corners only").check()
    expect(page.locator("[data-pick]")).to_have_count(4)
    expect(page.get_by_label("Corners only")).to_be_checked()


def test_a_table_on_the_plan_and_its_box_in_the_list_are_one(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    page.get_by_role("link", name=re.compile("Table A02,")).click()
    expect(page.locator(f"#choose-{floor.ids['A02']}")).to_be_checked()
    expect(page.locator(f"#place-{floor.ids['A02']}")).to_have_class(re.compile("is-mine"))
    page.locator(f"#choose-{floor.ids['A03']}").check()
    expect(page.locator(f"#place-{floor.ids['A03']}")).to_have_class(re.compile("is-mine"))
    card = page.get_by_role("complementary", name="Your tables")
    expect(card).to_contain_text("$90.00")
    card.get_by_role("button", name="Leave out A02").click()
    expect(page.locator(f"#choose-{floor.ids['A02']}")).not_to_be_checked()
    page.get_by_role("button", name=re.compile("Continue with 1 table")).click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Table A03")


def test_the_plan_is_one_tab_stop_and_arrows_walk_it(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    stops = page.locator('.plan-frame .place[tabindex="0"]')
    expect(stops).to_have_count(1)
    stops.focus()
    expect(page.locator(f"#place-{floor.ids['A01']}")).to_be_focused()
    for key, label in (
        ("ArrowRight", "A02"),
        ("ArrowDown", "B02"),
        ("End", "B06"),
        ("Home", "B01"),
        ("ArrowUp", "A01"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f"#place-{floor.ids[label]}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f"#choose-{floor.ids['A01']}")).to_be_checked()
    page.keyboard.press("Space")
    expect(page.locator(f"#choose-{floor.ids['A01']}")).not_to_be_checked()
    expect(page.locator(f"#place-{floor.ids['A01']}")).to_have_attribute(
        "aria-label", re.compile("Table A01, .*, free$")
    )


def test_a_chosen_table_that_somebody_takes_is_told_at_once(page: Page, site: Site, floor: Floor) -> None:
    open_picker(page, floor)
    page.locator(f"#choose-{floor.ids['A02']}").check()
    with site.rows():
        floor.hold("A02", "B01")
    expect(page.get_by_text("A02 was just taken. Choose another table.")).to_be_attached(timeout=15_000)
    expect(page.locator(f"#choose-{floor.ids['A02']}")).to_be_disabled()
    expect(page.locator(f"#place-{floor.ids['B01']}")).to_have_class(re.compile("is-held"))


def test_a_lost_claim_names_the_table_and_offers_the_nearest_in_one_tap(page: Page, site: Site, floor: Floor) -> None:
    open_picker(page, floor)
    page.locator(f"#choose-{floor.ids['A02']}").check()
    page.locator(f"#choose-{floor.ids['A03']}").check()
    with site.rows():
        floor.hold("A02")
    page.get_by_role("button", name=re.compile("Continue with")).click()
    expect(page.locator("main")).to_contain_text("Table A02 was just taken. Nothing was reserved for you.")
    page.get_by_role("button", name="Take A03 and A04 instead").click()
    expect(page.get_by_role("heading", name="Your cart")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Table A04")


def test_with_scripts_off_plan_and_list_do_the_same(plain_page: Page, floor: Floor) -> None:
    open_picker(plain_page, floor)
    plain_page.get_by_role("link", name=re.compile("Table A02,")).click()
    expect(plain_page.locator(f"#choose-{floor.ids['A02']}")).to_be_checked()
    plain_page.locator(f"#choose-{floor.ids['B05']}").check()
    plain_page.get_by_role("button", name="Continue").click()
    expect(plain_page.locator("main")).to_contain_text("Table A02")
    expect(plain_page.locator("main")).to_contain_text("Table B05")


def width_of(page: Page, selector: str) -> float:
    return box_of(page, selector)["width"]


def test_the_plan_grows_and_shrinks_by_buttons_and_keys(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    table = f"#place-{floor.ids['A01']}"
    before = width_of(page, table)
    expect(page.get_by_role("button", name="Look further right")).to_be_hidden()
    page.locator(table).focus()
    page.keyboard.press("+")
    larger = width_of(page, table)
    assert larger > before * 1.3
    expect(page.locator(table)).to_be_focused()
    page.get_by_role("button", name="Larger").click()
    assert width_of(page, table) > larger * 1.3
    at = box_of(page, table)["x"]
    page.get_by_role("button", name="Look further right").click()
    assert box_of(page, table)["x"] < at - 50
    page.get_by_role("button", name="Whole hall").click()
    assert abs(width_of(page, table) - before) < 2


def test_the_plan_is_pushed_with_the_mouse_and_a_push_chooses_nothing(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    for _ in range(3):
        page.get_by_role("button", name="Larger").click()
    frame = box_of(page, ".plan-frame")
    before = box_of(page, f"#place-{floor.ids['A03']}")
    page.mouse.move(frame["x"] + 200, frame["y"] + 150)
    page.mouse.down()
    page.mouse.move(frame["x"] + 120, frame["y"] + 130, steps=4)
    page.mouse.up()
    assert abs(box_of(page, f"#place-{floor.ids['A03']}")["x"] - (before["x"] - 80)) < 3
    assert page.locator(".place.is-mine").count() == 0


def test_a_table_reached_by_arrows_comes_into_sight(page: Page, floor: Floor) -> None:
    open_picker(page, floor)
    page.locator(f"#place-{floor.ids['A01']}").focus()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("End")
    frame, table = box_of(page, ".plan-frame"), box_of(page, f"#place-{floor.ids['A06']}")
    assert frame["x"] <= table["x"] and table["x"] + table["width"] <= frame["x"] + frame["width"]


def wait_until_large(page: Page, selector: str) -> None:
    """The plan comes closer a moment after it was asked: large enough for a thumb in the end."""
    page.wait_for_function("(what) => document.querySelector(what).getBoundingClientRect().height >= 24", arg=selector)


def test_a_link_to_a_table_comes_close_to_it(page: Page, floor: Floor) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_picker(page, floor, f"#place-{floor.ids['B05']}")
    wait_until_large(page, f"#place-{floor.ids['B05']} > rect")
    expect(page.locator(f"#place-{floor.ids['B05']} text")).to_be_visible()


def test_a_tap_on_a_small_table_comes_closer_first(new_context: Callable[..., BrowserContext], floor: Floor) -> None:
    page = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    open_picker(page, floor)
    expect(page.locator(".plan-frame.can-move")).to_be_visible()
    place = page.locator(f"#place-{floor.ids['A02']}")
    place.tap()
    expect(page.locator(".place.is-mine")).to_have_count(0)
    wait_until_large(page, f"#place-{floor.ids['A02']} > rect")
    place.tap()
    expect(place).to_have_class(re.compile("is-mine"))
    expect(place.locator("tspan")).to_have_text("Y")


def test_the_pages_about_tables_pass_axe(page: Page, site: Site, floor: Floor, axe: Accessibility) -> None:
    with site.rows():
        floor.buy("A01", "A02", who="vic")
        floor.place_order(floor.hold("A03"), sign="Late Payer")
        floor.hold("A04")
    slug = floor.world.slug
    for address in (f"/shows/{slug}/tables?show=all", f"/shows/{slug}/vendors"):
        page.goto(address)
        axe.everywhere(page)
    site.sign_in(page.context, "vic")
    for address in ("/me/tables", "/me/vendor"):
        page.goto(address)
        axe.everywhere(page)
    site.sign_in(page.context, "olga")
    chosen = f"?place={floor.ids['B01']}&period={floor.period_id}"
    pages = (
        "/tables",
        "/vendors",
        f"/tables/places/{floor.ids['A01']}",
        f"/tables/holds{chosen}",
        f"/tables/assignments{chosen}",
        "/tables/types",
        "/tables/types/new",
        "/tables/arrivals",
        "/tables/rows",
        "/tables/places/new",
        "/tables/shapes",
    )
    for turn, address in enumerate(pages):
        page.goto(f"/manage/shows/{slug}{address}")
        axe.by_turns(page, turn)
