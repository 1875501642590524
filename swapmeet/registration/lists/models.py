"""A list that was sent as a file, the rows at fault, and which row became which order."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class ListState(StrEnum):
    READING = "reading"
    CHECKED = "checked"
    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"


LIST_MACHINE = Machine(
    "list of orders",
    ListState,
    {
        ListState.READING: frozenset({ListState.CHECKED, ListState.REFUSED}),
        ListState.CHECKED: frozenset({ListState.WRITING, ListState.DROPPED}),
        ListState.WRITING: frozenset({ListState.DONE, ListState.CHECKED}),  # back when a row does not fit any more
        ListState.DONE: frozenset(),
        ListState.REFUSED: frozenset(),
        ListState.DROPPED: frozenset(),
    },
)


class OrderList(Model):
    """One file with rows of people. `summary` is what the preview tells; `problem` why it was refused or sent back.

    `takes_money`: who sent it may record money. `only_rows` names rows, None for all. Its file and its faults are gone after a week.
    """

    __tablename__ = "order_list"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    file_id: Mapped[int | None] = mapped_column(BigId)
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[ListState] = mapped_column(enum_column(ListState), default=ListState.READING)
    takes_money: Mapped[bool] = mapped_column(default=False)
    method: Mapped[str] = mapped_column(String(32))
    row_count: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    good_count: Mapped[int] = mapped_column(default=0)
    bad_count: Mapped[int] = mapped_column(default=0)
    known_count: Mapped[int] = mapped_column(default=0)
    only_rows: Mapped[str | None] = mapped_column(String(2000))
    summary: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    problem: Mapped[str] = mapped_column(String(500), default="")
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[instant]
    written_at: Mapped[optional_instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("done_count <= row_count", name="done_of_all"),
        Index("ix_order_list_event", "event_id", "id"),
    )


class OrderListFault(Model):
    """Why one row cannot be taken. `cells` is the row as it stood, for the file of rows to mend."""

    __tablename__ = "order_list_fault"

    id: Mapped[pk]
    list_id: Mapped[int] = mapped_column(ForeignKey("order_list.id", ondelete="CASCADE"))
    number: Mapped[int]
    sentence: Mapped[str] = mapped_column(String(400))
    who: Mapped[str] = mapped_column(String(200), default="")
    cells: Mapped[list[Any]] = mapped_column(Json, default=list)

    __table_args__ = (UniqueConstraint("list_id", "number"),)


class OrderListRow(Model):
    """A row that is an order by now, so that it never becomes another one. `digest` is what it said."""

    __tablename__ = "order_list_row"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    row_key: Mapped[str] = mapped_column(String(100), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[int] = mapped_column(BigId)
    list_id: Mapped[int] = mapped_column(BigId)

    __table_args__ = (
        same_event("order_id", "order", ondelete="CASCADE"),
        same_event("list_id", "order_list", ondelete="CASCADE"),
        Index("ix_order_list_row_order", "order_id"),
        Index("ix_order_list_row_list", "list_id"),
    )
