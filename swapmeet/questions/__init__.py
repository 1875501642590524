"""Questions that a show asks: of an order, of each person in it, of a vendor, at the door; and their answers."""
