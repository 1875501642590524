"""A repeated key returns the first answer: for every POST that creates an order, a payment or an application."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import String, UniqueConstraint, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.codes import digest
from swapmeet.infra.db import Model
from swapmeet.infra.types import instant, pk
from swapmeet.kernel.errors import Conflict

KEEP = timedelta(days=3)


class KeyReused(Conflict):
    """The same key came with other content."""

    code = "key_reused"


class IdempotencyKey(Model):
    """What a key answered. `scope` keeps the keys of one buyer, one form apart from all others."""

    __tablename__ = "idempotency_key"

    id: Mapped[pk]
    scope: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    request_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[instant]

    __table_args__ = (UniqueConstraint("scope", "key"),)


def find_answer(db_session: Session, *, scope: str, key: str, content: str) -> str | None:
    """The first answer for this key, or None when it is new. Raises KeyReused when the content differs.

    Call it inside the transaction, after the lock that serializes the buyer (the cart row), and `keep_answer` at its end.
    """
    row = db_session.execute(_find(), {"scope": scope, "key": key[:100]}).one_or_none()
    if row is None:
        return None
    if row.request_digest != digest(content):
        raise KeyReused("This form was sent before with other content. Reload the page and send it again.")
    return str(row.answer)


def keep_answer(db_session: Session, *, scope: str, key: str, content: str, answer: str, now: datetime) -> None:
    """Remember the answer. The unique constraint makes a second, simultaneous first answer impossible."""
    values = {"scope": scope, "key": key[:100], "request_digest": digest(content), "answer": answer, "created_at": now}
    db_session.execute(_insert(), values)


@cache
def _find() -> Any:
    """Both statements are built once: every order asks and answers."""
    return select(IdempotencyKey.request_digest, IdempotencyKey.answer).where(
        IdempotencyKey.scope == bindparam("scope"), IdempotencyKey.key == bindparam("key")
    )


@cache
def _insert() -> Any:
    table: Any = IdempotencyKey.__table__
    return insert(table)


def forget_old(db_session: Session, *, now: datetime) -> None:
    db_session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEEP))
