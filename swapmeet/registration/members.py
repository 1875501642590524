"""The membership list of a show: numbers that buy at the members' price, each for so many tickets."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, NotFound
from swapmeet.orders.models import Quota
from swapmeet.orders.services.quotas import change_capacity, create_quotas
from swapmeet.registration.models import MemberNumber
from swapmeet.web.paging import Page, paginate

MOST_NUMBERS = 20_000
LONGEST = 40
BETWEEN = re.compile(r"[\s,;]+")


def folded(text: str) -> str:
    """A number as it is kept and compared: capitals, no blanks, no dashes, points or slashes, no leading zeros."""
    plain = re.sub(r"[\s\-./_#]", "", text.upper())
    return plain.lstrip("0") or plain[:1]


def read_numbers(text: str) -> list[str]:
    """Numbers of a pasted list, one a line or with commas between, each once. Raises Invalid and names the first that is none."""
    found: dict[str, None] = {}
    for word in BETWEEN.split(text.strip()):
        number = folded(word)
        if word and (not number.isalnum() or len(number) > LONGEST):
            raise Invalid(
                f"“{word[:60]}” is no membership number: letters and figures only, {LONGEST} at most.", field="numbers"
            )
        if number:
            found[number] = None
    if len(found) > MOST_NUMBERS:
        raise Invalid(f"At most {MOST_NUMBERS:,} numbers at once.", field="numbers")
    return list(found)


def add_numbers(
    db_session: Session, *, event: Event, numbers: Iterable[str], tickets_each: int, by: Actor, now: datetime
) -> int:
    """Put numbers on the list, each good for `tickets_each` tickets. Those on it already stay as they are. Returns how many are new."""
    lock(db_session, event)
    known = set(db_session.scalars(select(MemberNumber.number).where(MemberNumber.event_id == event.id)))
    fresh = [number for number in numbers if number not in known]
    if len(known) + len(fresh) > MOST_NUMBERS:
        raise Invalid(f"A list holds {MOST_NUMBERS:,} numbers at most.", field="numbers")
    names = [f"Members' price, number {number}" for number in fresh]
    ids = create_quotas(db_session, event=event, names=names, capacity=tickets_each, by=by, now=now)
    db_session.add_all(
        MemberNumber(event_id=event.id, number=number, quota_id=quota_id, created_at=now)
        for number, quota_id in zip(fresh, ids, strict=True)
    )
    db_session.flush()
    if fresh:
        record(
            db_session, now=now, by=by, verb="members.added", subject=event, count=len(fresh), tickets_each=tickets_each
        )
    return len(fresh)


def get_number(db_session: Session, *, event_id: int, number_id: int) -> MemberNumber:
    """Raises NotFound."""
    statement = select(MemberNumber).where(MemberNumber.event_id == event_id, MemberNumber.id == number_id)
    found = db_session.scalar(statement)
    if found is None:
        raise NotFound("This number is not on the list any more.")
    return found


def remove_number(db_session: Session, *, event: Event, row: MemberNumber, by: Actor, now: datetime) -> None:
    """Take a number off the list. Tickets that were bought with it stay good, at their price."""
    lock(db_session, event)
    quota = db_session.get_one(Quota, row.quota_id)
    record(db_session, now=now, by=by, verb="members.removed", subject=event, number=row.number, used=quota.taken)
    db_session.delete(row)
    db_session.flush()
    change_capacity(db_session, quota=quota, capacity=quota.taken, by=by, now=now)


def list_numbers(db_session: Session, event: Event, *, words: str, page: int) -> Page:
    """A page of the list in the order of the numbers, with what each has used."""
    statement = select(MemberNumber).where(MemberNumber.event_id == event.id)
    if words:
        statement = statement.where(MemberNumber.number.contains(folded(words), autoescape=True))
    ordered = statement.options(joinedload(MemberNumber.quota)).order_by(MemberNumber.number, MemberNumber.id)
    return paginate(db_session, ordered, number=page)


def count_numbers(db_session: Session, event: Event) -> tuple[int, int]:
    """(numbers on the list, tickets bought with them)."""
    row = db_session.execute(
        select(func.count(), func.coalesce(func.sum(Quota.taken), 0))
        .select_from(MemberNumber)
        .join(Quota, Quota.id == MemberNumber.quota_id)
        .where(MemberNumber.event_id == event.id)
    ).one()
    return int(row[0]), int(row[1])
