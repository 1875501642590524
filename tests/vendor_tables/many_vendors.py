"""The sample show with 372 tables, and 250 applications made of the 36 sample vendors, with wishes drawn by popularity."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventState
from swapmeet.events.queries import list_sale_periods
from swapmeet.events.services.importing import import_show
from swapmeet.events.showfile import sample_shows
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications.models import (
    Application,
    ApplicationTie,
    ApplicationWish,
    SellingMode,
    TieKind,
    VendorCategory,
    VendorStanding,
    WishKind,
)
from swapmeet.vendor_tables.applications.services import handling
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.demo_vendors import sample_vendors
from swapmeet.vendor_tables.models import TablePlace, Vendor

VENDORS, TABLES = 250, 372
OWN_TABLES = (1, 4)  # what Ann gives back is enough for whoever waits
SIZES, SHARES = (1, 2, 3, 4), (60, 27, 9, 4)  # asks for more than there is


def large_show(world: Any, chance: random.Random) -> str:
    """Made and committed; returns its slug. Vic and Ann are among the vendors, with the most points."""
    now = utcnow()
    with transaction() as db_session:
        event = _import_largest(db_session, world, now)
        handling.save_selling(
            db_session, event=event, values={"mode": SellingMode.APPLICATION}, by=Actor.command("test"), now=now
        )
        event.state = EventState.PUBLISHED
        rows = _applications(db_session, event, chance, [world.ids["vic"], world.ids["ann"]], now)
        _ties(db_session, event, chance, rows)
        return event.slug


def _import_largest(db_session: Session, world: Any, now: Any) -> Event:
    show = max(sample_shows()["shows"], key=lambda show: int(show["table_count"]))
    event = import_show(
        db_session,
        organizer=db_session.merge(world.organizer),
        show=show,
        first_day=now.date() + timedelta(days=60),
        by=Actor.command("test"),
        now=now,
    )
    count = select(func.count()).select_from(TablePlace).where(TablePlace.event_id == event.id)
    assert db_session.scalar(count) == TABLES
    return event


def _applications(
    db_session: Session, event: Event, chance: random.Random, people: list[int], now: Any
) -> list[Application]:
    places = floor_queries.list_places(db_session, event_id=event.id)
    period = floor_queries.periods_for([places[0].type], list_sale_periods(db_session, event_id=event.id))[0]
    pull = [0.2 + (1 - at / len(places)) ** 2 + 0.6 * ("corner" in place.tags) for at, place in enumerate(places)]
    kinds = [VendorCategory(event_id=event.id, name=f"Kind {number}", position=number) for number in range(12)]
    db_session.add_all(kinds)
    db_session.flush()
    sample, made = sample_vendors(), []
    for number in range(VENDORS):
        name, sells, scales = sample[number % len(sample)]
        person = db_session.get_one(Person, people[number]) if number < len(people) else None
        vendor = Vendor(name=f"{name} {number}", sells=sells, scales=scales, person=person, created_at=now)
        row = Application(
            event_id=event.id,
            vendor=vendor,
            state=ApplicationState.SUBMITTED,
            name=f"{name} {number}",
            sells=sells,
            category_id=chance.choices(kinds, [1 / rank for rank in range(1, 13)])[0].id,
            sale_period_id=period.id,
            table_count=OWN_TABLES[number] if person is not None else chance.choices(SIZES, SHARES)[0],
            wants_corner=chance.random() < 0.25,
            submitted_at=now - timedelta(minutes=chance.randint(1, 40_000)),
            created_at=now,
        )
        wished = dict.fromkeys(chance.choices(places, pull, k=3))
        row.wishes = [
            ApplicationWish(event_id=event.id, rank=rank, kind=WishKind.PLACE, target=place.uid, label=place.label)
            for rank, place in enumerate(wished, start=1)
        ]
        db_session.add(row)
        made.append(row)
    db_session.flush()
    for row in made:
        points = 100 if row.vendor.person is not None else min(100, int(chance.expovariate(1 / 25)))
        db_session.add(VendorStanding(organizer_id=event.organizer_id, vendor_id=row.vendor_id, points=points))
    return made


def _ties(db_session: Session, event: Event, chance: random.Random, rows: list[Application]) -> None:
    """12 of a hundred in near pairs that both confirmed, 2 who keep apart."""
    mixed = chance.sample(rows, len(rows))
    for at in range(18):
        a, b = mixed[2 * at], mixed[2 * at + 1]
        kind, agreed = (TieKind.NEAR, True) if at < 15 else (TieKind.AWAY, None)
        db_session.add(
            ApplicationTie(
                event_id=event.id, application_id=a.id, kind=kind, name=b.name, other_id=b.id, is_agreed=agreed
            )
        )
