"""Wrong tries in a row: after ten, each makes the next wait longer, up to an hour. Known and unknown addresses alike.

Nobody is locked out for good: a passkey signs in at any time, and a new password by mail starts the count anew.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from swapmeet.accounts.models import SignInFailure
from swapmeet.infra import codes

FREE_TRIES = 10
LAST_TRY = 100
MAX_WAIT = timedelta(hours=1)
NEVER = timedelta(days=365)
FORGET_AFTER = timedelta(days=1)


def wait_after(count: int) -> timedelta:
    """How long after the last of `count` wrong tries the next is taken: 1, 2, 4 … 60 minutes; none after a hundred."""
    if count < FREE_TRIES:
        return timedelta(0)
    if count >= LAST_TRY:
        return NEVER
    return min(timedelta(minutes=2 ** min(count - FREE_TRIES, 10)), MAX_WAIT)


def take_try(db_session: Session, *, proof: str, address: str, now: datetime) -> timedelta | None:
    """Count one try of `proof` ("password" or "code") for an address before it is looked at: parallel tries count too.

    Returns how long the address must still wait, in which case nothing is counted, or None: go ahead, and call
    `forget_failures` when the try was right.
    """
    found = select(SignInFailure).where(SignInFailure.address_digest == _digest(proof, address)).with_for_update()
    row = db_session.scalar(found) or _new_row(db_session, _digest(proof, address), now)
    row = row or db_session.scalars(found).one()
    left = row.failed_at + wait_after(row.count) - now
    if row.count and left > timedelta(0):
        return left
    row.count += 1
    row.failed_at = now
    return None


def _new_row(db_session: Session, address_digest: str, now: datetime) -> SignInFailure | None:
    """None when another request made the row in the same moment."""
    row = SignInFailure(address_digest=address_digest, count=0, failed_at=now)
    try:
        with db_session.begin_nested():
            db_session.add(row)
    except IntegrityError:
        return None
    return row


def forget_failures(db_session: Session, *, address: str) -> None:
    """A right try, or a new password: the count starts anew."""
    digests = [_digest(proof, address) for proof in ("password", "code")]
    statement = delete(SignInFailure).where(SignInFailure.address_digest.in_(digests))
    db_session.execute(statement.execution_options(synchronize_session=False))


def forget_old(db_session: Session, *, now: datetime) -> None:
    """Counts below a hundred end a day after the last wrong try."""
    statement = delete(SignInFailure).where(
        SignInFailure.failed_at < now - FORGET_AFTER, SignInFailure.count < LAST_TRY
    )
    db_session.execute(statement.execution_options(synchronize_session=False))


def _digest(proof: str, address: str) -> str:
    return codes.digest(f"{proof}:{address.strip().lower()}")


def words(wait: timedelta) -> str:
    """What to tell somebody who must wait, in whole minutes."""
    if wait > MAX_WAIT:
        return "Too many wrong tries. Set a new password by mail, or use a passkey."
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    pause = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many wrong tries. Wait {pause}, set a new password by mail, or use a passkey."
