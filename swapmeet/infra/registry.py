"""The one contract for what crosses features: typed extension points. `wiring.py` alone fills them.

No feature imports a sibling or upward: import-show, publish, clone, cancel, doctor, demo and the gathering pages walk
these lists instead. `event` is always an events.Event; it is typed Any because infra lies below events.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.infra.jobs import Handler
from swapmeet.infra.outbox import Composer


@dataclass(frozen=True)
class Panel:
    """A part of a gathering page. `load(db_session, event, now)` gives the template its values, or None to show nothing.

    `place` is the page: "show.facts", "show.about", "show.side", "manage.numbers", "manage.waiting", "manage.charts", "home.me".
    "badge.main" stands on the page of a ticket's holder and gets a registration.passing.Held.
    "manage.order" stands on the team's page of an order, "manage.entered" where it was just entered, "manage.attendee" on the page
    of somebody admitted (it gets the attendee).
    "order.main" stands on a buyer's order page above what was ordered, "order.more" below it: their `load(db_session, order, now)`
    gets the order, the template `event` and `order`.
    """

    place: str
    order: int
    template: str
    load: Callable[..., Mapping[str, Any] | None]
    permission: Permission | None = None


@dataclass(frozen=True)
class NavEntry:
    """A link in one of the bars: "show.tabs", "manage.side", "money.tabs" or "account.side".

    `endpoint` gets the event's slug where the bar belongs to a show. `shown(event)` may hide it. In "manage.side" the order
    says the group as well: from 20 the show, 40 tables, 50 tickets, 70 trades, 80 mail; what is below stands alone.
    """

    bar: str
    order: int
    label: str
    endpoint: str
    icon: str = ""
    permission: Permission | None = None
    shown: Callable[[Any], bool] = lambda event: True


@dataclass
class ImportReport:
    """What an import found and would do: problems stop it, warnings do not, kept names data that is stored but not used yet.

    Each entry is (where, sentence): where is the row, for example "sessions[3] P4".
    """

    problems: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportStep:
    """One feature's part of importing a show file.

    `check(show, report)` reads the raw mapping only and reports every problem by row. `apply(db_session, event, show, now)`
    writes, and is idempotent: a second run with the same file changes nothing. `keys` are the top-level keys it uses.
    """

    order: int
    name: str
    keys: frozenset[str]
    check: Callable[[Mapping[str, Any], ImportReport], None]
    apply: Callable[..., None]


@dataclass(frozen=True)
class CloneStep:
    """Copies one feature's set-up from a show to its clone: `copy(db_session, source, target, shift_days, now)`."""

    order: int
    copy: Callable[..., None]


@dataclass(frozen=True)
class DoctorQuery:
    """An invariant as a query that must return no rows. `find(db_session, now)` returns a sentence for each violation."""

    invariant: int
    name: str
    find: Callable[..., list[str]]


@dataclass(frozen=True)
class DemoStep:
    """Fills one feature's part of the demo: `fill(db_session, stage)`; `stage` carries events, people, a seeded random, now."""

    order: int
    name: str
    fill: Callable[..., None]


class PersonalData(Protocol):
    """One feature's part of exporting and erasing what it knows about a person.

    `found_by` names parts whose rows lead to its own: it is erased before them, as they take away what it is found by.
    """

    name: str
    found_by: tuple[str, ...]

    def export(self, db_session: Session, *, person_id: int) -> Any: ...

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None: ...


@dataclass(frozen=True)
class Waiting:
    """One line of "waiting for you" on the organizer's overview."""

    title: str
    detail: str
    action: str
    url: str


@dataclass(frozen=True)
class DocumentKind:
    """A PDF that a job makes. `template` is a file in `swapmeet/data/typst`.

    `load(db_session, payload, now)` returns what the template reads as JSON, or None when the thing is gone. Text of people
    is only ever data there, never markup. `file_name(payload)` is what the download is called. `then(db_session, payload, now)`
    is called once it is there or has failed, in the same transaction.
    """

    template: str
    load: Callable[..., Mapping[str, Any] | None]
    file_name: Callable[[Mapping[str, Any]], str]
    then: Callable[..., None] | None = None


@dataclass(frozen=True)
class MoreColumns:
    """Columns that a feature adds to a file for spreadsheets: their headings, and the cells by row."""

    header: Sequence[str]
    cells: Mapping[Any, Sequence[str]]

    def of(self, key: Any) -> Sequence[str]:
        """The cells of one row; empty ones for a row that has none."""
        return self.cells.get(key) or [""] * len(self.header)


@dataclass(frozen=True)
class MailPart:
    """What a feature adds to the mail of a confirmed order: safe HTML, the same as text, pictures by content id."""

    html: str
    text: str
    pictures: list[tuple[str, str, bytes]] = field(default_factory=list)  # (content id, content type, bytes)


@dataclass(frozen=True)
class StatementKind:
    """Somebody a statement of account is made for. `list(db_session, event)` gives (id, name) of all there are in a show.

    One who buys has `orders(db_session, event, party_id)`, their ids; one who sells has `products(…)`, pairs of kind and id,
    or neither where all that the show sells is theirs.
    """

    word: str
    words: str
    list: Callable[..., list[tuple[int, str]]]
    orders: Callable[..., Sequence[int]] | None = None
    products: Callable[..., Sequence[tuple[str, int]]] | None = None


