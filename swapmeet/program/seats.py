"""Sells seats in sessions: the sellable of kind "seat"."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.events.showwords import listed
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import NotOnSale, OverLimit
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.pieces import Division, Piece
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import HELD, Buyer, CheckoutField, Product, Quote, Waitable, Wish
from swapmeet.orders.services.divisions import move_seats
from swapmeet.program.errors import AlreadySignedUp, SessionNotFound
from swapmeet.program.models import SIGN_UP_MACHINE, ProgramSession, SessionState, SignUp, SignUpState
from swapmeet.web.filters import zoned_moment

SEATS_AT_ONCE = 6


class SeatDivider:
    """Implements orders.sellables.Divider: each piece is one seat."""

    by_seat = ("names",)

    def pieces(self, db_session: Session, *, order: Order, lines: Sequence[OrderLine]) -> dict[int, list[Piece]]:
        return {line.id: [_piece(line, seat) for seat in range(1, line.quantity + 1)] for line in lines}


def _piece(line: OrderLine, seat: int) -> Piece:
    names = line.facts.get("names", [])
    return Piece(seat, (seat,), str(names[seat - 1]) if seat <= len(names) else "")


def follow_division(line: OrderLine, *, db_session: Session, new: OrderLine, division: Division, **_: Any) -> None:
    """Listens to `line_divided`: sign-ups belong to the line their seat is in now."""
    move_seats(db_session, SignUp, line=line, new=new, division=division)


class SeatSellable:
    """A seat in a session, with its kit. Quotas count the seats; a sign-up row is made when the order is confirmed."""

    kind = "seat"
    noun = "seat"
    can_change_quantity = False

    def quote(
        self, db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
    ) -> list[Quote]:
        found = {session.id: session for session in self._sessions(db_session, event, wishes)}
        return [self._quote(db_session, event, wish, found.get(wish.product_id), buyer, now) for wish in wishes]

    def _sessions(self, db_session: Session, event: Event, wishes: Sequence[Wish]) -> Sequence[ProgramSession]:
        ids = {wish.product_id for wish in wishes}
        statement = select(ProgramSession).where(ProgramSession.event_id == event.id, ProgramSession.id.in_(ids))
        return db_session.scalars(statement).all()

    def _quote(
        self, db_session: Session, event: Event, wish: Wish, session: ProgramSession | None, buyer: Buyer, now: datetime
    ) -> Quote:
        if session is None:
            raise SessionNotFound("There is no such session at this show. Look at the program again.")
        if session.quota_id is None or not session.needs_sign_up:
            raise NotOnSale("There is no sign-up for that session.")
        if HELD not in wish.choice:
            self._check(db_session, session, wish, buyer, now)
        return Quote(
            wish=wish,
            title=session.title,
            detail=zoned_moment(session.starts_at, event.time_zone, event.locale),
            unit_minor=session.price_minor,
            quotas={session.quota_id: 1},
        )

    def _check(self, db_session: Session, session: ProgramSession, wish: Wish, buyer: Buyer, now: datetime) -> None:
        if session.state is SessionState.CANCELED:
            raise NotOnSale(f"“{session.title}” is canceled.")
        if session.starts_at <= now:
            raise NotOnSale(f"“{session.title}” has begun. Ask at the door whether a seat is free.")
        if wish.quantity > SEATS_AT_ONCE:
            raise OverLimit(f"At most {SEATS_AT_ONCE} seats in one order.", field="quantity")
        if buyer.person_id is not None and wish.quantity == 1 and self._has_seat(db_session, session, buyer.person_id):
            raise AlreadySignedUp(
                f"You have a seat in “{session.title}” already. For somebody else, take two or use their name."
            )

    def _has_seat(self, db_session: Session, session: ProgramSession, person_id: int) -> bool:
        mine = select(SignUp.id).where(
            SignUp.session_id == session.id, SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED
        )
        return db_session.scalar(mine.limit(1)) is not None

    def products(self, db_session: Session, *, event: Event) -> list[Product]:
        statement = select(ProgramSession).where(
            ProgramSession.event_id == event.id, ProgramSession.needs_sign_up.is_(True)
        )
        sessions = db_session.scalars(statement.order_by(ProgramSession.starts_at, ProgramSession.id)).all()
        return [Product(self.kind, each.id, each.title, each.quota_id) for each in sessions]

    def waitables(self, db_session: Session, *, event: Event, now: datetime) -> list[Waitable]:
        """Sessions to come that take sign-ups and have a number of seats."""
        statement = select(ProgramSession).where(
            ProgramSession.event_id == event.id,
            ProgramSession.needs_sign_up.is_(True),
            ProgramSession.state == SessionState.PLANNED,
            ProgramSession.starts_at > now,
        )
        sessions = db_session.scalars(statement.order_by(ProgramSession.starts_at, ProgramSession.id)).all()
        free = free_units(db_session, [each.quota_id for each in sessions if each.quota_id is not None], now=now)
        return [
            Waitable(self.kind, each.id, each.title, left, SEATS_AT_ONCE, {each.quota_id: 1})
            for each in sessions
            if each.quota_id is not None and (left := free[each.quota_id]) is not None
        ]

    def pick(
        self, db_session: Session, *, event: Event, thing: Waitable, count: int, is_adjacent: bool, now: datetime
    ) -> list[Wish]:
        return [Wish(self.kind, thing.product_id, count)]

    def blockers(self, db_session: Session, *, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
        return []

    def claim(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        now: datetime,
        expires_at: datetime,
        by: Actor,
    ) -> None:
        """The quota is the claim."""

    def extend(self, db_session: Session, *, lines: Sequence[OrderLine], expires_at: datetime | None) -> None:
        """The quota is held by the order."""

    def fields(
        self, db_session: Session, *, lines: Sequence[OrderLine], buyer: Buyer
    ) -> dict[int, list[CheckoutField]]:
        person = db_session.get(Person, buyer.person_id) if buyer.person_id else None
        clashes = self._clashes(db_session, lines)
        return {
            line.id: [self._field(line, seat, person, clashes.get(line.id, "")) for seat in range(1, line.quantity + 1)]
            for line in lines
        }

    def _clashes(self, db_session: Session, lines: Sequence[OrderLine]) -> dict[int, str]:
        """For lines at the same time as another one, by id: that nobody can sit in both. No query for one line."""
        if len(lines) < 2:
            return {}
        wanted = ProgramSession.id.in_([line.product_id for line in lines])
        at = {row.id: row for row in db_session.scalars(select(ProgramSession).where(wanted))}
        found = {}
        for line in lines:
            own = at[line.product_id]
            others = [at[other.product_id] for other in lines if other.product_id != own.id]
            same = [
                f"“{each.title}”" for each in others if each.starts_at < own.ends_at and own.starts_at < each.ends_at
            ]
            if same:
                found[line.id] = f"At the same time as {listed(same)}. One person cannot sit in both."
        return found

    def _field(self, line: OrderLine, seat: int, person: Person | None, hint: str) -> CheckoutField:
        kept = line.facts.get("names", [])
        value = kept[seat - 1] if len(kept) >= seat else (person.name if person is not None and seat == 1 else "")
        return CheckoutField(
            name=f"line-{line.id}-name-{seat}",
            label=f"Who takes seat {seat}?" if line.quantity > 1 else "Who takes this seat?",
            value=value,
            hint=hint,
            autocomplete="name" if seat == 1 else "off",
        )

    def faults(
        self, db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool
    ) -> list[str]:
        """Seats stand by themselves."""
        return []

    def take_answers(self, db_session: Session, *, line: OrderLine, answers: Mapping[str, str], now: datetime) -> None:
        names = [answers.get(f"line-{line.id}-name-{seat}", "").strip()[:200] for seat in range(1, line.quantity + 1)]
        line.facts = {**line.facts, "names": names}

    def confirm(
        self, db_session: Session, *, order: Order, lines: Sequence[OrderLine], now: datetime, by: Actor
    ) -> None:
        for line in lines:
            names = line.facts.get("names", [])
            first_is_buyer = order.person_id is not None and not self._person_sits(db_session, line, order.person_id)
            for seat in range(1, line.quantity + 1):
                sign_up = SignUp(
                    event_id=line.event_id,
                    session_id=line.product_id,
                    line_id=line.id,
                    seat=seat,
                    person_id=order.person_id if seat == 1 and first_is_buyer else None,
                    name=(names[seat - 1] if len(names) >= seat else "") or order.buyer_name,
                    state=SignUpState.CONFIRMED,
                    created_at=now,
                )
                db_session.add(sign_up)
                record(db_session, now=now, by=by, verb="sign_up.confirmed", subject=sign_up, target="confirmed")

    def _person_sits(self, db_session: Session, line: OrderLine, person_id: int) -> bool:
        mine = select(SignUp.id).where(
            SignUp.session_id == line.product_id, SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED
        )
        return db_session.scalar(mine.limit(1)) is not None

    def release(
        self, db_session: Session, *, lines: Sequence[OrderLine], reason: str, now: datetime, by: Actor
    ) -> None:
        ids = [line.id for line in lines]
        seats = db_session.scalars(select(SignUp).where(SignUp.line_id.in_(ids), SignUp.state == SignUpState.CONFIRMED))
        for seat in seats.all():
            SIGN_UP_MACHINE.check(seat.state, SignUpState.CANCELED)
            seat.state, seat.canceled_at = SignUpState.CANCELED, now
            record(
                db_session,
                now=now,
                by=by,
                verb="sign_up.canceled",
                subject=seat,
                origin="confirmed",
                target="canceled",
                reason=reason,
            )
