"""The doctor finds shows whose state nobody is written down for, and shows without a sale period."""

from sqlalchemy import delete

from swapmeet.events import services
from swapmeet.events.invariants import periodless, unaudited_states
from swapmeet.events.models import EventState, SalePeriod
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from tests import factories


def test_a_show_published_behind_the_logs_back_is_found(world):
    with transaction() as db_session:
        club = db_session.merge(world.organizer)
        factories.event(db_session, organizer=club, name="Sneaky Fair", state=EventState.CANCELED)
        honest = factories.event(db_session, organizer=club, name="Honest Fair", state=EventState.DRAFT)
        services.cancel_event(db_session, event=honest, reason="No hall.", by=Actor.command("test"), now=utcnow())
    found = [sentence for sentence in unaudited_states(db.session(), utcnow()) if world.slug not in sentence]
    assert found == ["The show sneaky-fair is canceled and its log does not say who did it."]


def test_a_show_without_a_sale_period_is_found(world):
    assert periodless(db.session(), utcnow()) == []
    with transaction() as db_session:
        db_session.execute(delete(SalePeriod).where(SalePeriod.event_id == world.event_id))
    assert periodless(db.session(), utcnow()) == [f"The show {world.slug} has no sale period."]
