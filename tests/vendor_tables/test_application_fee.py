"""An application fee: paid like everything else before anybody looks, kept or sent back by the terms it was sent under."""

from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import NotWhole
from swapmeet.orders.models import Order, OrderState, PayMethod, Refund
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.closing import sweep_unpaid
from swapmeet.orders.services.payments import record_payment
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests.registration import build
from tests.support.forms import post
from tests.vendor_tables.applying import FULL, Applying

S = ApplicationState


class Desk:
    """A show with a fee of $20, and Vic who has sent an application."""

    def __init__(self, applying: Applying, policy: str = "declined") -> None:
        self.applying, self.world = applying, applying.world
        applying.settings(fee_minor=2000, fee_policy=policy)
        assert "It costs $20" in applying.page(rest="/form")
        assert applying.post("/form", FULL).status_code == 303
        row = applying.own()
        assert row is not None
        self.id = row.id

    def cart(self) -> Any:
        return self.applying.post("/fee", {})

    def order(self) -> Order:
        db.session.rollback()
        return db.session.scalars(select(Order).order_by(Order.id.desc())).first()  # type: ignore[return-value]

    def place(self) -> int:
        assert self.cart().status_code == 303
        with transaction() as db_session:
            cart = db_session.get_one(Order, self.order().id)
            place_order(
                db_session, event=self.world.show(), cart=cart, seen_total_minor=2000, answers={}, now=utcnow(),
                contact=Contact(name="Vic", email="vic@example.org", method=PayMethod.CHECK),
                by=Actor.person(self.world.ids["vic"], "vic"),
            )  # fmt: skip
            return cart.id

    def pay(self) -> int:
        order_id = self.place()
        with transaction() as db_session:
            record_payment(
                db_session, order=db_session.get_one(Order, order_id), method=PayMethod.CHECK, amount_minor=2000,
                reference="1", received_at=utcnow(), by=Actor.person(self.world.ids["trudy"]), now=utcnow(),
            )  # fmt: skip
        return order_id

    def step(self, target: ApplicationState) -> Any:
        row = self.applying.row(self.id)
        return self.applying.manage(f"/{self.id}/steps", {"seen": str(row.moves), "target": target.value})

    def work(self) -> None:
        db.session.rollback()
        handlers = self.world.app.extensions["swapmeet_registry"].jobs
        Worker(self.world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
        db.session.rollback()

    def back(self) -> int:
        db.session.rollback()
        return int(db.session.scalar(select(func.coalesce(func.sum(Refund.amount_minor), 0))) or 0)

    def faults(self) -> list[str]:
        db.session.rollback()
        return [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())]


@pytest.fixture
def desk(applying: Applying) -> Desk:
    return Desk(applying)


def test_nobody_looks_before_the_fee_has_come(desk: Desk) -> None:
    assert "Pay the application fee" in desk.applying.page()
    assert f"/review/{desk.id}" not in desk.applying.managed("/review")
    assert "fee not here yet" in desk.applying.managed() and ",yes," in desk.applying.managed("/list.csv")
    refused = desk.step(S.IN_REVIEW)
    assert refused.status_code == 422 and "is not paid yet" in refused.text
    order_id = desk.place()
    assert "Waiting for the money" in desk.applying.page() and "Ordered, not paid yet" in desk.applying.managed(
        f"/{desk.id}"
    )
    with transaction() as db_session:
        record_payment(
            db_session, order=db_session.get_one(Order, order_id), method=PayMethod.CHECK, amount_minor=2000,
            reference="1", received_at=utcnow(), by=Actor.person(desk.world.ids["trudy"]), now=utcnow(),
        )  # fmt: skip
    assert "Paid" in desk.applying.page() and f"/review/{desk.id}" in desk.applying.managed("/review")
    assert "fee not here yet" not in desk.applying.managed()
    assert desk.step(S.IN_REVIEW).status_code == 303
    assert desk.applying.row(desk.id).state is S.IN_REVIEW and desk.faults() == []


