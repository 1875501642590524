"""What must hold of lists: a row that is an order names one that was placed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import Order
from swapmeet.registration.lists.models import ListState, OrderList, OrderListRow

SHOWN = 20


def rows_without_order(db_session: Session, now: datetime) -> list[str]:
    """Rows of a list became orders with it, and each of those was placed."""
    wrong = (
        select(OrderListRow.row_key, OrderListRow.list_id)
        .join(Order, Order.id == OrderListRow.order_id)
        .join(OrderList, OrderList.id == OrderListRow.list_id)
        .where((Order.placed_at.is_(None)) | (OrderList.state != ListState.DONE))
        .order_by(OrderListRow.list_id, OrderListRow.row_key)
        .limit(SHOWN)
    )
    return [f"row {row.row_key} of list {row.list_id} is no whole order" for row in db_session.execute(wrong)]


QUERIES = (DoctorQuery(3, "rows of lists are orders", rows_without_order),)
