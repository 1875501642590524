"""A run of the placing with what came out for each vendor, and the sealed draws that decide between equals."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.events.models import SalePeriod
from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.placing.reasons import Rule


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    ACCEPTED = "accepted"


LIVE = (RunState.QUEUED, RunState.RUNNING)

RUN_MACHINE = Machine(
    "placing run",
    RunState,
    {
        RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELED}),
        RunState.RUNNING: frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELED}),
        RunState.DONE: frozenset({RunState.ACCEPTED}),
        RunState.FAILED: frozenset(),
        RunState.CANCELED: frozenset(),
        RunState.ACCEPTED: frozenset(),
    },
)


class PlacingDraw(Model):
    """A seed under seal: `commitment`, its hash, is public from the start, the seed once `shown_at` is set."""

    __tablename__ = "placing_draw"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    seed: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[instant]
    shown_at: Mapped[optional_instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        Index(
            "uq_placing_draw_sealed",
            "event_id",
            unique=True,
            sqlite_where=text("shown_at IS NULL"),
            postgresql_where=text("shown_at IS NULL"),
        ),
    )


class PlacingRun(Model):
    """One placing of a show by one rule. `number` counts the runs of the show; `input_hash` names what was placed.

    The file holds the whole input, so that anybody with the program gets the same again from rule, seed and input.
    `welfare` and `bound` are in hundredths; `measures` are the figures runs are compared by. Once accepted nothing changes.
    """

    __tablename__ = "placing_run"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    rule: Mapped[Rule] = mapped_column(enum_column(Rule))
    state: Mapped[RunState] = mapped_column(enum_column(RunState), default=RunState.QUEUED)
    sale_period_id: Mapped[int] = mapped_column(BigId)
    draw_id: Mapped[int] = mapped_column(BigId)
    weights: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(String(16), default="")
    percent: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(String(300), default="")
    engine_version: Mapped[str] = mapped_column(String(64), default="")
    input_hash: Mapped[str] = mapped_column(String(64), default="")
    result_hash: Mapped[str] = mapped_column(String(64), default="")
    input_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    welfare: Mapped[int] = mapped_column(BigInteger, default=0)
    bound: Mapped[int] = mapped_column(BigInteger, default=0)
    measures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    ended_early: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[instant]
    started_at: Mapped[optional_instant]
    ended_at: Mapped[optional_instant]
    accepted_at: Mapped[optional_instant]

    period: Mapped[SalePeriod] = relationship(
        foreign_keys=[sale_period_id], primaryjoin="PlacingRun.sale_period_id == SalePeriod.id"
    )
    draw: Mapped[PlacingDraw] = relationship(foreign_keys=[draw_id], primaryjoin="PlacingRun.draw_id == PlacingDraw.id")

    __table_args__ = (
        same_event("sale_period_id", "sale_period"),
        same_event("draw_id", "placing_draw"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_range"),
        CheckConstraint(
            "state NOT IN ('done', 'accepted') OR (input_hash <> '' AND result_hash <> '' AND input_file_id IS NOT NULL"
            " AND welfare <= bound)",
            name="result_kept",
        ),
        CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name="accepted_when"),
        Index(
            "uq_placing_run_live",
            "event_id",
            "rule",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
    )

    @property
    def share(self) -> float:
        """How much of what is possible at most this placing is worth, in percent."""
        return 100 * self.welfare / self.bound if self.bound else 100.0


class PlacingSeat(Model):
    """What a run gives one vendor: place ids in the order of their row (none: left out), the wish met, why.

    `asked_hash` names what the vendor asked for then: whoever has changed it since is left out of the offers.
    """

    __tablename__ = "placing_seat"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(BigId)
    application_id: Mapped[int] = mapped_column(BigId)
    points: Mapped[int]
    rank: Mapped[int] = mapped_column(default=0)
    places: Mapped[list[Any]] = mapped_column(Json, default=list)
    reasons: Mapped[list[Any]] = mapped_column(Json, default=list)
    asked_hash: Mapped[str] = mapped_column(String(64))

    run: Mapped[PlacingRun] = relationship(foreign_keys=[run_id], primaryjoin="PlacingSeat.run_id == PlacingRun.id")
    application: Mapped[Application] = relationship(
        foreign_keys=[application_id], primaryjoin="PlacingSeat.application_id == Application.id"
    )

    __table_args__ = (
        same_event("run_id", "placing_run", ondelete="CASCADE"),
        same_event("application_id", "application", ondelete="CASCADE"),
        UniqueConstraint("run_id", "application_id"),
        Index("ix_placing_seat_application", "application_id"),
    )


install_append_only(PlacingRun.__table__, "OLD.state = 'accepted'")
install_append_only(PlacingSeat.__table__)
