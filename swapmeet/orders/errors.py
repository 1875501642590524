"""What can stop an order, a payment or a refund."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMuch


class SoldOut(Conflict):
    """Not enough left. `facts`: quota, left."""

    code = "sold_out"


class StillMoving(Conflict):
    """Somebody else is taking over expired holds at this moment: worth another try from the start."""

    code = "still_moving"


class NotOnSale(Refused):
    code = "not_on_sale"


class OverLimit(Refused):
    code = "over_limit"


class CartExpired(Conflict):
    """The hold ran out. The page offers to try again with what is still free."""

    code = "cart_expired"


class CartChanged(Conflict):
    """The page was made for other lines than the cart holds by now; nothing was placed."""

    code = "cart_changed"


class LineGone(Conflict):
    """The line is not in the cart any more (taken out in another tab)."""

    code = "line_gone"


class TooManyCarts(TooMuch):
    """The asker's address has as many open carts at this show as one may have. `facts`: most."""

    code = "too_many_carts"


class NotWhole(Refused):
    """Things of this order need something else beside them, or there are too many of them.

    The fact `by_field` lists (field of the checkout form or None, sentence) of each fault.
    """

    code = "not_whole"


class CartEmpty(Refused):
    code = "cart_empty"


class HoldAtItsEnd(Refused):
    """The hold cannot be lengthened any further."""

    code = "hold_at_its_end"


class OrderNotFound(NotFound):
    code = "order_not_found"


class AlreadyPlaced(Conflict):
    """The cart is an order already. `facts`: order_id."""

    code = "already_placed"


class CapacityBelowTaken(Conflict):
    """A capacity may not go below what is taken. `facts`: taken, holders."""

    code = "capacity_below_taken"


class TooLateToEdit(Refused):
    code = "too_late_to_edit"


class AlreadyPaid(Conflict):
    code = "already_paid"


class RefundTooLarge(Refused):
    code = "refund_too_large"


class SharesWrong(Refused):
    """The shares of a plan of instalments do not make a whole."""

    code = "shares-wrong"


class PriceChanged(Conflict):
    """The price moved since the page was shown; nothing was placed."""

    code = "price_changed"


class WrongAmount(Invalid):
    code = "wrong_amount"
