"""Tickets as their holders see them: order page, mail, "My tickets", data of the PDF."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from swapmeet.accounts.models import Person
from swapmeet.badges import qr
from swapmeet.badges.models import Attendee, Badge
from swapmeet.infra.clock import utcnow
from swapmeet.infra.pdf import font_folders, make_pdf
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.services.edits import rename
from swapmeet.registration import tickets
from swapmeet.registration.errors import NamesFixed
from swapmeet.registration.sellable import field_name
from tests.registration import build
from tests.support.forms import post


@pytest.fixture
def order(world):
    """Ann's confirmed order of two free tickets."""
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        return build.buy(
            db_session,
            event,
            {kind.id: 2},
            names=["Ann Attendee", "Bo Lee"],
            person_id=world.ids["ann"],
            buyer="Ann Attendee",
        )


def codes(world):
    return list(build.fresh(world).scalars(select(Badge.code).order_by(Badge.id)))


def test_the_order_page_shows_a_qr_code_for_each_person(world, order):
    html = world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True)
    assert html.count('<article class="ticket">') == 2
    assert html.count("<svg aria-hidden") >= 2
    for code in codes(world):
        assert qr.grouped(code) in html
    assert "Bo Lee" in html


def test_an_unpaid_order_shows_no_ticket(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event)
        order = build.buy(db_session, event, {kind.id: 1}, paid=False)
        link = f"/orders/{order.code}/{order.link_key}"
    assert '<article class="ticket">' not in world.client().get(link).get_data(as_text=True)


@pytest.mark.parametrize("key", ["x", "", "undefined"])
def test_r_t07_without_the_link_nobody_sees_anothers_tickets(world, order, key):
    response = world.client("otto").get(f"/orders/{order.code}/{key}")
    assert response.status_code == 404
    assert qr.grouped(codes(world)[0]) not in response.get_data(as_text=True)


def test_r_t07_the_key_of_the_order_link_is_not_the_code_of_the_door(world, order):
    for code in codes(world):
        assert code not in order.link_key
        assert order.link_key not in code
        assert order.code not in code


def test_the_mail_has_a_picture_and_the_code_for_each_ticket(world, order, mail):
    (message,) = mail.to("ann@example.org")
    html = message.get_body(("html",)).get_content()
    names = re.findall(r'src="cid:([^"]+)"', html)
    assert len(names) == 2
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 2
    assert all(part.get_content().startswith(b"\x89PNG") for part in pictures)
    for code in codes(world):
        assert qr.grouped(code) in mail.text(message)


def test_my_tickets_are_those_i_ordered_and_no_others(world, order):
    assert world.client().get("/me/tickets").status_code == 303
    html = world.client("ann").get("/me/tickets").get_data(as_text=True)
    assert html.count('<article class="ticket">') == 2
    assert "No tickets yet" in world.client("otto").get("/me/tickets").get_data(as_text=True)


def test_what_a_guest_ordered_is_there_once_the_address_is_confirmed(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        build.buy(db_session, event, {kind.id: 1}, email="ann.attendee@example.org")
        db_session.get_one(Person, world.ids["ann"]).confirmed_at = None
    assert "No tickets yet" in world.client("ann").get("/me/tickets").get_data(as_text=True)
    with transaction() as db_session:
        db_session.get_one(Person, world.ids["ann"]).confirmed_at = utcnow().replace(tzinfo=None)
    assert '<article class="ticket">' in world.client("ann").get("/me/tickets").get_data(as_text=True)


def test_my_tickets_say_what_is_not_paid_yet(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=2400)
        build.buy(db_session, event, {kind.id: 1}, paid=False, person_id=world.ids["ann"])
    html = world.client("ann").get("/me/tickets").get_data(as_text=True)
    assert "waits for $24.00" in html


def test_shows_that_are_over_come_last(world, order, clock):
    clock.advance(days=200)
    html = world.client("ann").get("/me/tickets").get_data(as_text=True)
    assert ", over" in html


def change(world, order, names):
    with transaction() as db_session:
        line = build.lines_of(db_session, order)[0]
        answers = {line.id: {field_name(line.id, seat): name for seat, name in enumerate(names, 1)}}
        rename(
            db_session,
            event=world.show(),
            order=db_session.merge(order),
            answers=answers,
            by=Actor.guest(),
            now=utcnow(),
        )


def test_names_can_be_changed_after_the_badges_are_out(world, order):
    before = codes(world)
    change(world, order, ["Ann Attendee", "Cleo Lee"])
    names = list(build.fresh(world).scalars(select(Attendee.name).order_by(Attendee.id)))
    assert names == ["Ann Attendee", "Cleo Lee"]
    assert codes(world) == before
    assert "cleo" in world.session.scalar(select(Attendee.search_text).where(Attendee.seat == 2))


def test_a_name_that_is_taken_away_stays_on_the_badge(world, order):
    change(world, order, ["Ann Attendee", ""])
    assert list(build.fresh(world).scalars(select(Attendee.name).order_by(Attendee.id))) == ["Ann Attendee", "Bo Lee"]


def test_names_are_fixed_after_the_last_day_for_it(world, clock):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0, names_until_on=event.first_day - timedelta(days=21))
        order = build.buy(db_session, event, {kind.id: 1}, names=["Ann"])
    change(world, order, ["Anna"])
    clock.advance(days=75)
    with pytest.raises(NamesFixed, match="could be changed until"):
        change(world, order, ["Annie"])
    change(world, order, ["Anna"])  # saying the same again is no change


