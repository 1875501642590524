"""What can stop money from being matched."""

from swapmeet.kernel.errors import Conflict, Invalid, Refused


class StatementUnreadable(Invalid):
    """The file is no statement, or damaged. Nothing was kept."""

    code = "statement_unreadable"


class LineDecided(Conflict):
    """Somebody else has recorded or put aside this line."""

    code = "line_decided"


class PartsDiffer(Invalid):
    """The parts of a line do not add up to its sum."""

    code = "parts_differ"


class NothingToDeposit(Invalid):
    """No check is ticked and no cash counted."""

    code = "nothing_to_deposit"


class CheckDeposited(Conflict):
    """A ticked check went to the bank with another deposit."""

    code = "check_deposited"


class CreditUnknown(Invalid):
    """There is no such credit, or it is spent, over, or of another organizer or currency."""

    code = "credit_unknown"


class NotByCard(Invalid):
    """The money did not come by card, so it cannot go back to one."""

    code = "not_by_card"


class CardsDown(Conflict):
    """The provider does not answer or refuses: nothing was charged."""

    code = "cards_down"


class NothingToInvoice(Refused):
    """The order is over or free."""

    code = "nothing_to_invoice"
