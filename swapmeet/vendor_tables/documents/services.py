"""Writes: ask for a paper, send one, accept or refuse it, remind, and let it go in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventState
from swapmeet.infra import files
from swapmeet.infra.audit import record
from swapmeet.infra.forgetting import forget_files
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.vendor_tables.documents import queries
from swapmeet.vendor_tables.documents.errors import BadDocument, DocumentAccepted, DocumentChanged, NoSuchDocument
from swapmeet.vendor_tables.documents.models import DOCUMENT_MACHINE, AskedDocument, DocumentState, VendorDocument
from swapmeet.vendor_tables.models import Vendor

PURPOSE = "vendor.document"
DECIDED_MAIL = "documents.decided"
REMINDER_MAIL = "documents.reminder"
LONGEST_KEPT = timedelta(days=5 * 366)  # after the show: some permits have to be shown for four years
REMIND_BEFORE = timedelta(days=7)
MOST_ASKED = 12


@dataclass(frozen=True)
class Paper:
    """What the organizer asks for."""

    name: str
    due_on: date
    purge_on: date
    help: str = ""
    reminds: bool = True


@dataclass(frozen=True)
class Scan:
    """A file that was read and made anew. `suffix` and `content_type` are those of the new one."""

    content: bytes
    suffix: str
    content_type: str
    file_name: str


def ask(
    db_session: Session, *, event: Event, paper: Paper, asked: AskedDocument | None, by: Actor, now: datetime
) -> AskedDocument:
    """Ask for one more, or change what is asked. Raises BadDocument at the field."""
    lock(db_session, event)
    known = queries.list_asked(db_session, event_id=event.id, with_archived=True)
    others = [each for each in known if asked is None or each.id != asked.id]
    if any(each.name.casefold() == paper.name.casefold() for each in others):
        raise BadDocument(f"There is “{paper.name}” already.", field="name")
    if asked is None and len(known) >= MOST_ASKED:
        raise BadDocument(f"A show asks for {MOST_ASKED} documents at most.")
    if paper.due_on > event.last_day:
        raise BadDocument("Choose a day before the show is over.", field="due_on")
    if not event.last_day <= paper.purge_on <= event.last_day + LONGEST_KEPT:
        raise BadDocument("Choose a day from the end of the show to five years after it.", field="purge_on")
    row = asked or AskedDocument(event_id=event.id, created_at=now)
    row.name, row.help, row.due_on = paper.name, paper.help, paper.due_on
    row.purge_on, row.reminds = paper.purge_on, paper.reminds
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="document.asked", subject=row, reason=row.name)
    return row


def stop_asking(db_session: Session, *, asked: AskedDocument, is_asked: bool, by: Actor, now: datetime) -> None:
    """Not asked any more, or again. What was sent stays until its day."""
    asked.archived_at = None if is_asked else now
    record(db_session, now=now, by=by, verb="document.restored" if is_asked else "document.archived", subject=asked)


def send(
    db_session: Session, *, event: Event, asked: AskedDocument, vendor: Vendor, scan: Scan, by: Actor, now: datetime
) -> VendorDocument:
    """The vendor sends it, or sends another in its place. Raises NoSuchDocument, DocumentAccepted."""
    lock(db_session, vendor)
    if asked.archived_at is not None or not queries.has_to_send(db_session, event_id=event.id, vendor_id=vendor.id):
        raise NoSuchDocument("This show does not ask you for that.")
    row = queries.find_document(db_session, asked_id=asked.id, vendor_id=vendor.id)
    if row is not None:
        lock(db_session, row)  # whoever decides about it holds it, and decides about the file that was looked at
    if row is not None and row.state is DocumentState.ACCEPTED:
        raise DocumentAccepted("It has been accepted already. Write to the organizer if it has changed.")
    stored = files.save_file(
        db_session,
        scan.content,
        purpose=PURPOSE,
        suffix=scan.suffix,
        content_type=scan.content_type,
        now=now,
        event_id=event.id,
        owner_id=vendor.person_id,
    )
    old_file = row.file_id if row is not None else None
    if row is None:
        row = VendorDocument(event_id=event.id, asked_id=asked.id, vendor_id=vendor.id, moves=0)
    elif row.state is not DocumentState.SENT:
        DOCUMENT_MACHINE.check(row.state, DocumentState.SENT)
    row.state, row.file_id, row.file_name = DocumentState.SENT, stored.id, scan.file_name[:120]
    row.reason, row.sent_at, row.decided_at, row.moves = "", now, None, row.moves + 1
    db_session.add(row)
    db_session.flush()
    forget_files(db_session, [old_file] if old_file else [], now=now)
    record(db_session, now=now, by=by, verb="document.sent", subject=row, target=DocumentState.SENT.value)
    return row


def decide(
    db_session: Session,
    *,
    document: VendorDocument,
    target: DocumentState,
    reason: str,
    seen: int | None,
    is_told: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Accept or refuse what was looked at. Raises DocumentChanged, BadDocument (no reason), IllegalTransition."""
    lock(db_session, document)
    if seen != document.moves:
        raise DocumentChanged("Another file has come, or somebody else has decided. Look at it again, then decide.")
    if target is DocumentState.REFUSED and not reason:
        raise BadDocument("Write why, so that the vendor knows what to send instead.", field="reason")
    origin = document.state
    DOCUMENT_MACHINE.check(origin, target)
    document.state, document.reason, document.decided_at = target, reason, now
    document.moves += 1
    db_session.flush()
    record(
        db_session, now=now, by=by, verb="document.decided", subject=document, origin=origin.value, target=target.value,
        reason=reason,
    )  # fmt: skip
    vendor = db_session.get_one(Vendor, document.vendor_id)
    if is_told:
        _tell(db_session, DECIDED_MAIL, vendor, document.event_id, f"document:{document.id}:{document.moves}",
              {"document_id": document.id, "moves": document.moves}, now)  # fmt: skip


