"""What the upgrade round brings to the whole: its page, its clock before every move of the line, mail, invariants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.infra.registry import DemoStep, DoctorQuery, Registry
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.models import Reservation
from swapmeet.vendor_tables.upgrades import demo, services
from swapmeet.vendor_tables.upgrades.models import UpgradeOffer, UpgradeState
from swapmeet.vendor_tables.upgrades.views import bp

BLUEPRINTS: list[Blueprint] = [bp]
CLOCK_EVERY_S = 20.0
SHOWN = 20


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """A better table is held for a vendor. Dropped when the offer is over."""
    offer = db_session.get(UpgradeOffer, int(payload["offer_id"]))
    if offer is None or offer.state is not UpgradeState.OFFERED:
        return None
    event = db_session.get_one(Event, offer.event_id)
    values = {"offer": offer, "link": url_for("applications.show_own", slug=event.slug, _external=True)}
    return mail_of_show(
        event,
        subject=f"A table you wished for at {event.name} is free",
        text="email/vendor_tables/upgrade.txt",
        html="email/vendor_tables/upgrade.html",
        values=values,
    )


def close_all(db_session: Session, event: Event, by: Actor, now: datetime) -> None:
    """The show is canceled: no such offer stands any more."""
    services.end_what_is_over(db_session, event=event, now=now)


def offers_without_their_tables(db_session: Session, now: datetime) -> list[str]:
    """What is offered is held, until the minute the offer ends."""
    statement = select(UpgradeOffer).where(UpgradeOffer.state == UpgradeState.OFFERED, UpgradeOffer.expires_at > now)
    found = []
    for offer in db_session.scalars(statement.order_by(UpgradeOffer.id).limit(SHOWN)):
        live = select(Reservation.id).where(Reservation.id.in_(offer.holds), Reservation.released_at.is_(None))
        if len(db_session.scalars(live).all()) != len(offer.places):
            found.append(f"upgrade offer {offer.id} does not hold {offer.labels}")
    return found


def register(registry: Registry) -> None:
    """Put the parts of the upgrade round into the registry."""
    registry.before_line.append(services.run_round)
    registry.periodic.append((CLOCK_EVERY_S, "upgrade round", services.run_all))
    registry.cancel_steps.append(close_all)
    registry.composers[services.MAIL] = compose
    registry.demo.append(DemoStep(47, "upgrade round", demo.fill))
    registry.doctor.append(DoctorQuery(14, "upgrade offers hold their tables", offers_without_their_tables))
