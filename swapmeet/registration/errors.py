"""What can stop the sale of a ticket or a change of the ticket types."""

from swapmeet.kernel.errors import Conflict, NotFound, Refused


class TicketTypeNotFound(NotFound):
    """Never was, belongs to another show, is hidden, or was taken off the list since the page was loaded."""

    code = "ticket_type_not_found"


class TicketTypeNameTaken(Conflict):
    code = "ticket_type_name_taken"


class NamesFixed(Refused):
    """The last day for changing names has passed, or the person is in already."""

    code = "names_fixed"


class NotPassable(Refused):
    """The ticket stays with its holder: it is too late, or somebody came in with it."""

    code = "not_passable"


class NothingToMail(Refused):
    """No address was given, or there are no tickets yet."""

    code = "nothing_to_mail"


class TooManyAddresses(Refused):
    """This ticket went to as many addresses as one ticket may."""

    code = "too_many_addresses"


class TransferOver(Conflict):
    """Somebody else was faster, or the offer was withdrawn."""

    code = "transfer_over"
