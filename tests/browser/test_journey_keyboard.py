"""By keyboard alone: tables are bought, the focus is always seen, the first stop skips to the page, Escape closes what opened."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.demo_site import DemoSite
from tests.support.journey import NewContext, Visitor

MOST_STOPS = 150

# Does the element that has the focus show it: an outline, a shadow, or a drawn table with a thicker edge?
IS_SEEN = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return true;
  const shown = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  const around = each.closest('.pick, .stepper, .form-check') ?? each;
  const rect = each.querySelector(':scope > rect');
  return [getComputedStyle(each), getComputedStyle(each, '::after'), getComputedStyle(around)].some(shown)
    || (rect !== null && parseFloat(getComputedStyle(rect).strokeWidth) >= 3);
}"""
WHO = "() => document.activeElement.outerHTML.slice(0, 160)"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never came to {selector} on {page.url}")


@pytest.fixture
def vic(demo_site: DemoSite, new_context: NewContext) -> Visitor:
    """A guest who buys, on a site that others look at."""
    return Visitor(new_context(base_url=demo_site.url).new_page(), demo_site.server, "Vera Vendor")


def test_tables_are_bought_by_keyboard_alone(vic: Visitor, demo_site: DemoSite) -> None:
    page = vic.page
    page.goto(demo_site.page)
    tab_to(page, ".tabs a[href$='/tables']")
    page.keyboard.press("Enter")
    vic.sees_title("Choose your tables")
    tab_to(page, ".place")
    first = page.evaluate("() => document.activeElement.dataset.place")
    page.keyboard.press("Enter")
    expect(page.locator(f"#place-{first}")).to_have_class(re.compile("is-mine"))
    step_to_a_free_table(page)
    page.keyboard.press("Space")
    expect(page.locator("[data-continue]")).to_have_text(re.compile("^Continue with 2 tables"))
    tab_to(page, "[data-continue]")
    page.keyboard.press("Enter")
    vic.sees_title("Your cart")
    tab_to(page, "a[href$='/checkout']")
    page.keyboard.press("Enter")
    vic.sees_title("Checkout")
    fill_in(page, {"buyer_name": vic.name, "buyer_email": vic.address, "vendor": "Vera's Trains", "sells": "Trains"})
    tab_to(page, "input[name=method]")
    page.keyboard.press("Space")
    tab_to(page, "form#checkout button[type=submit]:not([name])")
    page.keyboard.press("Enter")
    vic.sees("Your order", "Waiting for payment", "Table ")


def step_to_a_free_table(page: Page) -> None:
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        if page.evaluate("() => document.activeElement.matches('.place.is-free')"):
            return
        if page.evaluate("() => document.activeElement.dataset.place") == page.evaluate(
            "() => [...document.querySelectorAll('.place')].pop().dataset.place"
        ):
            page.keyboard.press("ArrowDown")
    raise AssertionError("the arrows found no free table")


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Tab through the form and type into each wanted field, in the form's own order."""
    left = dict(values)
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        name = page.evaluate("() => document.activeElement.name ?? ''")
        wanted = next((key for key in left if name == key or name.endswith(f"-{key}")), None)
        if wanted is not None:
            page.keyboard.type(left.pop(wanted))
        if not left:
            return
    raise AssertionError(f"no stop for {sorted(left)}")


@pytest.mark.parametrize(
    ("viewer", "part"),
    [
        ("visitor", "/"),
        ("visitor", "{page}"),
        ("visitor", "{page}/tables"),
        ("visitor", "{page}/trades"),
        ("visitor", "/sign-in"),
        ("attendee", "/me"),
        ("organizer", "{desk}"),
        ("organizer", "{desk}/tables"),
        ("organizer", "{desk}/details"),
    ],
)
def test_the_focus_is_always_seen(viewer: str, part: str, demo_site: DemoSite, new_context: NewContext) -> None:
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, viewer)
    page = context.new_page()
    page.goto(part.format(page=demo_site.page, desk=demo_site.desk))
    unseen = []
    for _ in range(45):
        page.keyboard.press("Tab")
        if not page.evaluate(IS_SEEN):
            unseen.append(page.evaluate(WHO))
    assert unseen == []


def test_the_first_stop_skips_to_the_page(vic: Visitor, demo_site: DemoSite) -> None:
    page = vic.page
    page.goto(demo_site.page)
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_escape_closes_a_dialog_and_the_focus_goes_back(demo_site: DemoSite, new_context: NewContext) -> None:
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "organizer")
    page = context.new_page()
    page.goto("/me")
    tab_to(page, ".confirm > summary")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("^Leave the team"))
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Keep as it is")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".confirm > summary")).to_be_focused()


def test_escape_closes_the_menu_of_the_account(demo_site: DemoSite, new_context: NewContext) -> None:
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "attendee")
    page = context.new_page()
    page.goto("/")
    tab_to(page, "details.account > summary")
    page.keyboard.press("Enter")
    expect(page.locator(".account-menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".account-menu")).to_be_hidden()
