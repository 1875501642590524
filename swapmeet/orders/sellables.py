"""What a sellable thing must answer. Features register theirs under a kind; orders asks and never looks inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.pieces import Piece


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a product of a kind, how many, and the feature's own choice (a sale period, say)."""

    kind: str
    product_id: int
    quantity: int = 1
    choice: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Quote:
    """The answer to a wish, right now, for this buyer: what one order line will hold.

    `quotas` maps quota ids to units taken per piece.
    """

    wish: Wish
    title: str
    unit_minor: int
    detail: str = ""
    quotas: Mapping[int, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    refund_policy: str = "attendee_refund"
    queues: Sequence[str] = ()  # lines of the waiting list beside those of the quotas
    group_id: int | None = None  # what a code's scope names, where the product is a single place: its type


VOUCHER = "voucher_code"  # in a wish's choice and a line's facts: the code it is bought with
HELD = "held_line_id"  # in a wish's choice, set by the server: the line that holds it already
UNLOCKED = "is_unlocked"  # in a wish's choice, set by the server: its code opens what is hidden
AMOUNT = "amount"  # in a wish's choice, as typed: what the buyer gives, where the buyer chooses
AMOUNT_MINOR = "amount_minor"  # the same in a line's facts, read
PARTS = "parts"  # in the facts of a line of a bundle: what is in it, in words
VARIANT = "variant_id"  # in a wish's choice and a line's facts: which choice of the product (a dish, a size)
MEMBER = "member"  # in a wish's choice and a line's facts: the membership number it is bought with
FROM_LIST = "from_list"  # in a wish's choice: an offer of the waiting list, priced by the first price that has room for all of it


@dataclass(frozen=True)
class Waitable:
    """Something a show sells that can run out: one may wait for up to `most` pieces of it. `left` is free now, None: no limit.

    `quotas` are units a piece takes; `queues` further lines of the feature's own, where no quota counts.
    """

    kind: str
    product_id: int
    title: str
    left: int | None
    most: int
    quotas: Mapping[int, int] = field(default_factory=dict)
    queues: Sequence[str] = ()
    choice: Mapping[str, Any] = field(default_factory=dict)
    can_adjoin: bool = False  # pieces can stand side by side
    is_listed: bool = True  # anybody may get in line on the show's page; else the feature puts people there


@dataclass(frozen=True)
class Product:
    """Something a show sells, by the id that a code's scope names; `quota_id` is what it is limited by, if by one.

    `choices`: (id, title) of each, where it is sold by choice only.
    """

    kind: str
    group_id: int
    title: str
    quota_id: int | None = None
    is_hidden: bool = False
    choices: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True)
class Buyer:
    """Who buys, as far as known: a signed-in person or a guest, and what the cart holds already."""

    person_id: int | None
    email: str = ""
    order: Order | None = None


@dataclass(frozen=True)
class CheckoutField:
    """One more thing to ask at checkout about a line (an attendee's name, a vendor's trading name).

    `name` is unique in the form (f"line-{line.id}-name-1"); `value` prefills it.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = True
    limit: int = 200
    autocomplete: str = "off"
    seat: int = 0  # which person of the line it names, counted from 1; 0: none
    is_shared: bool = False  # asked with one line for all lines of its kind: the answer stays when that line goes


class Fault(str):
    """One sentence of `Sellable.faults` that hangs on one field of the checkout form; others are plain and of the whole order."""

    field: str

    def __new__(cls, words: str, field: str) -> "Fault":
        fault = super().__new__(cls, words)
        fault.field = field
        return fault


class Divider(Protocol):
    """A kind of which single pieces of a line can be given up. Rows by line and seat follow the signal `line_divided`."""

    by_seat: Sequence[str]  # keys of the lists by seat in the facts of a line

    def pieces(self, db_session: Session, *, order: Order, lines: Sequence[OrderLine]) -> dict[int, list[Piece]]:
        """By line id all pieces of each line, in their order. `lines` are live and of its kind."""
        ...


class Sellable(Protocol):
    """One kind of thing that can be in a cart. All methods run inside the caller's transaction; none commits.

    Raised DomainErrors refuse the whole step and nothing of it stays.
    """

    kind: str
    noun: str  # "ticket", "table", "seat": for sentences; with `is_priced` False nothing is ever sold of it
    can_change_quantity: bool  # in the cart; only where `claim` takes nothing beyond the quotas

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        """One quote per wish. Raises DomainError when it is not sold now, not to this buyer, or above a limit."""
        ...

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        """What the show sells, hidden or not, as the organizer knows it."""
        ...

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        """What is on sale now and can run out."""
        ...

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        """Wishes for `count` free pieces of it, or for as many as fit; side by side if asked. Quotas have been looked at."""
        ...

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        """Ids of cart orders whose time is over and whose holds stand in the way of these wishes (places); often empty."""
        ...

    def claim(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        now: datetime,
        expires_at: datetime,
        by: Actor,
    ) -> None:
        """Take the physical things of new cart lines (quotas are already taken). Raises PlaceTaken-like conflicts."""
        ...

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        """The hold of these lines now ends at another time (None: with the order, when placed or confirmed)."""
        ...

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        """What to ask at checkout, by line id."""
        ...

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """What must change before these lines of an order may stand as they are, in sentences; often nothing. A `Fault` names its field.

        `lines` are all of its kind. `is_final`: in the transaction that places it, with its buyer known.
        """
        ...

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        """Keep the answers to `fields` (in line.facts or own rows)."""
        ...

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        """The order is paid or free: issue badges, mark places sold. Called once."""
        ...

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        """The lines are given up (expired, removed, canceled): free places, void badges. Quotas are given back by orders."""
        ...
