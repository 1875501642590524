"""A ticket has a link of its own for whoever uses it, and changes hands by another: the old code is void at once."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee, Badge, BadgeState, CheckIn, Gate
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.registration.models import TicketTransfer, TicketType, TransferState
from tests.registration import build
from tests.support.forms import post

LINK = re.compile(r"https?://[^/]+(/(?:transfers|tickets)/\d+/[\w-]+)")


@pytest.fixture
def order_url(world: Any) -> str:
    """The page of a paid order with two tickets."""
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show())
        order = build.buy(db_session, world.show(), {kind.id: 2}, names=["Ann Lee", "Bo Lee"])
        return f"/orders/{order.code}/{order.link_key}"


def attendee(name: str) -> Any:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Attendee).where(Attendee.name == name)).one()


def read(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def link_in(html: str, kind: str) -> str:
    return next(path for path in LINK.findall(html) if path.startswith(f"/{kind}/"))


def offer(client: Any, order_url: str, name: str) -> str:
    """Bo's ticket is offered. Returns the path of the link."""
    page = f"{order_url}/tickets/{attendee(name).id}"
    assert post(client, f"{page}/transfers").status_code == 303
    return link_in(read(client, page), "transfers")


def test_the_first_to_open_the_link_has_the_ticket_and_the_old_code_is_void(
    client: Any, world: Any, order_url: str, mail: Any
) -> None:
    mail.deliver_all()
    bo = attendee("Bo Lee")
    old = bo.badges[0].code
    path = offer(client, order_url, "Bo Lee")
    taker = world.app.test_client()
    assert "It costs you nothing here" in read(taker, path)
    refused = post(taker, path, {"name": " ", "email": "cy"})
    assert refused.status_code == 422
    taken = post(taker, path, {"name": "Cy Young", "email": "Cy@Example.org"})
    assert taken.status_code == 303
    page = read(taker, taken.headers["Location"])
    assert "Cy Young" in page
    cy = attendee("Cy Young")
    assert cy.id == bo.id
    assert cy.email == "cy@example.org"
    assert [badge.state for badge in cy.badges] == [BadgeState.VOID, BadgeState.ISSUED]
    assert old not in page.replace(" ", "")
    late = post(world.app.test_client(), path, {"name": "Otto", "email": "otto@example.org"})
    assert late.status_code == 409
    assert "Somebody has taken this ticket already" in late.get_data(as_text=True)
    mail.deliver_all()
    assert {str(each["To"]) for each in mail.messages[-2:]} == {"cy@example.org", "ann@example.org"}
    verbs = set(db.session.scalars(select(AuditEntry.verb)))
    assert {"ticket.offered", "ticket.passed_on", "badge.reissued"} <= verbs


def test_what_was_passed_on_leaves_the_buyers_pages(client: Any, world: Any, order_url: str) -> None:
    path = offer(client, order_url, "Bo Lee")
    post(world.app.test_client(), path, {"name": "Cy Young", "email": "cy@example.org"})
    code = attendee("Cy Young").badges[-1].code
    page = read(client, order_url)
    assert "was passed on to Cy Young" in page
    assert "1 ticket" in page
    assert code not in page.replace(" ", "").replace("\n", "")
    assert "Cy Young" not in read(client, f"{order_url}/names")
    names = re.findall(r'name="(line-\d+-name-\d+)"', read(client, f"{order_url}/names"))
    assert post(client, f"{order_url}/names", dict.fromkeys(names, "Ann Leigh")).status_code == 303
    assert attendee("Cy Young").line.facts["names"] == ["Ann Leigh", "Cy Young"]
    assert client.get(f"{order_url}/tickets/{attendee('Cy Young').id}").status_code == 404
    refused = read(client, f"{order_url}/cancellation")
    assert "only the organizer can cancel it" in refused
    assert post(client, f"{order_url}/cancellation", {"seen_back": "4800"}).status_code == 409


