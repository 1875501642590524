"""What the tests of rounds need: an open round with things of Tess, Tom and Ann in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Claim, claim, run_claim
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.rounds import hand_queries, queries, repairing, rules
from swapmeet.trades.rounds.desk_models import Condition
from swapmeet.trades.rounds.models import Phase, RoundMember, TradeRun
from swapmeet.trades.rounds.services import entering, handing, phases, receiving, running, wanting
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


def want(world: Any, round_id: int, wants: Mapping[int, Sequence[int]]) -> None:
    """For each of these entries, what would be taken for it, best liked first."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        for entry_id, targets in wants.items():
            entry = queries.get_entry(db_session, entry_id, round_id=round_id)
            wanting.add_wants(db_session, round_=round_, entry=entry, target_ids=targets, by=BY, now=utcnow())


def three_way(world: Any) -> tuple[int, dict[str, int]]:
    """Chosen and closed: Tess' chair, Tom's loco and Ann's bear go round; Tess' bed is wanted by nobody. (round, entries)"""
    round_id = open_round(world)
    chair, bed = put_in(world, round_id, "tess", ["Chair", "Bed"], 2000)
    (loco,) = put_in(world, round_id, "tom", ["Loco"], 2000)
    (bear,) = put_in(world, round_id, "ann", ["Bear"], 500)
    (lamp,) = put_in(world, round_id, "vic", ["Lamp"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    want(world, round_id, {chair: [loco], loco: [bear], bear: [chair], bed: [lamp]})
    switch(world, round_id, Phase.PREVIEW)
    return round_id, {"chair": chair, "bed": bed, "loco": loco, "bear": bear, "lamp": lamp}


def ask_for_run(world: Any, round_id: int, seen: int = 0) -> int:
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        return running.start_run(db_session, round_=round_, seen=seen, by=BY, now=utcnow()).id


def work(world: Any) -> None:
    """Every run that is due, in this process: its child costs seconds and has tests of its own. Mails wait for who reads them."""
    handlers = world.app.extensions["swapmeet_registry"].jobs
    heavy = [kind for kind, handler in handlers.items() if handler.heavy]
    db.session.rollback()
    while found := _claim(heavy):
        run_claim(handlers[found.kind], found)
    db.session.rollback()


def _claim(kinds: list[str]) -> Claim | None:
    with transaction() as db_session:
        return claim(db_session, now=utcnow(), kinds=kinds)


def run_of(run_id: int) -> TradeRun:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(TradeRun, run_id)


def publish(world: Any, round_id: int, run_id: int) -> None:
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        run = queries.get_run(db_session, run_id, round_id=round_id)
        running.publish_run(db_session, round_=round_, run=run, by=BY, now=utcnow())


def published_round(world: Any) -> tuple[int, int]:
    """(round, run) with the result of `three_way` out."""
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    work(world)
    publish(world, round_id, run_id)
    return round_id, run_id


def bring(world: Any, round_id: int, *entry_ids: int, condition: Condition = Condition.AS_DESCRIBED) -> None:
    """The desk takes these things in."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        for entry_id in entry_ids:
            receiving.take_in(
                db_session,
                round_=round_,
                entry=queries.get_entry(db_session, entry_id, round_id=round_id),
                condition=condition,
                note="" if condition is Condition.AS_DESCRIBED else "One leg is off.",
                by=BY,
                now=utcnow(),
            )


def at_drop_off(world: Any) -> tuple[int, dict[str, int]]:
    """The result of `three_way` is out and the desk is open; nothing has come yet. (round, entries)"""
    round_id, entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    work(world)
    publish(world, round_id, run_id)
    switch(world, round_id, Phase.DROP_OFF)
    return round_id, entries


def at_pick_up(world: Any) -> tuple[int, dict[str, int]]:
    """Everything was brought, the final result is out, and the desk hands over. (round, entries)"""
    round_id, entries = at_drop_off(world)
    bring(world, round_id, *entries.values())
    finish(world, round_id)
    return round_id, entries


def finish(world: Any, round_id: int, seen: int = 1) -> int:
    """From drop-off over the final result to pick-up. Returns the run."""
    switch(world, round_id, Phase.FINAL)
    run_id = ask_for_run(world, round_id, seen=seen)
    work(world)
    publish(world, round_id, run_id)
    switch(world, round_id, Phase.PICK_UP)
    return run_id


def member_of(world: Any, round_id: int, key: str) -> RoundMember:
    db.session.rollback()
    found = queries.find_member(db.session(), round_id=round_id, person_id=world.ids[key])
    assert found is not None
    return found


def collect(world: Any, round_id: int, key: str, *titles: str) -> int:
    """Hand these things over to one of the cast (all they get when none is named)."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        member = queries.find_member(db_session, round_id=round_id, person_id=world.ids[key])
        assert member is not None
        gets = hand_queries.list_gets(db_session, member_id=member.id)
        ids = [row.id for row in gets if not titles or row.entry.title in titles]
        return handing.hand_over(db_session, round_=round_, member=member, ids=ids, to=key, by=BY, now=utcnow())


def lose(world: Any, round_id: int, entry_id: int, *, is_missing: bool = True) -> None:
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        entry = queries.get_entry(db_session, entry_id, round_id=round_id)
        handing.report_missing(db_session, round_=round_, entry=entry, is_missing=is_missing, by=BY, now=utcnow())


def repair(world: Any, round_id: int) -> int:
    """Solve the broken loops around what was handed over, and publish that. Returns the run."""
    db.session.rollback()
    last = queries.find_last_run(db.session(), round_id=round_id)
    run_id = ask_for_run(world, round_id, seen=last.number if last else 0)
    work(world)
    publish(world, round_id, run_id)
    return run_id


def who_gets(round_id: int) -> dict[str, tuple[int, str]]:
    """Title of each thing that goes to somebody -> (number of the trader, state)."""
    db.session.rollback()
    db.session.expire_all()
    rows = repairing.list_live(db.session(), round_id=round_id)
    return {row.entry.title: (row.receiver.number, row.state.value) for row in rows}
