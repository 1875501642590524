"""What vendor_tables brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.infra.registry import CloneStep, ImportStep, Registry
from swapmeet.vendor_tables import importing, models
from swapmeet.vendor_tables.sellable import TableSellable

BLUEPRINTS: list[Blueprint] = []


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    sellable = TableSellable()
    registry.sellables[sellable.kind] = sellable
    registry.import_steps.append(
        ImportStep(40, "tables", importing.KEYS, importing.check_tables, importing.apply_tables)
    )
    registry.clone_steps.append(CloneStep(40, importing.clone_tables))
    registry.publish_checks.append(importing.publish_problems)


__all__ = ["BLUEPRINTS", "bind", "models"]
