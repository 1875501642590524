"""What the bring and buy desk brings to the whole: pages, navigation, labels, personal data, invariants."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, NavEntry, Registry
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local, to_local
from swapmeet.trades.consignment import demo, doctor, importing, mail, papers, queries, services
from swapmeet.trades.consignment.manage import manage_bp
from swapmeet.trades.consignment.models import Consignment, LotState
from swapmeet.trades.consignment.rules import Drop
from swapmeet.trades.consignment.views import bp

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]


def copy_desk(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The same terms, with nobody at it."""
    row = queries.find_desk(db_session, event_id=source.id)
    if row is not None:
        terms = queries.terms_of(db_session, row)
        if terms.drop is not None:
            local = to_local(terms.drop.starts_at, source.time_zone)
            moved = from_local(local.date() + timedelta(days=shift_days), local.time(), target.time_zone)
            terms = replace(terms, drop=Drop(terms.drop.percent, moved))
        services.open_desk(db_session, event=target, terms=terms, by=Actor.job("clone"), now=now)


class ConsignmentData:
    """A person's things at bring and buy desks."""

    name = "bring_and_buy"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        return [_said(db_session, row) for row in queries.list_own_sellers(db_session, person_id=person_id)]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Number, prices and payouts stay, for the desk's sums; the name goes, and what never came is withdrawn."""
        for row in queries.list_own_sellers(db_session, person_id=person_id):
            desk = db_session.get_one(Consignment, row.desk_id)
            for lot in queries.list_lots(db_session, seller_id=row.id):
                if lot.state is LotState.LISTED:
                    services.withdraw_lot(db_session, desk=desk, lot=lot, by=Actor.job("erasure"), now=now)
                lot.title = "Removed"
            row.name, row.person_id = "Removed", None
        db_session.flush()


def _said(db_session: Session, row: Any) -> dict[str, Any]:
    return {
        "desk": row.desk_id,
        "number": row.number,
        "things": [
            {"thing": lot.place, "title": lot.title, "price_minor": lot.price_minor, "state": lot.state.value}
            for lot in queries.list_lots(db_session, seller_id=row.id)
        ],
        "paid_out_minor": [payout.paid_minor for payout in queries.list_payouts(db_session, seller_id=row.id)],
    }


def register(registry: Registry) -> None:
    """Put the parts of the desk into the registry."""
    registry.navigation.append(
        NavEntry("manage.side", 74, "Bring and buy", "consignment_manage.show_desk", "money", Permission.TRADES_HOST)
    )
    papers.register(registry)
    mail.register(registry)
    registry.import_steps.append(
        ImportStep(62, "bring and buy", frozenset({"consignment"}), importing.check_desk, importing.apply_desk)
    )
    registry.clone_steps.append(CloneStep(66, copy_desk))
    registry.demo.append(DemoStep(67, "bring and buy", demo.fill))
    registry.personal_data.append(ConsignmentData())
    registry.doctor += doctor.QUERIES
