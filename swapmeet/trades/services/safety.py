"""Reports, blocks, and what the show's team does about them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.files import StoredFile
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades import mail, queries
from swapmeet.trades.errors import BadOffer, NoSuchListing
from swapmeet.trades.models import REPORT_MACHINE, Block, Listing, ListingPhoto, Report, ReportReason, ReportState


def report(
    db_session: Session,
    *,
    event_id: int,
    person_id: int,
    listing: Listing | None,
    reporter_id: int,
    reason: ReportReason,
    note: str,
    by: Actor,
    now: datetime,
) -> Report:
    """Ask the show's team to look. A second open report by the same person about the same thing changes nothing."""
    if person_id == reporter_id:
        raise BadOffer("This is about yourself. You can take your own things back on their pages.")
    listing_id = listing.id if listing else None
    open_ones = select(Report).where(
        Report.event_id == event_id,
        Report.person_id == person_id,
        Report.reporter_id == reporter_id,
        Report.state == ReportState.OPEN,
        Report.listing_id.is_(None) if listing_id is None else Report.listing_id == listing_id,
    )
    found = db_session.scalar(open_ones)
    if found is not None:
        return found
    row = Report(
        event_id=event_id,
        listing_id=listing_id,
        person_id=person_id,
        reporter_id=reporter_id,
        reason=reason,
        note=note,
        created_at=now,
    )
    db_session.add(row)
    record(db_session, now=now, by=by, verb="report.made", subject=row, target="open")
    return row


def block_person(db_session: Session, *, blocker_id: int, blocked_id: int, by: Actor, now: datetime) -> Block:
    """No more offers or messages between the two, in either direction. Twice is once."""
    if blocker_id == blocked_id:
        raise BadOffer("You cannot block yourself.")
    statement = select(Block).where(Block.blocker_id == blocker_id, Block.blocked_id == blocked_id)
    found = db_session.scalar(statement)
    if found is not None:
        return found
    block = Block(blocker_id=blocker_id, blocked_id=blocked_id, created_at=now)
    db_session.add(block)
    record(db_session, now=now, by=by, verb="person.blocked", subject=block)
    return block


def unblock(db_session: Session, *, block_id: int, blocker_id: int, by: Actor, now: datetime) -> None:
    """Raises NoSuchListing for a block of somebody else."""
    block = db_session.get(Block, block_id)
    if block is None or block.blocker_id != blocker_id:
        raise NoSuchListing("There is no such block among yours.")
    record(db_session, now=now, by=by, verb="person.unblocked", subject=block)
    db_session.flush()
    db_session.delete(block)


def hide_listing(db_session: Session, *, listing: Listing, reason: str, by: Actor, now: datetime) -> None:
    """Out of sight for all but its owner, who is told why. Open reports about it are upheld. Hiding twice keeps the first reason."""
    lock(db_session, listing)
    if listing.hidden_at is None:
        listing.hidden_at, listing.hidden_reason = now, reason
        _open_files(db_session, listing, is_public=False)
        record(db_session, now=now, by=by, verb="listing.hidden", subject=listing, reason=reason)
        mail.queue_hidden(db_session, listing, now=now)
    statement = select(Report).where(Report.listing_id == listing.id, Report.state == ReportState.OPEN)
    for row in db_session.scalars(statement.order_by(Report.id)):
        close_report(db_session, report=row, target=ReportState.UPHELD, answer=reason, by=by, now=now)


def show_listing(db_session: Session, *, listing: Listing, by: Actor, now: datetime) -> None:
    """Let a hidden listing be seen again."""
    lock(db_session, listing)
    if listing.hidden_at is None:
        return
    listing.hidden_at, listing.hidden_reason = None, ""
    _open_files(db_session, listing, is_public=True)
    record(db_session, now=now, by=by, verb="listing.shown", subject=listing)


def close_report(
    db_session: Session, *, report: Report, target: ReportState, answer: str, by: Actor, now: datetime
) -> None:
    """Upheld or dismissed, with a word why. Raises IllegalTransition for a report that is closed already."""
    lock(db_session, report)
    REPORT_MACHINE.check(report.state, target)
    report.state, report.answer, report.closed_at = target, answer, now
    record(
        db_session,
        now=now,
        by=by,
        verb=f"report.{target.value}",
        subject=report,
        origin="open",
        target=target.value,
        reason=answer,
    )


def get_event_listing(db_session: Session, *, event_id: int, listing_id: int) -> Listing:
    """Any listing of a show, for its team. Raises NoSuchListing."""
    statement = select(Listing).where(Listing.id == listing_id, Listing.event_id == event_id)
    listing = db_session.scalar(statement)
    if listing is None:
        raise NoSuchListing("There is no such listing at this show.")
    return listing


def get_report(db_session: Session, *, event_id: int, report_id: int) -> Report:
    """Raises NoSuchListing."""
    found = queries.find_report(db_session, report_id, event_id=event_id)
    if found is None:
        raise NoSuchListing("There is no such report at this show.")
    return found


def _open_files(db_session: Session, listing: Listing, *, is_public: bool) -> None:
    """Whether the photos of a listing may be fetched by their addresses."""
    statement = select(ListingPhoto.large_id, ListingPhoto.small_id).where(ListingPhoto.listing_id == listing.id)
    ids = [file_id for pair in db_session.execute(statement) for file_id in pair if file_id is not None]
    for row in db_session.scalars(select(StoredFile).where(StoredFile.id.in_(ids))):
        row.is_public = is_public
