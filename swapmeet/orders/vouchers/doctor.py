"""The invariants of codes as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import Quota
from swapmeet.orders.vouchers.models import Voucher

SHOWN = 20


def used_too_often(db_session: Session, now: datetime) -> list[str]:
    """6. No code is used more often than it may be, and none gives away more than its budget; both are limited."""
    rows = db_session.execute(
        select(Voucher.code, Quota.taken, Quota.capacity)
        .join(Quota, or_(Quota.id == Voucher.quota_id, Quota.id == Voucher.budget_quota_id))
        .where(or_(Quota.capacity.is_(None), Quota.taken > Quota.capacity))
        .order_by(Voucher.id)
        .limit(SHOWN)
    )
    return [f"code {row.code}: {row.taken} used of {row.capacity}" for row in rows]


QUERIES = (DoctorQuery(6, "codes are used as often as they may be", used_too_often),)
