"""What can stop a list."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class ListNotFound(NotFound):
    code = "list_not_found"


class ListMovedOn(Conflict):
    """It was written or dropped in another tab meanwhile."""

    code = "list_moved_on"


class RowsUnclear(Invalid):
    code = "rows_unclear"


class NothingToWrite(Refused):
    code = "nothing_to_write"


class NotYourMoney(Refused):
    """The list brings money, and whoever presses the button may not record any."""

    code = "not_your_money"
