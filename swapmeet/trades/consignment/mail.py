"""Tells sellers what the desk has sold for them: one mail for all that was sold in half an hour, so that a good day is no flood."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.infra.jobs import Handler, enqueue
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.infra.registry import Registry
from swapmeet.trades.consignment import queries
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, ConsignmentSeller
from swapmeet.web.filters import money

KIND = "trades.sold"
JOB = "consignment.sold"
EVERY = timedelta(minutes=30)


def note_sale(db_session: Session, lot: ConsignmentLot, *, now: datetime) -> None:
    """The seller hears of it when the half hour is over, if they have an account. Twice is once."""
    if lot.seller.person_id is None:
        return
    start = _half_hour(now)
    payload = {"seller_id": lot.seller_id, "from": start.isoformat()}
    key = f"{JOB}:{lot.seller_id}:{start:%Y%m%d%H%M}"
    enqueue(db_session, JOB, payload, now=now, key=key, run_at=start + EVERY)


def _half_hour(moment: datetime) -> datetime:
    begun = moment.astimezone(UTC).replace(second=0, microsecond=0)
    return begun - timedelta(minutes=begun.minute % 30)


def tell_seller(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """Queue the mail, unless everything was undone or the seller has left."""
    start = datetime.fromisoformat(str(payload["from"]))
    seller = db_session.get(ConsignmentSeller, int(payload["seller_id"]))
    if seller is None or seller.person is None or seller.person.erased_at is not None:
        return
    lots = queries.list_sold_between(db_session, seller_id=seller.id, start=start, end=start + EVERY)
    if not lots:
        return
    queue_mail(
        db_session,
        kind=KIND,
        to=seller.person.email,
        payload={"seller_id": seller.id, "lots": [lot.id for lot in lots]},
        fact_key=f"bring-and-buy-{seller.id}-sold-{start:%Y%m%d%H%M}",
        now=now,
        event_id=seller.event_id,
        person_id=seller.person_id,
    )


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """None when nothing of it is sold any more."""
    seller = db_session.get(ConsignmentSeller, int(payload["seller_id"]))
    rows = [db_session.get(ConsignmentLot, int(lot_id)) for lot_id in payload["lots"]]
    lots = [lot for lot in rows if lot is not None and lot.sold_at is not None]
    if seller is None or not lots:
        return None
    desk = db_session.get_one(Consignment, seller.desk_id)
    event, due = desk.event, queries.account_of(db_session, desk=desk, seller=seller).money.due
    heading = "Your thing is sold" if len(lots) == 1 else f"{len(lots)} of your things are sold"
    values = {
        "event": event,
        "heading": heading,
        "show": unlinked(event.name),
        "lots": [(unlinked(lot.title), money(lot.price_minor, event.currency, event.locale)) for lot in lots],
        "due": money(due, event.currency, event.locale),
        "url": f"{current_app.config['SWAPMEET_PUBLIC_URL']}/shows/{event.slug}/bring-and-buy",
    }
    environment = current_app.jinja_env
    return Mail(
        subject=f"{heading}: bring and buy at {unlinked(event.name)}",
        text=environment.get_template("email/trades/sold.txt").render(**values),
        html=environment.get_template("email/trades/sold.html").render(**values),
    )


def register(registry: Registry) -> None:
    """Put the job and the mail into the registry."""
    registry.jobs[JOB] = Handler(run=tell_seller)
    registry.composers[KIND] = compose
