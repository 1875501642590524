"""What can go wrong with shows, in words."""

from swapmeet.kernel.errors import Conflict, Invalid, Refused


class SlugTaken(Conflict):
    """Another show has this address."""

    code = "slug_taken"


class DaysOutOfOrder(Invalid):
    """The last day lies before the first, or the show would be too long."""

    code = "days_out_of_order"


class FrozenOncePublished(Refused):
    """Time zone and currency stand in orders and tickets; they cannot change after publishing."""

    code = "frozen_once_published"


class NotReady(Refused):
    """Something is missing before the show can be published; `facts["missing"]` lists it in sentences."""

    code = "not_ready"


class ShowIsClosed(Refused):
    """The show is canceled or finished; nothing about it changes any more."""

    code = "show_is_closed"


class StillInUse(Refused):
    """Something else points at it, so it cannot be removed."""

    code = "still_in_use"


class CodeTaken(Conflict):
    """Another one of this show has this code or name."""

    code = "code_taken"


class ShowFileDamaged(Invalid):
    """The file cannot be read as a show file at all."""

    code = "show_file_damaged"


class ShowFileFaulty(Invalid):
    """The show in the file has problems; `facts["problems"]` lists (where, sentence)."""

    code = "show_file_faulty"


class ImportedBefore(Conflict):
    """The same show was imported for this day before, from another version of the file."""

    code = "imported_before"
