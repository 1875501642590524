"""Wants for forty things, chosen by keyboard alone: ticked once, ranked, copied to the other thirty-nine."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from swapmeet.infra.db import db
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.models import Phase
from tests.browser.test_journey_keyboard import tab_to
from tests.trades.rounds.swap import open_round, put_in, switch


def test_wants_for_forty_things_are_chosen_by_keyboard_alone(
    site: Any, page: Page, sign_in: Callable[[str], None], axe: Any
) -> None:
    world = site.world()
    with site.rows():
        round_id = open_round(world)
        mine = put_in(world, round_id, "tess", [f"Chair {number}" for number in range(40)], 1000)
        theirs = put_in(world, round_id, "tom", ["Hay wagon", "Loco", "Lamp"], 1000)
        switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    sign_in("tess")
    page.goto(f"{site.url}/shows/{world.slug}/rounds/{round_id}/mine")
    tab_to(page, f"a[href$='/wants/{mine[0]}']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you take for it?")
    for target in theirs:
        tab_to(page, f"#target-{target}")
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 wants are added.")).to_be_visible()
    tab_to(page, "button[aria-label='Like less: Hay wagon']")
    page.keyboard.press("Enter")
    tab_to(page, "form[action$='/order'] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your wants are saved.")).to_be_visible()
    axe.everywhere(page)
    tab_to(page, "form[action$='/order'] + details > summary")
    page.keyboard.press("Enter")
    for entry in mine[1:]:
        tab_to(page, f"#copy-{entry}")
        page.keyboard.press("Space")
    tab_to(page, "form[action$='/copies'] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied: 117 wants are new.")).to_be_visible()
    with site.rows():
        liked = {tuple(want.target_id for want in queries.list_wants(db.session(), entry_id=entry)) for entry in mine}
    assert liked == {(theirs[1], theirs[0], theirs[2])}
