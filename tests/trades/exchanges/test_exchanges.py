"""An exchange from sign-up to thanks: everybody brings, the sealed seed draws, nobody gets their own."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.exchanges import doctor, drawing, papers, queries, services
from swapmeet.trades.exchanges.errors import BadPiece, ExchangeClosed
from swapmeet.trades.exchanges.models import EntryState, Exchange, ExchangeEntry, ExchangeMove
from swapmeet.trades.models import Block
from tests.badges import build
from tests.support.forms import post
from tests.trades.exchanges.swap import BY, bring, draw, entries_of, open_exchange
from tests.trades.rounds.swap import host

CAST = {"tess": 1, "tom": 1, "ann": 1, "vic": 1}


def faults() -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def pages(world: Any, exchange_id: int) -> tuple[str, str]:
    end = f"/shows/{world.slug}/exchanges/{exchange_id}"
    return end, f"/manage{end}"


def test_from_open_to_closed_over_the_pages(world: Any, mail: Any) -> None:
    host(world, "tom")
    tom, tess, ann = (world.client(key) for key in ("tom", "tess", "ann"))
    made = post(
        tom,
        f"/manage/shows/{world.slug}/exchanges",
        {"title": "Lunch exchange", "bring": "2", "scale": "1-12", "min_minor": "5.00", "words": "Handmade"},
    )
    assert made.status_code == 303
    exchange_id = db.session.scalars(select(Exchange.id)).one()
    here, desk = pages(world, exchange_id)
    shown = world.client().get(here).text
    row = db.session.get_one(Exchange, exchange_id)
    assert row.commitment in shown and row.seed not in shown and "Bring 2 alike" in shown
    assert world.client().get(f"{here}/draw.json").status_code == 404
    for client in (tess, ann, tom):
        assert post(client, f"{here}/entry").status_code == 303
    assert "Your number is 1" in tess.get(here).text
    found = post(tom, f"{desk}/scans", {"code": "2"})
    assert found.headers["Location"].endswith("number=2")
    wrong = post(tom, f"{desk}/entries/{entries_of(exchange_id)[2].id}/pieces", {"pieces": "3", "note": "boxed"})
    assert wrong.status_code == 422 and "from 1 to 2" in wrong.text and "boxed" in wrong.text
    for number in (1, 2, 3):
        entry = entries_of(exchange_id)[number]
        assert post(tom, f"{desk}/entries/{entry.id}/pieces", {"pieces": "2", "note": ""}).status_code == 303
    assert "Somebody has come" in post(tom, f"{desk}/draw", {"seen": "2"}, follow_redirects=True).text
    assert "6 pieces change hands" in post(tom, f"{desk}/draw", {"seen": "3"}, follow_redirects=True).text
    assert len([one for one in mail.deliver_all() if one["Subject"].startswith("The draw is done")]) == 3
    document = json.loads(world.client().get(f"{here}/draw.json").text)
    assert drawing.faults_in(document, commitment=row.commitment) == []
    assert "commitment_of" in world.client().get("/exchanges/drawing.py").text
    page = tess.get(here).text
    assert "You get 2 pieces" in page and "No. 2" in page and "No. 3" in page
    assert "tess" not in world.client().get(here).text.lower()
    assert "drawn" not in post(tom, f"{desk}/draw", {"seen": "3"}, follow_redirects=True).request.path
    one = entries_of(exchange_id)[1]
    post(tom, f"{desk}/entries/{one.id}/collection")
    assert entries_of(exchange_id)[1].state is EntryState.COLLECTED
    post(tom, f"{desk}/entries/{one.id}/collection", {"back": "1"})
    assert entries_of(exchange_id)[1].state is EntryState.HERE
    paper = tom.get(f"{desk}/list").text
    assert "Gets the pieces of" in paper and "2, 3" in paper
    lines = tom.get(f"{desk}/list.csv").text.splitlines()
    assert lines[0].endswith("Number,Name,State,Pieces brought,Gets pieces of,Own pieces back,Note")
    assert lines[1].endswith("To be collected,2,2 3,0,")
    post(tom, f"{desk}/end")
    assert "Over" in world.client().get(here).text and faults() == []


def test_thanks_go_to_whoever_brought_the_piece_once_and_can_be_hidden(world: Any, mail: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1)
    draw(world, exchange_id, 2)
    mail.deliver_all()
    here, desk = pages(world, exchange_id)
    (move,) = [row for row in queries.list_moves(db.session(), exchange_id=exchange_id) if row.receiver.number == 1]
    tess, ann, olga = (world.client(key) for key in ("tess", "ann", "olga"))
    assert post(ann, f"{here}/pieces/{move.id}/thanks", {"words": "Mine?"}).status_code == 404
    empty = post(tess, f"{here}/pieces/{move.id}/thanks", {"words": " "})
    assert empty.status_code == 422 and "Write a few words" in empty.text
    assert post(tess, f"{here}/pieces/{move.id}/thanks", {"words": "A <b>lovely</b> lamp"}).status_code == 303
    told = [one["Subject"] for one in mail.deliver_all()]
    assert told.count("Somebody thanks you: Exchange in 1:12 at Lakeside Fair") == 1
    assert "A &lt;b&gt;lovely" in ann.get(here).text and "lovely" not in world.client().get(here).text
    again = post(tess, f"{here}/pieces/{move.id}/thanks", {"words": "More"})
    assert again.status_code == 422 and "already" in again.text
    db.session.rollback()
    (thanks,) = queries.list_thanks(db.session(), exchange_id=exchange_id).values()
    post(olga, f"{desk}/thanks/{thanks.id}/removal")
    assert "lovely" not in ann.get(here).text


def test_nobody_writes_to_whoever_has_blocked_them(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1)
    draw(world, exchange_id, 2)
    with transaction() as db_session:
        db_session.add(Block(blocker_id=world.ids["ann"], blocked_id=world.ids["tess"], created_at=utcnow()))
    (move,) = [row for row in queries.list_moves(db.session(), exchange_id=exchange_id) if row.receiver.number == 1]
    answer = post(world.client("tess"), f"{pages(world, exchange_id)[0]}/pieces/{move.id}/thanks", {"words": "Hi"})
    assert answer.status_code == 422 and "blocked" in answer.text


def test_who_signs_up_but_does_not_come_gets_nothing(world: Any) -> None:
    exchange_id = open_exchange(world)
    numbers = bring(world, exchange_id, tess=1, tom=1, ann=1, vic=0)
    moves = draw(world, exchange_id, 3)
    assert len(moves) == 3 and numbers["vic"] not in {number for move in moves for number in move}
    assert "you give and get nothing" in world.client("vic").get(pages(world, exchange_id)[0]).text


def test_whoever_brings_fewer_gets_fewer_and_what_cannot_go_goes_home(world: Any) -> None:
    exchange_id = open_exchange(world, bring=3)
    bring(world, exchange_id, tess=3, tom=3, ann=1)
    assert len(draw(world, exchange_id, 3)) == 4  # three people cannot place more: 1 and 2 change with all, 3 has one
    lines = {line.entry.name: line for line in queries.list_lines(db.session(), exchange_id=exchange_id)}
    assert {key: (len(line.gets), line.back) for key, line in lines.items()} in (
        {"tess": (2, 1), "tom": (1, 2), "ann": (1, 0)},
        {"tess": (1, 2), "tom": (2, 1), "ann": (1, 0)},
    )


def test_a_place_is_given_up_and_taken_again_with_the_same_number(world: Any) -> None:
    exchange_id = open_exchange(world)
    here, _desk = pages(world, exchange_id)
    tess = world.client("tess")
    post(tess, f"{here}/entry")
    post(tess, f"{here}/entry/removal")
    assert entries_of(exchange_id)[1].state is EntryState.WITHDRAWN
    bring(world, exchange_id, ann=0)
    post(tess, f"{here}/entry")
    assert {number: row.name for number, row in entries_of(exchange_id).items()}[2] == "ann"
    assert entries_of(exchange_id)[1].state is EntryState.SIGNED_UP
    assert post(world.client("tom"), f"{here}/entry/removal").status_code == 404


def test_after_the_deadline_only_the_desk_takes_people(world: Any) -> None:
    exchange_id = open_exchange(world, sign_up_ends_at=utcnow() - timedelta(minutes=1))
    here, desk = pages(world, exchange_id)
    assert "Sign-up is over" in post(world.client("tess"), f"{here}/entry", follow_redirects=True).text
    olga = world.client("olga")
    assert post(olga, f"{desk}/entries", {"who": "Greta Paper"}).status_code == 303
    badge = build.admitted(world, "Tess Trader", person_id=world.ids["tess"])
    post(olga, f"{desk}/entries", {"who": badge.code})
    rows = entries_of(exchange_id)
    assert (rows[1].name, rows[1].person_id, rows[2].person_id) == ("Greta Paper", None, world.ids["tess"])
    assert post(olga, f"{desk}/scans", {"code": badge.code}).headers["Location"].endswith("number=2")
    assert post(olga, f"{desk}/scans", {"code": "greta"}).headers["Location"].endswith("number=1")
    assert post(olga, f"{desk}/scans", {"code": "nobody"}).status_code == 422
    assert post(olga, f"{desk}/entries", {"who": ""}).status_code == 422


def test_nothing_changes_after_the_draw(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1)
    draw(world, exchange_id, 2)
    with transaction() as db_session:
        exchange = queries.get_exchange(db_session, exchange_id, event_id=world.event_id)
        entry = queries.list_entries(db_session, exchange_id=exchange_id)[0]
        about: dict[str, Any] = {"exchange": exchange, "by": BY, "now": utcnow()}
        for step in (
            lambda: services.sign_up(db_session, person_id=world.ids["tom"], name="tom", **about),
            lambda: services.take_in(db_session, entry=entry, pieces=1, **about),
            lambda: services.give_back(db_session, entry=entry, **about),
            lambda: services.withdraw(db_session, entry=entry, **about),
            lambda: services.draw_exchange(db_session, seen=2, **about),
        ):
            with pytest.raises(ExchangeClosed):
                step()


def test_one_alone_cannot_draw_and_a_called_off_exchange_tells_everybody(world: Any, mail: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=0)
    with pytest.raises(BadPiece):
        draw(world, exchange_id, 1)
    _here, desk = pages(world, exchange_id)
    post(world.client("olga"), f"{desk}/end")
    assert sorted(one["To"] for one in mail.deliver_all()) == sorted(
        [world.person("tess").email, world.person("ann").email]
    )
    assert faults() == []


def test_terms_change_until_the_draw_but_not_how_many_one_brings(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=0)
    _here, desk = pages(world, exchange_id)
    olga, form = world.client("olga"), {"title": "New", "bring": "2", "scale": "", "min_minor": "", "words": "w"}
    refused = post(olga, f"{desk}/terms", form)
    assert refused.status_code == 422 and "this number stays" in refused.text
    assert post(olga, f"{desk}/terms", {**form, "bring": "1"}).status_code == 303
    assert "New" in olga.get(f"{desk}/terms").text
    bad = post(olga, f"/manage/shows/{world.slug}/exchanges", {"title": "", "bring": "99", "scale": "huge"})
    assert bad.status_code == 422 and "from 1 to 50" in bad.text


def test_labels_say_the_number_once_for_each_piece(world: Any) -> None:
    exchange_id = open_exchange(world, bring=3)
    bring(world, exchange_id, tess=2, ann=0)
    loaded = papers.load_labels(db.session(), {"exchange_id": exchange_id}, utcnow())
    assert loaded is not None and [row["number"] for row in loaded["labels"]] == ["No. 1"] * 2 + ["No. 2"] * 3
    assert papers.read_label(f"x{exchange_id}-007", exchange_id=exchange_id) == 7
    assert papers.read_label(f"X{exchange_id + 1}-7", exchange_id=exchange_id) is None
    answer = post(world.client("olga"), f"{pages(world, exchange_id)[1]}/labels", {"entry_id": "1" * 15})
    assert answer.status_code == 404


def test_the_database_refuses_what_must_not_be(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1)
    draw(world, exchange_id, 2)
    entry = entries_of(exchange_id)[1]
    refused = [
        f"UPDATE exchange SET drawn_at = NULL WHERE id = {exchange_id}",
        f"UPDATE exchange SET bring = 0 WHERE id = {exchange_id}",
        f"UPDATE exchange_entry SET pieces = 0 WHERE id = {entry.id}",
        f"UPDATE exchange_entry SET person_id = {world.ids['ann']} WHERE id = {entry.id}",
        "UPDATE exchange_move SET giver_id = receiver_id",
        "DELETE FROM exchange_move",
    ]
    for statement in refused:
        with pytest.raises((IntegrityError, DatabaseError)), transaction() as db_session:
            db_session.execute(text(statement))


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (update(Exchange).values(seed="another"), "exchanges give what their sealed seed draws"),
        (
            update(ExchangeEntry).where(ExchangeEntry.number == 1).values(pieces=2),
            "exchanges give what their sealed seed draws",
        ),
        (
            update(ExchangeEntry).where(ExchangeEntry.number == 1).values(state="collected"),
            "steps of exchanges are written down",
        ),
        (update(Exchange).values(state="closed"), "steps of exchanges are written down"),
    ],
)
def test_a_planted_fault_is_found(world: Any, plant: Any, name: str) -> None:
    exchange_id = open_exchange(world, bring=2)
    bring(world, exchange_id, tess=1, ann=2, vic=2)
    draw(world, exchange_id, 3)
    assert faults() == []
    with transaction() as db_session:
        db_session.execute(plant)
    assert name in {query.name for query in doctor.QUERIES if query.find(db.session(), utcnow())}


def test_moves_that_do_not_balance_and_early_collecting_are_found(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1, vic=1)
    with transaction() as db_session:
        db_session.execute(update(ExchangeEntry).values(state="collected"))
    assert "pieces are collected after the draw" in {q.name for q in doctor.QUERIES if q.find(db.session(), utcnow())}
    with transaction() as db_session:
        db_session.execute(update(ExchangeEntry).values(state="here"))
    draw(world, exchange_id, 3)
    rows = entries_of(exchange_id)
    known = {(move.giver_id, move.receiver_id) for move in queries.list_moves(db.session(), exchange_id=exchange_id)}
    giver, receiver = next(
        (a.id, b.id) for a in rows.values() for b in rows.values() if a.id != b.id and (a.id, b.id) not in known
    )
    with transaction() as db_session:
        db_session.add(
            ExchangeMove(event_id=world.event_id, exchange_id=exchange_id, giver_id=giver, receiver_id=receiver)
        )
    assert "exchanges give as much as they take" in {q.name for q in doctor.QUERIES if q.find(db.session(), utcnow())}


def test_what_a_person_takes_along_and_what_is_erased(world: Any) -> None:
    exchange_id = open_exchange(world)
    bring(world, exchange_id, tess=1, ann=1)
    draw(world, exchange_id, 2)
    (move,) = [row for row in queries.list_moves(db.session(), exchange_id=exchange_id) if row.receiver.number == 1]
    post(world.client("tess"), f"{pages(world, exchange_id)[0]}/pieces/{move.id}/thanks", {"words": "Thank you"})
    db.session.rollback()
    data = world.app.extensions["swapmeet_registry"].personal_data
    (mine,) = [part for part in data if part.name == "exchanges"]
    (said,) = mine.export(db.session(), person_id=world.ids["tess"])
    assert (said["number"], said["gets_pieces_of"], said["thanks_i_said"]) == (1, [2], ["Thank you"])
    with transaction() as db_session:
        mine.erase(db_session, person_id=world.ids["tess"], now=utcnow())
    row = entries_of(exchange_id)[1]
    assert (row.name, row.person_id, row.pieces) == ("Removed", None, 1)
    assert queries.list_thanks(db.session(), exchange_id=exchange_id) == {} and faults() == []


def test_a_cloned_show_has_the_same_exchanges_with_a_new_seal(world: Any) -> None:
    from swapmeet.events.models import Event
    from swapmeet.trades.exchanges.parts import copy_exchanges
    from tests import factories

    exchange_id = open_exchange(world, bring=4)
    with transaction() as db_session:
        source = db_session.get_one(Event, world.event_id)
        target = factories.event(db_session, organizer=source.organizer, name="Next Fair")
        copy_exchanges(db_session, source, target, 365, utcnow())
        (copy,) = queries.list_exchanges(db_session, event_id=target.id)
        assert copy.bring == 4 and copy.commitment != db_session.get_one(Exchange, exchange_id).commitment
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.verb == "exchange.opened").limit(1))
