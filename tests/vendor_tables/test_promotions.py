"""A table comes back: it is offered to the first application in line that it fits, with a clock, and goes on to the next."""

from datetime import timedelta
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.waitlist import doctor as line_doctor
from swapmeet.orders.waitlist.mail import entry_url
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import serve
from swapmeet.vendor_tables import doctor as tables_doctor
from swapmeet.vendor_tables.applications import doctor, queries
from swapmeet.vendor_tables.applications.models import Application, ApplicationInLine
from swapmeet.vendor_tables.applications.services import offers, standing
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests.support.forms import post
from tests.vendor_tables.applying import Applying

S = ApplicationState
TEAM = Actor.command("test")


class Line:
    """Somebody holds tables by an offer and lets them go; others wait."""

    def __init__(self, applying: Applying) -> None:
        self.applying, self.world, self.floor = applying, applying.world, applying.floor

    def offered(self, who: str, *labels: str) -> int:
        """An application with an open offer of these tables, for as long as the show is away."""
        application_id = self.applying.write(who, table_count=len(labels))
        with transaction() as db_session:
            offers.make_offer(
                db_session,
                event=self.world.show(),
                application=db_session.get_one(Application, application_id),
                places=[self.floor.place(label) for label in labels],
                expires_at=utcnow() + timedelta(days=20),
                by=TEAM,
                now=utcnow(),
            )
        return application_id

    def waiting(self, who: str, **values: Any) -> int:
        application_id = self.applying.write(who, **values)
        self.applying.bring(application_id, S.WAITLISTED)
        return application_id

    def gives_back(self, application_id: int) -> None:
        with transaction() as db_session:
            offers.withdraw(
                db_session,
                application=db_session.get_one(Application, application_id),
                reason="ill",
                by=Actor.guest("vendor"),
                now=utcnow(),
            )

    def moves(self) -> int:
        with transaction() as db_session:
            return serve(db_session, event=self.world.show(), now=utcnow())

    def entry(self, application_id: int) -> WaitingEntry:
        db.session.rollback()
        db.session.expire_all()
        found = queries.find_entry(db.session(), application_id)
        assert found is not None
        return found

    def state(self, application_id: int) -> ApplicationState:
        return self.applying.row(application_id).state

    def link(self, application_id: int, deed: str = "") -> str:
        with self.world.app.test_request_context():
            return entry_url(self.entry(application_id)) + deed

    def press(self, application_id: int, deed: str) -> Any:
        return post(self.world.client(None), self.link(application_id, f"/{deed}"), {})

    def faults(self) -> list[str]:
        db.session.rollback()
        every = [*line_doctor.QUERIES, *doctor.QUERIES, *tables_doctor.QUERIES, *orders_doctor.QUERIES]
        return [fault for query in every for fault in query.find(db.session(), utcnow())]


@pytest.fixture
def line(applying: Applying) -> Line:
    return Line(applying)


def test_a_table_that_comes_back_is_offered_to_the_first_whom_it_fits(line: Line, mail: Any) -> None:
    giver = line.offered("ann", "A02")
    two, one = line.waiting("tess", table_count=2), line.waiting("vic")
    assert line.moves() == 0, "tables that nobody was ever given are the team's to give"
    assert "number 2 of 2" in line.applying.page("vic")
    line.gives_back(giver)
    assert line.moves() == 1
    assert (line.state(two), line.state(one)) == (S.WAITLISTED, S.OFFERED)
    row = line.applying.row(one)
    assert row.places == [line.floor.ids["A02"]]
    assert row.offer_expires_at == line.entry(one).offer_ends_at
    assert line.floor.states()["A02"] == "held" and line.faults() == []
    assert line.link(one) in mail.text(mail.to("vic.vendor@example.org")[-1])
    page = line.applying.page("vic")
    assert "A02" in page and line.link(one) in page
    assert line.moves() == 0


def test_the_offer_is_taken_paid_and_the_application_confirmed(line: Line) -> None:
    giver, vic = line.offered("ann", "A02"), line.waiting("vic")
    line.gives_back(giver)
    line.moves()
    answer = line.press(vic, "acceptance")
    assert answer.status_code == 303 and answer.location.endswith("/checkout")
    cart_id = line.entry(vic).offer_order_id
    assert cart_id is not None
    line.floor.place_order(cart_id)
    line.floor.pay(cart_id)
    assert line.state(vic) is S.CONFIRMED and line.entry(vic).state is WaitState.TAKEN
    assert line.floor.states()["A02"] == "taken" and line.faults() == []


def test_declined_it_goes_to_the_next_at_once(line: Line) -> None:
    giver, vic, tom = line.offered("ann", "A02"), line.waiting("vic"), line.waiting("tom")
    line.gives_back(giver)
    line.moves()
    assert line.press(vic, "refusal").status_code == 303
    assert (line.state(vic), line.state(tom)) == (S.WITHDRAWN, S.OFFERED)
    assert line.press(vic, "return").status_code == 303
    assert line.state(vic) is S.WAITLISTED and line.faults() == []


