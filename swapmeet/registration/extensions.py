"""What registration brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.infra.registry import Panel, Registry
from swapmeet.registration import panels
from swapmeet.registration.sellable import TicketSellable

BLUEPRINTS: list[Blueprint] = []


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.sellables[TicketSellable.kind] = TicketSellable()
    registry.panels.append(Panel("show.side", 10, "registration/_side.html", panels.load_card))
