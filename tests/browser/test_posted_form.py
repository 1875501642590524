"""A posted form is typed in by keyboard alone, from the first field that has the focus to the receipt."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from swapmeet.infra.uow import transaction
from tests.registration import build


def test_a_posted_form_is_entered_by_keyboard_alone(site: Any, page: Page, sign_in: Any, axe: Any) -> None:
    with site.rows():
        world = site.world()
        with transaction() as db_session:
            build.ticket_type(db_session, world.show(), "Weekend pass")
            build.ticket_type(db_session, world.show(), "Child", price=0)
        slug = world.slug
    sign_in("olga")
    page.goto(f"/manage/shows/{slug}/posted-forms")
    axe.everywhere(page)
    keys = page.keyboard
    expect(page.get_by_label("Name (required)", exact=True)).to_be_focused()
    keys.type("Walter Weiss")
    for _ in range(4):  # e-mail, phone, note, then the first person
        keys.press("Tab")
    expect(page.get_by_label("Person 1: name")).to_be_focused()
    for _ in range(2):  # blank: the sender, with the first ticket
        keys.press("Tab")
    keys.type("Wilma Weiss")
    for _ in range(2):
        keys.press("Tab")
    keys.type("Tim Weiss")
    keys.press("Tab")
    keys.type("Child")
    page.get_by_label("Sum that came with it").focus()
    keys.type("48")
    keys.press("Tab")
    keys.type("1047")
    keys.press("Enter")
    expect(page.get_by_text(re.compile("Order .* of Walter Weiss"))).to_be_visible()
    expect(page.get_by_text("Confirmed").first).to_be_visible()
    expect(page.get_by_label("Name (required)", exact=True)).to_be_focused()
    page.get_by_role("link", name="Receipt on paper").click()
    expect(page.get_by_text("Wilma Weiss").or_(page.get_by_text("Walter Weiss")).first).to_be_visible()
    page.goto(f"/manage/shows/{slug}/posted-forms")
    expect(page.get_by_label("Name (required)", exact=True)).to_be_focused()
    keys.type("walter weiss")
    keys.press("Enter")
    expect(page.get_by_text("Was this form entered before?")).to_be_visible()
    axe.everywhere(page)
