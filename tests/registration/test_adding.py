"""Something is added to an order that is placed: from its page, under its buyer's name, with the sum shown before."""

from typing import Any

from sqlalchemy import select

from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order
from swapmeet.registration.models import TicketRule
from tests.registration import build
from tests.support.forms import post


def test_a_guest_adds_parking_that_goes_with_their_ticket_only(client: Any, world: Any) -> None:
    show = f"/shows/{world.slug}"
    with transaction() as db_session:
        event = world.show()
        ticket = build.ticket_type(db_session, event, price=0)
        other = build.ticket_type(db_session, event, "Day visit", price=900)
        parking = build.ticket_type(db_session, event, "Parking", price=500, is_admission=False)
        db_session.add(TicketRule(ticket_type_id=parking.id, event_id=event.id, only_with_id=ticket.id, most_each=1))
        order = build.buy(db_session, event, {ticket.id: 1}, names=["Ann Lee"])
        order_id, code, key, ids = order.id, order.code, order.link_key, (parking.id, other.id)
    page = client.get(f"/orders/{code}/{key}").get_data(as_text=True)
    assert f'name="ticket-{ids[0]}"' in page and f'name="ticket-{ids[1]}"' not in page
    wanted = {f"ticket-{ids[0]}": "1", "key": "a" * 32, "to": "checkout", "with": code, "with_key": key}
    stranger = world.client()
    assert post(stranger, f"{show}/cart/lines", {**wanted, "with_key": "x" * 32}).status_code == 404
    assert post(client, f"{show}/cart/lines", wanted).status_code == 303
    desk = client.get(f"{show}/checkout").get_data(as_text=True)
    assert "$5.00" in desk and 'value="ann@example.org"' in desk, "the sum, and whose it is"
    data = {"buyer_name": "Ann Lee", "buyer_email": "ann@example.org", "key": "z" * 32, "seen_total": "500"}
    assert post(client, f"{show}/checkout", {**data, "method": "check"}).status_code == 303
    db.session.rollback()
    added = db.session.scalars(select(Order).where(Order.placed_at.is_not(None), Order.id != order_id)).one()
    assert (added.total_minor, added.buyer_email) == (500, "ann@example.org")
