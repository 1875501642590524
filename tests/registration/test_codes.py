"""A hidden ticket type opens with its code, and only with it."""

from datetime import timedelta
from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from tests.registration import build
from tests.support.forms import post


def test_a_hidden_ticket_is_sold_with_its_code_alone(client: Any, world: Any) -> None:
    slug = world.slug
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, "Press", price=0, capacity=5, is_hidden=True).id
        values = VoucherValues(Effect.NONE, code="INK", scope_kind="ticket", scope_id=kind, opens_hidden=True)
        make_vouchers(db_session, event=event, values=values, by=Actor.person(1), now=utcnow())
        plain = VoucherValues(Effect.PERCENT, 10, code="TEN", uses=5)
        make_vouchers(db_session, event=event, values=plain, by=Actor.person(1), now=utcnow())
    assert "Press" not in client.get(f"/shows/{slug}").get_data(as_text=True)
    lines = f"/shows/{slug}/cart/lines"
    assert post(client, lines, {f"ticket-{kind}": "1"}).status_code == 404
    assert post(client, lines, {f"ticket-{kind}": "1", "code": "TEN"}).status_code == 404
    assert "Press" in client.get(f"/shows/{slug}/code?code=INK").get_data(as_text=True)
    assert "Press" not in client.get(f"/shows/{slug}/code?code=TEN").get_data(as_text=True)
    assert post(client, lines, {f"ticket-{kind}": "1", "code": "ink"}).status_code == 303
    assert "Press" in client.get(f"/shows/{slug}/cart").get_data(as_text=True)


def test_the_simulator_says_what_the_cart_would_charge(world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, "Weekend pass", price=3000, capacity=5)
        build.tier(db_session, kind, 2000, until_on=utcnow().date() + timedelta(days=10))
        build.ticket_type(db_session, event, "Press", price=0, is_hidden=True)
        values = VoucherValues(Effect.PERCENT, 50, code="HALF", uses=9, scope_kind="ticket", scope_id=kind.id)
        make_vouchers(db_session, event=event, values=values, by=Actor.person(1), now=utcnow())
    olga, base = world.client("olga"), f"/manage/shows/{world.slug}/prices"
    today, later = ((utcnow() + timedelta(days=days)).strftime("%Y-%m-%dT12:00") for days in (1, 20))

    def page(**asked: str) -> str:
        return str(olga.get(base, query_string=asked).get_data(as_text=True))

    assert "$20.00" in page() and "not sold here" in page()
    assert "$60.00" in page(at=later, quantity="2") and "$40.00" in page(at=today, quantity="2")
    assert "$15.00" in page(at=later, quantity="1", code="half")
    assert "not sold here" in page(at=later, quantity="1", code="half")
    assert "Only 5 are free now." in page(at=today, quantity="6")
    assert olga.get(base, query_string={"at": "x", "quantity": "0"}).status_code == 422
