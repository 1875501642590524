"""What can stop somebody from joining the waiting list, or an answer to its offer."""

from swapmeet.kernel.errors import Conflict, NotFound, Refused


class ListFirst(Conflict):
    """Others wait for the same: they are served before this claim is tried again. Nothing was written yet."""

    code = "list_first"


class KeptForList(Conflict):
    """The list is paused: what is free stays for it."""

    code = "kept_for_list"


class NoListHere(Refused):
    """The show has no list now, or not for that."""

    code = "no_waiting_list"


class StillFree(Refused):
    """What was asked for can be had at once. `facts`: kind, product."""

    code = "still_free"


class WaitsAlready(Conflict):
    code = "waits_already"


class NotEnoughFree(Conflict):
    """An offer by hand for which there is no room. `facts`: the pieces that are free."""

    code = "not_enough_free"


class EntryNotFound(NotFound):
    code = "waiting_entry_not_found"


class OtherCartOpen(Conflict):
    """The browser holds another cart at this show; the offer would push it aside."""

    code = "other_cart_open"
