"""What the desk prints as PDF: labels for things. Texts of people are data to the template, never markup."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.badges import qr
from swapmeet.events.models import Event
from swapmeet.infra.registry import DocumentKind, Registry
from swapmeet.trades import vocab
from swapmeet.trades.rounds.labels import label_of_thing
from swapmeet.trades.rounds.models import RoundEntry, TradeRound

LABELS = "round.labels"
LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO"})


def _labeled(payload: Mapping[str, Any]) -> Select[RoundEntry]:
    """What gets a label: everything in the round that was not taken out, of one person, or one thing."""
    statement = select(RoundEntry).where(
        RoundEntry.round_id == int(payload["round_id"]), RoundEntry.withdrawn_at.is_(None)
    )
    if "member_id" in payload:
        statement = statement.where(RoundEntry.member_id == int(payload["member_id"]))
    if "entry_id" in payload:
        statement = statement.where(RoundEntry.id == int(payload["entry_id"]))
    return statement.options(joinedload(RoundEntry.member)).order_by(RoundEntry.number)


def has_labels(db_session: Session, payload: Mapping[str, Any]) -> bool:
    return db_session.scalar(_labeled(payload).limit(1)) is not None


def load_labels(db_session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """What labels.typ reads. None when there is nothing to label any more."""
    round_ = db_session.get(TradeRound, int(payload["round_id"]))
    rows = list(db_session.scalars(_labeled(payload)))
    if round_ is None or not rows:
        return None
    return {
        **page_of(round_.event),
        "title": f"Labels: {round_.title}",
        "labels": [_label(round_, row) for row in rows],
    }


def page_of(event: Event) -> dict[str, str]:
    """Paper and language of a show's documents."""
    return {
        "paper": "us-letter" if event.country in LETTER_COUNTRIES else "a4",
        "lang": event.locale.partition("-")[0] or "en",
        "show": event.name,
    }


def _label(round_: TradeRound, row: RoundEntry) -> dict[str, str]:
    code = label_of_thing(round_.id, row.number)
    kind = f"{vocab.category(row.category).short} · {vocab.scale(row.scale).short}"
    return {
        "number": f"#{row.number}",
        "name": row.title,
        "kind": kind,
        "owner": f"Trader {row.member.number}",
        "code": code,
        "qr": qr.svg_file(code),
    }


def _file_name(payload: Mapping[str, Any]) -> str:
    return f"labels-round-{payload['round_id']}.pdf"


def register(registry: Registry) -> None:
    """Put the documents into the registry."""
    registry.documents[LABELS] = DocumentKind("labels.typ", load_labels, _file_name)
