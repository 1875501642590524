"""What applications know about a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.files import StoredFile
from swapmeet.orders.personal import ERASED
from swapmeet.vendor_tables.applications import asked, queries
from swapmeet.vendor_tables.applications.models import Application, ApplicationTie
from swapmeet.vendor_tables.applications.services import photos


class ApplicationsData:
    """Implements infra.registry.PersonalData."""

    name = "vendor applications"
    found_by: tuple[str, ...] = ("vendor tables",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Every application with all that was written in it, newest show first."""
        return [_exported(db_session, row) for row in queries.list_own(db_session, person_id=person_id)]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """The words go; that somebody applied, and what became of it, stays."""
        for row in queries.list_own(db_session, person_id=person_id):
            row.name = ERASED
            row.sells = row.about = row.website = row.phone = row.note = row.staff_note = row.message = ""
            row.decision_message, row.answers, row.step_free = "", {}, False
            photos.forget_photos(db_session, queries.list_photos(db_session, application_id=row.id), now=now)
            row.wishes.clear()
            row.ties.clear()
            for tie in db_session.scalars(select(ApplicationTie).where(ApplicationTie.other_id == row.id)):
                tie.name, tie.other_id, tie.is_agreed = f"{ERASED} {tie.id}", None, None
        db_session.flush()


def _exported(db_session: Session, row: Application) -> dict[str, Any]:
    plain = (
        "name", "sells", "about", "website", "phone", "table_count", "wants_corner", "power_amps", "step_free",
        "display_height_mm", "note", "message",
    )  # fmt: skip
    return {
        "show": row.event.name,
        "state": row.state.value,
        **{name: getattr(row, name) for name in plain},
        "answers": [
            {"question": label, "answer": words}
            for label, words in asked.said(asked.blocks_for(db_session, row.event, row.answers, with_archived=True))
        ],
        "photos": [
            {"file": db_session.get_one(StoredFile, photo.large_id).key, "alt": photo.alt}
            for photo in queries.list_photos(db_session, application_id=row.id)
            if photo.large_id is not None
        ],
        "wishes": [wish.label for wish in row.wishes],
        "ties": [{"kind": tie.kind.value, "name": tie.name} for tie in row.ties],
        "sent_at": row.submitted_at.isoformat() if row.submitted_at else None,
    }
