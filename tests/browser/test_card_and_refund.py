"""A card is paid on the provider's page and the way back is lost; later one ticket and then the rest go back, half by the policy."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from tests.registration import build
from tests.support.site import Site
from tests.support.stripe_fake import KEY, SECRET, StripeFake


@pytest.fixture
def fake() -> Iterator[StripeFake]:
    found = StripeFake()
    yield found
    found.close()


@pytest.fixture
def card_site(tmp_path: Path, fake: StripeFake) -> Iterator[Site]:
    """A site of its own that takes cards at the stand-in."""
    site = Site(tmp_path, stripe_key=KEY, stripe_webhook_secret=SECRET, stripe_address=fake.url)
    yield site
    site.close()


def send(site: Site, message: tuple[bytes, str]) -> None:
    content, signature = message
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    with urlopen(Request(f"{site.url}/webhooks/stripe", content, headers)) as answer:
        assert answer.status == 200


def give_one_back(page: Page, name: str, axe: Any) -> None:
    """One of the two tickets, from the page of the order and back to it."""
    page.get_by_role("link", name="Give back a part of it").click()
    axe.check(page)
    page.get_by_label(re.compile(name)).check()
    page.get_by_role("button", name="Show me the sum").click()
    expect(page.get_by_text("You get back")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("Refund of $20.00")).to_be_visible()
    expect(page.get_by_role("heading", name="Given up")).to_be_visible()


def test_a_card_payment_with_a_lost_return_page_and_half_of_it_back_by_the_policy(
    card_site: Site, fake: StripeFake, new_context: Any, axe: Any
) -> None:
    with card_site.rows():
        world = card_site.world()
        with transaction() as db_session:
            event = world.show()
            event.first_day = event.last_day = event.opens_from = utcnow().date() + timedelta(days=30)
            kind_id, slug = build.ticket_type(db_session, event, "Weekend pass", price=4000).id, event.slug
    page: Page = new_context(base_url=card_site.url).new_page()
    page.goto(f"/shows/{slug}")
    page.locator(f"[name=ticket-{kind_id}]").fill("2")
    page.get_by_role("button", name=re.compile("cart|Continue", re.I)).first.click()
    page.goto(f"/shows/{slug}/checkout")
    page.get_by_label("Your name").fill("Cara Card")
    page.get_by_label("Your e-mail address").fill("cara@example.org")
    for number, name in enumerate(("Cara Card", "Carl Card")):
        page.get_by_label(re.compile("Name on")).nth(number).fill(name)
    page.get_by_label(re.compile("card", re.I)).first.check()
    page.get_by_role("button", name=re.compile("Place the order")).click()
    order_url = page.url
    page.get_by_role("button", name=re.compile(r"Pay \$80\.00 by card")).click()
    expect(page.get_by_role("heading", name="Pay 8000 usd")).to_be_visible()
    session = fake.pay(next(iter(fake.sessions)))  # and the browser is closed: nobody comes back by the return page
    page.goto(order_url)
    expect(page.get_by_text("All set")).to_have_count(0)
    send(card_site, fake.message("checkout.session.completed", session))
    page.goto(order_url)
    expect(page.get_by_text("All set")).to_be_visible()
    axe.check(page)

    give_one_back(page, "Carl Card", axe)

    page.get_by_role("link", name="Cancel this order").click()
    expect(page.get_by_text("50 % comes back")).to_be_visible()
    expect(page.get_by_text(re.compile(r"You get back"))).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.get_by_text("Refund of $20.00")).to_have_count(2)
    team_context = new_context(base_url=card_site.url)
    card_site.sign_in(team_context, "trudy")
    team = team_context.new_page()
    team.goto(f"/manage/shows/{slug}/refunds")
    expect(team.get_by_text("$20.00").first).to_be_visible()
    for action in [each.get_attribute("formaction") for each in team.get_by_role("button", name="card").all()]:
        team.locator(f'[formaction="{action}"]').click()  # each its own: a refund stands there until it is settled
    for _ in range(100):  # the worker asks the provider
        if len(fake.refunds) == 2:
            break
        team.wait_for_timeout(200)
    assert [each["amount"] for each in fake.refunds.values()] == [2000, 2000]
    team.goto(f"/manage/shows/{slug}/money")
    axe.check(team)
