"""What a show asks about somebody who is let in, as far as the door needs to know: the questions themselves lie above badges."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor


class DoorSheet(Protocol):
    """Everything that is asked at the door about one person, with the answers so far. `template` draws it."""

    template: str

    @property
    def lacks(self) -> list[str]:
        """Questions without whose answer nobody comes in, in words."""
        ...

    @property
    def is_done(self) -> bool:
        """Whether all of it is answered."""
        ...

    def form(self) -> Any: ...

    def hold(self, db_session: Session) -> None:
        """Lock what the answers lie with, before anything else is written."""
        ...

    def keep(self, db_session: Session, *, form: Any, by: Actor, now: datetime) -> None: ...


def sheet_of(db_session: Session, *, event_id: int, attendee_id: int) -> DoorSheet | None:
    """None where nothing is asked about this person."""
    for ask in registry().door_questions:
        sheet: DoorSheet | None = ask(db_session, event_id=event_id, attendee_id=attendee_id)
        if sheet is not None:
            return sheet
    return None


def lacking(db_session: Session, *, event_id: int, attendee_id: int) -> list[str]:
    """What has to be answered before this person comes in, in words."""
    sheet = sheet_of(db_session, event_id=event_id, attendee_id=attendee_id)
    return sheet.lacks if sheet is not None else []
