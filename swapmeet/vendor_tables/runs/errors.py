"""What can stop a placing from being run or accepted."""

from swapmeet.kernel.errors import Conflict, NotFound, Refused


class NoSuchRun(NotFound):
    code = "no_such_run"


class NothingToPlace(Refused):
    code = "nothing_to_place"


class StaleRun(Conflict):
    """What the run placed is not what there is now."""

    code = "stale_run"
