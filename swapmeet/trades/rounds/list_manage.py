"""The lists of a round's desks for a spreadsheet: what comes, what goes where, and money."""

from collections.abc import Iterator

from flask import request
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.db import db
from swapmeet.kernel.money import plain_amount
from swapmeet.trades import vocab
from swapmeet.trades.rounds import desk_queries, dispute_queries, hand_queries, queries, rules
from swapmeet.trades.rounds.desk_models import IntakeState
from swapmeet.trades.rounds.hand_models import HandOverState, RoundBox
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.web.access import requires
from swapmeet.web.spreadsheet import csv_lines, csv_response

ROUND = "/manage/shows/<slug>/rounds/<int:round_id>"


@manage_bp.get(f"{ROUND}/drop-off/list.csv")
@requires(Permission.TRADES_HOST)
def download_drop_off(event: Event, round_id: int) -> ResponseReturnValue:
    """Everything that takes part, by number, and where it is."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    rows = [
        (
            row.entry.number,
            row.entry.title,
            row.entry.member.number,
            row.entry.member.person.name,
            vocab.condition(row.entry.condition).label,
            rules.PLACE_LABELS[row.state][1],
            row.intake.note if row.intake else "",
        )
        for row in desk_queries.list_arrivals(db.session(), round_id=round_.id)
    ]
    header = ("Number", "Thing", "Trader", "Name", "Said to be", "State", "What is wrong with it")
    return csv_response(csv_lines(header, rows), f"round-{round_.id}-drop-off.csv")


@manage_bp.get(f"{ROUND}/pick-up/list.csv")
@requires(Permission.TRADES_HOST)
def download_pick_up(event: Event, round_id: int) -> ResponseReturnValue:
    """What everybody gets and takes back, with boxes and shelves; with `kind=unclaimed` only what waits."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    only_waiting = request.args.get("kind") == "unclaimed"
    states = hand_queries.list_box_states(db.session(), round_id=round_.id)
    rows = [row for state in states for row in _pick_up_rows(state, only_waiting=only_waiting)]
    header = ("Trader", "Name", "Box", "Shelf", "Number", "Thing", "What", "State")
    name = "unclaimed" if only_waiting else "pick-up"
    return csv_response(csv_lines(header, rows), f"round-{round_.id}-{name}.csv")


def _pick_up_rows(state: hand_queries.BoxState, *, only_waiting: bool) -> Iterator[tuple[object, ...]]:
    who = (state.member.number, state.member.person.name, *_place(state.box))
    for row in state.rows:
        if not (only_waiting and row.state is HandOverState.HANDED):
            yield *who, row.entry.number, row.entry.title, "gets it", rules.HAND_LABELS[row.state][1]
    for entry, intake in state.backs:
        if not (only_waiting and intake.state is not IntakeState.PRESENT):
            yield *who, entry.number, entry.title, "takes it back", rules.PLACE_LABELS[intake.state][1]


def _place(box: RoundBox | None) -> tuple[object, str]:
    return (box.number, box.shelf) if box else ("", "")


@manage_bp.get(f"{ROUND}/cash/list.csv")
@requires(Permission.TRADES_HOST)
def download_cash(event: Event, round_id: int) -> ResponseReturnValue:
    """What each person still pays or gets."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    rows = [
        (
            row.member.number,
            row.member.person.name,
            *(
                plain_amount(amount, event.currency) if amount > 0 else ""
                for amount in (row.owes_minor, -row.owes_minor)
            ),
        )
        for row in dispute_queries.list_balances(db.session(), round_id=round_.id)
    ]
    header = ("Trader", "Name", f"Pays ({event.currency})", f"Gets ({event.currency})")
    return csv_response(csv_lines(header, rows), f"round-{round_.id}-money.csv")
