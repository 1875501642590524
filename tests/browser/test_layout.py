"""Pages on paper: the program, the plan, tickets and lists. That every page fits is looked at in test_accessibility.py."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.demo_site import DemoSite
from tests.support.journey import NewContext, Visitor
from tests.support.layout import A4


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
