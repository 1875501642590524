"""What can stop an application."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound, Refused


class NoApplication(NotFound):
    code = "no_application"


class NotTaken(Refused):
    """The show takes no applications, or not now."""

    code = "applications_not_taken"


class NotWritable(Refused):
    """It has been sent; only the organizer can open it for changes."""

    code = "application_not_writable"


class TooManyPhotos(Conflict):
    code = "too_many_application_photos"


class FeeUnpaid(Refused):
    """The application fee has not come yet."""

    code = "application_fee_unpaid"


class FeeNotDue(Refused):
    code = "application_fee_not_due"


class Incomplete(Invalid):
    """Something is missing before it can be sent."""

    code = "application_incomplete"


class MovedOn(Conflict):
    """Somebody else has taken a step with it since the page was read."""

    code = "application_moved_on"


class OfferOver(Refused):
    """The time to accept is over, or there is no offer."""

    code = "offer_over"


class NoSuchCategory(NotFound):
    code = "no_such_category"


class NoSuchWave(NotFound):
    code = "no_such_wave"


class CategoryInUse(Refused):
    code = "category_in_use"


class NothingToSend(Refused):
    code = "nothing_to_send"


class NoLastEdition(Refused):
    code = "no_last_edition"
