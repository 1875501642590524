"""Last time's vendors first, on the same table by its stable id; then wave by wave. Every clock to the second."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import EventSeries, SalePeriod
from swapmeet.infra.audit import record
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.vendor_tables import doctor as tables_doctor
from swapmeet.vendor_tables.applications.models import Application, SellingMode, VendorStanding, WaveKind
from swapmeet.vendor_tables.applications.queries import list_waves
from swapmeet.vendor_tables.applications.services import offers, rights, selling_waves
from swapmeet.vendor_tables.applications.waves import Buyer, Wave, first_chance
from swapmeet.vendor_tables.errors import PlaceTaken, TablesNotOnSale
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.services.profiles import vendor_for
from tests import factories
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor, rows_of_places, table_type


class LastTime:
    """An edition before the world's show, of the same series, whose tables have the same stable ids where labels match."""

    def __init__(self, floor: Floor, holders: dict[str, str]) -> None:
        self.floor, self.world = floor, floor.world
        with transaction() as db_session:
            show = self.world.show()
            series = EventSeries(organizer_id=show.organizer_id, slug="fair", name="Fair", created_at=utcnow())
            db_session.add(series)
            db_session.flush()
            show.series_id = series.id
            before = factories.event(
                db_session,
                organizer=self.world.organizer,
                name="Lakeside Fair before",
                first_day=utcnow().date() - timedelta(days=200),
                series_id=series.id,
            )
            factories.hall(db_session, event=before)
            kind = table_type(db_session, before)
            old = {place.label: place for place in rows_of_places(db_session, before, kind)}
            for label, place in old.items():
                place.uid = db_session.get_one(TablePlace, floor.ids[label]).uid
            period = db_session.scalars(select(SalePeriod).where(SalePeriod.event_id == before.id)).one()
            for label, who in holders.items():
                vendor = vendor_for(
                    db_session, person_id=self.world.ids[who], name=f"{who.title()}’s Stall", sells="", email="",
                    now=utcnow(),
                )  # fmt: skip
                row = (
                    Reservation(
                        event_id=before.id, place_id=old[label].id, sale_period_id=period.id, vendor_id=vendor.id,
                        kind=ReservationKind.SOLD, state=ReservationState.CONFIRMED, holder=vendor.name,
                        created_at=utcnow(),
                    )
                )  # fmt: skip
                db_session.add(row)
                record(
                    db_session, now=utcnow(), by=Actor.command("test"), verb="table.reserved", subject=row,
                    target="confirmed",
                )  # fmt: skip


def open_rights(floor: Floor, days: int = 10, **fields: Any) -> rights.Opened:
    with transaction() as db_session:
        return rights.open_window(
            db_session,
            event=floor.world.show(),
            until=utcnow() + timedelta(days=days),
            is_told=fields.get("is_told", False),
            by=Actor.command("test"),
            now=utcnow(),
        )


def close() -> None:
    with transaction() as db_session:
        rights.close_windows(db_session, now=utcnow())


def sound() -> None:
    end_reading()
    assert [words for query in tables_doctor.QUERIES for words in query.find(db.session(), utcnow())] == []


def test_the_same_table_is_kept_by_its_stable_id_though_its_number_changed(floor: Floor, mail: Any) -> None:
    LastTime(floor, {"A02": "vic", "A03": "vic", "B01": "ann"})
    with transaction() as db_session:
        db_session.get_one(TablePlace, floor.ids["A02"]).label = "A92"
    opened = open_rights(floor, is_told=True)
    assert (opened.kept, opened.vendors, opened.skipped) == (3, 2, [])
    row = floor.live("A02")
    assert row is not None and (row.kind, row.state) == (ReservationKind.INCUMBENT, ReservationState.OFFERED)
    with pytest.raises(PlaceTaken):
        floor.hold("B01", who="tess")
    (letter,) = mail.to("vic.vendor@example.org")
    assert "A92 and A03" in letter.get_body(("plain",)).get_content().replace("\n", " ")
    assert open_rights(floor).kept == 0, "a second time adds nothing"
    sound()


def test_what_cannot_be_kept_is_named_with_why(floor: Floor) -> None:
    LastTime(floor, {"A02": "vic", "A03": "ann", "B01": "tess"})
    floor.hold("A02", who="tom")
    with transaction() as db_session:
        db_session.get_one(TablePlace, floor.ids["A03"]).is_sellable = False
        db_session.get_one(TablePlace, floor.ids["B01"]).uid = "another"
    opened = open_rights(floor)
    assert opened.kept == 0
    assert sorted(words.split(": ")[1] for words in opened.skipped) == [
        "held or sold already",
        "not for sale this time",
        "not on the plan any more",
    ]


