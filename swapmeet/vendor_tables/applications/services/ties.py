"""Who is meant by a typed name: ties between applications of one show."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.search import fold
from swapmeet.vendor_tables.applications.models import Application, ApplicationTie, TieKind
from swapmeet.vendor_tables.applications.states import ApplicationState


def link(db_session: Session, application: Application) -> None:
    """Find the applications that this one names, and tie those that name it. Two who name each other agree by that."""
    db_session.flush()
    statement = select(Application.id, Application.name).where(
        Application.event_id == application.event_id, Application.state != ApplicationState.DRAFT
    )
    by_name: dict[str, int] = {}
    for application_id, name in db_session.execute(statement.order_by(Application.id)):
        by_name.setdefault(_key(name), application_id)
    open_ties = select(ApplicationTie).where(
        ApplicationTie.event_id == application.event_id, ApplicationTie.other_id.is_(None)
    )
    for tie in db_session.scalars(open_ties.order_by(ApplicationTie.id)):
        found = by_name.get(_key(tie.name))
        if found is not None and found != tie.application_id:
            tie.other_id = found
    db_session.flush()
    _agree(db_session, application)


def _key(name: str) -> str:
    return " ".join(fold(name).split())


def _agree(db_session: Session, application: Application) -> None:
    """Near wishes that go both ways need no answer."""
    statement = select(ApplicationTie).where(
        ApplicationTie.event_id == application.event_id,
        ApplicationTie.kind == TieKind.NEAR,
        ApplicationTie.other_id.is_not(None),
    )
    found = {(tie.application_id, tie.other_id): tie for tie in db_session.scalars(statement)}
    for (one, other), tie in found.items():
        back = found.get((other or 0, one))
        if back is not None and application.id in (one, other) and tie.is_agreed is None:
            tie.is_agreed = True
    db_session.flush()
