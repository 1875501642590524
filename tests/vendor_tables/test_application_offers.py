"""Offers: made with a clock, taken up into the cart, paid, left, lapsed; accepted one second late; withdrawn in the middle."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from swapmeet.events.services.publishing import cancel_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import sweep_expired
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.vendor_tables import doctor as tables_doctor
from swapmeet.vendor_tables.applications import doctor
from swapmeet.vendor_tables.applications.models import Application, SellingMode
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.errors import TablesNotOnSale, TooManyTables
from swapmeet.vendor_tables.models import ReservationKind, ReservationState, TableType
from tests.vendor_tables.applying import Applying

S = ApplicationState
HOURS = 48


def local(moment: Any) -> str:
    return str((moment - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M"))


def offer(applying: Applying, application_id: int, tables: str = "A02, A03", **fields: Any) -> Any:
    """Through the organizer's page; ends in 48 hours."""
    seen = applying.row(application_id).moves
    ends = local(utcnow() + timedelta(hours=HOURS))
    return applying.manage(f"/{application_id}/offers", {"seen": seen, "tables": tables, "expires_at": ends, **fields})


def accept(applying: Applying, who: str = "vic") -> Any:
    return applying.post("/acceptance", {}, who=who)


def place(applying: Applying, order_id: int, who: str = "vic") -> Any:
    """Place the order of a cart as the vendor, to be paid by check."""
    order = db.session.get_one(Order, order_id)
    with transaction() as db_session:
        cart = db_session.get_one(Order, order.id)
        first = list_live_lines(db_session, cart)[0].id

        place_order(
            db_session,
            event=applying.world.show(),
            cart=cart,
            contact=Contact(name="Vic Vendor", email="vic.vendor@example.org", method=PayMethod.CHECK),
            answers={first: {f"line-{first}-vendor": "Tiny Works", f"line-{first}-sells": "lamps"}},
            seen_total_minor=cart.total_minor,
            by=Actor.person(applying.world.ids[who], who),
            now=utcnow(),
        )


def cart_of(applying: Applying, who: str = "vic") -> Order:
    db.session.rollback()
    wanted = select(Order).where(Order.person_id == applying.world.ids[who]).order_by(Order.id.desc())
    return db.session.scalars(wanted).all()[0]


def clocks() -> int:
    with transaction() as db_session:
        sweep_expired(db_session, now=utcnow())
        return offers.run_clocks(db_session, now=utcnow())


def sound() -> None:
    end_reading()
    found = [
        words for query in (*tables_doctor.QUERIES, *doctor.QUERIES) for words in query.find(db.session(), utcnow())
    ]
    assert found == []


def test_an_offer_is_accepted_paid_and_confirmed(applying: Applying, mail: Any) -> None:
    application_id = applying.write(table_count=2)
    assert offer(applying, application_id, message="Welcome!", is_told="y").status_code == 303
    assert applying.floor.states() == {"A02": "held", "A03": "held"}
    row = applying.row(application_id)
    assert row.state is S.OFFERED and row.snapshot["offer"]["tables"][str(applying.floor.ids["A02"])] == 4500
    (letter,) = mail.to("vic.vendor@example.org")
    assert "You are offered tables A02 and A03. The offer is good until" in letter.get_body(("plain",)).get_content()
    page = applying.page()
    assert "Table A02" in page and "The offer is good until" in page and "Accept and pay" in page
    answer = accept(applying)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/checkout")
    cart = cart_of(applying)
    assert (cart.state, cart.total_minor) == (OrderState.CART, 9000)
    assert "Go on in your cart" in applying.page()
    place(applying, cart.id)
    page = applying.page()
    assert "You have ordered what was offered to you." in page and "See the order and how to pay" in page
    applying.floor.pay(cart.id)
    assert applying.row(application_id).state is S.CONFIRMED and applying.floor.states() == {
        "A02": "taken",
        "A03": "taken",
    }
    sound()


