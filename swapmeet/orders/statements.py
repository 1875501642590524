"""Statements as of any past day: each order of somebody who buys, each thing of somebody who sells, and money by product."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.orders.ledger import MOVED, TENDER_ACCOUNTS
from swapmeet.orders.models import Account, LedgerEntry, Order, OrderLine
from swapmeet.orders.shares import Item, Share, Shared, Sums, share_out
from swapmeet.orders.taxes import tax_of

SINGLE = ("ticket", "seat")  # kinds whose things are told apart; of the others each is one of many alike
KEPT, OVER = "Kept from what was given up", "Paid too much, or to be sent back"


@dataclass(frozen=True)
class OrderSums:
    """What the books say of one order, and when it is due."""

    order_id: int
    due_at: datetime | None
    sums: Sums


def read_order_sums(
    db_session: Session, event: Event, *, as_of: datetime, order_ids: Collection[int] | None = None
) -> list[OrderSums]:
    """Of all orders of a show (or these), by id. One statement; linear in the number of orders."""
    amount = LedgerEntry.amount_minor
    wanted = (
        select(
            Order.id,
            Order.due_at,
            LedgerEntry.account,
            func.sum(amount),
            func.sum(case((amount > 0, amount), else_=0)),
        )
        .join(LedgerEntry, LedgerEntry.order_id == Order.id)
        .where(Order.event_id == event.id, LedgerEntry.posted_at <= as_of, LedgerEntry.detail != MOVED)
        .group_by(Order.id, Order.due_at, LedgerEntry.account)
        .order_by(Order.id)
    )
    if order_ids is not None:
        wanted = wanted.where(Order.id.in_(order_ids))
    due: dict[int, datetime | None] = {}
    balances: dict[int, dict[Account, tuple[int, int]]] = defaultdict(dict)
    for order_id, due_at, account, balance, came_in in db_session.execute(wanted):
        due[order_id] = due_at
        balances[order_id][account] = int(balance), int(came_in)
    return [OrderSums(order_id, due_at, _sums(balances[order_id])) for order_id, due_at in due.items()]


def _sums(balances: Mapping[Account, tuple[int, int]]) -> Sums:
    def of(*accounts: Account) -> int:
        return sum(balances.get(account, (0, 0))[0] for account in accounts)

    paid = sum(balances.get(account, (0, 0))[1] for account in TENDER_ACCOUNTS)
    return Sums(
        sold=-of(Account.SALES, Account.TAX),
        kept=-of(Account.FEES_KEPT, Account.GIVEN_BACK),
        paid=paid,
        refunded=paid - of(*TENDER_ACCOUNTS),
        owed=of(Account.RECEIVABLE),
        to_send_back=-of(Account.REFUNDS_OWED),
    )


@dataclass(frozen=True)
class Line:
    """A line that had been ordered at that instant."""

    order_id: int
    kind: str
    product_id: int
    item: Item  # its key: what people call it


def read_lines(
    db_session: Session, event: Event, *, as_of: datetime, order_ids: Collection[int] | None = None
) -> dict[int, list[Line]]:
    """By order, each in the order they were put in. One statement."""
    wanted: Any = (
        select(
            OrderLine.order_id,
            OrderLine.kind,
            OrderLine.product_id,
            OrderLine.title,
            OrderLine.quantity,
            OrderLine.unit_minor,
            OrderLine.tax_bp,
            OrderLine.tax_is_added,
            OrderLine.tax_shift_minor,
            OrderLine.released_at,
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.event_id == event.id, Order.placed_at <= as_of, OrderLine.created_at <= as_of)
        .order_by(OrderLine.id)
    )
    if order_ids is not None:
        wanted = wanted.where(Order.id.in_(order_ids))
    found: dict[int, list[Line]] = defaultdict(list)
    for row in db_session.execute(wanted):
        total = row.unit_minor * row.quantity
        if row.tax_bp and row.tax_is_added:
            total += tax_of(total, row.tax_bp, is_added=True) + row.tax_shift_minor
        is_held = row.released_at is None or row.released_at > as_of
        name = row.title if row.kind in SINGLE else _noun(row.kind)
        item = Item(name, row.quantity, total, is_held)
        found[row.order_id].append(Line(row.order_id, row.kind, row.product_id, item))
    return found


def _noun(kind: str) -> str:
    """What people call a kind of thing; its own name where nobody sells it any more."""
    sellable = registry().sellables.get(kind)
    return str(sellable.noun if sellable is not None else kind).capitalize()


@dataclass(frozen=True)
class ProductRow:
    """One thing: pieces held and their price, what came in for it, what went back, what is owed."""

    name: str
    pieces: int
    sold: int
    paid: int
    refunded: int
    owed: int

    @property
    def net(self) -> int:
        return self.paid - self.refunded


def share_orders(orders: Iterable[OrderSums], lines: Mapping[int, Sequence[Line]]) -> list[tuple[list[Line], Shared]]:
    """Each order with its lines and what each of them has of its money."""
    found = []
    for order in orders:
        held = list(lines.get(order.order_id, ()))
        found.append((held, share_out([line.item for line in held], order.sums)))
    return found


def sum_products(shares: Iterable[Share]) -> list[ProductRow]:
    """By what people call it, the most money first."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for share in shares:
        item = share.item
        is_held = int(item.is_held)
        values = (item.pieces * is_held, item.total_minor * is_held, share.paid, share.refunded, share.owed)
        found[str(item.key)] = [one + more for one, more in zip(found[str(item.key)], values, strict=True)]
    rows = [ProductRow(name, *values) for name, values in found.items() if any(values)]
    return sorted(rows, key=lambda row: (-row.net, row.name))


