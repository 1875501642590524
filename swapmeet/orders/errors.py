"""What can stop an order, a payment or a refund."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class SoldOut(Conflict):
    """Not enough left. `facts`: quota, left."""

    code = "sold_out"


class NotOnSale(Refused):
    code = "not_on_sale"


class OverLimit(Refused):
    code = "over_limit"


class CartExpired(Conflict):
    """The hold ran out. The page offers to try again with what is still free."""

    code = "cart_expired"


class CartEmpty(Refused):
    code = "cart_empty"


class HoldAtItsEnd(Refused):
    """The hold cannot be lengthened any further."""

    code = "hold_at_its_end"


class OrderNotFound(NotFound):
    code = "order_not_found"


class AlreadyPaid(Conflict):
    code = "already_paid"


class RefundTooLarge(Refused):
    code = "refund_too_large"


class PriceChanged(Conflict):
    """The price moved since the page was shown; nothing was placed."""

    code = "price_changed"


class WrongAmount(Invalid):
    code = "wrong_amount"
