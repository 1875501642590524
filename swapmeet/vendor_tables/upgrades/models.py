"""An offer to a vendor who has tables: others they wished for, held until a time."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class UpgradeState(StrEnum):
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"
    VOID = "void"  # the vendor has those tables no more, or the show is off


S = UpgradeState
UPGRADE_MACHINE = Machine(
    "offer of a better table",
    UpgradeState,
    {
        S.OFFERED: frozenset({S.TAKEN, S.DECLINED, S.LAPSED, S.VOID}),
        S.TAKEN: frozenset(),
        S.DECLINED: frozenset(),
        S.LAPSED: frozenset(),
        S.VOID: frozenset(),
    },
)


class UpgradeOffer(Model):
    """`places[n]` is offered in exchange for the reservation `origins[n]`, and held by the reservation `holds[n]`.

    `rank` is the wish it meets, `rank_now` the one the present tables meet (0: none).
    """

    __tablename__ = "upgrade_offer"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[UpgradeState] = mapped_column(enum_column(UpgradeState), default=UpgradeState.OFFERED)
    places: Mapped[list[Any]] = mapped_column(Json)
    origins: Mapped[list[Any]] = mapped_column(Json)
    holds: Mapped[list[Any]] = mapped_column(Json)
    labels: Mapped[str] = mapped_column(String(300))
    labels_now: Mapped[str] = mapped_column(String(300))
    rank: Mapped[int]
    rank_now: Mapped[int]
    expires_at: Mapped[instant]
    created_at: Mapped[instant]
    ended_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        CheckConstraint("(state = 'offered') = (ended_at IS NULL)", name="ended_when_over"),
        CheckConstraint("rank > 0 AND (rank_now = 0 OR rank < rank_now)", name="better_than_now"),
        Index(
            "uq_upgrade_offer_open",
            "application_id",
            unique=True,
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
        Index("ix_upgrade_offer_event", "event_id", "state"),
    )
