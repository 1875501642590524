"""What came out of a round: everybody's loops under handles, one's own trades, and the files to check it by."""

import json
from collections.abc import Mapping
from importlib.resources import files as package_files
from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.trades.rounds import desk_queries, dispute_queries, hand_queries, money_queries, queries, rules
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.models import RoundEntry, RoundMember, RunKind, TradeRound, TradeRun, TradeRunMove
from swapmeet.trades.rounds.money_models import TradeRunPayment
from swapmeet.trades.rounds.picture import Ring, draw_ring
from swapmeet.trades.rounds.views import bp, open_show
from swapmeet.trades.views.blueprint import own_id
from swapmeet.web.access import public, signed_in
from swapmeet.web.assets import show_tabs
from swapmeet.web.paging import page_number, paginate
from swapmeet.web.security import limit

LOOPS_A_PAGE = 10
Payments = Mapping[tuple[int, int], TradeRunPayment]


def ring_of(moves: list[TradeRunMove], payments: Payments, member_id: int = 0) -> Ring:
    """A loop as a picture; `member_id` is who looks at it. Whoever pays stands between what they get and whom they pay."""
    people: list[RoundMember] = []
    for move in moves:
        people.append(move.giver)
        if (move.run_id, move.entry_id) in payments:
            people.append(move.receiver)
    return draw_ring(
        ["you" if one.id == member_id else f"{one.number}" for one in people], [one.id == member_id for one in people]
    )


def loops_page(run: TradeRun) -> dict[str, Any]:
    """One page of the loops of a run, longest first: rows of (loop, length), their moves, their pictures."""
    page = paginate(
        db.session(), queries.loops_of(run_id=run.id), number=page_number(), size=LOOPS_A_PAGE, scalars=False
    )
    moves = queries.list_moves(db.session(), run_id=run.id, loops=[row[0] for row in page.rows])
    payments = money_queries.payments_of(db.session(), run_ids=[run.id])
    rings = {loop: ring_of(rows, payments) for loop, rows in moves.items()}
    return {"page": page, "moves": moves, "rings": rings, "payments": payments}


@bp.get("/shows/<slug>/rounds/<int:round_id>/result")
@public
@limit("240 per minute")
def show_result(slug: str, round_id: int) -> ResponseReturnValue:
    """The published result, under handles, with what proves it."""
    event, round_ = open_show(slug, round_id)
    run = queries.find_published(db.session(), round_id=round_.id)
    values: dict[str, Any] = {"event": event, "round": round_, "run": run, "tabs_of_show": show_tabs(event)}
    if run is not None:
        values |= loops_page(run)
        values["payments"] |= money_queries.payments_of(
            db.session(), run_ids=[repair.id for repair in queries.list_repairs(db.session(), round_id=round_.id)]
        )
        values["takes_money"] = queries.takes_money(db.session(), round_id=round_.id)
        values["first"] = desk_queries.find_first_result(db.session(), round_id=round_.id)
        values["repairs"] = [
            move
            for repair in queries.list_repairs(db.session(), round_id=round_.id)
            for rows in queries.list_moves(db.session(), run_id=repair.id, loops=range(1, repair.loops + 1)).values()
            for move in rows
        ]
    return render_template("trades/rounds/result.html", **values)


@bp.get("/shows/<slug>/rounds/<int:round_id>/my-trades")
@signed_in
def my_trades(slug: str, round_id: int) -> ResponseReturnValue:
    """What I bring, what I take, and the loops I am in."""
    event, round_ = open_show(slug, round_id)
    run = queries.find_published(db.session(), round_id=round_.id)
    member = queries.find_member(db.session(), round_id=round_.id, person_id=own_id())
    values: dict[str, Any] = {"event": event, "round": round_, "run": run, "member": member}
    if run is not None and member is not None:
        values |= _own_part(run, member)
    return render_template("trades/rounds/my_trades.html", **values)


def _own_part(run: TradeRun, member: RoundMember) -> dict[str, Any]:
    db_session = db.session()
    is_final = run.kind is RunKind.FINAL
    gives, gets = _final_rows(member) if is_final else _moves_of(run, member)
    moves: dict[tuple[int, int], list[TradeRunMove]] = {}
    for run_id, loops in hand_queries.pairs_of([*gives, *gets]).items():
        found = queries.list_moves(db_session, run_id=run_id, loops=sorted(loops))
        moves |= {(run_id, loop): rows for loop, rows in found.items()}
    payments = money_queries.payments_of(db_session, run_ids={key[0] for key in moves})
    gone = {row.entry_id for row in gives}
    stays = [row for row in queries.list_own_entries(db_session, member_id=member.id) if row.id not in gone]
    return {
        "bring": gives,
        "take": gets,
        "moves": moves,
        "rings": {key: ring_of(rows, payments, member.id) for key, rows in moves.items()},
        "payments": payments,
        **_money_of(run, member, payments),
        "stays": _reasons(stays, member, is_final=is_final),
        "is_final": is_final,
        "is_repaired": any(row.run_id != run.id for row in (*gives, *gets)),
        "box": hand_queries.find_box(db_session, member_id=member.id),
        "notes": desk_queries.list_notes(db_session, entry_ids=[row.entry_id for row in gets]) if is_final else {},
        "changes": desk_queries.list_changes(db_session, run=run, member_id=member.id) if is_final else [],
        "disputes": len(dispute_queries.list_disputes(db_session, round_id=run.round_id, member_id=member.id)),
    }


