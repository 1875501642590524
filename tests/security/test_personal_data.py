"""What is erased is gone from every column and page, and what one takes along is all of one's own. Cases R-T60 and R-T61."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import LedgerEntry, Order
from swapmeet.payments.services.invoicing import issue_invoice
from tests.registration import build
from tests.support.forms import post

NAME, ADDRESS = "Zebedia Quorn", "zq@example.org"


@pytest.fixture
def zebedia(world: Any, mail: Any) -> Any:
    """Ann under a name that is found again: an order of hers, one as a guest, a cart, a profile, a mail sent."""
    with transaction() as db_session:
        event = world.show()
        person = db_session.get_one(Person, world.ids["ann"])
        person.name, person.email = NAME, ADDRESS
        kind = build.ticket_type(db_session, event, price=1000)
        about: dict[str, Any] = {"buyer": NAME, "email": ADDRESS}
        build.buy(db_session, event, {kind.id: 2}, names=[NAME, "Bo Guest"], person_id=person.id, **about)
        build.buy(db_session, event, {kind.id: 1}, names=[NAME.upper()], **about)
        build.buy(db_session, event, {kind.id: 1}, names=["Cy Other"], buyer="Cy Other", email="cy@example.org")
        build.cart(db_session, event, {kind.id: 1}, person_id=person.id)
    mail.deliver_all()
    client = world.client("ann")
    post(client, "/me/vendor", {"name": f"{NAME} and Daughter", "sells": "houses", "about": f"By {NAME}"})
    return client


def rows_with(*words: str) -> list[str]:
    """Table and column of everything in the database that has one of these words."""
    db.session.rollback()
    return sorted(
        {
            f"{table.name}.{column}"
            for table in db.metadata.sorted_tables
            for row in db.session.execute(select(table)).mappings()
            for column, value in row.items()
            if any(word in str(value).casefold() for word in words)
        }
    )


def booked() -> int:
    return db.session.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def test_r_t60_erasing_leaves_no_name_and_no_address_and_the_books_as_they_were(world: Any, zebedia: Any) -> None:
    assert rows_with("zebedia") != []
    before = booked()
    assert post(zebedia, "/me/erasure", {"sure": "y", "understood": "y", "confirm": "y"}).status_code == 303
    assert rows_with("zebedia", "quorn", "zq@example.org") == []
    assert booked() == before
    assert "attendee.name" in rows_with("bo guest")
    for page in ("orders", "orders?q=zebedia", "orders.csv", "attendees", "attendees.csv", "money.csv", "log"):
        text = world.client("olga").get(f"/manage/shows/{world.slug}/{page}").get_data(as_text=True)
        assert "Zebedia Quorn" not in text and ADDRESS not in text, page


def test_r_t60_an_invoice_keeps_its_name_and_only_the_club_opens_it(world: Any, zebedia: Any) -> None:
    with transaction() as db_session:
        order = db_session.scalars(select(Order).where(Order.buyer_name == NAME, Order.placed_at.is_not(None))).first()
        assert order is not None
        address = f"{NAME}\n1 Lake Road"
        paper = issue_invoice(db_session, order=order, address=address, by=Actor.guest(), now=utcnow())
        own, paper_id = f"/orders/{order.code}/{order.link_key}", paper.id
    assert zebedia.get("/me/data.json").get_json()["invoices"][0]["address"] == address
    assert post(zebedia, "/me/erasure", {"sure": "y", "understood": "y", "confirm": "y"}).status_code == 303
    assert rows_with("zebedia", "quorn", "zq@example.org") == ["invoice.address"]
    stranger = world.client()
    page = stranger.get(own)
    assert page.status_code == 200 and "Zebedia" not in page.get_data(as_text=True)
    assert post(stranger, f"{own}/invoices/{paper_id}/documents").status_code == 404
    treasurer = world.client("trudy")
    assert post(treasurer, f"/manage/shows/{world.slug}/money/invoices/{paper_id}/documents").status_code == 303


def test_r_t61_the_download_has_orders_of_the_account_and_of_its_address_and_nobody_elses(
    world: Any, zebedia: Any
) -> None:
    data = zebedia.get("/me/data.json").get_json()
    assert len(data["orders"]) == 2
    assert {row["name"] for row in data["badges"]} == {NAME, "Bo Guest", NAME.upper()}
    assert "Cy Other" not in json.dumps(data)


def test_r_t61_the_download_of_a_stranger_is_empty_of_orders(world: Any, zebedia: Any) -> None:
    data = world.client("otto").get("/me/data.json").get_json()
    assert data["orders"] == [] and data["badges"] == []
    assert "zebedia" not in json.dumps(data).casefold()
