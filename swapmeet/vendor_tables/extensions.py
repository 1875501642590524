"""What vendor_tables brings to the whole: its blueprints, and its part of every extension point."""

from flask import Blueprint

from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, NavEntry, Panel, Registry, StatementKind
from swapmeet.vendor_tables import (
    demo,
    deposits,
    doctor,
    importing,
    mail,
    manage,
    manage_arrivals,
    manage_exchange,
    manage_extras,
    manage_floor,
    manage_layout,
    manage_paper,
    manage_plan,
    models,
    notes,
    panels,
    paper,
    personal,
    plan_models,
    plan_paper,
    price_models,
    queries,
    views,
)
from swapmeet.vendor_tables.applications import parts as applications
from swapmeet.vendor_tables.documents import parts as documents
from swapmeet.vendor_tables.extras import ExtraSellable
from swapmeet.vendor_tables.runs import parts as runs
from swapmeet.vendor_tables.sellable import TableSellable
from swapmeet.vendor_tables.services import desk, reseating
from swapmeet.vendor_tables.upgrades import parts as upgrades

BLUEPRINTS: list[Blueprint] = [
    views.bp,
    manage.bp,
    *applications.BLUEPRINTS,
    *runs.BLUEPRINTS,
    *documents.BLUEPRINTS,
    *upgrades.BLUEPRINTS,
]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    for sellable in (TableSellable(), ExtraSellable()):
        registry.sellables[sellable.kind] = sellable
    registry.import_steps.append(
        ImportStep(40, "tables", importing.KEYS, importing.check_tables, importing.apply_tables)
    )
    registry.clone_steps.append(CloneStep(40, importing.clone_tables))
    registry.publish_checks.append(importing.publish_problems)
    registry.known_buyers.append(queries.is_vendor)
    registry.statements["vendor"] = StatementKind(
        "Vendor", "Vendors", queries.list_buying_vendors, orders=queries.list_orders_of_vendor
    )
    registry.cancel_steps.append(desk.release_all_holds)
    registry.documents.update(paper.DOCUMENTS)
    registry.composers[desk.MOVED_MAIL] = mail.compose_moved
    registry.composers[reseating.RESEATED_MAIL] = mail.compose_reseated
    registry.due_plans |= {TableSellable.kind: deposits.due_later, ExtraSellable.kind: deposits.due_later}
    registry.reseaters.append(reseating.reseat)
    registry.documents[plan_paper.KIND] = plan_paper.DOCUMENT
    registry.demo.append(DemoStep(40, "tables", demo.fill))
    registry.doctor += doctor.QUERIES
    registry.personal_data.append(
        personal.TablesData()
    )  # erased after what follows: it cuts the person off their profile
    applications.register(registry)
    runs.register(registry)
    documents.register(registry)
    upgrades.register(registry)
    registry.waiting.append((Permission.TABLES_EDIT, panels.waiting_lines))
    registry.list_notes.append(notes.notes_for)
    registry.panels += [
        Panel("show.facts", 30, "vendor_tables/_facts.html", panels.tables_left),
        Panel("manage.numbers", 30, "vendor_tables/_numbers.html", panels.table_numbers),
        Panel("manage.charts", 30, "vendor_tables/_chart.html", panels.tables_by_state),
        Panel("order.main", 20, "vendor_tables/_order.html", panels.tables_of_order),
    ]
    registry.navigation += [
        NavEntry("show.tabs", 30, "Tables", "vendor_tables.pick", "table"),
        NavEntry("show.tabs", 40, "Vendors", "vendor_tables.list_vendors", "store"),
        NavEntry("account.side", 30, "My tables", "vendor_tables.my_tables", "table"),
        NavEntry("manage.side", 40, "Tables", "vendor_tables_manage.board", "table", Permission.VENDORS_VIEW),
        NavEntry("manage.side", 45, "Vendors", "vendor_tables_manage.vendors", "store", Permission.VENDORS_VIEW),
    ]


__all__ = [
    "BLUEPRINTS",
    "bind",
    "manage_arrivals",
    "manage_exchange",
    "manage_extras",
    "manage_floor",
    "manage_layout",
    "manage_paper",
    "manage_plan",
    "models",
    "plan_models",
    "price_models",
]
