"""What must always be true of applications, as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.vendor_tables.applications.models import Application

SHOWN = 20


def moves_without_audit(db_session: Session, now: datetime) -> list[str]:
    """The newest step in the log says the state it is in, and there are as many steps in the log as it has taken."""
    entry = and_(
        AuditEntry.subject == "Application",
        AuditEntry.subject_id == Application.id,
        AuditEntry.verb == "application.moved",
    )
    newest = select(func.max(AuditEntry.id)).where(entry).correlate(Application).scalar_subquery()
    told = select(AuditEntry.target).where(AuditEntry.id == newest).correlate(Application).scalar_subquery()
    count = select(func.count(AuditEntry.id)).where(entry).correlate(Application).scalar_subquery()
    statement = (
        select(Application.id, Application.state, told.label("told"))
        .where(or_(func.coalesce(told, "draft") != Application.state, count != Application.moves))
        .order_by(Application.id)
        .limit(SHOWN)
    )
    return [
        f"application {row.id} is {row.state.value}, the log says {row.told or 'nothing'}"
        for row in db_session.execute(statement)
    ]


QUERIES = (DoctorQuery(14, "every step of an application", moves_without_audit),)
