"""The errors of trades."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class NoSuchListing(NotFound):
    code = "no_such_listing"


class NoSuchOffer(NotFound):
    code = "no_such_offer"


class TradesClosed(Refused):
    """The show has no trades, or its time for new listings or offers is not now."""

    code = "trades_closed"


class TooManyListings(Refused):
    code = "too_many_listings"


class ListingChanged(Conflict):
    """Somebody (another tab, often) saved it after it was read."""

    code = "listing_changed"


class ListingBusy(Conflict):
    """It is part of an agreed trade, or has left already."""

    code = "listing_busy"


class ItemsTaken(Conflict):
    """Something in the offer is promised elsewhere or gone, so nothing of it was reserved."""

    code = "items_taken"


class OfferClosed(Conflict):
    """The offer is not waiting for this step any more."""

    code = "offer_closed"


class BadOffer(Invalid):
    code = "bad_offer"


class BadListing(Invalid):
    code = "bad_listing"


class PersonBlocked(Refused):
    """One of the two has blocked the other. The words do not say which."""

    code = "person_blocked"


class TooManyPhotos(Invalid):
    code = "too_many_photos"
