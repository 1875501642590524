"""Fills one round of the demo, in the middle of choosing wants, so that its pages have something to show."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.models import Phase, RoundEntry, TradeRound
from swapmeet.trades.rounds.services import entering, phases, wanting
from swapmeet.trades.rules import Floor

BY = Actor.command("demo")
THINGS = 30
WANTS_EACH = 4


def fill(db_session: Session, stage: Stage) -> None:
    """At the first show with open trades. Two people in three have chosen already; the others are reminded of."""
    trading = [event for event in stage.events if trade_queries.floor_of(event, stage.now) is Floor.OPEN]
    if not trading:
        return
    event, start = trading[0], stage.now - timedelta(days=3)
    round_ = phases.open_round(
        db_session, event=event, title="The big swap", max_entries=40, by=BY, now=start - timedelta(days=4)
    )
    entries = _enter(db_session, event, round_)
    ends = {Phase.LISTING: start - timedelta(days=1), Phase.WANTS: stage.now + timedelta(days=4)}
    phases.set_deadlines(db_session, round_=round_, ends=ends, by=BY, now=start)
    for seen, target in ((Phase.LISTING, Phase.FREEZE), (Phase.FREEZE, Phase.WANTS)):
        phases.switch_phase(db_session, round_=round_, seen=seen, target=target, by=BY, now=start)
    for entry in [row for row in entries if row.member_id % 3]:
        others = [row.id for row in entries if row.member_id != entry.member_id]
        chosen = stage.random.sample(others, min(WANTS_EACH, len(others)))
        if chosen:
            wanting.add_wants(db_session, round_=round_, entry=entry, target_ids=chosen, by=BY, now=start)


def _enter(db_session: Session, event: Event, round_: TradeRound) -> list[RoundEntry]:
    statement = select(Listing.owner_id).where(Listing.event_id == event.id, Listing.state == ListingState.LISTED)
    entries: list[RoundEntry] = []
    for owner_id in db_session.scalars(statement.distinct().order_by(Listing.owner_id)).all():
        rows = queries.list_enterable(db_session, person_id=owner_id, round_=round_)[:3]
        if rows and len(entries) < THINGS:
            entries += entering.enter_listings(
                db_session,
                round_=round_,
                person_id=owner_id,
                listing_ids=[row.id for row in rows],
                by=BY,
                now=round_.created_at,
            )
    return entries
