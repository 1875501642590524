"""What orders brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.infra.registry import NavEntry, Registry
from swapmeet.orders.views import bp, carts, checkout, orders

BLUEPRINTS: list[Blueprint] = [bp]
VIEWS = (carts, checkout, orders)  # importing them puts their views on the blueprint


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    registry.navigation.append(NavEntry("account.side", 20, "My orders", "orders.my_orders", "receipt"))