def _money_of(run: TradeRun, member: RoundMember, payments: Payments) -> dict[str, Any]:
    """What the result lets somebody pay and get in all, and own thing -> what they get for it."""
    rows: list[Any] = list(payments.values())
    sold = {row.for_entry_id: row.amount_minor for row in rows if row.payee_id == member.id}
    if run.kind is RunKind.FINAL:
        rows = list(money_queries.list_legs(db.session(), round_id=run.round_id))
        sold = {row.sold_id: row.amount_minor for row in rows if row.payee_id == member.id}
    return {
        "pays_minor": sum(row.amount_minor for row in rows if row.payer_id == member.id),
        "gets_minor": sum(row.amount_minor for row in rows if row.payee_id == member.id),
        "sold": sold,
    }


def _moves_of(run: TradeRun, member: RoundMember) -> tuple[list[Any], list[Any]]:
    """What a first result says: (given, received)."""
    own = queries.list_own_moves(db.session(), run_id=run.id, member_id=member.id)
    return [row for row in own if row.giver_id == member.id], [row for row in own if row.receiver_id == member.id]


def _final_rows(member: RoundMember) -> tuple[list[Any], list[Any]]:
    """The same as it stands now, repairs included."""
    return (
        hand_queries.list_gives(db.session(), member_id=member.id),
        hand_queries.list_gets(db.session(), member_id=member.id),
    )


def _reasons(stays: list[RoundEntry], member: RoundMember, *, is_final: bool) -> list[tuple[RoundEntry, str]]:
    """Each thing that stays, and why, as far as its owner may know."""
    wants = queries.count_wants(db.session(), member_id=member.id)
    takers = queries.count_takers(db.session(), entry_ids=[row.id for row in stays])
    is_on = queries.takes_money(db.session(), round_id=member.round_id)
    asks = money_queries.asks_of(db.session(), round_id=member.round_id) if is_on else {}
    bidders = money_queries.count_bidders(db.session(), entry_ids=[row.id for row in stays]) if is_on else {}
    places = desk_queries.places_of(db.session(), member_id=member.id)
    found = []
    for row in stays:
        if row.stays_home:
            words = "You keep it at home."
        elif is_final and rules.where_words(places.get(row.id)):
            words = rules.where_words(places.get(row.id))
        elif not wants.get(row.id) and row.id not in asks:
            words = "You chose nothing that you would take for it."
        elif not takers.get(row.id) and not bidders.get(row.id):
            words = "Nobody chose it."
        else:
            words = "Somebody would take it, but the best loops that were found go without it."
        found.append((row, words))
    return found


@bp.get("/shows/<slug>/rounds/<int:round_id>/result/input.json")
@public
@limit("60 per minute")
def download_input(slug: str, round_id: int) -> ResponseReturnValue:
    """What was solved, byte for byte as it was hashed: numbers of labels and traders."""
    round_, run = _published(slug, round_id)
    return _file(run.input_file_id, f"round-{round_.id}-input.json")


@bp.get("/shows/<slug>/rounds/<int:round_id>/result/result.json")
@public
@limit("60 per minute")
def download_result(slug: str, round_id: int) -> ResponseReturnValue:
    """The loops with hashes, seed and certificate, as the verifier reads them."""
    round_, run = _published(slug, round_id)
    return _file(run.result_file_id, f"round-{round_.id}-result.json")


@bp.get("/shows/<slug>/rounds/<int:round_id>/result/first.json")
@public
@limit("60 per minute")
def download_first(slug: str, round_id: int) -> ResponseReturnValue:
    """The first result, which the final one keeps as far as it can."""
    round_, _run = _published(slug, round_id)
    first = desk_queries.find_first_result(db.session(), round_id=round_.id)
    if first is None:
        raise NoSuchRound("This round had no first result.")
    return _file(first.result_file_id, f"round-{round_.id}-first.json")


@bp.get("/shows/<slug>/rounds/<int:round_id>/result/certificate.json")
@public
@limit("60 per minute")
def download_certificate(slug: str, round_id: int) -> ResponseReturnValue:
    """The prices that prove the numbers, by themselves; 404 where rules that couple lists leave none."""
    round_, run = _published(slug, round_id)
    if not run.has_certificate:
        raise NoSuchRound("This result has no certificate of prices.")
    certificate = json.loads(_bytes(run.result_file_id))["certificate"]
    return _attachment(json.dumps(certificate).encode(), f"round-{round_.id}-certificate.json", "application/json")


@bp.get("/shows/<slug>/rounds/<int:round_id>/result/verifier.py")
@public
@limit("60 per minute")
def download_verifier(slug: str, round_id: int) -> ResponseReturnValue:
    """The program that checks the two files; it needs nothing but Python."""
    _published(slug, round_id)
    content = package_files("swapmeet.trades.matching").joinpath("verifier.py").read_bytes()
    return _attachment(content, "verifier.py", "text/x-python")


def _published(slug: str, round_id: int) -> tuple[TradeRound, TradeRun]:
    """Raises NoSuchRound before the result is out."""
    _event, round_ = open_show(slug, round_id)
    run = queries.find_published(db.session(), round_id=round_.id)
    if run is None:
        raise NoSuchRound("The result of this round is not out yet.")
    return round_, run


def _bytes(file_id: int | None) -> bytes:
    row = db.session.get(StoredFile, file_id) if file_id else None
    if row is None:
        raise NoSuchRound("This file is not there any more.")
    return read_file(row.key)


def _file(file_id: int | None, name: str) -> Response:
    return _attachment(_bytes(file_id), name, "application/json")


def _attachment(content: bytes, name: str, mimetype: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f"attachment; filename={name}"})