def test_a_vendor_takes_the_table_again_or_lets_it_go(floor: Floor, world: Any) -> None:
    applying = Applying(floor)
    applying.settings(mode=SellingMode.DIRECT)
    LastTime(floor, {"A02": "vic", "A03": "vic", "B01": "ann"})
    open_rights(floor)
    page = applying.page()
    assert "Your tables of last time" in page and "Table A02" in page and "B01" not in page
    answer = applying.post("/rights", {"place": floor.ids["A02"], "deed": "take"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/checkout")
    assert applying.post("/rights", {"place": floor.ids["A03"], "deed": "leave"}).status_code == 303
    assert (
        applying.post("/rights", {"place": floor.ids["B01"], "deed": "take"})
        .headers["Location"]
        .endswith("/application")
    )
    assert floor.states() == {"A02": "held", "B01": "held"}
    db.session.rollback()
    order = db.session.scalars(select(Order).where(Order.person_id == world.ids["vic"])).one()
    floor.place_order(order.id)
    floor.pay(order.id)
    assert floor.states() == {"A02": "taken", "B01": "held"}
    sound()


def test_the_window_closes_at_the_second(floor: Floor, clock: Any) -> None:
    applying = Applying(floor)
    LastTime(floor, {"A02": "vic"})
    open_rights(floor, days=1)
    ends = utcnow() + timedelta(days=1)
    clock.set(ends - timedelta(seconds=1))
    close()
    assert floor.states() == {"A02": "held"}
    clock.set(ends)
    answer = applying.post("/rights", {"place": floor.ids["A02"], "deed": "take"})
    assert answer.headers["Location"].endswith("/application") and floor.states() == {}
    close()
    assert floor.live("A02") is None and floor.reservations("A02")[0].state is ReservationState.LAPSED
    sound()


def test_a_cart_that_runs_out_gives_the_right_back_until_the_window_closes(floor: Floor, clock: Any) -> None:
    applying = Applying(floor)
    LastTime(floor, {"A02": "vic"})
    open_rights(floor, days=1)
    applying.post("/rights", {"place": floor.ids["A02"], "deed": "take"})
    clock.advance(minutes=15)
    with transaction() as db_session:
        sweep_expired(db_session, now=utcnow())
    row = floor.live("A02")
    assert row is not None and row.kind is ReservationKind.INCUMBENT and row.state is ReservationState.OFFERED
    sound()


def test_without_an_earlier_edition_nothing_is_kept(floor: Floor) -> None:
    applying = Applying(floor)
    answer = applying.manage("/rights", {"until": "2027-01-01T10:00"})
    assert answer.status_code == 422 and "no earlier show" in answer.get_data(as_text=True)
    LastTime(floor, {"A02": "vic"})
    answer = applying.manage("/rights", {"until": "2026-01-01T10:00"})
    assert answer.status_code == 422 and "That time is over" in answer.get_data(as_text=True)
    assert applying.manage("/rights", {"until": "2027-01-01T10:00"}).status_code == 303
    assert "1 table is kept" in applying.managed("/waves")


def test_who_is_in_which_wave_is_a_pure_question() -> None:
    at = datetime(2027, 1, 1, tzinfo=UTC)
    waves = [
        Wave(1, "Members", "members", at),
        Wave(2, "Fifty", "points", at + timedelta(days=1), 50),
        Wave(3, "Friends", "code", at + timedelta(days=2)),
        Wave(4, "All", "everybody", at + timedelta(days=3)),
    ]
    chance = [
        first_chance(waves, buyer)
        for buyer in (Buyer(is_member=True), Buyer(points=50), Buyer(points=49, passes=frozenset({3})), Buyer())
    ]
    assert [wave.name for wave in chance if wave] == ["Members", "Fifty", "Friends", "All"]
    assert first_chance(waves[:3], Buyer()) is None


def add_wave(applying: Applying, name: str, kind: WaveKind, days: int, **values: Any) -> None:
    with transaction() as db_session:
        selling_waves.add_wave(
            db_session,
            event=applying.world.show(),
            name=name,
            kind=kind,
            opens_at=utcnow() + timedelta(days=days),
            min_points=values.get("min_points"),
            code=values.get("code", ""),
            by=Actor.command("test"),
            now=utcnow(),
        )


def standing(applying: Applying, who: str, points: int, is_member: bool = False) -> None:
    with transaction() as db_session:
        vendor = vendor_for(db_session, person_id=applying.world.ids[who], name=who, sells="", email="", now=utcnow())
        db_session.add(
            VendorStanding(
                organizer_id=applying.world.organizer.id, vendor_id=vendor.id, points=points, is_member=is_member
            )
        )


def test_each_wave_opens_at_its_second_for_its_own_people(applying: Applying, clock: Any) -> None:
    floor = applying.floor
    applying.settings(mode=SellingMode.WAVES)
    begin = utcnow()
    add_wave(applying, "Members", WaveKind.MEMBERS, 1)
    add_wave(applying, "Points", WaveKind.POINTS, 2, min_points=50)
    add_wave(applying, "Everybody", WaveKind.EVERYBODY, 3)
    standing(applying, "vic", 0, is_member=True)
    standing(applying, "ann", 50)
    for number, (who, label, others) in enumerate(
        [("vic", "A01", "ann"), ("ann", "A02", "tess"), ("tess", "A03", "")], 1
    ):
        opens = begin + timedelta(days=number)
        clock.set(opens - timedelta(seconds=1))
        with pytest.raises(TablesNotOnSale, match="sold in waves"):
            floor.hold(label, who=who)
        clock.set(opens)
        if others:
            with pytest.raises(TablesNotOnSale):
                floor.hold(label, who=others)
        floor.hold(label, who=who)
    floor.hold("B01")


def test_a_code_lets_in_whoever_has_it(applying: Applying) -> None:
    applying.settings(mode=SellingMode.WAVES)
    add_wave(applying, "Friends", WaveKind.CODE, -1, code="Early-Bird 26")
    with pytest.raises(TablesNotOnSale):
        applying.floor.hold("A01", who="vic")
    assert "There is no wave with this code." in applying.post("/codes", {"code": "wrong"}).get_data(as_text=True)
    assert applying.post("/codes", {"code": "EARLY bird26"}).status_code == 303
    applying.floor.hold("A01", who="vic")
    with pytest.raises(TablesNotOnSale):
        applying.floor.hold("A02", who="ann")
    assert "is open" in applying.page()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "points"}, "Write how many points"),
        ({"kind": "code", "code": "abc"}, "six letters"),
        ({"kind": "members", "name": ""}, "Write a name"),
        ({"kind": "members", "opens_at": "soon"}, "Not a valid datetime"),
    ],
)
def test_a_faulty_wave_is_told(applying: Applying, fields: dict[str, str], words: str) -> None:
    data = {"name": "First", "opens_at": "2027-01-01T10:00", **fields}
    answer = applying.manage("/waves", data)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)


