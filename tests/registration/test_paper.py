"""Forms that came by post: entered once, like any order, with the money of the envelope; nothing typed is lost."""

from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.orders import doctor
from swapmeet.orders.models import Order, OrderState, Payment, PayMethod
from swapmeet.payments.models import Invoice
from swapmeet.registration.models import TicketAge
from tests import factories
from tests.registration import build
from tests.support.forms import fields_of, post


@pytest.fixture
def desk(world: Any) -> "Desk":
    return Desk(world)


class Desk:
    """The page of posted forms, with two tickets: Weekend pass for 24.00, Parking for 5.00 without a badge."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.url = f"/manage/shows/{world.slug}/posted-forms"
        with transaction() as db_session:
            event = world.show()
            self.weekend = build.ticket_type(db_session, event).id
            self.parking = build.ticket_type(db_session, event, "Parking", price=500, is_admission=False).id
        self.client = world.client("olga")

    def form(self, **typed: str) -> dict[str, str]:
        """What a browser would send of the empty form, with what was typed."""
        page = self.client.get(self.url).get_data(as_text=True)
        ticket = {"person_0_ticket": str(self.weekend), "method": "check"}
        return {**fields_of(page, ""), **{f"person_{number}_ticket": "" for number in range(1, 8)}, **ticket, **typed}

    def send(self, client: Any = None, **typed: str) -> Any:
        return post(client or self.client, self.url, self.form(**typed))

    def orders(self) -> list[Order]:
        return list(build.fresh(self.world).scalars(select(Order).order_by(Order.id)))


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_family_and_its_check_become_a_confirmed_order(desk: Desk, world: Any) -> None:
    answer = desk.send(
        buyer_name="Walter Weiß",
        note="12 Mill Lane",
        person_1_name="Wilma Weiß",
        further_0_what=f"ticket-{desk.parking}",
        amount="53.00",
        reference="1047",
    )
    (order,) = desk.orders()
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"?last={order.code}")
    assert (order.state, order.total_minor, order.person_id, order.buyer_email) == (
        OrderState.CONFIRMED,
        5300,
        None,
        "",
    )
    people = select(Attendee.name).order_by(Attendee.seat)
    assert list(world.session.scalars(people)) == ["Walter Weiß", "Wilma Weiß"], "a blank first name is the sender's"
    payment = world.session.scalars(select(Payment)).one()
    assert (payment.method, payment.amount_minor, payment.reference) == (PayMethod.CHECK, 5300, "1047")
    assert world.session.scalar(select(func.count(OutboxMessage.id))) == 0, "without an address nothing is mailed"
    entry = world.session.scalars(select(AuditEntry).where(AuditEntry.verb == "order.placed")).one()
    assert entry.actor_person_id == world.ids["olga"]
    page = text(desk.client.get(answer.headers["Location"]))
    assert f"Order {order.code} of Walter Weiß" in page and "Receipt on paper" in page


def test_money_that_is_still_to_come_leaves_the_order_waiting(desk: Desk) -> None:
    assert desk.send(buyer_name="Ann Archer", buyer_email="Ann@Example.org ").status_code == 303
    (order,) = desk.orders()
    assert (order.state, order.method, order.buyer_email) == (OrderState.PLACED, PayMethod.CHECK, "ann@example.org")
    assert order.due_at is not None


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({}, 422, "Write the name of who sent the form."),
        ({"buyer_name": "Ann", "buyer_email": "not an address"}, 422, 'id="buyer_email-error"'),
        ({"buyer_name": "Ann", "person_0_ticket": "999999"}, 422, "Not a valid choice"),
        ({"buyer_name": "Ann", "amount": "twenty"}, 422, 'id="amount-error"'),
        ({"buyer_name": "Ann", "amount": "-5"}, 422, 'id="amount-error"'),
        ({"buyer_name": "Ann", "method": "card"}, 422, 'id="method-error"'),
        ({"buyer_name": "Ann", "received_at": "yesterday"}, 422, 'id="received_at-error"'),
    ],
)
def test_each_fault_is_named_and_what_was_typed_stays(
    desk: Desk, typed: dict[str, str], status: int, words: str
) -> None:
    answer = desk.send(**{"person_3_name": "Kept Name", **typed})
    assert answer.status_code == status
    assert words in text(answer) and "Kept Name" in text(answer)
    assert desk.orders() == []


def test_more_people_than_there_are_tickets_are_refused_as_a_whole(desk: Desk) -> None:
    with transaction() as db_session:
        few = build.ticket_type(db_session, desk.world.show(), "Dinner", price=3000, capacity=1).id
    answer = desk.send(buyer_name="Ann Archer", person_0_ticket=str(few), person_1_name="Sam Archer", amount="60")
    assert answer.status_code == 409 and "Sam Archer" in text(answer) and "Dinner" in text(answer)
    assert desk.orders() == []


def test_money_for_something_free_is_refused_with_the_form(desk: Desk) -> None:
    with transaction() as db_session:
        free = build.ticket_type(db_session, desk.world.show(), "Child", price=0).id
    answer = desk.send(buyer_name="Ann Archer", person_0_ticket=str(free), amount="5")
    assert answer.status_code == 409 and "Ann Archer" in text(answer)
    assert desk.orders() == []


def test_a_check_over_more_than_is_owed_is_kept_as_paid_too_much(desk: Desk) -> None:
    assert desk.send(buyer_name="Ann Archer", amount="30").status_code == 303
    (order,) = desk.orders()
    page = text(desk.client.get(f"/manage/shows/{desk.world.slug}/orders/{order.code}"))
    assert "Paid too much" in page


def test_the_same_person_again_is_asked_about_and_can_be_entered(desk: Desk) -> None:
    both = {"buyer_name": "Ann Archer", "buyer_email": "ann@example.org", "person_1_name": "Sam Archer"}
    assert desk.send(**both, amount="48").status_code == 303
    (first,) = desk.orders()
    for again, why in (
        ({"buyer_name": "ann archer"}, "the same name"),
        ({"buyer_name": "A. Archer", "buyer_email": "ann@example.org"}, "the same address"),
        ({"buyer_name": "Uncle Bob", "person_1_name": "Sam Archer"}, "a badge with this name"),
    ):
        answer = desk.send(**again)
        assert answer.status_code == 409, why
        assert first.code in text(answer) and why in text(answer) and 'name="is_known"' in text(answer)
    assert len(desk.orders()) == 1
    assert desk.send(buyer_name="Ann Archer", is_known="y").status_code == 303
    assert len(desk.orders()) == 2


def test_a_form_that_is_sent_twice_is_one_order(desk: Desk) -> None:
    typed = desk.form(buyer_name="Ann Archer", amount="24")
    first, second = (post(desk.client, desk.url, typed) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(desk.orders()) == 1


def test_a_child_has_the_sender_beside_it(desk: Desk, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        child = build.ticket_type(db_session, event, "Child", price=0, min_age=4).id
        db_session.add(TicketAge(ticket_type_id=child, event_id=event.id, max_age=15, guardian_below=16))
    family = {"buyer_name": "Ann Archer", "person_1_ticket": str(child), "person_1_name": "Tim Archer"}
    refused = desk.send(**family, person_1_age="17")
    assert refused.status_code == 409 and "Tim Archer" in text(refused) and desk.orders() == []
    assert desk.send(**family, person_1_age="9").status_code == 303


def test_who_may_not_record_money_enters_forms_without_it(desk: Desk, world: Any) -> None:
    with transaction() as db_session:
        factories.member(
            db_session,
            organizer=world.show().organizer,
            person=db_session.merge(world.people["vic"]),
            roles=["registrar"],
        )
    registrar = world.client("vic")
    page = text(registrar.get(desk.url))
    assert 'name="buyer_name"' in page and 'name="amount"' not in page
    assert desk.send(registrar, buyer_name="Ann Archer", amount="24").status_code == 303
    assert [order.state for order in desk.orders()] == [OrderState.PLACED]


def test_without_tickets_there_is_nothing_to_enter(world: Any) -> None:
    page = text(world.client("olga").get(f"/manage/shows/{world.slug}/posted-forms"))
    assert "No tickets yet" in page and 'name="buyer_name"' not in page


def test_what_was_entered_adds_up(desk: Desk, world: Any) -> None:
    desk.send(buyer_name="Ann Archer", person_1_name="Sam Archer", amount="20", reference="12")
    session = build.fresh(world)
    checks = (
        doctor.quotas_off,
        doctor.units_of_nobody,
        doctor.orders_damaged,
        doctor.books_unbalanced,
        doctor.books_differ,
    )
    assert [sentence for find in checks for sentence in find(session, utcnow())] == []
    assert [order.state for order in desk.orders()] == [OrderState.PLACED], "28.00 are still to come"


def test_a_form_without_money_can_be_entered_on_invoice_where_the_show_has_them(desk: Desk, world: Any) -> None:
    assert "send an invoice" not in text(desk.client.get(desk.url))
    with transaction() as db_session:
        db_session.get_one(Event, world.event_id).invoice_days = 30
    typed = {"buyer_name": "Rail Club", "method": "invoice", "invoice_address": "Rail Club\n1 Lake Road"}
    answer = desk.send(**typed, amount="24.00")
    assert answer.status_code == 422 and "choose how it came" in text(answer) and "1 Lake Road" in text(answer)
    assert desk.send(**typed).status_code == 303
    (order,) = desk.orders()
    assert (order.state, order.method, order.total_minor) == (OrderState.PLACED, PayMethod.INVOICE, 2400)
    invoice = world.session.scalars(select(Invoice)).one()
    assert (invoice.number, invoice.address, invoice.left_minor) == (1, "Rail Club\n1 Lake Road", 2400)
