"""Prices that go down, fees for what is brought, mails about what was sold, and the desk of a show file."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.events.showfile import sample_shows
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import transaction
from swapmeet.trades.consignment import importing, mail, papers, queries, rules, services
from swapmeet.trades.consignment.errors import BadLot
from swapmeet.trades.consignment.models import LotState
from swapmeet.trades.consignment.rules import Terms
from tests.support.forms import post
from tests.trades.consignment.test_bring_and_buy import BY, bring, faults, lots, open_desk, pages
from tests.trades.rounds.swap import work


def sell(world: Any, lot_id: int) -> None:
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        lot = queries.get_lot(db_session, lot_id, desk_id=desk.id)
        services.sell(db_session, desk=desk, lot=lot, seen_minor=lot.price_minor, by=BY, now=utcnow())


def test_a_price_goes_down_while_the_thing_is_on_sale(world: Any) -> None:
    open_desk(world, min_minor=200)
    (lamp,) = bring(world, "tess", 500)
    here, desk = pages(world)
    tess, olga = world.client("tess"), world.client("olga")
    page = f"{here}/lots/{lamp}/price"
    assert "Lower the price" in tess.get(here).text and 'value="5.00"' in tess.get(page).text
    assert world.client("ann").get(page).status_code == 404
    assert post(world.client("ann"), page, {"price": "3.00", "seen": "500"}).status_code == 404
    for price, said in (("1.00", "less than the least price"), ("6.00", "can only go down"), ("much", "much")):
        wrong = post(tess, page, {"price": price, "seen": "500"})
        assert wrong.status_code == 422 and said in wrong.text
    assert post(tess, page, {"price": "3.00", "seen": "500"}).status_code == 303
    assert lots()["Thing for 500"].price_minor == 300
    late = post(olga, f"{desk}/lots/{lamp}/price", {"price": "2.50", "seen": "500"})
    assert late.status_code == 422 and "Look again" in late.text and "of tess" in late.text
    stale = post(olga, f"{desk}/lots/{lamp}/sale", {"seen": "500"}, follow_redirects=True)
    assert "Its price is another one" in stale.text
    assert post(olga, f"{desk}/lots/{lamp}/price", {"price": "2.50", "seen": "300"}).location.endswith("thing=1")
    sell(world, lamp)
    gone = post(tess, page, {"price": "2.00", "seen": "250"})
    assert gone.status_code == 422 and "not on sale any more" in gone.text
    assert lots()["Thing for 500"].price_minor == 250 and faults() == []


def test_fees_are_taken_off_what_things_bring_and_never_asked_for() -> None:
    assert rules.statement([1000], [], 10, 1, fees=150) == rules.Statement(1000, 250, 0, 750, 150)
    assert rules.statement([100], [], 10, 1, fees=150) == rules.Statement(100, 100, 0, 0, 90)
    assert rules.statement([], [], 10, 1, fees=150) == rules.Statement(0, 0, 0, 0, 0)
    for gross in range(0, 900, 7):
        for fees in range(0, 900, 50):
            money = rules.statement([gross], [], 10, 25, fees)
            assert money.gross == money.kept + money.due and money.fees <= fees and min(money.kept, money.due) >= 0


def test_the_desk_takes_its_fee_for_each_thing_that_came(world: Any) -> None:
    open_desk(world, fee_minor=50)
    first, _second = bring(world, "tess", 1000, 700)
    here, desk = pages(world)
    with transaction() as db_session:
        desk_row = queries.get_desk(db_session, event_id=world.event_id)
        seller = queries.get_lot(db_session, first, desk_id=desk_row.id).seller
        services.list_lot(
            db_session, desk=desk_row, seller=seller, title="At home", price_minor=100, by=BY, now=utcnow()
        )
    sell(world, first)
    tess, olga = world.client("tess"), world.client("olga")
    assert "$0.50, taken off what your things bring" in tess.get(here).text
    assert "$2.00, of it $1.00 for things brought" in tess.get(here).text
    assert 'value="0.50"' in olga.get(f"{desk}/terms").text
    with transaction() as db_session:
        desk_row = queries.get_desk(db_session, event_id=world.event_id)
        with pytest.raises(BadLot, match="the fee stay"):
            services.change_terms(db_session, desk=desk_row, terms=Terms(10, 100), by=BY, now=utcnow())
        seller = queries.list_sellers(db_session, desk_id=desk_row.id)[0]
        services.pay_out(db_session, desk=desk_row, seller=seller, seen_minor=800, by=BY, now=utcnow())
    assert faults() == []


def test_sellers_get_one_mail_for_what_was_sold_in_half_an_hour(world: Any, mail: Any, clock: Any) -> None:
    open_desk(world)
    first, second, third = bring(world, "tess", 500, 700, 900)
    sell(world, first)
    sell(world, second)
    sell(world, third)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        lot = queries.get_lot(db_session, third, desk_id=desk.id)
        services.undo_sale(db_session, desk=desk, lot=lot, by=BY, now=utcnow())
    work(world)
    assert not [row for row in mail.deliver_all() if "sold" in str(row["Subject"])]
    clock.advance(minutes=31)
    work(world)
    (told,) = [row for row in mail.deliver_all() if "sold" in str(row["Subject"])]
    words = told.get_body(("plain",)).get_content()
    assert str(told["Subject"]).startswith("2 of your things are sold: bring and buy")
    assert "Thing for 500: $5.00" in words and "Thing for 900" not in words and "to you now: $10.00" in words
    assert "Thing for 700" in told.get_body(("html",)).get_content()


def test_who_has_no_account_or_has_left_gets_no_mail(world: Any) -> None:
    open_desk(world)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        seller = services.enroll(db_session, desk=desk, person_id=None, name="Mo", by=BY, now=utcnow())
        lot = services.list_lot(
            db_session, desk=desk, seller=seller, title="Rug", price_minor=300, is_here=True, by=BY, now=utcnow()
        )
        lot_id, seller_id = lot.id, seller.id
    sell(world, lot_id)
    assert db.session.scalar(select(Job.id).where(Job.kind == mail.JOB)) is None
    payload = {"seller_id": seller_id, "from": (utcnow() - timedelta(minutes=5)).isoformat()}
    with transaction() as db_session:
        mail.tell_seller(db_session, payload, now=utcnow())
    assert mail.compose(db.session(), {"seller_id": seller_id, "lots": []}) is None


def test_the_desk_of_a_show_file_opens_with_its_terms(world: Any) -> None:
    files = [show for show in sample_shows()["shows"] if show.get("consignment")]
    assert len(files) == 2
    report = ImportReport()
    for show in files:
        importing.check_desk(show, report)
    assert report.problems == []
    for _ in range(2):  # the same file again changes nothing
        with transaction() as db_session:
            importing.apply_desk(db_session, db_session.get_one(Event, world.event_id), files[0], utcnow())
    desk = queries.get_desk(db.session(), event_id=world.event_id)
    assert (desk.percent, desk.step_minor, desk.min_minor, desk.most_lots) == (15, 25, 100, 60)
    assert "Unclaimed: kept 30 days" in desk.words and "Sale: " in desk.words
    changed = {"consignment": {**files[0]["consignment"], "listing_fee": 25, "commission_pct": 5}}
    with transaction() as db_session:
        importing.apply_desk(db_session, db_session.get_one(Event, world.event_id), changed, utcnow())
    assert queries.fee_of(db.session(), desk_id=desk.id) == 25 and desk.percent == 5
    (lamp,) = bring(world, "tess", 500)
    sell(world, lamp)
    with transaction() as db_session:
        importing.apply_desk(db_session, db_session.get_one(Event, world.event_id), files[0], utcnow())
    assert lots()["Thing for 500"].state is LotState.SOLD
    assert queries.get_desk(db.session(), event_id=world.event_id).percent == 5


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ("desk", "consignment"),
        ({}, "consignment.commission_pct"),
        ({"commission_pct": 60}, "consignment.commission_pct"),
        ({"commission_pct": True}, "consignment.commission_pct"),
        ({"commission_pct": 5, "listing_fee": -1}, "consignment.listing_fee"),
        ({"commission_pct": 5, "seller_item_max": "many"}, "consignment.seller_item_max"),
    ],
)
def test_a_wrong_desk_in_a_file_is_named_at_its_key(raw: Any, where: str) -> None:
    report = ImportReport()
    importing.check_desk({"consignment": raw}, report)
    assert [row[0] for row in report.problems] == [where]


def test_a_planned_price_drop_of_a_file_is_used_when_it_says_when_and_by_how_much(world: Any) -> None:
    report = ImportReport()
    importing.check_desk({"consignment": {"commission_pct": 5, "price_drops": [{"day": 1}]}}, report)
    importing.check_desk({"consignment": None}, report)
    assert report.problems == [] and len(report.kept) == 1
    file = {"consignment": {"commission_pct": 5, "price_drops": [{"day": 1, "start": "15:00", "percent": 50}]}}
    importing.check_desk(file, report)
    assert report.problems == [] and len(report.kept) == 1
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        importing.apply_desk(db_session, event, file, utcnow())
        drop = importing.terms_of(file["consignment"], event).drop
    desk = queries.get_desk(db.session(), event_id=world.event_id)
    assert drop is not None and queries.drop_of(db.session(), desk_id=desk.id) == drop
    bring(world, "tess", 500)
    without = {"consignment": {"commission_pct": 5}}
    with transaction() as db_session:  # things have come: their sellers know the drop
        importing.apply_desk(db_session, db_session.get_one(Event, world.event_id), without, utcnow())
    assert queries.drop_of(db.session(), desk_id=desk.id) == drop


def test_lowered_prices_are_rounded_up_and_never_rise() -> None:
    assert rules.lowered(450, 50, step=25) == 225 and rules.lowered(425, 50, step=25) == 225
    assert rules.lowered(300, 50, least=200) == 200 and rules.lowered(100, 50, least=200) == 100
    for price in range(1, 700, 13):
        for percent in range(5, 91, 5):
            new = rules.lowered(price, percent, step=100)
            assert 0 < new <= price and (new % 100 == 0 or new == price) and 100 * new >= price * (100 - percent)


def test_everything_unsold_goes_down_at_once_when_the_time_has_come(world: Any, clock: Any) -> None:
    starts_at = utcnow() + timedelta(hours=2)
    open_desk(world, step=25, drop=rules.Drop(50, starts_at))
    lamp, rug, _clock = bring(world, "tess", 500, 425, 900)
    here, desk = pages(world)
    tess, olga = world.client("tess"), world.client("olga")
    assert "what is unsold costs 50 % less" in tess.get(here).text
    kept = post(tess, f"{here}/lots/{rug}/price", {"price": "4.25", "seen": "425", "keeps_price": "y"})
    assert kept.status_code == 303 and lots()["Thing for 425"].keeps_price
    assert "keeps its price" in tess.get(here).text
    with transaction() as db_session:
        row = queries.get_desk(db_session, event_id=world.event_id)
        labels = papers.load_labels(db_session, {"desk_id": row.id}, utcnow())["labels"]
        assert [": $2.50" in label["owner"] for label in labels] == [True, False, False]
        with pytest.raises(BadLot, match="as their sellers know it"):
            services.change_terms(db_session, desk=row, terms=Terms(10, 25), by=BY, now=utcnow())
    early = post(olga, f"{desk}/price-drop", {}, follow_redirects=True)
    assert "not time yet" in early.text and "A button for that stands here then" in early.text
    assert "$2.50" in olga.get(f"{desk}/list").text
    sell(world, lamp)
    clock.advance(hours=3)
    assert "1 thing?" in olga.get(desk).text
    for said in ("1 thing costs less now", "0 things cost less now"):
        assert said in post(olga, f"{desk}/price-drop", {}, follow_redirects=True).text
    now = lots()
    assert [now[f"Thing for {price}"].price_minor for price in (500, 425, 900)] == [500, 425, 450]
    assert "Prices went down by 50 %" in olga.get(desk).text and "went down by 50 %" in tess.get(here).text
    assert faults() == []


def test_a_drop_that_labels_promise_holds_for_whoever_reads_them(world: Any, clock: Any) -> None:
    open_desk(world, drop=rules.Drop(50, utcnow() + timedelta(hours=2)))
    lamp, _rug = bring(world, "tess", 600, 800)
    here, desk = pages(world)
    sell(world, lamp)
    clock.advance(hours=3)
    tess, olga = world.client("tess"), world.client("olga")
    page, typed = (
        f"{here}/lots/{lots()['Thing for 800'].id}/price",
        {"price": "8.00", "seen": "800", "keeps_price": "y"},
    )
    late = post(tess, page, typed)
    assert late.status_code == 422 and "others may have read on its label" in late.text
    assert post(olga, f"{desk}/price-drop").status_code == 303
    assert post(olga, f"{desk}/lots/{lamp}/sale/removal").status_code == 303
    now = lots()
    prices = [now[f"Thing for {price}"].price_minor for price in (600, 800)]
    assert prices == [300, 400], "a slip is put right at the lower price"
    assert post(tess, page, {"price": "4.00", "seen": "400"}).status_code == 303
    assert faults() == []


def test_a_drop_that_lowered_nothing_can_be_planned_anew(world: Any, clock: Any) -> None:
    open_desk(world, drop=rules.Drop(50, utcnow() + timedelta(hours=1)))
    clock.advance(hours=2)
    with transaction() as db_session:
        desk, later = queries.get_desk(db_session, event_id=world.event_id), utcnow() + timedelta(hours=1)
        assert services.lower_prices(db_session, desk=desk, by=BY, now=utcnow()) == 0
        services.change_terms(
            db_session, desk=desk, terms=Terms(10, 100, drop=rules.Drop(30, later)), by=BY, now=utcnow()
        )
    bring(world, "tess", 1000)
    clock.advance(hours=2)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=world.event_id)
        assert services.lower_prices(db_session, desk=desk, by=BY, now=utcnow()) == 1


def test_percent_and_time_of_a_price_drop_go_together(world: Any) -> None:
    _here, desk = pages(world)
    olga = world.client("olga")
    typed = {"percent": "10", "most_lots": "40", "drop_percent": "50", "drop_at": ""}
    wrong = post(olga, desk, typed)
    assert wrong.status_code == 422 and "write both, the percent and the time" in wrong.text
    assert post(olga, desk, typed | {"drop_at": "2027-05-16T15:00"}).status_code == 303
    assert 'value="50"' in olga.get(f"{desk}/terms").text and "2027-05-16T15:00" in olga.get(f"{desk}/terms").text
    assert post(olga, f"{desk}/terms", typed | {"drop_percent": ""}).status_code == 303
    assert queries.drop_of(db.session(), desk_id=queries.get_desk(db.session(), event_id=world.event_id).id) is None
