"""axe finds nothing on any page: light and dark, 1280 and 390 pixels wide; nothing is wider than the screen, zoomed, or the paper."""

import re

import pytest
from playwright.sync_api import expect

from swapmeet.infra.clock import SystemClock
from tests.support import journey
from tests.support.browser import SCHEMES, Accessibility
from tests.support.demo_site import VIEWERS, DemoSite
from tests.support.journey import NewContext, Visitor
from tests.support.layout import NARROW, misfits


@pytest.mark.parametrize("viewer", VIEWERS)
def test_axe_finds_nothing_on_the_pages_of_and_they_fit(
    viewer: str, demo_site: DemoSite, new_context: NewContext, axe: Accessibility
) -> None:
    """Every page that links lead to, once; all faults are told together. Of the organizer's, one is light and the next dark."""
    context = new_context(base_url=demo_site.url, viewport=NARROW)
    demo_site.sign_in(context, viewer)
    page, faults = context.new_page(), []
    for turn, address in enumerate(demo_site.pages()[viewer]):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        faults += misfits(page, turn)
        try:
            axe.by_turns(page, turn, schemes=[SCHEMES[turn // 2 % 2]] if viewer == "organizer" else SCHEMES)
        except AssertionError as fault:
            faults.append(str(fault))
        page.set_viewport_size(NARROW)
    assert faults == [], "\n".join(faults)


def test_axe_finds_nothing_from_the_cart_to_the_receipt(
    demo_site: DemoSite, new_context: NewContext, axe: Accessibility
) -> None:
    """Empty and full cart, the checkout with and without faults, the order in each state, its names, its receipt."""
    buyer = Visitor(new_context(base_url=demo_site.url).new_page(), demo_site.server, "Bess Buyer")
    page = buyer.page
    page.goto(f"{demo_site.page}/cart")
    axe.everywhere(page)
    page.goto(demo_site.page)
    page.get_by_role("spinbutton", name="Adult, both days, how many", exact=True).fill("2")
    buyer.press("Continue")
    journey.to_checkout(buyer)
    axe.everywhere(page)
    page.get_by_role("button", name=re.compile("^Place the order")).click()
    buyer.sees("Please look at this again")
    axe.everywhere(page)
    page.goto(f"{demo_site.page}/cart")
    axe.everywhere(page)
    buyer.follow("Continue to checkout")
    buyer.write(Your_name=buyer.name, **{"Your e-mail address": buyer.address})
    for name in page.locator("input[name*='-name-']").all():
        name.fill(buyer.name)
    page.get_by_label("At the door").check()
    page.get_by_role("button", name=re.compile("^Place the order")).click()
    buyer.sees("Your order", "Waiting for payment")
    axe.everywhere(page)
    order = page.url
    for part in ("names", "receipt", "cancellation"):
        page.goto(f"{order}/{part}")
        axe.everywhere(page)


def test_axe_finds_nothing_on_refusals(demo_site: DemoSite, new_context: NewContext, axe: Accessibility) -> None:
    """Not found, a dead link, no right, forms with faults."""
    page = new_context(base_url=demo_site.url).new_page()
    for address in ("/nowhere", "/confirm/dead", "/recover/dead", "/invitations/dead", demo_site.desk):
        page.goto(address)
        axe.everywhere(page)
    for address, button in (("/register", "Open the account"), ("/sign-in", "Sign in"), ("/recover", "Send")):
        page.goto(address)
        page.locator("main").get_by_role("button", name=re.compile(f"^{button}")).first.click()
        expect(page.locator(".is-invalid, [aria-invalid]").first).to_be_visible()
        axe.everywhere(page)


def test_axe_finds_nothing_on_forms_with_faults(
    demo_site: DemoSite, new_context: NewContext, axe: Accessibility
) -> None:
    """The organizer's longest forms, sent empty or with nonsense."""
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "organizer")
    page = context.new_page()
    for address in ("/manage/organizers/new", f"{demo_site.desk}/program/new", f"{demo_site.desk}/tickets/new"):
        page.goto(address)
        page.locator("main form button[type=submit]").last.click()
        expect(page.locator(".error-summary")).to_be_visible()
        axe.everywhere(page)


def test_axe_finds_nothing_while_a_show_is_made(
    demo_site: DemoSite, new_context: NewContext, axe: Accessibility
) -> None:
    """The preview of a file in order and of a broken one, the draft, what is missing, a piece of news."""
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "organizer")
    olga = Visitor(context.new_page(), demo_site.server, "Olga Owens")
    show = journey.a_show(SystemClock().now().date())
    journey.preview_import(olga, show, raw={**show.raw, "currency": "nonsense", "venue": {}})
    olga.sees("Problems")
    axe.everywhere(olga.page)
    journey.preview_import(olga, show)
    axe.everywhere(olga.page)
    olga.press("Import as a draft")
    axe.everywhere(olga.page)
    olga.follow("Publish")
    axe.everywhere(olga.page)
    olga.page.goto(f"{demo_site.desk}/news")
    olga.write(Headline="Free parking", Text="Behind the hall.")
    olga.page.locator("main form button[type=submit]").last.click()
    olga.follow("Change: Free parking")
    axe.everywhere(olga.page)


def test_axe_finds_nothing_on_ones_own_listing(
    demo_site: DemoSite, new_context: NewContext, axe: Accessibility
) -> None:
    """The draft, its photos, the listing as its owner sees it, the form again."""
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "trader")
    tess = Visitor(context.new_page(), demo_site.server, "Tess Tolbert")
    address = journey.list_item(tess, demo_site, "Tin stable with two horses", photo=journey.a_photo())
    for part in ("", "/edit", "/photos"):
        tess.page.goto(address + part)
        axe.everywhere(tess.page)


def test_axe_finds_nothing_at_the_door(demo_site: DemoSite, new_context: NewContext, axe: Accessibility) -> None:
    """Not today, let in, already in, unknown, found by name."""
    context = new_context(base_url=demo_site.url)
    demo_site.sign_in(context, "door")
    dora = Visitor(context.new_page(), demo_site.server, "Dora Doyle")
    code, name = demo_site.a_badge()
    journey.scan(dora, demo_site, code, "Not valid today")
    axe.everywhere(dora.page)
    demo_site.server.set_clock(demo_site.noon)
    try:
        for typed, answer in ((code, f"In: {name}"), (code, "Already in at"), ("nobody like this", "Nobody found")):
            journey.scan(dora, demo_site, typed, answer)
            axe.everywhere(dora.page)
        dora.page.goto(f"{demo_site.desk}/door")
        dora.field("Scan or type").fill(name.split()[-1])
        dora.press("Go")
        dora.sees(name)
        axe.everywhere(dora.page)
    finally:
        demo_site.server.set_clock(None)