def test_the_price_of_the_offer_stands_though_the_list_has_changed(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    with transaction() as db_session:
        db_session.get_one(TableType, applying.floor.type_id).price_minor = 9900
    accept(applying)
    assert cart_of(applying).total_minor == 4500


def test_an_offer_accepted_one_second_late_is_refused_in_words(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    ends = applying.row(application_id).offer_expires_at
    assert ends is not None
    clock.set(ends)
    answer = accept(applying)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/application")
    assert applying.floor.states() == {}
    clocks()
    assert applying.row(application_id).state is S.LAPSED
    assert "The time to accept the offer is over" in applying.page()
    sound()


def test_an_offer_accepted_in_its_last_second_stands(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    ends = applying.row(application_id).offer_expires_at
    assert ends is not None
    clock.set(ends - timedelta(seconds=1))
    assert accept(applying).headers["Location"].endswith("/checkout")
    clock.advance(minutes=10)
    assert clocks() == 0 and applying.row(application_id).state is S.OFFERED
    cart = cart_of(applying)
    place(applying, cart.id)
    applying.floor.pay(cart.id)
    assert applying.row(application_id).state is S.CONFIRMED
    sound()


def test_a_cart_that_runs_out_gives_the_tables_back_to_the_offer(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    accept(applying)
    clock.advance(minutes=15)
    clocks()
    row = applying.floor.live("A02")
    assert row is not None and (row.kind, row.state) == (ReservationKind.OFFER, ReservationState.OFFERED)
    assert row.expires_at == applying.row(application_id).offer_expires_at
    assert accept(applying).headers["Location"].endswith("/checkout"), "and can be accepted again"
    sound()


def test_a_cart_that_runs_out_after_the_end_of_the_offer_frees_the_tables(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    clock.advance(hours=HOURS - 1, minutes=50)
    accept(applying)
    clock.advance(minutes=15)
    clocks()
    clocks()
    assert applying.floor.states() == {} and applying.row(application_id).state is S.LAPSED
    sound()


def test_nobody_else_gets_a_table_whose_offer_is_in_a_cart_that_ran_out(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    accept(applying)
    applying.settings(mode=SellingMode.WAVES)
    clock.advance(minutes=15)

    with pytest.raises(DomainError):
        applying.floor.hold("A02", who="ann")
    clocks()
    assert applying.row(application_id).state is S.OFFERED and accept(applying).headers["Location"].endswith(
        "/checkout"
    )


def test_an_offer_nobody_accepts_lapses_at_the_second(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    ends = applying.row(application_id).offer_expires_at
    assert ends is not None
    clock.set(ends - timedelta(seconds=1))
    assert clocks() == 0
    clock.set(ends)
    assert clocks() == 1
    row = applying.row(application_id)
    assert row.state is S.LAPSED and applying.floor.live("A02") is None
    assert applying.floor.reservations("A02")[0].state is ReservationState.LAPSED
    sound()


def test_an_order_of_a_guest_keeps_nobody_elses_offer_from_lapsing(applying: Applying, clock: Any) -> None:
    application_id = applying.write()
    with transaction() as db_session:  # a vendor whom the team wrote down: nobody signs in for it
        db_session.get_one(Application, application_id).vendor.person_id = None
    offer(applying, application_id, "A02")
    applying.settings(mode=SellingMode.DIRECT)
    applying.floor.place_order(applying.floor.hold("B01"))
    ends = applying.row(application_id).offer_expires_at
    assert ends is not None
    clock.set(ends)
    clocks()
    assert applying.row(application_id).state is S.LAPSED


def test_a_vendor_withdraws_with_the_offer_in_the_cart(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    accept(applying)
    assert applying.post("/withdrawal", {"reason": "ill"}).status_code == 303
    assert applying.row(application_id).state is S.WITHDRAWN and applying.floor.states() == {}
    assert cart_of(applying).total_minor == 0
    assert db.session.scalars(select(OrderLine).where(OrderLine.released_at.is_(None))).all() == []
    sound()


def test_a_placed_order_is_canceled_on_its_own_page_first(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    accept(applying)
    place(applying, cart_of(applying).id)
    answer = applying.post("/withdrawal", {"reason": ""})
    assert answer.status_code == 409 and "Cancel that order first" in answer.get_data(as_text=True)
    assert applying.row(application_id).state is S.OFFERED and applying.floor.states() == {"A02": "taken"}


def test_canceling_the_order_cancels_the_application(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    accept(applying)
    cart = cart_of(applying)
    place(applying, cart.id)
    applying.floor.pay(cart.id)
    with transaction() as db_session:
        order = db_session.get_one(Order, cart.id)
        preview = preview_cancellation(db_session, event=applying.world.show(), order=order, now=utcnow())
        cancel_order(
            db_session,
            event=applying.world.show(),
            order=order,
            seen_back_minor=preview.back_minor,
            reason="van broke down",
            by=Actor.person(applying.world.ids["vic"]),
            now=utcnow(),
        )
    assert applying.row(application_id).state is S.CANCELED and applying.floor.states() == {}
    sound()


def test_a_right_to_pick_lets_this_vendor_buy_and_nobody_else(applying: Applying) -> None:

    application_id = applying.write(table_count=1)
    with pytest.raises(TablesNotOnSale, match="given out by application"):
        applying.floor.hold("A01", who="vic")
    assert offer(applying, application_id, "").status_code == 303
    assert "Choose on the plan" in applying.page()
    with pytest.raises(TooManyTables):
        applying.floor.hold("A01", "A02", who="vic")
    with pytest.raises(TablesNotOnSale):
        applying.floor.hold("A01", who="ann")
    order_id = applying.floor.hold("A01", who="vic")
    applying.floor.place_order(order_id)
    applying.floor.pay(order_id)
    assert applying.row(application_id).state is S.CONFIRMED
    sound()


@pytest.mark.parametrize(
    ("tables", "words"),
    [("A02, Z9", "There is no table Z9"), ("A01", "A01 was just taken")],
)
def test_what_cannot_be_offered_is_told_and_nothing_stays(applying: Applying, tables: str, words: str) -> None:
    other = applying.write("ann")
    offer(applying, other, "A01")
    application_id = applying.write()
    answer = offer(applying, application_id, tables, message="typed")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and words in text and "typed" in text
    assert applying.row(application_id).state is S.SUBMITTED and applying.floor.states() == {"A01": "held"}


def test_an_offer_ends_in_the_future(applying: Applying) -> None:
    application_id = applying.write()
    answer = offer(applying, application_id, "A02", expires_at="2026-01-01T10:00")
    assert answer.status_code == 422 and "That time is over." in answer.get_data(as_text=True)


def test_a_stranger_cannot_take_up_an_offer(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    assert accept(applying, "ann").status_code == 404
    applying.write("ann")
    assert accept(applying, "ann").headers["Location"].endswith("/application")
    assert applying.floor.states() == {"A02": "held"}


def test_canceling_the_show_ends_every_offer(applying: Applying) -> None:
    application_id = applying.write()
    offer(applying, application_id, "A02")
    with transaction() as db_session:
        cancel_event(db_session, event=applying.world.show(), reason="flood", by=Actor.person(1, "Olga"), now=utcnow())
    assert applying.row(application_id).state is S.LAPSED and applying.floor.states() == {}
    sound()


def test_the_application_row_refuses_an_offer_without_a_clock(applying: Applying) -> None:

    application_id = applying.write()
    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.get_one(Application, application_id).state = S.OFFERED
        db_session.flush()
