"""What documents bring to the whole: pages, navigation, what waits for the team, mails, clocks, personal data, invariants."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.files import StoredFile
from swapmeet.infra.registry import CloneStep, DemoStep, DoctorQuery, NavEntry, Registry, Waiting
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.documents import demo, mail, queries, services
from swapmeet.vendor_tables.documents.manage import bp as manage_bp
from swapmeet.vendor_tables.documents.models import AskedDocument, DocumentState, VendorDocument
from swapmeet.vendor_tables.documents.views import bp
from swapmeet.vendor_tables.models import Vendor
from swapmeet.web.filters import plural

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]
CLOCK_EVERY_S = 3600.0
GRACE = timedelta(days=3)
SHOWN = 20


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Documents that nobody has looked at yet."""
    count = db_session.scalar(
        select(func.count()).where(VendorDocument.event_id == event.id, VendorDocument.state == DocumentState.SENT)
    )
    if not count:
        return []
    address = url_for("vendor_documents_manage.overview", slug=event.slug, state="sent")
    return [Waiting(f"{plural(count, 'document', 'documents')} of vendors to check", "", "Look", address)]


def run_clocks(db_session: Session, now: datetime) -> None:
    """Reminders, and what is to be deleted by now."""
    services.remind(db_session, now=now)
    services.purge(db_session, now=now)


def clone(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The same papers at the next edition, their days moved; nothing that was sent."""
    days = timedelta(days=shift_days)
    for each in queries.list_asked(db_session, event_id=source.id):
        row = AskedDocument(
            event_id=target.id, name=each.name, help=each.help, due_on=each.due_on + days,
            purge_on=each.purge_on + days, reminds=each.reminds, created_at=now,
        )  # fmt: skip
        db_session.add(row)
        db_session.flush()
        record(db_session, now=now, by=Actor.job("clone"), verb="document.asked", subject=row, reason=row.name)


def kept_too_long(db_session: Session, now: datetime) -> list[str]:
    """What vendors have sent goes after the day that was said."""
    late = (
        select(VendorDocument.id)
        .join(AskedDocument, AskedDocument.id == VendorDocument.asked_id)
        .where(AskedDocument.purge_on < (now - GRACE).date())
        .limit(SHOWN)
    )
    return [f"document {each} of a vendor should be deleted by now" for each in db_session.scalars(late)]


class DocumentsData:
    """Implements infra.registry.PersonalData. It comes before tables, whose part cuts the person off their profile."""

    name = "vendor documents"
    found_by: tuple[str, ...] = ("vendor tables",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Every paper that was sent, with its file, newest first."""
        statement = (
            _own(person_id)
            .join(AskedDocument, AskedDocument.id == VendorDocument.asked_id)
            .join(Event, Event.id == VendorDocument.event_id)
            .outerjoin(StoredFile, StoredFile.id == VendorDocument.file_id)
            .add_columns(AskedDocument.name, Event.name, StoredFile.key)
            .order_by(VendorDocument.id.desc())
        )
        return [
            {"show": show, "document": name, "state": row.state.value, "reason": row.reason, "file": key}
            for row, name, show, key in db_session.execute(statement)
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        services.forget(db_session, list(db_session.scalars(_own(person_id))), now=now)


def _own(person_id: int) -> Any:
    return (
        select(VendorDocument).join(Vendor, Vendor.id == VendorDocument.vendor_id).where(Vendor.person_id == person_id)
    )


def register(registry: Registry) -> None:
    """Put the parts of documents into the registry."""
    registry.composers[services.DECIDED_MAIL] = mail.compose_decided
    registry.composers[services.REMINDER_MAIL] = mail.compose_reminder
    registry.periodic.append((CLOCK_EVERY_S, "documents of vendors", run_clocks))
    registry.clone_steps.append(CloneStep(41, clone))
    registry.doctor.append(DoctorQuery(14, "documents of vendors go in time", kept_too_long))
    registry.demo.append(DemoStep(46, "documents of vendors", demo.fill))
    registry.personal_data.append(DocumentsData())
    registry.waiting.append((Permission.TABLES_EDIT, waiting))
    registry.navigation.append(
        NavEntry("manage.side", 46, "Documents", "vendor_documents_manage.overview", "file", Permission.VENDORS_VIEW)
    )
