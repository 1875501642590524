"""Demo: people sign up for sessions over the weeks before, some of them for full ones."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.stage import Stage
from swapmeet.orders.demo_buying import hold, pay, place
from swapmeet.orders.models import PayMethod
from swapmeet.orders.sellables import Wish
from swapmeet.program.models import ProgramSession, Teacher
from swapmeet.program.queries import list_sessions

TEACHERS = ("Ada Thimble", "Bruno Lathe", "Carla Brush", "Desmond Gauge", "Effie Stitch", "Gus Solder")


def fill(db_session: Session, stage: Stage) -> None:
    """Sign-ups in each show, the popular sessions nearly or wholly full."""
    for event in stage.events:
        _teachers(db_session, event)
        for row in list_sessions(db_session, event_id=event.id, now=stage.now, only="sign_up"):
            share = stage.random.choice((0.4, 0.7, 0.85, 1.0))
            wanted = min(12, int((row.capacity or 0) * share))
            for person in stage.random.sample(stage.people, wanted):
                _sign_up(db_session, stage, event, row.id, person)


def _teachers(db_session: Session, event: Event) -> None:
    teachers = [Teacher(event_id=event.id, name=name) for name in TEACHERS]
    db_session.add_all(teachers)
    db_session.flush()
    busy: dict[int, list[tuple[datetime, datetime]]] = {teacher.id: [] for teacher in teachers}
    sessions = db_session.scalars(
        select(ProgramSession)
        .where(ProgramSession.event_id == event.id, ProgramSession.kind != "open hours")
        .order_by(ProgramSession.starts_at)
    ).all()
    for session in sessions:
        for teacher in teachers:
            spans = busy[teacher.id]
            if all(session.ends_at <= start or session.starts_at >= end for start, end in spans):
                session.teacher_id = teacher.id
                spans.append((session.starts_at, session.ends_at))
                break


def _sign_up(db_session: Session, stage: Stage, event: Event, session_id: int, person: Person) -> None:
    at = stage.now - timedelta(days=stage.random.randint(1, 40), minutes=stage.random.randint(0, 1400))
    held = hold(db_session, event=event, person=person, wishes=[Wish("seat", session_id)], at=at)
    if held is None:
        return
    cart, lines = held
    order = place(
        db_session,
        event=event,
        person=person,
        cart=cart,
        method=stage.random.choice((PayMethod.CHECK, PayMethod.TRANSFER)),
        answers={line.id: {f"line-{line.id}-name-1": person.name} for line in lines},
        at=at,
    )
    if order.total_minor and stage.random.random() < 0.85:
        paid_at = at + timedelta(days=stage.random.randint(0, 9))
        pay(db_session, stage, order, reference=f"no. {stage.random.randint(100, 999)}", at=paid_at)
