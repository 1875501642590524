"""What applications bring to the whole: pages, navigation, what waits for the team, mails, personal data, invariants."""

from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import CloneStep, DemoStep, NavEntry, Panel, Registry, Waiting
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications import (
    asked,
    cloning,
    demo,
    doctor,
    fees,
    mail,
    manage_decisions,
    manage_waves,
    pages,
    personal,
    photo_views,
    queries,
)
from swapmeet.vendor_tables.applications.fee_sellable import FeeSellable
from swapmeet.vendor_tables.applications.manage import bp as manage_bp
from swapmeet.vendor_tables.applications.services import offers, photos, rights, standing
from swapmeet.vendor_tables.applications.services.following import follow
from swapmeet.vendor_tables.applications.services.moving import MAIL
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.applications.views import bp
from swapmeet.web.filters import plural

PAGES = (manage_decisions, manage_waves, photo_views)  # importing them puts their pages on the blueprint
CLOCK_EVERY_S = 30.0
BLUEPRINTS: list[Blueprint] = [bp, manage_bp]


def side_card(db_session: Session, event: Event, now: datetime) -> dict[str, Any] | None:
    """On the show's page: the way to apply, where the show gives out tables that way."""
    selling = queries.find_window(db_session, event_id=event.id)
    standing = pages.standing_at(event, selling, now)
    return {"selling": selling, "application_standing": standing} if standing in ("open", "late", "not_yet") else None


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Applications that nobody has looked into yet."""
    fresh = queries.count_by_state(db_session, event_id=event.id).get(ApplicationState.SUBMITTED, 0)
    if not fresh:
        return []
    title = f"{plural(fresh, 'new application', 'new applications')} from vendors"
    address = url_for("applications_manage.list_applications", slug=event.slug, state="submitted")
    return [Waiting(title, "Nobody has looked into them yet.", "Read", address)]


def to_score(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Applications for a reviewer to score."""
    counts = queries.count_by_state(db_session, event_id=event.id)
    open_ = sum(counts.get(state, 0) for state in (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW))
    if not open_:
        return []
    address = url_for("applications_manage.review", slug=event.slug)
    return [Waiting(f"{plural(open_, 'application', 'applications')} to score", "", "Score", address)]


def run_clocks(db_session: Session, now: datetime) -> None:
    """Offers and times for changes that are over."""
    standing.enter_all(db_session, now=now)
    offers.run_clocks(db_session, now=now)
    rights.close_windows(db_session, now=now)


def close_all(db_session: Session, event: Event, by: Actor, now: datetime) -> None:
    """The show is canceled: open offers lapse. Orders are given up by orders, and their applications with them."""
    offers.end_all(db_session, event=event, now=now)


def register(registry: Registry) -> None:
    """Put the parts of applications into the registry."""
    registry.periodic.append((CLOCK_EVERY_S, "vendor applications", run_clocks))
    registry.cancel_steps.append(close_all)
    registry.clone_steps.append(CloneStep(42, cloning.clone))
    registry.line_followers.append(follow)
    registry.jobs[photos.JOB] = Handler(run=photos.finish_photo, prepare=photos.prepare_photo, heavy=True, lease_s=60)
    registry.sellables[fees.KIND] = FeeSellable()
    registry.paid_ahead.add(fees.KIND)
    registry.jobs[fees.JOB] = Handler(run=fees.give_back)
    registry.cancel_vetoes.append(fees.veto)
    registry.part_vetoes.append(fees.veto)
    registry.kept_answers.append(asked.kept_answers)
    registry.composers[rights.RIGHT_MAIL] = mail.compose_right
    registry.composers[MAIL] = mail.compose
    registry.doctor += doctor.QUERIES
    registry.demo.append(DemoStep(45, "vendor applications", demo.fill))
    registry.personal_data.append(personal.ApplicationsData())
    registry.waiting.append((Permission.TABLES_EDIT, waiting))
    registry.waiting.append((Permission.VENDORS_SCORE, to_score))
    registry.panels.append(Panel("show.side", 20, "vendor_tables/applications/_side.html", side_card))
    registry.navigation.append(
        NavEntry(
            "manage.side", 44, "Applications", "applications_manage.list_applications", "file", Permission.VENDORS_VIEW
        )
    )
    registry.navigation.append(
        NavEntry("manage.side", 44, "Scores", "applications_manage.review", "star", Permission.VENDORS_SCORE)
    )
