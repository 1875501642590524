"""Exchanges with their sealed draw, who takes part with how many pieces, who gets whose, and thanks."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class ExchangeState(StrEnum):
    OPEN = "open"
    DRAWN = "drawn"
    CLOSED = "closed"
    CANCELED = "canceled"


EXCHANGE_MACHINE = Machine(
    "exchange",
    ExchangeState,
    {
        ExchangeState.OPEN: frozenset({ExchangeState.DRAWN, ExchangeState.CANCELED}),
        ExchangeState.DRAWN: frozenset({ExchangeState.CLOSED}),
        ExchangeState.CLOSED: frozenset(),
        ExchangeState.CANCELED: frozenset(),
    },
)


class EntryState(StrEnum):
    SIGNED_UP = "signed_up"
    HERE = "here"
    COLLECTED = "collected"
    WITHDRAWN = "withdrawn"


ENTRY_MACHINE = Machine(
    "place in the exchange",
    EntryState,
    {
        EntryState.SIGNED_UP: frozenset({EntryState.HERE, EntryState.WITHDRAWN}),
        EntryState.HERE: frozenset({EntryState.SIGNED_UP, EntryState.COLLECTED}),
        EntryState.COLLECTED: frozenset({EntryState.HERE}),  # a slip of the desk
        EntryState.WITHDRAWN: frozenset({EntryState.SIGNED_UP}),
    },
)


class Exchange(Model):
    """Bring `bring` pieces alike, get as many different ones. `scale` "" means any; `min_minor` is the worth of each piece.

    `commitment` is the hash of `seed`, public from the start; the seed is shown after the draw.
    """

    __tablename__ = "exchange"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(Text, default="")
    scale: Mapped[str] = mapped_column(String(16), default="")
    min_minor: Mapped[int | None] = mapped_column(BigId)
    bring: Mapped[int] = mapped_column(default=1)
    state: Mapped[ExchangeState] = mapped_column(enum_column(ExchangeState), default=ExchangeState.OPEN)
    sign_up_ends_at: Mapped[optional_instant]
    next_number: Mapped[int] = mapped_column(default=1)
    seed: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[instant]
    drawn_at: Mapped[optional_instant]

    event: Mapped[Event] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("bring BETWEEN 1 AND 50", name="some_pieces"),
        CheckConstraint("min_minor IS NULL OR min_minor >= 0", name="worth_not_negative"),
        CheckConstraint("(drawn_at IS NULL) = (state IN ('open', 'canceled'))", name="drawn_when"),
    )


class ExchangeEntry(Model):
    """One person's place. `number` is the handle others see and what stands on the pieces; `pieces` were really brought.

    Without a person it is somebody whom the desk wrote down by name.
    """

    __tablename__ = "exchange_entry"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    exchange_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[EntryState] = mapped_column(enum_column(EntryState), default=EntryState.SIGNED_UP)
    pieces: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]
    changed_at: Mapped[instant]

    person: Mapped[Person | None] = relationship()

    __table_args__ = (
        same_event("exchange_id", "exchange", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("exchange_id", "number"),
        CheckConstraint("(state IN ('here', 'collected')) = (pieces > 0)", name="pieces_when_here"),
        CheckConstraint("pieces BETWEEN 0 AND 50", name="pieces_fit"),
        Index(
            "uq_exchange_entry_person",
            "exchange_id",
            "person_id",
            unique=True,
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index("ix_exchange_entry_person", "person_id"),
    )


class ExchangeMove(Model):
    """The draw says: a piece of `giver` goes to `receiver`."""

    __tablename__ = "exchange_move"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    exchange_id: Mapped[int] = mapped_column(BigId)
    giver_id: Mapped[int] = mapped_column(BigId)
    receiver_id: Mapped[int] = mapped_column(BigId)

    giver: Mapped[ExchangeEntry] = relationship(
        foreign_keys=[giver_id], primaryjoin="ExchangeMove.giver_id == ExchangeEntry.id"
    )
    receiver: Mapped[ExchangeEntry] = relationship(
        foreign_keys=[receiver_id], primaryjoin="ExchangeMove.receiver_id == ExchangeEntry.id"
    )

    __table_args__ = (
        same_event("exchange_id", "exchange", ondelete="CASCADE"),
        same_event("giver_id", "exchange_entry", ondelete="CASCADE"),
        same_event("receiver_id", "exchange_entry", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("giver_id", "receiver_id"),
        CheckConstraint("giver_id <> receiver_id", name="not_their_own"),
        Index("ix_exchange_move_receiver", "receiver_id"),
        Index("ix_exchange_move_exchange", "exchange_id"),
    )


class ExchangeThanks(Model):
    """A few words from whoever got a piece to whoever made it. `hidden_at`: taken away by the team."""

    __tablename__ = "exchange_thanks"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    move_id: Mapped[int] = mapped_column(BigId)
    words: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[instant]
    hidden_at: Mapped[optional_instant]

    move: Mapped[ExchangeMove] = relationship(
        foreign_keys=[move_id], primaryjoin="ExchangeThanks.move_id == ExchangeMove.id"
    )

    __table_args__ = (
        same_event("move_id", "exchange_move", ondelete="CASCADE"),
        UniqueConstraint("move_id"),
        CheckConstraint("words <> ''", name="words_given"),
    )


install_append_only(ExchangeMove.__table__)
