"""A family of five, one of them too young to come alone; and one of their tickets goes to somebody else for good."""

import re
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from swapmeet.badges.models import Attendee, BadgeState
from swapmeet.infra.uow import transaction
from swapmeet.registration.models import TicketAge
from tests.registration import build

PEOPLE = (("Dora Day", ""), ("Dan Day", ""), ("Sue Day", "17"), ("Tim Day", "12"), ("Uma Day", "16"))


def test_a_family_of_five_and_a_ticket_that_changes_hands(site: Any, page: Page, new_context: Any, axe: Any) -> None:
    with site.rows():
        world = site.world()
        with transaction() as db_session:
            show = world.show()
            adult = build.ticket_type(db_session, show, "Adult", price=0).id
            youth = build.ticket_type(db_session, show, "Youth", price=0, min_age=6).id
            db_session.add(TicketAge(ticket_type_id=youth, event_id=show.id, max_age=17, guardian_below=16))
        slug = world.slug
    page.goto(f"/shows/{slug}")
    page.locator(f"[name=ticket-{adult}]").fill("2")
    page.locator(f"[name=ticket-{youth}]").fill("3")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Dora Day")
    page.get_by_label("Your e-mail address").fill("dora@example.org")
    names, ages = page.get_by_label(re.compile("^Name on")), page.get_by_label(re.compile("^Age of badge"))
    for number, (name, age) in enumerate(PEOPLE):
        names.nth(number).fill(name)
        if age:
            ages.nth(number - 2).fill(age)
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text(re.compile("Tim Day is 12: write the name of an adult")).first).to_be_visible()
    axe.check(page)
    page.get_by_label(re.compile("^Adult in this order.*badge 2")).fill("Dan Day")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_text("All set")).to_be_visible()
    for name, _ in PEOPLE:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    order_url = page.url

    page.get_by_role("link", name="Send or pass on this ticket of Dan Day").click()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_text(re.compile(r"/transfers/\d+/")).first.inner_text().strip()
    other = new_context().new_page()
    other.goto(link)
    axe.check(other)
    other.get_by_label("Name").fill("Cy Young")
    other.get_by_label("Your e-mail address").fill("cy@example.org")
    other.get_by_role("button", name="Take the ticket").click()
    expect(other.get_by_role("heading", level=1, name="Your ticket")).to_be_visible()
    expect(other.get_by_text("Cy Young").first).to_be_visible()
    page.goto(order_url)
    expect(page.get_by_text("was passed on to Cy Young")).to_be_visible()
    page.goto(link)
    expect(page.get_by_text("Somebody has taken this ticket already")).to_be_visible()
    with site.rows(), transaction() as db_session:
        cy = db_session.scalars(select(Attendee).where(Attendee.name == "Cy Young")).one()
        assert [badge.state for badge in cy.badges] == [BadgeState.VOID, BadgeState.ISSUED], (
            "the old code opens no door"
        )
