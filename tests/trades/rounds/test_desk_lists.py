"""The lists of a round's desks for a spreadsheet, and what a pasted list must say."""

import csv
import io
from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.services import disputing, handing
from tests.support.forms import post
from tests.trades.rounds.swap import BY, at_pick_up, collect, member_of, open_round


def _rows(client: Any, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.content_type.startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_came_and_what_goes_where_opens_in_a_spreadsheet(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    olga, page = world.client("olga"), f"/manage/shows/{world.slug}/rounds/{round_id}"
    came = _rows(olga, f"{page}/drop-off/list.csv")
    assert came[0][:4] == ["Number", "Thing", "Trader", "Name"]
    assert ["1", "Chair", "1", "Tess Trader", "Good", "Here", ""] in came
    goes = _rows(olga, f"{page}/pick-up/list.csv")
    assert ["1", "Tess Trader", "1", "A1", "3", "Loco", "gets it", "Waits"] in goes
    assert ["1", "Tess Trader", "1", "A1", "2", "Bed", "takes it back", "Here"] in goes
    collect(world, round_id, "tess")
    left = _rows(olga, f"{page}/pick-up/list.csv?kind=unclaimed")
    assert len(left) < len(goes) and not any(row[5] == "Loco" for row in left)
    assert olga.get(f"{page}/drop-off").text.count("list.csv") == 1
    assert olga.get(f"{page}/pick-up").text.count("list.csv") == 2


def test_money_over_the_desk_opens_in_a_spreadsheet(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    tess, tom = (member_of(world, round_id, key).id for key in ("tess", "tom"))
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        desk = {"slots_from": None, "minutes": 15, "people": 6, "uses_money": True}
        handing.set_desk(db_session, round_=round_, by=BY, now=utcnow(), **desk)
        payer = queries.find_member_by_id(db_session, tess, round_id=round_id)
        assert payer is not None
        payee = queries.find_member_by_id(db_session, tom, round_id=round_id)
        assert payee is not None
        disputing.add_cash(
            db_session, round_=round_, payer=payer, payee=payee, amount_minor=350, why="a scratch", by=BY, now=utcnow()
        )
    rows = _rows(world.client("olga"), f"/manage/shows/{world.slug}/rounds/{round_id}/cash/list.csv")
    assert [(row[1].split()[0], *row[2:]) for row in rows[1:]] == [("Tess", "3.50", ""), ("Tom", "", "3.50")]


def test_who_pastes_a_list_says_that_it_may_be_traded(world: Any) -> None:
    round_id = open_round(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    assert "ivory" in tess.get(f"{page}/mine").text
    answer = post(tess, f"{page}/lines", {"lines": "Ivory brooch"})
    assert answer.status_code == 422 and "Please confirm this" in answer.text and "Ivory brooch" in answer.text
    db.session.rollback()
    assert post(tess, f"{page}/lines", {"lines": "Tin brooch", "is_mine": "y"}).status_code == 303
