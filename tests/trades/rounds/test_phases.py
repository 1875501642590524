"""A round's phases: who switches them, what each locks, and who is reminded."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.trades.errors import ItemsTaken
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.models import Phase
from swapmeet.trades.rounds.services import phases
from tests.support.forms import post
from tests.trades.rounds.swap import BY, host, open_round, phase_of, put_in, switch
from tests.trades.stall import accept, list_thing, offer_of


def test_a_trade_host_opens_a_round_and_switches_it_there_and_back(world: Any) -> None:
    host(world)
    tom = world.client("tom")
    made = post(tom, f"/manage/shows/{world.slug}/rounds", {"title": "Saturday swap", "max_entries": "40"})
    assert made.status_code == 303
    page = made.location
    round_id = int(page.rsplit("/", 1)[1])
    assert "Go on to “List is fixed”" in tom.get(page).text
    post(tom, f"{page}/phase", {"seen": "listing", "target": "freeze"})
    assert phase_of(world, round_id) == "freeze"
    post(tom, f"{page}/phase", {"seen": "freeze", "target": "listing"})
    assert phase_of(world, round_id) == "listing"
    switched = select(AuditEntry).where(AuditEntry.verb == "round.switched").order_by(AuditEntry.id)
    entry = db.session.scalars(switched).first()
    assert entry is not None and entry.target == "freeze" and entry.actor_person_id == world.ids["tom"]


def test_two_hosts_pressing_the_same_button_switch_once(world: Any) -> None:
    round_id = open_round(world)
    olga = world.client("olga")
    page = f"/manage/shows/{world.slug}/rounds/{round_id}"
    for _press in range(2):
        last = post(olga, f"{page}/phase", {"seen": "listing", "target": "freeze"})
    assert phase_of(world, round_id) == "freeze"
    assert "has moved on" in olga.get(last.location).text


@pytest.mark.parametrize("target", [Phase.WANTS, Phase.LISTING])
def test_phases_cannot_be_jumped(world: Any, target: Phase) -> None:
    round_id = open_round(world)
    with pytest.raises(IllegalTransition):
        switch(world, round_id, target)


def test_nobody_else_reaches_the_pages_of_the_host(world: Any) -> None:
    round_id = open_round(world)
    page = f"/manage/shows/{world.slug}/rounds/{round_id}"
    assert world.client("dora").get(page).status_code == 403
    assert world.client("otto").get(page).status_code == 404
    assert world.client("olga").get(f"/manage/shows/{world.slug}/rounds/99999").status_code == 404


def test_a_thing_in_a_fixed_round_cannot_be_promised_elsewhere(world: Any) -> None:
    chairs = list_thing(world, "tess")
    wagon = list_thing(world, "tom", title="Hay wagon")
    round_id = open_round(world)
    tess = world.client("tess")
    post(tess, f"/shows/{world.slug}/rounds/{round_id}/entries", {"listings": chairs})
    offer_id = offer_of(world, "tom", "tess", give=[wagon], take=[chairs])
    switch(world, round_id, Phase.FREEZE)
    with pytest.raises(ItemsTaken, match="trade round"):
        accept(world, "tess", offer_id)
    gone = post(tess, f"/trades/{chairs}/withdrawal")
    assert gone.status_code == 409 or "in a trade round" in tess.get(gone.location or f"/trades/{chairs}").text
    switch(world, round_id, Phase.CLOSED)
    accept(world, "tess", offer_id)


def test_what_was_promised_meanwhile_leaves_when_the_list_is_fixed(world: Any) -> None:
    chairs, wagon = list_thing(world, "tess"), list_thing(world, "tom", title="Hay wagon")
    round_id = open_round(world)
    post(world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}/entries", {"listings": chairs})
    accept(world, "tess", offer_of(world, "tom", "tess", give=[wagon], take=[chairs]))
    switch(world, round_id, Phase.FREEZE)
    assert queries.count_entries(db.session(), round_id=round_id) == 0


def test_people_without_wants_are_reminded_once_a_day_before_the_deadline(world: Any, mail: Any) -> None:
    round_id = open_round(world)
    put_in(world, round_id, "tess", ["Chair"])
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        ends = {Phase.WANTS: utcnow() + timedelta(hours=20)}
        phases.set_deadlines(db_session, round_=round_, ends=ends, by=BY, now=utcnow())
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    for _turn in range(2):
        with transaction() as db_session:
            phases.remind(db_session, now=utcnow())
    subjects = sorted(str(message["Subject"]).partition(":")[0] for message in mail.deliver_all())
    assert subjects == ["Choose wants", "Soon over"]


def test_deadlines_are_saved_on_the_shows_clock_and_odd_ones_are_refused(world: Any) -> None:
    round_id = open_round(world)
    olga = world.client("olga")
    page = f"/manage/shows/{world.slug}/rounds/{round_id}"
    assert post(olga, f"{page}/deadlines", {"wants": "2027-02-01T18:00"}).status_code == 303
    assert 'value="2027-02-01T18:00"' in olga.get(page).text
    odd = post(olga, f"{page}/deadlines", {"wants": "soon"})
    assert odd.status_code == 422
    assert post(olga, f"{page}/phase", {"seen": "x", "target": "\x00"}).status_code == 303
