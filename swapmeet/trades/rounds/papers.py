"""What the desk prints as PDF: labels for things, slips for boxes. Texts of people are data to the template, never markup."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.badges import qr
from swapmeet.events.models import Event
from swapmeet.infra.registry import DocumentKind, Registry
from swapmeet.trades import vocab
from swapmeet.trades.rounds import hand_queries
from swapmeet.trades.rounds.labels import label_of_thing, label_of_trader
from swapmeet.trades.rounds.models import RoundEntry, TradeRound
from swapmeet.web.filters import local_moment

LABELS = "round.labels"
SLIPS = "round.slips"
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


def load_slips(db_session: Session, payload: Mapping[str, Any], now: datetime) -> Mapping[str, Any] | None:
    """What slips.typ reads. None when there is no box."""
    round_ = db_session.get(TradeRound, int(payload["round_id"]))
    if round_ is None:
        return None
    states = hand_queries.list_box_states(db_session, round_id=round_.id)
    slips = [_slip(round_, row) for row in sorted(states, key=lambda row: row.box.number if row.box else 0) if row.box]
    return {**page_of(round_.event), "title": f"Boxes: {round_.title}", "slips": slips} if slips else None


def _slip(round_: TradeRound, state: hand_queries.BoxState) -> dict[str, Any]:
    event, box = round_.event, state.box
    code = label_of_trader(round_.id, state.member.number)
    slot = box.slot_at if box else None
    return {
        "box": f"Box {box.number}" if box else "",
        "shelf": f"Shelf {box.shelf}" if box else "",
        "trader": f"Trader {state.member.number}",
        "name": state.member.person.name,
        "slot": local_moment(slot, event.time_zone, event.locale) if slot else "",
        "code": code,
        "qr": qr.svg_file(code),
        "things": [[f"#{row.entry.number}", row.entry.title] for row in state.rows],
    }


def _labels_name(payload: Mapping[str, Any]) -> str:
    return f"labels-round-{payload['round_id']}.pdf"


def _slips_name(payload: Mapping[str, Any]) -> str:
    return f"boxes-round-{payload['round_id']}.pdf"


def register(registry: Registry) -> None:
    """Put the documents into the registry."""
    registry.documents[LABELS] = DocumentKind("labels.typ", load_labels, _labels_name)
    registry.documents[SLIPS] = DocumentKind("slips.typ", load_slips, _slips_name)
