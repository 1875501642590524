"""The errors of trade rounds."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class NoSuchRound(NotFound):
    code = "no_such_round"


class WrongPhase(Refused):
    """The round is not in the phase for that step."""

    code = "wrong_phase"


class BadEntry(Invalid):
    code = "bad_entry"


class Barred(Refused):
    """A ruling keeps this person out of the organizer's rounds."""

    code = "barred"


class BadWant(Invalid):
    code = "bad_want"


class BadBid(Invalid):
    """Money that cannot be asked or offered like that."""

    code = "bad_bid"


class RunRefused(Refused):
    """There is nothing to solve, or more than the engine takes."""

    code = "run_refused"


class StaleRun(Conflict):
    """Something in the round has changed since the run."""

    code = "stale_run"
