"""A receiver says what is wrong, the giver answers, a host rules. Cash over the desk, and who may not trade again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra import files, pictures
from swapmeet.infra.audit import record
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.forgetting import forget_files
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.pictures import Upload
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades.rounds import dispute_queries, hand_queries, mail
from swapmeet.trades.rounds.dispute_models import (
    DISPUTE_MACHINE,
    MAX_PHOTOS,
    DisputePhoto,
    DisputeReason,
    DisputeState,
    Outcome,
    RoundBar,
    RoundCash,
    RoundCashPaid,
    RoundDispute,
)
from swapmeet.trades.rounds.errors import BadEntry, WrongPhase
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.models import Phase, RoundMember, TradeRound

PICTURE_JOB = "dispute.picture"
PURPOSE = "dispute.photo"
ARGUING = (Phase.PICK_UP, Phase.DISPUTES)


def raise_dispute(
    db_session: Session,
    *,
    round_: TradeRound,
    row: HandOver,
    reason: DisputeReason,
    words: str,
    uploads: Sequence[Upload],
    by: Actor,
    now: datetime,
) -> RoundDispute:
    """Something is wrong with what came. Raises WrongPhase, BadEntry (there is one already, too many photos)."""
    lock(db_session, [round_, row])
    if round_.phase not in ARGUING:
        raise WrongPhase("Something can be said from pick-up on until the round is closed.")
    if row.state is HandOverState.VOID:
        raise BadEntry("This hand-over was replaced; look at your trades again.")
    if dispute_queries.find_open_dispute(db_session, hand_over_id=row.id) is not None:
        raise BadEntry("You have said so already; the hosts look at it.")
    dispute = RoundDispute(
        event_id=round_.event_id,
        round_id=round_.id,
        hand_over_id=row.id,
        reason=reason,
        words=words,
        created_at=now,
    )
    db_session.add(dispute)
    db_session.flush()
    record(db_session, now=now, by=by, verb="dispute.raised", subject=dispute, target=DisputeState.OPEN.value)
    add_photos(db_session, dispute=dispute, uploads=uploads, by_giver=False, now=now)
    mail.queue_dispute(db_session, dispute, "raised", member_id=row.giver_id, now=now)
    return dispute


def add_photos(
    db_session: Session, *, dispute: RoundDispute, uploads: Sequence[Upload], by_giver: bool, now: datetime
) -> None:
    """Keep the files and ask for safe pictures of them. Raises BadEntry for too many of one side."""
    present = sum(photo.by_giver is by_giver for photo in dispute.photos)
    if present + len(uploads) > MAX_PHOTOS:
        raise BadEntry(f"At most {MAX_PHOTOS} photos of each side.", field="photos")
    for upload in uploads:
        incoming = files.save_incoming(db_session, upload, purpose=PURPOSE, now=now, event_id=dispute.event_id)
        photo = DisputePhoto(
            event_id=dispute.event_id,
            dispute_id=dispute.id,
            by_giver=by_giver,
            incoming_id=incoming.id,
            created_at=now,
        )
        db_session.add(photo)
        db_session.flush()
        enqueue(db_session, PICTURE_JOB, {"photo_id": photo.id}, key=f"{PICTURE_JOB}-{photo.id}", now=now)


def answer_dispute(
    db_session: Session,
    *,
    round_: TradeRound,
    dispute: RoundDispute,
    words: str,
    uploads: Sequence[Upload],
    by: Actor,
    now: datetime,
) -> None:
    """The giver's side of it; said again it replaces what was said. Raises IllegalTransition once it is closed, BadEntry."""
    lock(db_session, [round_, dispute])
    DISPUTE_MACHINE.check(dispute.state, DisputeState.RULED)
    dispute.answer, dispute.answered_at = words, now
    db_session.flush()
    record(db_session, now=now, by=by, verb="dispute.answered", subject=dispute)
    add_photos(db_session, dispute=dispute, uploads=uploads, by_giver=True, now=now)
    mail.queue_dispute(db_session, dispute, "answered", member_id=dispute.hand_over.receiver_id, now=now)


def withdraw_dispute(
    db_session: Session, *, round_: TradeRound, dispute: RoundDispute, by: Actor, now: datetime
) -> None:
    """The receiver is content after all. Raises IllegalTransition once it is closed."""
    lock(db_session, [round_, dispute])
    _close(db_session, dispute, DisputeState.WITHDRAWN, by=by, now=now)
    mail.queue_dispute(db_session, dispute, "withdrawn", member_id=dispute.hand_over.giver_id, now=now)


def rule(
    db_session: Session,
    *,
    round_: TradeRound,
    dispute: RoundDispute,
    outcome: Outcome,
    words: str,
    amount_minor: int = 0,
    by: Actor,
    now: datetime,
) -> None:
    """How it ends, with a word why that both sides read. A compensation is owed over the desk; a block bars the giver.

    Raises IllegalTransition once it is closed, BadEntry (a compensation without an amount, or in a round without money).
    """
    lock(db_session, [round_, dispute])
    DISPUTE_MACHINE.check(dispute.state, DisputeState.RULED)
    row = dispute.hand_over
    if outcome is Outcome.COMPENSATION:
        if amount_minor <= 0:
            raise BadEntry("Write how much the other side gets.", field="amount")
        why = f"Ruling on #{row.entry.number}"
        add_cash(
            db_session,
            round_=round_,
            payer=row.giver,
            payee=row.receiver,
            amount_minor=amount_minor,
            why=why,
            by=by,
            now=now,
        )
    if outcome is Outcome.BLOCK:
        _bar(db_session, round_, row.giver.person_id, reason=words, by=by, now=now)
    dispute.outcome, dispute.ruling = outcome, words
    _close(db_session, dispute, DisputeState.RULED, by=by, now=now, reason=words)
    for member_id in (row.giver_id, row.receiver_id):
        mail.queue_dispute(db_session, dispute, "ruled", member_id=member_id, now=now)


