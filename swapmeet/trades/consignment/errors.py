"""The errors of the bring and buy desk."""

from swapmeet.kernel.errors import Invalid, NotFound, Refused


class NoSuchLot(NotFound):
    code = "no_such_lot"


class DeskClosed(Refused):
    """The desk, or the thing, is not in the state for that step."""

    code = "desk_closed"


class BadLot(Invalid):
    code = "bad_lot"
