"""Fills two rounds of the demo: one on the day of its hand-over, and one in the middle of choosing wants."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.demo import STOCK_OF_KIND
from swapmeet.trades.demo_things import things
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.rounds import desk_queries, hand_queries, jobs, queries, rules
from swapmeet.trades.rounds.desk_models import Condition
from swapmeet.trades.rounds.dispute_models import DisputeReason
from swapmeet.trades.rounds.hand_models import HandOver
from swapmeet.trades.rounds.models import Phase, RoundEntry, TradeRound
from swapmeet.trades.rounds.services import disputing, entering, handing, offering, phases, receiving, running, wanting
from swapmeet.trades.rules import Floor

BY = Actor.command("demo")
THINGS = 30
WANTS_EACH = 4
PAST_PEOPLE = 14
PAST_EACH = 2


def fill(db_session: Session, stage: Stage) -> None:
    """At the first show with open trades. Two people in three have chosen already; the others are reminded of."""
    trading = [event for event in stage.events if trade_queries.floor_of(event, stage.now) is Floor.OPEN]
    if not trading:
        return
    event, start = trading[0], stage.now - timedelta(days=3)
    _past_round(db_session, stage, event)
    round_ = phases.open_round(
        db_session, event=event, title="The big swap", max_entries=40, by=BY, now=start - timedelta(days=4)
    )
    entries = _enter(db_session, event, round_)
    ends = {Phase.LISTING: start - timedelta(days=1), Phase.WANTS: stage.now + timedelta(days=4)}
    phases.set_deadlines(db_session, round_=round_, ends=ends, by=BY, now=start)
    _switch(db_session, round_, (Phase.FREEZE, Phase.WANTS), start)
    _money(db_session, round_, entries, start)
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


def _past_round(db_session: Session, stage: Stage, event: Event) -> None:
    """The same people with things they never listed; all have chosen, the loops are found, the result is out."""
    start, chance = stage.now - timedelta(days=12), Random(f"{event.slug} past round")
    round_ = phases.open_round(db_session, event=event, title="The warm-up swap", max_entries=10, by=BY, now=start)
    traders = [person for key, person in stage.accounts.items() if "trader" in key]
    people = [*traders, *[person for person in stage.people if person not in traders][:PAST_PEOPLE]]
    stock = STOCK_OF_KIND.get(event.kind, "dollhouse")
    found = list(things(chance, stock=stock, count=PAST_EACH * len(people)))
    entries: list[RoundEntry] = []
    for place, person in enumerate(people):
        lines = [
            rules.Thing(thing.title, thing.category, thing.scale, thing.condition, 500 * chance.randrange(2, 12))
            for thing in found[place * PAST_EACH : (place + 1) * PAST_EACH]
        ]
        entries += entering.enter_lines(db_session, round_=round_, person_id=person.id, things=lines, by=BY, now=start)
    _switch(db_session, round_, (Phase.FREEZE, Phase.WANTS), start + timedelta(days=2))
    for entry in [row for place, row in enumerate(entries) if place % 10]:  # the others go for money alone
        others = [row.id for row in entries if row.member_id != entry.member_id]
        chosen = chance.sample(others, min(WANTS_EACH, len(others)))
        wanting.add_wants(db_session, round_=round_, entry=entry, target_ids=chosen, by=BY, now=start)
    _money(db_session, round_, entries, start)
    _publish(db_session, round_, Phase.PREVIEW, start + timedelta(days=6))
    _hand_over(db_session, round_, start + timedelta(days=11, hours=20))


def _money(db_session: Session, round_: TradeRound, entries: Sequence[RoundEntry], now: datetime) -> None:
    """Money is on: some things go for money, too, and some people offer some for them."""
    handing.set_desk(db_session, round_=round_, slots_from=None, minutes=15, people=4, uses_money=True, by=BY, now=now)
    for place, entry in enumerate(entries[::5]):
        offering.set_ask(db_session, round_=round_, entry=entry, amount_minor=800 + 200 * place, by=BY, now=now)
    buyers = sorted({row.member.person_id for row in entries})[::2]
    for place, target in enumerate([*entries[5::5], *entries[2::6]]):
        person_id = next(one for one in buyers[place % len(buyers) :] + buyers if one != target.member.person_id)
        offering.place_bid(
            db_session,
            round_=round_,
            person_id=person_id,
            number=target.number,
            amount_minor=1500 + 100 * place,
            by=BY,
            now=now,
        )
    for person_id in buyers[:2]:
        offering.set_budget(db_session, round_=round_, person_id=person_id, amount_minor=2500, by=BY, now=now)


def _hand_over(db_session: Session, round_: TradeRound, now: datetime) -> None:
    """Nearly everything was brought; the desk is in the middle of sorting boxes and handing them over."""
    _switch(db_session, round_, (Phase.DROP_OFF,), now)
    for place, arrival in enumerate(desk_queries.list_arrivals(db_session, round_id=round_.id)):
        if place % 11 == 7:
            continue
        condition = (Condition.DAMAGED, Condition.NOT_AS_DESCRIBED, Condition.AS_DESCRIBED)[min(2, place % 13)]
        note = {Condition.DAMAGED: "One leg is broken.", Condition.NOT_AS_DESCRIBED: "More worn than it says."}
        receiving.take_in(
            db_session,
            round_=round_,
            entry=arrival.entry,
            condition=condition,
            note=note.get(condition, ""),
            by=BY,
            now=now,
        )
    handing.set_desk(
        db_session,
        round_=round_,
        slots_from=now + timedelta(hours=3),
        minutes=15,
        people=4,
        uses_money=True,
        by=BY,
        now=now,
    )
    _publish(db_session, round_, Phase.FINAL, now + timedelta(hours=1))
    _switch(db_session, round_, (Phase.PICK_UP,), now + timedelta(hours=2))
    states = hand_queries.list_box_states(db_session, round_id=round_.id)
    for state in states[: 2 * len(states) // 3]:
        for row in state.rows:
            handing.put_in_box(db_session, round_=round_, entry=row.entry, by=BY, now=now + timedelta(hours=2))
    for state in states[: len(states) // 3]:
        handing.hand_over(
            db_session,
            round_=round_,
            member=state.member,
            ids=[row.id for row in state.rows],
            back=[entry.id for entry, _intake in state.backs],
            to=state.member.person.name,
            by=BY,
            now=now + timedelta(hours=3),
        )
    _dispute(db_session, round_, states[0].rows, now + timedelta(hours=4))


def _dispute(db_session: Session, round_: TradeRound, rows: Sequence[HandOver], now: datetime) -> None:
    """Somebody is not content, and the other side has answered."""
    for row in rows[:1]:
        dispute = disputing.raise_dispute(
            db_session,
            round_=round_,
            row=row,
            reason=DisputeReason.NOT_AS_DESCRIBED,
            words="The paint has run on one side. The list said excellent.",
            uploads=[],
            by=BY,
            now=now,
        )
        disputing.answer_dispute(
            db_session,
            round_=round_,
            dispute=dispute,
            words="I had it under glass and never saw that side. Sorry.",
            uploads=[],
            by=BY,
            now=now + timedelta(minutes=20),
        )
        disputing.add_cash(
            db_session,
            round_=round_,
            payer=row.giver,
            payee=row.receiver,
            amount_minor=300,
            why="Agreed at the desk, for the box",
            by=BY,
            now=now,
        )


def _publish(db_session: Session, round_: TradeRound, phase: Phase, now: datetime) -> None:
    """As the job and the host do it, in one go."""
    _switch(db_session, round_, (phase,), now)
    last = queries.find_last_run(db_session, round_id=round_.id)
    run = running.start_run(db_session, round_=round_, seen=last.number if last else 0, by=BY, now=now)
    running.begin_run(db_session, run_id=run.id, by=BY, now=now)
    problem = running.problem_of(db_session, run)
    solved = jobs.solved_from(
        problem, jobs.find_loops(problem, seed=run.seed, told=running.told_before(db_session, run))
    )
    running.keep_run(db_session, run_id=run.id, solved=solved, by=BY, now=now + timedelta(minutes=1))
    running.publish_run(db_session, round_=round_, run=run, by=BY, now=now + timedelta(hours=1))


def _switch(db_session: Session, round_: TradeRound, targets: Sequence[Phase], now: datetime) -> None:
    for target in targets:
        phases.switch_phase(db_session, round_=round_, seen=round_.phase, target=target, by=BY, now=now)
