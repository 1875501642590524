"""The owner of one club, at the address of the own show, names things of another club's show: there is no such thing.

Cases R-T02 and R-T03, on every organizer's address that names a thing, with the ids of a show in full swing.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule as Route

from swapmeet.access.roles import Role
from swapmeet.accounts.models import ApiToken
from swapmeet.accounts.services.teams import invite
from swapmeet.events.models import Announcement, Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from tests.cast import World
from tests.support.filled import Filled, account
from tests.support.forms import token_of

# Argument of an address -> the table its values come from.
TABLES = {
    "announcement_id": "announcement",
    "attendee_id": "attendee",
    "check_in_id": "check_in",
    "deposit_id": "deposit",
    "exchange_id": "exchange",
    "gate_id": "gate",
    "hall_id": "hall",
    "invitation_id": "invitation",
    "invoice_id": "invoice",
    "line_id": "bank_line",
    "listing_id": "listing",
    "lot_id": "consignment_lot",
    "member_id": "team_member",
    "period_id": "sale_period",
    "place_id": "table_place",
    "refund_id": "refund",
    "report_id": "report",
    "reservation_id": "reservation",
    "seller_id": "consignment_seller",
    "shape_id": "plan_shape",
    "statement_id": "bank_statement",
    "ticket_type_id": "ticket_type",
    "token_id": "api_token",
    "type_id": "table_type",
}
CODES = {"orders_manage": "order", "program_manage": "program_session"}
OWN = {"slug", "organizer_slug", "door_slug", "kind"}
TYPED = {"reason": "Because.", "name": "New name", "answer": "No."}


@pytest.fixture
def world(app: Flask, filled: Filled) -> World:
    """The cast and their club beside the demo's club with its rows."""
    filled.put_into(app)
    return World(app)


@pytest.fixture
def intruder(world: World) -> Any:
    """Olga, owner of the Lakeside Club."""
    with transaction() as db_session:
        event = db_session.scalars(select(Event).where(Event.organizer_id != world.organizer.id)).one()
        by, now = Actor.command("test"), utcnow()
        about = {"organizer": event.organizer, "by": by, "now": now, "public_url": "http://localhost"}
        for event_id in (None, event.id):
            invite(db_session, event_id=event_id, email="new@example.org", roles=[Role.DOOR], **about)
        db_session.add(Announcement(event_id=event.id, title="News", body="New", published_at=now))
        db_session.add(token_row(event, account(db_session, "attendee").id))
    return world.client("olga")


def token_row(event: Event, person_id: int) -> ApiToken:
    return ApiToken(
        organizer_id=event.organizer_id,
        event_id=event.id,
        person_id=person_id,
        label="Scanner",
        token_digest="x" * 64,
        permissions=[],
        created_at=utcnow(),
    )


def addresses(app: Flask, world: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every organizer's address that names a thing, with things of the other club."""
    for route in app.url_map.iter_rules():
        named = route.arguments - OWN
        if not route.rule.startswith("/manage/") or len(named) != 1:
            continue
        for value in values(route, next(iter(named)), world):
            path = route.rule.replace("<slug>", world.slug).replace("<organizer_slug>", world.organizer.slug)
            for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, re.sub(r"<[^>]+>", str(value), path)


def values(route: Route, argument: str, world: Any) -> list[Any]:
    """Ids or codes of the other club's rows."""
    name = CODES.get(route.endpoint.partition(".")[0], "") if argument == "code" else TABLES.get(argument, "")
    if not name:
        return []
    table = db.metadata.tables[name]
    is_foreign = (
        table.c.organizer_id != world.organizer.id if "organizer_id" in table.c else table.c.event_id != world.event_id
    )
    column = table.c.code if argument == "code" else table.c.id
    return list(db.session.scalars(select(column).where(is_foreign).order_by(table.c.id).limit(1)))


def counts() -> dict[str, int]:
    db.session.rollback()
    tables = db.metadata.sorted_tables
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_r_t03_nothing_of_another_show_is_reached_through_ones_own(app: Flask, world: Any, intruder: Any) -> None:
    before, token, wrong, walked = counts(), token_of(intruder), [], set()
    for method, path in list(addresses(app, world)):
        data = {**TYPED, "csrf_token": token} if method == "POST" else None
        status = intruder.open(path, method=method, data=data).status_code
        walked.add(re.sub(r"(?<=/)(?:\d+|[A-Z0-9-]{3,})(?=/|$)", "#", path))
        if status != 404:
            wrong.append(f"{method} {path}: {status}")
    assert wrong == []
    assert counts() == before
    assert len(walked) > 35, sorted(walked)