def test_the_team_sees_who_may_buy_when_and_removes_a_wave(applying: Applying) -> None:
    applying.settings(mode=SellingMode.WAVES)
    standing(applying, "ann", 60)
    data = {"name": "Many points", "kind": "points", "min_points": "50", "opens_at": "2027-01-01T10:00"}
    assert applying.manage("/waves", data).status_code == 303
    assert applying.manage("/waves", data).status_code == 422
    page = applying.managed("/waves")
    assert "From 50 points" in page
    wave = list_waves(db.session(), event_id=applying.world.event_id)[0]
    assert applying.manage(f"/waves/{wave.id}/removal", {}).status_code == 303
    assert "No wave yet" in applying.managed("/waves")
    applying.floor.hold("A01", who="vic")


def test_an_incumbent_order_does_not_keep_another_offer_alive(floor: Floor, clock: Any) -> None:
    """A lapse looks at what holds the offer, not at whatever else the vendor has bought."""
    applying = Applying(floor)
    applying.settings(mode=SellingMode.WAVES)
    floor.buy("B01", who="vic")
    application_id = applying.write()
    with transaction() as db_session:
        offers.make_offer(
            db_session,
            event=floor.world.show(),
            application=db_session.get_one(Application, application_id),
            places=[db_session.get_one(TablePlace, floor.ids["A02"])],
            expires_at=utcnow() + timedelta(hours=1),
            by=Actor.command("test"),
            now=utcnow(),
        )
    clock.advance(hours=1)
    with transaction() as db_session:
        assert offers.run_clocks(db_session, now=utcnow()) == 1
    assert applying.row(application_id).state == "lapsed" and floor.states() == {"B01": "taken"}