@dataclass
class Registry:
    """Everything the features have registered. Lists are kept sorted by (order, name) where they have an order."""

    scopes: dict[str, Callable[..., Any]] = field(default_factory=dict)  # URL argument name -> loader
    sellables: dict[str, Any] = field(default_factory=dict)  # kind -> orders.sellables.Sellable
    dividers: dict[str, Any] = field(
        default_factory=dict
    )  # kind -> orders.sellables.Divider; other lines go as a whole
    panels: list[Panel] = field(default_factory=list)
    navigation: list[NavEntry] = field(default_factory=list)
    waiting: list[tuple[Permission, Callable[..., list[Waiting]]]] = field(default_factory=list)
    import_steps: list[ImportStep] = field(default_factory=list)
    clone_steps: list[CloneStep] = field(default_factory=list)
    publish_checks: list[Callable[..., list[str]]] = field(default_factory=list)  # (db_session, event) -> sentences
    checkout_parts: list[Any] = field(default_factory=list)  # orders.asking.CheckoutPart
    # (db_session, *, event, answers, is_draft, is_blind, with_archived) -> questions.blocks.Block or None: what vendors are asked
    vendor_questions: list[Callable[..., Any]] = field(default_factory=list)
    # (db_session, *, event_id, attendee_id) -> badges.asking.DoorSheet or None: what is asked about somebody at the door
    door_questions: list[Callable[..., Any]] = field(default_factory=list)
    # (db_session, *, event_id) -> [(who, answers by question)]: answers that another feature keeps with its own rows
    kept_answers: list[Callable[..., list[tuple[str, Mapping[str, Any]]]]] = field(default_factory=list)
    # (db_session, event, person_id) -> further ways to pay, of this buyer (None: not signed in)
    pay_methods: list[Callable[..., list[Any]]] = field(default_factory=list)
    # kinds of lines that nobody waits for until the show: not to be paid at its door, nor on invoice
    paid_ahead: set[str] = field(default_factory=set)
    # (db_session, person_id) -> whether an organizer knows them as a seller or a club, who may pay on invoice
    known_buyers: list[Callable[..., bool]] = field(default_factory=list)
    # (db_session, order, fact) -> [(name, content type, bytes)]: files that go with the mail about a fact of the order
    mail_files: list[Callable[..., list[tuple[str, str, bytes]]]] = field(default_factory=list)
    # (db_session, refund_ids) -> refund id -> what stands in its way, told on the list of refunds
    refund_notes: list[Callable[..., dict[int, str]]] = field(default_factory=list)
    cancel_steps: list[Callable[..., None]] = field(default_factory=list)  # (db_session, event, by, now)
    cancel_vetoes: list[Callable[..., str]] = field(
        default_factory=list
    )  # (db_session, order) -> why its buyer may not
    part_vetoes: list[Callable[..., str]] = field(default_factory=list)  # the same for giving back a part of it
    # (db_session, event, now) -> [(what, how much)]: what canceling the show would do, shown before it is confirmed
    cancel_previews: list[Callable[..., list[tuple[str, str]]]] = field(default_factory=list)
    # (db_session, event_ids, now) -> event id -> (state kind, words), one query for all: a word on each card of the list
    list_notes: list[Callable[..., dict[int, tuple[str, str]]]] = field(default_factory=list)
    # (db_session, entry, origin, by, now): somebody on the waiting list has moved from the state `origin` to their present one
    line_followers: list[Callable[..., None]] = field(default_factory=list)
    # (db_session, *, event, now): who comes before the waiting list, asked each time before it is served; the list is locked
    before_line: list[Callable[..., Any]] = field(default_factory=list)
    # (db_session, *, event, order, lines, by, now): released lines name what is free instead, before they are claimed again;
    # False when there is nothing as good
    reseaters: list[Callable[..., bool]] = field(default_factory=list)
    # kind of line -> (db_session, *, event, lines, now) -> [orders.dues.Part]: what of these lines is due later than the order
    # itself; kinds without terms of their own follow the show's instalments
    due_plans: dict[str, Callable[..., list[Any]]] = field(default_factory=dict)
    doctor: list[DoctorQuery] = field(default_factory=list)
    demo: list[DemoStep] = field(default_factory=list)
    personal_data: list[PersonalData] = field(default_factory=list)
    jobs: dict[str, Handler] = field(default_factory=dict)
    composers: dict[str, Composer] = field(default_factory=dict)
    order_columns: list[Callable[..., MoreColumns | None]] = field(
        default_factory=list
    )  # (db_session, event); by order id
    # (db_session, event); by (line id, seat)
    attendee_columns: list[Callable[..., MoreColumns | None]] = field(default_factory=list)
    documents: dict[str, DocumentKind] = field(default_factory=dict)
    statements: dict[str, StatementKind] = field(default_factory=dict)
    mail_parts: list[Callable[..., MailPart | None]] = field(default_factory=list)  # (db_session, order)
    periodic: list[tuple[float, str, Callable[..., None]]] = field(
        default_factory=list
    )  # (every s, name, f(db_session, now))

    def panels_of(self, place: str) -> list[Panel]:
        return sorted((panel for panel in self.panels if panel.place == place), key=lambda panel: panel.order)

    def bar(self, name: str) -> list[NavEntry]:
        return sorted((entry for entry in self.navigation if entry.bar == name), key=lambda entry: entry.order)


def registry() -> Registry:
    """The registry of the running application."""
    found: Registry = current_app.extensions["swapmeet_registry"]
    return found
