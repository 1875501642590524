"""A posted form is typed in by keyboard alone, from the first field that has the focus to the receipt and the answers."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from tests.program.test_plan_sessions import add, plan
from tests.questions.test_questions import K, ask
from tests.registration import build


def _stock(site: Any) -> str:
    """A show with tickets, parking, a class, a code for it and a question. Returns its slug."""
    with site.rows():
        world = site.world()
        with transaction() as db_session:
            build.ticket_type(db_session, world.show(), "Weekend pass")
            build.ticket_type(db_session, world.show(), "Child", price=0)
            build.ticket_type(db_session, world.show(), "Parking", price=500, is_admission=False)
            half = VoucherValues(effect=Effect.PERCENT, value=50, scope_kind="seat", code="HALF")
            make_vouchers(db_session, event=world.show(), values=half, by=Actor.command("test"), now=utcnow())
        add(world, plan(world, needs_sign_up=True, capacity=9, kit_fee_minor=1000))
        ask(world, "Which dish?", K.ONE_OF, options=("Beef", "Vegan"), is_required=True)
        return str(world.slug)


def _type_form(page: Page) -> None:
    """A family of three with a class and two parking tickets, paid by check."""
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
    page.get_by_label("Line 1: what").focus()
    keys.type("Bricks")
    for _ in range(3):  # how many, for whom, the next line
        keys.press("Tab")
    keys.type("Parking")
    keys.press("Tab")
    keys.type("2")
    page.get_by_label("Discount code").focus()
    keys.type("half")
    page.get_by_label("Sum that came with it").focus()
    keys.type("63")
    keys.press("Tab")
    keys.type("1047")
    keys.press("Enter")


def test_a_posted_form_is_entered_by_keyboard_alone(site: Any, page: Page, sign_in: Any, axe: Any) -> None:
    slug = _stock(site)
    sign_in("olga")
    page.goto(f"/manage/shows/{slug}/posted-forms")
    axe.everywhere(page)
    keys = page.keyboard
    _type_form(page)
    expect(page.get_by_text(re.compile("Order .* of Walter Weiss"))).to_be_visible()
    expect(page.get_by_text("$63.00 in all, $63.00 paid so far.")).to_be_visible()
    expect(page.get_by_text("Confirmed").first).to_be_visible()
    expect(page.get_by_label("Name (required)", exact=True)).to_be_focused()
    page.get_by_role("link", name="Receipt on paper").click()
    expect(page.get_by_text("Wilma Weiss").or_(page.get_by_text("Walter Weiss")).first).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Fill in the answers").click()
    expect(page.get_by_role("heading", level=1, name=re.compile("^Answers of order"))).to_be_visible()
    axe.everywhere(page)
    for number in range(3):
        page.get_by_label("Vegan").nth(number).focus()
        keys.press("Space")
    keys.press("Enter")
    expect(page.get_by_text("The answers are saved.")).to_be_visible()
    expect(page.get_by_text("still missing")).to_have_count(0)
    page.goto(f"/manage/shows/{slug}/posted-forms")
    expect(page.get_by_label("Name (required)", exact=True)).to_be_focused()
    keys.type("walter weiss")
    keys.press("Enter")
    expect(page.get_by_text("Was this form entered before?")).to_be_visible()
    axe.everywhere(page)
