"""What can stop a badge or a check-in."""

from swapmeet.kernel.errors import Conflict, NotFound, Refused


class AttendeeNotFound(NotFound):
    code = "attendee_not_found"


class GateNotFound(NotFound):
    code = "gate_not_found"


class GateNameTaken(Conflict):
    code = "gate_name_taken"


class CheckInNotFound(NotFound):
    code = "check_in_not_found"


class AlreadyUndone(Conflict):
    code = "already_undone"


class NotReissuable(Refused):
    """A canceled attendee gets no badge."""

    code = "not_reissuable"


class NonceReused(Conflict):
    """The same nonce came with another badge."""

    code = "nonce_reused"
