"""Tickets one by one: whose each piece of a line is, and whether it can still be given back."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.badges.models import Attendee, CheckIn
from swapmeet.badges.queries import list_attendees_of_lines
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.pieces import Piece
from swapmeet.registration.ages import ADULTS, AGES
from swapmeet.registration.queries import types_by_id


class TicketDivider:
    """Implements orders.sellables.Divider. A piece of a bundle lets in all its people, one of an extra nobody."""

    by_seat = ("names", AGES, ADULTS)

    def pieces(self, db_session: Session, *, order: Order, lines: Sequence[OrderLine]) -> dict[int, list[Piece]]:
        types = types_by_id(db_session, event_id=order.event_id, ids=[line.product_id for line in lines])
        people: dict[tuple[int, int], Attendee] = {}
        if order.state is OrderState.CONFIRMED:
            admitted = list_attendees_of_lines(db_session, line_ids=[line.id for line in lines])
            people = {(each.line_id or 0, each.seat): each for each in admitted}
        came = _who_came_in(db_session, people.values())
        found = {}
        for line in lines:
            kind = types.get(line.product_id)
            size = max(1, len(kind.seats(1))) if kind is not None else 1
            found[line.id] = [_piece(line, number, size, people, came) for number in range(1, line.quantity + 1)]
        return found


def _piece(
    line: OrderLine, number: int, size: int, people: Mapping[tuple[int, int], Attendee], came: set[int]
) -> Piece:
    seats = tuple(range((number - 1) * size + 1, number * size + 1))
    names = line.facts.get("names", [])
    here = [people[line.id, seat] for seat in seats if (line.id, seat) in people]
    titles = [each.name for each in here] or [str(names[seat - 1]) for seat in seats if seat <= len(names)]
    return Piece(
        number,
        seats,
        ", ".join(filter(None, titles)),
        is_passed_on=any(each.passed_on_at is not None for each in here),
        has_come_in=any(each.id in came for each in here),
    )


def _who_came_in(db_session: Session, people: Iterable[Attendee]) -> set[int]:
    """The ids of those who were let in, on any day."""
    ids = [each.id for each in people]
    came = select(CheckIn.attendee_id).where(CheckIn.attendee_id.in_(ids), CheckIn.undone_at.is_(None))
    return set(db_session.scalars(came)) if ids else set()
