"""A whole round in the browser: forty people, three hundred things, from its list to the day it is closed.

Somebody does not come, something arrives broken, somebody else collects, and one thing is not as described. People and most
of their steps are built by services; each kind of step is taken on its page once.
"""

import random
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import desk_queries, doctor, hand_queries, queries, rules
from swapmeet.trades.rounds.desk_models import IntakeState
from swapmeet.trades.rounds.labels import label_of_thing
from swapmeet.trades.rounds.models import Phase
from swapmeet.trades.rounds.services import entering, handing, receiving, wanting
from tests import factories
from tests.browser.test_journey_keyboard import tab_to
from tests.trades.rounds.swap import BY, phase_of, who_gets

PEOPLE = 38  # beside Tess and Tom
THINGS = 260  # beside Tess' forty
LONG_MS = 90_000


class Round:
    """The round of this test with the rows that services write into it."""

    def __init__(self, site: Any, round_id: int) -> None:
        self.site, self.world, self.id = site, site.world(), round_id
        self.chance = random.Random(40)

    def fill(self) -> None:
        """Thirty-nine people with 260 things, no two with the same title."""
        with self.site.rows(), transaction() as db_session:
            round_ = queries.get_round(db_session, self.id, event_id=self.world.event_id)
            people = [self.world.ids["tom"], *(factories.person(db_session, f"Pat {n}").id for n in range(PEOPLE))]
            for place, person_id in enumerate(people):
                count = THINGS // len(people) + (place < THINGS % len(people))
                things = [rules.Thing(f"Thing {place}-{n}", "furniture", "1-12", "good", 1000) for n in range(count)]
                entering.enter_lines(db_session, round_=round_, person_id=person_id, things=things, by=BY, now=utcnow())

    def choose(self) -> None:
        """Five wants for each thing but Tess'; the first of each person likes one of hers."""
        with self.site.rows(), transaction() as db_session:
            round_ = queries.get_round(db_session, self.id, event_id=self.world.event_id)
            entries = [row.entry for row in desk_queries.list_arrivals(db_session, round_id=self.id)]
            tess = queries.find_member(db_session, round_id=self.id, person_id=self.world.ids["tess"])
            assert tess is not None and len(entries) == 300
            for entry in entries:
                if entry.member_id != tess.id:
                    others = [row.id for row in entries if row.member_id != entry.member_id]
                    chosen = self.chance.sample(others, 5)
                    wanting.add_wants(db_session, round_=round_, entry=entry, target_ids=chosen, by=BY, now=utcnow())

    def bring_all_but(self, *numbers: int) -> None:
        """Everybody's lists are ticked, but those of these traders."""
        with self.site.rows(), transaction() as db_session:
            round_ = queries.get_round(db_session, self.id, event_id=self.world.event_id)
            rows = desk_queries.list_arrivals(db_session, round_id=self.id)
            fresh = [
                row.entry
                for row in rows
                if row.entry.member.number not in numbers and row.state is IntakeState.EXPECTED
            ]
            receiving.take_in_list(db_session, round_=round_, entries=fresh, by=BY, now=utcnow())

    def collect_all(self) -> None:
        """Everybody who still has to collects."""
        with self.site.rows(), transaction() as db_session:
            round_ = queries.get_round(db_session, self.id, event_id=self.world.event_id)
            for state in hand_queries.list_box_states(db_session, round_id=self.id):
                ids, back = [row.id for row in state.rows], [entry.id for entry, _intake in state.backs]
                handing.hand_over(
                    db_session,
                    round_=round_,
                    member=state.member,
                    ids=ids,
                    back=back,
                    to=state.member.person.name,
                    by=BY,
                    now=utcnow(),
                )

    def number_of(self, key: str) -> int:
        with self.site.rows():
            member = queries.find_member(db.session(), round_id=self.id, person_id=self.world.ids[key])
            assert member is not None
            return member.number


