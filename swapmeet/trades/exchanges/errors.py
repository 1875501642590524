"""The errors of exchanges."""

from swapmeet.kernel.errors import Invalid, NotFound, Refused


class NoSuchExchange(NotFound):
    code = "no_such_exchange"


class ExchangeClosed(Refused):
    """The exchange is not in the state for that step."""

    code = "exchange_closed"


class BadPiece(Invalid):
    code = "bad_piece"
