"""What can stop a change to a better table."""

from swapmeet.kernel.errors import Conflict, Refused


class UpgradeOver(Refused):
    """The time is over, or there is no such offer any more."""

    code = "upgrade_over"


class PriceMoved(Conflict):
    """The difference is not what the page said."""

    code = "upgrade_price_moved"
