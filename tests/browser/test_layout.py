"""Every page fits: 320 pixels wide, 200 % zoom (640), on paper; controls are large enough for a thumb; bars cover nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.demo_site import VIEWERS, DemoSite
from tests.support.journey import NewContext, Visitor

A4 = {"width": 688, "height": 971}  # pixels between the margins
PHONE = {"width": 390, "height": 844}

# What sticks out to the right, innermost first, without what scrolls or is clipped by itself.
TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > edge + 1)
    .slice(-3).map((each) => each.outerHTML.slice(0, 160)).concat([`${document.documentElement.scrollWidth} > ${edge}`]);
}"""

# Controls less than 44 pixels high. What is hidden for the eye has no size to check.
TOO_SMALL = """() => [...document.querySelectorAll('.btn:not(.btn-small), .form-control, .form-select, .tabs a, .side a, .stepper button')]
  .filter((each) => each.checkVisibility() && !each.closest('.visually-hidden'))
  .filter((each) => each.getBoundingClientRect().height < 43.5).slice(0, 5).map((each) => each.outerHTML.slice(0, 160))"""

# Fixed bars: more than one on the screen, or the end of the page below one.
COVERED = """() => {
  window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
  const isFixed = (each) => each.checkVisibility() && getComputedStyle(each).position === 'fixed';
  const bars = [...document.querySelectorAll('.action-bar')].filter(isFixed);
  const end = [...document.querySelectorAll('.foot a, .foot button')].pop().getBoundingClientRect().bottom;
  const covered = bars.filter((each) => each.getBoundingClientRect().top < end);
  return (bars.length > 1 ? bars : covered).map((each) => each.outerHTML.slice(0, 200));
}"""

ON_PAPER = """() => [...document.querySelectorAll('.btn, .top, .foot, .side, .tabs, .action-bar')]
  .filter((each) => each.checkVisibility()).slice(0, 3).map((each) => each.outerHTML.slice(0, 160))"""


def look(page: Page, script: str, what: str) -> list[str]:
    return [f"{page.url} {what}: {fault}" for fault in page.evaluate(script)]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_pages_fit_small_screens_zoom_and_paper(viewer: str, demo_site: DemoSite, new_context: NewContext) -> None:
    context = new_context(base_url=demo_site.url, viewport=PHONE)
    demo_site.sign_in(context, viewer)
    page, faults = context.new_page(), list[str]()
    for address in demo_site.pages()[viewer]:
        page.goto(address)
        faults += look(page, TOO_SMALL, "too small for a thumb")
        faults += look(page, COVERED, "covered by a bar")
        for width in (320, 640):
            page.set_viewport_size({"width": width, "height": 800})
            faults += look(page, TOO_WIDE, f"at {width} px")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": A4["width"], "height": A4["height"]})
        faults += look(page, TOO_WIDE, "on paper")
        faults += look(page, ON_PAPER, "has buttons on paper")
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    assert faults == [], "\n".join(faults)


@pytest.fixture
def paper(demo_site: DemoSite, new_context: NewContext) -> Callable[..., Visitor]:
    """`paper("organizer", "/address")`: the page as the printer gets it."""

    def show(viewer: str, address: str, **browser: Any) -> Visitor:
        context = new_context(base_url=demo_site.url, viewport=A4, **browser)
        demo_site.sign_in(context, viewer)
        page = context.new_page()
        page.emulate_media(media="print")
        page.goto(address)
        return Visitor(page, demo_site.server, viewer)

    return show


def test_the_program_prints_its_sessions(paper: Callable[..., Visitor], demo_site: DemoSite) -> None:
    reader = paper("visitor", f"{demo_site.page}/program")
    reader.sees_title("Program")
    expect(reader.page.locator(".timeline li").first).to_be_visible()


def test_the_plan_prints_whole(paper: Callable[..., Visitor], demo_site: DemoSite) -> None:
    for viewer, address in (("visitor", f"{demo_site.page}/tables"), ("organizer", f"{demo_site.desk}/tables")):
        frame = paper(viewer, address).page.locator(".plan-frame").first
        cut = frame.evaluate("(each) => each.scrollWidth - each.clientWidth + each.scrollHeight - each.clientHeight")
        assert cut <= 2, address


def test_tickets_print_with_their_codes(paper: Callable[..., Visitor], demo_site: DemoSite) -> None:
    tickets = paper("attendee", "/me/tickets").page.locator(".ticket")
    assert tickets.count() > 0
    for ticket in tickets.all()[:3]:
        box = ticket.locator(".qr svg").bounding_box()
        assert box is not None and box["width"] >= 90, "an inch at least, or scanners fail"


def test_the_list_of_attendees_prints_on_white(paper: Callable[..., Visitor], demo_site: DemoSite) -> None:
    lists = paper("organizer", f"{demo_site.desk}/attendees/print", color_scheme="dark").page
    expect(lists.locator("main tr").nth(3)).to_be_visible()
    assert lists.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    ink = lists.locator("main tr td").first.evaluate("(each) => getComputedStyle(each).color")
    assert sum(int(part) for part in ink[4:-1].split(",")[:3]) < 250, ink