def note_paper(
    db_session: Session, *, event: Event, asked: AskedDocument, vendor: Vendor, by: Actor, now: datetime
) -> None:
    """The team has seen it on paper: accepted without a file. Raises DocumentChanged when the vendor has sent one."""
    lock(db_session, vendor)
    if queries.find_document(db_session, asked_id=asked.id, vendor_id=vendor.id) is not None:
        raise DocumentChanged("The vendor has sent it meanwhile. Look at the file, then decide.")
    row = VendorDocument(
        event_id=event.id, asked_id=asked.id, vendor_id=vendor.id, state=DocumentState.ACCEPTED,
        reason="Seen on paper.", moves=1, sent_at=now, decided_at=now,
    )  # fmt: skip
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="document.decided", subject=row, target=row.state.value, reason=row.reason)


def _tell(
    db_session: Session, kind: str, vendor: Vendor, event_id: int, fact: str, payload: dict[str, int], now: datetime
) -> None:
    person = db_session.get(Person, vendor.person_id) if vendor.person_id is not None else None
    address = person.email if person is not None and person.erased_at is None else vendor.email
    if address:
        queue_mail(
            db_session, kind=kind, to=address, payload=payload, fact_key=fact, now=now, event_id=event_id,
            person_id=person.id if person is not None else None,
        )  # fmt: skip


def remind(db_session: Session, *, now: datetime) -> None:
    """A week before something is due, whoever has not sent it is told; once for each vendor and day."""
    soon = (
        select(AskedDocument)
        .join(Event, Event.id == AskedDocument.event_id)
        .where(
            Event.state == EventState.PUBLISHED,
            AskedDocument.reminds,
            AskedDocument.archived_at.is_(None),
            AskedDocument.due_on <= (now + REMIND_BEFORE + timedelta(days=1)).date(),
            AskedDocument.due_on >= (now - timedelta(days=1)).date(),
        )
        .order_by(AskedDocument.event_id, AskedDocument.id)
    )
    by_day: dict[tuple[int, date], list[AskedDocument]] = {}
    for each in db_session.scalars(soon):
        by_day.setdefault((each.event_id, each.due_on), []).append(each)
    for (event_id, due_on), asked in by_day.items():
        event = db_session.get_one(Event, event_id)
        today = to_local(now, event.time_zone).date()
        if due_on - REMIND_BEFORE <= today <= due_on:
            _remind(db_session, event, due_on, asked, now)


def _remind(db_session: Session, event: Event, due_on: date, asked: Sequence[AskedDocument], now: datetime) -> None:
    documents = queries.documents_of(db_session, event_id=event.id)
    for sender in queries.list_senders(db_session, event_id=event.id):
        if any(each.is_open for each in queries.standings(asked, documents, sender.vendor_id)):
            vendor = db_session.get_one(Vendor, sender.vendor_id)
            fact = f"documents:{event.id}:{vendor.id}:{due_on.isoformat()}"
            _tell(
                db_session, REMINDER_MAIL, vendor, event.id, fact, {"event_id": event.id, "vendor_id": vendor.id}, now
            )


def purge(db_session: Session, *, now: datetime) -> None:
    """What was sent for a paper whose day is over goes, with its files. The log says how many."""
    is_kept = select(VendorDocument.id).where(VendorDocument.asked_id == AskedDocument.id).exists()
    due = select(AskedDocument).where(AskedDocument.purge_on < (now - timedelta(hours=14)).date(), is_kept)
    for asked in db_session.scalars(due.order_by(AskedDocument.id)).all():
        rows = list(db_session.scalars(select(VendorDocument).where(VendorDocument.asked_id == asked.id)))
        forget(db_session, rows, now=now)
        record(db_session, now=now, by=Actor.job("purge"), verb="document.purged", subject=asked, count=len(rows))


def forget(db_session: Session, rows: Sequence[VendorDocument], *, now: datetime) -> None:
    """Documents and their files."""
    ids = [row.file_id for row in rows if row.file_id is not None]
    for row in rows:
        db_session.delete(row)
    db_session.flush()
    forget_files(db_session, ids, now=now)
