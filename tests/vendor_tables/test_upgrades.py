"""A table comes back: where the organizer wants it, placed vendors who wished for it come before the waiting list."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import ledger
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order, PayMethod, Refund
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.models import Reservation, TablePlace, TableType
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.services.desk import release_hold
from swapmeet.vendor_tables.upgrades import parts, services
from swapmeet.vendor_tables.upgrades.models import UpgradeOffer, UpgradeState
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_desk import dearer
from tests.vendor_tables.test_promotions import Line

S = ApplicationState
U = UpgradeState
BY = Actor.command("test")


class Round(Line):
    """A line with placed vendors: they accepted an offer and have paid."""

    def placed(self, who: str, *labels: str, wishes: tuple[str, ...] = (), points: int = 0) -> int:
        application_id = self.applying.write(who, table_count=len(labels), wishes=wishes)
        with transaction() as db_session:
            row, event, now = db_session.get_one(Application, application_id), self.world.show(), utcnow()
            by = Actor.person(self.world.ids[who], who)
            places = [db_session.get_one(TablePlace, self.floor.ids[label]) for label in labels]
            offers.make_offer(
                db_session,
                event=event,
                application=row,
                places=places,
                expires_at=now + timedelta(days=5),
                by=by,
                now=now,
            )
            cart = self.floor.cart(db_session, who=who)
            offers.take_up(db_session, event=event, application=row, cart=cart, by=by, now=now)
            first = min(line.id for line in list_live_lines(db_session, cart))
            order = place_order(
                db_session, event=event, cart=cart, seen_total_minor=cart.total_minor, by=by, now=now,
                contact=Contact(name=who, email=f"{who}@example.org", method=PayMethod.CHECK),
                answers={first: {f"line-{first}-vendor": who, f"line-{first}-sells": "lamps"}},
            )  # fmt: skip
            record_payment(
                db_session, order=order, method=PayMethod.CHECK, amount_minor=order.total_minor, reference=who,
                received_at=now, by=Actor.person(self.world.ids["trudy"]), now=now,
            )  # fmt: skip
            return self._with_points(db_session, row, points)

    def _with_points(self, db_session: Session, row: Application, points: int) -> int:
        from swapmeet.vendor_tables.applications.services.handling import save_standing

        save_standing(
            db_session, application=row, points=points, is_member=False, by=Actor.command("test"), now=utcnow()
        )
        return row.id

    def comes_back(self, *labels: str) -> None:
        """Somebody was offered these and let them go."""
        self.gives_back(self.offered("otto", *labels))

    def upgrades(self) -> list[UpgradeOffer]:
        db.session.rollback()
        db.session.expire_all()
        return list(db.session.scalars(select(UpgradeOffer).order_by(UpgradeOffer.id)))

    def answer(self, who: str, deed: str, seen: int = 0) -> Any:
        return self.applying.post("/upgrade", {"deed": deed, "seen": str(seen)}, who)

    def where(self, label: str) -> str:
        row = self.floor.live(label)
        return row.holder if row is not None else ""

    def all_faults(self) -> list[str]:
        db.session.rollback()
        return [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())]


@pytest.fixture
def round_(applying: Applying) -> Round:
    applying.settings(has_upgrades=True)
    return Round(applying)


def test_a_placed_vendor_comes_before_the_line_and_the_old_table_goes_to_it(round_: Round, mail: Any) -> None:
    vic = round_.placed("vic", "A01", wishes=("B03", "A01"))
    tess = round_.waiting("tess")
    round_.comes_back("B03")
    assert round_.moves() == 0, "the line has nothing to get: the table is held for Vic"
    (offer,) = round_.upgrades()
    assert (offer.application_id, offer.labels, offer.rank, offer.rank_now) == (vic, "B03", 1, 2)
    assert round_.floor.states()["B03"] == "held" and round_.state(tess) is S.WAITLISTED and round_.all_faults() == []
    assert any("B03, your wish number 1" in mail.text(each) for each in mail.to("vic.vendor@example.org"))
    assert "It costs the same." in round_.applying.page("vic")
    assert round_.answer("vic", "take").status_code == 303
    assert round_.where("B03") == "vic" and round_.where("A01") == "" and round_.state(vic) is S.CONFIRMED
    assert round_.moves() == 1 and round_.state(tess) is S.OFFERED
    assert round_.applying.row(tess).places == [round_.floor.ids["A01"]]
    assert [each.state for each in round_.upgrades()] == [U.TAKEN] and round_.all_faults() == []


def test_who_stays_lets_the_line_have_it_and_is_not_asked_again(round_: Round) -> None:
    round_.placed("vic", "A01", wishes=("B03",))
    tess = round_.waiting("tess")
    round_.comes_back("B03")
    round_.moves()
    round_.answer("vic", "stay")
    assert round_.moves() == 1 and round_.applying.row(tess).places == [round_.floor.ids["B03"]]
    assert [each.state for each in round_.upgrades()] == [U.DECLINED] and round_.where("A01") == "vic"


def test_the_time_runs_out_at_the_second(round_: Round, clock: Any) -> None:
    round_.placed("vic", "A01", wishes=("B03",))
    tess = round_.waiting("tess")
    round_.comes_back("B03")
    round_.moves()
    ends = round_.upgrades()[0].expires_at
    clock.set(ends)
    answer = round_.answer("vic", "take")
    assert answer.status_code == 303 and round_.where("A01") == "vic"
    assert round_.moves() == 1 and round_.state(tess) is S.OFFERED
    assert [each.state for each in round_.upgrades()] == [U.LAPSED] and round_.all_faults() == []


def test_the_difference_is_asked_for_or_goes_back_and_is_the_one_that_was_shown(round_: Round) -> None:
    vic = round_.placed("vic", "A01", wishes=("B03",))
    dearer(round_.floor, "B03", 6000)
    round_.comes_back("B03")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    assert re.search(r"costs \$15(\.00)? more", round_.applying.page("vic"))
    round_.answer("vic", "take", seen=0)
    assert round_.where("A01") == "vic", "the page had shown another price"
    round_.answer("vic", "take", seen=1500)
    order = db.session.scalars(select(Order).where(Order.buyer_name == "vic")).one()
    assert (order.total_minor, ledger.owed(db.session(), order)) == (6000, 1500)
    assert round_.where("B03") == "vic" and round_.state(vic) is S.CONFIRMED and round_.all_faults() == []


def test_the_difference_that_is_shown_has_its_tax_in_it(round_: Round) -> None:
    with transaction():
        round_.world.show().taxes = {"table": {"name": "VAT", "basis_points": 1000, "is_added": True}}
    round_.placed("vic", "A01", wishes=("B03",))
    dearer(round_.floor, "B03", 6000)
    round_.comes_back("B03")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    assert "costs $16.50 more" in round_.applying.page("vic")
    round_.answer("vic", "take", seen=1650)
    order = db.session.scalars(select(Order).where(Order.buyer_name == "vic")).one()
    assert (order.total_minor, ledger.owed(db.session(), order)) == (6600, 1650) and round_.all_faults() == []


@pytest.mark.parametrize(
    ("wishes", "back"),
    [((), "B03"), (("A01", "B03"), "B03"), (("B04",), "B03"), (("A01",), "A02")],
    ids=["no wishes", "has the first", "another wish", "not wished for"],
)
def test_nobody_is_asked_about_what_they_do_not_like_better(round_: Round, wishes: tuple[str, ...], back: str) -> None:
    round_.placed("vic", "A01", wishes=wishes)
    tess = round_.waiting("tess")
    round_.comes_back(back)
    assert round_.moves() == 1 and round_.upgrades() == [] and round_.state(tess) is S.OFFERED


def test_one_table_is_offered_once_to_the_one_with_most_points(round_: Round) -> None:
    round_.placed("vic", "A01", wishes=("B03",), points=5)
    ann = round_.placed("ann", "A02", wishes=("B03",), points=30)
    round_.waiting("tess")
    round_.comes_back("B03")
    assert round_.moves() == 0
    assert [each.application_id for each in round_.upgrades()] == [ann]
    round_.answer("ann", "stay")
    assert round_.moves() == 0
    assert [each.state for each in round_.upgrades()] == [U.DECLINED, U.OFFERED] and round_.all_faults() == []


def test_two_tables_move_together(round_: Round) -> None:
    round_.placed("vic", "A01", "A02", wishes=("Row B",))
    round_.comes_back("B03", "B04")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    round_.answer("vic", "take")
    assert [round_.where(label) for label in ("A01", "A02", "B03", "B04")] == ["", "", "vic", "vic"]
    assert round_.all_faults() == []


def test_two_tables_are_priced_together_each_in_its_turn_and_settled_once(round_: Round) -> None:
    with transaction() as db_session:
        kind = db_session.get_one(TableType, round_.floor.type_id)
        kind.first_price_minor = 4000
        further = {"event_id": kind.event_id, "type_id": kind.id, "kind": PriceKind.LISTED}
        db_session.add(TablePrice(part="row:B", price_minor=5200, **further))
    round_.placed("vic", "A01", "A02", wishes=("Row B",))
    order = db.session.scalars(select(Order).where(Order.buyer_name == "vic")).one()
    assert order.total_minor == 4000 + 4500
    round_.comes_back("B03", "B04")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    assert re.search(r"costs \$7(\.00)? more", round_.applying.page("vic")), "the first table stays the first"
    round_.answer("vic", "take", seen=700)
    db.session.rollback()
    db.session.refresh(order)
    assert (order.total_minor, ledger.owed(db.session(), order)) == (4000 + 5200, 700)
    assert db.session.scalars(select(Refund)).all() == [] and round_.all_faults() == []


def test_a_table_the_team_took_back_ends_the_offer(round_: Round) -> None:
    round_.placed("vic", "A01", wishes=("B03",))
    round_.comes_back("B03")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    held = round_.floor.live("B03")
    assert held is not None and "A table you wished for is free" in round_.applying.page("vic")
    with transaction() as db_session:
        release_hold(
            db_session, reservation=db_session.get_one(Reservation, held.id), reason="needed", by=BY, now=utcnow()
        )
        db_session.get_one(TablePlace, round_.floor.ids["B03"]).is_sellable = False
    assert "A table you wished for is free" not in round_.applying.page("vic")
    round_.answer("vic", "take")
    assert round_.where("A01") == "vic"
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    assert [each.state for each in round_.upgrades()] == [U.VOID] and round_.all_faults() == []


def test_without_the_setting_the_line_comes_first(round_: Round) -> None:
    round_.applying.settings(has_upgrades=False)
    round_.placed("vic", "A01", wishes=("B03",))
    tess = round_.waiting("tess")
    round_.comes_back("B03")
    assert round_.moves() == 1 and round_.state(tess) is S.OFFERED and round_.upgrades() == []


def test_an_offer_is_void_when_its_vendor_was_moved_meanwhile(round_: Round) -> None:
    round_.placed("vic", "A01", wishes=("B03",))
    round_.comes_back("B03")
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    row = round_.floor.live("A01")
    assert row is not None
    with transaction() as db_session:
        from swapmeet.vendor_tables.services.desk import move_reservation

        move_reservation(
            db_session, event=round_.world.show(), reservation=db_session.get_one(type(row), row.id),
            target=db_session.get_one(TablePlace, round_.floor.ids["A05"]), reason="power", is_told=False,
            by=Actor.command("test"), now=utcnow(),
        )  # fmt: skip
    round_.answer("vic", "take")
    assert round_.where("A05") == "vic"
    with transaction() as db_session:
        services.run_all(db_session, utcnow())
    assert round_.upgrades()[0].state is U.VOID and parts.offers_without_their_tables(db.session(), utcnow()) == []


def press(number: int, event_id: int, application_id: int) -> str:
    """The vendor presses in several tabs: some change, some stay."""

    def work(db_session: Session) -> str:
        row = db_session.get_one(Application, application_id)
        by, now = Actor.command("test"), utcnow()
        if number % 2:
            services.decline(db_session, application=row, by=by, now=now)
            return "stayed"
        event = db_session.get_one(Event, event_id)
        services.take(db_session, event=event, application=row, seen_minor=0, by=by, now=now)
        return "changed"

    try:
        return attempt(work)
    except DomainError as error:
        return error.code


def _race_to_answer(settings: Settings, start_settings: Settings) -> tuple[list[str], dict[str, str], list[str]]:
    """(what eight tabs were told, the floor after it, what the doctor finds)"""
    app = create_app(start_settings)
    with app.app_context():
        applying = Applying(Floor(World(app)))
        applying.settings(has_upgrades=True)
        round_ = Round(applying)
        vic = round_.placed("vic", "A01", wishes=("B03",))
        round_.comes_back("B03")
        with transaction() as db_session:
            services.run_all(db_session, utcnow())
        start = (round_.world.event_id, vic)
        db.session.remove()
        results = race(press, settings, processes=2, threads=4, arguments=start, keep_failures=True)
        found = [str(each) for each in results], round_.floor.states(), round_.all_faults()
        db.session.remove()
        db.engine.dispose()
    return found


def test_changing_and_staying_at_once_ends_in_one_of_them(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    results, floor, faults = _race_to_answer(settings, settings)
    assert sorted(results)[:1] in (["changed"], ["stayed"]) and results.count("upgrade_over") == 7, results
    assert floor == {"B03" if "changed" in results else "A01": "taken"} and faults == []


def test_control_without_the_locks_one_offer_has_several_answers(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    results, _, _ = _race_to_answer(settings.with_values(unsafe_no_guard=True), settings)
    assert results.count("changed") + results.count("stayed") > 1, results