def _go_on(page: Page, manage: str, label: str) -> None:
    page.goto(manage)
    page.get_by_role("button", name=f"Go on to “{label}”").click()
    expect(page.get_by_text(f"The round is at “{label}” now.")).to_be_visible()


def _run_and_publish(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="What came out")).to_be_visible(timeout=LONG_MS)
    page.get_by_text("Publish this result", exact=True).first.click()
    page.locator("form[action$='/publication'] button[type=submit]").click()
    expect(page.get_by_text("The result is out. Everybody with a thing")).to_be_visible(timeout=LONG_MS)


def _scan(page: Page, desk: str, code: str) -> None:
    page.goto(desk)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def _wants_by_keyboard(page: Page, mine: str) -> None:
    """Five wants for one thing, and the same for the other thirty-nine, without a mouse."""
    page.goto(mine)
    tab_to(page, "a[href*='/wants/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What would you take for it?")
    boxes = page.locator("input[name=targets]")
    for place in range(0, 50, 10):
        tab_to(page, f"#{boxes.nth(place).get_attribute('id')}")
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("5 wants are added.")).to_be_visible()
    tab_to(page, "form[action$='/order'] + details > summary")
    page.keyboard.press("Enter")
    for copy in page.locator("input[name=entries]").all():
        tab_to(page, f"#{copy.get_attribute('id')}")
        page.keyboard.press("Space")
    tab_to(page, "form[action$='/copies'] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Copied: 195 wants are new.")).to_be_visible()


def _come_to_wants(site: Any, page: Page, tess: Page) -> tuple[Round, str, str]:
    """Olga opens the round, forty people fill it, Tess pastes her list and chooses by keyboard. (round, its pages)"""
    world = site.world()
    page.goto(f"{site.url}/manage/shows/{world.slug}/rounds")
    page.get_by_label("Name of the round").fill("The big swap")
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_text("The round is open; things can enter.")).to_be_visible()
    manage = page.url
    round_ = Round(site, int(manage.rpartition("/")[2]))
    shown = f"{site.url}/shows/{world.slug}/rounds/{round_.id}"
    round_.fill()
    tess.goto(f"{shown}/mine")
    lines = [f"Chair number {number}, Furniture, 1:12, Good, 10.00" for number in range(40)]
    tess.get_by_label("Your list").fill("\n".join(lines))
    tess.get_by_label("All of it is mine to trade").check()
    tess.get_by_role("button", name="Put this list in").click()
    expect(tess.get_by_text("Your things are in the round.")).to_be_visible()
    for label in ("List is fixed", "Choose wants"):
        _go_on(page, manage, label)
    round_.choose()
    _wants_by_keyboard(tess, f"{shown}/mine")
    return round_, manage, shown


def _drop_off(round_: Round, page: Page, tess: Page, manage: str, shown: str) -> str:
    """Tess sends her uncle, Tom's first thing arrives broken, trader 5 does not come. Returns the uncle's code."""
    tess.goto(f"{shown}/mine")
    tess.get_by_role("link", name="Somebody else comes for me").click()
    tess.get_by_label("Name").fill("Uncle Ted")
    tess.get_by_role("button", name="Make a code for them").click()
    code = tess.locator(".copy-code code").inner_text()
    desk = f"{manage}/drop-off"
    _scan(page, desk, code)
    expect(page.get_by_role("heading", level=2, name="Tess Trader, trader")).to_be_visible()
    for box in page.locator("input[name=entries]").all():
        box.check()
    page.get_by_role("button", name="Take in what is ticked").click()
    expect(page.get_by_text("40 things are in.")).to_be_visible()
    _scan(page, desk, label_of_thing(round_.id, 1))
    page.get_by_label("Damaged: not accepted").check()
    page.get_by_label("What is wrong with it?").fill("A leg is broken.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is not accepted. Give it back")).to_be_visible()
    _scan(page, desk, "2")
    expect(page.get_by_role("button", name="Take it in")).to_be_focused()
    page.keyboard.press("Enter")  # as described
    expect(page.get_by_text("#2 Thing 0-1 is in.")).to_be_visible()
    round_.bring_all_but(5)
    page.reload()
    expect(page.get_by_role("table", name="Traders and their things")).to_be_visible()
    return code


