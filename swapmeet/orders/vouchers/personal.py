"""What codes know about a person: the address one was mailed to."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.orders.vouchers.models import Voucher


def _is_theirs(person_id: int) -> ColumnElement[bool]:
    address = select(Person.email).where(Person.id == person_id, Person.confirmed_at.is_not(None)).scalar_subquery()
    return Voucher.email == address


class VouchersData:
    """Implements infra.registry.PersonalData."""

    name = "codes"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        rows = db_session.scalars(select(Voucher).where(_is_theirs(person_id)).order_by(Voucher.id))
        return [{"code": row.code, "email": row.email} for row in rows]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        for row in list(db_session.scalars(select(Voucher).where(_is_theirs(person_id)))):
            row.email = ""
        db_session.flush()
