"""What the pages of a placing show. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.floor import Floor, HallView, load_floor
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.models import Reservation
from swapmeet.vendor_tables.runs import queries
from swapmeet.vendor_tables.runs.models import LIVE, PlacingDraw, PlacingRun, PlacingSeat
from swapmeet.vendor_tables.runs.problem import list_fitting
from swapmeet.vendor_tables.runs.words import FIGURES, RULE_LABELS, wish_words
from swapmeet.vendor_tables.services.claims import listed


@dataclass(frozen=True)
class Asked:
    """How many wait to be placed, how many tables they want, and how many are free, in one sale period.

    Left out are those who owe their application fee (`unpaid`) and those who hold a table already (`placed`).
    """

    period: SalePeriod
    vendors: int
    tables: int
    free: int
    unpaid: int = 0
    placed: int = 0


@dataclass(frozen=True)
class Cell:
    """One figure of one run; `is_best` among the runs beside it."""

    text: str
    is_best: bool


@dataclass(frozen=True)
class Comparison:
    """Figures of runs side by side: (words, one cell a run)."""

    runs: Sequence[PlacingRun]
    rows: Sequence[tuple[str, Sequence[Cell]]]

    @property
    def headers(self) -> list[str]:
        return ["What came out", *(RULE_LABELS[run.rule] for run in self.runs)]


@dataclass(frozen=True)
class Overview:
    """The page of the placing."""

    asked: Sequence[Asked]
    draw: PlacingDraw | None
    runs: Sequence[PlacingRun]
    comparison: Comparison
    opened: Sequence[PlacingDraw] = field(default_factory=tuple)

    @property
    def is_live(self) -> bool:
        return any(run.state in LIVE for run in self.runs)

    @property
    def is_empty(self) -> bool:
        return not any(row.vendors for row in self.asked)


def load_overview(db_session: Session, *, event: Event, now: datetime) -> Overview:
    runs = queries.list_runs(db_session, event_id=event.id)
    draws = queries.list_draws(db_session, event_id=event.id)
    return Overview(
        asked=[_asked(db_session, event, period, now) for period in list_periods(db_session, event)],
        draw=next((draw for draw in draws if draw.shown_at is None), None),
        runs=runs,
        comparison=compare(queries.newest_of_rules(runs)),
        opened=[draw for draw in draws if draw.shown_at is not None],
    )


def list_periods(db_session: Session, event: Event) -> list[SalePeriod]:
    """Those for which the show has tables."""
    types = floor_queries.list_types(db_session, event_id=event.id)
    return floor_queries.periods_for(types, list_sale_periods(db_session, event_id=event.id))


def _asked(db_session: Session, event: Event, period: SalePeriod, now: datetime) -> Asked:
    fitting = list_fitting(db_session, event_id=event.id, period=period)
    unpaid = fees.unpaid_among(db_session, fitting)
    holding = select(Reservation.vendor_id).where(
        Reservation.event_id == event.id, Reservation.sale_period_id == period.id, Reservation.released_at.is_(None)
    )
    have = set(db_session.scalars(holding))
    placed = [row for row in fitting if row.vendor_id in have and row.id not in unpaid]
    waiting = [row for row in fitting if row.vendor_id not in have and row.id not in unpaid]
    places = floor_queries.list_places(db_session, event_id=event.id)
    taken = floor_queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now)
    free = sum(
        place.is_sellable and place.id not in taken and floor_queries.is_sold_in(place.type, period) for place in places
    )
    tables = sum(row.table_count for row in waiting)
    return Asked(period, len(waiting), tables, free, len(unpaid), len(placed))


def compare(runs: Sequence[PlacingRun]) -> Comparison:
    """The newest runs of the rules, figure by figure; the best of each row is marked where they differ."""
    rows = []
    for key, words, of, more_is_better in FIGURES:
        values = [int(run.measures.get(key, 0)) for run in runs]
        best = (max if more_is_better else min)(values, default=0)
        cells = [
            Cell(
                f"{value} of {run.measures.get(of, 0)}" if of else str(value),
                value == best and len(set(values)) > 1,
            )
            for value, run in zip(values, runs, strict=True)
        ]
        rows.append((words, cells))
    shares = [run.share for run in runs]
    top = max(shares, default=0.0)
    rows.append(
        (
            "Worth, of what no placing can pass",
            [Cell(f"{share:.1f} %", share == top and len(set(shares)) > 1) for share in shares],
        )
    )
    return Comparison(runs, rows)


@dataclass(frozen=True)
class RunPlan:
    """A run drawn on the floor: the halls, and the one that is shown."""

    floor: Floor
    hall: HallView | None


def draw_run(
    db_session: Session,
    *,
    event: Event,
    run: PlacingRun,
    seats: Sequence[PlacingSeat],
    hall_id: int | None,
    now: datetime,
) -> RunPlan:
    """Who would stand where. What is taken already stays "taken"; places of the run are "held" with the vendor's name."""
    floor = load_floor(db_session, event=event, period_id=run.sale_period_id, now=now, is_for_team=True)
    who = {place_id: seat for seat in seats for place_id in seat.places}
    for card in floor.cards:
        seat = who.get(card.id)
        if seat is not None:
            card.state = "mine" if seat.rank == 1 else "held"
            card.note = seat.application.name
            card.detail = f"{seat.application.name}, {wish_words(seat.rank)}"
        elif card.state != "free":
            card.state = "taken"
    hall = next((view for view in floor.halls if view.plan.id == hall_id), floor.halls[0] if floor.halls else None)
    return RunPlan(floor, hall)


def labels_of(db_session: Session, *, event: Event, seats: Sequence[PlacingSeat]) -> Mapping[int, str]:
    """The labels of each seat, by seat id; "" for none."""
    ids = [place_id for seat in seats for place_id in seat.places]
    names = {place.id: place.label for place in floor_queries.list_places_by_id(db_session, event_id=event.id, ids=ids)}
    return {
        seat.id: listed(sorted((names.get(place_id, "?") for place_id in seat.places), key=natural))
        if seat.places
        else ""
        for seat in seats
    }


def published_entries(seats: Sequence[PlacingSeat], name: Any) -> list[tuple[str, int]]:
    """(name on the list, points) of everybody in a run."""
    return [(name(seat.application_id), seat.points) for seat in seats]


def run_title(run: PlacingRun) -> str:
    return f"Run {run.number}: {RULE_LABELS[run.rule]}"
