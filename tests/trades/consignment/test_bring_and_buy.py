"""The bring and buy desk from opening to the last payout: lists, intake, sale by scan, share, payout, what goes back."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.consignment import doctor, papers, queries, rules, services
from swapmeet.trades.consignment.errors import BadLot, DeskClosed
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, ConsignmentPayout, DeskState, LotState
from swapmeet.trades.consignment.parts import ConsignmentData, copy_desk
from swapmeet.trades.consignment.rules import Terms
from tests.support.forms import post
from tests.trades.rounds.swap import host

BY = Actor.job("test")


def open_desk(world: Any, percent: int = 10, step: int = 100, **more: Any) -> int:
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        terms = Terms(percent, step, **more)
        return services.open_desk(db_session, event=event, terms=terms, by=BY, now=utcnow()).id


def bring(world: Any, key: str, *prices: int) -> list[int]:
    """Somebody of the cast brings things at these prices; their ids, on sale."""
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        seller = services.enroll(db_session, desk=desk, person_id=world.ids[key], name=key, by=BY, now=utcnow())
        more = {"desk": desk, "seller": seller, "is_here": True, "by": BY, "now": utcnow()}
        return [
            services.list_lot(db_session, title=f"Thing for {price}", price_minor=price, **more).id for price in prices
        ]


def lots() -> dict[str, ConsignmentLot]:
    """By title, read anew."""
    db.session.rollback()
    db.session.expire_all()
    return {row.title: row for row in db.session.scalars(select(ConsignmentLot))}


def faults() -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def pages(world: Any) -> tuple[str, str]:
    end = f"/shows/{world.slug}/bring-and-buy"
    return end, f"/manage{end}"


def test_the_share_is_rounded_up_once_over_all_sales() -> None:
    assert rules.commission(1550, 10, 100) == 200 and rules.commission(2000, 10, 100) == 200
    assert rules.commission(50, 10, 100) == 50 and rules.commission(333, 10, 1) == 34
    assert rules.commission(1550, 0, 100) == 0
    for percent in range(0, 51, 5):
        for gross in range(0, 3000, 7):
            kept = rules.commission(gross, percent, 100)
            assert (0 <= kept <= gross and 100 * kept >= percent * gross) or kept == gross
    assert rules.statement([1000], [900], 10, 100) == rules.Statement(1000, 100, 900, 0)
    assert rules.statement([1000, 10], [900], 10, 100).due == 0  # the rounding eats it, nothing is asked back
    assert rules.statement([1000, 1000], [900], 10, 100).due == 900


def test_from_the_list_at_home_to_the_last_payout_over_the_pages(world: Any) -> None:
    host(world, "tom")
    tom, tess, out = world.client("tom"), world.client("tess"), world.client()
    here, desk = pages(world)
    assert out.get(here).status_code == 404 and "Open the desk" in tom.get(desk).text
    wrong = post(tom, desk, {"percent": "70", "most_lots": "40", "words": "Fetch it by four"})
    assert wrong.status_code == 422 and "Fetch it by four" in wrong.text
    terms = {"percent": "10", "step_minor": "1.00", "min_minor": "2.00", "most_lots": "2", "words": "Fetch it by four"}
    assert post(tom, desk, terms).status_code == 303
    assert "The desk keeps 10 %" in out.get(here).text and "Fetch it by four" in out.get(here).text
    assert "Bring and buy" in out.get(f"/shows/{world.slug}").text
    cheap = post(tess, f"{here}/lots", {"title": "Rug <b>red</b>", "price": "1.50"})
    assert cheap.status_code == 422 and "less than the least price" in cheap.text and "1.50" in cheap.text
    assert post(tess, f"{here}/lots", {"title": "Rug <b>red</b>", "price": "15.50"}).status_code == 303
    post(tess, f"{here}/lots", {"title": "Chair", "price": "4"})
    assert "at most" in post(tess, f"{here}/lots", {"title": "Third", "price": "4"}).text
    assert "You are seller 1" in tess.get(here).text and "Rug" not in out.get(here).text
    chair = lots()["Chair"].id
    assert post(world.client("ann"), f"{here}/lots/{chair}/removal").status_code == 404
    seller = db.session.get_one(ConsignmentLot, chair).seller_id
    post(tom, f"{desk}/sellers/{seller}/intake", {"number": "1"})
    assert {row.state for row in lots().values()} == {LotState.HERE}
    found = post(tom, f"{desk}/scans", {"code": f"b{db.session.scalar(select(Consignment.id))}-1-1"})
    assert found.headers["Location"].endswith("seller=1&thing=1")
    assert "Sold for $15.50" in tom.get(found.headers["Location"]).text
    rug = lots()["Rug <b>red</b>"].id
    assert "Look again" in post(tom, f"{desk}/lots/{rug}/sale", {"seen": "1"}, follow_redirects=True).text
    post(tom, f"{desk}/lots/{rug}/sale", {"seen": "1550"})
    again = post(tom, f"{desk}/lots/{rug}/sale", {"seen": "1550"}, follow_redirects=True)
    assert "is sold already" in again.text and lots()["Rug <b>red</b>"].state is LotState.SOLD
    assert "Pay out $13.50" in tom.get(f"{desk}?seller=1").text
    less = post(tom, f"{desk}/sellers/{seller}/payouts", {"seen": "1400", "number": "1"}, follow_redirects=True)
    assert "Look again" in less.text
    post(tom, f"{desk}/sellers/{seller}/payouts", {"seen": "1350", "number": "1"})
    twice = post(tom, f"{desk}/sellers/{seller}/payouts", {"seen": "1350", "number": "1"}, follow_redirects=True)
    assert "Nothing is to be paid out" in twice.text
    db.session.rollback()
    assert [row.paid_minor for row in db.session.scalars(select(ConsignmentPayout))] == [1350]
    stays = post(tom, f"{desk}/lots/{rug}/sale/removal", follow_redirects=True)
    assert "paid out already" in stays.text
    post(tom, f"{desk}/state", {"state": "closed"})
    assert "is over" in post(tom, f"{desk}/lots/{chair}/sale", {"seen": "400"}, follow_redirects=True).text
    post(tom, f"{desk}/sellers/{seller}/returns", {"number": "1"})
    assert lots()["Chair"].state is LotState.RETURNED
    assert "Rug &lt;b&gt;red" in tom.get(f"{desk}/list").text
    assert "$13.50 paid out" in tom.get(f"{desk}/sellers/{seller}/statement").text
    assert tom.get(f"{desk}/list.csv").text.splitlines()[1].endswith("Rug <b>red</b>,15.50,Sold,yes")
    assert "The sale is over" in tess.get(here).text and faults() == []


def test_the_desk_writes_down_who_comes_without_a_list(world: Any) -> None:
    open_desk(world)
    olga, (_here, desk) = world.client("olga"), pages(world)
    assert post(olga, f"{desk}/sellers", {"who": " "}).status_code == 422
    made = post(olga, f"{desk}/sellers", {"who": "Mo Miller"})
    assert made.headers["Location"].endswith("seller=1")
    seller = db.session.scalars(select(queries.ConsignmentSeller.id)).one()
    empty = post(olga, f"{desk}/sellers/{seller}/lots", {"title": "Lamp", "price": "much"})
    assert empty.status_code == 422 and "Lamp" in empty.text
    post(olga, f"{desk}/sellers/{seller}/lots", {"title": "Lamp", "price": "3.00"})
    assert lots()["Lamp"].state is LotState.HERE
    assert post(olga, f"{desk}/scans", {"code": "miller"}).headers["Location"].endswith("seller=1")
    assert "No thing, seller" in post(olga, f"{desk}/scans", {"code": "nobody"}).text
    assert "There is no thing 9" in post(olga, f"{desk}/scans", {"code": "1-9"}).text
    assert post(olga, f"{desk}/labels").status_code == 303


def test_a_slip_is_undone_until_it_is_paid_out(world: Any) -> None:
    open_desk(world)
    (lamp,) = bring(world, "tess", 500)
    desk = pages(world)[1]
    olga = world.client("olga")
    post(olga, f"{desk}/lots/{lamp}/sale", {"seen": "500"})
    post(olga, f"{desk}/lots/{lamp}/sale/removal")
    assert lots()["Thing for 500"].state is LotState.HERE and lots()["Thing for 500"].sold_at is None
    post(olga, f"{desk}/lots/{lamp}/return")
    post(olga, f"{desk}/lots/{lamp}/intake")
    assert lots()["Thing for 500"].state is LotState.HERE and faults() == []


def test_the_share_stays_once_something_is_sold(world: Any) -> None:
    open_desk(world)
    (lamp,) = bring(world, "tess", 500)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        lot = queries.get_lot(db_session, lamp, desk_id=desk.id)
        services.sell(db_session, desk=desk, lot=lot, seen_minor=500, by=BY, now=utcnow())
        with pytest.raises(BadLot, match="is sold already"):
            services.change_terms(db_session, desk=desk, terms=Terms(20, 100), by=BY, now=utcnow())
        services.change_terms(db_session, desk=desk, terms=Terms(10, 100, words="New"), by=BY, now=utcnow())
    with pytest.raises(DeskClosed), transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        services.open_desk(db_session, event=event, terms=Terms(5), by=BY, now=utcnow())


def test_the_database_refuses_what_must_not_be(world: Any) -> None:
    open_desk(world)
    (lamp,) = bring(world, "tess", 500)
    for statement in (
        f"UPDATE consignment_lot SET state = 'sold' WHERE id = {lamp}",
        f"UPDATE consignment_lot SET price_minor = 0 WHERE id = {lamp}",
        "UPDATE consignment SET percent = 51",
        f"UPDATE consignment_lot SET payout_id = 99 WHERE id = {lamp}",
    ):
        with pytest.raises(IntegrityError), transaction() as db_session:
            db_session.execute(text(statement))
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        lot = queries.get_lot(db_session, lamp, desk_id=desk.id)
        services.sell(db_session, desk=desk, lot=lot, seen_minor=500, by=BY, now=utcnow())
        services.pay_out(db_session, desk=desk, seller=lot.seller, seen_minor=400, by=BY, now=utcnow())
    with pytest.raises(DatabaseError), transaction() as db_session:
        db_session.execute(text("UPDATE consignment_payout SET paid_minor = 401, kept_minor = 99"))


def test_the_doctor_sees_a_payout_that_is_not_what_was_sold(world: Any) -> None:
    open_desk(world)
    first, second = bring(world, "tess", 500, 700)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        lot = queries.get_lot(db_session, first, desk_id=desk.id)
        services.sell(db_session, desk=desk, lot=lot, seen_minor=500, by=BY, now=utcnow())
        services.pay_out(db_session, desk=desk, seller=lot.seller, seen_minor=400, by=BY, now=utcnow())
    assert faults() == []
    with transaction() as db_session:
        db_session.execute(text(f"UPDATE consignment_lot SET price_minor = 300 WHERE id = {first}"))
        now = text(f"UPDATE consignment_lot SET state = 'sold', sold_at = created_at WHERE id = {second}")
        db_session.execute(now)
    assert len(faults()) == 3


def test_labels_carry_price_and_numbers(world: Any) -> None:
    desk_id = open_desk(world)
    bring(world, "tess", 500, 700)
    payload = {"desk_id": desk_id}
    found = papers.load_labels(db.session(), payload, utcnow())
    assert found is not None
    assert [(row["number"], row["code"]) for row in found["labels"]] == [
        ("$5.00", f"B{desk_id}-1-1"),
        ("$7.00", f"B{desk_id}-1-2"),
    ]
    assert papers.read_label(f"b{desk_id}-001-2", desk_id=desk_id) == (1, 2)
    assert papers.read_label(f"B{desk_id + 1}-1-2", desk_id=desk_id) is None
    assert papers.read_label("1 - 2", desk_id=desk_id) == (1, 2) and papers.read_label("12", desk_id=desk_id) is None


def test_personal_data_goes_and_sums_stay_and_a_clone_has_the_same_terms(world: Any) -> None:
    desk_id = open_desk(world)
    bring(world, "tess", 500)
    data = ConsignmentData()
    assert data.export(db.session(), person_id=world.ids["tess"])[0]["things"][0]["price_minor"] == 500
    with transaction() as db_session:
        data.erase(db_session, person_id=world.ids["tess"], now=utcnow())
    row = lots()["Removed"]
    assert row.seller.name == "Removed" and row.seller.person_id is None and row.price_minor == 500
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        desk = db_session.get_one(Consignment, desk_id)
        services.switch_desk(db_session, desk=desk, target=DeskState.CLOSED, by=BY, now=utcnow())
        with pytest.raises(DeskClosed):
            copy_desk(db_session, event, event, 0, utcnow())
    assert faults() == []