def _close(
    db_session: Session,
    dispute: RoundDispute,
    target: DisputeState,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    origin = dispute.state
    DISPUTE_MACHINE.check(origin, target)
    dispute.state, dispute.closed_at = target, now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"dispute.{target.value}",
        subject=dispute,
        origin=origin.value,
        target=target.value,
        reason=reason,
    )


def _bar(db_session: Session, round_: TradeRound, person_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    organizer_id = db_session.get_one(Event, round_.event_id).organizer_id
    if dispute_queries.find_bar(db_session, organizer_id=organizer_id, person_id=person_id) is not None:
        return
    bar = RoundBar(organizer_id=organizer_id, person_id=person_id, reason=reason, created_at=now)
    db_session.add(bar)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_bar.set", subject=bar, event_id=round_.event_id, reason=reason)


def lift_bar(db_session: Session, *, bar: RoundBar, event_id: int, by: Actor, now: datetime) -> None:
    """The person may enter rounds again. Twice is once."""
    lock(db_session, bar)
    if bar.lifted_at is None:
        bar.lifted_at = now
        db_session.flush()
        record(db_session, now=now, by=by, verb="round_bar.lifted", subject=bar, event_id=event_id)


def add_cash(
    db_session: Session,
    *,
    round_: TradeRound,
    payer: RoundMember,
    payee: RoundMember,
    amount_minor: int,
    why: str,
    by: Actor,
    now: datetime,
) -> RoundCash:
    """Money one owes the other, over the desk. Raises BadEntry in a round without money, or for one person."""
    desk = hand_queries.find_desk(db_session, round_id=round_.id)
    if desk is None or not desk.uses_money:
        raise BadEntry("No money changes hands in this round. Its page has the switch for that.", field="amount")
    if payer.id == payee.id:
        raise BadEntry("Nobody owes money to themselves.", field="payee")
    row = RoundCash(
        event_id=round_.event_id,
        round_id=round_.id,
        payer_id=payer.id,
        payee_id=payee.id,
        amount_minor=amount_minor,
        why=why[:200],
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_cash.owed", subject=row, amount=amount_minor)
    return row


def settle_cash(
    db_session: Session, *, round_: TradeRound, member: RoundMember, seen_minor: int, by: Actor, now: datetime
) -> int:
    """The person pays in what they owe in all, or is paid what they are owed. `seen_minor` is what the page showed.

    Returns the amount (below zero: paid out). Raises BadEntry when it is another one by now: pressed twice, it is paid once.
    """
    lock(db_session, round_)
    rows = dispute_queries.list_balances(db_session, round_id=round_.id)
    owes = next((row.owes_minor for row in rows if row.member.id == member.id), 0)
    if owes != seen_minor or not owes:
        raise BadEntry("The amount is another one by now. Look at it again before money changes hands.")
    paid = RoundCashPaid(
        event_id=round_.event_id,
        round_id=round_.id,
        member_id=member.id,
        amount_minor=owes,
        by_label=by.label[:200],
        created_at=now,
    )
    db_session.add(paid)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_cash.paid", subject=paid, amount=owes)
    return owes


def take_settling_back(
    db_session: Session, *, round_: TradeRound, member: RoundMember, seen_minor: int, by: Actor, now: datetime
) -> None:
    """It was a slip: no money of this person has crossed the desk. `seen_minor` is what the page said had crossed it.

    Raises BadEntry when that is another amount by now: pressed twice, it is taken back once.
    """
    lock(db_session, round_)
    rows = dispute_queries.list_balances(db_session, round_id=round_.id)
    crossed = next((row.paid_minor for row in rows if row.member.id == member.id), 0)
    if crossed != seen_minor or not crossed:
        raise BadEntry("The amount is another one by now. Look at it again before you take it back.")
    back = RoundCashPaid(
        event_id=round_.event_id,
        round_id=round_.id,
        member_id=member.id,
        amount_minor=-crossed,
        by_label=by.label[:200],
        created_at=now,
    )
    db_session.add(back)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_cash.taken_back", subject=back, amount=-crossed)


# The heavy job of a photo: `prepare` runs in a child process, outside any transaction.


def prepare_photo(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A safe picture of what was sent, or what is wrong with it."""
    photo = db.session.get(DisputePhoto, int(payload["photo_id"]))
    row = db.session.get(StoredFile, photo.incoming_id) if photo is not None and photo.incoming_id else None
    if row is None:
        return {}
    try:
        return {"content": pictures.encode(files.read_file(row.key)).large}
    except pictures.PictureRefused as error:
        return {"problem": error.message}


def finish_photo(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Mapping[str, Any]
) -> None:
    """Point the photo at its picture, or at its problem, and let the file as sent go."""
    photo = db_session.get(DisputePhoto, int(payload["photo_id"]))
    if not prepared or photo is None:
        return
    photo.problem = str(prepared.get("problem", ""))[:300]
    if "content" in prepared:
        row = files.save_file(
            db_session,
            prepared["content"],
            purpose=PURPOSE,
            suffix=".webp",
            content_type="image/webp",
            now=now,
            event_id=photo.event_id,
        )
        photo.file_id = row.id
    if photo.incoming_id is not None:
        forget_files(db_session, [photo.incoming_id], now=now, problem=photo.problem)
