"""A line of a placed order becomes two: the pieces that are given up, and those that stay. Sums, units and people add up to what it was."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.registry import registry
from swapmeet.infra.signals import line_divided
from swapmeet.infra.uow import open_gap
from swapmeet.orders.errors import LineGone, WrongAmount
from swapmeet.orders.models import LineQuota, Order, OrderLine
from swapmeet.orders.pieces import Division, Piece, Some, divide, facts_of
from swapmeet.orders.services.carts import by_kind
from swapmeet.orders.taxes import tax_of


def list_pieces(db_session: Session, order: Order, lines: Sequence[OrderLine]) -> dict[int, list[Piece]]:
    """By line id the pieces of each line that can be taken apart; lines of other kinds are missing."""
    found: dict[int, list[Piece]] = {}
    for kind, group in by_kind(lines):
        if (divider := registry().dividers.get(kind)) is not None:
            found |= divider.pieces(db_session, order=order, lines=group)
    return found


def choose(
    db_session: Session, *, order: Order, live: Sequence[OrderLine], line_ids: Collection[int], some: Sequence[Some]
) -> tuple[list[OrderLine], list[OrderLine]]:
    """What goes and what stays of the live lines, whole lines and pieces; nothing is written, so pieces are lines without an id.

    Raises LineGone for what is not there any more, WrongAmount for pieces of a thing that goes as a whole only.
    """
    by_id = {line.id: line for line in live}
    whole, parted = sort_out(by_id, line_ids, some)
    pieces = list_pieces(db_session, order, [by_id[line_id] for line_id in parted])
    goes, stays = [], []
    for line in live:
        if line.id in whole:
            goes.append(line)
        elif line.id in parted:
            division = _division(line, pieces, parted[line.id])
            by_seat = _by_seat(line)
            goes.append(gone_part(line, division, by_seat))
            stays.append(kept_part(line, division, by_seat))
        else:
            stays.append(line)
    return goes, stays


def sort_out(
    by_id: Mapping[int, OrderLine], line_ids: Collection[int], some: Sequence[Some]
) -> tuple[set[int], dict[int, Collection[int]]]:
    """Lines that go as a whole, also where all their pieces were chosen one by one; and by line id the pieces of others.

    Raises LineGone for a line that is not live, or holds another number of pieces by now.
    """
    whole, parted = set(line_ids), dict[int, Collection[int]]()
    is_there = whole <= by_id.keys() and len({each.line_id for each in some} | whole) == len(some) + len(whole)
    for each in some:
        line = by_id.get(each.line_id)
        if line is None or line.quantity != each.of or not each.numbers <= set(range(1, each.of + 1)):
            is_there = False
        elif len(each.numbers) == each.of:
            whole.add(line.id)
        elif each.numbers:
            parted[line.id] = each.numbers
    if not is_there:
        raise LineGone("A part of this was given up meanwhile. Look at the order again.", field="lines")
    return whole, parted


def split_lines(
    db_session: Session, *, order: Order, live: Sequence[OrderLine], line_ids: Collection[int], some: Sequence[Some]
) -> set[int]:
    """Divide lines of a locked order so that what was chosen is made of whole lines; returns the ids of those.

    The order costs, holds and lets in what it did. Raises what `choose` raises.
    """
    by_id = {line.id: line for line in live}
    whole, parted = sort_out(by_id, line_ids, some)
    pieces = list_pieces(db_session, order, [by_id[line_id] for line_id in parted])
    held = {line_id: _list_units(db_session, line_id) for line_id in sorted(parted)}
    open_gap(db_session)
    for line_id, units in held.items():
        line = by_id[line_id]
        whole.add(_split(db_session, line, units, _division(line, pieces, parted[line_id])).id)
    return whole


def _list_units(db_session: Session, line_id: int) -> Sequence[LineQuota]:
    return db_session.scalars(select(LineQuota).where(LineQuota.line_id == line_id).order_by(LineQuota.quota_id)).all()


def _split(db_session: Session, line: OrderLine, units: Sequence[LineQuota], division: Division) -> OrderLine:
    """The new line with the pieces that go. What others keep by line and seat follows the signal."""
    by_seat = _by_seat(line)
    new = gone_part(line, division, by_seat)
    db_session.add(new)
    line.facts = facts_of(line.facts, by_seat, division.kept)
    line.quantity = division.stays
    db_session.flush()
    for row in units:
        each = row.quantity // (division.stays + division.goes)
        row.quantity = each * division.stays
        own = LineQuota(line_id=new.id, quota_id=row.quota_id, event_id=row.event_id, quantity=each * division.goes)
        db_session.add(own)
    db_session.flush()
    line_divided.send(line, db_session=db_session, new=new, division=division)
    return new


def _division(line: OrderLine, pieces: Mapping[int, Sequence[Piece]], numbers: Collection[int]) -> Division:
    found = pieces.get(line.id)
    if found is None:
        raise WrongAmount(f"{line.title} can be given up as a whole only.", field="lines")
    return divide(found, numbers)


def gone_part(line: OrderLine, division: Division, by_seat: Collection[str] = ()) -> OrderLine:
    """The line of the pieces that go. Its tax is what the tax of all was more than that of those who stay."""
    new = _copy(line, division.goes, facts_of(line.facts or {}, by_seat, division.gone))
    new.tax_shift_minor = line.tax_minor - _tax(line, division.stays) - _tax(line, division.goes)
    new.part_of_id = line.id
    return new


def kept_part(line: OrderLine, division: Division, by_seat: Collection[str] = ()) -> OrderLine:
    """The line as it will be, to look at."""
    kept = _copy(line, division.stays, facts_of(line.facts or {}, by_seat, division.kept))
    kept.id = line.id
    return kept


def _copy(line: OrderLine, quantity: int, facts: dict[str, Any]) -> OrderLine:
    return OrderLine(
        event_id=line.event_id,
        order_id=line.order_id,
        kind=line.kind,
        product_id=line.product_id,
        title=line.title,
        detail=line.detail,
        quantity=quantity,
        unit_minor=line.unit_minor,
        facts=facts,
        refund_policy=line.refund_policy,
        tax_name=line.tax_name,
        tax_bp=line.tax_bp,
        tax_is_added=line.tax_is_added,
        created_at=line.created_at,  # it was ordered then: past days say what they said
    )


def _tax(line: OrderLine, quantity: int) -> int:
    return tax_of(line.unit_minor * quantity, line.tax_bp, is_added=line.tax_is_added) if line.tax_bp else 0


def _by_seat(line: OrderLine) -> Collection[str]:
    found: Collection[str] = registry().dividers[line.kind].by_seat
    return found


def move_seats(
    db_session: Session,
    model: Any,
    *,
    line: OrderLine,
    new: OrderLine,
    division: Division,
    then: Callable[[Any], None] = lambda row: None,
) -> None:
    """Let rows by `line_id` and `seat` follow a division, `then` what is named after them. One by one: no two share a seat."""
    rows = db_session.scalars(select(model).where(model.line_id == line.id).order_by(model.seat, model.id)).all()
    for row in rows:
        if row.seat in division.gone:
            row.line_id, row.seat = new.id, division.gone[row.seat]
        elif division.kept.get(row.seat, row.seat) != row.seat:
            row.seat = division.kept[row.seat]
        else:
            continue
        then(row)
        db_session.flush()
