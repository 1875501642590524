"""The floor on paper: the wall plan with names, lists by row, signs for the tables; and what changed since they were printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DocumentKind
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.receipt_pdf import LETTER_COUNTRIES, paper_of
from swapmeet.vendor_tables import board
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.web.filters import babel_locale, day_range, zoned_moment

KINDS = {"plan": "Wall plan with names", "rows": "Lists by row", "signs": "Signs for the tables"}
PRINTED = "floor.printed"
NAMED = ("sold", "waiting", "held", "offered")  # standings whose holder goes on paper; carts come and go
PRINTS_SHOWN = 20


def load_plan(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """One sheet a hall, and who stands where by name."""
    found = _read(db_session, payload, now)
    if found is None:
        return None
    event, floor = found
    rows = {row.card.id: row for row in floor.rows}
    halls = [
        {
            "name": view.hall.name,
            "width": view.hall.width_mm,
            "depth": view.hall.depth_mm,
            "shapes": [dict(shape) for shape in view.shapes],
            "places": [_drawn(rows[card.id]) for card in view.cards],
        }
        for view in floor.floor.halls
        if view.cards
    ]
    by_name: dict[str, list[str]] = {}
    for row in floor.rows:
        if _name(row):
            by_name.setdefault(_name(row), []).append(row.card.label)
    names = [{"name": name, "tables": ", ".join(by_name[name])} for name in sorted(by_name, key=str.casefold)]
    return {**_head(event, floor, now, "Floor plan"), "sheet": _large(event), "halls": halls, "names": names}


def load_rows(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """A list for each row, with a box to tick for each table."""
    found = _read(db_session, payload, now)
    if found is None:
        return None
    event, floor = found
    ordered = sorted(floor.rows, key=lambda row: (natural(row.card.row), natural(row.card.label)))
    rows = [
        {"name": f"Row {name}" if name else "Other tables", "places": [_listed(row) for row in group]}
        for name, group in groupby(ordered, key=lambda row: row.card.row)
    ]
    return {**_head(event, floor, now, "Tables by row"), "rows": rows}


def load_signs(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """One sign for each table that somebody has, two on a sheet."""
    found = _read(db_session, payload, now)
    if found is None:
        return None
    event, floor = found
    signs = [
        {"label": row.card.label, "name": _name(row), "sells": row.reservation.sells if row.reservation else ""}
        for row in floor.rows
        if _name(row)
    ]
    return {**_head(event, floor, now, "Table signs"), "signs": signs}


def _read(db_session: Session, payload: Mapping[str, Any], now: datetime) -> tuple[Event, board.Board] | None:
    event = db_session.get(Event, int(payload["event_id"]))
    if event is None:
        return None
    period_id = payload.get("period_id")
    return event, board.load_board(
        db_session, event=event, period_id=period_id, wanted=board.BoardFilter(), number=1, now=now
    )


def _head(event: Event, floor: board.Board, now: datetime, title: str) -> dict[str, Any]:
    period = floor.floor.period
    when = period.label if period is not None and len(floor.floor.periods) > 1 else ""
    return {
        "title": title,
        "lang": babel_locale(event.locale).partition("_")[0],
        "paper": paper_of(event),
        "show": event.name,
        "days": ", ".join(part for part in (day_range(event.first_day, event.last_day, event.locale), when) if part),
        "made": zoned_moment(now, event.time_zone, event.locale),
    }


def _large(event: Event) -> str:
    country = event.country or babel_locale(event.locale).rpartition("_")[2]
    return "us-tabloid" if country in LETTER_COUNTRIES else "a3"


def _name(row: board.BoardRow) -> str:
    return row.holder if row.standing in NAMED else ""


def _drawn(row: board.BoardRow) -> dict[str, Any]:
    card = row.card
    standing = row.standing if row.standing in NAMED else "free"
    at = {"x": card.x_mm, "y": card.y_mm, "w": card.w_mm, "d": card.d_mm, "turn": card.rotation_ddeg / 10}
    return {**at, "label": card.label, "name": _name(row), "standing": standing}


def _listed(row: board.BoardRow) -> dict[str, str]:
    return {
        "label": row.card.label,
        "kind": row.card.features,
        "name": _name(row),
        "sells": row.reservation.sells if row.reservation is not None and _name(row) else "",
        "stands": row.words if row.standing in NAMED else "",
        "order": row.order_code,
    }


@dataclass(frozen=True)
class Change:
    """One table whose holder is another one than on paper; "" is nobody."""

    label: str
    before: str
    after: str


def list_prints(db_session: Session, *, event: Event) -> list[AuditEntry]:
    """When which paper was printed, newest first."""
    wanted = select(AuditEntry).where(AuditEntry.event_id == event.id, AuditEntry.verb == PRINTED)
    return list(db_session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(PRINTS_SHOWN)))


def list_changes(
    db_session: Session, *, event: Event, period: SalePeriod, since: datetime, now: datetime
) -> list[Change]:
    """Tables whose holder changed between the two instants, by label."""
    before = holders_at(db_session, event=event, period=period, at=since)
    after = holders_at(db_session, event=event, period=period, at=now)
    labels = sorted({*before, *after}, key=natural)
    changed = [Change(label, before.get(label, ""), after.get(label, "")) for label in labels]
    return [change for change in changed if change.before != change.after]


def holders_at(db_session: Session, *, event: Event, period: SalePeriod, at: datetime) -> dict[str, str]:
    """Who had which table at that instant, by label: placed orders, and what was held by hand."""
    statement = (
        select(TablePlace.label, Reservation.holder, Reservation.reason)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .outerjoin(OrderLine, OrderLine.id == Reservation.line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .where(
            Reservation.event_id == event.id,
            Reservation.sale_period_id == period.id,
            Reservation.created_at <= at,
            or_(Reservation.released_at.is_(None), Reservation.released_at > at),
            or_(Reservation.expires_at.is_(None), Reservation.expires_at > at),
            or_(Reservation.line_id.is_(None), Order.placed_at <= at),
        )
    )
    return {row.label: row.holder or row.reason for row in db_session.execute(statement)}


CSV_PLACES = (
    "Table",
    "Hall",
    "Row",
    "Zone",
    "Circuit",
    "Kind",
    "Features",
    "Stands",
    "Vendor",
    "Sells",
    "Order",
    "Held until",
)
CSV_VENDORS = ("Vendor", "Sells", "Tables", "Stands", "Buyer", "E-mail", "Order")


def place_rows(floor: board.Board, event: Event) -> list[Sequence[object]]:
    """The board, one line a place."""
    halls = {view.plan.id: view.hall.name for view in floor.floor.halls}
    return [
        (
            row.card.label,
            halls.get(row.card.plan_id, ""),
            row.card.row,
            row.card.zone,
            row.card.circuit,
            row.card.type_name,
            row.card.features,
            row.words,
            row.holder,
            row.reservation.sells if row.reservation else "",
            row.order_code,
            zoned_moment(row.reservation.expires_at, event.time_zone, event.locale)
            if row.reservation and row.reservation.expires_at
            else "",
        )
        for row in floor.rows
    ]


DOCUMENTS = {
    f"tables.{kind}": DocumentKind(
        f"tables_{kind}.typ",
        load,
        lambda payload, kind=kind: f"{payload['slug']}-{kind}.pdf",  # type: ignore[misc]
    )
    for kind, load in (("plan", load_plan), ("rows", load_rows), ("signs", load_signs))
}
