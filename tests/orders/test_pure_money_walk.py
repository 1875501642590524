"""A hundred thousand random steps over the arithmetic of money: taxes, what comes back, how it is split, what is booked.

The sums are those that the services take, and the bookings those of the ledger; only the database is left out, which the
other walk goes through (test_money_walk.py).
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from swapmeet.orders import ledger
from swapmeet.orders.models import Account, Order, OrderLine, Payment, Refund
from swapmeet.orders.pieces import Piece, divide
from swapmeet.orders.refunds import cancel_sum, part_sums, split_over, terms_on
from swapmeet.orders.services.divisions import gone_part, kept_part
from swapmeet.orders.taxes import sum_taxes

STEPS = 100_000
STEPS_OF_TERMS = [
    {"until_days_before": 60, "refund_percent": 100, "fee_minor": 500},
    {"until_days_before": 14, "refund_percent": 50, "fee_minor": 0},
]
RATES = [("", 0, False), ("VAT", 1900, False), ("Sales tax", 825, True), ("VAT", 700, False)]
METHODS = list(ledger.TENDER)


@dataclass
class Page:
    """Where the bookings of one step are written; it keeps their sums."""

    sums: Counter[Account] = field(default_factory=Counter)
    last: list[int] = field(default_factory=list)

    def add(self, entry: Any) -> None:
        self.sums[entry.account] += entry.amount_minor
        self.last.append(entry.amount_minor)


@dataclass
class Bought:
    """An order as the walk knows it: its row, what it holds, money in (with what of it went back), money that waits to go."""

    order: Order
    lines: list[OrderLine]
    payments: list[list[int]] = field(default_factory=list)
    waiting: list[tuple[int, int]] = field(default_factory=list)
    page: Page = field(default_factory=Page)

    @property
    def paid(self) -> int:
        return sum(amount - gone for amount, gone in self.payments)


class Walk:
    def __init__(self, seed: int) -> None:
        self.random, self.total, self.open = random.Random(seed), Page(), list[Bought]()
        self.now, self.first_day = datetime(2026, 8, 1, tzinfo=UTC), date(2026, 12, 1)
        self.done: Counter[str] = Counter()
        self.held = 0

    def run(self, steps: int) -> None:
        deeds = (self.buy, self.buy, self.pay, self.pay, self.settle, self.give_up, self.give_back, self.cancel)
        deeds += (self.give_up_pieces,)
        for _ in range(steps):
            deed = self.random.choice(deeds)
            if deed != self.buy and not self.open:
                continue
            bought = self.random.choice(self.open) if self.open else None
            deed(bought)  # type: ignore[arg-type]
            self.done[deed.__name__] += 1
            self.now += timedelta(minutes=self.random.choice((0, 1, 5)))
            if len(self.open) > 40:
                self.close(self.open[0])

    def look(self, bought: Bought) -> None:
        """After each step: every booking sums to zero, and the books say of the order what its own sums say."""
        page, order = bought.page, bought.order
        assert sum(page.last) == 0
        page.last.clear()
        waiting = sum(amount for amount, _ in bought.waiting)
        assert order.total_minor == sum(line.total_minor for line in bought.lines)
        assert order.total_minor + order.adjust_minor >= 0, "nothing goes back twice"
        assert page.sums[Account.RECEIVABLE] == order.total_minor + order.adjust_minor - bought.paid
        assert -page.sums[Account.REFUNDS_OWED] == waiting
        taxes = sum_taxes(bought.lines)
        assert -page.sums[Account.TAX] == sum(tax.tax_minor for tax in taxes) == sum(x.tax_minor for x in bought.lines)
        assert -page.sums[Account.SALES] == order.total_minor - sum(tax.tax_minor for tax in taxes)
        kept = -page.sums[Account.FEES_KEPT] - page.sums[Account.GIVEN_BACK]
        assert kept == order.adjust_minor if bought.lines else kept >= 0
        assert all(0 <= gone <= amount for amount, gone in bought.payments)
        assert sum(page.sums[account] for account in ledger.TENDER_ACCOUNTS) == bought.paid + waiting

    def close(self, bought: Bought) -> None:
        """No more happens to it; its sums go into the whole."""
        self.open.remove(bought)
        self.total.sums.update(bought.page.sums)
        self.held -= sum(line.quantity for line in bought.lines)

    def _terms(self) -> Any:
        return terms_on(STEPS_OF_TERMS, first_day=self.first_day, today=self.now.date())

    def _ask_back(self, bought: Bought, amount: int) -> None:
        newest = bought.payments[::-1]
        parts, rest = split_over(amount, [came - gone for came, gone in newest])
        assert rest == 0 and sum(parts) == amount, "nothing goes back that did not come"
        for payment, part in zip(newest, parts, strict=True):
            payment[1] += part
            if part:
                bought.waiting.append((part, len(bought.payments)))

    # --- what people do ---------------------------------------------------------------------------------------------

    def buy(self, _: Bought | None) -> None:
        lines = []
        for _number in range(self.random.randint(1, 3)):
            name, points, is_added = self.random.choice(RATES)
            price, quantity = self.random.choice((0, 50, 333, 999, 4550, 9999)), self.random.randint(1, 3)
            line = OrderLine(kind="ticket", title="T", quantity=quantity, unit_minor=price)
            line.tax_name, line.tax_bp, line.tax_is_added = name, points, is_added
            lines.append(line)
        total = sum(line.total_minor for line in lines)
        order = Order(id=1, event_id=1, code="A", currency="USD", total_minor=total, adjust_minor=0)
        bought = Bought(order, lines)
        self.held += sum(line.quantity for line in lines)
        book: Any = bought.page
        ledger.post_sale(book, order, lines, now=self.now)
        self.open.append(bought)
        self.look(bought)

    def pay(self, bought: Bought) -> None:
        amount = max(1, bought.order.total_minor * self.random.choice((100, 100, 40, 60, 130)) // 100)
        bought.payments.append([amount, 0])
        payment = Payment(method=self.random.choice(METHODS), amount_minor=amount, reference="")
        book: Any = bought.page
        ledger.post_payment(book, bought.order, payment, now=self.now)
        self.look(bought)

    def settle(self, bought: Bought) -> None:
        if bought.waiting:
            amount, _ = bought.waiting.pop()
            refund = Refund(method=self.random.choice(METHODS), amount_minor=amount, reference="")
            book: Any = bought.page
            ledger.post_refund(book, bought.order, refund, now=self.now)
            self.look(bought)

    def give_up(self, bought: Bought) -> None:
        if len(bought.lines) < 2:
            return
        self._give_up(bought, bought.lines.pop(self.random.randrange(len(bought.lines))))

    def give_up_pieces(self, bought: Bought) -> None:
        """Some of a line that holds several: it becomes two, which cost and owe in taxes together what it did."""
        several = [line for line in bought.lines if line.quantity > 1]
        if not several:
            return
        line = self.random.choice(several)
        numbers = self.random.sample(range(1, line.quantity + 1), self.random.randint(1, line.quantity - 1))
        division = divide([Piece(n, (n,)) for n in range(1, line.quantity + 1)], numbers)
        gone, kept = gone_part(line, division), kept_part(line, division)
        assert kept.total_minor + gone.total_minor == line.total_minor
        assert kept.tax_minor + gone.tax_minor == line.tax_minor
        bought.lines[bought.lines.index(line)] = kept
        self._give_up(bought, gone)

    def _give_up(self, bought: Bought, gone: OrderLine) -> None:
        order = bought.order
        stays = order.total_minor - gone.total_minor + order.adjust_minor
        totals = [(gone.total_minor, self._terms())]
        back, kept = part_sums(bought.paid, stays, totals, is_full=self.random.random() < 0.3)
        order.total_minor -= gone.total_minor
        order.adjust_minor += kept
        self.held -= gone.quantity
        book: Any = bought.page
        ledger.post_cancellation(book, order, [gone], kept_minor=kept, owed_back_minor=back, now=self.now)
        self._ask_back(bought, back)
        self.look(bought)

    def give_back(self, bought: Bought) -> None:
        order = bought.order
        amount = min(bought.paid, order.total_minor + order.adjust_minor, self.random.choice((1, 500, 10_000)))
        if amount > 0:
            order.adjust_minor -= amount
            book: Any = bought.page
            ledger.post_giving_back(book, order, amount, now=self.now)
            self._ask_back(bought, amount)
            self.look(bought)

    def cancel(self, bought: Bought) -> None:
        if self.random.random() < 0.5:
            return
        order, paid = bought.order, bought.paid
        totals = [(line.total_minor, self._terms()) for line in bought.lines]
        back = cancel_sum(paid, order.total_minor, order.adjust_minor, totals)
        assert 0 <= back <= paid - min(paid, max(0, order.adjust_minor)), "what was kept before stays kept"
        if self.random.random() < 0.3:
            back = paid
        kept = paid - back - order.adjust_minor
        book: Any = bought.page
        ledger.post_cancellation(book, order, bought.lines, kept_minor=kept, owed_back_minor=back, now=self.now)
        self._ask_back(bought, back)
        self.held -= sum(line.quantity for line in bought.lines)
        bought.lines, order.total_minor, order.adjust_minor = [], 0, bought.paid
        self.look(bought)
        self.close(bought)


def test_a_hundred_thousand_steps_leave_every_order_and_the_whole_balanced() -> None:
    walk = Walk(seed=20261128)
    walk.run(STEPS)
    while walk.open:
        walk.close(walk.open[0])
    assert sum(walk.total.sums.values()) == 0
    assert walk.held == 0, "what is held is what open orders hold"
    assert sum(walk.done.values()) > STEPS * 9 // 10
    assert all(
        walk.done[name] > 1000 for name in ("buy", "pay", "settle", "give_up", "give_up_pieces", "give_back", "cancel")
    )
