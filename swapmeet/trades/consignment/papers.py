"""Labels of things on sale: B3-12-4 is thing 4 of seller 12 at desk 3. Texts of people are data, never markup."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.badges import qr
from swapmeet.infra.registry import DocumentKind, Registry
from swapmeet.trades.consignment import queries
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, LotState
from swapmeet.trades.consignment.rules import Drop
from swapmeet.trades.rounds.papers import page_of
from swapmeet.web.filters import local_moment, money

LABELS = "consignment.labels"
LABEL = re.compile(r"^B0*(\d{1,12})-0*(\d{1,7})-0*(\d{1,7})$")
SHORT = re.compile(r"^0*(\d{1,7})\s*[-/ ]\s*0*(\d{1,7})$")
TO_LABEL = frozenset({LotState.LISTED, LotState.HERE})


def read_label(text: str, *, desk_id: int) -> tuple[int, int] | None:
    """(seller, thing) of a label of this desk, or of "12-4" as typed. None: something else."""
    typed = " ".join(text.split())
    label = LABEL.match(typed.upper())
    if label is not None:
        return (int(label[2]), int(label[3])) if int(label[1]) == desk_id else None
    short = SHORT.match(typed)
    return (int(short[1]), int(short[2])) if short else None


def list_labeled(db_session: Session, payload: Mapping[str, Any]) -> list[ConsignmentLot]:
    """What gets a label: everything unsold, of one seller or of all."""
    desk = db_session.get(Consignment, int(payload["desk_id"]))
    if desk is None:
        return []
    only = int(payload.get("seller_id", 0))
    accounts = queries.list_accounts(db_session, desk=desk)
    return [lot for row in accounts if only in (0, row.seller.id) for lot in row.lots if lot.state in TO_LABEL]


def load_labels(db_session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """What labels.typ reads. None when there is nothing to label any more."""
    desk = db_session.get(Consignment, int(payload["desk_id"]))
    lots = list_labeled(db_session, payload)
    if desk is None or not lots:
        return None
    drop = queries.drop_of(db_session, desk_id=desk.id)
    labels = [_label(desk, lot, drop) for lot in lots]
    return {**page_of(desk.event), "title": "Labels: bring and buy", "labels": labels}


def _label(desk: Consignment, lot: ConsignmentLot, drop: Drop | None) -> dict[str, str]:
    code = f"B{desk.id}-{lot.seller.number}-{lot.place}"
    return {
        "number": money(lot.price_minor, desk.event.currency, desk.event.locale),
        "name": lot.title,
        "kind": f"Seller {lot.seller.number}, thing {lot.place}",
        "owner": _later(desk, lot, drop) if drop else "",
        "code": code,
        "qr": qr.svg_file(code),
    }


def _later(desk: Consignment, lot: ConsignmentLot, drop: Drop) -> str:
    """What it costs once prices have gone down, so that the label stays right."""
    event, price = desk.event, queries.price_after(desk, drop, lot)
    if price == lot.price_minor:
        return ""
    return (
        f"{local_moment(drop.starts_at, event.time_zone, event.locale)}: {money(price, event.currency, event.locale)}"
    )


def _name(payload: Mapping[str, Any]) -> str:
    return f"labels-bring-and-buy-{payload['desk_id']}.pdf"


def register(registry: Registry) -> None:
    """Put the document into the registry."""
    registry.documents[LABELS] = DocumentKind("labels.typ", load_labels, _name)
