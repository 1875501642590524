"""Tickets by mail to the people they are for: from the buyer's order page and from the team's, each to its own address."""

import re
from typing import Any

from sqlalchemy import select, update

from swapmeet.accounts.models import Person
from swapmeet.badges.models import Attendee
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.registration.mailing import MOST_ADDRESSES
from tests.registration.test_passing_on import LINK, attendee, link_in, order_url, read  # noqa: F401
from tests.support.forgetting import forget
from tests.support.forms import post


def mailed(mail: Any, address: str) -> list[Any]:
    mail.deliver_all()
    return [each for each in mail.to(address) if "Your ticket" in str(each["Subject"])]


def test_each_person_gets_their_own_ticket_and_what_was_passed_on_is_not_the_buyers_to_send(
    client: Any,
    world: Any,
    order_url: str,  # noqa: F811
    mail: Any,
) -> None:
    ann, bo = attendee("Ann Lee").id, attendee("Bo Lee").id
    assert "Send each to its person" in read(client, order_url)
    page = f"{order_url}/tickets/mails"
    wrong = post(client, page, {f"to_{ann}": "ann at home", f"to_{bo}": "bo@example.org"})
    html = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and 'value="ann at home"' in html and 'value="bo@example.org"' in html
    assert post(client, page, {}).status_code == 409
    assert mailed(mail, "bo@example.org") == []
    assert post(client, page, {f"to_{bo}": "Bo@Example.org"}).status_code == 303
    assert post(client, page, {f"to_{bo}": "bo@example.org"}).status_code == 303, "pressed twice"
    (message,) = mailed(mail, "bo@example.org")
    words = mail.text(message)
    assert "Bo Lee" in words and "in the name of Ann Lee" not in words
    ticket = link_in(words, "tickets")
    assert "Bo Lee" in read(world.client(), ticket)
    assert "sent to bo@example.org" in read(client, page)
    assert post(client, f"{order_url}/tickets/{ann}/transfers").status_code == 303
    offer = link_in(read(client, f"{order_url}/tickets/{ann}"), "transfers")
    taken = {"name": "Cy New", "email": "cy@example.org"}
    assert post(world.client(), offer, taken).status_code == 303
    assert f"to_{ann}" not in read(client, page)
    olga, code = world.client("olga"), order_url.split("/")[2]
    team = f"/manage/shows/{world.slug}/orders/{code}/tickets/mails"
    assert "(passed on)" in read(olga, f"/manage/shows/{world.slug}/orders/{code}")
    assert re.search(r'value="cy@example.org"', read(olga, team)), "its holder's address stands there"
    before = len(mailed(mail, "cy@example.org"))
    assert post(olga, team, {f"to_{ann}": "cy@example.org", f"to_{bo}": ""}).status_code == 303
    assert len(mailed(mail, "cy@example.org")) == before + 1


def test_who_got_a_ticket_by_mail_takes_it_along_and_can_be_forgotten(
    client: Any,
    world: Any,
    order_url: str,  # noqa: F811
) -> None:
    person = world.person("ann")
    address, person_id = person.email, person.id
    ann, bo = attendee("Ann Lee").id, attendee("Bo Lee").id
    with transaction() as db_session:
        db_session.execute(update(Person).where(Person.id == person_id).values(name="Bo Lee"))
    both = {f"to_{ann}": address, f"to_{bo}": address}
    assert post(client, f"{order_url}/tickets/mails", both).status_code == 303
    with transaction() as db_session:
        parts = registry().personal_data
        taken = {part.name: part.export(db_session, person_id=person_id) for part in parts}
        assert [(row["name"], row["email"]) for row in taken["badges"]] == [("Ann Lee", address), ("Bo Lee", address)]
        forget(db_session, person_id)
    rows = db.session.execute(select(Attendee.name, Attendee.email).order_by(Attendee.id)).all()
    assert [tuple(row) for row in rows] == [("Ann Lee", ""), ("Erased", "")]


def test_a_ticket_is_no_way_to_write_to_ever_more_strangers(
    client: Any,
    world: Any,
    order_url: str,  # noqa: F811
    mail: Any,
) -> None:
    ann, page = attendee("Ann Lee").id, f"{order_url}/tickets/mails"
    for number in range(MOST_ADDRESSES):
        assert post(client, page, {f"to_{ann}": f"friend{number}@example.org"}).status_code == 303
    refused = post(client, page, {f"to_{ann}": "stranger@example.org"})
    assert refused.status_code == 409
    html = refused.get_data(as_text=True)
    assert "went to 5 addresses already" in html and 'value="stranger@example.org"' in html
    assert mailed(mail, "stranger@example.org") == []
    assert post(client, page, {f"to_{ann}": "friend0@example.org"}).status_code == 303, "a known one again"
    team = f"/manage/shows/{world.slug}/orders/{order_url.split('/')[2]}/tickets/mails"
    assert post(world.client("olga"), team, {f"to_{ann}": "late@example.org"}).status_code == 303
