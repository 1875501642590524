"""Many orders at once: the same rows that buying one by one leaves behind, a thousand orders a statement.

Order of work: what only this transaction knows comes first; numbers of badges and receipts and the capacities, on which buyers
wait, come last. Nothing is mailed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from swapmeet.badges.models import Attendee, Badge
from swapmeet.badges.services import Admission, admit
from swapmeet.events.models import Event, PolicyKind
from swapmeet.infra import codes
from swapmeet.infra.audit import record_many
from swapmeet.infra.counters import take_numbers
from swapmeet.infra.uow import learn_sizes, take_ids, write
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.models import (
    LedgerEntry,
    LineQuota,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    PayMethod,
)
from swapmeet.orders.queries import newest_policies
from swapmeet.orders.receipts import Receipt, ReceiptSeries
from swapmeet.orders.scarcity import expire_carts, move_counters
from swapmeet.orders.sellables import VARIANT
from swapmeet.orders.services.carts import let_go, set_tax
from swapmeet.orders.services.checkout import due_date, search_text
from swapmeet.registration import ages, wording
from swapmeet.registration.lists.checking import Line, NewOrder
from swapmeet.registration.lists.models import OrderListRow
from swapmeet.registration.variants import title_of

KIND = "ticket"
PART = 1000  # orders to a round of statements


@dataclass
class Made:
    """One order on its way: rows of the ORM that are never added to the session, and what they came from."""

    new: NewOrder
    order: Order
    lines: list[tuple[Line, OrderLine]]
    payments: list[Payment] = field(default_factory=list)

    @property
    def is_confirmed(self) -> bool:
        return self.order.state is OrderState.CONFIRMED


@dataclass(frozen=True)
class Writer:
    """Writes the orders of one list. `method`: how people paid, or will, where the list does not say."""

    db_session: Session
    event: Event
    list_id: int
    method: PayMethod
    by: Actor
    now: datetime

    def make(self, orders: Sequence[NewOrder]) -> list[Made]:
        """The rows of the orders, before any transaction: nobody waits while they are made."""
        terms = newest_policies(self.db_session, event_id=self.event.id)
        return [self._make(new, terms) for new in orders]

    def write(self, made: Sequence[Made]) -> None:
        """All of them, in the caller's transaction. Raises SoldOut when the public was faster."""
        for start in range(0, len(made), PART):
            self._write_rows(made[start : start + PART])
            if start == 0:
                learn_sizes(self.db_session, (Order, OrderLine, LineQuota, Payment, LedgerEntry))
        wanted = self._units(made)
        expired = expire_carts(self.db_session, quota_ids=wanted, now=self.now)
        let_go(self.db_session, expired, now=self.now)
        confirmed = [each for each in made if each.is_confirmed]
        for start in range(0, len(confirmed), PART):
            self._admit(confirmed[start : start + PART])
            if start == 0:
                learn_sizes(self.db_session, (Attendee, Badge))
        self._receipts([each for each in confirmed if each.order.total_minor])
        move_counters(self.db_session, wanted=wanted, given_back=expired.given_back, now=self.now)

    def _make(self, new: NewOrder, terms: dict[PolicyKind, int]) -> Made:
        buyer = new.buyer
        method = next((each.method for each in new.entries if each.method), self.method)
        is_confirmed = new.paid_minor >= new.total_minor
        order = Order(
            event_id=self.event.id,
            code=codes.order_code(),
            state=OrderState.CONFIRMED if is_confirmed else OrderState.PLACED,
            link_seal=codes.link_key(),
            buyer_name=buyer.name,
            buyer_email=next((each.email for each in new.entries if each.email), ""),
            buyer_phone=next((each.phone for each in new.entries if each.phone), ""),
            note="; ".join(dict.fromkeys(each.note for each in new.entries if each.note)),
            method=method if new.total_minor else PayMethod.FREE,
            currency=self.event.currency,
            total_minor=new.total_minor,
            due_at=None if is_confirmed else due_date(self.event, method, self.now),
            policy_id=terms.get(PolicyKind.ATTENDEE_REFUND),
            vendor_policy_id=terms.get(PolicyKind.VENDOR_REFUND),
            created_at=self.now,
            placed_at=self.now,
            confirmed_at=self.now if is_confirmed else None,
        )
        order.key_digest = codes.digest(order.link_key or "")
        order.search_text = search_text(order)
        return Made(new, order, [(line, self._line(line)) for line in new.lines])

    def _line(self, line: Line) -> OrderLine:
        kind, first = line.sold.kind, line.entries[0]
        days = wording.validity(kind.days, kind.entry_from, kind.days_allowed, locale=self.event.locale)
        facts: dict[str, Any] = {"tier_id": line.sold.tier_id, "names": [each.name for each in line.entries]}
        if kind.asks_age:
            facts[ages.AGES] = ["" if each.age is None else each.age for each in line.entries]
            facts[ages.ADULTS] = [""] * len(line.entries)
        if first.variant is not None:
            facts[VARIANT] = first.variant.id
        row = OrderLine(
            event_id=self.event.id,
            kind=KIND,
            product_id=kind.id,
            title=title_of(kind.name, first.variant.name) if first.variant else kind.name,
            detail=days if kind.is_admission else "",
            quantity=len(line.entries),
            unit_minor=line.sold.unit_minor,
            facts=facts,
            refund_policy=kind.refund_policy,
            created_at=self.now,
        )
        set_tax(self.event, row)
        return row

    def _write_rows(self, made: Sequence[Made]) -> None:
        """Orders, lines, what they hold, payments, books, audit, and which row became which order."""
        self._insert_with_ids(Order, [each.order for each in made])
        for each in made:
            for _, row in each.lines:
                row.order_id = each.order.id
            if ages_of := [row for _, row in each.lines if ages.ADULTS in row.facts]:
                _name_adults(each, ages_of)
        self._insert_with_ids(OrderLine, [row for each in made for _, row in each.lines])
        self._hold(made)
        for each in made:
            each.payments = self._payments(each)
        self._insert_with_ids(Payment, [payment for each in made for payment in each.payments])
        sales = [(each.order, [row for _, row in each.lines]) for each in made]
        came = [(each.order, payment) for each in made for payment in each.payments]
        ledger.post_many(self.db_session, sales, came, now=self.now)
        self._record(made)
        table: Any = OrderListRow.__table__
        rows = [
            {"event_id": self.event.id, "row_key": entry.key, "digest": entry.digest, "order_id": each.order.id,
             "list_id": self.list_id}
            for each in made
            for entry in each.new.entries
        ]  # fmt: skip
        write(self.db_session, insert(table), rows)

    def _insert_with_ids(self, model: Any, rows: Sequence[Any]) -> None:
        """Rows of one kind in the order given; each is given its id."""
        if not rows:
            return
        table = model.__table__
        for row, row_id in zip(rows, take_ids(self.db_session, model, len(rows)), strict=True):
            row.id = row_id
        columns = list(table.columns)
        write(
            self.db_session,
            insert(table).inline(),
            [{each.name: _value(row, each) for each in columns} for row in rows],
        )

    def _hold(self, made: Sequence[Made]) -> None:
        table: Any = LineQuota.__table__
        rows = [
            {"line_id": row.id, "quota_id": quota_id, "event_id": self.event.id, "quantity": units}
            for each in made
            for line, row in each.lines
            for quota_id, units in sorted(_units_of(line).items())
        ]
        write(self.db_session, insert(table), rows)

    def _payments(self, made: Made) -> list[Payment]:
        """What came in for an order, as one sum: the first row that names a day, a way and a reference speaks for it."""
        if not made.new.paid_minor:
            return []
        entries = made.new.entries
        return [
            Payment(
                event_id=self.event.id,
                order_id=made.order.id,
                method=next((each.method for each in entries if each.method), self.method),
                state=PaymentState.CONFIRMED,
                amount_minor=made.new.paid_minor,
                currency=made.order.currency,
                reference=next((each.reference for each in entries if each.reference), ""),
                received_at=next((each.received_at for each in entries if each.received_at), self.now),
                created_at=self.now,
                confirmed_at=self.now,
                recorded_by=self.by.person_id,
            )
        ]

    def _record(self, made: Sequence[Made]) -> None:
        placed = {each.order.id: {"total_minor": each.order.total_minor, "list_id": self.list_id} for each in made}
        self._say("order.placed", Order, placed, origin="list", target="placed")
        paid = {
            payment.id: {"amount_minor": payment.amount_minor, "method": payment.method.value}
            for each in made
            for payment in each.payments
        }
        self._say("payment.recorded", Payment, paid, target="confirmed")
        confirmed: dict[int, dict[str, Any]] = {each.order.id: {} for each in made if each.is_confirmed}
        self._say("order.confirmed", Order, confirmed, origin="placed", target="confirmed")

    def _say(self, verb: str, subject: Any, facts: dict[int, dict[str, Any]], **steps: Any) -> None:
        who: dict[str, Any] = {"now": self.now, "by": self.by, "event_id": self.event.id}
        record_many(self.db_session, verb=verb, subject=subject, facts=facts, **who, **steps)

    def _units(self, made: Sequence[Made]) -> dict[int, int]:
        wanted: Counter[int] = Counter()
        for each in made:
            for line, _ in each.lines:
                wanted.update(_units_of(line))
        return dict(wanted)

    def _admit(self, made: Sequence[Made]) -> None:
        admissions = [
            Admission(
                name=entry.name,
                line_id=row.id,
                seat=seat,
                email=entry.email or each.order.buyer_email,
                ticket_label=row.title if entry.variant else line.sold.kind.name,
                valid_days=line.sold.kind.valid_days,
                days_allowed=line.sold.kind.days_allowed,
                entry_from=line.sold.kind.entry_from,
                order_code=each.order.code,
            )
            for each in made
            for line, row in each.lines
            if line.sold.kind.is_admission
            for seat, entry in enumerate(line.entries, 1)
        ]
        admit(self.db_session, event_id=self.event.id, admissions=admissions, now=self.now)

    def _receipts(self, made: Sequence[Made]) -> None:
        if not made:
            return
        first = take_numbers(self.db_session, ReceiptSeries, event_id=self.event.id, count=len(made))
        table: Any = Receipt.__table__
        rows = [
            {"event_id": self.event.id, "order_id": each.order.id, "number": first + place,
             "total_minor": each.order.total_minor, "issued_at": self.now}
            for place, each in enumerate(made)
        ]  # fmt: skip
        write(self.db_session, insert(table), rows)


def _units_of(line: Line) -> Counter[int]:
    return Counter(quota_id for entry in line.entries for quota_id in line.sold.quotas_of(entry))


def _name_adults(made: Made, rows: Sequence[OrderLine]) -> None:
    """Who ordered looks after the young of the order, as on a form that came by post."""
    for row in rows:
        row.facts = {**row.facts, ages.ADULTS: [made.order.buyer_name] * row.quantity}


def _value(row: Any, column: Any) -> Any:
    """What stands in the row, else the column's own default."""
    found = getattr(row, column.name)
    if found is None and column.default is not None and column.default.is_scalar:
        return column.default.arg
    return found
