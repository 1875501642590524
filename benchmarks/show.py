"""The show that the benchmarks visit: 10 ticket types with price steps, 100 tables, 40 sessions, and the people who run it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts import sessions
from swapmeet.accounts.models import ApiToken, Organizer
from swapmeet.events.models import Announcement, Event, Hall
from swapmeet.infra import codes
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.program.models import ProgramSession, SessionKind, Teacher
from tests import factories
from tests.registration.build import ticket_type, tier
from tests.vendor_tables.floor import rows_of_places, table_type

PARAGRAPH = (
    "Two halls of dealers, layouts and displays, a workshop room, and a swap corner that opens at noon on both days. "
    "Parking is free, the canteen serves lunch from eleven, and the whole building is level with the street. "
)
HALLS = 5
BIG = 1_000_000  # a capacity that no run reaches


@dataclass
class Filled:
    """What a benchmark needs to know of its show."""

    slug: str
    event_id: int
    free_type_id: int
    period_id: int
    token: str  # for the API, with the right to check in
    cookie: str  # the organizer, signed in
    rows: dict[str, list[int]] = field(default_factory=dict)  # ids of tables by row, neighbors side by side

    @property
    def path(self) -> str:
        return f"/shows/{self.slug}"


def fill_show(
    app: Any,
    *,
    table_rows: int = 10,
    tables_a_row: int = 10,
    session_count: int = 40,
    hall_mm: tuple[int, int] = (60_000, 90_000),
    **changes: Any,
) -> Filled:
    """Everything, committed. `hall_mm` is the width and depth of each hall, `changes` are values of the event."""
    with transaction() as db_session:
        now = utcnow()
        organizer = factories.organizer(db_session)
        owner = factories.person(db_session, "Olga Organizer")
        factories.member(db_session, organizer=organizer, person=owner, roles=["owner"])
        about = (PARAGRAPH + "\n\n") * 6
        event = factories.event(db_session, organizer=organizer, summary=PARAGRAPH[:300], about=about, **changes)
        width, depth = hall_mm
        halls = [
            factories.hall(db_session, event=event, code=f"hall{n}", name=f"Hall {n}", width_mm=width, depth_mm=depth)
            for n in range(1, HALLS + 1)
        ]
        for title in ("Doors open at nine", "The workshop list is complete"):
            db_session.add(Announcement(event_id=event.id, title=title, body=PARAGRAPH, published_at=now))
        free_type_id = fill_tickets(db_session, event, now)
        rows = fill_tables(db_session, event, halls[0], table_rows, tables_a_row)
        fill_sessions(db_session, event, halls, session_count, now)
        cookie = sessions.open_session(db_session, person=owner, device="bench", address="127.0.0.1", now=now)
        return Filled(
            slug=event.slug,
            event_id=event.id,
            free_type_id=free_type_id,
            period_id=whole_period(db_session, event),
            token=make_token(db_session, event, owner.id, now),
            cookie=cookie,
            rows=rows,
        )


def add_rush(db_session: Session, name: str, capacity: int) -> Filled:
    """One more show of the club, with ten ticket types; the free one has so many places."""
    organizer = db_session.scalars(select(Organizer)).one()
    event = factories.event(db_session, organizer=organizer, name=name, summary=PARAGRAPH[:300])
    free_type_id = fill_tickets(db_session, event, utcnow(), free_places=capacity)
    return Filled(event.slug, event.id, free_type_id, whole_period(db_session, event), token="", cookie="")


def fill_tickets(db_session: Session, event: Event, now: datetime, free_places: int = BIG) -> int:
    """Ten types, half of them with price steps. Returns the id of the free one."""
    free = ticket_type(db_session, event, "Sunday visit", price=0, capacity=free_places, description=PARAGRAPH[:120])
    for number in range(1, 10):
        kind = ticket_type(
            db_session,
            event,
            f"Weekend pass {number}",
            price=2400 + 100 * number,
            capacity=10 * number if number < 4 else BIG,
            description=PARAGRAPH[:120],
            position=number,
        )
        if number % 2:
            until = now.date() + timedelta(days=10 * number)
            tier(db_session, kind, 1400 + 100 * number, position=1, until_on=until)
            tier(db_session, kind, 900 + 100 * number, position=0, first=5)
    return free.id


def fill_tables(db_session: Session, event: Event, hall: Hall, rows: int, count: int) -> dict[str, list[int]]:
    """Rows of touching tables. Returns their ids by row, in order."""
    kind = table_type(db_session, event)
    names = "".join(chr(ord("A") + number) for number in range(rows))
    places = rows_of_places(db_session, event, kind, names=names, count=count, hall=hall)
    found: dict[str, list[int]] = {}
    for place in places:
        found.setdefault(place.row, []).append(place.id)
    return found


def fill_sessions(db_session: Session, event: Event, halls: list[Hall], count: int, now: datetime) -> None:
    """Sessions over two days in several halls; every third takes sign-ups."""
    teacher = Teacher(event_id=event.id, name="Mia Maker")
    db_session.add(teacher)
    db_session.flush()
    noon = datetime.combine(event.first_day, datetime.min.time(), now.tzinfo) + timedelta(hours=14)
    for number in range(count):
        starts_at = noon + timedelta(days=number % 2, hours=number // (2 * HALLS))
        quota = factories.quota(db_session, event=event, capacity=20, name=f"Workshop {number}")
        db_session.add(
            ProgramSession(
                event_id=event.id,
                code=f"W{number:02}",
                title=f"How to weather a box car, part {number}",
                kind=SessionKind.WORKSHOP,
                about=PARAGRAPH,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=50),
                hall_id=halls[number % HALLS].id,
                teacher_id=teacher.id if number % 5 == 0 else None,
                capacity=20,
                needs_sign_up=number % 3 == 0,
                quota_id=quota.id,
                fee_minor=500,
                created_at=now,
                changed_at=now,
            )
        )
    db_session.flush()


def whole_period(db_session: Session, event: Event) -> int:
    from swapmeet.events.queries import list_sale_periods

    return list_sale_periods(db_session, event_id=event.id)[0].id


def make_token(db_session: Session, event: Event, person_id: int, now: datetime) -> str:
    """An API token for the door."""
    secret = codes.link_key()
    db_session.add(
        ApiToken(
            organizer_id=event.organizer_id,
            event_id=event.id,
            person_id=person_id,
            label="scanner",
            token_digest=codes.digest(secret),
            permissions=["door.check_in"],
            created_at=now,
        )
    )
    return secret