def test_the_holder_corrects_the_name_and_can_pass_it_on(client: Any, world: Any, order_url: str) -> None:
    own = link_in(read(client, f"{order_url}/tickets/{attendee('Bo Lee').id}"), "tickets")
    holder = world.app.test_client()
    assert post(holder, own, {"name": "Bo Leigh"}).status_code == 303
    assert attendee("Bo Leigh").line.facts["names"] == ["Ann Lee", "Bo Leigh"]
    assert post(holder, own, {"name": ""}).status_code == 422
    assert post(holder, f"{own}/transfers").status_code == 303
    link = link_in(read(holder, own), "transfers")
    assert post(holder, f"{own}/transfers/withdrawal").status_code == 303
    gone = post(client, link, {"name": "Cy", "email": "cy@example.org"})
    assert gone.status_code == 409
    assert "not offered any more" in gone.get_data(as_text=True)
    assert attendee("Bo Leigh").passed_on_at is None
    post(holder, f"{own}/transfers")
    again = link_in(read(holder, own), "transfers")
    assert again != link
    assert post(client, again, {"name": "Cy", "email": "cy@example.org"}).status_code == 303
    assert holder.get(own).status_code == 404, "the old holder's page is gone with the badge"


@pytest.mark.parametrize("path", ["/tickets/1/x", "/transfers/1/x", "/tickets/999/x", "/transfers/999/x"])
def test_a_guessed_link_leads_nowhere(client: Any, world: Any, order_url: str, path: str) -> None:
    offer(client, order_url, "Bo Lee")
    assert client.get(path).status_code == 404


def test_nobody_passes_on_a_ticket_that_somebody_came_in_with(client: Any, world: Any, order_url: str) -> None:
    path = offer(client, order_url, "Bo Lee")
    bo = attendee("Bo Lee")
    with transaction() as db_session:
        gate = Gate(event_id=bo.event_id, name="Main door")
        db_session.add(gate)
        db_session.flush()
        about = {"event_id": bo.event_id, "attendee_id": bo.id, "badge_id": bo.badges[0].id, "gate_id": gate.id}
        db_session.add(CheckIn(day=utcnow().date(), at=utcnow(), **about))
    refused = post(client, path, {"name": "Cy", "email": "cy@example.org"})
    assert refused.status_code == 409
    assert "Somebody has come in with this ticket" in refused.get_data(as_text=True)
    assert attendee("Bo Lee").badges[-1].state is BadgeState.ISSUED


def test_it_ends_with_the_last_day_for_names(client: Any, world: Any, order_url: str, clock: Any) -> None:
    path = offer(client, order_url, "Bo Lee")
    with transaction() as db_session:
        kind = db_session.scalars(select(TicketType)).one()
        kind.names_until_on = utcnow().date()
    clock.advance(days=2)
    refused = post(client, path, {"name": "Cy", "email": "cy@example.org"})
    assert refused.status_code == 409
    assert "too late" in read(client, f"{order_url}/tickets/{attendee('Bo Lee').id}")
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 2


def test_offering_twice_gives_the_same_link(client: Any, world: Any, order_url: str) -> None:
    assert offer(client, order_url, "Bo Lee") == offer(client, order_url, "Bo Lee")
    states = list(db.session.scalars(select(TicketTransfer.state)))
    assert states == [TransferState.OFFERED]
    assert world.show().first_day - utcnow().date() > timedelta(days=1)


def test_who_took_over_a_ticket_hears_that_it_was_canceled(world: Any, order_url: str, client: Any, mail: Any) -> None:
    path = offer(client, order_url, "Bo Lee")
    post(client, path, {"name": "Cy Young", "email": "cy@example.org"})
    with transaction() as db_session:
        order = db_session.scalars(select(Order)).one()
        preview = preview_cancellation(db_session, event=world.show(), order=order, now=utcnow())
        about: dict[str, Any] = {"seen_back_minor": preview.back_minor, "reason": "No show", "by": Actor.person(1)}
        cancel_order(db_session, event=world.show(), order=order, now=utcnow(), **about)
    subjects = [str(each["Subject"]) for each in mail.to("cy@example.org")]
    assert any(subject.startswith("Your ticket was canceled") for subject in subjects)
    assert not any("Your ticket was canceled" in str(each["Subject"]) for each in mail.to("ann@example.org"))
