"""Reads: what is asked, who has to send it, and what has come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.states import PLACED, ApplicationState
from swapmeet.vendor_tables.documents.errors import NoSuchDocument
from swapmeet.vendor_tables.documents.models import KINDS, LABELS, AskedDocument, DocumentState, VendorDocument
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, TablePlace, Vendor
from swapmeet.vendor_tables.queries import SOLD_STATES

DONE = (DocumentState.SENT, DocumentState.ACCEPTED)  # the vendor has done their part


def list_asked(db_session: Session, *, event_id: int, with_archived: bool = False) -> list[AskedDocument]:
    """By the day they are due, then by name."""
    statement = select(AskedDocument).where(AskedDocument.event_id == event_id)
    if not with_archived:
        statement = statement.where(AskedDocument.archived_at.is_(None))
    return list(db_session.scalars(statement.order_by(AskedDocument.due_on, AskedDocument.name)))


def get_asked(db_session: Session, *, event_id: int, asked_id: int) -> AskedDocument:
    """Raises NoSuchDocument."""
    found = db_session.scalar(
        select(AskedDocument).where(AskedDocument.event_id == event_id, AskedDocument.id == asked_id)
    )
    if found is None:
        raise NoSuchDocument("This show does not ask for that.")
    return found


def find_document(db_session: Session, *, asked_id: int, vendor_id: int) -> VendorDocument | None:
    return db_session.scalar(
        select(VendorDocument).where(VendorDocument.asked_id == asked_id, VendorDocument.vendor_id == vendor_id)
    )


def documents_of(db_session: Session, *, event_id: int) -> dict[tuple[int, int], VendorDocument]:
    """By (vendor id, asked id)."""
    rows = db_session.scalars(select(VendorDocument).where(VendorDocument.event_id == event_id))
    return {(row.vendor_id, row.asked_id): row for row in rows}


def _vendor_ids(event_ids: Any) -> Select[Any]:
    """(event id, vendor id) of those who have tables, or are being offered some."""
    sold = select(Reservation.event_id, Reservation.vendor_id).where(
        Reservation.event_id.in_(event_ids),
        Reservation.released_at.is_(None),
        Reservation.state.in_(SOLD_STATES),
        Reservation.vendor_id.is_not(None),
    )
    applied = select(Application.event_id, Application.vendor_id).where(
        Application.event_id.in_(event_ids), Application.state.in_([ApplicationState.OFFERED, *PLACED])
    )
    both = sold.union(applied).subquery()
    return select(both.c.event_id, both.c.vendor_id)


def has_to_send(db_session: Session, *, event_id: int, vendor_id: int) -> bool:
    """Is this vendor one of those who are asked?"""
    asked = _vendor_ids([event_id]).subquery()
    return db_session.scalar(select(asked.c.vendor_id).where(asked.c.vendor_id == vendor_id).limit(1)) is not None


@dataclass(frozen=True)
class Sender:
    """A vendor who has to send papers, with their tables."""

    vendor_id: int
    name: str
    person: Person | None
    labels: str = ""


def list_senders(db_session: Session, *, event_id: int) -> list[Sender]:
    """By name, then id. Two queries."""
    asked = _vendor_ids([event_id]).subquery()
    statement = (
        select(Vendor, Person)
        .join(asked, asked.c.vendor_id == Vendor.id)
        .outerjoin(Person, Person.id == Vendor.person_id)
        .order_by(Vendor.name, Vendor.id)
    )
    labels = _labels(db_session, event_id)
    return [
        Sender(vendor.id, vendor.name, person, ", ".join(sorted(labels.get(vendor.id, ()), key=natural)))
        for vendor, person in db_session.execute(statement)
    ]


def get_sender(db_session: Session, *, event_id: int, vendor_id: int) -> Sender:
    """Raises NoSuchDocument for somebody who has no tables at this show."""
    found = next((row for row in list_senders(db_session, event_id=event_id) if row.vendor_id == vendor_id), None)
    if found is None:
        raise NoSuchDocument("This vendor has no tables at this show.")
    return found


def _labels(db_session: Session, event_id: int) -> dict[int, set[str]]:
    statement = (
        select(Reservation.vendor_id, TablePlace.label)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .where(
            Reservation.event_id == event_id,
            Reservation.released_at.is_(None),
            Reservation.state.in_(SOLD_STATES),
        )
    )
    found: dict[int, set[str]] = {}
    for vendor_id, label in db_session.execute(statement):
        if vendor_id is not None:
            found.setdefault(vendor_id, set()).add(label)
    return found


@dataclass(frozen=True)
class Standing:
    """How one paper of one vendor stands: "missing", or a DocumentState."""

    asked: AskedDocument
    document: VendorDocument | None

    @property
    def key(self) -> str:
        return self.document.state.value if self.document is not None else "missing"

    @property
    def words(self) -> str:
        return LABELS[self.key]

    @property
    def kind(self) -> str:
        return KINDS[self.key]

    @property
    def is_open(self) -> bool:
        """The vendor has something to do."""
        return self.document is None or self.document.state not in DONE


def standings(
    asked: Sequence[AskedDocument], documents: Mapping[tuple[int, int], VendorDocument], vendor_id: int
) -> list[Standing]:
    return [Standing(each, documents.get((vendor_id, each.id))) for each in asked]


def lacking(db_session: Session, *, event_id: int) -> frozenset[int]:
    """Vendors from whom something is still to come. Three queries; nobody where nothing is asked."""
    asked = list_asked(db_session, event_id=event_id)
    if not asked:
        return frozenset()
    documents = documents_of(db_session, event_id=event_id)
    ids = db_session.scalars(select(_vendor_ids([event_id]).subquery().c.vendor_id))
    return frozenset(
        vendor_id for vendor_id in ids if any(each.is_open for each in standings(asked, documents, vendor_id))
    )


def asks(db_session: Session, *, event_id: int) -> bool:
    statement = select(AskedDocument.id).where(AskedDocument.event_id == event_id, AskedDocument.archived_at.is_(None))
    return db_session.scalar(statement.limit(1)) is not None


def open_for(db_session: Session, *, vendor_id: int) -> list[tuple[Event, int]]:
    """Shows that ask this vendor for something, by their first day, with how much is still to come. Three queries."""
    shows = select(AskedDocument.event_id).where(AskedDocument.archived_at.is_(None))
    asked = _vendor_ids(shows).subquery()
    events = select(Event).where(Event.id.in_(select(asked.c.event_id).where(asked.c.vendor_id == vendor_id)))
    found = list(db_session.scalars(events.order_by(Event.first_day, Event.id)))
    ids = [event.id for event in found]
    wanted = select(AskedDocument).where(AskedDocument.event_id.in_(ids), AskedDocument.archived_at.is_(None))
    papers = list(db_session.scalars(wanted)) if ids else []
    done = _done(db_session, vendor_id, (paper.id for paper in papers))
    return [
        (event, sum(1 for paper in papers if paper.event_id == event.id and paper.id not in done)) for event in found
    ]


def _done(db_session: Session, vendor_id: int, asked_ids: Iterable[int]) -> set[int]:
    statement = select(VendorDocument.asked_id).where(
        VendorDocument.vendor_id == vendor_id,
        VendorDocument.asked_id.in_(list(asked_ids)),
        VendorDocument.state.in_(DONE),
    )
    return set(db_session.scalars(statement))
