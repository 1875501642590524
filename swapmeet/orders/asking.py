"""Further parts of the page that places an order. Features register theirs; orders shows and checks them, and never looks inside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.sellables import CheckoutField


class FieldBlock(Protocol):
    """Fields that stand together."""

    def fields(self) -> dict[str, Any]:
        """Unbound fields by name. Names begin with "ask-", or with "line-{id}-" where they belong to a line."""
        ...


class CheckoutPart(Protocol):
    """What one feature asks when an order is placed. Registered in `registry.checkout_parts`."""

    template: str  # gets `blocks` and `form`

    def blocks(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        fields: Mapping[int, Sequence[CheckoutField]],
    ) -> Sequence[FieldBlock]:
        """What these lines ask; often nothing, and then without a statement."""
        ...

    def keep(
        self, db_session: Session, *, order: Order, blocks: Sequence[Any], form: Any, by: Actor, now: datetime
    ) -> None:
        """Keep what the form says, in the transaction that places the order."""
        ...


Parts = Sequence[tuple[CheckoutPart, Sequence[FieldBlock]]]


def checkout_parts(
    db_session: Session, *, event: Event, lines: Sequence[OrderLine], fields: Mapping[int, Sequence[CheckoutField]]
) -> Parts:
    """The parts that have something to ask."""
    found = [
        (part, part.blocks(db_session, event=event, lines=lines, fields=fields)) for part in registry().checkout_parts
    ]
    return [(part, blocks) for part, blocks in found if blocks]


def fields_of_parts(parts: Parts) -> dict[str, Any]:
    """All their unbound fields by name, for the form."""
    return {name: each for _, blocks in parts for block in blocks for name, each in block.fields().items()}


def draw_parts(parts: Parts, form: Any) -> list[Markup]:
    """The parts as they stand on the page."""
    return [Markup(render_template(part.template, blocks=blocks, form=form)) for part, blocks in parts]


def keep_parts(db_session: Session, parts: Parts, *, order: Order, form: Any, by: Actor, now: datetime) -> None:
    for part, blocks in parts:
        part.keep(db_session, order=order, blocks=blocks, form=form, by=by, now=now)
