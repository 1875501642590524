"""The memory between two steps of signing in, as rows: Flask's signed cookie could be copied and kept for weeks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import SignInStep
from swapmeet.infra import codes

COOKIE = "swapmeet_step"
LIFETIME = timedelta(minutes=15)


def find_facts(db_session: Session, token: str, *, now: datetime) -> dict[str, Any]:
    """What the earlier step left, or nothing when it is too old or unknown."""
    statement = select(SignInStep.facts).where(
        SignInStep.token_digest == codes.digest(token), SignInStep.expires_at > now
    )
    return dict(db_session.scalar(statement) or {})


def keep_facts(db_session: Session, facts: Mapping[str, Any], *, now: datetime) -> str:
    """Keep facts for the next step; returns the token for the cookie."""
    token = codes.link_key()
    db_session.add(
        SignInStep(token_digest=codes.digest(token), facts=dict(facts), created_at=now, expires_at=now + LIFETIME)
    )
    return token


def forget(db_session: Session, token: str) -> None:
    """The step is used: its cookie opens nothing any more."""
    statement = delete(SignInStep).where(SignInStep.token_digest == codes.digest(token))
    db_session.execute(statement.execution_options(synchronize_session=False))


def forget_old(db_session: Session, *, now: datetime) -> None:
    db_session.execute(
        delete(SignInStep).where(SignInStep.expires_at < now).execution_options(synchronize_session=False)
    )
