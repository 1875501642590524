"""What placing runs bring to the whole: pages, navigation, what waits for the team, the job, invariants."""

from datetime import datetime

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import NavEntry, Registry, Waiting
from swapmeet.vendor_tables.applications.services.standing import KIND
from swapmeet.vendor_tables.runs import doctor, jobs
from swapmeet.vendor_tables.runs.manage import bp as manage_bp
from swapmeet.vendor_tables.runs.models import PlacingRun, RunState
from swapmeet.vendor_tables.runs.promoting import ApplicationLine
from swapmeet.vendor_tables.runs.views import bp
from swapmeet.vendor_tables.runs.words import RULE_LABELS

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """The newest run has a result, and nobody has accepted one since."""
    newest = db_session.scalar(
        select(PlacingRun).where(PlacingRun.event_id == event.id).order_by(PlacingRun.number.desc()).limit(1)
    )
    if newest is None or newest.state is not RunState.DONE:
        return []
    detail = f"“{RULE_LABELS[newest.rule]}” places {newest.measures['placed']} of {newest.measures['vendors']} vendors."
    address = url_for("placing_manage.overview", slug=event.slug)
    return [Waiting("A placing is ready", f"{detail} Nobody has an offer yet.", "Compare", address)]


def register(registry: Registry) -> None:
    """Put the parts of placing runs into the registry."""
    jobs.register(registry)
    registry.sellables[KIND] = ApplicationLine()
    registry.doctor += doctor.QUERIES
    registry.waiting.append((Permission.TABLES_EDIT, waiting))
    registry.navigation.append(
        NavEntry("manage.side", 44, "Placing", "placing_manage.overview", "star", Permission.VENDORS_VIEW)
    )
