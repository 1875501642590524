"""Scores: each reviewer's own, from 1 to 10, or a conflict of interest instead of one."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, Refused
from swapmeet.vendor_tables.applications.models import Application, ApplicationScore


def save_score(
    db_session: Session,
    *,
    application: Application,
    reviewer_id: int,
    score: int | None,
    has_conflict: bool,
    note: str,
    by: Actor,
    now: datetime,
) -> ApplicationScore:
    """Write one's own score, or that one is too close to say. Raises Refused for one's own application."""
    if application.vendor.person_id == reviewer_id:
        raise Refused("This is your own application: others score it.")
    if not has_conflict and score is None:
        raise Invalid("Give a score from 1 to 10, or say that you are too close to judge.", field="score")
    row = db_session.scalar(
        select(ApplicationScore).where(
            ApplicationScore.application_id == application.id, ApplicationScore.reviewer_id == reviewer_id
        )
    )
    if row is None:
        row = ApplicationScore(event_id=application.event_id, application_id=application.id, reviewer_id=reviewer_id)
        db_session.add(row)
    before = str(row.score or "")
    row.score, row.has_conflict, row.note, row.updated_at = None if has_conflict else score, has_conflict, note, now
    db_session.flush()
    target = "conflict" if has_conflict else str(score)
    record(db_session, now=now, by=by, verb="application.scored", subject=application, origin=before, target=target)
    return row
