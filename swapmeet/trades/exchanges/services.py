"""What people and the desk do with an exchange: open it, sign up, bring, draw, collect, say thanks, close it."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.codes import link_key
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades.exchanges import drawing, mail, queries
from swapmeet.trades.exchanges.errors import BadPiece, ExchangeClosed, NoSuchExchange
from swapmeet.trades.exchanges.models import (
    ENTRY_MACHINE,
    EXCHANGE_MACHINE,
    EntryState,
    Exchange,
    ExchangeEntry,
    ExchangeMove,
    ExchangeState,
    ExchangeThanks,
)
from swapmeet.trades.exchanges.rules import Terms
from swapmeet.trades.queries import are_blocked


def open_exchange(db_session: Session, *, event: Event, terms: Terms, by: Actor, now: datetime) -> Exchange:
    """People may sign up at once. The seed of its draw is sealed here, before anybody has."""
    seed = link_key()
    row = Exchange(
        event_id=event.id, state=ExchangeState.OPEN, seed=seed, commitment=drawing.commitment_of(seed), created_at=now
    )
    _set_terms(row, terms)
    db_session.add(row)
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="exchange.opened",
        subject=row,
        target=row.state.value,
        commitment=row.commitment,
    )
    return row


def change_terms(db_session: Session, *, exchange: Exchange, terms: Terms, by: Actor, now: datetime) -> None:
    """Until the draw. How many pieces one brings stays once somebody has signed up. Raises ExchangeClosed, BadPiece."""
    lock(db_session, exchange)
    _check_open(exchange)
    if terms.bring != exchange.bring and queries.list_entries(db_session, exchange_id=exchange.id):
        raise BadPiece("People have signed up already, so this number stays.", field="bring")
    _set_terms(exchange, terms)
    db_session.flush()
    record(db_session, now=now, by=by, verb="exchange.changed", subject=exchange)


def _set_terms(row: Exchange, terms: Terms) -> None:
    row.title, row.words, row.scale = terms.title, terms.words, terms.scale
    row.min_minor, row.bring, row.sign_up_ends_at = terms.min_minor, terms.bring, terms.sign_up_ends_at


def sign_up(
    db_session: Session, *, exchange: Exchange, person_id: int | None, name: str, by: Actor, now: datetime
) -> ExchangeEntry:
    """A place and a number; who had withdrawn gets the old number back. Raises ExchangeClosed.

    The deadline holds for people themselves; the desk (`person_id` None, or a badge) takes latecomers.
    """
    lock(db_session, exchange)
    _check_open(exchange)
    is_own = person_id is not None and by.person_id == person_id
    if is_own and exchange.sign_up_ends_at is not None and exchange.sign_up_ends_at <= now:
        raise ExchangeClosed("Sign-up is over. Ask at the desk whether they still take you.")
    row = queries.find_own_entry(db_session, exchange_id=exchange.id, person_id=person_id) if person_id else None
    if row is None:
        row = ExchangeEntry(
            event_id=exchange.event_id,
            exchange_id=exchange.id,
            number=exchange.next_number,
            person_id=person_id,
            name=name,
            created_at=now,
            changed_at=now,
        )
        exchange.next_number += 1
        db_session.add(row)
        db_session.flush()
        record(db_session, now=now, by=by, verb="exchange.signed_up", subject=row, target=EntryState.SIGNED_UP.value)
    elif row.state is EntryState.WITHDRAWN:
        _move(db_session, row, EntryState.SIGNED_UP, verb="exchange.signed_up", by=by, now=now)
    return row


def withdraw(db_session: Session, *, exchange: Exchange, entry: ExchangeEntry, by: Actor, now: datetime) -> None:
    """Before anything was brought. Twice is once. Raises ExchangeClosed."""
    lock(db_session, [exchange, entry])
    _check_open(exchange)
    if entry.state is EntryState.HERE:
        raise ExchangeClosed("The desk has these pieces. Fetch them there first.")
    if entry.state is not EntryState.WITHDRAWN:
        _move(db_session, entry, EntryState.WITHDRAWN, verb="exchange.withdrawn", by=by, now=now)


def take_in(
    db_session: Session,
    *,
    exchange: Exchange,
    entry: ExchangeEntry,
    pieces: int,
    note: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """The desk has so many pieces of this person. Said again, the number is corrected. Raises ExchangeClosed, BadPiece."""
    lock(db_session, [exchange, entry])
    _check_open(exchange)
    if not 1 <= pieces <= exchange.bring:
        raise BadPiece(f"Write how many pieces there are, from 1 to {exchange.bring}.", field="pieces")
    if entry.state is EntryState.HERE:
        entry.pieces, entry.note, entry.changed_at = pieces, note, now
        db_session.flush()
        record(
            db_session, now=now, by=by, verb="exchange.counted_again", subject=entry, target=str(pieces), reason=note
        )
        return
    entry.note = note
    _move(db_session, entry, EntryState.HERE, verb="exchange.brought", by=by, now=now, pieces=pieces)


def give_back(db_session: Session, *, exchange: Exchange, entry: ExchangeEntry, by: Actor, now: datetime) -> None:
    """Before the draw the pieces go back to their owner, who stays signed up. Raises ExchangeClosed."""
    lock(db_session, [exchange, entry])
    _check_open(exchange)
    if entry.state is EntryState.HERE:
        _move(db_session, entry, EntryState.SIGNED_UP, verb="exchange.given_back", by=by, now=now)


def draw_exchange(
    db_session: Session, *, exchange: Exchange, seen: int, by: Actor, now: datetime
) -> list[tuple[int, int]]:
    """Who gets whose, by the sealed seed, among those whose pieces are here. Once; it cannot be taken back.

    `seen` is how many people were here on the page that asked. Raises ExchangeClosed, BadPiece.
    """
    lock(db_session, exchange)
    _check_open(exchange)
    entries = {
        row.number: row
        for row in queries.list_entries(db_session, exchange_id=exchange.id)
        if row.state is EntryState.HERE
    }
    if len(entries) < 2:
        raise BadPiece("A draw needs the pieces of two people at least.")
    if len(entries) != seen:
        raise BadPiece(
            f"Somebody has come or gone meanwhile: {len(entries)} people are here now. Look again, then draw."
        )
    moves = drawing.draw({number: row.pieces for number, row in entries.items()}, exchange.seed)
    for giver, receiver in moves:
        db_session.add(
            ExchangeMove(
                event_id=exchange.event_id,
                exchange_id=exchange.id,
                giver_id=entries[giver].id,
                receiver_id=entries[receiver].id,
            )
        )
    exchange.drawn_at = now
    _switch(db_session, exchange, ExchangeState.DRAWN, by=by, now=now)
    mail.queue_drawn(db_session, exchange, list(entries.values()), now=now)
    return moves


def hand_over(
    db_session: Session, *, exchange: Exchange, entry: ExchangeEntry, is_back: bool = False, by: Actor, now: datetime
) -> None:
    """Somebody has collected what they get; `is_back`: that was a slip. Twice is once. Raises ExchangeClosed."""
    lock(db_session, [exchange, entry])
    if exchange.state is not ExchangeState.DRAWN:
        raise ExchangeClosed("Pieces are handed over after the draw, until the exchange is closed.")
    target = EntryState.HERE if is_back else EntryState.COLLECTED
    if entry.state is not target:
        verb = "exchange.not_collected" if is_back else "exchange.collected"
        _move(db_session, entry, target, verb=verb, by=by, now=now, pieces=entry.pieces)


def close_exchange(db_session: Session, *, exchange: Exchange, by: Actor, now: datetime) -> None:
    """It is over; what nobody collected is known by its numbers. Raises IllegalTransition before the draw."""
    lock(db_session, exchange)
    _switch(db_session, exchange, ExchangeState.CLOSED, by=by, now=now)


def cancel_exchange(db_session: Session, *, exchange: Exchange, by: Actor, now: datetime) -> None:
    """It does not take place; whoever signed up is told. Raises IllegalTransition after the draw."""
    lock(db_session, exchange)
    _switch(db_session, exchange, ExchangeState.CANCELED, by=by, now=now)
    mail.queue_canceled(db_session, exchange, queries.list_entries(db_session, exchange_id=exchange.id), now=now)


def say_thanks(
    db_session: Session, *, exchange: Exchange, move: ExchangeMove, words: str, by: Actor, now: datetime
) -> ExchangeThanks:
    """Once for each piece. Raises ExchangeClosed, BadPiece (said already, or one of the two has blocked the other)."""
    lock(db_session, exchange)
    if exchange.state not in (ExchangeState.DRAWN, ExchangeState.CLOSED):
        raise ExchangeClosed("Thanks can be said after the draw.")
    if move.id in queries.list_thanks(db_session, exchange_id=exchange.id, is_shown=False):
        raise BadPiece("You have thanked for this piece already.", field="words")
    giver_id, receiver_id = move.giver.person_id, move.receiver.person_id
    if giver_id is not None and receiver_id is not None and are_blocked(db_session, giver_id, receiver_id):
        raise BadPiece("This cannot be sent: one of you has blocked the other.", field="words")
    row = ExchangeThanks(event_id=exchange.event_id, move_id=move.id, words=words, created_at=now)
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="exchange.thanked", subject=row)
    mail.queue_thanks(db_session, exchange, move, now=now)
    return row


def hide_thanks(db_session: Session, *, thanks: ExchangeThanks, by: Actor, now: datetime) -> None:
    """The team takes words away. Twice is once."""
    lock(db_session, thanks)
    if thanks.hidden_at is None:
        thanks.hidden_at = now
        db_session.flush()
        record(db_session, now=now, by=by, verb="exchange.thanks_hidden", subject=thanks)


def get_here(db_session: Session, *, exchange: Exchange, entry_id: int) -> ExchangeEntry:
    """Somebody who takes part. Raises NoSuchExchange, also for who has withdrawn."""
    row = queries.get_entry(db_session, entry_id, exchange_id=exchange.id)
    if row.state is EntryState.WITHDRAWN:
        raise NoSuchExchange("They have withdrawn from this exchange.")
    return row


def _check_open(exchange: Exchange) -> None:
    if exchange.state is not ExchangeState.OPEN:
        raise ExchangeClosed("The draw is done, or the exchange was called off; this can no longer be changed.")


def _switch(db_session: Session, exchange: Exchange, target: ExchangeState, *, by: Actor, now: datetime) -> None:
    origin = exchange.state
    EXCHANGE_MACHINE.check(origin, target)
    exchange.state = target
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"exchange.{target.value}",
        subject=exchange,
        origin=origin.value,
        target=target.value,
    )


def _move(
    db_session: Session,
    row: ExchangeEntry,
    target: EntryState,
    *,
    verb: str,
    by: Actor,
    now: datetime,
    pieces: int = 0,
) -> None:
    origin = row.state
    ENTRY_MACHINE.check(origin, target)
    row.state, row.pieces, row.changed_at = target, pieces, now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=verb,
        subject=row,
        origin=origin.value,
        target=target.value,
        pieces=pieces,
    )
