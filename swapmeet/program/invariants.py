"""What must always be true of the program."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.program.models import ProgramSession, SessionState, SignUp, SignUpState


def doubled_sign_ups(db_session: Session, now: datetime) -> list[str]:
    """One confirmed seat per person and session."""
    statement = (
        select(SignUp.session_id, SignUp.person_id, func.count())
        .where(SignUp.state == SignUpState.CONFIRMED, SignUp.person_id.is_not(None))
        .group_by(SignUp.session_id, SignUp.person_id)
        .having(func.count() > 1)
        .limit(20)
    )
    return [
        f"person {person} has {count} seats in session {session}"
        for session, person, count in db_session.execute(statement)
    ]


def unaudited_sign_ups(db_session: Session, now: datetime) -> list[str]:
    """Every sign-up, and every canceled session, has its audit entry."""
    entries = select(AuditEntry.subject_id).where(
        AuditEntry.subject == "SignUp", AuditEntry.verb == "sign_up.confirmed"
    )
    missing = db_session.scalars(select(SignUp.id).where(SignUp.id.not_in(entries)).limit(20))
    canceled = select(AuditEntry.subject_id).where(
        AuditEntry.subject == "ProgramSession", AuditEntry.target == "canceled"
    )
    silent = db_session.scalars(
        select(ProgramSession.id)
        .where(ProgramSession.state == SessionState.CANCELED, ProgramSession.id.not_in(canceled))
        .limit(20)
    )
    return [f"sign-up {number} has no audit entry" for number in missing] + [
        f"session {number} was canceled without an audit entry" for number in silent
    ]
