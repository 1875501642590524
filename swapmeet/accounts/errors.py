"""What can go wrong with people, teams and tokens."""

from swapmeet.kernel.errors import Conflict, Refused


class LastOwner(Refused):
    """A club without an owner could never be changed again."""

    code = "last_owner"


class AlreadyMember(Conflict):
    """The person is on that team."""

    code = "already_member"


class InvitationOver(Conflict):
    """It was accepted, withdrawn, or has run out."""

    code = "invitation_over"


class OtherAddress(Refused):
    """The invitation was sent to another address than the one of this account."""

    code = "other_address"


class TooWide(Refused):
    """A token may do no more than its owner."""

    code = "too_wide"
