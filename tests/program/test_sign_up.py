"""People take seats through the cart."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import NotOnSale, SoldOut
from swapmeet.orders.models import Order, OrderLine, OrderState, Quota
from swapmeet.orders.pieces import Some
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.parts import give_up_lines
from swapmeet.program.errors import AlreadySignedUp
from swapmeet.program.models import ProgramSession, SignUp, SignUpState, Teacher
from tests.support.forms import post


def take_seat(world: Any, session_id: int, who: str, *, quantity: int = 1) -> int:
    """A free seat by the services; returns the order's id."""
    now = utcnow()
    with transaction() as db_session:
        person, event = world.person(who), world.show()
        by = Actor.person(person.id, person.name)
        cart = open_cart(db_session, event=event, person_id=person.id, cart_key=link_key(), now=now)
        buyer = Buyer(person_id=person.id, email=person.email, order=cart)
        lines = add_to_cart(
            db_session, event=event, cart=cart, wishes=[Wish("seat", session_id, quantity)], buyer=buyer, by=by, now=now
        )
        answers = {
            line.id: {f"line-{line.id}-name-{n}": f"{person.name} {n}" for n in range(1, quantity + 1)}
            for line in lines
        }
        contact = Contact(person.name, person.email)
        order = place_order(
            db_session,
            event=event,
            cart=cart,
            contact=contact,
            answers=answers,
            seen_total_minor=cart.total_minor,
            by=by,
            now=now,
        )
        return order.id


@pytest.fixture
def session_id(world: Any) -> int:
    from tests.program.test_plan_sessions import add, plan

    return add(world, plan(world, needs_sign_up=True, capacity=2))


def test_a_free_seat_is_confirmed_at_once(world: Any, session_id: int) -> None:
    order_id = take_seat(world, session_id, "ann")
    assert db.session.get_one(Order, order_id).state is OrderState.CONFIRMED
    seats = db.session.scalars(select(SignUp)).all()
    assert [(seat.person_id, seat.name) for seat in seats] == [(world.ids["ann"], "Ann Attendee 1")]


def test_the_last_seat_is_the_last(world: Any, session_id: int) -> None:
    take_seat(world, session_id, "ann")
    take_seat(world, session_id, "vic")
    with pytest.raises(SoldOut):
        take_seat(world, session_id, "tess")
    assert db.session.scalar(select(Quota.taken)) == 2


def test_one_person_has_one_seat(world: Any, session_id: int) -> None:
    take_seat(world, session_id, "ann")
    with pytest.raises(AlreadySignedUp):
        take_seat(world, session_id, "ann")


def test_two_seats_are_for_two_people(world: Any, session_id: int) -> None:
    take_seat(world, session_id, "ann", quantity=2)
    seats = db.session.scalars(select(SignUp).order_by(SignUp.seat)).all()
    assert [seat.person_id for seat in seats] == [world.ids["ann"], None]


def test_a_canceled_order_gives_its_seat_back(world: Any, session_id: int) -> None:
    order_id = take_seat(world, session_id, "ann")
    with transaction() as db_session:
        order, event = db_session.get_one(Order, order_id), world.show()
        seen = preview_cancellation(db_session, event=event, order=order, now=utcnow()).back_minor
        cancel_order(
            db_session, event=event, order=order, seen_back_minor=seen, reason="ill", by=Actor.guest(), now=utcnow()
        )
    assert db.session.scalar(select(SignUp.state)) is SignUpState.CANCELED
    assert db.session.scalar(select(Quota.taken)) == 0
    take_seat(world, session_id, "ann")


def test_a_session_that_has_begun_is_not_sold(world: Any, session_id: int, clock: Any) -> None:
    clock.set(db.session.get_one(ProgramSession, session_id).starts_at)
    with pytest.raises(NotOnSale):
        take_seat(world, session_id, "ann")


def test_the_pages_of_the_program_say_on_which_clock_their_times_are(world: Any, session_id: int) -> None:
    program = world.client().get(f"/shows/{world.slug}/program").text
    assert "All times are New York time (EST)." in program
    code = world.session.get_one(ProgramSession, session_id).code
    page = world.client().get(f"/shows/{world.slug}/program/{code}").text
    assert "M EST</p>" in page, "the end of the session, with its zone"


def test_a_session_without_a_teacher_has_no_row_for_one(world: Any, session_id: int) -> None:
    with transaction() as db_session:
        session = db_session.get_one(ProgramSession, session_id)
        code, session.teacher_id = session.code, None
    assert "<dt>Teacher</dt>" not in world.client().get(f"/shows/{world.slug}/program/{code}").text
    with transaction() as db_session:
        teacher = Teacher(event_id=world.event_id, name="Ada Thimble")
        db_session.add(teacher)
        db_session.flush()
        db_session.get_one(ProgramSession, session_id).teacher_id = teacher.id
    assert "<dt>Teacher</dt><dd>Ada Thimble</dd>" in world.client().get(f"/shows/{world.slug}/program/{code}").text


def test_one_of_two_seats_is_given_up_and_the_other_keeps_its_person(world: Any, session_id: int) -> None:
    order_id = take_seat(world, session_id, "ann", quantity=2)
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        give_up_lines(
            db_session,
            event=world.show(),
            order=order,
            line_ids=[],
            some=[Some(order.lines[0].id, 2, frozenset({1}))],
            is_full=True,
            reason="",
            by=Actor.guest(),
            now=utcnow(),
        )
    db.session.rollback()
    rows = db.session.execute(
        select(SignUp.person_id, SignUp.seat, SignUp.state, OrderLine.quantity)
        .join(OrderLine, OrderLine.id == SignUp.line_id)
        .order_by(SignUp.id)
    )
    assert [tuple(row) for row in rows] == [
        (world.ids["ann"], 1, SignUpState.CANCELED, 1),
        (None, 1, SignUpState.CONFIRMED, 1),
    ]
    assert db.session.scalar(select(Quota.taken)) == 1
    take_seat(world, session_id, "ann")


def test_seats_at_the_same_time_are_told_where_their_names_are_asked(world: Any) -> None:
    from tests.program.test_plan_sessions import add, plan

    early, late = (
        add(world, plan(world, needs_sign_up=True, capacity=5)),
        add(world, plan(world, "Wiring", 11, 13, needs_sign_up=True, capacity=5)),
    )
    after = add(world, plan(world, "Trees", 13, 14, needs_sign_up=True, capacity=5))
    client, show = world.client(), f"/shows/{world.slug}"
    for session_id in (early, after):
        assert post(client, f"{show}/cart/lines", {f"seat-{session_id}": "1"}).status_code == 303
    assert "At the same time" not in client.get(f"{show}/checkout").get_data(as_text=True)
    post(client, f"{show}/cart/lines", {f"seat-{late}": "1"})
    page = client.get(f"{show}/checkout").get_data(as_text=True)
    assert page.count("At the same time as “Bricks”.") == page.count("At the same time as “Wiring”.") == 1
