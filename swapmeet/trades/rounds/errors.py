"""The errors of trade rounds."""

from swapmeet.kernel.errors import Invalid, NotFound, Refused


class NoSuchRound(NotFound):
    code = "no_such_round"


class WrongPhase(Refused):
    """The round is not in the phase for that step."""

    code = "wrong_phase"


class BadEntry(Invalid):
    code = "bad_entry"


class BadWant(Invalid):
    code = "bad_want"
