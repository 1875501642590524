"""Fills the trades of the demo's shows."""

from sqlalchemy.orm import Session

from swapmeet.infra.stage import Stage


def fill(db_session: Session, stage: Stage) -> None:
    """Nothing yet."""
