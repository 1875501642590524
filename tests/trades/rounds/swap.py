"""What the tests of rounds need: an open round with things of Tess, Tom and Ann in it."""

from collections.abc import Sequence
from typing import Any

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.rounds import queries, rules
from swapmeet.trades.rounds.models import Phase
from swapmeet.trades.rounds.services import entering, phases
from tests import factories

BY = Actor.job("test")


def open_round(world: Any, *, max_entries: int = 60) -> int:
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        row = phases.open_round(
            db_session, event=event, title="Saturday swap", max_entries=max_entries, by=BY, now=utcnow()
        )
        return row.id


def put_in(world: Any, round_id: int, key: str, titles: Sequence[str], value: int | None = None) -> list[int]:
    """Things without a listing; returns their ids."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        things = [rules.Thing(title, "furniture", "1-12", "good", value) for title in titles]
        entries = entering.enter_lines(
            db_session, round_=round_, person_id=world.ids[key], things=things, by=BY, now=utcnow()
        )
        return [entry.id for entry in entries]


def switch(world: Any, round_id: int, *targets: Phase) -> None:
    for target in targets:
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
            phases.switch_phase(db_session, round_=round_, seen=round_.phase, target=target, by=BY, now=utcnow())


def phase_of(world: Any, round_id: int) -> str:
    db.session.rollback()
    return queries.get_round(db.session(), round_id, event_id=world.event_id).phase.value


def wanted(entry_id: int) -> list[tuple[int, str]]:
    """(target, letter) of an entry's wants, best liked first."""
    db.session.rollback()
    return [(want.target_id, want.pick_one) for want in queries.list_wants(db.session(), entry_id=entry_id)]


def host(world: Any, key: str = "tom") -> None:
    """Make one of the cast trade host of the club."""
    with transaction() as db_session:
        factories.member(db_session, organizer=world.organizer, person=world.person(key), roles=["trade_host"])