def list_product_money(orders: Iterable[OrderSums], lines: Mapping[int, Sequence[Line]]) -> list[tuple[str, int]]:
    """(product, minor units that came in for it and have not gone back), the most first, then what belongs to none.

    All of it adds up to what the show has in hand, credits included.
    """
    done = share_orders(orders, lines)
    rows = [
        (row.name, row.net) for row in sum_products(each for _, shared in done for each in shared.shares) if row.net
    ]
    others = [(KEPT, sum(shared.kept for _, shared in done)), (OVER, sum(shared.over for _, shared in done))]
    return [*rows, *(pair for pair in others if pair[1])]


@dataclass(frozen=True)
class Row:
    """A row of a statement. `code` is an order's, "" for a thing."""

    name: str
    detail: str
    sums: Sums
    code: str = ""


@dataclass(frozen=True)
class PartyStatement:
    """Who it is for, its rows, and their sum."""

    name: str
    word: str  # "Vendor", "Teacher", "Organizer"
    rows: list[Row]

    @property
    def total(self) -> Sums:
        total = Sums()
        for row in self.rows:
            total = total.plus(row.sums)
        return total


def list_parties(db_session: Session, event: Event) -> list[tuple[str, Any, list[tuple[int, str]]]]:
    """(kind, what it is, [(id, name)]) of everybody a statement can be made for."""
    return [(name, kind, kind.list(db_session, event=event)) for name, kind in sorted(registry().statements.items())]


def read_statement(
    db_session: Session, event: Event, *, kind: str, party_id: int, as_of: datetime
) -> PartyStatement | None:
    """Of one party at one instant; None where there is no such party in the show."""
    known = registry().statements.get(kind)
    name = dict(known.list(db_session, event=event)).get(party_id) if known is not None else None
    if known is None or name is None:
        return None
    if known.orders is not None:
        ids = known.orders(db_session, event=event, party_id=party_id)
        return PartyStatement(name, known.word, _order_rows(db_session, event, ids, as_of))
    products = known.products(db_session, event=event, party_id=party_id) if known.products is not None else None
    return PartyStatement(name, known.word, _product_rows(db_session, event, products, as_of))


def _order_rows(db_session: Session, event: Event, order_ids: Collection[int], as_of: datetime) -> list[Row]:
    """What somebody bought: a row for each order, what it holds as its detail."""
    lines = read_lines(db_session, event, as_of=as_of, order_ids=order_ids)
    named = db_session.execute(select(Order.id, Order.code).where(Order.id.in_(order_ids)))
    codes = {row.id: row.code for row in named}
    rows = []
    for order in read_order_sums(db_session, event, as_of=as_of, order_ids=order_ids):
        pieces: dict[str, int] = defaultdict(int)
        for line in lines.get(order.order_id, ()):
            pieces[str(line.item.key)] += line.item.pieces if line.item.is_held else 0
        holds = ", ".join(f"{count} × {name}" for name, count in pieces.items() if count)
        code = codes[order.order_id]
        rows.append(Row(f"Order {code}", holds or "given up", order.sums, code))
    return rows


def _product_rows(
    db_session: Session, event: Event, products: Collection[tuple[str, int]] | None, as_of: datetime
) -> list[Row]:
    """What somebody sold: a row for each thing, money shared out by price. `products` None: all the show sells."""
    lines = read_lines(db_session, event, as_of=as_of)
    ids = None
    if products is not None:
        wanted = set(products)
        ids = {id_ for id_, group in lines.items() if any((each.kind, each.product_id) in wanted for each in group)}
    done = share_orders(read_order_sums(db_session, event, as_of=as_of, order_ids=ids), lines)
    shares = [
        share
        for group, shared in done
        for line, share in zip(group, shared.shares, strict=True)
        if products is None or (line.kind, line.product_id) in products
    ]
    rows = [
        Row(each.name, f"{each.pieces} sold", Sums(each.sold, 0, each.paid, each.refunded, each.owed))
        for each in sum_products(shares)
    ]
    return [*rows, *(_rests(done) if products is None else [])]


def _rests(done: Sequence[tuple[list[Line], Shared]]) -> list[Row]:
    """What belongs to no thing."""
    kept, over = (sum(getattr(shared, name) for _, shared in done) for name in ("kept", "over"))
    found = [(KEPT, Sums(kept=kept, paid=kept)), (OVER, Sums(paid=over, to_send_back=over))]
    return [Row(name, "", sums) for name, sums in found if sums.paid]
