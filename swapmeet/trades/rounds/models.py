"""Rounds with their phases and deadlines, who takes part with what, what they would take for it, and runs with their moves."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.trades.models import Listing


class Phase(StrEnum):
    LISTING = "listing"
    FREEZE = "freeze"
    WANTS = "wants"
    PREVIEW = "preview"
    DROP_OFF = "drop_off"
    FINAL = "final"
    PICK_UP = "pick_up"
    DISPUTES = "disputes"
    CLOSED = "closed"


PHASE_MACHINE = Machine(
    "trade round",
    Phase,
    {
        # All but the first may be taken back one step until something has happened that it would undo. Any may be closed
        # but the two in which things lie at the desk for their new owners: that ends over the disputes.
        Phase.LISTING: frozenset({Phase.FREEZE, Phase.CLOSED}),
        Phase.FREEZE: frozenset({Phase.WANTS, Phase.LISTING, Phase.CLOSED}),
        Phase.WANTS: frozenset({Phase.PREVIEW, Phase.FREEZE, Phase.CLOSED}),
        Phase.PREVIEW: frozenset({Phase.WANTS, Phase.DROP_OFF, Phase.CLOSED}),
        Phase.DROP_OFF: frozenset({Phase.PREVIEW, Phase.FINAL, Phase.CLOSED}),
        Phase.FINAL: frozenset({Phase.DROP_OFF, Phase.PICK_UP, Phase.CLOSED}),
        Phase.PICK_UP: frozenset({Phase.FINAL, Phase.DISPUTES}),
        Phase.DISPUTES: frozenset({Phase.PICK_UP, Phase.CLOSED}),
        Phase.CLOSED: frozenset(),
    },
)


class RunKind(StrEnum):
    PREVIEW = "preview"
    FINAL = "final"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    PUBLISHED = "published"


RUN_MACHINE = Machine(
    "trade run",
    RunState,
    {
        RunState.QUEUED: frozenset({RunState.RUNNING}),
        RunState.RUNNING: frozenset({RunState.DONE, RunState.FAILED}),
        RunState.DONE: frozenset({RunState.PUBLISHED}),
        RunState.FAILED: frozenset(),
        RunState.PUBLISHED: frozenset(),
    },
)
LIVE = (RunState.QUEUED, RunState.RUNNING)


class TradeRound(Model):
    """One multi-way swap at a show. `seed` settles ties: drawn when wants first close, then kept for all runs."""

    __tablename__ = "trade_round"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    phase: Mapped[Phase] = mapped_column(enum_column(Phase), default=Phase.LISTING)
    max_entries: Mapped[int] = mapped_column(default=60)
    next_number: Mapped[int] = mapped_column(default=1)
    seed: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[instant]

    event: Mapped[Event] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("max_entries > 0", name="some_entries"),
    )


class RoundDeadline(Model):
    """Until when a phase is meant to last. Only the host switches; `reminded_at` says that people were told."""

    __tablename__ = "round_deadline"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    phase: Mapped[Phase] = mapped_column(enum_column(Phase))
    ends_at: Mapped[instant]
    reminded_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("round_id", "phase"),
    )


class RoundMember(Model):
    """A person in a round. `number` is the handle others see; `protects` refuses second copies of one title."""

    __tablename__ = "round_member"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    protects: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[instant]

    person: Mapped[Person] = relationship()

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("round_id", "number"),
        Index("ix_round_member_person", "person_id"),
    )


class RoundEntry(Model):
    """One thing in a round. `number` is on its label; what it says is copied, so the round outlives the listing."""

    __tablename__ = "round_entry"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    member_id: Mapped[int] = mapped_column(BigId)
    listing_id: Mapped[int | None] = mapped_column(BigId)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(32))
    scale: Mapped[str] = mapped_column(String(16))
    condition: Mapped[str] = mapped_column(String(16))
    value_minor: Mapped[int | None] = mapped_column(BigId)
    stays_home: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    member: Mapped[RoundMember] = relationship(
        foreign_keys=[member_id], primaryjoin="RoundEntry.member_id == RoundMember.id"
    )
    listing: Mapped[Listing | None] = relationship(
        foreign_keys=[listing_id], primaryjoin="RoundEntry.listing_id == Listing.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("member_id", "round_member", ondelete="CASCADE"),
        same_event("listing_id", "listing", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("round_id", "number"),
        CheckConstraint("value_minor IS NULL OR value_minor >= 0", name="value_not_negative"),
        Index("ix_round_entry_member", "member_id", "number"),
        Index(
            "uq_round_entry_live",
            "listing_id",
            "round_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )


class RoundWant(Model):
    """ "I would give `entry` for `target`." Rank 1 is liked best. Of all with one `pick_one` letter at most one comes."""

    __tablename__ = "round_want"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(BigId)
    target_id: Mapped[int] = mapped_column(BigId)
    rank: Mapped[int]
    pick_one: Mapped[str] = mapped_column(String(1), default="")

    target: Mapped[RoundEntry] = relationship(
        foreign_keys=[target_id], primaryjoin="RoundWant.target_id == RoundEntry.id"
    )

    __table_args__ = (
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        same_event("target_id", "round_entry", ondelete="CASCADE"),
        UniqueConstraint("entry_id", "target_id"),
        CheckConstraint("entry_id <> target_id", name="not_itself"),
        CheckConstraint("rank > 0", name="rank_from_one"),
        Index("ix_round_want_target", "target_id"),
    )


class TradeRun(Model):
    """One solution of a round. `number` counts the runs of its round; `input_hash` names what was solved.

    The files hold the canonical problem and the result with its certificate, as the engine's verifier reads them.
    A final run with a `repair` number mends the loops that things broke which could not be found later.
    `attempts` counts how often a worker began it. Once published, no column changes any more.
    """

    __tablename__ = "trade_run"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    kind: Mapped[RunKind] = mapped_column(enum_column(RunKind))
    repair: Mapped[int] = mapped_column(default=0)
    state: Mapped[RunState] = mapped_column(enum_column(RunState), default=RunState.QUEUED)
    seed: Mapped[int] = mapped_column(BigId)
    attempts: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(String(16), default="")
    problem: Mapped[str] = mapped_column(String(300), default="")
    engine_version: Mapped[str] = mapped_column(String(64), default="")
    input_hash: Mapped[str] = mapped_column(String(64), default="")
    result_hash: Mapped[str] = mapped_column(String(64), default="")
    input_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    result_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    things: Mapped[int] = mapped_column(default=0)
    things_traded: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    people_trading: Mapped[int] = mapped_column(default=0)
    loops: Mapped[int] = mapped_column(default=0)
    has_certificate: Mapped[bool] = mapped_column(default=False)
    levels: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    hints: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)  # see `hints.Hint`; None for older runs
    requested_at: Mapped[instant]
    started_at: Mapped[optional_instant]
    ended_at: Mapped[optional_instant]
    published_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("round_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint("things_traded <= things AND people_trading <= people", name="counts_fit"),
        CheckConstraint(
            "state NOT IN ('done', 'published') OR (input_hash <> '' AND result_hash <> ''"
            " AND input_file_id IS NOT NULL AND result_file_id IS NOT NULL)",
            name="result_kept",
        ),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_when"),
        Index(
            "uq_trade_run_live",
            "round_id",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index(
            "uq_trade_run_published",
            "round_id",
            "kind",
            "repair",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
    )


class TradeRunMove(Model):
    """In a run, `entry` goes from `giver` to `receiver`, who gives `for_entry`. `place` counts within its loop."""

    __tablename__ = "trade_run_move"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(BigId)
    loop: Mapped[int]
    place: Mapped[int]
    entry_id: Mapped[int] = mapped_column(BigId)
    giver_id: Mapped[int] = mapped_column(BigId)
    receiver_id: Mapped[int] = mapped_column(BigId)
    for_entry_id: Mapped[int] = mapped_column(BigId)

    entry: Mapped[RoundEntry] = relationship(
        foreign_keys=[entry_id], primaryjoin="TradeRunMove.entry_id == RoundEntry.id"
    )
    for_entry: Mapped[RoundEntry] = relationship(
        foreign_keys=[for_entry_id], primaryjoin="TradeRunMove.for_entry_id == RoundEntry.id"
    )
    giver: Mapped[RoundMember] = relationship(
        foreign_keys=[giver_id], primaryjoin="TradeRunMove.giver_id == RoundMember.id"
    )
    receiver: Mapped[RoundMember] = relationship(
        foreign_keys=[receiver_id], primaryjoin="TradeRunMove.receiver_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("run_id", "trade_run", ondelete="CASCADE"),
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        same_event("for_entry_id", "round_entry", ondelete="CASCADE"),
        same_event("giver_id", "round_member", ondelete="CASCADE"),
        same_event("receiver_id", "round_member", ondelete="CASCADE"),
        UniqueConstraint("run_id", "entry_id"),
        UniqueConstraint("run_id", "for_entry_id"),
        UniqueConstraint("run_id", "loop", "place"),
        CheckConstraint("giver_id <> receiver_id", name="changes_hands"),
        Index("ix_trade_run_move_giver", "giver_id"),
        Index("ix_trade_run_move_receiver", "receiver_id"),
    )


install_append_only(TradeRun.__table__, "OLD.state = 'published'")
install_append_only(TradeRunMove.__table__)
