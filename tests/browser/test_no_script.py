"""Everything but the camera and passkeys works with scripts off, and what cannot says so."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.demo_site import DemoSite
from tests.support.journey import NewContext, Visitor, walk
from tests.support.live_server import LiveServer


@pytest.mark.only("sqlite")
def test_a_show_from_the_first_account_to_the_door_without_scripts(
    live_server: Callable[..., LiveServer], new_context: NewContext
) -> None:
    walk(live_server(), new_context, is_guest=True, java_script_enabled=False, viewport={"width": 390, "height": 844})


def plain(demo_site: DemoSite, new_context: NewContext, viewer: str) -> Visitor:
    context = new_context(base_url=demo_site.url, java_script_enabled=False)
    demo_site.sign_in(context, viewer)
    return Visitor(context.new_page(), demo_site.server, viewer)


def test_a_table_on_the_plan_ticks_itself_in_the_list(demo_site: DemoSite, new_context: NewContext) -> None:
    guest = plain(demo_site, new_context, "visitor")
    guest.page.goto(f"{demo_site.page}/tables")
    place = guest.page.locator("a.place.is-free").first
    number = place.get_attribute("data-place")
    place.click()
    expect(guest.page.locator(f"#choose-{number}")).to_be_checked()
    guest.page.locator(f"a#place-{number}").click()
    expect(guest.page.locator(f"#choose-{number}")).not_to_be_checked()


def test_filters_have_a_button(demo_site: DemoSite, new_context: NewContext) -> None:
    guest = plain(demo_site, new_context, "visitor")
    guest.page.goto(f"{demo_site.page}/tables")
    guest.page.locator("summary", has_text="Choose what the list shows").click()
    guest.page.get_by_label("Show", exact=True).select_option(label="All tables")
    guest.page.get_by_label("With power").check()
    guest.press("Show these")
    guest.sees("Row A")
    expect(guest.page.get_by_role("group", name="Row C")).to_have_count(0)
    guest.page.goto("/")
    guest.field("Kind of show").select_option(label="Train show")
    guest.press("Search")
    guest.sees("Quill River")


def test_a_second_look_opens_in_the_page(demo_site: DemoSite, new_context: NewContext) -> None:
    olga = plain(demo_site, new_context, "organizer")
    olga.page.goto("/me")
    expect(olga.page.get_by_text("You lose your rights there at once.")).to_be_hidden()
    olga.page.locator("summary", has_text="Leave").click()
    expect(olga.page.get_by_text("You lose your rights there at once.")).to_be_visible()
    expect(olga.page.get_by_role("button", name="Leave the team")).to_be_visible()


def test_what_needs_scripts_says_so(demo_site: DemoSite, new_context: NewContext) -> None:
    """The browser is told to run no script but parses as if it did, so the words of <noscript> are in the source only."""
    dora = plain(demo_site, new_context, "door")
    dora.page.goto(f"{demo_site.desk}/door")
    assert "The camera needs scripts" in dora.page.content()
    expect(dora.page.get_by_role("button", name="Read tickets with the camera")).to_be_hidden()
    dora.page.goto("/me/passkeys")
    dora.write(Name_of_this_passkey="My phone")
    dora.press("Add it")
    dora.sees("This needs scripts in your browser")
