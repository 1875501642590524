"""The use cases of trades: listings, photos, offers, the talk between two, and safety."""
