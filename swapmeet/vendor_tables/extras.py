"""Sells what comes with tables for money: power, chairs, badges for more helpers. One line is some pieces of one extra."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.badges.models import AttendeeRole
from swapmeet.badges.queries import list_attendees_of_lines
from swapmeet.badges.services import Admission, admit, rename_attendees, withdraw
from swapmeet.events.models import Event
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import HELD, Buyer, CheckoutField, Product, Quote, Waitable, Wish
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.errors import ExtraNeedsTable, PlaceNotFound, TablesNotOnSale, TooManyTables
from swapmeet.vendor_tables.models import ExtraKind, TableExtra
from swapmeet.vendor_tables.sellable import sale_window

KIND = "extra"


def list_extras(db_session: Session, *, event_id: int, is_sold: bool | None = None) -> list[TableExtra]:
    """By position, then id; `is_sold` keeps those that can be had now, or not any more."""
    statement = select(TableExtra).where(TableExtra.event_id == event_id)
    if is_sold is not None:
        statement = statement.where(TableExtra.is_sold.is_(is_sold))
    return list(db_session.scalars(statement.order_by(TableExtra.position, TableExtra.id)))


def find_extra(db_session: Session, *, event_id: int, extra_id: int) -> TableExtra | None:
    return db_session.scalar(select(TableExtra).where(TableExtra.event_id == event_id, TableExtra.id == extra_id))


class ExtraSellable:
    """An extra needs a table of the same order, or one that the buyer has at this show already."""

    kind = KIND
    noun = "extra"
    can_change_quantity = True

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        """One quote a wish. Raises PlaceNotFound, TablesNotOnSale, TooManyTables."""
        known = {extra.id: extra for extra in list_extras(db_session, event_id=event.id)}
        held = {int(wish.choice[HELD]) for wish in wishes if HELD in wish.choice}
        lines = list_live_lines(db_session, buyer.order) if buyer.order is not None and buyer.order.id else []
        counts: dict[int, int] = {}
        for line in lines:
            if line.kind == KIND and line.id not in held:
                counts[line.product_id] = counts.get(line.product_id, 0) + line.quantity
        quotes = []
        for wish in wishes:
            extra = known.get(wish.product_id)
            if extra is None:
                raise PlaceNotFound("There is no such extra at this show.")
            counts[extra.id] = counts.get(extra.id, 0) + wish.quantity
            if HELD not in wish.choice:
                _check(event, extra, counts[extra.id], now)
            facts = {key: value for key, value in wish.choice.items() if key != HELD}
            quotes.append(Quote(wish, extra.name, extra.price_minor, "With your table", {}, facts, "vendor_refund"))
        return quotes

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        """Codes and the page of prices name tables, not what goes with them."""
        return []

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        """Extras do not run out."""
        return []

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return []

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        return []

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
        """Nothing is taken. Raises ExtraNeedsTable for a buyer without a table."""
        _check_table(db_session, db_session.get_one(Order, lines[0].order_id), now)

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        return

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        """Whose name goes onto each paid badge, if known."""
        badges = _badge_ids(db_session, lines)
        return {line.id: [_field(line, seat) for seat in _seats(line)] for line in lines if line.product_id in badges}

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """Extras of tables stand by themselves."""
        return []

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        """Keep the helpers' names, also after the sale. Raises ExtraNeedsTable when the table left the cart meanwhile."""
        order = db_session.get_one(Order, line.order_id)
        if order.state is OrderState.CART:
            _check_table(db_session, order, now)
        prefix = f"line-{line.id}-helper-"
        helpers = {
            name.removeprefix(prefix): text.strip()[:200] for name, text in answers.items() if name.startswith(prefix)
        }
        if helpers:
            line.facts = {**line.facts, "helpers": helpers}
        attendees = list_attendees_of_lines(db_session, line_ids=[line.id])
        names = {each.id: _helper(line, each.seat, order.buyer_name) for each in attendees}
        if names:
            rename_attendees(db_session, attendees=attendees, names=names, by=Actor.guest("buyer"), now=now)

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        """Paid badges are issued; what else was bought is on the lists."""
        badges = _badge_ids(db_session, lines)
        admissions = [
            Admission(
                name=_helper(line, seat, order.buyer_name),
                line_id=line.id,
                seat=seat,
                role=AttendeeRole.ASSISTANT,
                ticket_label="Vendor's helper",
            )
            for line in lines
            if line.product_id in badges
            for seat in _seats(line)
        ]
        if admissions:
            admit(db_session, event_id=order.event_id, admissions=admissions, order_code=order.code, now=now)

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        withdraw(db_session, line_ids=[line.id for line in lines], reason=reason, now=now)


def _check(event: Event, extra: TableExtra, count: int, now: datetime) -> None:
    if not extra.is_sold or not sale_window(event).contains(now):
        raise TablesNotOnSale(f"“{extra.name}” is not sold at the moment.")
    if count > extra.limit_per_order:
        raise TooManyTables(f"One order can have {extra.limit_per_order} of “{extra.name}” at most.", field="quantity")


def _check_table(db_session: Session, order: Order, now: datetime) -> None:
    if any(line.kind == queries.KIND for line in list_live_lines(db_session, order)):
        return
    if order.person_id is not None and queries.list_owned(
        db_session, event_id=order.event_id, person_id=order.person_id, cart_id=None, now=now
    ):
        return
    raise ExtraNeedsTable("Extras come with a table. Choose a table first, or leave the extras out.")


def _badge_ids(db_session: Session, lines: Sequence[OrderLine]) -> set[int]:
    if not lines:
        return set()
    extras = list_extras(db_session, event_id=lines[0].event_id)
    return {extra.id for extra in extras if extra.kind is ExtraKind.BADGE}


def _seats(line: OrderLine) -> range:
    return range(1, line.quantity + 1)


def _field(line: OrderLine, seat: int) -> CheckoutField:
    return CheckoutField(
        name=f"line-{line.id}-helper-{seat}",
        label=f"Name of helper {seat} of {line.quantity}" if line.quantity > 1 else "Name of the helper",
        value=str(line.facts.get("helpers", {}).get(str(seat), "")),
        hint="For the badge you add. It can follow later." if seat == 1 else "",
        required=False,
    )


def _helper(line: OrderLine, seat: int, buyer: str) -> str:
    return str(line.facts.get("helpers", {}).get(str(seat)) or f"{buyer}, helper")
