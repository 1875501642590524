"""One change, and back to a page: for pages of exchanges and rounds whose buttons have no form of their own."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError


def take_step(do: Callable[[Session], str], *, back: str) -> ResponseReturnValue:
    """`do` in a transaction of its own; what it says, or what stood in the way, is read at `back`. Raises what was not found."""
    try:
        with transaction() as db_session:
            said = do(db_session)
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
    else:
        flash(said, "ok")
    return redirect(back, 303)
