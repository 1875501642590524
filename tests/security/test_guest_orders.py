"""What a stranger can do to somebody's order and cart, and with the mail about one: nothing."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.registration import tickets
from tests import factories
from tests.registration import build
from tests.support.forms import post

SUBPAGES = ("names", "cancellation", "mails", "receipts", "tickets")


@pytest.fixture
def ticket(world: Any) -> int:
    """A ticket type of $10, on sale."""
    with transaction() as db_session:
        return int(build.ticket_type(db_session, world.show(), price=1000).id)


def fill_cart(client: Any, world: Any, ticket: int, **data: Any) -> Any:
    return post(client, f"/shows/{world.slug}/cart/lines", {f"ticket-{ticket}": "1", "key": "k" * 32, **data})


def checkout_form(client: Any, world: Any, **changes: Any) -> dict[str, Any]:
    html = client.get(f"/shows/{world.slug}/checkout").get_data(as_text=True)
    fields = dict.fromkeys(re.findall(r'name="(line-\d+-name-\d+)"', html), "Gus Guest")
    hidden = {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', html)[0] for name in ("seen_total", "key")}
    return {
        **fields,
        **hidden,
        "buyer_name": "Gus Guest",
        "buyer_email": "gus@example.org",
        "method": "check",
        **changes,
    }


def buy(client: Any, world: Any, ticket: int, **changes: Any) -> Any:
    fill_cart(client, world, ticket)
    return post(client, f"/shows/{world.slug}/checkout", checkout_form(client, world, **changes))


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(select(Order).where(Order.state != OrderState.CART).order_by(Order.id)))


def test_r_t04_with_ones_own_key_nobody_edits_cancels_or_mails_anothers_order(world: Any, ticket: int) -> None:
    for _ in range(2):
        assert buy(world.client(), world, ticket).status_code == 303
    first, second = orders()
    stranger = world.client("otto")
    for page in SUBPAGES:
        url = f"/orders/{first.code}/{second.link_key}/{page}"
        assert post(stranger, url, {"seen_back": "0"}).status_code == 404, page
        assert stranger.get(url).status_code in (404, 405), page
    assert [order.state for order in orders()] == [OrderState.PLACED, OrderState.PLACED]


def test_r_t04_the_key_of_anothers_checkout_form_opens_nothing(world: Any, ticket: int) -> None:
    mine = buy(world.client(), world, ticket, key="a key somebody else learned")
    theirs = buy(world.client(), world, ticket, key="a key somebody else learned", buyer_email="eve@example.org")
    assert theirs.status_code == 303
    assert theirs.headers["Location"] != mine.headers["Location"]
    assert [order.buyer_email for order in orders()] == ["gus@example.org", "eve@example.org"]


def test_r_t04_lines_of_anothers_cart_stay_in_it(world: Any, ticket: int) -> None:
    victim, stranger = world.client(), world.client()
    fill_cart(victim, world, ticket)
    line = db.session.scalars(select(OrderLine)).one()
    fill_cart(stranger, world, ticket)
    post(stranger, f"/shows/{world.slug}/cart/lines/{line.id}/removal")
    db.session.rollback()
    assert db.session.get_one(OrderLine, line.id, populate_existing=True).released_at is None


def test_r_t37_without_a_cart_there_is_no_checkout(world: Any, ticket: int) -> None:
    data = {
        "buyer_name": "Gus",
        "buyer_email": "gus@example.org",
        "method": "check",
        "seen_total": "0",
        "key": "k" * 32,
    }
    assert post(world.client(), f"/shows/{world.slug}/checkout", data).status_code == 303
    assert orders() == []


def test_r_t12_price_state_and_owner_are_not_taken_from_the_form(world: Any, ticket: int) -> None:
    client = world.client()
    fill_cart(client, world, ticket, price_minor="0", unit_minor="0", total_minor="0", event_id="999", person_id="1")
    extra = {"total_minor": "0", "state": "confirmed", "paid": "1", "person_id": str(world.ids["olga"]), "code": "FREE"}
    assert post(client, f"/shows/{world.slug}/checkout", checkout_form(client, world, **extra)).status_code == 303
    (order,) = orders()
    assert (order.total_minor, order.state, order.person_id) == (1000, OrderState.PLACED, None)
    assert order.code != "FREE"


@pytest.mark.parametrize("seen", ["0", "-1000", "999", "NaN", "1" * 20])
def test_r_t12_another_total_than_todays_places_nothing(world: Any, ticket: int, seen: str) -> None:
    assert buy(world.client(), world, ticket, seen_total=seen).status_code == 409
    assert orders() == []


def test_r_t52_a_ticket_of_another_show_is_not_sold_here(world: Any, ticket: int) -> None:
    with transaction() as db_session:
        slug = factories.event(db_session, organizer=world.organizer, name="Other Fair").slug
    answer = post(world.client(), f"/shows/{slug}/cart/lines", {f"ticket-{ticket}": "1", "key": "k" * 32})
    assert answer.status_code in (404, 409)
    assert db.session.scalars(select(OrderLine)).all() == []


@pytest.mark.parametrize(
    "address",
    [
        "gus@example.org\r\nBcc: all@example.org",
        "gus@example.org, eve@example.org",
        "<gus@example.org>",
        "g\u00fcs@example.org",
    ],
)
def test_r_t22_only_one_address_that_mail_can_reach_is_taken(world: Any, ticket: int, mail: Any, address: str) -> None:
    answer = buy(world.client(), world, ticket, buyer_email=address)
    assert answer.status_code == 422
    assert "Write an e-mail address such as" in answer.get_data(as_text=True)
    assert mail.deliver_all() == []


def test_r_t22_line_ends_in_a_buyers_name_add_no_header(world: Any, ticket: int, mail: Any) -> None:
    assert buy(world.client(), world, ticket, buyer_name="Gus\r\nBcc: all@example.org").status_code == 303
    (message,) = mail.deliver_all()
    assert message["Bcc"] is None and message["To"] == "gus@example.org"


def test_r_t20_names_on_tickets_make_no_link_and_no_markup_in_mails(world: Any, mail: Any) -> None:
    name = "<b>Win</b> at https://evil.example"
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), price=0)
        build.buy(db_session, world.show(), {kind.id: 1}, names=[name], buyer=name, email="victim@example.org")
    (message,) = mail.to("victim@example.org")
    for part in (mail.text(message), message.get_body(("html",)).get_content()):
        assert "evil.example" not in part
    assert "<b>Win" not in message.get_body(("html",)).get_content()


def test_r_t21_placeholders_in_names_stay_as_typed(world: Any, mail: Any) -> None:
    name = "{{ 7*7 }} {0.__class__} %(x)s ${x}"
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), price=0)
        build.buy(db_session, world.show(), {kind.id: 1}, names=[name], buyer=name, email="gus@example.org")
    (message,) = mail.to("gus@example.org")
    assert "{{ 7*7 }} {0." in mail.text(message) and "%(x)s ${x}" in mail.text(message)


def test_r_t07_links_do_not_leave_in_the_referer_and_are_kept_by_no_cache(world: Any, ticket: int) -> None:
    answer = world.client().get(buy(world.client(), world, ticket).headers["Location"])
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.findall(r'(?:src|href)="https?://(?!localhost)', answer.get_data(as_text=True))


def test_r_t01_a_finished_document_is_for_the_holder_of_its_link_alone(world: Any) -> None:

    tokens = []
    for who in ("ann", "otto"):
        payload = {"person_id": world.ids[who], "event_id": world.event_id, "name": world.slug}
        with transaction() as db_session:
            tokens.append(request_document(db_session, kind=tickets.KIND, payload=payload, now=utcnow()))
    assert len(set(tokens)) == 2 and all(len(token) >= 32 for token in tokens)
    for wrong in (tokens[0][:-1], tokens[0].swapcase(), "1"):
        assert world.client("otto").get(f"/documents/{wrong}").status_code == 404
