"""Drawing a hall in a browser: four hundred tables over a picture, and what hands and keys do to blocks."""

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from sqlalchemy import select

from swapmeet.events.models import Hall
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.plan_models import PlanDraft, PlanVersion
from tests.support.browser import Accessibility
from tests.support.site import Site
from tests.vendor_tables.floor import table_type

HALL_M = (84, 50)  # meters


class Hands:
    """Counts what a person does: a click, a drag, a filled field, a choice."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def fill(self, label: str, text: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, value: str) -> None:
        self.count += 1
        self.page.get_by_label(label, exact=True).select_option(value)

    def press(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("button", name=name, exact=True).click()

    def link(self, name: str) -> None:
        self.count += 1
        self.page.get_by_role("link", name=name, exact=True).click()

    def click_at(self, x_mm: int, y_mm: int) -> None:
        """A click on the drawing, at a point of the hall."""
        self.count += 1
        spot = self.page.evaluate(
            """([x, y]) => { const svg = document.querySelector(".floor-drawing");
            const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM()); return [point.x, point.y]; }""",
            [x_mm, y_mm],
        )
        self.page.mouse.click(*spot)


def hall_picture() -> bytes:
    """A drawing of the hall with a white margin: 80 m of wall are 1,200 pixels."""
    picture = Image.new("RGB", (1400, 900), "white")
    ImageDraw.Draw(picture).rectangle((100, 75, 1300, 825), outline="black", width=4)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def world(site: Site) -> Any:
    """A large hall of an American show in meters, and one kind of table."""
    with site.rows():
        world = site.world()
        with transaction() as db_session:
            event = world.show()
            event.length_unit = "m"
            hall = db_session.scalars(select(Hall).where(Hall.event_id == event.id)).one()
            hall.width_mm, hall.depth_mm = HALL_M[0] * 1000, HALL_M[1] * 1000
            table_type(db_session, event)
            world.hall_id = hall.id
    return world


def open_editor(page: Page, world: Any) -> None:
    page.goto(f"/manage/shows/{world.slug}/tables/floor/{world.hall_id}")
    expect(page.locator(".floor-editor.is-ready")).to_be_visible()


def test_four_hundred_tables_are_drawn_over_a_picture_in_twelve_blocks(
    site: Site, page: Page, sign_in: Any, world: Any
) -> None:
    sign_in("olga")
    open_editor(page, world)
    hands = Hands(page)
    hands.count += 1
    picture = {"name": "hall.png", "mimeType": "image/png", "buffer": hall_picture()}
    page.get_by_label("PDF or picture of the hall").set_input_files(picture)
    hands.press("Put it under the plan")
    expect(page.locator(".floor-picture")).to_have_count(1)
    hands.press("Choose two points")
    hands.click_at(6000, 4500)  # both ends of the upper wall as the picture lies now: 84 m across 1,400 pixels
    hands.click_at(78_000, 4500)
    hands.fill("They are apart by (m)", "80")
    hands.press("Set the scale")
    expect(page.locator("[data-say]")).to_have_text("The picture has its true size now.")
    width = float(page.locator(".floor-picture").get_attribute("width") or 0)
    assert abs(width - 93_333) < 500  # 1,400 pixels, of which 15 are a meter
    hands.choose("Shape", "island")
    hands.fill("Tables on each long side", "20")
    hands.fill("From the left (m)", "3")
    for number in range(8):
        hands.fill("From above (m)", str(3 + number * 4.5))
        hands.press("Add the block")
    hands.choose("Shape", "row")
    hands.fill("From the left (m)", "44")
    for number in range(4):
        hands.fill("From above (m)", str(3 + number * 4.5))
        hands.press("Add the block")
    expect(page.locator("[data-count]")).to_have_text("400 tables")
    assert page.locator(".floor-unit").count() == 12
    hands.press("Save now")
    expect(page.locator("[data-saved]")).to_have_text("Saved.")
    hands.link("Check and publish")
    hands.press("Publish this plan")
    expect(page.get_by_text("is what vendors see now")).to_be_visible()
    assert hands.count < 150, hands.count
    with site.rows():
        labels = set(db.session.scalars(select(TablePlace.label)))
        assert len(labels) == 400 and {"A01", "A40", "L20"} <= labels
        assert db.session.scalars(select(PlanVersion)).one().number == 1


def add_block(page: Page, name: str, n: int, x: str, y: str) -> None:
    page.get_by_label("Shape", exact=True).select_option("row")
    for label, text in (
        ("Name", name),
        ("Tables on each long side", str(n)),
        ("From the left (m)", x),
        ("From above (m)", y),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Add the block").click()


def where(page: Page, name: str) -> tuple[int, int]:
    """Where the first table of a block stands."""
    rect = page.get_by_role("button", name=re.compile(f"^Block {name},")).locator("rect").first
    return int(rect.get_attribute("x") or 0), int(rect.get_attribute("y") or 0)


def test_hands_and_keys_move_choose_and_take_back(page: Page, sign_in: Any, world: Any) -> None:
    sign_in("olga")
    open_editor(page, world)
    add_block(page, "A", 4, "3", "5")
    add_block(page, "B", 4, "20", "9.03")
    block = page.get_by_role("button", name=re.compile("^Block A,"))
    block.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+ArrowRight")
    assert where(page, "A") == (3051, 5500)
    expect(block).to_be_focused()
    box = block.locator("rect").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=4)
    page.mouse.up()
    x, y = where(page, "A")
    assert (x, y) != (3051, 5500) and (x - 3051) % 50 == 0 and (y - 5500) % 50 == 0
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert where(page, "A") == (3000, 5000)
    page.keyboard.press("Control+y")
    assert where(page, "A") == (3050, 5000)
    page.get_by_role("checkbox", name="Block B: 4").check()
    page.get_by_text("Line up and spread").click()
    page.get_by_role("button", name="Top", exact=True).click()
    assert where(page, "B")[1] == 5000
    page.get_by_label("Down by (m)").fill("6")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("[data-count]")).to_have_text("16 tables, 8 of them chosen")
    assert where(page, "C")[1] == 11_000 and page.get_by_role("button", name="Block D, 4 tables").count() == 1
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator("[data-count]")).to_have_text("8 tables")


def test_numbers_are_shown_before_they_change(page: Page, sign_in: Any, world: Any) -> None:
    sign_in("olga")
    open_editor(page, world)
    add_block(page, "A", 3, "3", "5")
    page.get_by_role("checkbox", name="Block A: 3").check()
    page.get_by_text("Size, turn and numbers").click()
    page.get_by_label("First number").fill("12")
    page.get_by_label("Leave out").fill("13")
    page.get_by_role("button", name="Change the block").click()
    page.get_by_role("checkbox", name="Block A: 3").check()
    page.get_by_role("button", name="Number anew").click()
    expect(page.locator("[data-numbers] tbody tr")).to_have_text(
        [re.compile("A01.*A12"), re.compile("A02.*A14"), re.compile("A03.*A15")]
    )
    page.get_by_role("button", name="Number them so").click()
    expect(page.locator(".floor-unit text")).to_have_text(["A12", "A14", "A15"])


def test_who_saves_second_is_told_and_decides(site: Site, page: Page, sign_in: Any, world: Any) -> None:
    sign_in("olga")
    open_editor(page, world)
    other = page.context.new_page()
    open_editor(other, world)
    add_block(page, "A", 3, "3", "5")
    page.get_by_role("button", name="Save now").click()
    expect(page.locator("[data-saved]")).to_have_text("Saved.")
    add_block(other, "Z", 5, "3", "9")
    other.get_by_role("button", name="Save now").click()
    expect(other.get_by_text("Olga Organizer has saved this plan since you opened it.")).to_be_visible()
    other.get_by_role("button", name="Keep mine").click()
    expect(other.locator("[data-saved]")).to_have_text("Saved.")
    with site.rows():
        draft = db.session.scalars(select(PlanDraft)).one()
        assert '"label":"Z05"' in draft.document and '"label":"A01"' not in draft.document
    add_block(page, "B", 2, "3", "9")
    expect(page.get_by_role("button", name="Show theirs")).to_be_visible(timeout=8000)
    page.get_by_role("button", name="Show theirs").click()
    expect(page.get_by_role("button", name="Block Z, 5 tables")).to_be_visible()


def test_the_editor_is_accessible_and_fits_a_phone(page: Page, sign_in: Any, world: Any, axe: Accessibility) -> None:
    sign_in("olga")
    open_editor(page, world)
    add_block(page, "A", 3, "3", "5")
    axe.check(page)
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    axe.check(page)


def test_without_scripts_the_editor_leads_to_the_tables(plain_page: Page, site: Site, world: Any) -> None:
    site.sign_in(plain_page.context, "olga")
    plain_page.goto(f"/manage/shows/{world.slug}/tables/floor/{world.hall_id}")
    plain_page.get_by_role("link", name="the plan as tables").click()
    plain_page.get_by_role("link", name="Add a block").click()
    plain_page.get_by_label("Name").fill("A")
    plain_page.get_by_label("Tables on each long side").fill("4")
    plain_page.get_by_label("From the left wall").fill("3")
    plain_page.get_by_label("From the upper wall").fill("4")
    plain_page.get_by_role("button", name="Save in the draft").click()
    expect(plain_page.get_by_role("link", name="A04")).to_be_visible()
