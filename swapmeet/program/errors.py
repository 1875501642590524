"""What can stop a change of the program."""

from swapmeet.kernel.errors import Conflict, NotFound, Refused


class SessionNotFound(NotFound):
    code = "session_not_found"


class HallTaken(Conflict):
    """The hall is not shared (or too full) at that time. `facts`: what is there."""

    code = "hall_taken"


class TeacherBusy(Conflict):
    code = "teacher_busy"


class SeatsSold(Refused):
    """The session has sign-ups, so that cannot be done to it."""

    code = "seats_sold"


class AlreadySignedUp(Conflict):
    code = "already_signed_up"
