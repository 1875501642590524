"""What must always be true of the bring and buy desk, as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.trades.consignment import queries
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, ConsignmentPayout

SHOWN = 20


def payouts_without_sales(db_session: Session, now: datetime) -> list[str]:
    """A payout that is not what its things were sold for."""
    sold = (
        select(func.coalesce(func.sum(ConsignmentLot.price_minor), 0))
        .where(
            ConsignmentLot.payout_id == ConsignmentPayout.id, ConsignmentLot.seller_id == ConsignmentPayout.seller_id
        )
        .scalar_subquery()
    )
    statement = select(ConsignmentPayout.id).where(ConsignmentPayout.gross_minor != sold)
    return [
        f"payout {row} of a bring and buy desk is not what its things brought"
        for row in db_session.scalars(statement.order_by(ConsignmentPayout.id).limit(SHOWN))
    ]


def sellers_paid_too_much(db_session: Session, now: datetime) -> list[str]:
    """Somebody who got more than their sales at the time less the share."""
    found = []
    for desk in db_session.scalars(select(Consignment).order_by(Consignment.id)):
        for row in queries.list_accounts(db_session, desk=desk):
            settled = sum(lot.price_minor for lot in row.lots if lot.payout_id is not None)
            if row.money.paid > settled - (settled * desk.percent) // 100:
                found.append(f"seller {row.seller.number} of bring and buy desk {desk.id} was paid too much")
    return found[:SHOWN]


def states_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A desk or a thing whose state nobody wrote down."""
    found = []
    for model, name in ((Consignment, "Consignment"), (ConsignmentLot, "ConsignmentLot")):
        written = exists().where(
            AuditEntry.subject == name, AuditEntry.subject_id == model.id, AuditEntry.target == model.state
        )
        statement = select(model.id, model.state).where(~written).order_by(model.id).limit(SHOWN)
        found += [
            f"{name} {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)
        ]
    return found


QUERIES = [
    DoctorQuery(10, "payouts of the bring and buy are what its things brought", payouts_without_sales),
    DoctorQuery(10, "sellers of the bring and buy get their share", sellers_paid_too_much),
    DoctorQuery(14, "steps of the bring and buy are written down", states_without_audit),
]
