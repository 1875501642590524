"""Demo: the gates of each show, three weeks before anybody comes, and one badge that was lost and replaced."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.badges.check_ins import add_gate, gate_for
from swapmeet.badges.models import Attendee
from swapmeet.badges.services import reissue_badge
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor


def fill(db_session: Session, stage: Stage) -> None:
    """Two gates a show, and a replaced badge in each."""
    organizer = stage.accounts["organizer"]
    by = Actor.person(organizer.id, organizer.name)
    at = stage.now - timedelta(days=2)
    for event in stage.events:
        gate_for(db_session, event_id=event.id)
        add_gate(db_session, event_id=event.id, name="Side door", by=by, now=at)
        somebody = db_session.scalar(
            select(Attendee)
            .where(Attendee.event_id == event.id, Attendee.canceled_at.is_(None), Attendee.created_at < at)
            .order_by(Attendee.id)
            .limit(1)
        )
        if somebody is not None:
            reissue_badge(db_session, attendee=somebody, reason="lost in the mail", by=by, now=at)