def test_it_is_not_paid_at_the_door_of_the_show(desk: Desk) -> None:
    with transaction():
        desk.world.show().pay_at_door = True
    client = desk.world.client("vic")
    post(client, f"/shows/{desk.world.slug}/application/fee", {})
    page = client.get(f"/shows/{desk.world.slug}/checkout").text
    assert "By check, by mail" in page and "At the door" not in page


def test_it_is_asked_for_once_and_of_its_vendor_alone(desk: Desk) -> None:
    assert desk.cart().status_code == 303
    desk.cart()
    db.session.rollback()
    assert db.session.scalar(select(func.sum(Order.total_minor))) == 2000
    assert post(desk.world.client("ann"), f"/shows/{desk.world.slug}/application/fee", {}).status_code == 404
    desk.applying.write("ann")
    forged = {f"application_fee-{desk.id}": "1", "key": "k" * 32}
    assert post(desk.world.client("ann"), f"/shows/{desk.world.slug}/cart/lines", forged).status_code in (404, 409, 422)


@pytest.mark.parametrize(
    ("policy", "declined", "withdrawn"), [("kept", 0, 0), ("declined", 2000, 0), ("always", 2000, 2000)]
)
@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_it_is_kept_or_goes_back_by_its_terms(
    applying: Applying, policy: str, declined: int, withdrawn: int, end: str
) -> None:
    desk = Desk(applying, policy)
    order_id = desk.pay()
    applying.settings(fee_policy="always" if policy == "kept" else "kept")  # the terms it was sent under count
    if end == "declined":
        assert desk.step(S.IN_REVIEW).status_code == 303 and desk.step(S.DECLINED).status_code == 303
    else:
        assert applying.post("/withdrawal", {}).status_code == 303
    desk.work()
    expected = declined if end == "declined" else withdrawn
    assert desk.back() == expected
    state = db.session.get_one(Order, order_id).state
    assert state is (OrderState.CANCELED if expected else OrderState.CONFIRMED)
    with transaction() as db_session:
        fees.give_back(db_session, {"application_id": desk.id}, now=utcnow())
    assert desk.back() == expected and desk.faults() == []


def test_an_order_that_is_not_paid_is_called_off_with_the_application(desk: Desk) -> None:
    order_id = desk.place()
    assert desk.applying.post("/withdrawal", {}).status_code == 303
    desk.work()
    assert db.session.get_one(Order, order_id).state is OrderState.CANCELED and desk.back() == 0 and desk.faults() == []


def test_a_fee_is_an_order_of_its_own(desk: Desk) -> None:
    with transaction() as db_session:
        ticket = build.ticket_type(db_session, desk.world.show(), price=0).id
    vic, show = desk.world.client("vic"), f"/shows/{desk.world.slug}"
    assert post(vic, f"{show}/application/fee", {}).status_code == 303
    assert post(vic, f"{show}/cart/lines", {f"ticket-{ticket}": "1", "key": "t" * 32}).status_code == 303
    assert "ordered by itself" in vic.get(f"{show}/cart").get_data(as_text=True)


def test_a_fee_in_the_cart_is_not_ordered_after_the_application_has_ended(desk: Desk) -> None:
    assert desk.cart().status_code == 303
    assert desk.applying.post("/withdrawal", {}).status_code == 303
    desk.work()
    with pytest.raises(NotWhole, match="has ended"), transaction() as db_session:
        place_order(
            db_session, event=desk.world.show(), cart=db_session.get_one(Order, desk.order().id), seen_total_minor=2000,
            answers={}, now=utcnow(), contact=Contact(name="Vic", email="vic@example.org", method=PayMethod.CHECK),
            by=Actor.person(desk.world.ids["vic"], "vic"),
        )  # fmt: skip
    assert desk.order().state is OrderState.CART and desk.faults() == []


