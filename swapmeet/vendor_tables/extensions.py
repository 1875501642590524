"""What vendor_tables brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.infra.registry import CloneStep, ImportStep, NavEntry, Panel, Registry
from swapmeet.vendor_tables import importing, models, panels, views
from swapmeet.vendor_tables.sellable import TableSellable

BLUEPRINTS: list[Blueprint] = [views.bp]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    sellable = TableSellable()
    registry.sellables[sellable.kind] = sellable
    registry.import_steps.append(
        ImportStep(40, "tables", importing.KEYS, importing.check_tables, importing.apply_tables)
    )
    registry.clone_steps.append(CloneStep(40, importing.clone_tables))
    registry.publish_checks.append(importing.publish_problems)
    registry.panels.append(Panel("show.facts", 30, "vendor_tables/_facts.html", panels.tables_left))
    registry.navigation += [
        NavEntry("show.tabs", 30, "Tables", "vendor_tables.pick", "table"),
        NavEntry("show.tabs", 40, "Vendors", "vendor_tables.list_vendors", "store"),
        NavEntry("account.side", 30, "My tables", "vendor_tables.my_tables", "table"),
    ]


__all__ = ["BLUEPRINTS", "bind", "models"]
