"""People name who may hand in and collect for them, and take that back."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.codes import order_code
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades.rounds import hand_queries
from swapmeet.trades.rounds.errors import BadEntry, WrongPhase
from swapmeet.trades.rounds.hand_models import RoundProxy
from swapmeet.trades.rounds.models import Phase, RoundMember, TradeRound

MOST = 3


def name_proxy(
    db_session: Session, *, round_: TradeRound, member: RoundMember, name: str, by: Actor, now: datetime
) -> RoundProxy:
    """Somebody with a code of their own. Raises WrongPhase once the round is closed, BadEntry for a fourth."""
    lock(db_session, round_)
    if round_.phase is Phase.CLOSED:
        raise WrongPhase("This round is over.")
    if len(hand_queries.list_proxies(db_session, member_id=member.id)) >= MOST:
        raise BadEntry(f"At most {MOST} people can collect for you. Take one back first.", field="name")
    row = RoundProxy(
        event_id=round_.event_id,
        round_id=round_.id,
        member_id=member.id,
        name=name,
        code=order_code(),
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_proxy.named", subject=row)
    return row


def revoke_proxy(db_session: Session, *, round_: TradeRound, row: RoundProxy, by: Actor, now: datetime) -> None:
    """Their code is no longer taken. Twice is once."""
    lock(db_session, [round_, row])
    if row.revoked_at is None:
        row.revoked_at = now
        db_session.flush()
        record(db_session, now=now, by=by, verb="round_proxy.revoked", subject=row)
