"""A week before answers are needed, those who owe them are told which, once; nobody whose answers are there."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order
from swapmeet.questions import reminding
from swapmeet.questions.kinds import QuestionKind
from swapmeet.registration.passing import offer_ticket, take_ticket
from tests.questions.test_questions import BY, ask, buy_ticket, checkout
from tests.support.forms import post


def told() -> list[str]:
    """To whom reminders were queued."""
    db.session.rollback()
    rows = select(OutboxMessage.to_address).where(OutboxMessage.kind == reminding.KIND).order_by(OutboxMessage.id)
    return list(db.session.scalars(rows))


def test_buyers_are_told_once_what_is_missing_for_whom(client: Any, world: Any, clock: Any, mail: Any) -> None:
    needed_by = world.show().first_day - timedelta(days=20)
    scale = ask(world, "Which scale?", QuestionKind.TEXT, is_required=True, needed_by_on=needed_by)
    kind_id = buy_ticket(client, world, 2)
    assert checkout(client, world, **{f"p1_{scale}": "1:12"}).status_code == 303
    other, more = world.client(), {f"ticket-{kind_id}": 1, "key": "o" * 32}
    assert post(other, f"/shows/{world.slug}/cart/lines", more).status_code == 303
    assert checkout(other, world, **{f"p1_{scale}": "1:24"}).status_code == 303
    mail.deliver_all()
    assert told() == [], "it is far away"
    clock.advance(days=(needed_by - utcnow().date()).days - 7)
    mail.deliver_all()
    assert told() == ["gus@example.org"]
    (message,) = [each for each in mail.to("gus@example.org") if "answers are missing" in str(each["Subject"])]
    words = mail.text(message)
    assert "Person 2" in words and "- Which scale?" in words and "Person 1" not in words
    clock.advance(days=3)
    mail.deliver_all()
    assert told() == ["gus@example.org"], "once"


def test_who_took_a_ticket_over_is_told_and_not_the_buyer(client: Any, world: Any, clock: Any, mail: Any) -> None:
    from swapmeet.badges.holding import find_held
    from swapmeet.badges.models import Attendee

    needed_by = world.show().first_day - timedelta(days=20)
    ask(world, "Which scale?", QuestionKind.TEXT, is_required=True, needed_by_on=needed_by)
    buy_ticket(client, world)
    assert checkout(client, world).status_code == 303
    with transaction() as db_session:
        attendee_id = db_session.scalars(select(Attendee.id)).one()
        held = find_held(db_session, attendee_id=attendee_id)
        assert held is not None
        transfer = offer_ticket(db_session, held=held, by=BY, now=utcnow())
        given: dict[str, Any] = {"name": "New Holder", "email": "new@example.org", "person_id": None}
        take_ticket(db_session, transfer=transfer, is_mailed=True, by=BY, now=utcnow(), **given)
    clock.advance(days=(needed_by - utcnow().date()).days - 6)
    mail.deliver_all()
    assert told() == ["new@example.org"]
    assert db.session.scalars(select(Order.buyer_email)).all() == ["gus@example.org"]