def _complain_and_rule(page: Page, tom: Page, manage: str, shown: str, axe: Any) -> None:
    """Tom says what is not right; the host reads it and warns the giver; Tom reads why."""
    tom.goto(f"{shown}/my-trades")
    tom.get_by_role("link", name="Something is not right").first.click()
    tom.get_by_label("It is not as described").check()
    tom.get_by_label("Tell the hosts about it").fill("The drawers do not open.")
    tom.get_by_role("button", name="Tell the hosts").click()
    expect(tom.get_by_text("The hosts and the other side have been told.")).to_be_visible()
    page.goto(f"{manage}/disputes")
    axe.check(page)
    page.get_by_text("Rule on it", exact=True).click()
    page.get_by_label("A warning to the giver").check()
    page.get_by_label("Why? Both sides read it").fill("Say so in the list next time.")
    page.get_by_role("button", name="Rule", exact=True).click()
    expect(page.get_by_text("Both sides get a mail with your ruling.")).to_be_visible()
    tom.reload()
    expect(tom.get_by_text("Say so in the list next time.")).to_be_visible()


def test_a_round_of_forty_people_and_three_hundred_things_from_its_list_to_its_end(
    site: Any, page: Page, sign_in: Callable[[str], None], new_context: Callable[..., BrowserContext], axe: Any
) -> None:
    sign_in("olga")
    contexts = {key: new_context() for key in ("tess", "tom")}
    for key, context in contexts.items():
        site.sign_in(context, key)
    tess, tom = (contexts[key].new_page() for key in ("tess", "tom"))
    round_, manage, shown = _come_to_wants(site, page, tess)
    _go_on(page, manage, "Result")
    _run_and_publish(page)
    _go_on(page, manage, "Drop-off")
    code = _drop_off(round_, page, tess, manage, shown)
    axe.check(page)

    _go_on(page, manage, "Final result")
    _run_and_publish(page)
    tess.goto(f"{shown}/my-trades")
    expect(tess.get_by_role("heading", level=2, name="Box")).to_be_visible()
    _go_on(page, manage, "Pick-up")
    with site.rows():
        gets = who_gets(round_.id)
        mine = [title for title, (number, _state) in gets.items() if number == round_.number_of("tom")]
        refused = desk_queries.find_arrival(db.session(), round_id=round_.id, number=1)
        assert "Thing 0-0" not in gets and refused is not None and refused.state is IntakeState.REFUSED
        assert not any(title.startswith("Thing 4-") for title in gets)  # trader 5 did not come
        assert len(gets) > 60 and mine
    desk = f"{manage}/pick-up"
    _scan(page, desk, code)
    expect(page.get_by_label("Uncle Ted, named by Tess Trader")).to_be_checked()
    axe.check(page)
    page.get_by_role("button", name="Hand over what is ticked").click()
    expect(page.get_by_text("things are handed over.")).to_be_visible()
    _scan(page, desk, f"trader {round_.number_of('tom')}")
    expect(page.get_by_role("button", name="Hand over what is ticked")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("handed over.")).to_be_visible()

    _complain_and_rule(page, tom, manage, shown, axe)
    round_.collect_all()
    _go_on(page, manage, "Disputes")
    page.get_by_text("Close the round", exact=True).first.click()
    page.locator("#close form button[type=submit], form:has(input[value=closed]) button[type=submit]").first.click()
    expect(page.get_by_text("The round is at “Closed” now.")).to_be_visible()
    with site.rows():
        assert phase_of(round_.world, round_.id) == Phase.CLOSED.value
        assert {state for _number, state in who_gets(round_.id).values()} == {"handed"}
        assert [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())] == []