def test_a_fee_that_comes_after_the_application_has_ended_waits_to_go_back(desk: Desk, clock: Any) -> None:
    order_id = desk.place()
    clock.advance(days=40)
    with transaction() as db_session:
        assert sweep_unpaid(db_session, now=utcnow()) == 1
    assert desk.applying.post("/withdrawal", {}).status_code == 303
    desk.work()
    with transaction() as db_session:
        record_payment(
            db_session, order=db_session.get_one(Order, order_id), method=PayMethod.CHECK, amount_minor=2000,
            reference="1", received_at=utcnow(), by=Actor.person(desk.world.ids["trudy"]), now=utcnow(),
        )  # fmt: skip
    assert desk.back() == 2000 and db.session.get_one(Order, order_id).state is OrderState.EXPIRED
    assert desk.faults() == []


def test_the_team_can_waive_it_and_decline_without_it(desk: Desk) -> None:
    assert desk.applying.manage(f"/{desk.id}/fee-waiver", {}).status_code == 303
    assert "Waived" in desk.applying.managed(f"/{desk.id}") and "Pay the application fee" not in desk.applying.page()
    assert desk.step(S.IN_REVIEW).status_code == 303 and desk.step(S.DECLINED).status_code == 303


def test_a_waived_fee_is_asked_of_nobody_any_more(desk: Desk) -> None:
    assert desk.cart().status_code == 303
    desk.applying.manage(f"/{desk.id}/fee-waiver", {})
    with pytest.raises(NotWhole, match="asks no fee of you any more"), transaction() as db_session:
        place_order(
            db_session, event=desk.world.show(), cart=db_session.get_one(Order, desk.order().id), seen_total_minor=0,
            answers={}, now=utcnow(), contact=Contact(name="Vic", email="vic@example.org", method=PayMethod.CHECK),
            by=Actor.person(desk.world.ids["vic"], "vic"),
        )  # fmt: skip
    assert desk.faults() == []


def test_an_order_for_a_fee_that_is_waived_is_called_off(desk: Desk) -> None:
    order_id = desk.place()
    desk.applying.manage(f"/{desk.id}/fee-waiver", {})
    desk.work()
    assert db.session.get_one(Order, order_id).state is OrderState.CANCELED and desk.back() == 0 and desk.faults() == []
    assert desk.step(S.IN_REVIEW).status_code == 303


def test_who_comes_late_or_came_before_the_fee_pays_none(applying: Applying) -> None:
    applying.write("ann")
    applying.settings(fee_minor=2000, closes_at=utcnow())
    applying.post("/form", FULL)
    row = applying.own()
    assert row is not None and row.state is S.WAITLISTED and "Pay the application fee" not in applying.page()
    assert "Pay the application fee" not in applying.page("ann")


def test_the_order_of_a_fee_promises_neither_places_nor_tickets(desk: Desk, mail: Any) -> None:
    vic, show = desk.world.client("vic"), f"/shows/{desk.world.slug}"
    assert post(vic, f"{show}/application/fee", {}).status_code == 303
    checkout = vic.get(f"{show}/checkout").get_data(as_text=True)
    assert "The money has to arrive by" in checkout and "If you cancel" not in checkout
    with transaction():
        desk.order().expires_at = utcnow()
    order = db.session.get_one(Order, desk.pay())
    page = desk.world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True)
    assert "Thank you, it is paid." in page
    texts = [page, checkout, *(str(message) for message in mail.to("vic@example.org"))]
    assert len(texts) == 3 and "The money is here" in texts[2]
    for text in texts:
        assert not any(word in text for word in ("places are", "tickets come", "See you at"))


def test_its_buyer_does_not_cancel_it_by_itself(desk: Desk) -> None:
    order = db.session.get_one(Order, desk.pay())
    assert "by its own terms" in fees.veto(db.session(), order)