def test_missed_it_lapses_and_passes_on_and_who_missed_it_may_wait_again(line: Line, clock: Any) -> None:
    giver, vic, tom = line.offered("ann", "A02"), line.waiting("vic"), line.waiting("tom")
    line.gives_back(giver)
    line.moves()
    ends = line.entry(vic).offer_ends_at
    clock.set(ends - timedelta(seconds=1))
    assert line.moves() == 0 and line.state(vic) is S.OFFERED
    clock.set(ends)
    assert not line.press(vic, "acceptance").location.endswith("/checkout"), "a second late is too late"
    with transaction() as db_session:
        offers.run_clocks(db_session, now=utcnow())
        sweep_expired(db_session, now=utcnow())
    assert line.moves() == 1
    assert (line.state(vic), line.state(tom)) == (S.LAPSED, S.OFFERED)
    line.press(vic, "return")
    assert line.state(vic) is S.WAITLISTED and line.faults() == []


def test_power_and_kinds_of_wares_are_looked_at(line: Line) -> None:
    giver = line.offered("ann", "A02")
    needy, plain = line.waiting("vic", power_amps=3), line.waiting("tom")
    line.gives_back(giver)
    assert line.moves() == 1
    assert (line.state(needy), line.state(plain)) == (S.WAITLISTED, S.OFFERED)


def test_two_tables_go_to_who_needs_two_side_by_side(line: Line) -> None:
    giver, pair = line.offered("ann", "A02", "A03"), line.waiting("tess", table_count=2)
    line.gives_back(giver)
    assert line.moves() == 1
    assert line.state(pair) is S.OFFERED and len(line.applying.row(pair).places) == 2
    assert line.faults() == []


def test_a_vendor_who_withdraws_leaves_the_line_and_the_team_takes_people_out_of_it(line: Line) -> None:
    vic, tom = line.waiting("vic"), line.waiting("tom")
    line.applying.post("/withdrawal", {"reason": "ill"})
    assert line.entry(vic).state is WaitState.LEFT
    with transaction() as db_session:
        offers.make_offer(
            db_session,
            event=line.world.show(),
            application=db_session.get_one(Application, tom),
            places=[line.floor.place("B01")],
            expires_at=utcnow() + timedelta(days=2),
            by=TEAM,
            now=utcnow(),
        )
    assert line.entry(tom).state is WaitState.LEFT and line.state(tom) is S.OFFERED
    assert line.faults() == []


def test_the_line_goes_past_who_has_not_paid_the_application_fee(line: Line) -> None:
    first = line.offered("ann", "A01")
    line.applying.settings(fee_minor=2000, fee_policy="always")
    vic = line.waiting("vic")  # refused an offer, got the fee back, and waits again
    line.gives_back(first)
    line.moves()
    assert line.state(vic) is S.WAITLISTED and line.floor.states() == {} and line.faults() == []
    assert "Pay the application fee" in line.applying.page()
    assert line.applying.manage(f"/{vic}/fee-waiver", {}).status_code == 303
    line.moves()
    assert line.state(vic) is S.OFFERED and line.faults() == []


def test_who_leaves_the_line_by_its_link_withdraws(line: Line) -> None:
    vic = line.waiting("vic")
    line.press(vic, "departure")
    assert line.state(vic) is S.WITHDRAWN


def test_an_offer_to_pick_on_the_plan_keeps_its_table_free(line: Line) -> None:
    giver, picker, vic = line.offered("ann", "A02"), line.applying.write("tess"), line.waiting("vic")
    with transaction() as db_session:
        row = db_session.get_one(Application, picker)
        until = utcnow() + timedelta(days=9)
        offers.make_offer(
            db_session, event=line.world.show(), application=row, places=[], expires_at=until, by=TEAM, now=utcnow()
        )
    line.gives_back(giver)
    assert line.moves() == 0 and line.state(vic) is S.WAITLISTED


def test_who_was_on_the_list_before_there_was_a_line_gets_the_place_of_that_day(line: Line, clock: Any) -> None:
    old = line.waiting("vic")
    clock.advance(days=1)
    new = line.waiting("tom")
    with transaction() as db_session:
        entry = queries.find_entry(db_session, old)
        db_session.delete(db_session.get_one(ApplicationInLine, old))
        db_session.delete(entry)
    with transaction() as db_session:
        standing.enter_all(db_session, now=utcnow())
    db.session.rollback()
    assert queries.position_on_list(db.session(), line.applying.row(old)) == (1, 2)
    assert queries.position_on_list(db.session(), line.applying.row(new)) == (2, 2)


def test_the_public_page_of_the_list_does_not_show_applications(line: Line) -> None:
    line.waiting("vic")
    page = line.world.client(None).get(f"/shows/{line.world.slug}/waiting-list").text
    assert "Vic" not in page and "application-" not in page
