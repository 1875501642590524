"""Labels for the pieces of an exchange: X3-12 is number 12 of exchange 3. Texts of people are data, never markup."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.badges import qr
from swapmeet.infra.registry import DocumentKind, Registry
from swapmeet.trades import vocab
from swapmeet.trades.exchanges import queries
from swapmeet.trades.exchanges.models import Exchange, ExchangeEntry
from swapmeet.trades.rounds.papers import page_of

LABELS = "exchange.labels"
LABEL = re.compile(r"^X0*(\d{1,12})-0*(\d{1,7})$")
NUMBER = re.compile(r"^#?\s*0*(\d{1,7})$")


def read_label(text: str, *, exchange_id: int) -> int | None:
    """The number on a label of this exchange, or a bare number. None: something else."""
    typed = " ".join(text.split())
    label = LABEL.match(typed.upper())
    if label is not None:
        return int(label[2]) if int(label[1]) == exchange_id else None
    number = NUMBER.match(typed)
    return int(number[1]) if number else None


def list_labeled(db_session: Session, payload: Mapping[str, Any]) -> list[ExchangeEntry]:
    """Who gets labels: everybody who takes part, or one of them."""
    rows = queries.list_entries(db_session, exchange_id=int(payload["exchange_id"]))
    return [row for row in rows if "entry_id" not in payload or row.id == int(payload["entry_id"])]


def load_labels(db_session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """What labels.typ reads: one label for each piece. None when there is nothing to label any more."""
    exchange = db_session.get(Exchange, int(payload["exchange_id"]))
    rows = list_labeled(db_session, payload)
    if exchange is None or not rows:
        return None
    labels = [_label(exchange, row) for row in rows for _ in range(row.pieces or exchange.bring)]
    return {**page_of(exchange.event), "title": f"Labels: {exchange.title}", "labels": labels}


def _label(exchange: Exchange, row: ExchangeEntry) -> dict[str, str]:
    code = f"X{exchange.id}-{row.number}"
    return {
        "number": f"No. {row.number}",
        "name": exchange.title,
        "kind": vocab.scale(exchange.scale).short if exchange.scale else "",
        "owner": "",
        "code": code,
        "qr": qr.svg_file(code),
    }


def _name(payload: Mapping[str, Any]) -> str:
    return f"labels-exchange-{payload['exchange_id']}.pdf"


def register(registry: Registry) -> None:
    """Put the document into the registry."""
    registry.documents[LABELS] = DocumentKind("labels.typ", load_labels, _name)
