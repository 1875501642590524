"""Demo: people sign up for sessions over the weeks before, some of them for full ones."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.codes import link_key
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
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
    person_id, name, email = person.id, person.name, person.email
    by = Actor.person(person_id, name)
    cart = open_cart(db_session, event=event, person_id=person_id, cart_key=link_key(), now=at)
    buyer = Buyer(person_id=person_id, email=email, order=cart)
    try:
        with db_session.begin_nested():
            lines = add_to_cart(
                db_session, event=event, cart=cart, wishes=[Wish("seat", session_id)], buyer=buyer, by=by, now=at
            )
    except DomainError:
        return
    method = stage.random.choice((PayMethod.CHECK, PayMethod.TRANSFER))
    contact = Contact(name=name, email=email, method=method if cart.total_minor else None)
    answers = {line.id: {f"line-{line.id}-name-1": name} for line in lines}
    order = place_order(
        db_session,
        event=event,
        cart=cart,
        contact=contact,
        answers=answers,
        seen_total_minor=cart.total_minor,
        by=by,
        now=at,
    )
    if order.total_minor and stage.random.random() < 0.85:
        _pay(db_session, stage, order, method, at + timedelta(days=stage.random.randint(0, 9)))


def _pay(db_session: Session, stage: Stage, order: Order, method: PayMethod, at: datetime) -> None:
    when = min(at, stage.now)
    treasurer = stage.accounts["treasurer"]
    record_payment(
        db_session,
        order=order,
        method=method,
        amount_minor=order.total_minor,
        reference=f"no. {stage.random.randint(100, 999)}",
        received_at=when,
        by=Actor.person(treasurer.id, treasurer.name),
        now=when,
    )
