"""Public and own pages of trades, one module a subject."""

from swapmeet.trades.views import browse, listings, offers, safety
from swapmeet.trades.views.blueprint import bp

__all__ = ["bp", "browse", "listings", "offers", "safety"]
