"""Demo: people wait for what is full, and the organizer has given out codes."""

from datetime import timedelta

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventState
from swapmeet.infra.stage import Stage
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.announcements.rules import write_rule
from swapmeet.orders.announcements.sending import EVERYBODY
from swapmeet.orders.demo_buying import actor_of
from swapmeet.orders.sellables import Waitable
from swapmeet.orders.services.instalments import Share, save_plan
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from swapmeet.orders.waitlist.joining import Newcomer, Wanted, join
from swapmeet.orders.waitlist.serving import waitables_of

FULL_THINGS, WAITING = 3, 3
CODES = (
    VoucherValues(Effect.PERCENT, 100, uses=5, scope_kind="ticket", code="PRESS-DESK", batch="Press"),
    VoucherValues(Effect.PERCENT, 10, uses=200, scope_kind="ticket", code="CLUB-TEN", batch="Members of the club"),
)


def fill(db_session: Session, stage: Stage) -> None:
    """Up to three lines of three in each published show, and two codes."""
    for event in stage.events:
        if event.state is not EventState.PUBLISHED:
            continue
        things = waitables_of(db_session, event, stage.now).values()
        for thing in [each for each in things if each.left == 0 and each.is_listed][:FULL_THINGS]:
            for number, person in enumerate(stage.random.sample(stage.people, WAITING)):
                _wait(db_session, stage, event, thing, person, number)
        by = actor_of(stage.accounts["treasurer"])
        _offer_parts(db_session, stage, event)
        write_rule(
            db_session,
            event=event,
            title="Doors, parking, and what to bring",
            body="We look forward to seeing you. Bring your ticket, on paper or on the phone.",
            segment=EVERYBODY,
            days_before=7,
            by=by,
            now=stage.now,
        )
        for values in CODES:
            make_vouchers(db_session, event=event, values=values, by=by, now=stage.now)


def _offer_parts(db_session: Session, stage: Stage, event: Event) -> None:
    """A third each by two days well before the show, where there is time for it."""
    days = [event.first_day - timedelta(days=before) for before in (60, 30)]
    if days[0] > stage.now.date():
        shares = [Share(33, day) for day in days]
        by = actor_of(stage.accounts["organizer"])
        save_plan(db_session, event=event, shares=shares, lapses=False, by=by, now=stage.now)


def _wait(db_session: Session, stage: Stage, event: Event, thing: Waitable, person: Person, number: int) -> None:
    quantity = 2 if number == 0 and thing.most > 1 else 1
    at = stage.now - timedelta(days=WAITING - number, minutes=stage.random.randint(0, 600))
    who = Newcomer(person.name, person.email, person.id, is_whole=number != 1, is_mailed=False)
    try:
        with db_session.begin_nested():
            wanted = [Wanted(thing, quantity, "")]
            join(db_session, event=event, wanted=wanted, who=who, by=actor_of(person), now=at)
    except DomainError:
        return  # somebody who waits for it already
