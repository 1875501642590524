"""What vendor_tables knows about a person: a profile, and the tables held under it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.personal import ERASED, is_theirs
from swapmeet.vendor_tables.models import Reservation, Vendor
from swapmeet.vendor_tables.queries import KIND, find_vendor_of

NAMES_IN_LINES = ("vendor_name", "vendor_sells", "helpers")


class TablesData:
    """Implements infra.registry.PersonalData."""

    name = "vendor tables"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """The profile, and every table ever held, newest first."""
        vendor = find_vendor_of(db_session, person_id=person_id)
        statement = (
            select(Reservation, Event.name)
            .join(Event, Event.id == Reservation.event_id)
            .where(Reservation.id.in_(_own_ids(person_id)))
            .options(joinedload(Reservation.place), joinedload(Reservation.period))
            .order_by(Reservation.id.desc())
        )
        return {
            "profile": _profile(vendor) if vendor is not None else None,
            "tables": [_table(row, show) for row, show in db_session.execute(statement)],
        }

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Names and wares go; which place was taken and paid stays in the books."""
        rows = list(db_session.scalars(select(Reservation).where(Reservation.id.in_(_own_ids(person_id)))))
        nameless = (
            select(OrderLine)
            .join(Order, Order.id == OrderLine.order_id)
            .where(OrderLine.kind == KIND, or_(is_theirs(person_id), Order.buyer_name == ERASED))
        )
        lines = list(db_session.scalars(nameless))
        ids = {line.id for line in lines}
        rows += list(db_session.scalars(select(Reservation).where(Reservation.line_id.in_(ids))))
        _blank(rows, [*lines, *(row.line for row in rows if row.line is not None)])
        vendor = find_vendor_of(db_session, person_id=person_id)
        if vendor is not None:
            vendor.person_id, vendor.name, vendor.is_listed = None, ERASED, False
            vendor.sells = vendor.about = vendor.website = vendor.email = vendor.search_text = ""
            vendor.scales = []
        db_session.flush()


def _own_ids(person_id: int) -> Any:
    """Ids of reservations by profile or by order."""
    return (
        select(Reservation.id)
        .outerjoin(Vendor, Vendor.id == Reservation.vendor_id)
        .outerjoin(OrderLine, OrderLine.id == Reservation.line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .where(or_(Vendor.person_id == person_id, is_theirs(person_id)))
    )


def _blank(rows: Sequence[Reservation], lines: Sequence[OrderLine]) -> None:
    for row in rows:
        row.holder, row.sells = (ERASED if row.holder else ""), ""
    for line in lines:
        line.facts = {key: value for key, value in line.facts.items() if key not in NAMES_IN_LINES}


def _profile(vendor: Vendor) -> dict[str, Any]:
    return {
        "name": vendor.name,
        "sells": vendor.sells,
        "scales": list(vendor.scales),
        "about": vendor.about,
        "website": vendor.website,
        "email": vendor.email,
        "is_listed": vendor.is_listed,
    }


def _table(row: Reservation, show: str) -> dict[str, Any]:
    return {
        "show": show,
        "table": row.place.label,
        "sold_for": row.period.label,
        "state": row.state.value,
        "name_on_sign": row.holder,
        "sells": row.sells,
        "since": row.created_at.isoformat(),
        "released_at": row.released_at.isoformat() if row.released_at else None,
    }
