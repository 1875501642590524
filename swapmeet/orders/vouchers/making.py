"""Codes are made, one or ten thousand at once, mailed, and taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.models import Quota
from swapmeet.orders.services.carts import close_expired
from swapmeet.orders.services.quotas import change_capacity, create_quotas
from swapmeet.orders.vouchers import rules
from swapmeet.orders.vouchers.errors import CodeTaken
from swapmeet.orders.vouchers.models import Effect, Voucher

MOST = 10_000
MAIL_JOB = "vouchers.mail"
AT_ONCE = 200


@dataclass(frozen=True)
class VoucherValues:
    """What the organizer says about codes that are made together. `budget_minor` is for each code, None: no limit."""

    effect: Effect = Effect.NONE
    value: int = 0
    uses: int = 1
    budget_minor: int | None = None
    scope_kind: str = ""
    scope_id: int | None = None
    opens_hidden: bool = False
    valid_until: datetime | None = None
    batch: str = ""
    code: str = ""
    count: int = 1
    emails: Sequence[str] = field(default_factory=tuple)
    reserve_quota_id: int | None = None


def make_vouchers(
    db_session: Session, *, event: Event, values: VoucherValues, by: Actor, now: datetime
) -> list[Voucher]:
    """One code by name, or many by chance (one for each address, if there are addresses), each with quotas of its own.

    Raises Invalid, CodeTaken, CapacityBelowTaken when so many places are not free to be kept for them.
    """
    count = len(values.emails) or values.count
    _check(values, count)
    lock(db_session, event)
    names = [rules.tidy(values.code)] if values.code else [f"{codes.order_code()}" for _ in range(count)]
    known = select(Voucher.code).where(Voucher.event_id == event.id, Voucher.code.in_(names[:1]))
    if values.code and db_session.scalar(known) is not None:
        raise CodeTaken("There is a code of this name already. Choose another one.", field="code")
    if values.reserve_quota_id is not None:
        _take_out(db_session, event, values.reserve_quota_id, values.uses * count, by, now)
    quota_ids = create_quotas(
        db_session, event=event, names=[f"Code {name}" for name in names], capacity=values.uses, by=by, now=now
    )
    budgets: Sequence[int | None] = [None] * count
    if values.budget_minor is not None:
        budgets = create_quotas(
            db_session,
            event=event,
            names=[f"Budget of {name}" for name in names],
            capacity=values.budget_minor,
            by=by,
            now=now,
        )
    rows = [
        {
            "event_id": event.id,
            "code": name,
            "batch": values.batch,
            "effect": values.effect,
            "value": values.value,
            "quota_id": quota_id,
            "budget_quota_id": budget_id,
            "reserved_quota_id": values.reserve_quota_id,
            "scope_kind": values.scope_kind,
            "scope_id": values.scope_id,
            "opens_hidden": values.opens_hidden,
            "valid_until": values.valid_until,
            "email": values.emails[number].lower() if values.emails else "",
            "created_at": now,
        }
        for number, (name, quota_id, budget_id) in enumerate(zip(names, quota_ids, budgets, strict=True))
    ]
    made = list(db_session.scalars(insert(Voucher).returning(Voucher, sort_by_parameter_order=True), rows))
    record(db_session, now=now, by=by, verb="voucher.made", subject=made[0], count=len(made), batch=values.batch)
    if values.emails:
        enqueue(db_session, MAIL_JOB, {"first": made[0].id, "last": made[-1].id, "event_id": event.id}, now=now)
    return made


def take_back(db_session: Session, *, event: Event, voucher: Voucher, by: Actor, now: datetime) -> None:
    """The code is good for nothing from now on; what was bought with it stays. Places kept for it are free for everybody."""
    lock(db_session, event)
    if voucher.off_at is not None:
        return
    voucher.off_at = now
    close_expired(db_session, quota_ids=[voucher.quota_id], now=now)
    if voucher.reserved_quota_id is not None:
        own = db_session.get_one(Quota, voucher.quota_id)
        db_session.refresh(own)
        kept = (own.capacity or 0) - own.taken
        source = db_session.get_one(Quota, voucher.reserved_quota_id)
        change_capacity(db_session, quota=own, capacity=own.taken, by=by, now=now)
        if source.capacity is not None:
            change_capacity(db_session, quota=source, capacity=source.capacity + kept, by=by, now=now)
    record(db_session, now=now, by=by, verb="voucher.taken_back", subject=voucher)


def mail_some(db_session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Queue the mails of a batch, some in each transaction; asks for the next round while there are more."""
    first, last = int(payload["first"]), int(payload["last"])
    wanted = select(Voucher).where(
        Voucher.event_id == int(payload["event_id"]), Voucher.id.between(first, last), Voucher.mailed_at.is_(None)
    )
    rows = list(db_session.scalars(wanted.order_by(Voucher.id).limit(AT_ONCE)))
    for voucher in rows:
        voucher.mailed_at = now
        queue_mail(
            db_session,
            kind="vouchers.code",
            to=voucher.email,
            payload={"voucher_id": voucher.id},
            fact_key=f"voucher:{voucher.id}",
            now=now,
            event_id=voucher.event_id,
        )
    if len(rows) == AT_ONCE:
        enqueue(db_session, MAIL_JOB, {**payload, "first": rows[-1].id + 1}, now=now)


def _check(values: VoucherValues, count: int) -> None:
    if values.code and not rules.tidy(values.code):
        raise Invalid("A code has up to 40 letters, figures and dashes.", field="code")
    if values.code and count != 1:
        raise Invalid("A code you name yourself is one code. Leave the name empty for many.", field="count")
    if not 1 <= count <= MOST:
        raise Invalid(f"Make 1 to {MOST:,} codes at once.", field="count")


def _take_out(db_session: Session, event: Event, quota_id: int, units: int, by: Actor, now: datetime) -> None:
    """Places for the codes leave the quota they come from. Raises Invalid, CapacityBelowTaken."""
    quota = db_session.scalar(select(Quota).where(Quota.event_id == event.id, Quota.id == quota_id))
    if quota is None or quota.capacity is None:
        raise Invalid("Only of what is limited can some be kept.", field="reserves")
    if quota.capacity < units:
        raise Invalid(f"There are {quota.capacity} in all, and this would keep {units}.", field="reserves")
    change_capacity(db_session, quota=quota, capacity=quota.capacity - units, by=by, now=now, field="reserves")
