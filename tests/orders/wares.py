"""Something to sell in the tests of orders: a sellable whose products are quotas, with a price list kept on the object."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import Registry
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import NotFound
from swapmeet.orders.models import Order, OrderLine, Quota
from swapmeet.orders.pieces import Piece
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import Buyer, CheckoutField, Product, Quote, Waitable, Wish


class Ware:
    """Product = quota id. `prices` in minor units (0 when absent); `also` maps a product to further quotas it takes."""

    noun = "ticket"
    can_change_quantity = True

    def __init__(self, kind: str = "ticket") -> None:
        self.kind = kind
        self.prices: dict[int, int] = {}
        self.also: dict[int, list[int]] = {}
        self.refuse_claim: Exception | None = None
        self.calls: list[tuple[str, list[int]]] = []

    by_seat = ("names",)

    def pieces(self, db_session: Session, *, order: Order, lines: Sequence[OrderLine]) -> dict[int, list[Piece]]:
        """As a divider: one for each."""
        numbers = {line.id: range(1, line.quantity + 1) for line in lines}
        return {line.id: [Piece(n, (n,), self._kept(line, n)) for n in numbers[line.id]] for line in lines}

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        quotes = []
        for wish in wishes:
            quota = db_session.get(Quota, wish.product_id)
            if quota is None or quota.event_id != event.id:
                raise NotFound("There is no such ticket.")
            quotas = dict.fromkeys([quota.id, *self.also.get(quota.id, [])], 1)
            quotes.append(Quote(wish, quota.name, self.prices.get(quota.id, 0), "for both days", quotas, {"c": 1}))
        return quotes

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        quotas = db_session.scalars(select(Quota).where(Quota.event_id == event.id).order_by(Quota.id)).all()
        return [Product(self.kind, each.id, each.name, each.id) for each in quotas]

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        quotas = db_session.scalars(select(Quota).where(Quota.event_id == event.id).order_by(Quota.id)).all()
        free = free_units(db_session, [quota.id for quota in quotas], now=now)
        return [
            Waitable(
                self.kind,
                each.id,
                each.name,
                free[each.id],
                20,
                dict.fromkeys([each.id, *self.also.get(each.id, [])], 1),
            )
            for each in quotas
            if free[each.id] is not None
        ]

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return [Wish(self.kind, thing.product_id, count)]

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
        self._note("claim", lines)
        if self.refuse_claim is not None:
            raise self.refuse_claim

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        self._note("extend", lines)

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        return {
            line.id: [
                CheckoutField(f"line-{line.id}-name-{n}", f"Name on ticket {n}", self._kept(line, n))
                for n in range(1, line.quantity + 1)
            ]
            for line in lines
        }

    def _kept(self, line: OrderLine, number: int) -> str:
        names: list[str] = line.facts.get("names", [])
        return names[number - 1] if len(names) >= number else ""

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """Wares stand by themselves."""
        return []

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        names = [answers.get(f"line-{line.id}-name-{n}", "") for n in range(1, line.quantity + 1)]
        line.facts = {**line.facts, "names": names}

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        self._note("confirm", lines)

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        self._note(f"release:{reason}", lines)

    def _note(self, deed: str, lines: Sequence[OrderLine]) -> None:
        self.calls.append((deed, [line.id for line in lines]))

    def deeds(self) -> list[str]:
        return [deed for deed, _ in self.calls]


def put_on_sale(app: Any, kind: str = "ticket") -> Ware:
    """Replace the sellable of this kind. Returns it; the fixture `app` puts the real one back."""
    registry: Registry = app.extensions["swapmeet_registry"]
    ware = Ware(kind)
    registry.sellables[kind] = registry.dividers[kind] = ware
    return ware