def test_the_pdf_gets_all_live_tickets_as_data(world, order):
    payload = {"order_id": order.id, "event_id": world.event_id, "name": order.code}
    data = tickets.load_document(world.session, payload, utcnow())
    assert [item["name"] for item in data["tickets"]] == ["Ann Attendee", "Bo Lee"]
    assert all(item["qr"].startswith("<svg") for item in data["tickets"])
    assert tickets.load_document(world.session, {**payload, "order_id": 10**9}, utcnow()) is None
    assert tickets.load_document(world.session, {**payload, "event_id": 10**9}, utcnow()) is None


def test_the_holder_of_the_link_gets_a_pdf(world, order, mail):
    client = world.client()
    answer = post(client, f"/orders/{order.code}/{order.link_key}/tickets")
    assert answer.status_code == 303
    mail.deliver_all()
    page = client.get(answer.location)
    assert page.content_type == "application/pdf"
    assert page.data.startswith(b"%PDF-")


def test_the_signed_in_buyer_gets_a_pdf_for_a_show(world, order, mail):
    client = world.client("ann")
    answer = post(client, "/me/tickets/documents", {"show": world.slug})
    mail.deliver_all()
    assert client.get(answer.location).content_type == "application/pdf"
    assert post(client, "/me/tickets/documents", {"show": "no-such-show\x00"}).status_code == 404


def test_r_t07_a_stranger_gets_no_pdf_of_anothers_tickets(world, order, mail):
    assert post(world.client("otto"), f"/orders/{order.code}/wrong/tickets").status_code == 404
    answer = post(world.client("otto"), "/me/tickets/documents", {"show": world.slug})
    mail.deliver_all()
    page = world.client("otto").get(answer.location)
    assert page.content_type != "application/pdf", "nothing of theirs, so nothing is made"


def test_names_in_the_pdf_are_data_and_one_ticket_is_cheap(world):
    with transaction() as db_session:
        event = world.show()
        kind = build.ticket_type(db_session, event, price=0)
        order = build.buy(
            db_session, event, {kind.id: 3}, names=["#set page(fill: red)", "$x$ *b* @ref \\ <b>", "李小龍 Nguyễn"]
        )
    data = tickets.load_document(
        world.session, {"order_id": order.id, "event_id": world.event_id, "name": order.code}, utcnow()
    )
    fonts = font_folders(Path("static"), Path("nowhere"))
    assert make_pdf("ticket.typ", data, fonts=fonts).startswith(b"%PDF-")
    many = {**data, "tickets": data["tickets"] * 67}
    began = time.process_time()
    make_pdf("ticket.typ", many, fonts=fonts)
    assert time.process_time() - began < 1.5, "200 tickets in a second, with room for a busy machine"


def test_qr_codes_have_their_quiet_zone_and_no_style():
    drawn = qr.svg("ABCDEFGHJKMNPQRSTUVWXYZ234")
    assert 'viewBox="0 0 33 33"' in drawn, "25 modules and 4 of white on each side"
    assert "style" not in drawn
