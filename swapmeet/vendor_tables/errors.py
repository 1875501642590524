"""What can stop somebody from getting, holding or moving a table."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class PlaceNotFound(NotFound):
    code = "place_not_found"


class PlaceTaken(Conflict):
    """Places somebody else holds. `facts`: lost, wanted and offer are labels.

    `instead` holds the fields of a cart form that takes the offer, `instead_label` the words of its button.
    """

    code = "place_taken"


class PlaceIsYours(Conflict):
    """The cart of whoever asks holds it already."""

    code = "place_is_yours"


class TablesNotOnSale(Refused):
    code = "tables_not_on_sale"


class TooManyTables(Refused):
    code = "too_many_tables"


class ExtraNeedsTable(Refused):
    """Power, chairs and helpers' badges are sold to those who have a table."""

    code = "extra_needs_table"


class PlaceInUse(Refused):
    """A place with a live claim cannot vanish."""

    code = "place_in_use"


class LabelTaken(Conflict):
    code = "label_taken"


class BadPlan(Invalid):
    code = "bad_plan"


class ReservationNotFound(NotFound):
    code = "reservation_not_found"


class NotHeldByHand(Refused):
    """The reservation belongs to an order; it is given up there."""

    code = "not_held_by_hand"


class PlanMoved(Conflict):
    """Somebody saved the draft since it was read. `facts`: number, saved_by, saved_at."""

    code = "plan_moved"


class PlanNotReady(Refused):
    """What the checks found keeps a plan from being published. `facts`: findings, as sentences."""

    code = "plan_not_ready"


class NobodyExpected(Conflict):
    """There is nobody to arrive, or to give up: the order has moved on, or they are here already."""

    code = "nobody_expected"
