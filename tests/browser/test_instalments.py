"""A ticket paid over three dates: the organizer sets the days, the buyer chooses, the treasurer records part after part."""

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from tests.registration import build


def test_an_instalment_plan_over_three_dates(site: Any, page: Page, new_context: Any, axe: Any) -> None:
    with site.rows():
        world = site.world()
        with transaction() as db_session:
            kind_id = build.ticket_type(db_session, world.show(), "Convention pass", price=30000).id
        slug = world.slug
        days = [(utcnow() + timedelta(days=after)).date().isoformat() for after in (30, 60)]
    team_context = new_context()
    site.sign_in(team_context, "olga")
    team = team_context.new_page()
    team.goto(f"/manage/shows/{slug}/tickets")
    team.get_by_role("link", name="Paying in parts").click()
    for number, day in enumerate(days, 1):
        team.get_by_label(f"Later part {number}, in percent").fill("30")
        team.get_by_label(f"Later part {number} is due by").fill(day)
    team.get_by_role("button", name="Save").click()
    expect(team.get_by_text("Orders that are placed already")).to_be_visible()
    axe.check(team)

    page.goto(f"/shows/{slug}")
    page.locator(f"[name=ticket-{kind_id}]").fill("1")
    page.get_by_role("button", name=re.compile("cart|Continue", re.I)).first.click()
    page.goto(f"/shows/{slug}/checkout")
    page.get_by_label("Your name").fill("Ina Inst")
    page.get_by_label("Your e-mail address").fill("ina@example.org")
    page.get_by_label("Name on the badge").fill("Ina Inst")
    page.get_by_label("Check", exact=False).first.check()
    page.get_by_label(re.compile(r"^In 3 parts: \$120\.00 by .*, then \$90\.00 by .*, then \$90\.00 by")).check()
    axe.check(page)
    page.get_by_role("button", name=re.compile("Place the order")).click()
    expect(page.get_by_text(re.compile(r"^Pay \$120\.00 by"))).to_be_visible()
    order_url = page.url
    code = order_url.split("/orders/")[1].split("/")[0]
    for paid, then in (("120", r"Pay \$90\.00 by"), ("90", r"Pay \$90\.00 by"), ("90", "All set")):
        team.goto(f"/manage/shows/{slug}/orders/{code}/payments")
        team.get_by_label("Amount").fill(paid)
        team.get_by_role("button", name=re.compile("Record", re.I)).click()
        expect(team.get_by_text("The payment is recorded.")).to_be_visible()
        page.goto(order_url)
        expect(page.get_by_text(re.compile(then)).first).to_be_visible()
    expect(page.get_by_text("Ina Inst").first).to_be_visible()
