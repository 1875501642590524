"""What happens to things on the day: taken in at the desk with a look at their condition, and where each of them is."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.trades.rounds.models import RoundEntry


class IntakeState(StrEnum):
    EXPECTED = "expected"
    PRESENT = "present"
    REFUSED = "refused"
    GONE = "gone"
    RETURNED = "returned"
    MISSING = "missing"


INTAKE_MACHINE = Machine(
    "thing at the desk",
    IntakeState,
    {
        IntakeState.EXPECTED: frozenset({IntakeState.PRESENT, IntakeState.REFUSED}),
        # Gone to its new owner, returned to the old one, or missing from its shelf. Each can be a slip of the desk.
        IntakeState.PRESENT: frozenset(set(IntakeState) - {IntakeState.PRESENT}),
        IntakeState.REFUSED: frozenset({IntakeState.EXPECTED, IntakeState.PRESENT}),
        IntakeState.GONE: frozenset({IntakeState.PRESENT}),
        IntakeState.RETURNED: frozenset({IntakeState.PRESENT}),
        IntakeState.MISSING: frozenset({IntakeState.PRESENT}),
    },
)


class Condition(StrEnum):
    AS_DESCRIBED = "as_described"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"


class RoundIntake(Model):
    """Where a thing of a round is. There is a row from the first time the desk has touched it.

    A damaged thing is refused; one that is not as described takes part with a note for whoever gets it.
    `by_label` is who of the team took it in.
    """

    __tablename__ = "round_intake"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    entry_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[IntakeState] = mapped_column(enum_column(IntakeState))
    condition: Mapped[Condition | None] = mapped_column(enum_column(Condition))
    note: Mapped[str] = mapped_column(String(300), default="")
    is_late: Mapped[bool] = mapped_column(default=False)
    by_label: Mapped[str] = mapped_column(String(200), default="")
    changed_at: Mapped[instant]

    entry: Mapped[RoundEntry] = relationship(
        foreign_keys=[entry_id], primaryjoin="RoundIntake.entry_id == RoundEntry.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        UniqueConstraint("entry_id"),
        CheckConstraint(
            "(state = 'expected' AND condition IS NULL) OR (state = 'refused' AND condition IS NOT NULL AND condition = 'damaged')"
            " OR (state NOT IN ('expected', 'refused') AND condition IS NOT NULL AND condition IN ('as_described', 'not_as_described'))",
            name="condition_fits",
        ),
        CheckConstraint("condition IS NULL OR condition = 'as_described' OR note <> ''", name="note_given"),
        Index("ix_round_intake_round", "round_id", "state"),
    )
